"""Every message that crosses the two hops, with `wire.evidence`: the only definition there is.

`python -m sharewise.dev.generate` writes the extension's types and run-time shapes from here.
A call states its method, who may make it and what it is answered with. Bytes travel as base64.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Generic, Literal, TypeAlias, TypeVar

import msgspec

PROTOCOL = 1
"""Raised whenever a message changes so that the other side must know."""
PART_BYTES = 192 * 1024
"""The most bytes in one part of a capture or one answer to a range, before base64."""


class Sender(StrEnum):
    """Who speaks. The background worker sets it from what the browser says of the caller."""

    PAGE = "page"
    """One of the extension's own pages: popup, options, guide."""
    CONTENT = "content"
    """A content script in somebody's page."""
    BACKGROUND = "background"
    HOST = "host"
    CLI = "cli"


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that travels; unknown fields are refused."""


Result_co = TypeVar("Result_co", covariant=True)


class Call(Message, Generic[Result_co], frozen=True):
    """A message that asks for something and is answered with a `Result_co`."""

    METHOD: ClassVar[str]
    SENDERS: ClassVar[frozenset[Sender]]
    RESULT: ClassVar[object]
    """`Result_co` again, for programs that run: a Message or a union of Messages."""


EXTENSION = frozenset({Sender.PAGE, Sender.BACKGROUND})
PEOPLE = frozenset({Sender.PAGE, Sender.CLI})


class Done(Message, frozen=True):
    """It was done; there is nothing more to say."""


# --- the connection -----------------------------------------------------------------------------


class HelloResult(Message, frozen=True):
    """The daemon's side of the first exchange."""

    protocol: int
    version: str


class Hello(Call[HelloResult], frozen=True):
    """The first call on every connection; the protocol numbers must be equal."""

    METHOD = "hello"
    SENDERS = frozenset({Sender.BACKGROUND, Sender.HOST, Sender.CLI})
    RESULT = HelloResult
    protocol: int
    version: str


class FolderState(Message, frozen=True):
    """One folder that is watched or could be."""

    path: str
    provider: str
    """"folder" for one the person named, else the client: "dropbox", "nextcloud", "syncthing"."""
    mode: Literal["off", "tell", "clean"]
    is_reachable: bool
    private_count: int
    """Files seen there with something private since the daemon started."""
    cleaned_count: int
    problem: str | None = None
    """A code from `base/codes.py` for what hinders watching there: "watch_limit", "disk_full"."""


class DaemonStatusResult(Message, frozen=True):
    """How the daemon is."""

    version: str
    protocol: int
    pid: int
    uptime_s: float
    is_watching_paused: bool
    folders: tuple[FolderState, ...]
    case_count: int
    capture_count: int
    is_ready: bool = True
    """False in the first moment of a daemon: folders and counts are not known yet."""


class DaemonStatus(Call[DaemonStatusResult], frozen=True):
    """Ask how the daemon is."""

    METHOD = "daemon.status"
    SENDERS = frozenset({Sender.PAGE, Sender.BACKGROUND, Sender.HOST, Sender.CLI})
    RESULT = DaemonStatusResult


class DaemonStop(Call[Done], frozen=True):
    """End the daemon in order: nothing half-written stays."""

    METHOD = "daemon.stop"
    SENDERS = frozenset({Sender.CLI})
    RESULT = Done


# --- photos -------------------------------------------------------------------------------------


class RangeRequest(Message, frozen=True, tag="range", tag_field="ask"):
    """Send these bytes of the file."""

    offset: int
    length: int


class FindRequest(Message, frozen=True, tag="find", tag_field="ask"):
    """Send the offset of the first `needle` that lies wholly in [start, end), or null."""

    needle: bytes
    start: int
    end: int


class FindMarkersRequest(Message, frozen=True, tag="find_markers", tag_field="ask"):
    """Send the offsets of the first `limit` JPEG markers in [start, end), 8 bytes each.

    `sharewise.formats.contract.FindMarkers` has the exact meaning.
    """

    start: int
    end: int
    limit: int


