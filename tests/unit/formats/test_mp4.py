"""MP4 and QuickTime: what films hide and how they are cleaned."""

from __future__ import annotations

import struct

import pytest

from sharewise.formats import engine, judge, mp4
from sharewise.formats.contract import (
    Depth,
    Kind,
    Refused,
    Report,
)
from sharewise.formats.video_inside import film
from support.formats import Samples, clean, examine, is_clean, kinds
from support.images import jpeg
from support.movies import (
    MADE,
    TURNED,
    Movie,
    Track,
    box,
    frames,
    full,
    gpmf,
    keyed_notes,
    movie,
    picture,
    played,
    sound,
    text_note,
)
from support.profiles import own

SECRET = b"SECRETSECRET"
PLACE = "+45.7640+004.8357/"
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def with_track(track: Track) -> bytes:
    return Movie([picture(), track, sound()]).build()


def telemetry(**changes: object) -> Track:
    track = Track(b"meta", b"gpmd", [[gpmf(45.764, 4.8357) + SECRET]])
    for name, value in changes.items():
        setattr(track, name, value)
    return track


AVC = bytes.fromhex("014200 1effe1 0009 6742c01ed9008c0000 01 0004 68ce3c80 00".replace(" ", ""))
USER_DATA = b"\6\5\x1c" + bytes(range(1, 17)) + SECRET
CONFIGURATIONS = {
    b"avcC": AVC[:-1],
    b"hvcC": bytes(23),
    b"av1C": bytes.fromhex("81080c00"),
    b"vpcC": bytes(12),
    b"dOps": bytes(11),
    b"alac": bytes(28),
    b"hfov": bytes(4),
    b"frma": b"avc1",
    b"dvcC": bytes(24),
}
"""What a decoder needs; nothing may stand behind it."""


def with_entry(extension: bytes) -> bytes:
    return Movie([picture(entry_boxes=extension)]).build()


def with_table(table: bytes) -> bytes:
    return Movie([picture(table_boxes=table)]).build()


