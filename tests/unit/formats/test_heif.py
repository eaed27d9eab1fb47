"""HEIF and AVIF: what is no picture goes, in place; what a picture needs stays."""

from __future__ import annotations

import io
import struct
from dataclasses import replace

import piexif
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from corpus.pixels import are_alike
from sharewise.base.errors import Malformed
from sharewise.formats import engine, heif, judge
from sharewise.formats.contract import (
    AlreadyClean,
    Answer,
    Depth,
    Kind,
    Range,
    Refused,
    Source,
    Wish,
)
from sharewise.formats.heif_inside.items import Part
from sharewise.formats.heif_inside.properties import harmless
from support.formats import Samples, Traffic, clean, converse, examine, is_clean, kinds
from support.heifs import (
    ALPHA,
    APPLE_GAIN_MAP,
    DEPTH,
    Thing,
    animation,
    auxiliary,
    box,
    exif_item,
    full,
    grid,
    group,
    hevc,
    picture,
    refers,
    shown,
    tile,
    xmp_item,
)
from support.heifs import heif as written
from support.images import SECRET, exif, gps, secret_exif, srgb, xmp
from support.profiles import own

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
IROT = box(b"irot", b"\x03")


def samples() -> Samples:
    return Samples(
        clean={
            "avif": written([picture()]),
            "pillow": saved(),
            "alpha": with_alpha(),
            "turned": written([picture(properties=(IROT,))]),
        },
        dirty={
            "exif": with_exif(),
            "xmp": written(
                [picture(), xmp_item(2, xmp("", f'dc:title="{SECRET.decode()}"'))],
                refers(b"cdsc", 2, 1),
            ),
            "trailing": written([picture()], after=SECRET),
            "free": written([picture()], after=box(b"free", SECRET)),
            "box before": written([picture()], before=box(b"uuid", b"U" * 16, SECRET)),
            "between items": written([picture()], stray=SECRET),
            "item name": written([picture(name=SECRET)]),
            "handler": written([picture()], handler=SECRET),
            "property": written([picture(properties=(full(b"udes", SECRET),))]),
            "hidden item": written(
                [picture(), Thing(2, b"hvc1", SECRET, is_hidden=True)],
            ),
            "sequence": animation() + box(b"mpvd", SECRET),
        },
        secret=SECRET,
        pixels=shown,
    )


def saved(mode: str = "RGB", **options: object) -> bytes:
    sink = io.BytesIO()
    image = Image.effect_mandelbrot((32, 24), (-2, -1, 1, 1), 40).convert(mode)
    image.save(sink, "AVIF", speed=10, **options)
    return sink.getvalue()


def with_exif(orientation: int = 6) -> bytes:
    things = [picture(), exif_item(2, secret_exif(orientation))]
    return written(things, refers(b"cdsc", 2, 1))


def with_alpha() -> bytes:
    return written([picture(), picture(2, properties=(auxiliary(ALPHA),))], refers(b"auxl", 2, 1))


def cleaned(data: bytes, wish: Wish | None = None) -> bytes:
    result = clean(data) if wish is None else clean(data, wish)
    assert shown(result) == shown(data)
    assert SECRET not in result
    if wish is None:
        assert is_clean(result)
    return result


def reason(data: bytes) -> str:
    cleaning = examine(data).cleaning
    assert isinstance(cleaning, Refused), cleaning
    return cleaning.reason


# --- blocks -------------------------------------------------------------------------------------


def test_exif_and_its_data_go_and_nothing_moves() -> None:
    data = with_exif()
    assert {Kind.LOCATION, Kind.PERSON} <= kinds(data)
    result = cleaned(data)
    assert len(result) == len(data)
    assert b"Exif" not in result


@pytest.mark.parametrize("offset", [0, 6])
def test_location_is_read_wherever_the_exif_header_is(offset: int) -> None:
    tiff = exif(gps=gps(45.764, 4.8357, 5))
    lead = b"Exif\0\0" if offset else b""
    item = Thing(2, b"Exif", struct.pack(">I", offset) + lead + tiff)
    report = examine(written([picture(), item])).report
    assert [one.value for one in report.findings if one.kind is Kind.LOCATION] == ["45.764,4.8357"]


def test_turn_of_the_picture_stays_and_that_of_exif_does_not_count() -> None:
    data = written([picture(properties=(IROT,)), exif_item(2, secret_exif(6))])
    assert "orientation" in examine(data).report.kept
    assert "orientation" not in examine(with_exif(6)).report.kept
    result = cleaned(data)
    with Image.open(io.BytesIO(result)) as image:
        assert image.getexif() == {0x0112: 6}, "a decoder tells the turn in its own way"


