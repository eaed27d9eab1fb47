from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewise.formats.contract import Finding, Kind
from sharewise.formats.metadata.exif import orientation_of, read_exif
from sharewise.formats.metadata.tiff import DIRECTORIES_LIMIT, ENTRIES_LIMIT, read_tiff
from support.images import exif, gps, jpeg


def found(block: bytes, kind: Kind) -> list[Finding]:
    return [one for one in read_exif(block, "X").findings if one.kind is kind]


def directory(order: str, entries: list[tuple[int, int, int, bytes]], after: int = 0) -> bytes:
    rows = b"".join(
        struct.pack(f"{order}HHI4s", tag, kind, count, raw) for tag, kind, count, raw in entries
    )
    return struct.pack(f"{order}H", len(entries)) + rows + struct.pack(f"{order}I", after)


def block(order: str, *parts: bytes) -> bytes:
    head = b"II*\0\x08\0\0\0" if order == "<" else b"MM\0*\0\0\0\x08"
    return head + b"".join(parts)


@pytest.mark.parametrize(
    ("latitude", "longitude", "value"),
    [
        (45.764, 4.8357, "45.764,4.8357"),
        (-33.9249, 18.4241, "-33.9249,18.4241"),
        (40.7128, -74.006, "40.7128,-74.006"),
        (0, 0, "0,0"),
    ],
)
def test_location_is_in_signed_decimal_degrees(
    latitude: float, longitude: float, value: str
) -> None:
    (finding,) = found(exif(gps=gps(latitude, longitude)), Kind.LOCATION)
    assert finding.value == value
    assert finding.where == "X/GPS"


def test_location_says_how_exact_it_is() -> None:
    (finding,) = found(exif(gps=gps(45.764, 4.8357, accuracy_m=5)), Kind.LOCATION)
    assert finding.summary == "Says where it was taken: 45.76400, 4.83570 (to about 5 m)"


def test_degrees_minutes_and_seconds_add_up() -> None:
    place = {1: b"N", 2: ((45, 1), (45, 1), (5040, 100)), 3: b"E", 4: ((4, 1), (50, 1), (0, 1))}
    (finding,) = found(exif(gps=place), Kind.LOCATION)
    assert finding.value == "45.764,4.833333"


def test_place_that_is_not_on_earth_has_no_value() -> None:
    (finding,) = found(exif(gps=gps(95.0, 4.0)), Kind.LOCATION)
    assert finding.value is None


def test_division_by_zero_is_no_number() -> None:
    place = {1: b"N", 2: ((45, 0), (0, 0), (0, 0)), 3: b"E", 4: ((4, 1), (0, 1), (0, 1))}
    (finding,) = found(exif(gps=place), Kind.LOCATION)
    assert finding.value is None


def test_time_is_that_of_taking_it_with_its_offset() -> None:
    times = {36867: b"2025:05:03 14:02:00", 36881: b"+02:00", 36868: b"2025:05:04 00:00:00"}
    (finding,) = found(exif({306: b"2026:01:01 00:00:00"}, times), Kind.TIME)
    assert finding.value == "2025-05-03T14:02:00+02:00"
    assert finding.summary == "Says when it was taken: 3 May 2025, 14:02"


def test_time_that_is_none_is_no_finding() -> None:
    assert found(exif({306: b"0000:00:00 00:00:00"}), Kind.TIME) == []


def test_maker_is_not_said_twice() -> None:
    (finding,) = found(exif({271: b"Canon", 272: b"Canon EOS 5D"}), Kind.DEVICE)
    assert finding.value == "Canon EOS 5D"


def test_serial_numbers_and_owner_are_findings_of_their_own() -> None:
    details = {0xA431: b"B-77", 0xA435: b"L-88", 0xA430: b"Ana"}
    block_ = exif(details=details)
    assert [one.value for one in found(block_, Kind.SERIAL)] == ["B-77", "L-88"]
    assert [one.value for one in found(block_, Kind.PERSON)] == ["Ana"]


def test_comment_is_read_in_its_own_encoding() -> None:
    wide = exif(details={0x9286: b"UNICODE\0" + "für Ana".encode("utf-16-be")})
    assert found(wide, Kind.DESCRIPTION)[0].value == "für Ana"
    plain = exif(details={0x9286: b"ASCII\0\0\0for Ana"})
    assert found(plain, Kind.DESCRIPTION)[0].value == "for Ana"


def test_text_of_windows_is_read() -> None:
    block_ = exif({0x9C9D: tuple("Ana\0".encode("utf-16-le"))})
    assert found(block_, Kind.PERSON)[0].value == "Ana"


