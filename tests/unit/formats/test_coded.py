"""Words at the end of coded data are told from the noise that a picture is."""

from __future__ import annotations

import random

import pytest

from sharewise.formats.coded import are_words, ends_in_words


@pytest.mark.parametrize(
    "data",
    [
        b"\x9a\x01" + b"12 Main Street",
        b"\xff\xfe" + "12 Main Street".encode("utf-16-le"),
        b"\x9a\x01" + "12 Main Street".encode("utf-16-be"),
        b"\x9a 12 Main Street\0\n",
    ],
)
def test_words_are_seen(data: bytes) -> None:
    assert ends_in_words(data)


@pytest.mark.parametrize(
    "data", [b"", b"short", b"(" * 40, b"\x8a(\xa2" * 9, b"Main Street 12\x80\x01", bytes(64)]
)
def test_what_is_no_text_is_no_words(data: bytes) -> None:
    assert not ends_in_words(data)


def test_noise_is_hardly_ever_taken_for_words() -> None:
    noise = random.Random(7)
    taken = sum(ends_in_words(noise.randbytes(48)) for _ in range(20_000))
    assert taken <= 3


def test_words_among_numbers_are_seen_wherever_they_stand() -> None:
    assert are_words(bytes(9) + b"12 Main Street" + bytes(9))
    assert not are_words(b"\x33\x66\x99\xcc" * 9 + b"!" * 40)
