"""GIF: comments, plain text and unknown extensions go; timing, loops and colours stay."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from sharewise.base.errors import Malformed
from sharewise.formats import engine
from sharewise.formats.contract import Depth, Kind, Refused
from sharewise.formats.engine import gif_blocks
from sharewise.formats.gif import FORMAT
from sharewise.formats.gif_inside import pictures
from support.formats import Samples, clean, examine, is_clean, kinds
from support.images import srgb

TOKEN = b"SECRET-PLACE"
TRAILER = b"\x3b"


def blocks_of(data: bytes) -> bytes:
    parts = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def extension(label: int, data: bytes) -> bytes:
    return bytes([0x21, label]) + blocks_of(data)


def application(name: bytes, data: bytes) -> bytes:
    return b"\x21\xff\x0b" + name + blocks_of(data)


def picture(**options: object) -> bytes:
    sink = io.BytesIO()
    image = Image.effect_mandelbrot((41, 23), (-2, -1, 1, 1), 30).convert("P")
    image.save(sink, "GIF", **options)
    return sink.getvalue()


def animation() -> bytes:
    sink = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), (60 * n, 0, 90)) for n in range(4)]
    frames[0].save(
        sink, "GIF", save_all=True, append_images=frames[1:], duration=[70, 80, 90, 100], loop=3
    )
    return sink.getvalue()


def hiding(data: bytes, block: bytes) -> bytes:
    assert data.endswith(TRAILER)
    return data[:-1] + block + TRAILER


def frames(data: bytes) -> list[tuple[bytes, object, object]]:
    with Image.open(io.BytesIO(data)) as image:
        return [
            (frame.convert("RGBA").tobytes(), frame.info.get("duration"), frame.info.get("loop"))
            for frame in ImageSequence.Iterator(image)
        ]


def with_profile() -> bytes:
    data = picture()
    start = 13 + (3 << (data[10] & 7) + 1)
    return data[:start] + application(b"ICCRGBG1012", srgb()) + data[start:]


def before_picture(data: bytes, *blocks: bytes) -> bytes:
    at = 13 + (3 << (data[10] & 7) + 1)
    assert data[at] == 0x2C
    return data[:at] + b"".join(blocks) + data[at:]


def with_colours(data: bytes, text: bytes) -> bytes:
    """Return a file whose first picture has its colours twice as many, the rest of them words."""
    at = 13 + (3 << (data[10] & 7) + 1)
    assert data[at] == 0x2C
    few = Image.effect_mandelbrot((41, 23), (-2, -1, 1, 1), 30).quantize(6)
    sink = io.BytesIO()
    few.save(sink, "GIF")
    small = sink.getvalue()
    end = 13 + (3 << (small[10] & 7) + 1)
    count = 3 << (small[10] & 7) + 2
    colours = (small[13:end] + text * 9)[:count]
    return small[:10] + bytes([small[10] + 1]) + small[11:13] + colours + small[end:]


def behind_the_codes(data: bytes, text: bytes) -> bytes:
    """Return a file with bytes behind the codes of its first picture, in the same sub-blocks."""
    at = data.index(b"\x2c", 13 + (3 << (data[10] & 7) + 1))
    start = at + 11 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0)
    codes, end = b"", start
    while data[end]:
        codes += data[end + 1 : end + 1 + data[end]]
        end += 1 + data[end]
    return data[:start] + blocks_of(codes + text) + data[end + 1 :]


def samples() -> Samples:
    return Samples(
        clean={"picture": picture(), "animation": animation(), "profile": with_profile()},
        dirty={
            "comment": hiding(picture(), extension(0xFE, TOKEN)),
            "plain text": hiding(animation(), extension(0x01, b"\0" * 12 + TOKEN)),
            "application": hiding(picture(), application(b"MYPROGRAM.1", TOKEN)),
            "trailing": animation() + TOKEN,
            "behind the codes": behind_the_codes(picture(), TOKEN),
            "behind the codes of a frame": behind_the_codes(animation(), TOKEN * 40),
            "in sub-blocks of their own": picture()[:-2] + blocks_of(TOKEN) + TRAILER,
            "long control": before_picture(picture(), extension(0xF9, bytes(4) + TOKEN)),
            "two controls": before_picture(
                picture(), extension(0xF9, b"\0" + TOKEN), extension(0xF9, bytes(4))
            ),
            "colours that no dot has": with_colours(picture(), TOKEN),
        },
        secret=TOKEN,
        pixels=frames,
    )


def cleaned(data: bytes) -> bytes:
    result = clean(data)
    assert frames(result) == frames(data)
    assert is_clean(result)
    assert TOKEN not in result
    return result


@pytest.mark.parametrize("data", [picture(), animation(), with_profile()])
def test_plain_file_is_clean(data: bytes) -> None:
    assert is_clean(data)


@pytest.mark.parametrize(
    "block",
    [
        extension(0xFE, TOKEN * 60),
        extension(0x01, b"\0" * 12 + TOKEN),
        extension(0x77, TOKEN),
        extension(0xF9, TOKEN),
        application(b"MYPROGRAM.1", TOKEN),
        application(b"NETSCAPE2.0", b"\x01\x03\0" + TOKEN),
        application(b"ICCRGBG1012", srgb()),
    ],
)
def test_block_that_is_no_part_of_the_picture_goes(block: bytes) -> None:
    assert cleaned(hiding(picture(), block)) == picture()


def test_comment_between_frames_goes_and_timing_stays() -> None:
    data = animation()
    second = data.index(b"\x21\xf9", data.index(b"\x21\xf9") + 1)
    assert cleaned(data[:second] + extension(0xFE, TOKEN) + data[second:]) == data


def test_comment_is_shown_to_people() -> None:
    found = examine(hiding(picture(), extension(0xFE, b"from Anna"))).report.findings
    assert [(one.kind, one.value) for one in found] == [(Kind.DESCRIPTION, "from Anna")]


def test_xmp_is_read_and_goes_whole() -> None:
    packet = b'<x:xmpmeta><rdf:RDF><rdf:Description dc:creator="SECRET-PLACE"/></rdf:RDF>'
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    block = b"\x21\xff\x0bXMP DataXMP" + packet + b"</x:xmpmeta>" + trailer
    assert cleaned(hiding(picture(), block)) == picture()


def test_second_loop_count_goes() -> None:
    assert cleaned(hiding(animation(), application(b"NETSCAPE2.0", b"\x01\x09\0"))) == animation()


def test_bytes_behind_the_trailer_go() -> None:
    assert cleaned(picture() + TOKEN) == picture()
    assert Kind.HIDDEN_MEDIA in kinds(picture() + picture())


@pytest.mark.parametrize(
    "data",
    [
        picture()[:-1],
        picture()[:-20],
        picture()[:13],
        picture()[:-1] + b"\x99" + TRAILER,
        b"GIF89a" + b"\0" * 7 + TRAILER,
        hiding(picture(), b"\x21\xfe\xff")[:-1],
    ],
)
def test_broken_file_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        examine(data)


@given(st.binary(max_size=600), st.integers(0, 255))
@settings(max_examples=150, deadline=None)
def test_whatever_an_extension_holds_it_goes(data: bytes, label: int) -> None:
    if label == 0xF9 and len(data) == 4:
        return
    assert clean(hiding(picture(), extension(label, data))) == picture()


@given(st.binary(max_size=300), st.integers(1, 40))
@settings(max_examples=150, deadline=None)
def test_walk_is_the_same_however_it_is_read(data: bytes, block_bytes: int) -> None:
    body = extension(0xFE, data) + extension(0x33, data[:7]) + TRAILER + b"behind"

    def read(offset: int, length: int) -> bytes:
        return body[offset : offset + min(length, block_bytes)]

    found = gif_blocks(read, 0, len(body), 10)
    first = len(extension(0xFE, data))
    second = first + len(extension(0x33, data[:7]))
    assert found == [0, first, second, second + 1]
    assert gif_blocks(read, 0, len(body), 1) == [0, first]
    assert gif_blocks(read, 0, first - 1, 10) == [0]


def test_colours_that_no_dot_has_stay_unless_they_are_words() -> None:
    assert is_clean(with_colours(picture(), bytes(range(200, 224))))


def test_a_picture_without_a_size_is_malformed() -> None:
    nothing = b"\x2c" + bytes(8) + b"\x87" + (TOKEN * 70)[:768] + b"\2\2\x4c\1\0"
    with pytest.raises(Malformed, match="no size"):
        examine(hiding(picture(), nothing))


def test_pictures_that_are_too_large_to_look_through_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "CODES_BYTES", 10)
    assert isinstance(examine(picture()).cleaning, Refused)


def test_codes_are_not_asked_for_in_a_quick_look() -> None:
    data = behind_the_codes(picture(), TOKEN)
    assert not engine.run(FORMAT.inspect(engine.source_of(data), Depth.QUICK), data).findings