def test_block_inside_the_meta_box_goes_too() -> None:
    tiff = struct.pack(">I", 0) + secret_exif()
    cleaned(written([picture(), Thing(2, b"Exif", tiff, is_inside=True)]))


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [(b"mime", b"text/plain"), (b"mime", b"image/jpeg"), (b"uri ", b"urn:x"), (b"iptc", b"")],
)
def test_block_of_any_other_kind_goes(kind: bytes, content_type: bytes) -> None:
    cleaned(written([picture(), Thing(2, kind, SECRET, content_type=content_type)]))


def test_record_of_origin_is_provenance() -> None:
    record = bytes(4) + b"manifest\0" + bytes(8) + box(b"jumb", b"c2pa", SECRET)
    data = written([picture()], after=box(b"uuid", C2PA_UUID, record))
    assert Kind.PROVENANCE in kinds(data)
    cleaned(data)


def test_wish_keeps_time_and_device_and_nothing_else() -> None:
    tiff = exif(
        {piexif.ImageIFD.Artist: SECRET, piexif.ImageIFD.Model: b"Nine"},
        {piexif.ExifIFD.DateTimeOriginal: b"2025:05:03 14:02:00"},
        gps(45.7, 4.8),
    )
    data = written([picture(), exif_item(2, tiff)], refers(b"cdsc", 2, 1))
    wish = Wish(frozenset({Kind.TIME, Kind.DEVICE}))
    result = cleaned(data, wish)
    examined = examine(result, wish)
    assert isinstance(examined.cleaning, AlreadyClean)
    assert {"time", "device"} <= set(examined.cleaning.kept)
    assert {one.kind for one in examined.report.findings} == {Kind.TIME, Kind.DEVICE}
    with Image.open(io.BytesIO(result)) as image:
        assert image.getexif()[piexif.ImageIFD.Model] == "Nine"


def test_wish_is_not_claimed_where_there_is_no_room() -> None:
    packet = b'<x xmp:CreateDate="2025-05-03T14:02:00"/>'
    data = written([picture(), xmp_item(2, packet)])
    wish = Wish(frozenset({Kind.TIME}))
    assert "time" not in examine(data, wish).report.kept
    assert is_clean(clean(data, wish))


# --- pictures -----------------------------------------------------------------------------------


def test_thumbnail_goes() -> None:
    data = written([picture(), picture(2, 99)], refers(b"thmb", 2, 1))
    assert kinds(data) == {Kind.THUMBNAIL}
    result = cleaned(data)
    assert picture(2, 99).data not in result


def test_depth_map_goes_and_alpha_stays() -> None:
    data = written(
        [
            picture(),
            picture(2, properties=(auxiliary(ALPHA),)),
            picture(3, 77, properties=(auxiliary(DEPTH),)),
        ],
        refers(b"auxl", 2, 1),
        refers(b"auxl", 3, 1),
    )
    report = examine(data).report
    assert [one.kind for one in report.findings] == [Kind.HIDDEN_MEDIA]
    assert report.kept == ("alpha",)
    result = cleaned(data)
    assert picture(3, 77).data not in result
    assert shown(result)[0][0] == "RGBA"


def test_tiles_of_a_hidden_picture_are_one_finding() -> None:
    things = [picture(), tile(2), tile(3, 80), grid(4, 2, is_hidden=True)]
    data = written(things, refers(b"dimg", 4, 2, 3))
    assert [one.kind for one in examine(data).report.findings] == [Kind.HIDDEN_MEDIA]
    cleaned(data)


def test_tiles_of_the_picture_stay() -> None:
    things = [grid(1, 2, is_inside=True), tile(2), tile(3, 80)]
    assert is_clean(written(things, refers(b"dimg", 1, 2, 3)))
    dirty = written([*things, exif_item(4, secret_exif())], refers(b"dimg", 1, 2, 3))
    assert shown(cleaned(dirty))[0][1] == (128, 64)


def test_words_in_a_profile_go_and_its_colours_stay() -> None:
    dirty = written([picture(properties=(box(b"colr", b"prof", own(SECRET)),))])
    result = clean(dirty)
    assert SECRET not in result
    assert is_clean(result)
    (before,), (after,) = shown(dirty), shown(result)
    assert before[:4] == after[:4]
    assert are_alike(before[4][0], after[4][0])