def samples() -> Samples:
    secret = SECRET.decode()
    notes = box(b"udta", text_note(b"\xa9xyz", PLACE), text_note(b"\xa9cmt", secret))
    old = Movie([picture(), sound()], brand=b"", before=box(b"wide"))
    return Samples(
        clean={
            "plain": movie().build(),
            "64-bit": Movie([picture(is_wide=True, version=1)], version=1, is_large=True).build(),
            "empty space": movie(before=box(b"free", bytes(99))).build(),
            "old QuickTime": old.build(),
            "turned": Movie([picture(matrix=TURNED)]).build(),
            "fragments": fragmented(),
        },
        dirty={
            "notes": movie(moov_boxes=notes).build(),
            "keys": movie(moov_boxes=keyed_notes(location_ISO6709=PLACE, comment=secret)).build(),
            "xmp": movie(after=box(b"uuid", XMP, b"<x:xmpmeta>" + SECRET)).build(),
            "c2pa": movie(before=box(b"uuid", C2PA, b"c2pa" + SECRET)).build(),
            "free": movie(before=box(b"free", SECRET)).build(),
            "skip": movie(moov_boxes=box(b"skip", SECRET)).build(),
            "unknown": movie(before=box(b"abcd", SECRET)).build(),
            "unknown, 64-bit": movie(before=box(b"abcd", SECRET, large=True)).build(),
            "trailing": movie(after=SECRET).build(),
            "second media": movie(after=box(b"mdat", SECRET)).build(),
            "between": movie(between=SECRET).build(),
            "name": Movie([picture(name=SECRET, made=MADE)], made=MADE).build(),
            "compressor": Movie([picture(compressor=SECRET)]).build(),
            "entry": Movie([picture(entry_boxes=box(b"abcd", SECRET))]).build(),
            "profile": Movie([picture(entry_boxes=box(b"colr", b"prof", own(SECRET)))]).build(),
            **{
                f"behind {kind.decode()}": with_entry(box(kind, plain + SECRET))
                for kind, plain in CONFIGURATIONS.items()
            },
            "parameter sets": with_entry(
                box(b"avcC", AVC[:17] + b"\2\0\4\x68\xce\x3c\x80\0\x1f" + USER_DATA)
            ),
            "messages": with_entry(
                box(b"hvcC", bytes(22) + b"\1\xa7\0\1\0\x1f" + b"\x4e" + b"\1" + USER_DATA[1:])
            ),
            "descriptor": with_entry(full(b"esds", b"\3\x11\0\0\0\x40\x0c" + SECRET)),
            "address": with_entry(full(b"esds", b"\3\x10\0\0\x40\x0c" + SECRET)),
            "comments of FLAC": with_entry(
                full(b"dfLa", b"\0\0\0\x22" + bytes(34) + b"\x84\0\0\x0c" + SECRET)
            ),
            "lock without a key": movie(before=full(b"pssh", SECRET)).build(),
            "lock of samples": with_table(full(b"senc", SECRET)),
            "index without parts": movie(before=full(b"sidx", SECRET.ljust(40))).build(),
            "kinds without parts": movie(after=box(b"styp", SECRET)).build(),
            "index of parts": fragmented(
                extra=full(b"sidx", struct.pack(">IIIIHH", 1, 1000, 0, 0, 0, 0), SECRET)
            ),
            "kinds": movie(brand=b"mp42")
            .build()
            .replace(
                box(b"ftyp", b"mp42", bytes(4), b"isom", b"mp42"),
                box(b"ftyp", b"mp42", bytes(4), b"isom", SECRET),
            ),
            "dependencies": with_table(full(b"sdtp", SECRET)),
            "groups": with_table(
                full(b"sgpd", b"roll", struct.pack(">II", 2, 0), SECRET, version=1)
            ),
            "parts of samples": with_table(full(b"subs", SECRET)),
            "counts past the end": with_table(full(b"stss", SECRET)),
            "slack": Movie([picture(entry_boxes=b"\0\0\0\0" + SECRET)]).build(),
            "track notes": Movie([picture(extra=box(b"udta", box(b"name", SECRET)))]).build(),
            "telemetry": with_track(telemetry()),
            "text": with_track(Track(b"text", b"text", [[b"\0\x0c" + SECRET]])),
            "second moov": movie(after=box(b"moov", SECRET)).build(),
            "fragments": fragmented(extra=box(b"emsg", SECRET)),
        },
        secret=SECRET,
        pixels=shown,
    )


def fragmented(extra: bytes = b"", between: bytes = b"") -> bytes:
    """Return a film in fragments."""
    sizes = (30, 40)
    start = (
        box(b"ftyp", b"iso6", bytes(4))
        + Movie(
            [picture(chunks=[])],
            brand=b"",
            moov_boxes=box(b"mvex", full(b"trex", struct.pack(">5I", 1, 1, 0, 0, 0))),
        ).build()
    )
    for number in (1, 2):
        run = struct.pack(">Ii", 2, 100) + b"".join(struct.pack(">I", size) for size in sizes)
        moof = box(
            b"moof",
            full(b"mfhd", struct.pack(">I", number)),
            box(
                b"traf",
                full(b"tfhd", struct.pack(">I", 1), flags=0x20000),
                full(b"tfdt", struct.pack(">I", number)),
                full(b"trun", run, flags=0x201),
            ),
        )
        assert len(moof) == 92
        start += extra + moof + box(b"mdat", b"\x11" * 30 + b"\x22" * 40, between)
    return start


def shown(data: bytes) -> object:
    media = [data[at + 100 : at + 170] for at in offsets_of(data, b"moof")]
    return media or played(data)


def offsets_of(data: bytes, kind: bytes) -> list[int]:
    found: list[int] = []
    at = data.find(kind)
    while at >= 0:
        found.append(at - 4)
        at = data.find(kind, at + 1)
    return found


