"""What is never kept before it was said that all in the pictures are adults.

Text and addresses only: no picture, no saved page, no fingerprint. Pages ask; the daemon refuses.
"""

from __future__ import annotations

from collections.abc import Iterable

from sharewise.artefacts.catalogue import artefacts
from sharewise.artefacts.contract import Role
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.vault.index import AgeAnswer
from sharewise.wire.captures import Missing

FOR_AGE = "Left out on purpose: someone in the pictures is or may be under 18."
UNASKED = "Left out on purpose: nobody has said whether all in the pictures are adults."


def pictures_refused(answer: AgeAnswer) -> SharewiseError:
    """Return the error for a picture or saved page where it was not said that all are adults."""
    if answer == "unasked":
        why = "It was not said yet whether anyone in the pictures is or may be under 18."
    else:
        why = (
            "Someone in the pictures of this case is or may be under 18, so only text and "
            "addresses are kept. Take It Down (takeitdown.ncmec.org) or a child helpline can help."
        )
    return SharewiseError(ErrorCode.PICTURES_REFUSED, why)


def left_out_for_age(told: Iterable[Missing], answer: AgeAnswer) -> tuple[Missing, ...]:
    """Return what such a capture lacks, but for what the browser told already."""
    explained = {one.name for one in told}
    why = UNASKED if answer == "unasked" else FOR_AGE
    first = {
        role: min(one.name for one in artefacts() if one.role is role and not one.is_material)
        for role in Role
        if role is not Role.TEXT
    }
    return tuple(Missing(name, why) for name in first.values() if name not in explained)
