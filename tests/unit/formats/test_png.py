from __future__ import annotations

import io
import random
import struct
import zlib

import pytest
from PIL import Image, ImageOps, PngImagePlugin

from sharewise.base.errors import Malformed
from sharewise.formats import engine, judge
from sharewise.formats.contract import (
    AlreadyClean,
    Depth,
    Inflate,
    Kind,
    Plan,
    Range,
    Refused,
    Wish,
)
from sharewise.formats.png_inside.chunks import Shape
from support.formats import Samples, Traffic, clean, converse, examine, is_clean, kinds
from support.images import (
    SECRET,
    apng,
    chunk,
    chunks,
    exif,
    gps,
    png,
    png_of,
    secret_exif,
    shown,
    split_idat,
    srgb,
    with_chunks,
    xmp,
)
from support.profiles import own

TEXT = (b"tEXt", b"Author\0" + SECRET)


def raw_profile(block: bytes) -> bytes:
    data = b"Exif\0\0" + block
    return b"\nexif\n%8d\n%s\n" % (len(data), data.hex().encode())


def with_idat(data: bytes, change: bytes) -> bytes:
    """Put bytes behind the zlib stream, inside the last IDAT."""
    parts = chunks(data)
    at = max(index for index, (kind, _) in enumerate(parts) if kind == b"IDAT")
    parts[at] = (b"IDAT", parts[at][1] + change)
    return png_of(parts)


def with_stream(data: bytes, stream: bytes) -> bytes:
    return png_of([(kind, stream if kind == b"IDAT" else body) for kind, body in chunks(data)])


def pixels_of(data: bytes) -> bytes:
    return zlib.decompress(b"".join(body for kind, body in chunks(data) if kind == b"IDAT"))


def dirty() -> dict[str, bytes]:
    plain = png()
    itxt = b"Comment\0\1\0\0\0" + zlib.compress(SECRET)
    packet = b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(f"<dc:creator>{SECRET.decode()}</dc:creator>")
    indexed = png(mode="P")
    return {
        "text": with_chunks(plain, b"IDAT", TEXT),
        "text after": with_chunks(plain, b"IEND", TEXT),
        "compressed text": with_chunks(
            plain, b"IDAT", (b"zTXt", b"Title\0\0" + zlib.compress(SECRET))
        ),
        "international text": with_chunks(plain, b"IDAT", (b"iTXt", itxt)),
        "xmp": with_chunks(plain, b"IDAT", (b"iTXt", packet)),
        "exif": with_chunks(plain, b"IDAT", (b"eXIf", secret_exif(6))),
        "exif after": with_chunks(plain, b"IEND", (b"eXIf", secret_exif(8))),
        "hexadecimal exif": with_chunks(
            plain, b"IDAT", (b"tEXt", b"Raw profile type exif\0" + raw_profile(secret_exif(3)))
        ),
        "prompt": with_chunks(plain, b"IDAT", (b"tEXt", b"parameters\0a cat, " + SECRET)),
        "private chunk": with_chunks(plain, b"IDAT", (b"prVt", SECRET)),
        "origin record": with_chunks(plain, b"IDAT", (b"caBX", b"jumbc2pa" + SECRET)),
        "palette name": with_chunks(plain, b"IDAT", (b"sPLT", SECRET + b"\0\x08" + bytes(12))),
        "profile name": with_chunks(
            plain, b"IDAT", (b"iCCP", SECRET + b"\0\0" + zlib.compress(srgb()))
        ),
        "behind the profile": with_chunks(
            plain, b"IDAT", (b"iCCP", b"icc\0\0" + zlib.compress(srgb()) + SECRET)
        ),
        "inside the profile": with_chunks(
            plain, b"IDAT", (b"iCCP", b"icc\0\0" + zlib.compress(srgb() + SECRET))
        ),
        "words of the profile": with_chunks(
            plain, b"IDAT", (b"iCCP", b"icc\0\0" + zlib.compress(own(SECRET)))
        ),
        "behind the stream": with_idat(plain, SECRET),
        "behind the stream, many chunks": with_idat(split_idat(plain, 50), SECRET),
        "chunk behind the stream": with_chunks(plain, b"IEND", (b"IDAT", SECRET)),
        "behind the end": plain + SECRET,
        "rest of a larger picture": plain + SECRET + png(90, 90)[200:],
        "inside the end": plain[:-12] + chunk(b"IEND", SECRET),
        "text between frames": with_chunks(apng(), b"fdAT", TEXT),
        "gamma twice": with_chunks(
            plain, b"IDAT", (b"gAMA", b"\0\0\xb1\x8f"), (b"gAMA", SECRET[:4]), TEXT
        ),
        "long gamma": with_chunks(plain, b"IDAT", (b"gAMA", SECRET)),
        "counts of colours": with_chunks(indexed, b"IDAT", (b"hIST", SECRET.ljust(512))),
        "colours of nothing": with_chunks(plain, b"IDAT", (b"PLTE", SECRET.ljust(15))),
        "colours that cannot be": with_chunks(plain, b"IDAT", (b"cHRM", SECRET.ljust(32))),
        "light that cannot be": with_chunks(plain, b"IDAT", (b"mDCV", SECRET.rjust(24))),
        "transparency of no colour": with_chunks(
            png_of([(k, v[:24] if k == b"PLTE" else v) for k, v in chunks(png(8, 1, mode="P"))]),
            b"IDAT",
            (b"tRNS", b"\xff" * 8 + SECRET),
        ),
        "transparency": with_chunks(indexed, b"IDAT", (b"tRNS", b"\x80\x40"), TEXT),
    }


