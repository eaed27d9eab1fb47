from __future__ import annotations

import io
import struct

import piexif
import pytest
from PIL import Image, ImageOps

from sharewise.base.errors import Malformed
from sharewise.formats import engine, judge
from sharewise.formats.contract import (
    AlreadyClean,
    Depth,
    Find,
    FindMarkers,
    Kind,
    Plan,
    Range,
    Refused,
    Wish,
)
from sharewise.formats.jpeg import FORMAT
from support.formats import Samples, Traffic, clean, converse, examine, is_clean, kinds
from support.images import (
    EOI,
    SECRET,
    before_marker,
    drawing,
    exif,
    exif_segment,
    gps,
    icc_segments,
    iptc,
    jpeg,
    movie,
    secret_exif,
    segment,
    shown,
    srgb,
    with_second,
    with_segments,
    xmp,
    xmp_segment,
)
from support.profiles import old_name, own, profile

PRIVATE = segment(0xFE, SECRET)
GAIN_MAP = (
    'hdrgm:Version="1.0" hdrgm:GainMapMin="0" hdrgm:GainMapMax="2.5" hdrgm:Gamma="1" '
    'hdrgm:OffsetSDR="0.015625" hdrgm:OffsetHDR="0.015625" hdrgm:HDRCapacityMin="0" '
    'hdrgm:HDRCapacityMax="2.5" hdrgm:BaseRenditionIsHDR="False"'
)


def first_picture(data: bytes) -> object:
    return shown(data)[0]


def progressive() -> bytes:
    return jpeg(64, 48, progressive=True)


def dirty() -> dict[str, bytes]:
    plain = jpeg()
    adobe = jpeg(mode="CMYK")
    found = {
        "exif": with_segments(plain, exif_segment(secret_exif())),
        "exif turned": with_segments(plain, exif_segment(secret_exif(6))),
        "exif twice": with_segments(
            plain, exif_segment(exif({274: 8})), exif_segment(secret_exif())
        ),
        "exif before the scan": before_marker(plain, 0xDA, exif_segment(secret_exif())),
        "xmp": with_segments(
            plain, xmp_segment(xmp(f"<dc:creator>{SECRET.decode()}</dc:creator>"))
        ),
        "xmp extension": with_segments(
            plain,
            segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 40 + SECRET),
        ),
        "iptc": with_segments(plain, segment(0xED, iptc((80, SECRET), (90, b"Lyon")))),
        "comment": with_segments(plain, PRIVATE),
        "comment after fill bytes": with_segments(plain, b"\xff\xff\xff" + PRIVATE),
        "comment between scans": before_marker(progressive(), 0xDA, PRIVATE, last=True),
        "exif between scans": before_marker(
            progressive(), 0xDA, exif_segment(secret_exif(3)), last=True
        ),
        "comment before the end": plain[:-2] + PRIVATE + EOI,
        "text behind the end": plain + SECRET,
        "picture behind the end": plain + with_segments(plain, exif_segment(secret_exif())),
        "archive behind the end": plain + b"PK\x03\x04" + SECRET,
        "video behind the end": plain + movie() + SECRET,
        "samsung trailer": plain + b"\0\0\x01\x0a" + movie() + SECRET + b"SEFHSEFT",
        "origin record": with_segments(plain, segment(0xEB, b"JP\0\1jumbc2pa" + SECRET)),
        "flashpix": with_segments(plain, segment(0xE2, b"FPXR\0" + SECRET)),
        "thumbnail in jfxx": with_segments(plain, segment(0xE0, b"JFXX\0\x10" + SECRET)),
        "long jfif": plain[:4] + b"\0\x1b" + plain[6:20] + SECRET + plain[20:],
        "garbage between segments": with_segments(plain, SECRET),
        "adobe": with_segments(adobe, PRIVATE),
        "long adobe": adobe.replace(
            segment(0xEE, b"Adobe\0\x64\0\0\0\0\0"),
            segment(0xEE, b"Adobe\0\x64\0\0\0\0\0" + SECRET),
        ),
        "behind the profile": with_segments(plain, icc_segments(srgb() + SECRET)),
        "far behind the profile": with_segments(plain, icc_segments(srgb() + SECRET * 99, 500)),
        "inside the profile": with_segments(plain, icc_segments(own(SECRET), 150)),
        "second picture": with_second(
            plain, with_segments(plain, exif_segment(secret_exif())), 0x000000
        ),
        "second view": with_second(
            plain, with_segments(plain, exif_segment(secret_exif())), 0x020002
        ),
        "restart markers": with_segments(jpeg(restart_marker_blocks=1), PRIVATE),
    }
    for marker in (0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xEC, 0xED, 0xEE, 0xEF):
        found[f"app{marker - 0xE0}"] = with_segments(plain, segment(marker, SECRET))
    return found