def test_pictures_that_are_shown_stay_without_their_blocks() -> None:
    things = [picture(), picture(2, 50), exif_item(3, secret_exif())]
    data = written(things, refers(b"cdsc", 3, 2))
    assert "more pictures" in examine(data).report.kept
    assert picture(2, 50).data in cleaned(data)


def test_both_views_of_a_3d_photo_stay() -> None:
    things = [picture(), picture(2, 50), exif_item(3, secret_exif())]
    data = written(things, refers(b"cdsc", 3, 2), groups=[group(b"ster", 1, 2)])
    assert "second view" in examine(data).report.kept
    assert b"ster" in cleaned(data)


def test_group_of_an_unknown_kind_goes() -> None:
    things = [picture(), picture(2, 50)]
    assert b"evil" not in cleaned(written(things, groups=[group(b"evil", 1, 2)]))


def gain_map(headroom: str) -> bytes:
    inside = (
        ' xmlns:HDRGainMap="http://ns.apple.com/HDRGainMap/1.0/"'
        f' HDRGainMap:HDRGainMapVersion="131072" HDRGainMap:HDRGainMapHeadroom="{headroom}"'
        f' xmp:CreatorTool="{SECRET.decode()}"'
    )
    things = [
        picture(),
        picture(2, 50, properties=(auxiliary(APPLE_GAIN_MAP),)),
        xmp_item(3, xmp("", inside)),
    ]
    return written(things, refers(b"auxl", 2, 1), refers(b"cdsc", 3, 2))


def test_gain_map_stays_with_its_numbers_only() -> None:
    data = gain_map("3.5")
    assert "hdr gain map" in examine(data).report.kept
    result = cleaned(data)
    assert b'HDRGainMap:HDRGainMapHeadroom="3.5"' in result
    assert examine(result).report.findings == ()
    assert picture(2, 50).data in result


def test_number_of_a_gain_map_that_is_none_goes() -> None:
    assert b"HDRGainMapHeadroom" not in cleaned(gain_map("3.5 metres from home"))


def test_formula_of_a_gain_map_stays() -> None:
    formula = Thing(3, b"tmap", bytes(62), picture().properties[:1], is_inside=True)
    things = [picture(), picture(2, 50, is_hidden=True), formula, exif_item(4, secret_exif())]
    data = written(things, refers(b"dimg", 3, 1, 2), groups=[group(b"altr", 3, 1)])
    result = cleaned(data)
    assert b"tmap" in result
    assert b"altr" in result
    assert picture(2, 50).data in result


def test_hevc_picture_is_cleaned_the_same() -> None:
    data = hevc(exif=b"Exif\0\0" + secret_exif(), xmp=xmp("", f'dc:title="{SECRET.decode()}"'))
    assert {Kind.LOCATION, Kind.DESCRIPTION} <= kinds(data)
    result = cleaned(data)
    info = pillow_heif.open_heif(io.BytesIO(result)).info
    assert not info["exif"]
    assert not info.get("xmp")


def test_profile_stays_and_what_hides_behind_it_goes() -> None:
    profile = srgb()
    colour = box(b"colr", b"prof", profile)
    assert "icc" in examine(written([picture(properties=(colour,))])).report.kept
    hiding = written([picture(properties=(box(b"colr", b"prof", profile, SECRET),))])
    result = clean(hiding)
    assert SECRET not in result
    assert shown(result)[0][:3] == shown(hiding)[0][:3]
    with Image.open(io.BytesIO(result)) as image:
        assert image.info["icc_profile"] == profile


# --- boxes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [b"free", b"skip", b"uuid", b"mpvd", b"sefd", b"Exif"])
def test_box_before_the_picture_becomes_empty(kind: bytes) -> None:
    data = written([picture()], before=box(kind, b"\0" * 20, SECRET))
    assert len(cleaned(data)) == len(data)


@pytest.mark.parametrize("kind", [b"free", b"skip", b"uuid", b"mpvd", b"sefd", b"Exif", b"meta"])
def test_box_behind_the_picture_is_cut_off(kind: bytes) -> None:
    data = written([picture()], after=box(kind, b"\0" * 20, SECRET))
    assert len(cleaned(data)) == len(written([picture()]))


def test_empty_padding_is_harmless() -> None:
    assert is_clean(written([picture()], before=box(b"free", bytes(40)), stray=bytes(9)))


