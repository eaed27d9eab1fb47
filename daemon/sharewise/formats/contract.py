"""What a format is: generators that ask for ranges, and plans that only keep or insert.

An inspector or cleaner never opens, seeks or reads. It yields a batch of requests and is sent
their answers in the same order, so the same code runs over a local file, over bytes in a test
and over a `File` in a web page, where every batch is one round trip.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias, TypeVar


class Kind(StrEnum):
    """What a finding gives away; the words of `sharewise inspect --json`."""

    LOCATION = "location"
    PERSON = "person"
    DEVICE = "device"
    SERIAL = "serial"
    TIME = "time"
    SOFTWARE = "software"
    THUMBNAIL = "thumbnail"
    DESCRIPTION = "description"
    HISTORY = "history"
    HIDDEN_MEDIA = "hidden_media"
    MAKER_NOTE = "maker_note"
    PROVENANCE = "provenance"
    IDENTIFIER = "identifier"
    FILENAME = "filename"
    OTHER = "other"


class Depth(StrEnum):
    """How much of a file is looked at.

    QUICK reads headers, tail and what structures point at. THOROUGH accounts for every byte:
    what no known structure explains is metadata. Only a thorough report may be called proof.
    """

    QUICK = "quick"
    THOROUGH = "thorough"


class Span(NamedTuple):
    """Bytes of the file, `length` from `offset`.

    This and `Finding` are made dozens of times a file; a named tuple costs least.
    """

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Range:
    """Ask for `length` bytes from `offset`; both in bytes, inside the file."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Find:
    """Ask for the offset of the first `needle` that lies wholly in [start, end), or None.

    Run where the bytes are; no bytes move.
    """

    needle: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FindMarkers:
    """Ask where the markers of a JPEG stream are: the first `limit` of them in [start, end).

    A marker is a byte FF followed, still inside [start, end), by a byte that is neither 00 (FF as
    data), D0 to D7 (restart) nor FF (fill). The answer is bytes: the offset of each FF from the
    start of the file, ascending, as an unsigned 64-bit big-endian number (`DataView.setBigUint64`
    in a page); empty if there is none. Run where the bytes are, over a stream with one byte
    carried across its blocks; no bytes of the picture move.
    """

    start: int
    end: int
    limit: int


@dataclass(frozen=True, slots=True)
class Inflate:
    """Ask how many bytes a zlib stream (RFC 1950) holds that may lie in several pieces.

    The answer is the size once inflated if the spans, joined in this order, are exactly one whole
    stream with a right checksum and nothing after its end, and if it inflates to no more than
    `limit` bytes; else None. Run where the bytes are, the output counted and thrown away: in a
    page `new DecompressionStream('deflate')`, which fails on a short, a damaged or an overlong
    stream; stop reading and answer null once more than `limit` bytes came out.
    """

    spans: tuple[Span, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class FindNonzero:
    """Ask for the offset of the first byte in [start, end) that is not zero, or None.

    Run where the bytes are: padding is shown to be empty without moving it.
    """

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class GifBlocks:
    """Ask where the blocks of a GIF stream lie, of which the first begins at `start`.

    The answer is bytes: offsets as in `FindMarkers`, the first of them `start`; from each to the
    next lies one whole block. A block is an extension (21, label, sub-blocks), an image (2C, nine
    bytes, the colour table that their last announces, a byte, sub-blocks) or the trailer (3B).
    Sub-blocks are a length byte and as many bytes each, up to and with a length of 0. The walk
    stops after `limit` blocks, behind a trailer, at `end`, and before a block that is none of
    these or that passes `end`. Run where the bytes are.
    """

    start: int
    end: int
    limit: int


Request: TypeAlias = Range | Find | FindMarkers | Inflate | FindNonzero | GifBlocks
Answer: TypeAlias = bytes | int | None
Result = TypeVar("Result")
Steps: TypeAlias = Generator[tuple[Request, ...], tuple[Answer, ...], Result]
"""A conversation: yields batches of requests, is sent their answers, returns a result.

Raises only Malformed. The number of batches and the bytes asked for are bounded by the
structure of the file, never by a length that the file merely claims.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of a file before anything is asked."""

    size_bytes: int
    head: bytes
    """The first bytes, all of the file if it is no longer than `HEAD_BYTES`; else may be fewer."""
    tail: bytes
    """The last bytes, all of the file if it is no longer than `TAIL_BYTES`; may be fewer."""


HEAD_BYTES = 56 * 1024
PROOF_HEAD_BYTES = 8 * 1024
"""The head of a cleaned file longer than `HEAD_BYTES`: little stands before the picture."""
TAIL_BYTES = 4 * 1024


class Finding(NamedTuple):
    """One thing that a file gives away."""

    kind: Kind
    where: str
    """The place in the structure: "JPEG/APP1/Exif/GPS"."""
    summary: str
    """One line for people, in English: "Says where it was taken: 45.76400, 4.83570"."""
    value: str | None = None
    """The value for programs: "45.764,4.8357" (latitude, longitude, decimal degrees, WGS 84),
    "2025-05-03T14:02:00" (local time as the file has it, with +hh:mm if it has that), a name,
    a model, a serial number. None where the value is a picture or is not understood."""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What an inspection found; no finding means that nothing private is known to be there."""

    format: str
    depth: Depth
    findings: tuple[Finding, ...]
    kept: tuple[str, ...] = ()
    """What is there, is no finding and stays when the file is cleaned: "orientation", "icc"."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Copy `length` bytes of the original from `offset`. Image data is only ever kept."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Insert:
    """Put these bytes, which the cleaner made."""

    data: bytes


Step: TypeAlias = Keep | Insert


@dataclass(frozen=True, slots=True)
class Plan:
    """The cleaned file, as steps in output order."""

    steps: tuple[Step, ...]
    removed: tuple[Kind, ...]
    kept: tuple[str, ...]

    @property
    def size_bytes(self) -> int:
        """The size of the cleaned file."""
        return sum(step.length if isinstance(step, Keep) else len(step.data) for step in self.steps)


@dataclass(frozen=True, slots=True)
class AlreadyClean:
    """Nothing to remove; the file stays as it is."""

    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The file cannot be cleaned so that it can be proved; `reason` is one sentence for people."""

    reason: str


Cleaning: TypeAlias = Plan | AlreadyClean | Refused


@dataclass(frozen=True, slots=True)
class Examined:
    """A thorough report and how the file is cleaned, from one look at it."""

    report: Report
    cleaning: Cleaning


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The file is of no format that is known here; `reason` says so to people and what to do."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to keep although it is metadata."""

    keep: frozenset[Kind] = frozenset()
    has_coarse_location: bool = False
    """Keep a location rounded to about 10 km instead of removing it."""


NOTHING_KEPT = Wish()


@dataclass(frozen=True, slots=True)
class Format:
    """One file format; each module of this package that has one exposes it as `FORMAT`."""

    name: str
    """The name in reports: "JPEG"."""
    media_types: tuple[str, ...]
    extensions: tuple[str, ...]
    """With the dot, lower case; for people only: files are recognised by content."""
    recognises: Callable[[bytes], bool]
    """Whether a file that begins with these bytes (`Source.head`) is of this format."""
    inspect: Callable[[Source, Depth], Steps[Report]]
    examine: Callable[[Source, Wish], Steps[Examined]]
    """Report everything (also what the wish keeps) and say how to clean: AlreadyClean exactly if
    there is nothing to remove. The judge proves a Plan by examining what it would give."""