def values(data: bytes, kind: Kind) -> list[str | None]:
    return [one.value for one in examine(data).report.findings if one.kind is kind]


def quick(data: bytes) -> Report:
    report = engine.run(judge.inspect(engine.source_of(data), Depth.QUICK), data)
    assert isinstance(report, Report)
    return report


# --- recognition --------------------------------------------------------------------------------


@pytest.mark.parametrize("brand", [b"heic", b"avif", b"mif1", b"crx ", b"jxl ", b"avis"])
def test_pictures_of_the_family_are_not_taken_for_films(brand: bytes) -> None:
    assert not mp4.FORMAT.recognises(box(b"ftyp", brand, bytes(4), b"isom") + bytes(64))


@pytest.mark.parametrize("brand", [b"isom", b"mp42", b"qt  ", b"M4V ", b"3gp5", b"iso6", b"dash"])
def test_films_are_recognised_by_their_brand(brand: bytes) -> None:
    assert mp4.FORMAT.recognises(movie(brand=brand).build())


def test_old_films_are_recognised_by_their_first_boxes() -> None:
    whole = Movie([picture()], brand=b"").build()
    moov = whole[whole.index(b"moov") - 4 :]
    assert mp4.FORMAT.recognises(whole)
    assert mp4.FORMAT.recognises(moov)
    assert mp4.FORMAT.recognises(box(b"free", bytes(8)) + whole)
    assert not mp4.FORMAT.recognises(box(b"free", bytes(8)) + bytes(64))


# --- what is found ------------------------------------------------------------------------------


def test_place_is_found_in_every_way_of_writing_it() -> None:
    degrees = struct.pack(">ii", round(4.8357 * 65536), round(45.764 * 65536))
    loci = box(b"loci", bytes(4), b"\x55\xc4", b"Lyon\0", b"\0", degrees, bytes(4))
    for data in (
        movie(moov_boxes=box(b"udta", text_note(b"\xa9xyz", PLACE))).build(),
        movie(moov_boxes=keyed_notes(location_ISO6709=PLACE)).build(),
        with_track(telemetry()),
    ):
        assert values(data, Kind.LOCATION) == ["45.764,4.8357"]
        assert "45.764,4.8357" in [one.value for one in quick(data).findings]
    (found,) = values(movie(moov_boxes=box(b"udta", loci)).build(), Kind.LOCATION)
    assert found is not None
    assert found.startswith("45.764")


@pytest.mark.parametrize(
    "text",
    [
        b"$GPRMC,120000.00,A,4545.8400,N,00450.1420,E,0,0,010125,,,A",
        b"F/2.8, ISO 100, GPS (4.8357, 45.764, 18), D 24m",
        b"[latitude: 45.764] [longitude: 4.8357]",
    ],
)
def test_place_is_found_in_text_that_cameras_write(text: bytes) -> None:
    data = with_track(Track(b"sbtl", b"tx3g", [[struct.pack(">H", len(text)) + text]]))
    (found,) = values(data, Kind.LOCATION)
    assert found is not None
    assert found.startswith(("45.764,4.8357", "45.764,4.835"))
    assert text not in clean(data)


def test_subtitles_that_people_wrote_stay() -> None:
    text = b"Where are we going today?"
    data = with_track(Track(b"sbtl", b"tx3g", [[struct.pack(">H", len(text)) + text]]))
    assert is_clean(data)


def test_camera_motion_track_says_its_place() -> None:
    turn = struct.pack("<HH3f", 0, 0, 1.0, 2.0, 3.0)
    place = struct.pack("<HH3d", 0, 5, 45.764, 4.8357, 170.0)
    data = with_track(Track(b"meta", b"camm", [[turn, place]]))
    assert values(data, Kind.LOCATION) == ["45.764,4.8357"]