def test_video_behind_the_picture_is_hidden_media() -> None:
    data = written([picture()], after=box(b"mpvd", box(b"ftyp", b"mp42"), SECRET))
    assert kinds(data) == {Kind.HIDDEN_MEDIA}


def test_xmp_in_a_box_of_its_own_is_read() -> None:
    packet = xmp("", f'dc:creator="{SECRET.decode()}"')
    data = written([picture()], after=box(b"uuid", XMP_UUID, packet))
    assert Kind.PERSON in kinds(data)
    cleaned(data)


@pytest.mark.parametrize(
    "extra",
    [box(b"xml ", SECRET), box(b"free", SECRET), box(b"dinf", SECRET), box(b"uuid", SECRET * 2)],
)
def test_box_inside_the_meta_box_goes(extra: bytes) -> None:
    cleaned(written([picture()], more_meta=extra))


def test_property_of_no_picture_goes() -> None:
    cleaned(written([picture()], more_properties=full(b"udes", SECRET)))


@pytest.mark.parametrize("kind", [b"irot", b"pasp", b"clli", b"ispe", b"hvcC"])
def test_bytes_behind_a_property_go(kind: bytes) -> None:
    size = {b"irot": 1, b"pasp": 8, b"clli": 4, b"ispe": 12, b"hvcC": 23}[kind]
    own = struct.pack(">III", 0, 32, 16) if kind == b"ispe" else bytes(size)
    if kind == b"pasp":
        own = struct.pack(">II", 1, 1)
    cleaned(written([picture(properties=(box(kind, own, SECRET),))]))


def test_time_in_a_property_is_told() -> None:
    moment = full(b"crtt", struct.pack(">Q", (2_082_844_800 + 1_700_000_000) * 1_000_000))
    found = examine(written([picture(properties=(moment,))])).report.findings
    assert [(one.kind, one.value) for one in found] == [
        (Kind.TIME, "2023-11-14T22:13:20+00:00"),
    ]


def test_bytes_that_are_no_brand_go() -> None:
    plain = written([picture()])
    data = box(b"ftyp", plain[8:28], SECRET, b"\0") + plain[28:]
    brands = 8 + 20 + len(SECRET) + 1
    moved = bytearray(data)
    at = moved.index(b"iloc") + 4 + 4 + 2 + 2 + 8
    struct.pack_into(">I", moved, at, struct.unpack_from(">I", moved, at)[0] + brands - 28)
    moved[28 : 28 + len(SECRET)] = b"\xff" * len(SECRET)
    assert b"\xff" * 8 not in clean(bytes(moved))[:brands]


# --- sequences ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_sequence_keeps_its_frames_and_loses_its_times(mode: str) -> None:
    data = animation(mode)
    assert Kind.TIME in kinds(data)
    result = cleaned(data)
    assert len(shown(result)) == 3
    assert len(result) == len(data)
    at = result.index(b"mvhd")
    assert result[at + 8 : at + 16] == bytes(8)


def test_bytes_between_the_frames_go() -> None:
    data = animation()
    at = data.index(b"mdat") - 4
    assert at + struct.unpack_from(">I", data, at)[0] == len(data)
    longer = struct.pack(">I", len(data) - at + len(SECRET))
    cleaned(data[:at] + longer + data[at + 4 :] + SECRET)


def test_notes_of_a_sequence_go() -> None:
    data = animation()
    film, media = data.index(b"moov") - 4, data.index(b"mdat") - 4
    notes = box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+45.7640+004.8357/"))
    moov = box(b"moov", data[film + 8 : media], notes)
    room = box(b"free", bytes(media - film - 8))
    with_notes = data[:film] + room + data[media:] + moov
    found = examine(with_notes).report.findings
    assert [one.value for one in found if one.kind is Kind.LOCATION] == ["45.764,4.8357"]
    assert b"+45.7640" not in clean(with_notes)


# --- files that are refused or broken -----------------------------------------------------------


def test_property_that_must_be_understood_and_is_not_known_is_refused() -> None:
    data = written([picture(properties=(box(b"warp", b"x"),), essential=(4,))], stray=SECRET)
    assert "way that Sharewise does not know" in reason(data)


def test_picture_made_of_another_items_bytes_is_refused() -> None:
    assert reason(written([picture(method=2)], stray=SECRET))


def test_grid_with_more_than_its_numbers_is_refused() -> None:
    large = Thing(1, b"grid", grid(1, 2).data + SECRET, grid(1, 2).properties)
    assert reason(written([large, tile(2), tile(3)], refers(b"dimg", 1, 2, 3)))


