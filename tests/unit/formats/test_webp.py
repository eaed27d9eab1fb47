"""WebP: every chunk that is no picture goes; orientation, colour and animation stay."""

from __future__ import annotations

import io
import struct

import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Kind, Refused, Wish
from support.formats import Samples, clean, examine, is_clean
from support.images import srgb
from support.profiles import own

TOKEN = b"SECRET-PLACE"


def chunk(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def picture(*, lossless: bool = True, **options: object) -> bytes:
    sink = io.BytesIO()
    image = Image.effect_mandelbrot((31, 21), (-2, -1, 1, 1), 40).convert("RGB")
    image.save(sink, "WEBP", lossless=lossless, **options)
    return sink.getvalue()


def animation(**options: object) -> bytes:
    sink = io.BytesIO()
    frames = [Image.new("RGBA", (20, 20), (40 * n, 0, 90, 100 + n)) for n in range(4)]
    frames[0].save(
        sink, "WEBP", save_all=True, append_images=frames[1:], duration=70, loop=3, **options
    )
    return sink.getvalue()


def exif(orientation: int = 6) -> bytes:
    return piexif.dump(
        {
            "0th": {piexif.ImageIFD.Orientation: orientation, piexif.ImageIFD.Artist: TOKEN},
            "GPS": {
                piexif.GPSIFD.GPSLatitudeRef: b"N",
                piexif.GPSIFD.GPSLatitude: ((45, 1), (45, 1), (0, 1)),
                piexif.GPSIFD.GPSLongitudeRef: b"E",
                piexif.GPSIFD.GPSLongitude: ((4, 1), (51, 1), (0, 1)),
            },
        }
    )


def with_chunk(data: bytes, *extra: bytes) -> bytes:
    body = data[8:] + b"".join(extra)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def frames(data: bytes) -> list[tuple[bytes, object]]:
    with Image.open(io.BytesIO(data)) as image:
        return [
            (frame.convert("RGBA").tobytes(), frame.info.get("duration"))
            for frame in ImageSequence.Iterator(image)
        ]


def cleaned(data: bytes) -> bytes:
    result = clean(data)
    assert frames(result) == frames(data)
    assert is_clean(result)
    assert struct.unpack_from("<I", result, 4)[0] == len(result) - 8
    return result


def padded_frame() -> bytes:
    """Return an animation with a byte of its own in the padding of a frame's picture."""
    data = animation(lossless=True)
    at = 0
    while True:
        at = data.index(b"VP8L", at + 1)
        (length,) = struct.unpack_from("<I", data, at + 4)
        if length % 2:
            return data[: at + 8 + length] + b"S" + data[at + 9 + length :] + TOKEN


def samples() -> Samples:
    return Samples(
        clean={
            "lossless": picture(),
            "lossy": picture(lossless=False),
            "animation": animation(),
            "profile": picture(icc_profile=srgb()),
        },
        dirty={
            "exif": picture(exif=exif(6)),
            "profile": picture(icc_profile=own(TOKEN)),
            "padding in a frame": padded_frame(),
            "chunk": with_chunk(picture(), chunk(b"note", TOKEN)),
            "trailing": picture() + TOKEN,
            "animation with xmp": with_chunk(animation(), chunk(b"XMP ", TOKEN)),
        },
        secret=TOKEN,
        pixels=frames,
    )


@pytest.mark.parametrize("lossless", [True, False])
def test_plain_picture_is_clean(lossless: bool) -> None:
    assert is_clean(picture(lossless=lossless))


def test_plain_animation_is_clean() -> None:
    assert is_clean(animation())


def test_exif_goes_and_the_orientation_stays() -> None:
    data = picture(exif=exif(6))
    kinds = {finding.kind for finding in examine(data).report.findings}
    assert {Kind.LOCATION, Kind.PERSON} <= kinds
    result = cleaned(data)
    assert TOKEN not in result
    with Image.open(io.BytesIO(result)) as image:
        assert dict(image.getexif()) == {0x0112: 6}


def test_upright_picture_keeps_no_exif_at_all() -> None:
    result = cleaned(picture(exif=exif(1)))
    assert b"EXIF" not in result
    assert result[20] & 0x08 == 0


def test_location_is_a_value_in_degrees() -> None:
    found = examine(picture(exif=exif())).report.findings
    (location,) = (one.value for one in found if one.kind is Kind.LOCATION)
    assert location is not None
    latitude, longitude = map(float, location.split(","))
    assert (latitude, longitude) == (45.75, 4.85)


def test_wish_keeps_a_coarse_location_only() -> None:
    data = picture(exif=exif(1))
    result = clean(data, Wish(has_coarse_location=True))
    assert TOKEN not in result
    again = examine(result).report.findings
    assert [one.value for one in again if one.kind is Kind.LOCATION] == ["45.8,4.8"]


def test_profile_stays_and_what_hides_behind_it_goes() -> None:
    profile = srgb()
    data = picture(icc_profile=profile)
    assert is_clean(data)
    start = data.index(b"ICCP")
    longer = chunk(b"ICCP", profile + TOKEN + b"!")
    end = start + len(chunk(b"ICCP", profile))
    hiding = riff(data[12:start], longer, data[end:])
    result = cleaned(hiding)
    assert TOKEN not in result
    with Image.open(io.BytesIO(result)) as image:
        assert image.info["icc_profile"] == profile


@pytest.mark.parametrize("name", [b"XMP ", b"note", b"C2PA", b"VP8 ", b"ICCP", b"ANIM", b"VP8X"])
def test_chunk_that_is_no_part_of_the_picture_goes(name: bytes) -> None:
    assert TOKEN not in cleaned(with_chunk(picture(), chunk(name, TOKEN)))


def test_bytes_behind_the_end_go() -> None:
    assert TOKEN not in cleaned(picture() + TOKEN)


def test_unknown_chunk_inside_a_frame_goes() -> None:
    data = animation()
    at = data.index(b"ANMF")
    (length,) = struct.unpack_from("<I", data, at + 4)
    payload = data[at + 8 : at + 8 + length] + chunk(b"note", TOKEN)
    hiding = riff(data[12:at], chunk(b"ANMF", payload), data[at + 8 + length + length % 2 :])
    assert TOKEN not in cleaned(hiding)


def test_padding_byte_carries_no_message() -> None:
    data = bytearray(with_chunk(picture()))
    at = data.index(b"VP8L")
    (length,) = struct.unpack_from("<I", data, at + 4)
    if length % 2 == 0:
        data[at + 4 : at + 8] = struct.pack("<I", length + 1)
        data += b"\0X"
        data[4:8] = struct.pack("<I", len(data) - 8)
    else:
        data[at + 8 + length] = ord("X")
    assert cleaned(bytes(data))[-1:] == b"\0"


def test_reserved_header_bytes_carry_no_message() -> None:
    data = bytearray(picture(exif=exif(6)))
    data[21:24] = b"KEY"
    assert b"KEY" not in cleaned(bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        picture()[:-4],
        riff(),
        riff(chunk(b"XMP ", TOKEN)),
        riff(chunk(b"VP8X", b"\0")) + b"",
        riff(b"VP8L" + struct.pack("<I", 2**32 - 1) + b"x"),
        b"RIFF\xff\xff\xff\xffWEBP" + chunk(b"VP8L", b"x"),
    ],
)
def test_broken_file_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        examine(data)


@given(st.binary(max_size=80), st.sampled_from([b"EXIF", b"XMP ", b"abcd", b"ICCP", b"C2PA"]))
@settings(max_examples=150, deadline=None)
def test_whatever_a_metadata_chunk_holds_it_goes(payload: bytes, name: bytes) -> None:
    cleaned(with_chunk(picture(), chunk(name, payload)))


@pytest.mark.parametrize("lossless", [True, False])
def test_words_at_the_end_of_the_coded_picture_are_refused(lossless: bool) -> None:
    data = picture(lossless=lossless)
    name = b"VP8L" if lossless else b"VP8 "
    at = data.index(name)
    (length,) = struct.unpack_from("<I", data, at + 4)
    hidden = riff(chunk(name, data[at + 8 : at + 8 + length] + TOKEN))
    judged = examine(hidden)
    assert isinstance(judged.cleaning, Refused)
    assert any("Words" in finding.summary for finding in judged.report.findings)
