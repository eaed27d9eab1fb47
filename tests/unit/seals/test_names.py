"""Names: how a manifest writes them, and which are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.seals.names import decode_name, encode_name, printable, why_unsafe


@given(st.text())
def test_every_name_survives_writing_and_reading(name: str) -> None:
    written = encode_name(name)
    assert decode_name(written) == name
    assert "\n" not in written
    assert "\r" not in written


def test_only_the_three_escapes_are_undone() -> None:
    assert decode_name("a%20b%2525") == "a%20b%25"
    assert encode_name("50%\r\n") == "50%25%0D%0A"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../up",
        "data/../../up",
        "data//x",
        "data/./x",
        "data/",
        "C:/x",
        "data\\x",
        "data/\x00",
        "data/\x1b[2J",
        "data/\x9b",
        "data/\udcff",
        "x" * 1025,
    ],
)
def test_a_name_that_could_land_elsewhere_is_unsafe(name: str) -> None:
    assert why_unsafe(name) is not None


@pytest.mark.parametrize("name", ["a", "data/items/0001/page.html", "data/Ünicode.txt", "..a/b.."])
def test_a_plain_name_is_safe(name: str) -> None:
    assert why_unsafe(name) is None


def test_a_name_cannot_steer_a_terminal() -> None:
    assert printable("a\x1b[31m\udcff") == "a\\x1b[31m\\udcff"
    assert printable("für") == "für"
