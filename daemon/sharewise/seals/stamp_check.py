"""Checks the time-stamps in a package: what each is over, and whether its signature fits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime

from sharewise.seals import bag_info, layout, signatures, timestamp
from sharewise.seals.names import printable
from sharewise.seals.problems import CheckedStamp, Problem, ProblemKind

Checked = tuple[tuple[Problem, ...], CheckedStamp | None]


def check_stamp(member: str, token: bytes, *, data: bytes, roots_pem: bytes) -> Checked:
    """Return what is wrong with a time-stamp over `data`, or what it says."""
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = timestamp.verified(token, data=data, roots_pem=roots_pem)
    except ValueError as error:
        return (Problem(ProblemKind.STAMP_WRONG, member, str(error)),), None
    root = hashlib.sha256(found.root.public_bytes(Encoding.DER)).hexdigest()
    name = printable(found.root.subject.rfc4514_string())
    return (), CheckedStamp(member, _utc(found.at), name, root, _utc(found.expires))


def check_package_stamp(
    names: Collection[str], read: Callable[[str], bytes], *, public_key_pem: bytes
) -> Checked:
    """Return what is wrong with the time-stamp of a package as a whole, or what it says.

    Nothing of a package that does not say that it has one.
    """
    if layout.INFO not in names or not bag_info.is_stamped(read(layout.INFO)):
        return (), None
    lost = tuple(_lost(names))
    if lost or layout.SIGNATURE not in names:
        return lost, None
    token = read(layout.STAMP)
    try:
        is_fitting = signatures.fits(
            public_key_pem=public_key_pem, message=token, signature=read(layout.STAMP_SIGNATURE)
        )
    except ValueError:
        is_fitting = False
    if not is_fitting:
        meaning = "The time-stamp of the package or the signature over it was changed."
        return (Problem(ProblemKind.SIGNATURE_WRONG, layout.STAMP_SIGNATURE, meaning),), None
    signed = read(layout.SIGNATURE)
    return check_stamp(layout.STAMP, token, data=signed, roots_pem=read(layout.STAMP_ROOTS))


def _lost(names: Collection[str]) -> Iterator[Problem]:
    for name in (layout.STAMP, layout.STAMP_SIGNATURE, layout.STAMP_ROOTS):
        if name not in names:
            meaning = "The package was time-stamped as a whole, and this is gone."
            yield Problem(ProblemKind.MISSING_FILE, name, meaning)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
