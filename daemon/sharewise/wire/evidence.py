"""The messages about the vault and what lies in it; `wire.calls` puts them beside all others.

A call is listed in `CALLS` once the daemon answers it.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from sharewise.wire.messages import (
    EXTENSION,
    PEOPLE,
    Call,
    CaptureRecord,
    Done,
    Message,
    Missing,
    Sender,
)

PAGES = frozenset({Sender.PAGE})
MAX_ITEMS_AT_ONCE = 200
"""The most captures in one answer to `item.list` or `item.search`."""
MAX_TAGS = 32
MAX_TAG_CHARACTERS = 64

# --- the vault ----------------------------------------------------------------------------------


class VaultStatusResult(Message, frozen=True):
    """Whether what was captured can be read now, and who else could."""

    has_passphrase: bool
    """False: the key lies readable on this computer, and whoever uses it can read everything."""
    is_locked: bool
    auto_lock_minutes: int
    """Minutes without a call of a page or command after which the vault locks itself."""
    wait_s: float
    """How long until a passphrase may be tried again, after wrong ones; else 0."""
    is_checked: bool
    """Whether the check of this start has ended."""
    problems: tuple[str, ...]
    """What the check found, in sentences for people."""
    log_size: int
    """Entries in the custody log."""


class VaultStatus(Call[VaultStatusResult], frozen=True):
    """Ask whether the vault is locked."""

    METHOD = "vault.status"
    SENDERS = PEOPLE | EXTENSION
    RESULT = VaultStatusResult


class VaultSetPassphrase(Call[VaultStatusResult], frozen=True):
    """Choose the passphrase or another one. There is no way to recover it."""

    METHOD = "vault.set_passphrase"
    SENDERS = PEOPLE
    RESULT = VaultStatusResult
    new: str
    current: str | None = None
    """The one that is set now; null if none is."""


class VaultUnlock(Call[VaultStatusResult], frozen=True):
    """Make reading possible until the vault is locked again."""

    METHOD = "vault.unlock"
    SENDERS = PEOPLE
    RESULT = VaultStatusResult
    passphrase: str


class VaultLock(Call[VaultStatusResult], frozen=True):
    """Forget the key. Needs a passphrase to be set; capturing goes on."""

    METHOD = "vault.lock"
    SENDERS = PEOPLE | EXTENSION
    RESULT = VaultStatusResult


class VaultSetAutoLock(Call[VaultStatusResult], frozen=True):
    """Choose after how many idle minutes the vault locks itself, 1 to 240."""

    METHOD = "vault.set_auto_lock"
    SENDERS = PEOPLE
    RESULT = VaultStatusResult
    minutes: int


# --- cases --------------------------------------------------------------------------------------

AgeAnswer: TypeAlias = Literal["unasked", "adults", "minor_or_unsure"]
"""To "Is anyone in the pictures under 18, or might be?"; the last: text and addresses only."""


class CaseSummary(Message, frozen=True):
    """One case without its captures."""

    case_id: str
    label: str
    created_at_utc: str
    note: str
    age_answer: AgeAnswer
    item_count: int
    size_bytes: int
    newest_at_utc: str | None
    has_incident: bool


class CaseSummariesResult(Message, frozen=True):
    """Every case, newest first."""

    cases: tuple[CaseSummary, ...]


class CaseSummaries(Call[CaseSummariesResult], frozen=True):
    """List the cases, light."""

    METHOD = "case.summaries"
    SENDERS = PEOPLE
    RESULT = CaseSummariesResult


class CaseCreate(Call[CaseSummary], frozen=True):
    """Begin a case. `label` empty: today's date."""

    METHOD = "case.create"
    SENDERS = PEOPLE
    RESULT = CaseSummary
    age_answer: AgeAnswer
    label: str = ""


class CaseChange(Call[CaseSummary], frozen=True):
    """Change what is noted of a case; what is null stays."""

    METHOD = "case.change"
    SENDERS = PEOPLE
    RESULT = CaseSummary
    case_id: str
    label: str | None = None
    note: str | None = None
    age_answer: AgeAnswer | None = None