class WireSpan(Message, frozen=True):
    """Bytes of the file, `length` from `offset`."""

    offset: int
    length: int


class InflateRequest(Message, frozen=True, tag="inflate", tag_field="ask"):
    """Send the inflated size of the zlib stream that these spans are exactly, or null.

    `sharewise.formats.contract.Inflate` has the exact meaning.
    """

    spans: tuple[WireSpan, ...]
    limit: int


class FindNonzeroRequest(Message, frozen=True, tag="find_nonzero", tag_field="ask"):
    """Send the offset of the first byte in [start, end) that is not zero, or null."""

    start: int
    end: int


class GifBlocksRequest(Message, frozen=True, tag="gif_blocks", tag_field="ask"):
    """Send the boundaries of at most `limit` GIF blocks from `start` on, 8 bytes each.

    `sharewise.formats.contract.GifBlocks` has the exact meaning.
    """

    start: int
    end: int
    limit: int


PhotoRequest: TypeAlias = (
    RangeRequest
    | FindRequest
    | FindMarkersRequest
    | InflateRequest
    | FindNonzeroRequest
    | GifBlocksRequest
)


class NearTown(Message, frozen=True):
    """The town nearest to a location."""

    name: str
    country_code: str
    """ISO 3166-1 alpha-2; the browser knows the country's name in the person's language."""
    distance_km: float


class WireFinding(Message, frozen=True):
    """One thing that a file gives away; fields as in `sharewise.formats.contract.Finding`."""

    kind: str
    where: str
    summary: str
    value: str | None
    near: NearTown | None = None


class KeepStep(Message, frozen=True, tag="keep", tag_field="step"):
    """Copy these bytes of the original."""

    offset: int
    length: int


class InsertStep(Message, frozen=True, tag="insert", tag_field="step"):
    """Put these bytes."""

    data: bytes


class ZerosStep(Message, frozen=True, tag="zeros", tag_field="step"):
    """Put this many zero bytes: what a long stretch is overwritten with."""

    length: int


WireStep: TypeAlias = KeepStep | InsertStep | ZerosStep


class PhotoNeeds(Message, frozen=True, tag="needs", tag_field="state"):
    """The inspector asks for more; answer with `photo.answer`, in this order."""

    session_id: str
    requests: tuple[PhotoRequest, ...]


class PhotoVerdict(Message, frozen=True, tag="verdict", tag_field="state"):
    """What the file gives away and how it is cleaned; the session is over.

    private: `plan` removes it, or is null and `reason` says why that cannot be done.
    clean: every byte was accounted for and nothing was found.
    unsupported, malformed: nothing can be promised; `reason` says why.
    """

    status: Literal["private", "clean", "unsupported", "malformed"]
    format: str | None
    findings: tuple[WireFinding, ...]
    kept: tuple[str, ...]
    plan: tuple[WireStep, ...] | None
    reason: str | None


PhotoStep: TypeAlias = PhotoNeeds | PhotoVerdict


class PhotoOpen(Call[PhotoStep], frozen=True):
    """Begin to look at a file that stays where it is.

    `head` and `tail` are its first `HEAD_BYTES` and last `TAIL_BYTES` (or all of it, if shorter).
    goal "plan": say what it gives away and plan its cleaning. goal "prove": only look, thoroughly.
    """

    METHOD = "photo.open"
    SENDERS = frozenset({Sender.CONTENT, Sender.PAGE, Sender.BACKGROUND})
    RESULT = PhotoStep
    size_bytes: int
    head: bytes
    tail: bytes
    goal: Literal["plan", "prove"]


class PhotoAnswer(Call[PhotoStep], frozen=True):
    """Answer the requests of a session, in their order: bytes, an offset, or null."""

    METHOD = "photo.answer"
    SENDERS = PhotoOpen.SENDERS
    RESULT = PhotoStep
    session_id: str
    answers: tuple[bytes | int | None, ...]