def tables() -> dict[str, bytes]:
    """Return files with tables that no scan uses."""
    plain = jpeg()
    quantiser = SECRET.ljust(64, b"\1")
    codes = bytes([0, 0, 0, 0, len(SECRET)]) + bytes(11) + SECRET
    late = progressive()
    return {
        "quantisation table": before_marker(plain, 0xDA, segment(0xDB, b"\3" + quantiser)),
        "overwritten quantisation table": with_segments(plain, segment(0xDB, b"\0" + quantiser)),
        "wide quantisation table": before_marker(
            plain, 0xDA, segment(0xDB, b"\x13" + quantiser + bytes(64))
        ),
        "table beside a used one": plain.replace(
            b"\xff\xdb\0C", b"\xff\xdb\0\x84\3" + quantiser, 1
        ),
        "code table": before_marker(plain, 0xDA, segment(0xC4, b"\x13" + codes)),
        "overwritten code table": with_segments(plain, segment(0xC4, b"\x10" + codes)),
        "code table behind the last use": before_marker(
            plain, 0xD9, segment(0xC4, b"\x10" + codes), last=True
        ),
        "code table between scans": before_marker(
            late, 0xDA, segment(0xC4, b"\2" + codes), last=True
        ),
        "quantisation table between scans": before_marker(
            late, 0xDA, segment(0xDB, b"\0" + quantiser), last=True
        ),
    }


def samples() -> Samples:
    plain = jpeg()
    return Samples(
        clean={
            "plain": plain,
            "grey": jpeg(mode="L"),
            "progressive": progressive(),
            "restart markers": jpeg(restart_marker_blocks=1),
            "profile": with_segments(plain, icc_segments(srgb(), 200)),
            "turned": with_segments(plain, exif_segment(exif({274: 6}))),
            "cmyk": jpeg(mode="CMYK"),
        },
        dirty=dirty() | tables(),
        secret=SECRET,
        pixels=first_picture,
    )