class CustodyEvent(Message, frozen=True):
    """Something that happened to a case, as the log has it."""

    at_utc: str
    what: str
    """"case created", "capture sealed", "note changed", "exported", "capture deleted", ..."""
    item_id: str | None
    detail: str
    log_index: int


class CustodyListResult(Message, frozen=True):
    """Everything that happened, oldest first."""

    events: tuple[CustodyEvent, ...]


class CustodyList(Call[CustodyListResult], frozen=True):
    """List what happened to a case."""

    METHOD = "custody.list"
    SENDERS = PEOPLE
    RESULT = CustodyListResult
    case_id: str


class IncidentResult(Message, frozen=True):
    """The incident record of a case: JSON text as `incident.schema.json` has it, or null."""

    record: str | None


class IncidentGet(Call[IncidentResult], frozen=True):
    """Read the incident record of a case."""

    METHOD = "incident.get"
    SENDERS = PEOPLE
    RESULT = IncidentResult
    case_id: str


class IncidentPut(Call[Done], frozen=True):
    """Replace the incident record of a case. Refused with `bad_record` if it breaks the schema."""

    METHOD = "incident.put"
    SENDERS = PEOPLE
    RESULT = Done
    case_id: str
    record: str


# --- captures -----------------------------------------------------------------------------------


class ItemSummary(Message, frozen=True):
    """One sealed capture or redacted copy, as a timeline shows it."""

    item_id: str
    case_id: str
    kind: Literal["capture", "redacted"]
    original_id: str | None
    """Of a redacted copy: what it is a copy of. That may be deleted by now."""
    sealed_at_utc: str
    title: str
    url: str
    size_bytes: int
    is_complete: bool
    missing: tuple[Missing, ...]
    has_thumbnail: bool
    tags: tuple[str, ...]
    note: str
    stamp: Literal["none", "queued", "stamped"]
    """Of the RFC 3161 time-stamp."""
    matches: tuple[str, ...] = ()
    """Labels of the person's own pictures that the page shows."""


class ItemListResult(Message, frozen=True):
    """Captures, newest first."""

    items: tuple[ItemSummary, ...]
    total: int
    """How many there are with the same case and tag."""
    next: str | None
    """What to pass as `after` for those that follow; null at the end."""


class ItemList(Call[ItemListResult], frozen=True):
    """List captures of one case, or of all (`case_id` null), a page at a time."""

    METHOD = "item.list"
    SENDERS = PEOPLE
    RESULT = ItemListResult
    case_id: str | None = None
    tag: str | None = None
    after: str | None = None
    limit: int = MAX_ITEMS_AT_ONCE


class ItemHit(Message, frozen=True):
    """A capture in which the words stand, and the first place where they do."""

    item: ItemSummary
    excerpt: str


class ItemSearchResult(Message, frozen=True):
    """What was found, newest first."""

    hits: tuple[ItemHit, ...]
    is_complete: bool
    """False: there are more than were asked for."""


class ItemSearch(Call[ItemSearchResult], frozen=True):
    """Search titles, addresses, tags, notes and visible text; every word must occur."""

    METHOD = "item.search"
    SENDERS = PEOPLE
    RESULT = ItemSearchResult
    words: str
    case_id: str | None = None
    limit: int = MAX_ITEMS_AT_ONCE


