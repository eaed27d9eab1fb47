"""A page without scripts and without secrets, as text: what an archive may hold of it.

What comes in was written by a browser, so it is well formed; it is taken apart into tags and
written anew, and only what is known to be harmless is written. What is no well-formed tag becomes
text. Written here because the standard library's parser takes seconds for a long page.
Source: HTML, 13.2.5 (tokens) and 13.3 (how browsers write pages).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

from sharewise.webarchive.session_secrets import SECRET_NAME, Secrets

RAW = frozenset({"script", "noscript", "iframe", "noembed", "noframes", "xmp", "plaintext"})
"""Elements whose content is no markup until their end tag; all but `iframe` go with it."""
GONE = frozenset({"object", "applet", "portal", "fencedframe"})
"""Elements that go with the elements in them."""
ALONE = frozenset({"base", "embed", "param"})
"""Elements without content that go."""
KEPT_LINKS = frozenset({"stylesheet", "icon", "canonical", "alternate"})
KEPT_META = re.compile(
    r"description|author|keywords|viewport|color-scheme|theme-color|og:", re.IGNORECASE
)
MAX_DATA_CHARACTERS = 200
"""Longer `data-…` attributes hold the state of scripts, which are gone."""
MAX_FRAME_DEPTH = 4

_ATTRIBUTE = r"""([^\s"'<>/=\x00]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=`]+)))?"""
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TAG = re.compile(
    r"<(/?)([A-Za-z][\w:.-]*)((?:[\s/]+(?:"
    + re.sub(r"\((?!\?)", "(?:", _ATTRIBUTE)
    + r"))*)[\s/]*>"
)
_HARMFUL_ATTRIBUTE = re.compile(
    r"on|nonce$|integrity$|ping$|formaction$|crossorigin$", re.IGNORECASE
)
_SCRIPT_ADDRESS = re.compile(r"[\s\x00-\x1f]*(?:javascript|vbscript)\s*:", re.IGNORECASE)
_DATA_ADDRESS = re.compile(r"\s*data:", re.IGNORECASE)
_PICTURE_ADDRESS = re.compile(r"\s*data:(?:image|font)/", re.IGNORECASE)
_SECRET_FIELD = re.compile(r"password|one-time-code|cc-", re.IGNORECASE)
_ADDRESS_IN_CSS = re.compile(r"""(url\(\s*["']?)([^"')\s]+)(["']?\s*\))""", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!doctype[^<>]*>", re.IGNORECASE)


def cleaned(html: str, secrets: Secrets, *, rename: Callable[[str], str], depth: int = 0) -> str:
    """Return the page without what runs or is secret.

    `rename` gives the address under which a file of the page lies in the archive. Secrets that
    are met are remembered, so a second call takes out what stood before them.
    """
    return _Page(html, secrets, rename, depth).written()


def cleaned_style(css: str, secrets: Secrets, rename: Callable[[str], str]) -> str:
    """Return a style sheet with its files' addresses as in the archive, and without secrets."""

    def renamed(found: re.Match[str]) -> str:
        return found.group(1) + rename(found.group(2)) + found.group(3)

    secrets.learn_from(css)
    return secrets.without(_ADDRESS_IN_CSS.sub(renamed, css))


class _Page:
    """One page on its way: where reading is, and what was written so far."""

    def __init__(
        self, html: str, secrets: Secrets, rename: Callable[[str], str], depth: int
    ) -> None:
        self._html = html
        self._secrets = secrets
        self._rename = rename
        self._depth = depth
        self._at = 0
        self._out: list[str] = []
        self._gone: list[str] = []
        """The elements that are being left out with what is in them, innermost last."""

    def written(self) -> str:
        html = self._html
        while self._at < len(html):
            begin = html.find("<", self._at)
            if begin < 0:
                begin = len(html)
            self._text(html[self._at : begin])
            self._at = begin
            if begin < len(html):
                self._markup()
        return "".join(self._out)

    def _text(self, text: str) -> None:
        if not self._gone:
            self._out.append(text.replace(">", "&gt;") if ">" in text else text)

    def _markup(self) -> None:
        html = self._html
        found = _TAG.match(html, self._at)
        if found is not None:
            self._at = found.end()
            if found.group(1):
                self._end_tag(found.group(2).lower())
            else:
                self._start_tag(found.group(2).lower(), found.group(3))
        elif html.startswith("<!--", self._at):
            self._skip_past("-->", self._at + 4)
        elif html.startswith(("<!", "<?"), self._at):
            doctype = _DOCTYPE.match(html, self._at)
            self._out.append(doctype.group() if doctype and not self._gone else "")
            self._skip_past(">", self._at)
        else:
            self._out.append("" if self._gone else "&lt;")
            self._at += 1

    def _skip_past(self, end: str, begin: int) -> None:
        at = self._html.find(end, begin)
        self._at = len(self._html) if at < 0 else at + len(end)

    def _start_tag(self, tag: str, attributes: str) -> None:
        if self._gone:
            if tag in GONE:
                self._gone.append(tag)
            elif tag in RAW or tag == "style":
                self._raw_content(tag)
        elif tag == "iframe":
            self._write_tag(tag, attributes)
            self._raw_content(tag)
            self._out.append("</iframe>")
        elif tag in RAW:
            self._raw_content(tag)
        elif tag in GONE:
            self._gone.append(tag)
        elif tag == "style":
            self._write_tag(tag, attributes)
            style = cleaned_style(self._raw_content(tag), self._secrets, self._rename)
            self._out += (style, "</style>")
        elif tag not in ALONE and not self._is_left_out(tag, attributes):
            self._write_tag(tag, attributes)
            self._out.append('<meta charset="utf-8">' if tag == "head" else "")

    def _raw_content(self, tag: str) -> str:
        """Return what stands before the element's end tag, and go on behind it."""
        begin = self._at
        end = re.compile(f"</{tag}(?=[\\s/>])[^>]*>", re.IGNORECASE).search(self._html, begin)
        if end is None or tag == "plaintext":
            self._at = len(self._html)
            return self._html[begin:]
        self._at = end.end()
        return self._html[begin : end.start()]

    def _end_tag(self, tag: str) -> None:
        if self._gone:
            if tag in self._gone:
                while self._gone.pop() != tag:
                    pass
        elif tag not in RAW and tag not in GONE and tag not in ALONE:
            self._out.append(f"</{tag}>")

    def _is_left_out(self, tag: str, attributes: str) -> bool:
        if tag == "meta":
            given = dict(_pairs(attributes))
            name = given.get("name") or given.get("property") or ""
            if KEPT_META.match(name):
                return False
            if SECRET_NAME.search(name):
                self._secrets.learn(given.get("content", ""))
            return True
        if tag == "link":
            given = dict(_pairs(attributes))
            return not set(given.get("rel", "").lower().split()) & KEPT_LINKS
        return False

    def _write_tag(self, tag: str, attributes: str) -> None:
        if not attributes:
            self._out.append(f"<{tag}>")
            return
        pairs = _pairs(attributes)
        given = dict(pairs)
        kept = []
        for name, value in pairs:
            if self._is_attribute_left_out(tag, name, value, given):
                if any(map(SECRET_NAME.search, _names(name, given))):
                    self._secrets.learn(value)
                continue
            kept.append(f' {name}="{escape(self._value(name, value), quote=True)}"')
        self._out.append(f"<{tag}{''.join(kept)}>")

    def _is_attribute_left_out(
        self, tag: str, name: str, value: str, given: dict[str, str]
    ) -> bool:
        if _HARMFUL_ATTRIBUTE.match(name) or SECRET_NAME.search(name):
            return True
        if ":" in value:
            if _SCRIPT_ADDRESS.match(value):
                return True
            if _DATA_ADDRESS.match(value) and not _PICTURE_ADDRESS.match(value):
                return True
        if name.startswith("data-") and len(value) > MAX_DATA_CHARACTERS:
            return True
        if name == "srcdoc" and self._depth >= MAX_FRAME_DEPTH:
            return True
        return tag == "input" and name == "value" and _is_secret_field(given)

    def _value(self, name: str, value: str) -> str:
        if name == "srcdoc":
            return cleaned(value, self._secrets, rename=self._rename, depth=self._depth + 1)
        if name == "style":
            return cleaned_style(value, self._secrets, self._rename)
        if _DATA_ADDRESS.match(value):
            return value
        if "=" in value:
            self._secrets.learn_from(value)
        return self._secrets.without(self._rename(value))


def _pairs(attributes: str) -> list[tuple[str, str]]:
    """Return names, in lower case, and values."""
    return [
        (found[0].lower(), unescape(found[1] or found[2] or found[3]))
        for found in _ATTRIBUTES.findall(attributes)
    ]


def _is_secret_field(given: dict[str, str]) -> bool:
    kind = given.get("type", "").lower()
    hints = f"{kind} {given.get('autocomplete', '')}"
    is_named_so = any(map(SECRET_NAME.search, _names("", given)))
    return kind == "hidden" or is_named_so or _SECRET_FIELD.search(hints) is not None


def _names(attribute: str, given: dict[str, str]) -> tuple[str, str, str]:
    return attribute, given.get("name", ""), given.get("id", "")
