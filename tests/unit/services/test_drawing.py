"""What the process that draws pictures anew makes of files, without the process."""

from __future__ import annotations

import io
import struct
import sys

import pytest
from PIL import Image, ImageChops, ImageOps

from sharewise.services.drawing import Limits, Verdict, draw
from support.images import srgb

SECRET = b"CANARY-in-a-picture"


def picture(mode: str = "RGB") -> Image.Image:
    return Image.radial_gradient("L").crop((90, 100, 154, 140)).convert(mode)


def saved(image: Image.Image, format_: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def drawn(data: bytes) -> Image.Image:
    copy = draw(data)
    assert isinstance(copy, bytes)
    assert SECRET not in copy
    return Image.open(io.BytesIO(copy))


def giant_bmp(width: int, height: int) -> bytes:
    header = struct.pack("<IIIHHIIIIII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + header


def exif(orientation: int) -> Image.Exif:
    block = Image.Exif()
    block[0x0112], block[0x013B] = orientation, SECRET.decode()
    return block


@pytest.mark.parametrize(
    ("format_", "becomes"),
    [
        *(("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WEBP"), ("GIF", "GIF")),
        *(("TIFF", "PNG"), ("BMP", "PNG"), ("JPEG2000", "PNG"), ("PPM", "PNG")),
    ],
)
def test_format_of_the_copy_tells_little(format_: str, becomes: str) -> None:
    image = drawn(saved(picture(), format_))
    assert (image.format, image.size) == (becomes, (64, 40))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_shows_exactly_the_same(mode: str) -> None:
    original = picture("L" if mode == "I;16" else mode)
    original = original.convert("I;16") if mode == "I;16" else original
    image = drawn(saved(original, "PNG"))
    assert (image.mode, image.tobytes()) == (original.mode, original.tobytes())


def test_orientation_goes_into_the_pixels() -> None:
    data = saved(picture(), "PNG", exif=exif(6))
    image = drawn(data)
    assert image.size == (40, 64)
    assert not image.getexif()
    with Image.open(io.BytesIO(data)) as original:
        assert image.tobytes() == ImageOps.exif_transpose(original).tobytes()


def test_jpeg_keeps_its_profile_and_nothing_else() -> None:
    data = saved(picture(), "JPEG", icc_profile=srgb(), exif=exif(1), comment=SECRET)
    image = drawn(data)
    assert image.info["icc_profile"] == srgb()
    assert set(image.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density", "icc_profile"}


def test_profile_for_other_colours_is_not_kept() -> None:
    image = drawn(saved(picture("CMYK"), "TIFF", icc_profile=srgb()))
    assert image.mode == "RGB"
    assert "icc_profile" not in image.info


def test_transparency_is_kept() -> None:
    image = drawn(saved(picture("P"), "PNG", transparency=3))
    assert image.info == {"transparency": 3}


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG"])
def test_animation_keeps_its_pictures_and_their_times(format_: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    options = {"save_all": True, "append_images": frames[1:], "duration": [40, 90, 200], "loop": 2}
    image = drawn(saved(frames[0], format_, **options))
    durations = []
    for index in range(image.n_frames):
        image.seek(index)
        image.load()
        durations.append(round(image.info["duration"]))
        off = ImageChops.difference(image.convert("RGB"), frames[index])
        assert max(high for _, high in off.getextrema()) < 9
    assert (image.n_frames, durations) == (3, [40, 90, 200])
    assert image.info["loop"] == 2


def test_several_pages_are_not_cut_to_one() -> None:
    data = saved(picture(), "TIFF", save_all=True, append_images=[picture()])
    assert draw(data) is Verdict.SEVERAL_PICTURES


def test_second_picture_of_a_jpeg_goes() -> None:
    hidden = picture().rotate(90)
    hidden.encoderinfo = {"comment": SECRET}
    image = drawn(saved(picture(), "MPO", save_all=True, append_images=[hidden]))
    assert (image.format, getattr(image, "n_frames", 1)) == ("JPEG", 1)


def test_picture_that_claims_to_be_giant_is_too_large() -> None:
    assert draw(giant_bmp(60_000, 60_000)) is Verdict.TOO_LARGE


def test_one_pixel_too_many_is_too_large() -> None:
    data = saved(picture(), "PNG")
    assert isinstance(draw(data, Limits(pixels=64 * 40)), bytes)
    assert draw(data, Limits(pixels=64 * 40 - 1)) is Verdict.TOO_LARGE


def test_animation_of_too_many_pixels_is_too_large() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert isinstance(draw(data, Limits(animation_pixels=3 * 256)), bytes)
    assert draw(data, Limits(animation_pixels=3 * 256 - 1)) is Verdict.TOO_LARGE


def test_file_of_too_many_bytes_is_too_large() -> None:
    data = saved(picture(), "PNG")
    assert draw(data, Limits(file_bytes=len(data) - 1)) is Verdict.TOO_LARGE


@pytest.mark.parametrize(
    "data",
    [b"", b"A text.", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", b"\xff\xd8\xff\xe0"],
)
def test_what_is_no_picture_is_said_to_be_none(data: bytes) -> None:
    assert draw(data) is Verdict.NO_PICTURE


def test_cut_picture_is_not_drawn_by_half() -> None:
    assert draw(saved(picture(), "PNG")[:-40]) is Verdict.NO_PICTURE


def test_heic_needs_what_draws_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    heic = (24).to_bytes(4, "big") + b"ftypheic" + bytes(12)
    assert draw(heic) is Verdict.NEEDS_HEIF
