"""One look at a video: what it has found and what is to be cut, as it grows."""

from __future__ import annotations

from dataclasses import dataclass, field

from sharewise.formats.contract import Depth, Finding, Kind, Span
from sharewise.formats.isobmff import Box, Boxes, blanked, freed, overwritten
from sharewise.formats.metadata.facts import NO_FACTS, Facts
from sharewise.formats.metadata.words import amount
from sharewise.formats.plans import Cut
from sharewise.formats.reading import Reader
from sharewise.formats.video_inside.samples import Extents

NAME = "MP4"
STRAY = "Has bytes in its headers that belong to nothing"


@dataclass(slots=True)
class Look:
    """What one look finds."""

    reader: Reader
    depth: Depth
    findings: list[Finding] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    facts: Facts = NO_FACTS
    padding: list[Box] = field(default_factory=list)
    """The `free`, `skip` and `wide` boxes that were met."""
    slack: list[Span] = field(default_factory=list)
    """Bytes that belong to no box, where boxes are."""
    written: list[str] = field(default_factory=list)
    """The times in the headers, as ISO 8601, the film's own first."""
    written_at: list[Span] = field(default_factory=list)
    programs: dict[str, list[Span]] = field(default_factory=dict)
    """The names of programs and devices in headers, and where each stands."""
    refusal: str | None = None
    is_locked: bool = False
    """Whether a track is encrypted."""
    locks: list[tuple[Box, str]] = field(default_factory=list)
    """What unlocks encrypted tracks, and where it stands; it goes if there are none."""
    played_outside: Extents = field(default_factory=Extents)
    """What is played and lies where no media should lie; nothing there may be changed."""
    room: list[Box] = field(default_factory=list)
    """Boxes with notes for the whole film, which go: a minimal block of facts fits there."""

    @property
    def is_thorough(self) -> bool:
        """Whether every byte is accounted for."""
        return self.depth is Depth.THOROUGH

    def drop(self, box: Box, *findings: Finding) -> None:
        """Take a box out and say what it was."""
        place = (box.span,)
        self.findings += [one._replace(spans=one.spans or place) for one in findings]
        if box.is_open:
            self.cuts.append(Cut(box.offset, box.length))
        else:
            self.cuts += freed(box)

    def unknown(self, box: Box, path: str) -> None:
        """Take a box out of which nothing is known."""
        what = f"Holds data that is no part of the film ({amount(box.length)})"
        self.drop(box, Finding(Kind.OTHER, f"{path}/{box.name}", what))

    def patch(self, offset: int, old: bytes, new: bytes) -> bool:
        """Put `new` in the place of `old`, which is as long; return whether they differ."""
        assert len(old) == len(new), "an edit must not move anything"
        if old == new:
            return False
        self.cuts.append(overwritten(offset, new))
        return True

    def stray(self, offset: int, old: bytes, new: bytes, path: str) -> None:
        """Put `new` in the place of bytes that have no meaning; zeros where they have one."""
        if self.patch(offset, old, new):
            place = Span(offset, len(old))
            self.findings.append(Finding(Kind.OTHER, path, STRAY, spans=(place,)))

    def named(self, said: str, place: Span) -> None:
        """Remember a name of a program or device in a header; it may be a mere trace of one."""
        self.programs.setdefault(said, []).append(place)

    def blank(self, span: Span) -> None:
        """Fill a stretch with zeros."""
        self.cuts += blanked(span)

    def rest(self, inside: Boxes) -> None:
        """Remember what follows the last box of a container; it must be zero."""
        if inside.rest.length:
            self.slack.append(inside.rest)