def test_encrypted_picture_is_refused() -> None:
    assert reason(written([picture(protection=1)], stray=SECRET))


def test_picture_of_a_kind_that_may_hide_blocks_is_refused() -> None:
    assert reason(written([Thing(1, b"jpeg", b"\xff\xd8\xff\xe1" + SECRET)]))


def test_too_much_hidden_data_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heif, "BLANK_BYTES", 1000)
    assert reason(written([picture()], stray=b"\1" * 1001))


def test_picture_that_is_cut_short_is_malformed() -> None:
    data = written([picture()])
    at = data.index(b"mdat") - 4
    cut = data[: at + 40]
    shorter = cut[:at] + struct.pack(">I", 40) + cut[at + 4 :]
    with pytest.raises(Malformed):
        examine(shorter)


def test_file_without_a_picture_is_malformed() -> None:
    with pytest.raises(Malformed):
        examine(box(b"ftyp", b"avif", bytes(4), b"mif1") + box(b"mdat", SECRET))
    with pytest.raises(Malformed):
        examine(written([exif_item(1, secret_exif())], primary=9))


@pytest.mark.parametrize("kind", [b"iinf", b"iloc", b"ipma", b"iref", b"grpl"])
def test_counts_without_end_are_malformed_at_once(kind: bytes) -> None:
    data = bytearray(
        written([picture(), picture(2)], refers(b"thmb", 2, 1), groups=[group(b"altr", 1, 2)])
    )
    at = data.index(kind) + 4
    places = {b"iinf": (4, ">H"), b"iloc": (6, ">H"), b"ipma": (4, ">I"), b"iref": (14, ">H")}
    offset, code = places.get(kind, (16, ">I"))
    struct.pack_into(code, data, at + offset, 0xFFFF if code == ">H" else 10**9)
    traffic = Traffic()
    with pytest.raises(Malformed):
        converse(judge.plan(engine.source_of(bytes(data))), bytes(data), traffic)
    assert traffic.batches < 20


def test_items_that_refer_to_each_other_in_a_ring_end() -> None:
    things = [picture(), *(picture(number) for number in range(2, 9))]
    ring = [refers(b"dimg", number, number % 8 + 1) for number in range(1, 9)]
    aux = [refers(b"auxl", number, number % 8 + 1) for number in range(1, 9)]
    engine.run(judge.plan(engine.source_of(data := written(things, *ring, *aux))), data)


def test_large_picture_costs_its_boxes_only() -> None:
    plain = written([picture(), exif_item(2, secret_exif())])
    at = plain.index(b"mdat") - 4
    size = 3 * 10**9
    head = plain[:at] + struct.pack(">I4sQ", 1, b"mdat", size - at)
    moved = bytearray(head)
    places = moved.index(b"iloc") + 12
    for entry in range(2):
        offset = places + 16 * entry + 8
        (old,) = struct.unpack_from(">I", moved, offset)
        struct.pack_into(">I", moved, offset, old + 8)
    beginning = bytes(moved) + plain[at + 8 :]

    steps = judge.inspect(Source(size, beginning, bytes(4096)), Depth.QUICK)
    asked = 0
    try:
        batch = next(steps)
        while True:
            answers: list[Answer] = []
            for request in batch:
                if not isinstance(request, Range):
                    answers.append(engine.answer(request, beginning))
                    continue
                asked += request.length
                piece = beginning[request.offset : request.offset + request.length]
                answers.append(piece.ljust(request.length, b"\0"))
            batch = steps.send(tuple(answers))
    except StopIteration as stop:
        report = stop.value
    assert Kind.LOCATION in {one.kind for one in report.findings}
    assert asked < 64 * 1024


def test_quick_look_finds_what_a_thorough_one_finds() -> None:
    for name, data in samples().dirty.items():
        traffic = Traffic()
        report = converse(judge.inspect(engine.source_of(data), Depth.QUICK), data, traffic)
        if name != "between items":
            assert report.findings, name
        assert traffic.batches < 12


@pytest.mark.parametrize(
    ("major", "is_ours"),
    [(b"heic", True), (b"mif1", True), (b"avis", True), (b"crx ", False), (b"mp42", False)],
)
def test_files_are_told_apart_by_their_brands(major: bytes, is_ours: bool) -> None:
    head = box(b"ftyp", major, bytes(4), b"mif1" if is_ours else b"isom")
    assert heif.recognises(head) is is_ours