class PhotoClose(Call[Done], frozen=True):
    """Give a session up; an unknown one is no error."""

    METHOD = "photo.close"
    SENDERS = PhotoOpen.SENDERS
    RESULT = Done
    session_id: str


# --- watching -----------------------------------------------------------------------------------


class WatchListResult(Message, frozen=True):
    """Every folder that is watched, and those of sync clients that could be."""

    is_paused: bool
    folders: tuple[FolderState, ...]


class WatchList(Call[WatchListResult], frozen=True):
    """List folders."""

    METHOD = "watch.list"
    SENDERS = PEOPLE
    RESULT = WatchListResult


class WatchAdd(Call[FolderState], frozen=True):
    """Watch a folder that the person names; absolute path."""

    METHOD = "watch.add"
    SENDERS = PEOPLE
    RESULT = FolderState
    path: str
    mode: Literal["tell", "clean"] = "tell"


class WatchSet(Call[FolderState], frozen=True):
    """Choose what is done with private files in a folder."""

    METHOD = "watch.set"
    SENDERS = PEOPLE
    RESULT = FolderState
    path: str
    mode: Literal["off", "tell", "clean"]


class WatchRemove(Call[Done], frozen=True):
    """Forget a folder; its files and kept originals stay."""

    METHOD = "watch.remove"
    SENDERS = PEOPLE
    RESULT = Done
    path: str


class WatchPause(Call[WatchListResult], frozen=True):
    """Pause or go on with all watching."""

    METHOD = "watch.pause"
    SENDERS = PEOPLE
    RESULT = WatchListResult
    is_paused: bool


class WatchUndo(Call[Done], frozen=True):
    """Put the untouched original of a cleaned file back; absolute path."""

    METHOD = "watch.undo"
    SENDERS = PEOPLE
    RESULT = Done
    path: str


# --- evidence -----------------------------------------------------------------------------------


class CaptureBegun(Message, frozen=True):
    """A capture is open; nothing of it is sealed yet."""

    capture_id: str
    age_answer: Literal["unasked", "adults", "minor_or_unsure"] = "unasked"
    """What was answered for the case: minor_or_unsure takes text and addresses only."""


class CaptureBegin(Call[CaptureBegun], frozen=True):
    """Open a capture. `case_id` null: the open case of today, made if need be."""

    METHOD = "capture.begin"
    SENDERS = EXTENSION
    RESULT = CaptureBegun
    case_id: str | None = None
    age_answer: Literal["adults", "minor_or_unsure"] | None = None
    """What the person answered just now, noted for the case; null: they were not asked now."""


class CapturePart(Call[Done], frozen=True):
    """Add bytes to a part, in order; at most `PART_BYTES` at once.

    `name` is one of the names that an artefact knows ("screenshot-window.png", "page.mhtml",
    "tiles/0001.png"); `sequence` counts from 0 within the part.
    """

    METHOD = "capture.part"
    SENDERS = EXTENSION
    RESULT = Done
    capture_id: str
    name: str
    sequence: int
    data: bytes


class Size(Message, frozen=True):
    """In CSS pixels."""

    width: int
    height: int


class Tile(Message, frozen=True):
    """One shot of a page that was scrolled; `x`, `y` are CSS pixels from the page's corner."""

    name: str
    x: int
    y: int


class Missing(Message, frozen=True):
    """A part or field that could not be had, and why, for people."""

    name: str
    why: str


class TlsCertificate(Message, frozen=True):
    """One certificate that a server showed; `sha256` is of `der`, in lower-case hex."""

    subject: str
    issuer: str
    not_before_utc: str
    not_after_utc: str
    sha256: str
    der: bytes


class Tls(Message, frozen=True):
    """How the connection was secured over which the page came, as the browser tells it."""

    state: Literal["secure", "weak", "broken", "insecure"]
    protocol: str
    cipher_suite: str
    certificates: tuple[TlsCertificate, ...]
    """The server's own comes first."""


