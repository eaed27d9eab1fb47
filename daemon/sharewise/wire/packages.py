"""The messages about files that a page hands in, and packages that it takes away."""

from __future__ import annotations

from sharewise.wire.captures import StampOutcome
from sharewise.wire.items import Piece
from sharewise.wire.messages import PAGES, PEOPLE, Call, Done, Message

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
    stamp: StampOutcome = "off"


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
    are_all_adults: bool = False
    """Whether the person said that everybody in it is 18 or older; refused otherwise."""


class FingerprintRemove(Call[Done], frozen=True):
    """Forget a fingerprint; an unknown one is no error."""

    METHOD = "fingerprint.remove"
    SENDERS = PEOPLE
    RESULT = Done
    fingerprint_id: str


CALLS: tuple[type[Call[object]], ...] = (
    IntakeBegin,
    IntakePart,
    IntakeCancel,
    PackageVerify,
    ExportMake,
    ExportRead,
    ExportClose,
    FingerprintList,
    FingerprintAdd,
    FingerprintRemove,
)
