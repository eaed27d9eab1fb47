"""Maker notes: the serial numbers and names in the layouts of their makers."""

from __future__ import annotations

import pytest

from sharewise.formats.contract import Finding, Kind
from sharewise.formats.metadata.exif import read_exif
from support.raws import directory
from support.tiffs import Page, Tag, blob, long, text, tiff


def findings(make: bytes, note_at: int, note: bytes) -> list[Finding]:
    """Return what a block with this note gives away; its offsets count as if it were at `note_at`.

    The block is filled up so that the note lies there.
    """
    photo = Page({0x927C: blob(note)})
    block = tiff(Page({271: text(make)}, children={0x8769: [photo]}), behind=bytes(note_at - 16))
    assert block.find(note) == note_at
    return list(read_exif(block, "X").findings)


def serials(make: bytes, note_at: int, note: bytes) -> list[str | None]:
    return [one.value for one in findings(make, note_at, note) if one.kind is Kind.SERIAL]


def note(prefix: bytes, rows: dict[int, Tag], base: int, order: str = "<") -> bytes:
    """Return notes whose offsets count from `base` bytes before their start."""
    return prefix + directory(order, rows, base + len(prefix))


AT = 300


@pytest.mark.parametrize(
    ("make", "prefix", "tag", "value", "serial"),
    [
        (b"RICOH", b"Ricoh\0\0\0", 5, blob(b"0000000012345678"), "0000000012345678"),
        (b"RICOH", b"RICOH\0\0\0", 5, blob(bytes(7) + b"\1\x22\7\0\0\3\x10\x09\x57"), None),
        (b"SIGMA", b"SIGMA\0\0\0\1\0", 2, text(b"90600117"), "90600117"),
        (b"OLYMPUS", b"OLYMP\0\1\0", 0x101A, text(b"115332808"), "115332808"),
        (b"PENTAX", b"AOC\0II", 0x215, long(1, 2, 3, 4, 132352), "132352"),
        (b"Panasonic", b"Panasonic\0\0\0", 0x52, text(b"XT0701"), "XT0701"),
        (b"Canon", b"", 0x4019, blob(b"\0\0\x27\xce\xd3" + bytes(25)), "000027ced3"),
        (b"Nintendo", b"", 0x1101, blob(bytes(24) + b"\x57\x5b\xbd\xf3" + bytes(30)), "575bbdf3"),
    ],
)
def test_serial_number_is_read(
    make: bytes, prefix: bytes, tag: int, value: Tag, serial: str | None
) -> None:
    (found,) = serials(make, AT, note(prefix, {tag: value}, AT))
    assert found == (serial or "00000000000000012207000003100957")


@pytest.mark.parametrize(
    ("make", "prefix", "tag"),
    [
        (b"Motorola", b"MOT\0\1\1\1\1", 0x5501),
        (b"PENTAX", b"PENTAX \0II", 0x229),
        (b"SAMSUNG", b"", 0xA002),
    ],
)
def test_offsets_may_count_from_the_notes(make: bytes, prefix: bytes, tag: int) -> None:
    assert serials(make, AT, note(prefix, {tag: text(b"NX0A3S0075")}, 0)) == ["NX0A3S0075"]


def test_notes_may_have_a_byte_order_of_their_own() -> None:
    rows = {0x5501: text(b"NX0A3S0075")}
    assert serials(b"Motorola", AT, note(b"MOT\0\1\1\1\1", rows, 0, ">")) == ["NX0A3S0075"]


@pytest.mark.parametrize("prefix", [b"SONY DSC \0\0\0", b""])
def test_enciphered_serial_number_is_told_without_a_value(prefix: bytes) -> None:
    (found,) = serials(b"SONY", AT, note(prefix, {0x9050: blob(b"\x8a" * 300)}, AT))
    assert found is None
    assert serials(b"SONY", AT, note(prefix, {0x9050: blob(bytes(300))}, AT)) == []


def test_place_and_name_that_a_camera_was_told() -> None:
    rows = {0x66: blob(b"Jane\0\0"), 0x67: blob(b"Lyon\0\0\0\0")}
    found = findings(b"Panasonic", AT, note(b"Panasonic\0\0\0", rows, AT))
    told = {(one.kind, one.value) for one in found}
    assert {(Kind.PERSON, "Jane"), (Kind.LOCATION, "Lyon")} <= told


@pytest.mark.parametrize("cut", range(0, 40, 7))
def test_broken_notes_are_no_error(cut: int) -> None:
    whole = note(b"AOC\0II", {0x215: long(1, 2, 3, 4, 5)}, AT)
    findings(b"PENTAX", AT, whole[: len(whole) - cut] + b"\0")


def test_serial_number_beside_the_exif_directory_is_told() -> None:
    found = read_exif(tiff(Page({0xA431: text(b"142066")})), "X").findings
    assert [one.value for one in found if one.kind is Kind.SERIAL] == ["142066"]


def test_no_serial_number_is_made_of_zeros() -> None:
    rows = {0x1101: blob(bytes(64))}
    assert serials(b"Nintendo", AT, note(b"", rows, AT)) == []
