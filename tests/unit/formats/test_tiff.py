"""TIFF: what draws the picture stays where it is, everything else becomes zero."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sharewise.base.errors import Malformed
from sharewise.formats import engine, judge, registry
from sharewise.formats.contract import Depth, Kind, Plan, Refused, Report
from support.formats import Samples, Traffic, clean, converse, examine, is_clean, kinds
from support.images import (
    SECRET,
    before_marker,
    exif_segment,
    gps,
    jpeg,
    secret_exif,
    segment,
    shown,
    srgb,
    with_segments,
    xmp,
    xmp_segment,
)
from support.profiles import own
from support.raws import RAWS
from support.tiffs import (
    HEIGHT,
    WIDTH,
    Page,
    Seen,
    Tag,
    blob,
    long,
    page,
    pixels,
    rational,
    read_back,
    short,
    text,
    tiff,
)

ARTIST, DESCRIPTION, ICC, XMP, ORIENTATION, SUBFILE = 315, 270, 34675, 700, 274, 254
NUMBERS = struct.unpack("<3I", SECRET.ljust(12, b"."))
PREVIEW = page(9, 1, t254=long(1))


def exif_directory() -> Page:
    return Page({36867: text(b"2025:05:03 14:02:00"), 42033: text(SECRET), 37500: blob(SECRET * 3)})


def gps_directory() -> Page:
    found = gps(45.764, 4.8357)
    return Page(
        {
            1: text(bytes(found[1])),  # type: ignore[call-overload]  # bytes
            2: rational(*found[2]),  # type: ignore[misc]  # pairs
            3: text(bytes(found[3])),  # type: ignore[call-overload]  # bytes
            4: rational(*found[4]),  # type: ignore[misc]  # pairs
        }
    )


def dng(*, main: Page | None = None, **more: Tag) -> Page:
    raw = main or Page(
        {
            **page(3, 1).tags,
            SUBFILE: long(0),
            258: short(16),
            262: short(32803),
            277: short(1),
            33421: short(2, 2),
            33422: Tag(1, b"\0\1\1\2"),
            50717: short(4000),
            51009: blob(struct.pack(">IIIII", 1, 9, 0x01030000, 0, 4) + b"\0\0\0\7"),
        },
        [pixels(3, WIDTH * HEIGHT * 2)],
    )
    return Page(
        {
            **PREVIEW.tags,
            50706: Tag(1, b"\1\4\0\0"),
            50721: Tag(10, [(6000 + at, 10000) for at in range(9)]),
            50728: rational((5, 10), (1, 1), (6, 10)),
            **{int(tag.removeprefix("t")): value for tag, value in more.items()},
        },
        PREVIEW.strips,
        {330: [raw]},
    )


def dirty_dng() -> bytes:
    one = dng(
        t271=text(b"Maker"),
        t50708=text(SECRET),
        t50735=text(SECRET),
        t50740=blob(SECRET * 9),
        t50827=text(SECRET + b".CR2"),
    )
    more = {330: [*one.children[330], page(5, 1, t254=long(1), t270=text(SECRET))]}
    more[34665] = [exif_directory()]
    return tiff(Page(one.tags, one.strips, more), order=">")


def behind_the_first_directory(data: bytes, extra: bytes) -> bytes:
    """Return a file whose directory is moved behind bytes that belong to nothing."""
    (at,) = struct.unpack_from("<I", data, 4)
    moved = data[:at] + extra + data[at:]
    return moved[:4] + struct.pack("<I", at + len(extra)) + moved[8:]


def samples() -> Samples:
    base = page()
    return Samples(
        clean={
            "plain": tiff(base),
            "big-endian": tiff(base, order=">"),
            "BigTIFF": tiff(base, is_big=True),
            "big-endian BigTIFF": tiff(base, order=">", is_big=True),
            "deflated": tiff(page(compression=8)),
            "pages": tiff(base, page(4), page(5, 5)),
            "turned, with a profile": tiff(base.with_tags({274: short(6), ICC: blob(srgb())})),
            "DNG": tiff(dng()),
        },
        dirty={
            "artist": tiff(base.with_tags({ARTIST: text(SECRET)})),
            "short artist": tiff(base.with_tags({ARTIST: text(b"me"), DESCRIPTION: text(SECRET)})),
            "BigTIFF": tiff(base.with_tags({ARTIST: text(SECRET)}), order=">", is_big=True),
            "XMP": tiff(
                base.with_tags({XMP: Tag(1, xmp(f"<dc:title>{SECRET.decode()}</dc:title>"))})
            ),
            "Exif and GPS": tiff(
                Page(base.tags, base.strips, {34665: [exif_directory()], 34853: [gps_directory()]})
            ),
            "private tag": tiff(base.with_tags({65123: blob(SECRET * 2)})),
            "map": tiff(base.with_tags({34737: text(SECRET)})),
            "second page": tiff(base, page(4, t315=text(SECRET)), page(6)),
            "thumbnail": tiff(
                base, Page({**PREVIEW.tags, 270: text(SECRET)}, PREVIEW.strips), page(8)
            ),
            "hidden page": tiff(base, Page({270: text(SECRET)})),
            "between": behind_the_first_directory(tiff(base), SECRET + b"."),
            "behind": tiff(base) + b"\0" * 9 + SECRET,
            "behind a profile": tiff(base.with_tags({ICC: blob(srgb() + SECRET)})),
            "inside a profile": tiff(base.with_tags({ICC: blob(own(SECRET))})),
            "behind a strip": tiff(
                Page(base.tags, [base.strips[0] + SECRET, base.strips[1] + SECRET])
            ),
            "words for numbers": tiff(
                base.with_tags({532: long(*struct.unpack("<3I", SECRET + b"."))})
            ),
            "wrong type": tiff(base.with_tags({282: text(SECRET)})),
            "DNG": dirty_dng(),
        },
        secret=SECRET,
        pixels=drawn,
        refused={name: make(SECRET) for name, make in RAWS.items()},
    )


def drawn(data: bytes) -> list[tuple[bytes, ...]]:
    """Return the pixels of every picture but reduced ones behind the first."""
    size = WIDTH * HEIGHT // 2 * 3
    seen = read_back(data)
    return [
        tuple(
            strip[:size] if one.tags[259][0] + one.tags[259][-1] == 1 else strip
            for strip in one.strips
        )
        for index, one in enumerate(seen)
        if one.strips and (index == 0 or not is_reduced(one))
    ]


def is_reduced(one: Seen) -> bool:
    return any(one.tags.get(SUBFILE, b""))


def jpeg_page(*segments: bytes, behind: bytes = b"") -> Page:
    """Return a page whose one strip is a JPEG stream with these segments."""
    stream = with_segments(jpeg(WIDTH, HEIGHT), *segments) + behind
    return Page({**page(0, 1, 7).tags, 262: short(6)}, [stream])


def reason(data: bytes) -> str:
    cleaning = examine(data).cleaning
    assert isinstance(cleaning, Refused), cleaning
    return cleaning.reason


def test_picture_is_drawn_as_before() -> None:
    profile = srgb()
    data = tiff(
        page(compression=8).with_tags(
            {ARTIST: text(SECRET), ORIENTATION: short(6), ICC: blob(profile)}
        ),
        page(2, t270=text(SECRET)),
    )
    cleaned = clean(data)
    assert shown(cleaned) == shown(data)
    with Image.open(io.BytesIO(cleaned)) as image:
        assert image.info["icc_profile"] == profile
        assert image.getexif()[ORIENTATION] == 6
    assert examine(data).report.kept == ("orientation", "icc")


def test_nothing_moves() -> None:
    data = samples().dirty["Exif and GPS"]
    cleaned = clean(data)
    assert [one.strips for one in read_back(cleaned)] == [one.strips for one in read_back(data)]
    assert len(cleaned) <= len(data)
    assert all(
        new in (old, 0) for old, new in zip(data[8:], cleaned[8:], strict=False) if old == 83
    )


def test_findings_say_what_is_there() -> None:
    base = page()
    data = tiff(
        Page(
            {
                **base.tags,
                272: text(b"Model X"),
                ARTIST: text(b"Jane"),
                37724: blob(b"layers"),
                52545: blob(b"\0\0\0\x20jumb....c2pa...."),
                34737: text(b"UTM 31"),
            },
            base.strips,
            {34665: [exif_directory()], 34853: [gps_directory()]},
        ),
        PREVIEW,
    )
    found = {(one.kind, one.where): one for one in examine(data).report.findings}
    assert found[Kind.LOCATION, "TIFF/GPS"].value == "45.764,4.8357"
    assert found[Kind.PERSON, "TIFF/IFD0"].value == "Jane"
    assert found[Kind.DEVICE, "TIFF/IFD0"].value == "Model X"
    assert found[Kind.TIME, "TIFF/Exif"].value == "2025-05-03T14:02:00"
    assert found[Kind.SERIAL, "TIFF/Exif"].value == SECRET.decode()
    assert (Kind.MAKER_NOTE, "TIFF/Exif/MakerNote") in found
    assert (Kind.HISTORY, "TIFF/tag 37724") in found
    assert (Kind.PROVENANCE, "TIFF/tag 52545") in found
    assert (Kind.LOCATION, "TIFF/tag 34737") in found
    assert (Kind.THUMBNAIL, "TIFF/IFD1") in found
    assert len(found) == len(examine(data).report.findings)


def test_pages_stay_in_order_without_the_thumbnail_between() -> None:
    data = tiff(page(1), PREVIEW, page(2), PREVIEW)
    cleaned = clean(data)
    assert len(read_back(cleaned)) == 2
    assert shown(cleaned) == [shown(data)[0], shown(data)[2]]
    assert PREVIEW.strips[0] not in cleaned


def test_small_copies_of_a_plain_picture_go() -> None:
    base = page()
    data = tiff(Page(base.tags, base.strips, {330: [PREVIEW, page(7, 1)]}))
    assert {Kind.THUMBNAIL, Kind.HIDDEN_MEDIA} <= kinds(data)
    cleaned = clean(data)
    assert len(read_back(cleaned)) == 1
    assert page(7, 1).strips[0] not in cleaned


def test_loop_of_pages_ends_and_is_cut() -> None:
    data = bytearray(tiff(page(1), page(2)))
    data[-4:] = data[4:8]
    cleaned = clean(bytes(data))
    assert len(read_back(cleaned)) == 2
    assert cleaned[-4:] == bytes(4)


def test_raw_picture_of_a_dng_stays_bit_for_bit() -> None:
    data = dirty_dng()
    before, after = read_back(data), read_back(clean(data))
    raw = next(one for one in before if 50717 in one.tags)
    assert next(one for one in after if 50717 in one.tags) == raw
    assert after[0].strips == before[0].strips
    assert after[0].tags[50721] == before[0].tags[50721]
    assert not after[0].tags.keys() & {271, 50708, 50735, 50740, 50827, 34665}
    assert sum(is_reduced(one) for one in after) == 1
    assert examine(data).report.format == "DNG"
    assert Kind.FILENAME in kinds(data)


def test_dng_whose_calibration_would_count_without_its_names_is_refused() -> None:
    alike = {"t50931": text(b"com.adobe"), "t50932": text(b"com.adobe")}
    assert b"com.adobe" not in clean(tiff(dng(**alike)))
    assert "unusual" in reason(tiff(dng(**{**alike, "t50931": text(b"of another maker")})))
    assert "unusual" in reason(tiff(dng(t50932=text(b"com.adobe"))))


@pytest.mark.parametrize("tag", [50706, 50721, 50728])
def test_dng_whose_rendering_breaks_its_rules_is_refused(tag: int) -> None:
    assert "unusual" in reason(tiff(dng(**{f"t{tag}": text(b"text instead of numbers")})))


def test_dng_whose_opcodes_hold_more_is_refused() -> None:
    one = dng()
    raw = one.children[330][0]
    more = raw.with_tags({51009: blob(bytes(raw.tags[51009].values) + SECRET)})
    assert "unusual" in reason(tiff(dng(main=more)))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (tiff(page(t262=short(32803), t271=text(b"NIKON CORPORATION"))), "NEF"),
        (tiff(page(t259=short(32767), t271=text(b"SONY"))), "ARW"),
        (tiff(page(t262=short(32803), t271=text(b"PENTAX"))), "PEF"),
        (tiff(page(t262=short(34892))), "raw"),
        (tiff(page(t271=text(b"OLYMPUS")), magic=b"IIRO"), "ORF"),
        (tiff(page(t271=text(b"Panasonic")), magic=b"IIU\0"), "RW2"),
        (tiff(Page(PREVIEW.tags, PREVIEW.strips, {330: [page(1)]})), "raw"),
    ],
)
def test_raw_that_needs_its_maker_notes_is_refused(data: bytes, name: str) -> None:
    assert examine(data).report.format == name
    assert "Share a JPEG" in reason(data)
    assert examine(data).report.findings


def test_canon_raw_is_known_by_its_header() -> None:
    base = tiff(page(t271=text(b"Canon")))
    data = behind_the_first_directory(base[:8] + base[8:], b"\0\0")
    data = data[:8] + b"CR\2\0" + data[12:]
    assert examine(data).report.format == "CR2"


def test_jpeg_in_a_panasonic_raw_is_looked_into() -> None:
    photo = b"\xff\xd8\xff\xe1\0\x40Exif\0\0" + tiff(Page({ARTIST: text(b"Jane")}))
    data = tiff(page(t46=blob(photo)), magic=b"IIU\0")
    assert any(one.value == "Jane" for one in examine(data).report.findings)


def test_details_that_lie_in_the_picture_are_refused() -> None:
    data = bytearray(tiff(page().with_tags({ARTIST: text(SECRET)})))
    at = data.index(struct.pack("<HH", ARTIST, 2)) + 8
    data[at : at + 4] = struct.pack("<I", 20)
    assert "same place" in reason(bytes(data))


def test_directory_that_is_pointed_at_twice_is_one() -> None:
    one = dng(t271=text(SECRET))
    data = tiff(Page(one.tags, one.strips, {330: [*one.children[330] * 2]}))
    at = data.index(struct.pack("<HHI", 330, 4, 2)) + 8
    (table,) = struct.unpack_from("<I", data, at)
    data = data[: table + 4] + data[table : table + 4] + data[table + 8 :]
    assert SECRET not in clean(data)


def test_details_that_lie_in_a_directory_are_refused() -> None:
    data = bytearray(tiff(page(1).with_tags({ARTIST: text(SECRET)}), page(2)))
    at = data.index(struct.pack("<HH", ARTIST, 2)) + 8
    data[at : at + 4] = data[4:8]
    assert "same place" in reason(bytes(data))


def test_picture_whose_pieces_have_no_sizes_is_refused() -> None:
    one = page(compression=8)
    data = tiff(one)
    at = data.index(struct.pack("<HH", 279, 4))
    assert "unusual" in reason(data[:at] + struct.pack("<H", 65000) + data[at + 2 :])


@pytest.mark.parametrize("tag", [258, 273])
def test_tag_the_picture_needs_is_never_dropped(tag: int) -> None:
    data = tiff(page())
    at = data.index(struct.pack("<H", tag), struct.unpack_from("<I", data, 4)[0])
    assert "unusual" in reason(data[: at + 2] + struct.pack("<H", 2) + data[at + 4 :])


def test_jpeg_tables_with_a_comment_are_refused() -> None:
    tables = jpeg()[:2] + b"\xff\xfe\0\x0d" + SECRET + b"\xff\xd9"
    assert "unusual" in reason(tiff(page(t347=blob(tables))))
    start = jpeg().index(b"\xff\xdb")
    only = b"\xff\xd8" + jpeg()[start : start + 69] + b"\xff\xd9"
    assert is_clean(tiff(page(t347=blob(only))))


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        (segment(0xFE, SECRET), Kind.DESCRIPTION),
        (exif_segment(secret_exif()), Kind.LOCATION),
        (xmp_segment(xmp(f"<dc:creator>{SECRET.decode()}</dc:creator>")), Kind.PERSON),
        (segment(0xE9, b"\xff\xff\x80" + SECRET), Kind.OTHER),
    ],
)
def test_notes_in_a_jpeg_strip_become_zeros(extra: bytes, kind: Kind) -> None:
    data = tiff(jpeg_page(extra))
    assert kind in kinds(data)
    cleaned = clean(data)
    assert len(cleaned) == len(data)
    assert SECRET not in cleaned
    assert shown(cleaned) == shown(data)
    assert is_clean(cleaned)


def test_jpeg_strip_with_nothing_but_the_picture_is_clean() -> None:
    assert is_clean(tiff(jpeg_page()))
    assert is_clean(tiff(jpeg_page(segment(0xEE, b"Adobe\0\x64\0\0\0\0\1"))))


def test_bytes_behind_the_end_of_a_jpeg_strip_go() -> None:
    data = tiff(jpeg_page(behind=b"\xff\xe1" + SECRET))
    cleaned = clean(data)
    assert SECRET not in cleaned
    assert shown(cleaned) == shown(data)


def test_note_between_the_scans_of_a_jpeg_strip_goes() -> None:
    stream = jpeg(WIDTH, HEIGHT, progressive=True)
    stream = before_marker(stream, 0xDA, segment(0xFE, SECRET), last=True)
    data = tiff(Page({**page(0, 1, 7).tags, 262: short(6)}, [stream]))
    assert SECRET not in clean(data)


def packed_page(behind: bytes = b"", last: bytes = b"") -> Page:
    """Return a page of two packed strips: rows of runs, then `behind` in the second one."""
    size = WIDTH * HEIGHT * 3 // 2
    strips = []
    for seed in (1, 2):
        data = pixels(seed, size - 10)
        runs = [data[at : at + 64] for at in range(0, len(data), 64)]
        strip = b"".join(bytes([len(run) - 1]) + run for run in runs) + b"\x80\xf7\x55"
        strips.append(strip)
    strips[1] = strips[1][: len(strips[1]) - len(last)] + last + behind
    return Page(page(0, 2, 32773).tags, strips)


def test_packed_strips_with_nothing_behind_them_are_clean() -> None:
    assert is_clean(tiff(packed_page()))
    assert is_clean(tiff(packed_page(b"\0")))


def test_bytes_behind_packed_strips_go() -> None:
    data = tiff(packed_page(zlib.compress(SECRET)))
    cleaned = clean(data)
    assert len(cleaned) == len(data)
    assert zlib.compress(SECRET) not in cleaned
    assert shown(cleaned) == shown(data)


def test_run_that_goes_on_past_a_packed_strip_is_refused() -> None:
    assert "no program draws" in reason(tiff(packed_page(last=b"\xf6\x55")))


def test_packed_strips_that_are_cut_short_stay() -> None:
    short_page = packed_page()
    cut = Page(short_page.tags, [short_page.strips[0], short_page.strips[1][:-20]])
    assert is_clean(tiff(cut))


def test_strip_that_says_jpeg_and_is_none_stays() -> None:
    data = tiff(page(3, 2, 7))
    assert is_clean(data)


def test_profile_that_is_none_goes() -> None:
    data = tiff(page().with_tags({ICC: blob(b"not a profile" * 20)}))
    assert examine(data).report.kept == ()
    assert b"not a profile" not in clean(data)


def test_stray_bytes_beside_a_short_value_go() -> None:
    data = bytearray(tiff(page()))
    at = data.index(struct.pack("<HHIH", 277, 3, 1, 3)) + 10
    data[at : at + 2] = b"!!"
    assert b"!!" not in clean(bytes(data))


@pytest.mark.parametrize(
    "head",
    [
        b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 0xFFFF),
        b"II*\0" + struct.pack("<I", 0xFFFFFFF0),
        b"II*\0" + struct.pack("<I", 0),
        b"II*\0" + struct.pack("<I", 8) + b"\0\0" + bytes(4),
        b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 10**9) + bytes(64),
        b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2**63),
        b"II+\0\x08\0\0\0" + struct.pack("<Q", 2**63),
        b"II+\0\x10\0\0\0" + struct.pack("<Q", 16),
        b"MM\0+\0\x08",
    ],
)
def test_broken_header_or_directory_is_malformed(head: bytes) -> None:
    with pytest.raises(Malformed):
        examine(head + bytes(2) if len(head) < 8 else head)


@pytest.mark.parametrize("is_big", [False, True])
@pytest.mark.parametrize("tag", [273, 279, 258, 700, 330, 34665, 320, 347])
def test_values_of_any_claimed_size_cost_little(tag: int, is_big: bool) -> None:
    huge = 2**62 if is_big else 0xFFFFFFFF
    order = "<HHQQ" if is_big else "<HHII"
    data = bytearray(tiff(page(t320=short(*range(768)), t347=blob(bytes(9))), is_big=is_big))
    first = struct.unpack_from("<Q" if is_big else "<I", data, 8 if is_big else 4)[0]
    struct.pack_into(order, data, first + (8 if is_big else 2), tag, 4, huge, 8)
    traffic = Traffic()
    source = engine.source_of(bytes(data))
    with contextlib.suppress(Malformed):
        converse(judge.inspect(source, Depth.THOROUGH), bytes(data), traffic)
    assert traffic.bytes <= len(data)
    assert not isinstance(examine_or_none(bytes(data)), Plan)


def examine_or_none(data: bytes) -> object:
    try:
        return examine(data).cleaning
    except Malformed:
        return None


def test_quick_look_at_a_large_file_reads_little() -> None:
    big = Page({**page().tags, 278: short(HEIGHT)}, [bytes(3_000_000)])
    data = tiff(big.with_tags({ARTIST: text(SECRET)}))
    traffic = Traffic()
    report = converse(judge.inspect(engine.source_of(data), Depth.QUICK), data, traffic)
    assert isinstance(report, Report)
    assert [one.kind for one in report.findings] == [Kind.PERSON]
    assert traffic.batches <= 6
    assert traffic.bytes <= 8 * 1024


def test_pixels_are_never_read() -> None:
    strips = [pixels(at, 200_000) for at in range(4)]
    rows = {**page().tags, 256: short(2000), 257: short(132), 278: short(33), 259: short(8)}
    data = tiff(Page(rows, strips).with_tags({ARTIST: text(SECRET)}))
    traffic = Traffic()
    converse(judge.plan(engine.source_of(data)), data, traffic)
    assert traffic.bytes <= 8 * 1024


def test_what_exif_blocks_and_jpegs_are_is_no_tiff() -> None:
    format_ = registry.formats()["tiff"]
    assert not format_.recognises(jpeg())
    assert not format_.recognises(b"II*\0")
    assert not format_.recognises(b"II\x2c\0" + bytes(8))


@settings(max_examples=60, deadline=None)
@given(
    tag=st.integers(1, 65535).filter(
        lambda tag: tag not in range(256, 330) and tag not in (330, 347)
    ),
    value=st.binary(min_size=0, max_size=60),
    order=st.sampled_from("<>"),
    is_big=st.booleans(),
)
def test_text_in_any_other_tag_goes(tag: int, value: bytes, order: str, is_big: bool) -> None:
    data = tiff(page().with_tags({tag: text(SECRET + value)}), order=order, is_big=is_big)
    judged = examine(data)
    if isinstance(judged.cleaning, Refused):
        return
    cleaned = clean(data)
    assert SECRET not in cleaned
    assert drawn(cleaned) == drawn(data)
    assert is_clean(cleaned)


@pytest.mark.parametrize(
    ("compression", "strips"),
    [
        (8, [zlib.compress(pixels()) + SECRET]),
        (8, [zlib.compress(pixels() + SECRET * 9)]),
        (5, [b"\x80\x0b\x60\x50" + SECRET]),
        (1, [pixels(length=WIDTH * HEIGHT * 3), SECRET]),
    ],
)
def test_bytes_hidden_in_the_data_of_a_picture_are_refused(
    compression: int, strips: list[bytes]
) -> None:
    hidden = Page({**page(strips=1).tags, 259: short(compression)}, strips)
    judged = examine(tiff(hidden))
    assert isinstance(judged.cleaning, Refused)
    assert judged.report.findings
