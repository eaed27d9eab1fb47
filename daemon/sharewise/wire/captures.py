"""The messages that make a capture, and those of a case as the command line sees it."""

from __future__ import annotations

from typing import Literal

from sharewise.wire.messages import EXTENSION, PEOPLE, Call, Done, Message, Sender


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


class CapturePlace(Call[Done], frozen=True):
    """Say where a shot belongs, once all its pieces were sent: stitching need not wait for the
    seal. A hint: the record decides, and without this call the result is the same."""

    METHOD = "capture.place"
    SENDERS = EXTENSION
    RESULT = Done
    capture_id: str
    tile: Tile
    device_pixel_ratio: float


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


StampOutcome = Literal["off", "stamped", "failed"]
"""Of the time-stamp over a package as a whole: not wanted, there, or not to be had now."""


class CaseExported(Message, frozen=True):
    """A package is on disk and was verified there."""

    path: str
    size_bytes: int
    sha256: str
    stamp: StampOutcome = "off"


class CaseExport(Call[CaseExported], frozen=True):
    """Write `case-<id>.zip` into a folder (absolute path); never over a file that is there.

    `recipient`: an age key ("age1..."), to which it is encrypted as `.zip.age`; null: it is not.
    """

    METHOD = "case.export"
    SENDERS = frozenset({Sender.CLI})
    RESULT = CaseExported
    case_id: str
    folder: str
    blur_pictures: bool = True
    include_originals: bool = False
    recipient: str | None = None


class CaseDelete(Call[Done], frozen=True):
    """Delete a case and its captures from this computer."""

    METHOD = "case.delete"
    SENDERS = PEOPLE
    RESULT = Done
    case_id: str


CALLS: tuple[type[Call[object]], ...] = (
    CaptureBegin,
    CapturePart,
    CapturePlace,
    CaptureSeal,
    CaptureCancel,
    CaseList,
    CaseShow,
    CaseNote,
    CaseExport,
    CaseDelete,
)
