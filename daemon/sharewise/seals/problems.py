"""What a check of a sealed folder says: every problem by name, what was proved, and what not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ProblemKind(StrEnum):
    """What is wrong with a sealed folder or its container. Append only: programs read these."""

    MISSING_FILE = "missing_file"
    EXTRA_FILE = "extra_file"
    HASH_DIFFERS = "hash_differs"
    SIZE_DIFFERS = "size_differs"
    BAD_MANIFEST = "bad_manifest"
    BAD_TAG_FILE = "bad_tag_file"
    RECORD_DIFFERS = "record_differs"
    SIGNATURE_WRONG = "signature_wrong"
    BAD_KEY = "bad_key"
    UNKNOWN_KEY = "unknown_key"
    DUPLICATE_NAME = "duplicate_name"
    UNSAFE_NAME = "unsafe_name"
    NOT_A_FILE = "not_a_file"
    MALFORMED_CONTAINER = "malformed_container"
    COMPRESSED = "compressed"
    DATA_OUTSIDE = "data_outside"
    CHANGED_CONTAINER = "changed_container"
    TOO_LARGE = "too_large"
    LOG_DIFFERS = "log_differs"
    STAMP_WRONG = "stamp_wrong"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and what it means for a person who relies on the package."""

    kind: ProblemKind
    member: str
    """The file it is about, as named in the package; empty if it is about the whole."""
    meaning: str
    """One sentence for people."""


@dataclass(frozen=True, slots=True)
class CheckedCapture:
    """One capture that the package holds, as its own record tells."""

    folder: str
    """The folder in the package; empty if the package is this one capture."""
    sealed_at_utc: str
    is_incomplete: bool
    signed_by: str | None
    """SHA-256 of the public key whose signature fits this capture's own seal, or None."""


@dataclass(frozen=True, slots=True)
class CheckedStamp:
    """A time-stamp that is over what it should be, with a signature that fits."""

    member: str
    at_utc: str
    """When its authority says that it was there."""
    authority: str
    """What the certificate at the end of its chain calls itself: anybody can make such a one."""
    authority_sha256: str
    """SHA-256 of that certificate, lower-case hexadecimal."""
    expires_utc: str
    """When the first certificate of its chain ends, or did."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a check: never just yes or no."""

    problems: tuple[Problem, ...]
    captures: tuple[CheckedCapture, ...]
    signed_by: str | None
    """SHA-256 of the public key whose signature fits, or None if none does."""
    is_key_known: bool
    """Whether the key was compared with a fingerprint that came another way."""
    file_count: int
    size_bytes: int
    log_entries: int = 0
    """Entries of the custody log that were shown to be in it."""
    stamps: tuple[CheckedStamp, ...] = ()
    """Time-stamps of captures; what they are worth, whoever knows their authority can tell."""
    package_stamp: CheckedStamp | None = None
    """Of the package as a whole."""
    checked_at_utc: str = ""
    """RFC 3339, by this computer's clock; empty if no clock was asked."""

    @property
    def is_verified(self) -> bool:
        """Whether no problem was found; read it together with `limits`."""
        return not self.problems

    @property
    def proved(self) -> tuple[str, ...]:
        """What this check shows, in sentences; nothing if there is a problem."""
        if self.problems or self.signed_by is None:
            return ()
        incomplete = sum(capture.is_incomplete for capture in self.captures)
        found = [
            (
                f"All {self.file_count} files are there, none is extra, and every one has the "
                "SHA-256 that was signed."
            ),
            f"The signature fits the key with the fingerprint {self.signed_by}.",
            (
                f"Captures inside: {len(self.captures)}, each with its own seal intact; "
                f"marked INCOMPLETE: {incomplete}."
            ),
        ]
        if self.log_entries:
            found.append(
                f"Entries of the custody log: {self.log_entries}, each shown to be in the log "
                "whose state is signed with the same key."
            )
        if self.stamps:
            found.append(
                f"Time-stamps of captures: {len(self.stamps)}, each over a signed state of that "
                "log with the capture in it; the signature of each fits."
            )
        if self.package_stamp is not None:
            found.append(
                "The package as a whole has a time-stamp, over its signature; the time-stamp's own "
                f"signature fits. The time in it is {self.package_stamp.at_utc}."
            )
        if self.is_key_known:
            found.append("That key is the one you expected.")
        others = {capture.signed_by for capture in self.captures} - {self.signed_by}
        if others:
            found.append(
                f"Captures sealed with an earlier key than the package's own: "
                f"{sum(capture.signed_by in others for capture in self.captures)}."
            )
        return tuple(found)

    @property
    def limits(self) -> tuple[str, ...]:
        """What this check cannot show, whatever it found."""
        limits = limits_of(is_stamped=bool(self._all_stamps))
        limits = (*self._stamp_limits(), *limits)
        return limits if self.is_key_known else (KEY_LIMIT, *limits)

    @property
    def _all_stamps(self) -> tuple[CheckedStamp, ...]:
        whole = () if self.package_stamp is None else (self.package_stamp,)
        return (*whole, *self.stamps)

    def _stamp_limits(self) -> tuple[str, ...]:
        """Whose word the time-stamps are: no authority is known here, so none is believed."""
        authorities = {one.authority_sha256: one.authority for one in self._all_stamps}
        found = [
            f"The time-stamps are the word of an authority that calls itself \u201c{name}\u201d. "
            "This program knows no authority, and anybody can make one of this name: until you "
            f"compared the SHA-256 of its certificate, {sha256}, with what the authority "
            "publishes, their time is no proof."
            for sha256, name in authorities.items()
        ]
        ended = [one for one in self._all_stamps if one.expires_utc < self.checked_at_utc]
        if ended:
            found.append(
                f"Time-stamps whose authority's certificate has ended since: {len(ended)}, the "
                f"first on {min(one.expires_utc for one in ended)[:10]}. They fitted at the time "
                "that they name; ask the authority whether its key was kept safe since then."
            )
        return tuple(found)


KEY_LIMIT = (
    "The key came with the package: compare its fingerprint with one that the person gave you "
    "another way."
)
"""Said as long as the key was not compared with anything."""

OWN_CLOCK = "The times come from the computer's own clock; no outside time-stamp confirms them."
STAMPED = (
    "A time-stamp shows that something existed at its time and is unchanged, not when it was made. "
    "Every other time is that of the computer's own clock."
)
_AUTHOR = (
    "It does not show who wrote what the pictures show, nor that the page was not changed in "
    "the browser before the capture."
)
_HOLDER = (
    "Whoever holds the key could have made and signed other files before handing the package over."
)
_STAMPED_HOLDER = (
    "Whoever holds the key could have made and signed other files, but for what a time-stamp of "
    "somebody else covers, before handing the package over."
)


def limits_of(*, is_stamped: bool) -> tuple[str, ...]:
    """Return what a seal made by the person's own key can never prove; told with every result."""
    if is_stamped:
        return (_AUTHOR, STAMPED, _STAMPED_HOLDER)
    return (_AUTHOR, OWN_CLOCK, _HOLDER)


LIMITS = limits_of(is_stamped=False)
"""Of a package without a time-stamp."""