def displayed(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return ImageOps.exif_transpose(picture).tobytes()


def info(data: bytes) -> dict[str, object]:
    with Image.open(io.BytesIO(data)) as picture:
        return {str(key): value for key, value in picture.info.items()}


@pytest.mark.parametrize("orientation", range(2, 9))
def test_picture_is_displayed_as_before(orientation: int) -> None:
    data = with_segments(jpeg(), exif_segment(secret_exif(orientation)))
    cleaned = clean(data)
    assert displayed(cleaned) == displayed(data)
    assert examine(cleaned).report.kept == ("orientation",)


def test_orientation_of_the_first_block_that_has_one_wins() -> None:
    data = with_segments(
        jpeg(), exif_segment(exif({315: SECRET})), exif_segment(exif({274: 6})), PRIVATE
    )
    assert piexif.load(clean(data))["0th"] == {274: 6}


def test_orientation_inside_the_scans_is_ignored_as_decoders_do() -> None:
    data = before_marker(progressive(), 0xDA, exif_segment(secret_exif(6)), last=True)
    assert displayed(clean(data)) == displayed(data)
    assert b"Exif" not in clean(data)


def test_upright_picture_keeps_no_exif() -> None:
    assert b"Exif" not in clean(with_segments(jpeg(), exif_segment(secret_exif(1))))


def test_damaged_exif_is_a_finding_and_goes() -> None:
    data = with_segments(jpeg(), exif_segment(b"II*\0\xff\xff\xff\xff" + SECRET))
    assert kinds(data) == {Kind.OTHER}
    assert clean(data) == jpeg()


def test_colour_profile_stays_byte_for_byte() -> None:
    data = with_segments(jpeg(), icc_segments(srgb(), 100), PRIVATE)
    assert info(clean(data))["icc_profile"] == srgb()
    assert "icc" in examine(data).report.kept


def test_colour_profile_with_a_missing_part_goes() -> None:
    parts = icc_segments(srgb(), 100)
    first = 2 + int.from_bytes(parts[2:4], "big")
    assert clean(with_segments(jpeg(), parts[first:])) == jpeg()


def test_profile_of_another_name_is_named_among_what_stays() -> None:
    renamed = profile({b"desc": old_name(b"Nikon wide gamut")})
    report = examine(with_segments(jpeg(), icc_segments(renamed))).report
    assert report.findings == ()
    assert report.kept == ("icc (Nikon wide gamut)",)


def test_what_only_this_profile_says_is_told_and_a_quick_look_sees_it_too() -> None:
    data = with_segments(jpeg(), icc_segments(own(SECRET)))
    for depth in Depth:
        (found,) = engine.run(FORMAT.inspect(engine.source_of(data), depth), data).findings
        assert SECRET.decode() in found.summary


def test_adobe_colour_transform_stays() -> None:
    data = dirty()["long adobe"]
    assert SECRET in data
    assert info(clean(data))["adobe_transform"] == info(data)["adobe_transform"]


def test_density_of_the_jfif_header_stays() -> None:
    data = with_segments(jpeg(dpi=(300, 300)), PRIVATE)
    assert info(clean(data))["dpi"] == (300, 300)


def test_jfif_thumbnail_goes() -> None:
    plain = jpeg()
    thumbnail = SECRET[:9] + b"\0" * 3
    data = plain[:4] + struct.pack(">H", 16 + 12) + plain[6:18] + b"\2\2" + thumbnail + plain[20:]
    assert kinds(data) == {Kind.THUMBNAIL}
    assert clean(data) == plain


def test_motion_photo_is_one_finding() -> None:
    claim = xmp_segment(xmp(attributes='GCamera:MicroVideo="1" GCamera:MicroVideoOffset="99"'))
    data = with_segments(jpeg(), claim) + movie()
    found = [one for one in examine(data).report.findings if one.kind is Kind.HIDDEN_MEDIA]
    assert len(found) == 1
    assert "video" in found[0].summary
    assert clean(data) == jpeg()


def test_place_of_a_thermal_camera_is_found_across_its_segments() -> None:
    record = struct.pack("<I4s2s2s4xdd", 1, b"\2\2\0\0", b"S\0", b"E\0", 33.9249, 18.4241)
    table = struct.pack(">HHIIII12x", 0x2B, 0, 1, 1, 96, len(record))
    thermal = b"FFF\0" + bytes(16) + struct.pack(">III", 101, 64, 1) + bytes(32) + table + record
    parts = [thermal[:100], thermal[100:]]
    segments = [segment(0xE1, b"FLIR\0\1" + bytes([n, 1]) + part) for n, part in enumerate(parts)]
    data = with_segments(jpeg(), *segments)
    places = [one.value for one in examine(data).report.findings if one.kind is Kind.LOCATION]
    assert places == ["-33.9249,18.4241"]
    assert clean(data) == jpeg()


def test_serial_numbers_of_a_thermal_camera_are_told() -> None:
    record = bytearray(0x23C)
    record[0x104:0x10A], record[0x1A0:0x1A7], record[0x21C:0x221] = b"162682", b"No Lens", b"F-117"
    table = struct.pack(">HHIIII12x", 0x20, 0, 1, 1, 96, len(record))
    head = b"FFF\0" + bytes(16) + struct.pack(">III", 101, 64, 1) + bytes(32)
    data = with_segments(jpeg(), segment(0xE1, b"FLIR\0\1\0\1" + head + table + record))
    assert serials_in(data) == ["162682", "F-117"]
    assert clean(data) == jpeg()


def test_serial_numbers_of_the_sensors_of_a_thermal_camera_are_told() -> None:
    body = bytearray(768)
    body[0xC0:0xC4], body[0x240:0x244] = b"P200", b"V300"
    data = with_segments(jpeg(), segment(0xE9, bytes(body)))
    assert serials_in(data) == ["P200", "V300"]
    assert serials_in(with_segments(jpeg(), segment(0xE9, bytes(body) + b"x"))) == []


def serials_in(data: bytes) -> list[str | None]:
    return [one.value for one in examine(data).report.findings if one.kind is Kind.SERIAL]


def test_zeros_behind_the_end_are_said_to_be_empty() -> None:
    (finding,) = examine(jpeg() + b"\0" * 10).report.findings
    assert "empty" in finding.summary


# --- several pictures ---------------------------------------------------------------------------


def test_second_view_stays_and_loses_its_metadata() -> None:
    data = dirty()["second view"]
    cleaned = clean(data)
    assert shown(cleaned) == shown(data)
    assert len(shown(cleaned)) == 2
    assert SECRET not in cleaned
    assert "second view" in examine(data).report.kept


def test_second_view_stays_beside_a_turned_first_picture() -> None:
    first = with_segments(jpeg(), exif_segment(secret_exif(6)))
    data = with_second(first, with_segments(jpeg(40, 30), PRIVATE), 0x020002)
    cleaned = clean(data)
    assert shown(cleaned) == shown(data)
    assert displayed(cleaned) == displayed(data)


def test_large_preview_goes_as_a_thumbnail() -> None:
    data = with_second(jpeg(), jpeg(20, 20), 0x010001)
    assert Kind.THUMBNAIL in kinds(data)
    assert clean(data) == jpeg()


def test_index_that_points_nowhere_goes() -> None:
    data = with_second(jpeg(), b"no picture at all", 0x020002)
    assert clean(data) == jpeg()


def ultra_hdr(in_map: bytes = b"", in_first: bytes = b"") -> bytes:
    gain = with_segments(jpeg(24, 16, "L"), xmp_segment(xmp(attributes=GAIN_MAP)), in_map)
    directory = "<dc:title>holiday</dc:title>"
    first = with_segments(jpeg(), in_first, xmp_segment(xmp(directory, 'hdrgm:Version="1.0"')))
    return with_second(first, gain, 0)


def test_gain_map_stays_with_what_an_hdr_screen_needs() -> None:
    data = ultra_hdr(in_map=PRIVATE, in_first=exif_segment(secret_exif(6)))
    cleaned = clean(data)
    assert SECRET not in cleaned
    assert b"holiday" not in cleaned
    assert shown(cleaned) == shown(data)
    assert b'hdrgm:GainMapMax="2.5"' in cleaned
    second = cleaned.rindex(b"\xff\xd8\xff")
    assert f'Item:Length="{len(cleaned) - second}"'.encode() in cleaned
    assert "hdr gain map" in examine(data).report.kept
    assert is_clean(cleaned)


def test_gain_map_that_needs_the_maker_note_goes_and_says_so() -> None:
    names = "<HDRGainMap:HDRGainMapVersion>65536</HDRGainMap:HDRGainMapVersion>"
    data = with_second(jpeg(), with_segments(jpeg(24, 16), xmp_segment(xmp(names))), 0)
    said = [one.summary for one in examine(data).report.findings if one.kind is Kind.HIDDEN_MEDIA]
    assert len(said) == 1
    assert "HDR" in said[0]
    assert clean(data) == jpeg()


def test_gain_map_parameter_that_is_no_number_goes() -> None:
    hidden = GAIN_MAP.replace('"0.015625"', f'"{SECRET.decode()}"', 1)
    gain = with_segments(jpeg(24, 16, "L"), xmp_segment(xmp(attributes=hidden)))
    first = with_segments(jpeg(), xmp_segment(xmp(attributes='hdrgm:Version="1.0"')))
    assert SECRET not in clean(with_second(first, gain, 0))


def test_iso_gain_map_stays_only_if_exact() -> None:
    urn = b"urn:iso:std:iso:ts:21496:-1\0"
    numbers = bytes(4) + b"\0" + bytes(56)
    gain = with_segments(jpeg(24, 16, "L"), segment(0xE2, urn + numbers))
    first = with_segments(jpeg(), segment(0xE2, urn + bytes(4)), PRIVATE)
    assert clean(with_second(first, gain, 0)).count(urn) == 2
    longer = with_segments(jpeg(), segment(0xE2, urn + bytes(4) + SECRET))
    assert SECRET not in clean(longer)


# --- what a person wants to keep ----------------------------------------------------------------


def test_wish_keeps_the_date_and_copyright_and_says_so() -> None:
    block = exif(
        {315: b"Ana", 33432: b"(c) Ana", 271: b"Make", 272: SECRET},
        {36867: b"2025:05:03 14:02:00", 36881: b"+02:00"},
        gps(45.764, 4.8357),
    )
    wish = Wish(frozenset({Kind.TIME, Kind.PERSON}))
    data = with_segments(jpeg(), exif_segment(block))
    cleaned = clean(data, wish)
    assert examine(data, wish).report.kept == ("time", "person")
    kept = piexif.load(cleaned)
    assert kept["0th"][315] == b"Ana"
    assert kept["0th"][33432] == b"(c) Ana"
    assert kept["Exif"][36867] == b"2025:05:03 14:02:00"
    assert kept["Exif"][36881] == b"+02:00"
    assert kept["GPS"] == {}
    assert SECRET not in cleaned
    assert isinstance(examine(cleaned, wish).cleaning, AlreadyClean)


def test_wish_keeps_a_date_that_only_iptc_or_xmp_has() -> None:
    wish = Wish(frozenset({Kind.TIME}))
    packet = xmp(attributes='xmp:CreateDate="2024-01-02T03:04:05Z"')
    for block in (xmp_segment(packet), segment(0xED, iptc((55, b"20240102"), (60, b"030405")))):
        kept = piexif.load(clean(with_segments(jpeg(), block), wish))
        assert kept["Exif"][36867] == b"2024:01:02 03:04:05"


def test_wish_keeps_a_coarse_location() -> None:
    data = with_segments(jpeg(), exif_segment(exif({271: SECRET}, gps=gps(45.764, -4.8357))))
    wish = Wish(has_coarse_location=True)
    cleaned = clean(data, wish)
    place = next(one for one in examine(cleaned).report.findings if one.kind is Kind.LOCATION)
    assert place.value == "45.8,-4.8"
    assert isinstance(examine(cleaned, wish).cleaning, AlreadyClean)
    assert "coarse location" in examine(data, wish).report.kept


# --- depth and cost -----------------------------------------------------------------------------


def large(extra: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((900, 700), 90).convert("RGB").save(buffer, "JPEG", quality=90)
    data = with_segments(buffer.getvalue(), exif_segment(secret_exif(6)), extra)
    assert len(data) > 300_000
    return data


def test_quick_look_asks_for_nothing_beyond_head_and_tail() -> None:
    data, traffic = large(), Traffic()
    report = converse(judge.inspect(engine.source_of(data), Depth.QUICK), data, traffic)
    assert not isinstance(report, judge.Unsupported)
    assert report.depth is Depth.QUICK
    assert {Kind.LOCATION, Kind.PERSON} <= {finding.kind for finding in report.findings}
    assert traffic.batches == 0


def test_plan_of_a_large_picture_moves_none_of_it() -> None:
    data, traffic = large(), Traffic()
    judged = converse(judge.plan(engine.source_of(data)), data, traffic)
    assert not isinstance(judged, judge.Unsupported)
    assert isinstance(judged.cleaning, Plan)
    assert traffic.bytes == 0
    assert traffic.batches == 1
    assert [type(request) for request in traffic.requests or ()] == [FindMarkers]


def test_thorough_look_finds_the_picture_behind_the_end_that_the_tail_cannot_show() -> None:
    data = clean(large()) + with_segments(jpeg(), exif_segment(secret_exif()))
    source = engine.source_of(data)
    assert engine.run(judge.inspect(source, Depth.QUICK), data).findings == ()
    thorough = engine.run(judge.inspect(source, Depth.THOROUGH), data)
    assert [finding.kind for finding in thorough.findings] == [Kind.HIDDEN_MEDIA]


def test_quick_look_sees_that_the_tail_is_no_end_of_picture() -> None:
    data, traffic = clean(large()) + movie() + bytes(100_000), Traffic()
    report = converse(judge.inspect(engine.source_of(data), Depth.QUICK), data, traffic)
    assert [finding.kind for finding in report.findings] == [Kind.HIDDEN_MEDIA]
    assert all(isinstance(one, Find) or one.length < 1000 for one in traffic.requests or ())


def test_comments_by_the_thousand_are_read_in_few_round_trips() -> None:
    data, traffic = with_segments(large(), *[PRIVATE] * 15_000), Traffic()
    judged = converse(judge.plan(engine.source_of(data)), data, traffic)
    assert not isinstance(judged, judge.Unsupported)
    assert isinstance(judged.cleaning, Plan)
    assert traffic.batches < 600
    assert sum(isinstance(one, Range) for one in traffic.requests or ()) < 1200


# --- broken files -------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [3, 4, 20, 200, -2, -1])
def test_truncated_picture_is_malformed(end: int) -> None:
    with pytest.raises(Malformed) as caught:
        examine(jpeg()[:end])
    assert caught.value.path.startswith("JPEG")


def test_end_without_a_picture_is_malformed() -> None:
    with pytest.raises(Malformed):
        examine(b"\xff\xd8\xff\xe0\0\2\xff\xd9")


@pytest.mark.parametrize("marker", [0xDB, 0xC4, 0xC0, 0xDA])
def test_bytes_behind_a_table_are_malformed_as_to_every_decoder(marker: int) -> None:
    plain = jpeg()
    at = plain.index(bytes([0xFF, marker]))
    length = int.from_bytes(plain[at + 2 : at + 4], "big")
    longer = struct.pack(">H", length + len(SECRET))
    end = at + 2 + length
    data = plain[: at + 2] + longer + plain[at + 4 : end] + SECRET + plain[end:]
    with pytest.raises(Malformed):
        examine(data)
    with pytest.raises(OSError, match=r"identify|data|broken"):
        shown(data)


def test_more_segments_than_any_picture_has_are_malformed() -> None:
    with pytest.raises(Malformed):
        examine(with_segments(jpeg(), *[segment(0xFE, b"")] * 20_001))


def test_pictures_of_the_drawing_differ_when_turned() -> None:
    assert drawing().tobytes() != drawing().rotate(180).tobytes()


def test_tables_that_every_encoder_writes_are_no_finding() -> None:
    grey, colour = jpeg(mode="L"), jpeg()
    first = colour.index(b"\xff\xc4")
    spare = colour[first : colour.index(b"\xff\xda")]
    quantisers = colour[colour.index(b"\xff\xdb") : colour.index(b"\xff\xc0")]
    assert is_clean(before_marker(grey, 0xC0, quantisers + spare))


def test_a_table_that_comes_again_unchanged_is_no_finding() -> None:
    data = progressive()
    first = data.index(b"\xff\xdb")
    again = data[first : first + 2 + int.from_bytes(data[first + 2 : first + 4], "big")]
    assert is_clean(before_marker(data, 0xDA, again, last=True))


def test_a_restart_interval_that_no_scan_obeys_goes() -> None:
    odd = before_marker(jpeg(), 0xD9, segment(0xDD, b"sp"), last=True)
    assert segment(0xDD, b"sp") not in clean(odd)
    unread = before_marker(jpeg(), 0xD9, segment(0xDC, b"sp"), last=True)
    assert segment(0xDC, b"sp") not in clean(unread)


@pytest.mark.parametrize("words", [SECRET + b"-home", "hidden at home".encode("utf-16-le")])
def test_words_at_the_end_of_the_coded_picture_are_refused(words: bytes) -> None:
    for data in (jpeg(), progressive(), jpeg(restart_marker_blocks=1)):
        hidden = before_marker(data, 0xD9, words, last=True)
        judged = examine(hidden)
        assert isinstance(judged.cleaning, Refused)
        assert any("Words" in finding.summary for finding in judged.report.findings)
        assert is_clean(data)
    behind_a_comment = before_marker(jpeg(), 0xD9, PRIVATE, last=True)
    assert is_clean(clean(behind_a_comment))


def test_a_second_view_with_words_at_its_end_is_refused() -> None:
    view = before_marker(jpeg(), 0xD9, SECRET + b"-home", last=True)
    assert isinstance(examine(with_second(jpeg(), view, 0x020002)).cleaning, Refused)
    assert isinstance(examine(with_second(jpeg(), view, 0x000000)).cleaning, Plan)


@pytest.mark.parametrize(
    "extra",
    [
        segment(0xDA, b"\1\1\0\0\x3f\0") + SECRET,
        segment(0xDE, b"\x08\0\x20\0\x30\1\1\x11\0"),
        segment(0xDF, b"\x11"),
        segment(0xC0, b"\x08\0\x20\0\x30\1\1\x11\0"),
        segment(0xDA, b"\1\x09\0\0\x3f\0") + SECRET,
    ],
)
def test_scans_and_headers_that_no_program_draws_are_malformed(extra: bytes) -> None:
    with pytest.raises(Malformed):
        examine(before_marker(jpeg(), 0xD9, extra, last=True))


def test_a_progressive_scan_that_adds_nothing_is_malformed() -> None:
    data = progressive()
    last = data.rindex(b"\xff\xda")
    with pytest.raises(Malformed, match="twice"):
        examine(data[:-2] + data[last:])


def test_odd_bytes_in_the_header_of_the_file_become_common_ones() -> None:
    odd = jpeg().replace(b"JFIF\0\1\1\0", b"JFIF\0spy", 1)
    assert b"spy" not in clean(odd)


@pytest.mark.parametrize("window", [2, 3, 64, 1000])
def test_markers_are_found_where_windows_meet(window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {**samples().clean, **samples().dirty}
    at_once = {name: examine(data) for name, data in files.items()}
    monkeypatch.setattr("sharewise.formats.jpeg_inside.walk._WINDOW_BYTES", window)
    # A batch for each window is more than a file may cost; here only the answers count.
    monkeypatch.setattr("sharewise.formats.engine.checked", lambda steps, _: steps)
    assert {name: examine(data) for name, data in files.items()} == at_once


def test_what_lies_far_behind_the_picture_is_not_looked_through() -> None:
    data = with_segments(jpeg(), exif_segment(secret_exif())) + bytes(40 << 20)
    traffic = Traffic()
    converse(judge.plan(engine.source_of(data)), data, traffic)
    assert traffic.requests is not None
    looked = [one for one in traffic.requests if isinstance(one, FindMarkers)]
    assert 0 < sum(one.end - one.start for one in looked) <= 32 << 20
