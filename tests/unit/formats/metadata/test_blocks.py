"""IPTC, Photoshop resources, colour profiles, records of origin, indexes of pictures, words."""

from __future__ import annotations

import piexif
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.formats.contract import Finding, Kind, Span, Wish
from sharewise.formats.metadata import gainmap, icc, iptc, jumbf, mpf
from sharewise.formats.metadata.exif import read_exif
from sharewise.formats.metadata.facts import EXIF_HEADER, Facts, coarse, minimal_exif
from sharewise.formats.metadata.words import merged, moment, tidy
from support.images import iptc as iptc_body
from support.images import resource, srgb


def test_press_notes_say_place_person_and_time() -> None:
    body = iptc_body((80, b"Ana"), (90, b"Lyon"), (101, b"France"), (55, b"20250503"))
    read = iptc.read_photoshop(body[14:], "X")
    values = {one.kind: one.value for one in read.findings}
    assert values[Kind.LOCATION] == "Lyon, France"
    assert values[Kind.PERSON] == "Ana"
    assert values[Kind.TIME] == "2025-05-03"
    assert read.facts == Facts(taken_at="2025-05-03", artist="Ana")


def test_thumbnail_of_photoshop_is_a_finding() -> None:
    read = iptc.read_photoshop(resource(0x040C, b"jpeg"), "X")
    assert [one.kind for one in read.findings] == [Kind.THUMBNAIL]


@given(st.binary(max_size=300))
def test_whatever_is_in_a_resource_it_is_read(noise: bytes) -> None:
    assert iptc.read_photoshop(resource(0x0404, b"\x1c\2" + noise) + noise, "X").findings
    assert iptc.read_iim(b"\x1c\2\x50\xff\xff" + noise, "X").findings


def test_profile_is_one_only_if_it_is_whole() -> None:
    profile = srgb()
    assert icc.size_of_profile(profile, len(profile)) == len(profile)
    assert icc.size_of_profile(profile, len(profile) - 1) is None
    assert icc.size_of_profile(b"\0" * 200, 200) is None
    assert icc.kept_name(profile) == "icc"


def test_record_of_origin_is_provenance() -> None:
    (finding,) = jumbf.read_jumbf(b"jumbc2pa ...trainedAlgorithmicMedia", 99, "X")
    assert finding.kind is Kind.PROVENANCE
    assert "AI" in finding.summary
    (finding,) = jumbf.read_jumbf(b"jumb other", 99, "X")
    assert finding.kind is Kind.OTHER


def test_index_is_read_back_as_written() -> None:
    pictures = [mpf.Picture(0x20030000, 100, 0), mpf.Picture(0x020002, 50, 90)]
    body = mpf.index_of(pictures)
    assert mpf.read_index(body) == pictures
    assert len(body) == mpf.index_bytes(2)


@given(st.binary(max_size=120))
def test_damaged_index_has_no_more_pictures_than_the_limit(noise: bytes) -> None:
    assert len(mpf.read_index(b"MPF\0MM\0*\0\0\0\x08" + noise)) <= mpf.PICTURES_LIMIT
    assert len(mpf.read_index(noise)) <= mpf.PICTURES_LIMIT


def test_packet_without_parameters_is_no_gain_map() -> None:
    assert gainmap.parameters_xmp({"hdrgm:Version": ["1.0"]}) == b""
    assert gainmap.directory_xmp({"hdrgm:Version": ["Ana"]}, 5) == b""


def test_three_channels_of_a_gain_map_stay_three() -> None:
    values = {"hdrgm:Version": ["1.0"], "hdrgm:GainMapMax": ["1", "2", "3"]}
    packet = gainmap.parameters_xmp(values)
    assert packet.count(b"<rdf:li>") == 3


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025:05:03 14:02:00", "2025-05-03T14:02:00"),
        ("2025-05-03T14:02:00.123+02:00", "2025-05-03T14:02:00+02:00"),
        ("2025-05-03T14:02Z", "2025-05-03T14:02:00+00:00"),
        ("20250503T140200-0500", "2025-05-03T14:02:00-05:00"),
        ("2025-05-03", "2025-05-03"),
        ("0000:00:00 00:00:00", None),
        ("yesterday", None),
    ],
)
def test_time_is_read_in_each_writing(text: str, iso: str | None) -> None:
    assert moment(text) == iso


def test_same_thing_in_two_places_is_one_finding() -> None:
    one = Finding(Kind.PERSON, "A", "Names who made it: Ana", "Ana", (Span(1, 2),))
    other = Finding(Kind.PERSON, "B", "Names who holds the rights: Ana", "Ana", (Span(5, 6),))
    (joined,) = merged([one, other])
    assert joined.where == "A"
    assert joined.spans == (Span(1, 2), Span(5, 6))


@given(st.text(max_size=900))
def test_shown_text_is_short_and_on_one_line(text: str) -> None:
    shown = tidy(text)
    assert len(shown) <= 200
    assert "\n" not in shown
    assert tidy(shown) == shown


@given(
    st.builds(
        Facts,
        orientation=st.none() | st.integers(2, 8),
        taken_at=st.sampled_from([None, "2025-05-03T14:02:00", "2025-05-03T14:02:00+02:00"]),
        artist=st.none() | st.text(min_size=1, max_size=60).map(tidy).filter(bool),
        rights=st.sampled_from([None, "(c) Ana"]),
        make=st.sampled_from([None, "Make"]),
        model=st.sampled_from([None, "Model é"]),
        latitude=st.floats(-90, 90).map(lambda value: round(value, 6)),
        longitude=st.floats(-180, 180).map(lambda value: round(value, 6)),
    )
)
def test_facts_come_back_from_the_block_made_of_them(facts: Facts) -> None:
    again = read_exif(minimal_exif(facts), "X").facts
    assert minimal_exif(again) == minimal_exif(facts)


@given(st.floats(-180, 180))
def test_coarse_location_is_settled_after_one_rounding(degrees: float) -> None:
    assert coarse(coarse(degrees)) == coarse(degrees)
    assert abs(coarse(degrees) - degrees) <= 0.0501


def test_nothing_but_the_orientation_stays_without_a_wish() -> None:
    facts = Facts(6, "2025-05-03", "Ana", "Ana", "Make", "Model", 45.0, 4.0)
    assert facts.wished(Wish()) == Facts(orientation=6)
    assert facts.wished(Wish(frozenset({Kind.DEVICE}))) == Facts(6, make="Make", model="Model")


@pytest.mark.parametrize("orientation", range(2, 9))
def test_block_that_only_turns_the_picture_is_what_piexif_makes(orientation: int) -> None:
    made = piexif.dump({"0th": {piexif.ImageIFD.Orientation: orientation}})
    assert minimal_exif(Facts(orientation)) == made[len(EXIF_HEADER) :]