class CaptureRecord(Message, frozen=True):
    """What the browser says of the page. A field that could not be had is absent, never guessed,
    and listed under `missing`. Becomes `capture.json` with what the daemon adds."""

    url: str
    title: str
    clicked_at_utc: str
    finished_at_utc: str
    utc_offset_minutes: int
    time_zone: str
    browser: str
    operating_system: str
    extension_version: str
    viewport: Size
    page_size: Size
    device_pixel_ratio: float
    scroll_steps: int
    tiles: tuple[Tile, ...] = ()
    missing: tuple[Missing, ...] = ()
    final_url: str | None = None
    redirects: tuple[str, ...] = ()
    status_code: int | None = None
    response_headers: tuple[tuple[str, str], ...] = ()
    server_ip: str | None = None
    tls: Tls | None = None
    """Firefox tells it; for a page that came without TLS it is absent and not missing."""


class CaptureSealed(Message, frozen=True):
    """A capture is on disk, hashed, signed and checked again."""

    case_id: str
    item_id: str
    sealed_at_utc: str
    manifest_sha256: str
    parts: tuple[str, ...]
    missing: tuple[Missing, ...]
    size_bytes: int


class CaptureSeal(Call[CaptureSealed], frozen=True):
    """End a capture: hash, sign, write, read back."""

    METHOD = "capture.seal"
    SENDERS = EXTENSION
    RESULT = CaptureSealed
    capture_id: str
    record: CaptureRecord


class CaptureCancel(Call[Done], frozen=True):
    """Drop an open capture; an unknown one is no error."""

    METHOD = "capture.cancel"
    SENDERS = EXTENSION
    RESULT = Done
    capture_id: str


class ItemState(Message, frozen=True):
    """One sealed capture, as a list shows it."""

    item_id: str
    sealed_at_utc: str
    title: str
    url: str
    size_bytes: int
    missing: tuple[Missing, ...]


class CaseState(Message, frozen=True):
    """One case and what is in it."""

    case_id: str
    label: str
    created_at_utc: str
    note: str
    items: tuple[ItemState, ...]


class CaseListResult(Message, frozen=True):
    """Every case, newest first."""

    cases: tuple[CaseState, ...]


class CaseList(Call[CaseListResult], frozen=True):
    """List cases."""

    METHOD = "case.list"
    SENDERS = PEOPLE
    RESULT = CaseListResult


class CaseShow(Call[CaseState], frozen=True):
    """Show one case."""

    METHOD = "case.show"
    SENDERS = PEOPLE
    RESULT = CaseState
    case_id: str


class CaseNote(Call[CaseState], frozen=True):
    """Replace the note of a case."""

    METHOD = "case.note"
    SENDERS = PEOPLE
    RESULT = CaseState
    case_id: str
    text: str


class CaseExported(Message, frozen=True):
    """A package is on disk and was verified there."""

    path: str
    size_bytes: int
    sha256: str


class CaseExport(Call[CaseExported], frozen=True):
    """Write `case-<id>.zip` into a folder (absolute path); never over a file that is there."""

    METHOD = "case.export"
    SENDERS = frozenset({Sender.CLI})
    RESULT = CaseExported
    case_id: str
    folder: str


class CaseDelete(Call[Done], frozen=True):
    """Delete a case and its captures from this computer."""

    METHOD = "case.delete"
    SENDERS = PEOPLE
    RESULT = Done
    case_id: str


CALLS: tuple[type[Call[object]], ...] = (
    Hello,
    DaemonStatus,
    DaemonStop,
    PhotoOpen,
    PhotoAnswer,
    PhotoClose,
    WatchList,
    WatchAdd,
    WatchSet,
    WatchRemove,
    WatchPause,
    WatchUndo,
    CaptureBegin,
    CapturePart,
    CaptureSeal,
    CaptureCancel,
    CaseList,
    CaseShow,
    CaseNote,
    CaseExport,
    CaseDelete,
)
"""Those of this module; `wire.calls` has them all."""