def samples() -> Samples:
    plain = png()
    return Samples(
        clean={
            "plain": plain,
            "grey": png(mode="L"),
            "palette": png(mode="P"),
            "alpha": png(mode="RGBA"),
            "many chunks": split_idat(plain, 7),
            "animated": apng(),
            "turned": with_chunks(plain, b"IDAT", (b"eXIf", exif({274: 6}))),
            "profile": with_chunks(
                plain, b"IDAT", (b"iCCP", b"ICC profile\0\0" + zlib.compress(srgb()))
            ),
            "display hints": with_chunks(
                plain,
                b"IDAT",
                (b"gAMA", b"\0\0\xb1\x8f"),
                (b"cICP", b"\x0c\x0d\0\1"),
                (b"pHYs", bytes(8) + b"\1"),
            ),
        },
        dirty=dirty(),
        secret=SECRET,
    )


def displayed(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return ImageOps.exif_transpose(picture).tobytes()


@pytest.mark.parametrize("sample", ["exif", "exif after", "hexadecimal exif"])
def test_picture_is_displayed_as_before(sample: str) -> None:
    data = dirty()[sample]
    cleaned = clean(data)
    assert displayed(data) != displayed(png())
    assert displayed(cleaned) == displayed(data)
    assert examine(cleaned).report.kept == ("orientation",)


def test_turn_stays_where_programs_looked_for_it() -> None:
    names = [kind for kind, _ in chunks(clean(dirty()["hexadecimal exif"]))]
    assert b"tEXt" in names
    assert b"eXIf" not in names


def test_time_is_found_and_goes() -> None:
    data = with_chunks(png(), b"IDAT", (b"tIME", struct.pack(">HBBBBB", 2025, 5, 3, 14, 2, 0)))
    (finding,) = examine(data).report.findings
    assert finding.kind is Kind.TIME
    assert finding.value == "2025-05-03T14:02:00+00:00"
    assert clean(data) == png()


def test_instructions_to_an_ai_are_called_that() -> None:
    (finding,) = examine(dirty()["prompt"]).report.findings
    assert finding.kind is Kind.HISTORY
    assert "AI" in finding.summary
    assert "a cat" in finding.summary


def test_profile_stays_byte_for_byte_under_a_neutral_name() -> None:
    for sample in ("profile name", "behind the profile", "inside the profile"):
        cleaned = clean(dirty()[sample])
        with Image.open(io.BytesIO(cleaned)) as picture:
            assert picture.info["icc_profile"] == srgb()
        assert dict(chunks(cleaned))[b"iCCP"].startswith((b"ICC profile\0", b"icc\0"))


def test_profile_bomb_goes() -> None:
    bomb = zlib.compress(bytes(64 * 1024 * 1024), 9)
    data = with_chunks(png(), b"IDAT", (b"iCCP", b"icc\0\0" + bomb))
    assert clean(data) == png()


def test_text_bomb_goes() -> None:
    bomb = zlib.compress(b"a" * (64 * 1024 * 1024), 9)
    assert clean(with_chunks(png(), b"IDAT", (b"zTXt", b"Comment\0\0" + bomb))) == png()


def test_animation_keeps_its_frames() -> None:
    cleaned = clean(dirty()["text between frames"])
    assert shown(cleaned) == shown(apng())
    assert len(shown(cleaned)) == 3


def test_bytes_behind_a_frame_of_an_animation_go() -> None:
    parts = chunks(apng())
    at = next(index for index, (kind, _) in enumerate(parts) if kind == b"fdAT")
    parts[at] = (b"fdAT", parts[at][1] + SECRET)
    cleaned = clean(png_of(parts))
    assert SECRET not in cleaned
    assert shown(cleaned) == shown(apng())


def test_chunk_whose_bytes_are_cut_has_a_right_crc() -> None:
    cleaned = clean(dirty()["behind the stream"])
    assert cleaned == png()


def test_stream_that_holds_more_than_the_picture_is_refused() -> None:
    data = with_stream(png(), zlib.compress(pixels_of(png()) + SECRET))
    examined = examine(data)
    assert isinstance(examined.cleaning, Refused)
    assert "screenshot" in examined.cleaning.reason
    assert examined.report.findings


def test_bomb_in_the_picture_is_refused_without_inflating_it() -> None:
    data = with_stream(png(), zlib.compress(bytes(32 * 1024 * 1024), 9))
    assert isinstance(examine(data).cleaning, Refused)


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("width", [1, 5, 8, 33])
def test_size_of_interlaced_rows_is_that_of_its_passes(depth: int, width: int) -> None:
    shape = Shape(width, 7, depth, 0, is_interlaced=True)
    rows = 0
    for left, top, across, down in (
        *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
        *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
    ):
        columns = len(range(left, width, across))
        if columns:
            rows += len(range(top, 7, down)) * (1 + (columns * depth + 7) // 8)
    assert shape.raw_bytes(width, 7) == rows


# --- what a person wants to keep ----------------------------------------------------------------


def test_wish_keeps_author_and_date_of_texts_as_exif() -> None:
    data = with_chunks(
        png(),
        b"IDAT",
        (b"tEXt", b"Author\0Ana"),
        (b"tEXt", b"Creation Time\x002024-01-02T03:04:05"),
        (b"tEXt", b"Comment\0" + SECRET),
    )
    wish = Wish(frozenset({Kind.TIME, Kind.PERSON}))
    cleaned = clean(data, wish)
    with Image.open(io.BytesIO(cleaned)) as picture:
        found = picture.getexif()
    assert found[315] == "Ana"
    assert found.get_ifd(34665)[36867] == "2024:01:02 03:04:05"
    assert SECRET not in cleaned
    assert isinstance(examine(cleaned, wish).cleaning, AlreadyClean)


def test_wish_keeps_a_coarse_location() -> None:
    block = exif({271: SECRET}, gps=gps(45.764, 4.8357))
    data = with_chunks(png(), b"IDAT", (b"eXIf", block))
    wish = Wish(has_coarse_location=True)
    cleaned = clean(data, wish)
    places = [one.value for one in examine(cleaned).report.findings if one.kind is Kind.LOCATION]
    assert places == ["45.8,4.8"]
    assert SECRET not in cleaned


# --- depth and cost -----------------------------------------------------------------------------


def large() -> bytes:
    choose = random.Random(1)
    picture = Image.frombytes("RGB", (500, 400), choose.randbytes(600_000))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("part_bytes", [8192, 2000])
def test_headers_of_many_chunks_are_read_in_few_round_trips(part_bytes: int) -> None:
    data = with_chunks(split_idat(large(), part_bytes), b"IEND", TEXT)
    traffic = Traffic()
    report = converse(judge.inspect(engine.source_of(data), Depth.QUICK), data, traffic)
    assert [finding.kind for finding in report.findings] == [Kind.PERSON]
    assert traffic.batches <= 12
    assert traffic.bytes <= 80 * 1024


def test_plan_moves_none_of_the_picture() -> None:
    data = with_chunks(split_idat(large(), 8192), b"IEND", TEXT)
    traffic = Traffic()
    judged = converse(judge.plan(engine.source_of(data)), data, traffic)
    assert not isinstance(judged, judge.Unsupported)
    assert isinstance(judged.cleaning, Plan)
    assert traffic.bytes <= 16 * 1024
    assert sum(isinstance(one, Inflate) for one in traffic.requests or ()) == 1
    assert any(isinstance(one, Range) for one in traffic.requests or ())


# --- broken files -------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [8, 20, 33, 60, -13, -1])
def test_truncated_picture_is_malformed(end: int) -> None:
    with pytest.raises(Malformed) as caught:
        examine(png()[:end])
    assert caught.value.path.startswith("PNG")


@pytest.mark.parametrize(
    "stream",
    [
        zlib.compress(pixels_of(png()))[:-5],
        zlib.compress(pixels_of(png())[:-200]),
        zlib.compress(pixels_of(png()))[:-1] + b"\0",
        b"no stream at all",
    ],
)
def test_damaged_or_short_stream_is_malformed(stream: bytes) -> None:
    with pytest.raises(Malformed):
        examine(with_stream(png(), stream))


def test_critical_chunk_that_no_decoder_knows_is_malformed() -> None:
    with pytest.raises(Malformed):
        examine(with_chunks(png(), b"IDAT", (b"CgBI", bytes(4))))


def test_damaged_exif_is_a_finding_and_goes() -> None:
    data = with_chunks(png(), b"IDAT", (b"eXIf", b"MM\0*\xff\xff\xff\xff" + SECRET))
    assert kinds(data) == {Kind.OTHER}
    assert clean(data) == png()


def test_rest_of_a_larger_picture_is_called_that() -> None:
    (finding,) = examine(dirty()["rest of a larger picture"]).report.findings
    assert finding.kind is Kind.HIDDEN_MEDIA
    assert "brought back" in finding.summary


def test_text_without_a_keyword_goes() -> None:
    assert clean(with_chunks(png(), b"IDAT", (b"iTXt", SECRET))) == png()


def test_what_pillow_writes_with_text_is_cleaned() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", SECRET.decode(), zip=True)
    texts.add_itxt("Comment", SECRET.decode(), zip=True)
    data = png(pnginfo=texts)
    assert clean(data) == png()
    assert is_clean(png())