def test_thumbnail_is_a_finding() -> None:
    assert found(exif({271: b"x"}, thumbnail=jpeg()), Kind.THUMBNAIL)


def test_maker_note_is_one_finding_and_its_serial_number_another() -> None:
    serial = b"1234567\0"
    note = b"FUJIFILM" + struct.pack("<I", 12)
    note += directory("<", [(0x10, 2, len(serial), struct.pack("<I", 30))]) + serial
    block_ = exif({271: b"FUJIFILM"}, {0x927C: note})
    assert len(found(block_, Kind.MAKER_NOTE)) == 1
    assert [one.value for one in found(block_, Kind.SERIAL)] == ["1234567"]


def test_shown_text_has_no_control_or_direction_marks() -> None:
    (finding,) = found(exif({315: "Ana\u202e\x07\nB".encode()}), Kind.PERSON)
    assert finding.value == "Ana B"


def test_shown_text_is_short() -> None:
    (finding,) = found(exif({315: b"A" * 9000}), Kind.PERSON)
    assert finding.value is not None
    assert len(finding.value) == 200


def test_block_of_resolution_and_orientation_alone_is_harmless() -> None:
    read = read_exif(exif({274: 6, 282: (72, 1), 283: (72, 1), 296: 2}), "X")
    assert read.is_harmless
    assert read.findings == ()
    assert read.facts.orientation == 6


@pytest.mark.parametrize(
    "hiding",
    [
        exif({274: 6}) + b"CANARY-hidden behind",
        block("<", directory("<", [(274, 3, 1, b"\6\0\0\0"), (282, 5, 999, b"\x08\0\0\0")])),
        block("<", directory("<", [(274, 3, 1, b"\6\0\0\0"), (274, 3, 1, b"\6\0\0\0")])),
    ],
)
def test_block_with_anything_more_is_not_harmless(hiding: bytes) -> None:
    assert not read_exif(hiding, "X").is_harmless


@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_is_read_in_both_byte_orders(order: str) -> None:
    entry = (274, 3, 1, struct.pack(f"{order}HH", 8, 0))
    assert orientation_of(block(order, directory(order, [entry]))) == 8


def test_directories_that_loop_are_read_once() -> None:
    tiff = read_tiff(block("<", directory("<", [(0x8769, 4, 1, b"\x08\0\0\0")], after=8)))
    assert list(tiff.directories) == ["IFD0"]
    assert tiff.faults


def test_directory_that_claims_65535_entries_is_bounded() -> None:
    data = b"II*\0\x08\0\0\0\xff\xff" + bytes(12 * 70_000)
    tiff = read_tiff(data)
    assert tiff.faults
    assert len(tiff.directories["IFD0"]) <= ENTRIES_LIMIT


def test_chain_of_directories_is_bounded() -> None:
    parts = [directory("<", [], after=8 + 6 * (index + 1)) for index in range(500)]
    assert len(read_tiff(block("<", *parts)).directories) <= DIRECTORIES_LIMIT


def test_value_of_a_thousand_million_numbers_is_bounded() -> None:
    entry = (2, 5, 10**9, b"\x08\0\0\0")
    pointer = (0x8825, 4, 1, struct.pack("<I", 26))
    data = block("<", directory("<", [pointer]), directory("<", [entry]))
    assert read_exif(data, "X").findings


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"II*\0", b"MM\0*", b""]))
def test_whatever_is_in_a_block_it_is_read(noise: bytes, head: bytes) -> None:
    read = read_exif(head + noise, "X")
    assert read.findings or read.is_harmless


def test_serial_numbers_of_body_and_lens_are_found_in_a_directory_of_their_own() -> None:
    def entry(tag: int, text: bytes, at: int) -> bytes:
        return struct.pack("<HHII", tag, 2, len(text), at)

    texts = (0x0101, b"BHP123456\0"), (0x0102, b"412411001\0"), (0x0202, b"AC1205545\0")
    rows, values, at = b"", b"", 30 + 2 + 3 * 12 + 4
    for tag, text in texts:
        rows += entry(tag, text, at + len(values))
        values += text
    note = b"OLYMPUS\0II\3\0" + struct.pack("<H", 1)
    note += struct.pack("<HHII", 0x2010, 13, 1, 30) + bytes(4)
    note += struct.pack("<H", len(texts)) + rows + bytes(4) + values
    block_ = read_exif(exif({271: b"OLYMPUS"}, {0x927C: note}), "P")
    said = {one.value for one in block_.findings if one.kind is Kind.SERIAL}
    assert said == {"BHP123456", "412411001", "AC1205545"}