class ItemFile(Message, frozen=True):
    """One file of a capture."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str


class ItemDetail(Message, frozen=True):
    """Everything about one capture but the content of its files."""

    item: ItemSummary
    files: tuple[ItemFile, ...]
    record: CaptureRecord
    manifest_sha256: str
    begun_at_utc: str
    server_difference_s: float | None
    """The click by this computer's clock minus the server's date; null if not known."""
    clock_jump_s: float
    log_index: int
    stamped_at_utc: str | None
    """The time in the time-stamp, which may be later than the sealing."""


class ItemShow(Call[ItemDetail], frozen=True):
    """Show one capture."""

    METHOD = "item.show"
    SENDERS = PEOPLE
    RESULT = ItemDetail
    item_id: str


class Piece(Message, frozen=True):
    """At most `PART_BYTES` bytes of something longer; empty at its end."""

    data: bytes
    size_bytes: int
    """Of the whole."""


class ItemRead(Call[Piece], frozen=True):
    """Read a file of a capture from `offset` on; it is decrypted in memory for it."""

    METHOD = "item.read"
    SENDERS = PEOPLE
    RESULT = Piece
    item_id: str
    name: str
    offset: int


class Thumbnail(Message, frozen=True):
    """A small picture of a capture, made when it was sealed."""

    media_type: str
    data: bytes
    width: int
    height: int


class ItemThumbnail(Call[Thumbnail], frozen=True):
    """Get the small picture of a capture whose `has_thumbnail` is true."""

    METHOD = "item.thumbnail"
    SENDERS = PEOPLE
    RESULT = Thumbnail
    item_id: str


class ItemChange(Call[ItemSummary], frozen=True):
    """Replace the note or the tags of a capture; what is null stays."""

    METHOD = "item.change"
    SENDERS = PEOPLE
    RESULT = ItemSummary
    item_id: str
    note: str | None = None
    tags: tuple[str, ...] | None = None


class ItemDelete(Call[Done], frozen=True):
    """Delete a capture from this computer; the log keeps a hash that tells nothing of it."""

    METHOD = "item.delete"
    SENDERS = PEOPLE
    RESULT = Done
    item_id: str


class Box(Message, frozen=True):
    """A rectangle in pixels of the picture itself, from its upper left corner."""

    x: int
    y: int
    width: int
    height: int


class ItemRedact(Call[ItemSummary], frozen=True):
    """Make a copy of a capture's picture with the boxes blacked out, sealed beside the original."""

    METHOD = "item.redact"
    SENDERS = PAGES
    RESULT = ItemSummary
    item_id: str
    name: str
    boxes: tuple[Box, ...]


# --- files that a page hands in -----------------------------------------------------------------


class IntakeBegun(Message, frozen=True):
    """A file can be sent in pieces now; it is kept encrypted, and for minutes only."""

    intake_id: str


class IntakeBegin(Call[IntakeBegun], frozen=True):
    """Begin to hand in a file that the person chose: a package to check, or a picture."""

    METHOD = "intake.begin"
    SENDERS = PAGES
    RESULT = IntakeBegun
    size_bytes: int


class IntakePart(Call[Done], frozen=True):
    """Send the next at most `PART_BYTES` bytes; `sequence` counts from 0."""

    METHOD = "intake.part"
    SENDERS = PAGES
    RESULT = Done
    intake_id: str
    sequence: int
    data: bytes


class IntakeCancel(Call[Done], frozen=True):
    """Drop it; an unknown one is no error."""

    METHOD = "intake.cancel"
    SENDERS = PAGES
    RESULT = Done
    intake_id: str


class PackageProblem(Message, frozen=True):
    """One thing that is wrong with a package."""

    kind: str
    member: str
    meaning: str


class PackageVerifyResult(Message, frozen=True):
    """What a check of a package says: never just yes or no."""

    is_verified: bool
    problems: tuple[PackageProblem, ...]
    """At most 500 of them."""
    problem_count: int
    proved: tuple[str, ...]
    limits: tuple[str, ...]
    signed_by: str | None
    file_count: int
    size_bytes: int


class PackageVerify(Call[PackageVerifyResult], frozen=True):
    """Check a package that was handed in whole; it is dropped afterwards."""

    METHOD = "package.verify"
    SENDERS = PAGES
    RESULT = PackageVerifyResult
    intake_id: str
    expected_key: str | None = None
    """The fingerprint of the key, 64 hexadecimal digits, if it came another way."""


# --- exports ------------------------------------------------------------------------------------


