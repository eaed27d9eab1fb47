"""JPEG XL: every box that is no picture goes, packed ones too; the codestream is only kept."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable

import brotli
import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from sharewise.base.errors import Malformed
from sharewise.formats import engine
from sharewise.formats.contract import Kind, Refused, Wish
from sharewise.formats.jxl_inside.packed import inflate, is_frame_index
from support.formats import Samples, clean, examine, is_clean, kinds
from support.images import drawing

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pillow_jxl  # noqa: F401  registers the decoder with Pillow

TOKEN = b"SECRET-PLACE"
SIGNATURE = b"\0\0\0\x0cJXL \r\n\x87\n"
FILE_TYPE = b"\0\0\0\x14ftypjxl \0\0\0\0jxl "
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>'
    + TOKEN
    + b"</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def codestream() -> bytes:
    sink = io.BytesIO()
    drawing(40, 24).save(sink, "JXL", lossless=True)
    data = sink.getvalue()
    assert data.startswith(b"\xff\n")
    return data


def box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def boxed(*extra: bytes, picture: bytes | None = None) -> bytes:
    body = box(b"jxlc", codestream()) if picture is None else picture
    return SIGNATURE + FILE_TYPE + b"".join(extra) + body


def tiff() -> bytes:
    return piexif.dump(
        {
            "0th": {piexif.ImageIFD.Artist: TOKEN, piexif.ImageIFD.Orientation: 6},
            "GPS": {
                piexif.GPSIFD.GPSLatitudeRef: b"N",
                piexif.GPSIFD.GPSLatitude: ((45, 1), (45, 1), (0, 1)),
                piexif.GPSIFD.GPSLongitudeRef: b"E",
                piexif.GPSIFD.GPSLongitude: ((4, 1), (51, 1), (0, 1)),
            },
        }
    )[6:]


def exif_box() -> bytes:
    return box(b"Exif", bytes(4) + tiff())


def packed(kind: bytes, payload: bytes) -> bytes:
    return box(b"brob", kind + brotli.compress(payload))


def frames(data: bytes) -> list[tuple[str, tuple[int, int], bytes]]:
    with Image.open(io.BytesIO(data)) as image:
        return [(one.mode, one.size, one.tobytes()) for one in ImageSequence.Iterator(image)]


def in_parts(*sizes: int) -> bytes:
    data = codestream()
    parts: list[bytes] = []
    for index, size in enumerate(sizes):
        last = 0x80000000 if index == len(sizes) - 1 else 0
        piece = data if last else data[:size]
        parts.append(box(b"jxlp", struct.pack(">I", index | last) + piece))
        data = data[len(piece) :]
    return b"".join(parts)


def samples() -> Samples:
    return Samples(
        clean={"bare": codestream(), "boxed": boxed(), "parts": boxed(picture=in_parts(9, 9, 0))},
        dirty={
            "exif": boxed(exif_box()),
            "xmp": boxed(box(b"xml ", XMP)),
            "packed": boxed(packed(b"Exif", bytes(4) + tiff())),
            "unknown": boxed(box(b"note", TOKEN)),
            "behind the picture": boxed() + box(b"xml ", XMP),
            "trailing": boxed() + TOKEN,
        },
        secret=TOKEN,
        pixels=frames,
    )


def test_picture_stays_as_it_is_shown() -> None:
    data = boxed(exif_box(), box(b"xml ", XMP))
    result = clean(data)
    assert result == boxed()
    assert frames(result) == frames(data)


def test_location_is_found_in_plain_and_in_packed_boxes() -> None:
    for extra in (exif_box(), packed(b"Exif", bytes(4) + tiff())):
        found = [one for one in examine(boxed(extra)).report.findings if one.kind is Kind.LOCATION]
        assert [one.value for one in found] == ["45.75,4.85"]


def test_packed_xmp_and_record_of_origin_are_named_by_what_they_hold() -> None:
    assert kinds(boxed(packed(b"xml ", XMP))) == {Kind.PERSON}
    assert kinds(boxed(packed(b"jumb", b"....jumdc2pa"))) == {Kind.PROVENANCE}
    assert kinds(boxed(box(b"jumb", b"....jumdc2pa"))) == {Kind.PROVENANCE}


def test_packed_box_that_cannot_be_unpacked_goes_too() -> None:
    result = clean(boxed(box(b"brob", b"Exif" + b"\xff" * 40)))
    assert result == boxed()


def test_packed_bomb_is_unpacked_up_to_a_bound() -> None:
    bomb = brotli.compress(bytes(64 << 20), quality=1)
    assert len(bomb) < 1 << 14
    assert len(inflate(bomb, 1000)) == 1000
    assert clean(boxed(box(b"brob", b"xml " + bomb))) == boxed()


def test_exif_offset_past_the_end_is_no_error() -> None:
    data = boxed(box(b"Exif", struct.pack(">I", 0xFFFFFFFF) + tiff()))
    assert clean(data) == boxed()


def test_data_to_rebuild_a_jpeg_goes() -> None:
    data = boxed(box(b"jbrd", b"\1\2" + TOKEN))
    assert kinds(data) == {Kind.HISTORY}
    assert clean(data) == boxed()


def test_second_picture_box_goes() -> None:
    assert clean(boxed() + box(b"jxlc", TOKEN)) == boxed()
    parts = boxed(picture=in_parts(9, 0))
    assert clean(parts + box(b"jxlp", struct.pack(">I", 2) + TOKEN)) == parts


def test_parts_out_of_order_are_malformed() -> None:
    data = boxed(picture=box(b"jxlp", struct.pack(">I", 1) + codestream()))
    with pytest.raises(Malformed):
        examine(data)


def test_level_stays_once() -> None:
    level = box(b"jxll", b"\x0a")
    assert is_clean(boxed(level))
    assert clean(boxed(level, level)) == boxed(level)
    assert clean(boxed(box(b"jxll", b"\x0a" + TOKEN))) == boxed()


def test_index_of_frames_stays_if_it_is_one() -> None:
    index = box(b"jxli", b"\1\0\0\0\1\0\0\0\x19\0\5\1")
    assert is_clean(boxed(index))
    assert clean(boxed(box(b"jxli", TOKEN * 3))) == boxed()
    assert not is_frame_index(b"\xff" * 20)
    assert not is_frame_index(b"\1\0\0\0\1\0\0\0\0\0\5\1")


def test_file_type_is_written_anew() -> None:
    odd = box(b"ftyp", b"jxl \0\0\0\0jxl " + TOKEN)
    data = SIGNATURE + odd + box(b"jxlc", codestream())
    assert clean(data) == boxed()


def test_box_without_a_size_reaches_to_the_end() -> None:
    data = SIGNATURE + FILE_TYPE + exif_box() + struct.pack(">I4s", 0, b"jxlc") + codestream()
    result = clean(data)
    assert result.endswith(codestream())
    assert TOKEN not in result


def test_padding_box_is_cut_even_if_it_is_empty() -> None:
    assert clean(boxed(box(b"free", bytes(100)))) == boxed()


def test_wish_keeps_a_person_and_a_coarse_place() -> None:
    wish = Wish(frozenset({Kind.PERSON}), has_coarse_location=True)
    for extra in (exif_box(), packed(b"Exif", bytes(4) + tiff())):
        result = clean(boxed(extra), wish)
        assert TOKEN in result
        assert {one.value for one in examine(result).report.findings} == {
            TOKEN.decode(),
            "45.8,4.8" if b"45.8" in result else _coarse(result),
        }
        assert is_clean(clean(result))
        assert examine(result, wish).report.kept == ("person", "coarse location")


def _coarse(data: bytes) -> str | None:
    found = [one for one in examine(data).report.findings if one.kind is Kind.LOCATION]
    return found[0].value


def test_wish_to_keep_nothing_that_is_there_adds_nothing() -> None:
    assert clean(boxed(exif_box()), Wish(frozenset({Kind.DEVICE}))) == boxed()


@pytest.mark.parametrize("size", [2**31, 2**63, 2**64 - 1])
def test_sizes_that_cannot_be_are_malformed_or_trailing(size: int) -> None:
    huge = struct.pack(">I4sQ", 1, b"jxlc", size) + codestream()
    with pytest.raises(Malformed):
        examine(boxed(picture=huge))
    assert clean(boxed() + struct.pack(">I4sQ", 1, b"note", size) + TOKEN) == boxed()


def test_many_boxes_are_walked_in_a_few_requests() -> None:
    data = boxed(*[box(b"note", b"")] * 20_000)
    assert clean(data) == boxed()


def test_file_without_a_picture_is_malformed() -> None:
    with pytest.raises(Malformed):
        examine(SIGNATURE + FILE_TYPE + exif_box())
    with pytest.raises(Malformed):
        examine(SIGNATURE + box(b"jxlc", codestream()) * 2)


@settings(max_examples=40, deadline=None)
@given(
    kind=st.binary(min_size=4, max_size=4).filter(lambda one: not one.startswith(b"jxl")),
    payload=st.binary(max_size=300),
)
def test_no_foreign_box_survives(kind: bytes, payload: bytes) -> None:
    data = boxed(box(kind, payload + TOKEN))
    cleaning = examine(data).cleaning
    assert engine.apply(cleaning, data) == boxed()


@pytest.mark.parametrize("wrap", [bytes, lambda data: boxed(picture=box(b"jxlc", data))])
def test_words_at_the_end_of_the_codestream_are_refused(wrap: Callable[[bytes], bytes]) -> None:
    judged = examine(wrap(codestream() + TOKEN))
    assert isinstance(judged.cleaning, Refused)
    assert any("Words" in finding.summary for finding in judged.report.findings)