def test_device_time_and_person_are_told() -> None:
    when = "2025-05-03T14:02:00+0200"
    notes = keyed_notes(make="Example", model="Phone 7", author="Ada", creationdate=when)
    data = movie(moov_boxes=notes).build()
    assert values(data, Kind.DEVICE) == ["Example Phone 7"]
    assert values(data, Kind.PERSON) == ["Ada"]
    assert values(data, Kind.TIME) == ["2025-05-03T14:02:00+02:00"]


def test_one_finding_for_the_times_in_all_headers() -> None:
    for version in (0, 1):
        track = picture(made=MADE, version=version)
        data = Movie([track], made=MADE, version=version).build()
        assert values(data, Kind.TIME) == ["2025-06-29T00:00:00+00:00"]
        assert is_clean(clean(data))


def test_other_things_have_their_kind() -> None:
    notes = box(
        b"udta",
        box(b"CAME", b"\x01" * 16),
        box(b"FIRM", b"HD5.02"),
        box(b"smrd", b"TRUEBLUE"),
        box(b"MUID", b"\x02" * 32),
    )
    found = kinds(movie(moov_boxes=notes).build())
    assert {Kind.SERIAL, Kind.SOFTWARE, Kind.MAKER_NOTE, Kind.IDENTIFIER} <= found


def test_clock_track_and_references_to_it_go() -> None:
    clock = Track(b"tmcd", b"tmcd", [[b"\0\0\x12\x34"]])
    data = Movie([picture(refers={b"tmcd": (2,)}), clock]).build()
    assert kinds(data) == {Kind.TIME}
    cleaned = clean(data)
    assert b"tmcd" not in cleaned
    assert played(cleaned) == played(data)


def test_chapters_go_and_other_references_stay() -> None:
    titles = Track(b"text", b"text", [[b"\0\x05Lyon!"]])
    data = Movie([picture(refers={b"chap": (3,), b"cdsc": (2, 3)}), sound(), titles]).build()
    cleaned = clean(data)
    assert b"Lyon!" not in cleaned
    assert b"cdsc\0\0\0\2\0\0\0\0" in cleaned
    assert played(cleaned) == played(data)


def test_thumbnail_of_the_film_goes() -> None:
    cover = box(b"covr", box(b"data", struct.pack(">II", 13, 0), jpeg()))
    items = full(b"meta", full(b"hdlr", bytes(4), b"mdir", bytes(12)), box(b"ilst", cover))
    data = movie(moov_boxes=box(b"udta", items)).build()
    assert kinds(data) == {Kind.THUMBNAIL}
    assert b"\xff\xd8\xff" not in clean(data)


# --- what stays ---------------------------------------------------------------------------------


def test_cleaned_film_has_the_size_of_the_original() -> None:
    for name, data in samples().dirty.items():
        if name != "trailing":
            assert len(clean(data)) == len(data)


def test_turn_stays() -> None:
    data = Movie([picture(matrix=TURNED, name=SECRET)]).build()
    assert TURNED in clean(data)
    assert examine(data).report.kept == ("orientation",)


def test_uncompressed_sound_is_counted_as_quicktime_does() -> None:
    # a sample of 1 byte in the tables is one of 4 bytes: two channels of 16 bits
    loud = Track(b"soun", b"sowt", [[bytes(range(1, 5))] * 25], uniform=1)
    assert is_clean(Movie([picture(), loud]).build())


def test_many_gaps_are_cut_out_and_offsets_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "GAPS_LIMIT", 2)
    for is_wide, is_large in ((False, False), (True, True)):
        tracks = [picture(chunks=frames(3, 9), is_wide=is_wide), telemetry(chunks=[[SECRET]] * 9)]
        data = Movie([*tracks, sound()], is_large=is_large).build()
        cleaned = clean(data)
        assert SECRET not in cleaned
        assert len(cleaned) == len(data) - 9 * len(SECRET)
        assert played(cleaned) == played(data)
        assert is_clean(cleaned)


