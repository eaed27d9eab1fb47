"""Takes out of addresses, pages and styles what lets somebody act as the person who saved them.

What is taken is known by its name ("session", "csrf_token"); where the same value stands again it
goes, too. The visible words of a page are never changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SECRET_NAME = re.compile(
    r"csrf|xsrf|token|nonce|secret|sess(?!ment)|passw|pwd|auth(?!or)|jwt|bearer|api.?key|cookie"
    r"|(?:^|[._-])s?id_?hash|(?:^|[._-])(?:sid|phpsessid|otp)$",
    re.IGNORECASE,
)
"""Names of fields and attributes that hold secrets; better one too many than one too few."""

_PAIR = re.compile(r"(?<=[?&;#])([\w.\-\[\]%]{1,100})=([^&#;\s\"'<>()]+)")
_LOGIN = re.compile(r"(?<=://)[^/?#@\s\"'<>]*@")
_TOKEN = re.compile(r"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[^\s\"'<>&]{16,512}")


@dataclass(slots=True)
class Secrets:
    """The secrets of one page: gathered in a first pass, taken out in a second."""

    _numbers: dict[str, int] = field(default_factory=dict)
    """Each secret's number, in the order in which they were met."""
    _known: re.Pattern[str] | None = None

    @property
    def count(self) -> int:
        """How many are known."""
        return len(self._numbers)

    def learn(self, value: str) -> None:
        """Remember a value that was left out, if it looks like a key and not like a word."""
        stripped = value.strip()
        if _TOKEN.fullmatch(stripped):
            self._numbers.setdefault(stripped, len(self._numbers) + 1)
            self._known = None

    def learn_from(self, text: str) -> None:
        """Remember the secrets in the addresses in a text."""
        for name, value in _PAIR.findall(text):
            if SECRET_NAME.search(name):
                self.learn(value)

    def without(self, text: str) -> str:
        """Return an address, an attribute's value or a style without its secrets.

        The same secret becomes the same word everywhere, so that addresses still fit together.
        """
        text = self.without_named(text)
        if self._numbers:
            if self._known is None:
                longest_first = sorted(self._numbers, key=lambda one: (-len(one), one))
                self._known = re.compile("|".join(map(re.escape, longest_first)))
            text = self._known.sub(lambda found: self._word(found.group()), text)
        return text

    def without_named(self, text: str) -> str:
        """Return a text of addresses without what is a secret by its name or a password."""
        if "@" in text:
            text = _LOGIN.sub("", text)
        return _PAIR.sub(self._pair, text) if "=" in text else text

    def _pair(self, found: re.Match[str]) -> str:
        name, value = found.groups()
        if not SECRET_NAME.search(name):
            return found.group()
        return f"{name}={self._word(value)}"

    def _word(self, value: str) -> str:
        number = self._numbers.setdefault(value, len(self._numbers) + 1)
        return f"removed-{number}"
