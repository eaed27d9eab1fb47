from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.formats.contract import Finding, Kind
from sharewise.formats.metadata.xmp import TAGS_LIMIT, properties, read_xmp
from support.images import xmp


def found(packet: bytes, kind: Kind) -> list[Finding]:
    return [one for one in read_xmp(packet, "X").findings if one.kind is kind]


@pytest.mark.parametrize(
    ("north", "east", "value"),
    [
        ("45,45.84N", "4,50.142E", "45.764,4.8357"),
        ("33,55,30S", "18,25,30W", "-33.925,-18.425"),
        ("45.764", "-4.8357", "45.764,-4.8357"),
    ],
)
def test_location_is_read_in_each_writing(north: str, east: str, value: str) -> None:
    packet = xmp(attributes=f'exif:GPSLatitude="{north}" exif:GPSLongitude="{east}"')
    (finding,) = found(packet, Kind.LOCATION)
    assert finding.value == value


def test_names_on_faces_are_people() -> None:
    inside = (
        '<rdf:Bag xmlns:m="http://www.metadataworkinggroup.com/schemas/regions/">'
        '<rdf:li><rdf:Description m:Name="Ana" m:Type="Face"/></rdf:li>'
        '<rdf:li><rdf:Description m:Name="Ben"/></rdf:li></rdf:Bag>'
    )
    (finding,) = found(xmp(inside), Kind.PERSON)
    assert finding.value == "Ana, Ben"
    assert "faces" in finding.summary


def test_list_is_one_finding_with_each_thing_once() -> None:
    inside = "<dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>sea</rdf:li><rdf:li>sun</rdf:li>"
    (finding,) = found(xmp(inside + "</rdf:Bag></dc:subject>"), Kind.DESCRIPTION)
    assert finding.value == "sea, sun"


def test_picture_by_ai_is_said_to_be_one() -> None:
    uri = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    packet = xmp(attributes=f'Iptc4xmpExt:DigitalSourceType="{uri}"')
    (finding,) = found(packet, Kind.PROVENANCE)
    assert "AI" in finding.summary


def test_identifiers_are_one_finding() -> None:
    packet = xmp(attributes='xmpMM:DocumentID="a-1" xmpMM:InstanceID="b-2"')
    assert [one.value for one in found(packet, Kind.IDENTIFIER)] == ["a-1"]


def test_history_counts_its_steps() -> None:
    steps = '<rdf:li stEvt:action="saved"/>' * 3
    (finding,) = found(xmp(f"<xmpMM:History><rdf:Seq>{steps}</rdf:Seq>"), Kind.HISTORY)
    assert "3 steps" in finding.summary


def test_prefix_of_a_packet_s_own_choice_is_understood() -> None:
    packet = (
        b'<rdf:Description xmlns:zz="http://ns.adobe.com/exif/1.0/" '
        b'zz:GPSLatitude="1,0N" zz:GPSLongitude="2,0E"/>'
    )
    assert [one.value for one in found(packet, Kind.LOCATION)] == ["1,2"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_packet_in_utf_16_is_read(encoding: str) -> None:
    packet = xmp("<dc:creator>Ana</dc:creator>").decode().encode(encoding)
    assert [one.value for one in found(packet, Kind.PERSON)] == ["Ana"]


def test_packet_that_says_nothing_known_is_still_a_finding() -> None:
    assert [one.kind for one in read_xmp(b"", "X").findings] == [Kind.OTHER]


def test_entities_that_a_packet_defines_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    packet = bomb + xmp("<dc:creator>&b;</dc:creator>")
    (finding,) = found(packet, Kind.PERSON)
    assert finding.value == "&b;"


@pytest.mark.parametrize(
    "packet",
    [
        b"<a:b " * 60_000,
        b'<a:b c:d="' * 30_000,
        b"<a:b>" * 60_000,
        b"<a:" + b"a" * 260_000 + b">",
        b"<a:b " + b"a" * 260_000 + b">",
        b"<a:b " + b"a:" * 130_000 + b">",
        b"<a:b " + b" " * 260_000,
        b"<a:b c:d" + b" " * 260_000 + b">",
    ],
)
@pytest.mark.timeout(60)  # work that grew with the square of the length would take hours
def test_hostile_packet_takes_no_longer_than_its_length(packet: bytes) -> None:
    assert read_xmp(packet, "X").findings


def test_values_and_tags_are_bounded() -> None:
    packet = b"<dc:subject>x</dc:subject>" * TAGS_LIMIT
    assert len(properties(packet, frozenset({"dc:subject"}))["dc:subject"]) <= 32


@given(st.text(max_size=300))
def test_whatever_is_in_a_packet_it_is_read(text: str) -> None:
    assert read_xmp(text.encode("utf-8", "replace"), "X").findings


def test_either_quote_and_spaces_around_the_sign_are_read() -> None:
    inside = "<rdf:Description dc:a = 'one' dc:b\n=\t\"two\" c='three'/><dc:d>four</dc:d>"
    values = properties(xmp(inside), frozenset({"dc:a", "dc:b", "dc:d", "c"}))
    assert (values["dc:a"], values["dc:b"], values["dc:d"]) == (["one"], ["two"], ["four"])
    assert "c" not in values