@settings(max_examples=40, deadline=None)
@given(
    blobs=st.lists(st.binary(min_size=4, max_size=60), min_size=1, max_size=4),
    kinds_=st.lists(st.sampled_from([b"Exif", b"mime", b"uri ", b"hvc1", b"blob"]), min_size=4),
)
def test_no_item_that_is_no_picture_is_left(blobs: list[bytes], kinds_: list[bytes]) -> None:
    extra = [
        Thing(number, kind, SECRET + blob, is_hidden=True, content_type=b"text/x")
        for number, (blob, kind) in enumerate(zip(blobs, kinds_, strict=False), 2)
    ]
    result = cleaned(written([picture(), *extra]))
    assert is_clean(result)


def test_place_in_a_hidden_video_is_told() -> None:
    notes = box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+45.7640+004.8357/"))
    video = box(b"ftyp", b"mp42", bytes(4)) + box(b"moov", notes)
    data = written([picture()], after=box(b"mpvd", video))
    found = examine(data).report.findings
    assert [one.value for one in found if one.kind is Kind.LOCATION] == ["45.764,4.8357"]
    cleaned(data)


def test_block_of_a_track_is_read_and_goes() -> None:
    data = animation()
    film, media = data.index(b"moov") - 4, data.index(b"mdat") - 4
    track = data.index(b"trak") - 4
    (length,) = struct.unpack_from(">I", data, track)
    assert track + length == media, "the only track is the last box of the film"
    item = Thing(1, b"Exif", struct.pack(">I", 0) + secret_exif(), is_inside=True)
    file = written([item], primary=9)
    (size,) = struct.unpack_from(">I", file, file.index(b"meta") - 4)
    meta = file[file.index(b"meta") - 4 :][:size]
    trak = box(b"trak", data[track + 8 : media], meta)
    moov = box(b"moov", data[film + 8 : track], trak)
    room = box(b"free", bytes(media - film - 8))
    told = data[:film] + room + data[media:] + moov
    assert {Kind.LOCATION, Kind.PERSON} <= kinds(told)
    cleaned(told)


def test_small_layout_that_is_not_known_is_refused() -> None:
    assert reason(box(b"ftyp", b"mif3", bytes(4), b"avif") + box(b"mini", SECRET))


@pytest.mark.parametrize("kind", [b"av01", b"hvc1"])
def test_bytes_behind_the_units_of_a_picture_are_refused(kind: bytes) -> None:
    plain = picture()
    if kind == b"hvc1":
        configuration = box(b"hvcC", bytes(21) + b"\x03\0")
        unit = struct.pack(">I", 4) + b"\x28\1it"
        plain = Thing(1, kind, unit, (*plain.properties[:2], configuration))
    assert is_clean(written([plain]))
    assert is_clean(written([Thing(1, kind, plain.data + bytes(6), plain.properties)]))
    hiding = Thing(1, kind, plain.data + SECRET, plain.properties)
    assert "no part of it" in reason(written([hiding]))


NOTES = bytes([0x2A, len(SECRET) + 1, 4]) + SECRET
"""Metadata of AV1 (ITU-T T.35) that may say anything."""


def test_notes_among_the_units_of_a_picture_are_refused() -> None:
    plain = picture()
    hidden = replace(plain, data=plain.data + NOTES)
    assert isinstance(examine(written([hidden])).cleaning, Refused)


def test_notes_behind_the_configuration_of_av1_go() -> None:
    plain = picture()
    longer = tuple(
        box(b"av1C", one[8:], NOTES) if one[4:8] == b"av1C" else one for one in plain.properties
    )
    result = clean(written([replace(plain, properties=longer)]))
    assert SECRET not in result
    assert shown(result) == shown(written([plain]))


def test_messages_of_an_encoder_in_its_parameters_are_emptied() -> None:
    message = b"\x4e\1\5" + bytes([16 + len(SECRET)]) + bytes(range(1, 17)) + SECRET + b"\x80"
    unit = len(message).to_bytes(2, "big") + message
    part = Part(b"hvcC", bytes(22) + b"\1\xa7\0\1" + unit, 0)
    payload = harmless(part)
    assert payload is not None
    assert len(payload) == len(part.payload)
    assert SECRET not in payload
    assert harmless(Part(b"hvcC", payload, 0)) == payload


def test_words_in_the_place_of_numbers_go() -> None:
    assert harmless(Part(b"mdcv", SECRET.ljust(24, b"."), 0)) is None
    assert harmless(Part(b"mdcv", bytes(24), 0)) == bytes(24)
