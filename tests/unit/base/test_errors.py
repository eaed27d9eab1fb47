"""Errors carry a code and words; values that are private stay out of both."""

from __future__ import annotations

import logging

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import Malformed, SharewiseError
from sharewise.base.private import Private

CANARY = "canary-7f3a"


def test_an_error_has_a_code_for_programs_and_a_sentence_for_people() -> None:
    error = SharewiseError(ErrorCode.BUSY, "Try again in a moment.")
    assert (error.code, error.message, str(error)) == (
        ErrorCode.BUSY,
        "Try again in a moment.",
        "Try again in a moment.",
    )


def test_a_malformed_file_says_where_and_why() -> None:
    error = Malformed(path="JPEG/APP1", at_byte=12, why="length past the end")
    assert error.code is ErrorCode.MALFORMED
    assert error.message == "JPEG/APP1 at byte 12: length past the end"
    assert (error.path, error.at_byte, error.why) == ("JPEG/APP1", 12, "length past the end")


def test_every_code_is_its_own_name_in_lower_case() -> None:
    assert all(code.value == code.name.lower() for code in ErrorCode)


@pytest.mark.parametrize(
    "shown",
    [
        str(Private(CANARY)),
        repr(Private(CANARY)),
        f"{Private(CANARY)}",
        f"{Private(CANARY)!r:>40}",
        f"{Private(CANARY):>40}",
        "%s %r" % (Private(CANARY), [Private(CANARY)]),  # noqa: UP031  the way logging does it
    ],
)
def test_a_private_value_is_never_shown(shown: str) -> None:
    assert CANARY not in shown
    assert "<private>" in shown


def test_a_private_value_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("sharewise.test").warning("photo %s", Private(CANARY))
    assert CANARY not in caplog.text
    assert Private(CANARY).secret == CANARY