def test_what_hides_between_fragments_is_overwritten() -> None:
    data = fragmented(between=SECRET)
    cleaned = clean(data)
    assert SECRET not in cleaned
    assert shown(cleaned) == shown(data)


def test_media_outside_of_their_box_are_never_touched() -> None:
    whole = movie(between=SECRET).build()
    # the first chunk lies in a free box: to empty that would destroy it
    moved = box(b"free", b"\x07" * 100)
    data = bytearray(whole + moved)
    at = data.index(b"stco") + 12
    data[at : at + 4] = struct.pack(">I", len(whole) + 8)
    assert isinstance(examine(bytes(data)).cleaning, Refused)


def test_film_from_another_file_is_refused() -> None:
    data = movie().build().replace(full(b"url ", flags=1), full(b"url ", flags=0))
    assert isinstance(examine(data).cleaning, Refused)


def test_spherical_film_stays_one_without_the_names_of_programs() -> None:
    xml = (
        b'<?xml version="1.0"?><rdf:SphericalVideo '
        b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        b'xmlns:GSpherical="http://ns.google.com/videos/1.0/spherical/">'
        b"<GSpherical:Spherical>true</GSpherical:Spherical>"
        b"<GSpherical:StitchingSoftware>" + SECRET + b"</GSpherical:StitchingSoftware>"
        b"<GSpherical:ProjectionType>equirectangular</GSpherical:ProjectionType>"
        b"<GSpherical:StereoMode>" + SECRET + b"</GSpherical:StereoMode>"
        b"</rdf:SphericalVideo>"
    )
    kind = bytes.fromhex("ffcc8263f8554a938814587a02521fdd")
    data = Movie([picture(extra=box(b"uuid", kind, xml))]).build()
    cleaned = clean(data)
    assert SECRET not in cleaned
    assert b"<GSpherical:Spherical>true</GSpherical:Spherical>" in cleaned
    assert b"<GSpherical:ProjectionType>equirectangular<" in cleaned
    assert examine(cleaned).report.kept == ("spherical view",)


def test_what_stands_behind_small_boxes_is_overwritten() -> None:
    for one in (
        box(b"pasp", bytes(8), SECRET),
        box(b"colr", b"nclx", b"\0\1\0\1\0\1\0", SECRET),
        box(b"colr", b"none", SECRET),
        box(b"btrt", bytes(12), SECRET),
    ):
        data = Movie([picture(entry_boxes=one)]).build()
        assert SECRET not in clean(data)
        assert played(clean(data)) == played(data)


def test_a_locked_film_keeps_what_unlocks_it() -> None:
    key = full(b"pssh", bytes(range(16)), bytes(4))
    lock = box(b"sinf", box(b"frma", b"avc1"), full(b"schm", b"cenc", bytes(4)))
    samples_of_key = full(b"senc", struct.pack(">I", 0))
    locked = Movie(
        [picture(format=b"encv", entry_boxes=lock, table_boxes=samples_of_key)], moov_boxes=key
    ).build()
    assert is_clean(locked)


@pytest.mark.parametrize("kind", [b"glbl", b"dac4", b"strf", b"clap"])
def test_words_where_only_a_decoder_knows_are_refused(kind: bytes) -> None:
    judged = examine(with_entry(box(kind, bytes(4) + SECRET.replace(b"SECRET", b"Hidden", 1))))
    assert isinstance(judged.cleaning, Refused)


def test_the_name_of_an_encoder_stays_where_decoders_look_for_it() -> None:
    specific = b"\0\0\1\xb2Lavc57.107.100"
    data = with_entry(
        full(b"esds", b"\3\x24\0\0\0\4\x1f\x20\x11" + bytes(11) + b"\5\x12" + specific)
    )
    assert is_clean(data)


def test_what_a_track_of_transparency_is_called_stays() -> None:
    urn = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"
    assert is_clean(with_entry(full(b"auxi", urn)))
