"""What a report tells: plain values, every text as it is to be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Line:
    """A label and what stands beside it."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline."""

    at: str
    """As it is read: a date and time, or rough words."""
    sort_key: str
    """Orders the lines; lines without a known time come last ("~")."""
    what: str
    detail: str = ""
    is_capture: bool = False


@dataclass(frozen=True, slots=True)
class FileLine:
    """A sealed file."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to be shown."""

    name: str
    open: Callable[[], BinaryIO]
    """Opens the PNG; the caller closes it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One capture or redacted copy."""

    number: int
    """In the package: the folder `items/0001` has the number 1."""
    title: str
    address: str
    captured_at: str
    """UTC and local time in one text."""
    facts: tuple[Line, ...]
    files: tuple[FileLine, ...]
    missing: tuple[Line, ...]
    is_complete: bool
    note: str = ""
    pictures: tuple[Picture, ...] = ()
    """In the order of their showing."""
    no_picture_why: str = ""
    """Told in place of pictures."""


@dataclass(frozen=True, slots=True)
class Custody:
    """One line of the custody log."""

    at_utc: str
    what: str
    item: str
    detail: str
    log_index: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything in the report, in the order of its pages."""

    package: str
    """The package's name without its ending."""
    label: str
    """What the person calls the case."""
    made_at_utc: str
    """RFC 3339 with "Z"; it is also the PDF's own date."""
    made_with: str
    """Name and version of the program."""
    key: str
    """Fingerprint of the device key, hexadecimal."""
    summary: tuple[Line, ...]
    """The first page: who, what, when, where, demand, what is attached."""
    is_text_only: bool
    are_pictures_blurred: bool
    timeline: tuple[Moment, ...]
    items: tuple[Item, ...]
    custody: tuple[Custody, ...]
    note: str = ""
    stamps: tuple[Line, ...] = field(default=())
    """Time-stamps by somebody else: the item and the time; empty if there is none."""

    @property
    def incomplete(self) -> tuple[Item, ...]:
        """The captures that lack a part."""
        return tuple(item for item in self.items if not item.is_complete)
