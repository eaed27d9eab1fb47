"""Names in a PDF that its makers chose: places, resources, fields, layers, kinds of parts.

What only ties two objects together gets a name that says nothing, the same at both ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pikepdf

from sharewise.formats.pdf_inside.words import COLLECTIONS, STRUCTURE

_USUAL = re.compile(
    r"/(?:[A-Za-z]{1,2}|Im|Img|img|Image|Fm|Form|Xf|Xi|Xop|XO|Gs|GS|gs|ExtGState|CSp|CSpg|PCSp|PCSpg"
    r"|Cs|Tt|TTE|Sh|Pat|Pattern|Font|Ft|Pr|OC|Meta|Sep|Shading|Default(?:Gray|RGB|CMYK)|Helv|HeBo"
    r"|HeOb|HeBO|ZaDb|Cour|CoBo|CoOb|CoBO|TiRo|TiBo|TiIt|TiBI|Symb|pgfprgb|pgfpcmyk|pgfpgray)"
    r"(?:[-_.@]?[0-9]{1,4}){0,3}"
)
"""Names of resources as programs count them."""
_COUNTED = {
    "/Font": "F",
    "/XObject": "X",
    "/ExtGState": "G",
    "/ColorSpace": "C",
    "/Pattern": "P",
    "/Shading": "S",
    "/Properties": "M",
}
_FIELD = re.compile(r"f[0-9]{1,6}")
_LAYER = re.compile(r"[0-9]{1,6}")
_MEANINGS = 8
"""How often a word may stand for another."""
NODES_LIMIT = 200_000


def places_of(root: pikepdf.Object) -> dict[str, pikepdf.Object]:
    """Return the places in a document that have names: arrays of a page and what of it is seen."""
    found: dict[str, pikepdf.Object] = {}
    old = root.get("/Dests")
    if isinstance(old, pikepdf.Dictionary):
        for name, value in old.items():
            _add_place(found, name, value)
    names = root.get("/Names")
    tree = names.get("/Dests") if isinstance(names, pikepdf.Dictionary) else None
    stack = [tree]
    for _ in range(NODES_LIMIT):
        if not stack:
            break
        node = stack.pop()
        if not isinstance(node, pikepdf.Dictionary):
            continue
        pairs = node.get("/Names")
        if isinstance(pairs, pikepdf.Array):
            for index in range(0, len(pairs) - 1, 2):
                if isinstance(pairs[index], pikepdf.String):
                    _add_place(found, str(pairs[index]), pairs[index + 1])
        kids = node.get("/Kids")
        if isinstance(kids, pikepdf.Array):
            stack += list(kids)
    return found


def _add_place(found: dict[str, pikepdf.Object], name: str, value: object) -> None:
    if isinstance(value, pikepdf.Dictionary):
        value = value.get("/D")
    if isinstance(value, pikepdf.Array):
        found.setdefault(name, value)


class ResourceNames:
    """The names of resources, the same all through a document, where they say nothing."""

    def __init__(self, resources: Iterable[tuple[str, pikepdf.Object]]) -> None:
        self._new: dict[tuple[str, str], str] = {}
        self._resources = [
            (kind, one) for kind, one in resources if isinstance(one, pikepdf.Dictionary)
        ]
        known: dict[str, set[str]] = {kind: set() for kind in _COUNTED}
        for kind, one in self._resources:
            known[kind].update(one.keys())
        for kind, names in known.items():
            count = 0
            for name in sorted(names):
                if _USUAL.fullmatch(name):
                    continue
                while (new := f"/{_COUNTED[kind]}{count % 10000}_{count // 10000}") in names:
                    count += 1
                count += 1
                self._new[kind, name] = new

    def rename(self) -> bool:
        """Rename the resources; return whether any was. What draws must be renamed, too."""
        for kind, one in self._resources:
            for name in list(one.keys()):
                new = self._new.get((kind, name))
                if new is not None:
                    one[new] = one[name]
                    del one[name]
        return bool(self._new)

    def of(self, kind: str, name: bytes) -> bytes:
        """Return the name that takes the place of one in what draws, both with the slash."""
        if not self._new:
            return name
        plain = str(pikepdf.Object.parse(name)) if b"#" in name else name.decode("utf-8", "replace")
        new = self._new.get((kind, plain))
        return name if new is None else new.encode("ascii")


def rename_fields(fields: Iterable[pikepdf.Object]) -> bool:
    """Give the fields of a form names that say nothing; return whether any had another."""
    named = [one for one in fields if isinstance(one.get("/T"), pikepdf.String)]
    known = {str(one["/T"]) for one in named}
    new: dict[str, str] = {}
    count = 0
    for one in named:
        name = str(one["/T"])
        if _FIELD.fullmatch(name):
            continue
        if name not in new:
            while f"f{count}" in known:
                count += 1
            new[name] = f"f{count}"
            count += 1
        one["/T"] = pikepdf.String(new[name])
    return bool(new)


def rename_layers(layers: Iterable[pikepdf.Object]) -> list[str]:
    """Give the layers numbers for names; return the names that they had."""
    had: list[str] = []
    for count, one in enumerate(layers):
        name = one.get("/Name")
        if not isinstance(name, pikepdf.String) or not _LAYER.fullmatch(str(name)):
            had.append(str(name) if isinstance(name, pikepdf.String) else "")
            one["/Name"] = pikepdf.String(str(count + 1))
    return had


def settle_collections(collections: Iterable[pikepdf.Object]) -> bool:
    """Call sets of letters by names that everybody has; return whether any was not."""
    is_changed = False
    for one in collections:
        usual = {"/Registry": {"Adobe"}, "/Ordering": COLLECTIONS}
        instead = {"/Registry": "Adobe", "/Ordering": "Identity"}
        for key, names in usual.items():
            if key in one and str(one[key]) not in names:
                one[key] = pikepdf.String(instead[key])
                is_changed = True
    return is_changed


def kinds_of(root: pikepdf.Object) -> dict[str, str]:
    """Return what a document's own words for parts of its text mean, without slashes."""
    tree = root.get("/StructTreeRoot")
    roles = tree.get("/RoleMap") if isinstance(tree, pikepdf.Dictionary) else None
    if not isinstance(roles, pikepdf.Dictionary):
        return {}
    return {
        own[1:]: str(meant)[1:] for own, meant in roles.items() if isinstance(meant, pikepdf.Name)
    }


def settle_kinds(kinds: dict[str, str], elements: Iterable[pikepdf.Object]) -> bool:
    """Call the parts of a text what the standard calls them; return whether any was not."""
    is_changed = False
    for one in elements:
        name = one.get("/S")
        kind = str(name)[1:] if isinstance(name, pikepdf.Name) else ""
        for _ in range(_MEANINGS):
            if kind in STRUCTURE:
                break
            kind = kinds.get(kind, "")
        kind = kind if kind in STRUCTURE else "NonStruct"
        if not isinstance(name, pikepdf.Name) or str(name) != f"/{kind}":
            one["/S"] = pikepdf.Name(f"/{kind}")
            is_changed = True
    return is_changed
