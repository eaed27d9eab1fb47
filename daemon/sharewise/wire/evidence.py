"""The messages about the vault, its cases and its time-stamps."""

from __future__ import annotations

from typing import Literal, TypeAlias

from sharewise.wire.messages import EXTENSION, PEOPLE, Call, Done, Message

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
    StampStatus,
    StampSet,
    StampNow,
)
