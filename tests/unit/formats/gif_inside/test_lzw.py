"""The codes of a GIF are walked to their end, however long the picture is."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sharewise.formats.gif_inside.lzw import walk_codes


def codes_of(image: Image.Image) -> tuple[bytes, int]:
    """Return the codes of a picture as Pillow writes them, and their first size."""
    sink = io.BytesIO()
    image.save(sink, "GIF")
    data = sink.getvalue()
    at = data.index(b"\x2c", 13 + (3 << (data[10] & 7) + 1)) + 10
    size, at, codes = data[at], at + 1, b""
    while data[at]:
        codes += data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]
    return codes, size


@pytest.mark.parametrize("side", [1, 2, 40, 300])
def test_all_codes_are_used_and_no_colour_is_missed(side: int) -> None:
    noise = Image.effect_noise((side, side), 90)
    codes, size = codes_of(noise)
    walked = walk_codes(codes, size, side * side)
    assert not walked.is_damaged
    assert len(codes) - walked.used_bytes <= 1
    assert len(walked.colours) == len(noise.getcolors() or ())


def test_bytes_behind_the_end_are_not_used() -> None:
    codes, size = codes_of(Image.effect_mandelbrot((99, 80), (-2, -1, 1, 1), 90))
    exact = walk_codes(codes, size, 99 * 80)
    assert walk_codes(codes + b"words", size, 99 * 80) == exact


def test_a_picture_ends_when_it_is_full_even_without_an_end_code() -> None:
    codes, size = codes_of(Image.new("P", (64, 64)))
    walked = walk_codes(codes, size, 64 * 64)
    assert (
        walk_codes(codes[: walked.used_bytes - 1] + bytes(9), size, 64 * 64).used_bytes
        < len(codes) + 9
    )


@pytest.mark.parametrize("size", [0, 9, 255])
def test_a_first_size_that_cannot_be_is_damaged(size: int) -> None:
    assert walk_codes(b"abc", size, 9).is_damaged


@settings(max_examples=60)
@given(st.binary(max_size=600), st.integers(1, 8), st.integers(1, 4000))
def test_whatever_stands_there_the_walk_ends_inside(data: bytes, size: int, dots: int) -> None:
    walked = walk_codes(data, size, dots)
    assert 0 <= walked.used_bytes <= len(data)
    assert all(colour < 1 << size for colour in walked.colours)
