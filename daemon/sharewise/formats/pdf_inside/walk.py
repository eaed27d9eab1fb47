"""Walk through a PDF from its root, each object in its part, and take out all that has none.

What is not reached in a part that is known is not written anew, so nothing unknown stays.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

import pikepdf

from sharewise.formats.contract import Kind
from sharewise.formats.metadata.words import tidy
from sharewise.formats.pdf_inside.colours import colour_parts
from sharewise.formats.pdf_inside.result import Unsweepable
from sharewise.formats.pdf_inside.roles import CHOICES, PARTS, Fit, fit_of
from sharewise.formats.pdf_inside.words import CODINGS, LANGUAGE, PRINTING, TOLD

Tell: TypeAlias = Callable[[Kind, str, str, str | None], None]
"""Tell a kind, a place, words and a value."""

_NOT_SHOWN = 2
"""The flag of an annotation that is neither shown nor printed (table 167)."""
_UNSHOWN = "Holds parts that are not shown on a page"
_VIEWS = frozenset(
    f"/{name}" for name in ("XYZ", "Fit", "FitH", "FitV", "FitR", "FitB", "FitBH", "FitBV")
)
STEPS_LIMIT = 2_000_000
NESTING_LIMIT = 50
RESOURCES = frozenset(
    {"/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font", "/Properties"}
)


@dataclass(slots=True)
class Met:
    """An object that was met, in the parts in which it was."""

    thing: pikepdf.Object
    parts: list[str] = field(default_factory=list)
    allowed: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)


class Walk:
    """One walk through one document; `through` takes out what is not known to be needed."""

    def __init__(
        self, document: pikepdf.Pdf, tell: Tell, places: dict[str, pikepdf.Object], *, wished: bool
    ) -> None:
        self.met: dict[Hashable, Met] = {}
        self.resources: list[tuple[str, pikepdf.Object]] = []
        self.tables: list[pikepdf.Array] = []
        """Indexed colour spaces."""
        self.has_words = False
        """Whether something stays because words for readers are wished for."""
        self._document = document
        self._tell = tell
        self._places = places
        self._wished = wished
        self._ids: dict[tuple[Hashable, object], int] = {}
        self._done: set[tuple[Hashable, str]] = set()
        self._stack: list[tuple[pikepdf.Object, Hashable, str]] = []
        self._pointers: list[tuple[pikepdf.Object, str]] = []
        self._colours: set[Hashable] = set()
        self._steps = 0

    def through(self) -> None:
        """Walk through everything. Raises Unsweepable, and what pikepdf raises."""
        root = self._document.Root
        if not self._child(root, "catalog", None, "/Root"):
            raise Unsweepable("It has no beginning that is understood.")
        while self._stack:
            self._visit(*self._stack.pop())
        for one in self.met.values():
            self._prune(one)
        self._point()

    def in_part(self, *parts: str) -> Iterator[pikepdf.Object]:
        """Yield the objects that were met in one of these parts, in the order of the walk."""
        for one in self.met.values():
            if any(part in one.parts for part in parts):
                yield one.thing

    # --- one object -----------------------------------------------------------------------------

    def _visit(self, thing: pikepdf.Object, key: Hashable, part: str) -> None:
        if (key, part) in self._done:
            return
        self._done.add((key, part))
        met = self.met.setdefault(key, Met(thing))
        met.parts.append(part)
        keys = PARTS[part].keys
        for name, given in list(thing.items()):
            fit = keys.get(name)
            if fit is None:
                continue
            value = self._settled(thing, name, given) if "!dest" in fit.specs else given
            if not self._fits(value, fit, key, name):
                continue
            if fit.is_wished and not self._is_content(thing, name):
                self._say(name, value)
                met.told.add(name)
                if not self._wished:
                    continue
                self.has_words = True
            met.allowed.add(name)
            if "^" in fit.specs or "!dest" in fit.specs:
                self._pointers.append((thing, name))
            if name in RESOURCES and part == "resources":
                self.resources.append((name, value))
        if part == "annotation" and str(thing.get("/Subtype")) == "/Widget":
            self._stack.append((thing, key, "field"))

    def _say(self, name: str, value: object) -> None:
        kind, what = TOLD[name]
        text = tidy(str(value)) if isinstance(value, pikepdf.String) else ""
        self._tell(kind, name[1:], f"{what}: {text}" if text else what, text or None)

    def _is_content(self, thing: pikepdf.Object, name: str) -> bool:
        """Return whether words are what is drawn: those on a page that nothing else draws."""
        is_drawn = name == "/Contents" and str(thing.get("/Subtype")) == "/FreeText"
        return is_drawn and "/AP" not in thing

    def _prune(self, met: Met) -> None:
        thing = met.thing
        is_open = isinstance(thing, pikepdf.Dictionary | pikepdf.Stream) and met.parts != ["any"]
        if not is_open:
            return
        for name in sorted(set(thing.keys()) - met.allowed):
            if name in met.told:
                pass
            elif name in TOLD:
                self._say(name, thing[name])
            else:
                what = "Holds data that is not needed to show it"
                self._tell(Kind.OTHER, f"{met.parts[0]}/{tidy(name[1:])}", what, None)
            del thing[name]

    # --- values ---------------------------------------------------------------------------------

    def _fits(
        self, value: object, fit: Fit, parent: Hashable, slot: object, depth: int = 0
    ) -> bool:
        self._steps += 1
        if self._steps > STEPS_LIMIT or depth > NESTING_LIMIT:
            raise Unsweepable("It has too many parts to be looked through.")
        for spec in fit.specs:
            match spec[0]:
                case "n":
                    fits = isinstance(value, int | float | Decimal)
                case "s":
                    fits = isinstance(value, pikepdf.String)
                case "/":
                    fits = isinstance(value, pikepdf.Name) and (
                        fit.any_name or str(value) in fit.names
                    )
                case "@":
                    fits = self._child(value, spec[1:], parent, slot)
                case "{":
                    fits = self._named(value, spec[1:-1], parent, slot)
                case _:
                    fits = self._special(value, spec, parent, slot)
            if fits:
                return True
        if isinstance(value, pikepdf.Array):
            return self._array(value, fit, parent, slot, depth)
        return value is None and depth > 0

    def _array(
        self, value: pikepdf.Array, fit: Fit, parent: Hashable, slot: object, depth: int
    ) -> bool:
        me = self._id(value, parent, slot)
        odd = [
            index
            for index, one in enumerate(value)
            if not self._fits(one, fit, me, index, depth + 1)
        ]
        if not odd:
            return True
        if slot == "/Annots":
            for index in reversed(odd):
                self._tell(Kind.OTHER, "Annots", "Holds notes that are not shown on a page", None)
                del value[index]
            return True
        if "node" in fit.parts:
            raise Unsweepable("Its pages are not understood.")
        return False

    def _child(self, value: object, part: str, parent: Hashable, slot: object) -> bool:
        """Meet an object in a part, if it fits there."""
        if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            return False
        if part in CHOICES:
            name, choices = CHOICES[part]
            said = value.get(name)
            if said is None and part == "node":
                said = pikepdf.Name("/Pages" if "/Kids" in value else "/Page")
            chosen = choices.get("" if said is None else str(said))
            if chosen is None:
                return False
            part = chosen
        known = PARTS[part]
        if known.is_stream is not None and known.is_stream != isinstance(value, pikepdf.Stream):
            return False
        type_ = known.keys.get("/Type")
        said = value.get("/Type")
        if type_ is not None and isinstance(said, pikepdf.Name) and str(said) not in type_.names:
            return False
        if part == "annotation" and not self._is_shown(value):
            return False
        if isinstance(value, pikepdf.Stream) and ("/F" in value or "/FFilter" in value):
            raise Unsweepable("It shows something from another file.")
        self._stack.append((value, self._id(value, parent, slot), part))
        return True

    def _is_shown(self, note: pikepdf.Object) -> bool:
        subtype = note.get("/Subtype")
        if str(subtype) == "/Redact":
            raise Unsweepable("Something in it was marked to be blacked out, but is still there.")
        flags = note.get("/F", 0)
        is_hidden = isinstance(flags, int) and bool(flags & _NOT_SHOWN)
        return str(subtype) in PARTS["annotation"].keys["/Subtype"].names and not is_hidden

    def _named(self, value: object, said: str, parent: Hashable, slot: object) -> bool:
        """Meet a dictionary of any names."""
        if not isinstance(value, pikepdf.Dictionary):
            return False
        me = self._id(value, parent, slot)
        met = self.met.setdefault(me, Met(value, ["any"]))
        fit = fit_of(said)
        for name, one in list(value.items()):
            if self._fits(one, fit, me, name):
                met.allowed.add(name)
            else:
                what = "Holds data that is not needed to show it"
                self._tell(Kind.OTHER, f"{str(slot)[1:]}/{tidy(name[1:])}", what, None)
                del value[name]
        return True

    def _special(self, value: object, spec: str, parent: Hashable, slot: object) -> bool:
        match spec:
            case "^":
                return isinstance(value, pikepdf.Dictionary | pikepdf.Stream)
            case "!dest":
                return self._is_place(value)
            case "!colour":
                return self._colour(value, parent, slot)
            case "lang":
                return (
                    isinstance(value, pikepdf.String)
                    and LANGUAGE.fullmatch(bytes(value)) is not None
                )
            case "print":
                return isinstance(value, pikepdf.String) and str(value) in PRINTING
            case "coding":
                return isinstance(value, pikepdf.Name) and CODINGS.fullmatch(str(value)) is not None
            case "da":
                return isinstance(value, pikepdf.String)
        raise AssertionError(spec)

    def _colour(self, value: object, parent: Hashable, slot: object) -> bool:
        parts = colour_parts(value)
        if parts is None:
            raise Unsweepable("Its colours are not understood.")
        if not isinstance(value, pikepdf.Array):
            return True
        me = self._id(value, parent, slot)
        if me in self._colours:
            return True
        self._colours.add(me)
        for index, fit in enumerate(parts):
            if not self._fits(value[index], fit, me, index):
                raise Unsweepable("Its colours are not understood.")
        if str(value[0]) in ("/Indexed", "/I"):
            self.tables.append(value)
        while len(value) > len(parts):
            self._tell(Kind.OTHER, "colour", "Holds data that is not needed to show it", None)
            del value[len(value) - 1]
        return True

    def _settled(self, thing: pikepdf.Object, name: str, value: pikepdf.Object) -> pikepdf.Object:
        """Put the place itself where only its name stands, and return it."""
        if not isinstance(value, pikepdf.String | pikepdf.Name):
            return value
        place = self._places.get(str(value))
        if place is None:
            return value
        thing[name] = pikepdf.Array(list(place))
        return thing[name]

    def _is_place(self, value: object) -> bool:
        if not isinstance(value, pikepdf.Array) or len(value) < 2:
            return False
        parts: list[object] = list(value)
        page, view, *numbers = parts
        return (
            isinstance(page, pikepdf.Dictionary | int)
            and isinstance(view, pikepdf.Name)
            and str(view) in _VIEWS
            and all(one is None or isinstance(one, int | float | Decimal) for one in numbers)
        )

    def _point(self) -> None:
        """Take out what points at something that is not in the document."""
        for thing, name in self._pointers:
            value = thing.get(name)
            if isinstance(value, pikepdf.Array) and len(value) and self._is_place(value):
                gone = isinstance(value[0], pikepdf.Dictionary) and not self._is_met(value[0])
            elif isinstance(value, pikepdf.Array):
                for index in reversed(range(len(value))):
                    if not self._is_met(value[index]):
                        self._tell(Kind.OTHER, name[1:], _UNSHOWN, None)
                        del value[index]
                continue
            else:
                gone = value is not None and not self._is_met(value)
            if gone:
                self._tell(Kind.OTHER, name[1:], _UNSHOWN, None)
                del thing[name]

    def _is_met(self, value: object) -> bool:
        if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            return False
        return value.is_indirect and value.objgen in self.met

    def _id(self, value: pikepdf.Object, parent: Hashable, slot: object) -> Hashable:
        """Return what tells an object from all others."""
        if value.is_indirect:
            return value.objgen
        return self._ids.setdefault((parent, slot), len(self._ids))
