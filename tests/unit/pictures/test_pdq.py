"""Fingerprints: copies of a picture are near it, others are far, plain ones tell nothing."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sharewise.pictures.pdq import (
    MAX_DISTANCE,
    Fingerprint,
    distance,
    fingerprint,
    known_hashes,
    nearest,
)
from support.scenes import cropped, resized, saved, scene


def of(content: bytes) -> Fingerprint:
    made = fingerprint(io.BytesIO(content))
    assert made is not None
    return made


@pytest.mark.parametrize("seed", range(2))
def test_copies_as_people_make_them_are_near(seed: int) -> None:
    picture = scene(seed)
    original = of(saved(picture))
    assert original.is_telling
    for name, copy in {
        "half": saved(resized(picture, 0.5)),
        "a fifth": saved(resized(picture, 0.2), "JPEG", quality=70),
        "twice": saved(resized(picture, 2)),
        "poor": saved(picture, "JPEG", quality=20),
        "webp": saved(picture, "WEBP", quality=50),
        "grey": saved(picture.convert("L")),
        "cut": saved(cropped(picture, 0.02)),
    }.items():
        assert distance(original.hash, of(copy).hash) <= MAX_DISTANCE, name


@pytest.mark.parametrize("seed", range(2))
def test_a_known_picture_is_found_when_it_was_cropped(seed: int) -> None:
    picture = scene(seed)
    known = known_hashes(io.BytesIO(saved(picture)))
    assert known is not None
    width, height = picture.size
    for name, copy in {
        "all sides, 5 %": cropped(picture, 0.10),
        "all sides, 10 %": cropped(picture, 0.20),
        "below, 8 %": picture.crop((0, 0, width, round(height * 0.92))),
        "left, 12 %": picture.crop((round(width * 0.12), 0, width, height)),
    }.items():
        small = saved(resized(copy, 0.5), "JPEG", quality=60)
        assert nearest(known, of(small).hash) <= MAX_DISTANCE, name


def test_a_plain_picture_is_not_taken_as_known() -> None:
    assert known_hashes(io.BytesIO(saved(Image.new("RGB", (200, 200), (9, 99, 199))))) is None
    assert known_hashes(io.BytesIO(b"noise")) is None


def test_other_pictures_are_far() -> None:
    hashes = [of(saved(scene(seed))).hash for seed in range(16)]
    near = [
        distance(one, other)
        for at, one in enumerate(hashes)
        for other in hashes[:at]
        if distance(one, other) <= MAX_DISTANCE + 20
    ]
    assert near == []


def test_a_known_picture_has_the_hash_that_the_reference_gives() -> None:
    """Of `pdqhash` 0.2.8 for the same pixels, its bits read from the last to the first."""
    reference = bytes.fromhex(REFERENCE)
    assert distance(of(saved(scene(1))).hash, reference) <= 8


def test_a_turned_photo_is_read_as_it_is_seen() -> None:
    picture = scene(3)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = io.BytesIO()
    picture.transpose(Image.Transpose.ROTATE_90).save(turned, "JPEG", quality=95, exif=exif)
    assert distance(of(saved(picture)).hash, of(turned.getvalue()).hash) <= MAX_DISTANCE


def test_a_plain_picture_tells_nothing() -> None:
    assert not of(saved(Image.new("RGB", (200, 200), (9, 99, 199)))).is_telling
    assert not of(saved(Image.new("RGBA", (200, 200), (0, 0, 0, 0)))).is_telling


@pytest.mark.parametrize(
    "content", [b"", b"noise", saved(scene(1))[:300], saved(Image.new("L", (31, 200)))]
)
def test_what_is_no_picture_or_too_small_has_none(content: bytes) -> None:
    assert fingerprint(io.BytesIO(content)) is None


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_distance_is_symmetric_and_zero_only_for_the_same(one: bytes, other: bytes) -> None:
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)


REFERENCE = "47c8955ab74a53491bbc2ba4db06f3c9e3b50c363cb2de1e3172e4e54842b4e9"