class ExportMade(Message, frozen=True):
    """A package was made and checked; read it with `export.read`, then close it."""

    export_id: str
    name: str
    size_bytes: int
    sha256: str
    key_fingerprint: str
    """Of the key that signed it: to be told to the receiver another way."""


class ExportMake(Call[ExportMade], frozen=True):
    """Make the package of a case for a page to save.

    `recipient`: an age key ("age1..."), to which the package is encrypted; null: it is not.
    """

    METHOD = "export.make"
    SENDERS = PAGES
    RESULT = ExportMade
    case_id: str
    blur_pictures: bool = True
    include_originals: bool = False
    """Whether the originals of redacted copies go along."""
    recipient: str | None = None


class ExportRead(Call[Piece], frozen=True):
    """Read a package that was made, from `offset` on."""

    METHOD = "export.read"
    SENDERS = PAGES
    RESULT = Piece
    export_id: str
    offset: int


class ExportClose(Call[Done], frozen=True):
    """Drop a package that was made; an unknown one is no error."""

    METHOD = "export.close"
    SENDERS = PAGES
    RESULT = Done
    export_id: str


# --- time-stamps --------------------------------------------------------------------------------


class StampStatusResult(Message, frozen=True):
    """Whether seals are time-stamped by somebody else (RFC 3161), and how far that is."""

    is_on: bool
    url: str
    """Of the time-stamping authority; it learns a hash, this computer's address and the time."""
    queued: int
    stamped: int
    last_problem: str | None
    """What the last try said, in a sentence for people."""


class StampStatus(Call[StampStatusResult], frozen=True):
    """Ask about time-stamps."""

    METHOD = "stamp.status"
    SENDERS = PEOPLE
    RESULT = StampStatusResult


class StampSet(Call[StampStatusResult], frozen=True):
    """Turn time-stamps on or off (off at first) and choose who gives them: an http(s) address."""

    METHOD = "stamp.set"
    SENDERS = PEOPLE
    RESULT = StampStatusResult
    is_on: bool
    url: str


class StampNow(Call[StampStatusResult], frozen=True):
    """Try now what is queued."""

    METHOD = "stamp.now"
    SENDERS = PEOPLE
    RESULT = StampStatusResult


# --- the person's own pictures ------------------------------------------------------------------


class Fingerprint(Message, frozen=True):
    """What is kept of a picture of the person's: its PDQ hash, never the picture."""

    fingerprint_id: str
    label: str
    added_at_utc: str


class FingerprintListResult(Message, frozen=True):
    """Every fingerprint, oldest first."""

    fingerprints: tuple[Fingerprint, ...]


class FingerprintList(Call[FingerprintListResult], frozen=True):
    """List the fingerprints."""

    METHOD = "fingerprint.list"
    SENDERS = PEOPLE
    RESULT = FingerprintListResult


class FingerprintAdd(Call[Fingerprint], frozen=True):
    """Take the fingerprint of a picture that was handed in; the picture is dropped."""

    METHOD = "fingerprint.add"
    SENDERS = PAGES
    RESULT = Fingerprint
    intake_id: str
    label: str


class FingerprintRemove(Call[Done], frozen=True):
    """Forget a fingerprint; an unknown one is no error."""

    METHOD = "fingerprint.remove"
    SENDERS = PEOPLE
    RESULT = Done
    fingerprint_id: str


CALLS: tuple[type[Call[object]], ...] = (
    VaultStatus,
    VaultSetPassphrase,
    VaultUnlock,
    VaultLock,
    VaultSetAutoLock,
    CaseSummaries,
    CaseCreate,
    CaseChange,
    CustodyList,
    IncidentGet,
    IncidentPut,
    ItemList,
    ItemSearch,
    ItemShow,
    ItemRead,
    ItemThumbnail,
    ItemChange,
    ItemDelete,
    IntakeBegin,
    IntakePart,
    IntakeCancel,
    PackageVerify,
    ExportMake,
    ExportRead,
    ExportClose,
    StampStatus,
    StampSet,
    StampNow,
)
