"""Raw files of cameras: what develops them stays, and everything else goes."""

from __future__ import annotations

import struct

import pytest

from fuzz.invariant import hold
from sharewise.formats import engine, judge
from sharewise.formats.contract import Depth, Kind, Plan, Refused, Report, Wish
from support.formats import clean, examine
from support.images import SECRET
from support.raws import (
    RAWS,
    SERIAL,
    enciphered,
    enciphered_balance,
    nef,
    noise,
    orf,
    rw2,
)

NAMED = Wish(frozenset({Kind.DEVICE}))
NUMBERED = Wish(frozenset({Kind.DEVICE, Kind.SERIAL}))

each_raw = pytest.mark.parametrize("name", list(RAWS))


def refused(data: bytes, wish: Wish = NAMED) -> str:
    cleaning = examine(data, wish).cleaning
    assert isinstance(cleaning, Refused), cleaning
    return cleaning.reason


def other_cipher() -> bytes:
    return nef(b"", b"0219" + noise(700))


@each_raw
def test_all_goes_but_the_name_of_the_camera(name: str) -> None:
    data = RAWS[name](SECRET)
    examined = examine(data, NAMED)
    assert examined.report.format == name
    assert {Kind.LOCATION, Kind.SERIAL, Kind.PERSON, Kind.TIME, Kind.MAKER_NOTE} <= {
        finding.kind for finding in examined.report.findings
    }
    assert isinstance(examined.cleaning, Plan)
    assert Kind.DEVICE.value in examined.cleaning.kept
    assert Kind.DEVICE not in examined.cleaning.removed
    cleaned = engine.apply(examined.cleaning, data)
    assert SECRET not in cleaned
    assert SERIAL not in cleaned
    assert b"2025:05:03" not in cleaned


@each_raw
def test_nothing_but_the_camera_is_found_afterwards(name: str) -> None:
    cleaned = clean(RAWS[name](SECRET), NAMED)
    for depth in Depth:
        report = engine.run(judge.inspect(engine.source_of(cleaned), depth), cleaned)
        assert isinstance(report, Report)
        assert {finding.kind for finding in report.findings} == {Kind.DEVICE}


@each_raw
def test_without_leave_to_keep_the_name_it_is_refused(name: str) -> None:
    for data in (RAWS[name](SECRET), clean(RAWS[name](SECRET), NAMED)):
        assert "--keep device" in refused(data, Wish())


@each_raw
def test_what_must_hold_for_every_file_holds(name: str) -> None:
    data = RAWS[name](SECRET)
    for one in (data, clean(data, NAMED), data[: len(data) // 2], data[:900]):
        hold(one)


@each_raw
def test_name_that_is_too_long_to_be_one_is_refused(name: str) -> None:
    data = RAWS[name](SECRET)
    count = data.index(struct.pack("<HH", 272, 2) if data[:2] == b"II" else b"\1\x10\0\2") + 4
    longer = struct.pack("<I" if data[:2] == b"II" else ">I", 99)
    assert refused(data[:count] + longer + data[count + 4 :])


@pytest.mark.parametrize(("version", "place"), [(b"0204", 6), (b"0205", 14), (b"0209", 10)])
def test_enciphered_colours_of_a_nikon_lose_the_serial_number(version: bytes, place: int) -> None:
    data = nef(SECRET, enciphered_balance(version, place))
    assert Kind.SERIAL in {one.kind for one in examine(data, NAMED).report.findings}
    cleaned = clean(data, NAMED)
    assert SERIAL not in cleaned
    assert SECRET not in cleaned
    assert struct.pack(">I", 3619) not in cleaned
    assert {one.kind for one in examine(cleaned, NAMED).report.findings} == {Kind.DEVICE}
    hold(data)


def test_colours_enciphered_in_another_way_need_the_serial_number() -> None:
    data = other_cipher()
    assert "serial" in refused(data)
    cleaned = clean(data, NUMBERED)
    assert SERIAL in cleaned
    assert {Kind.DEVICE, Kind.SERIAL} == {
        finding.kind for finding in examine(cleaned, NUMBERED).report.findings
    }


def test_serial_number_that_is_no_number_is_refused() -> None:
    data = nef(SECRET, enciphered_balance(b"0204", 6)).replace(SERIAL, b"NO=" + SERIAL[3:])
    assert "maker's notes" in refused(data)


def test_white_balance_that_is_cut_short_is_refused() -> None:
    assert "maker's notes" in refused(nef(b"", enciphered_balance(b"0204", 6)[:500]))


@pytest.mark.parametrize("balance", [b"0101", b"none"])
def test_white_balance_of_unknown_kind_is_refused(balance: bytes) -> None:
    assert refused(nef(SECRET, balance))


def test_words_among_the_needed_numbers_are_refused() -> None:
    data = orf(SECRET)
    black = struct.pack("<4H", 64, 64, 64, 64)
    assert data.count(black) == 1
    kept = clean(data, NAMED)
    assert black in kept
    assert "unusual" in refused(nef(SECRET, b"0219" + noise(300) + SECRET * 30), NUMBERED)


def test_words_behind_the_pixels_of_a_panasonic_are_refused() -> None:
    assert "unusual" in refused(rw2(SECRET) + 2 * SECRET)


def test_needed_value_that_lies_elsewhere_is_refused() -> None:
    data = RAWS["CR2"](SECRET)
    row = data.index(struct.pack("<HHI", 0x4001, 3, 582))
    (at,) = struct.unpack_from("<I", data, row + 8)
    assert "unusual" in refused(data[: row + 8] + struct.pack("<I", at + 9000) + data[row + 12 :])


def test_notes_of_an_unknown_kind_are_refused() -> None:
    data = orf(SECRET).replace(b"OLYMPUS\0II", b"OLYMPIA\0II")
    assert "maker's notes" in refused(data)


def test_notes_of_which_nothing_is_needed_go_as_a_whole() -> None:
    data = RAWS["ARW"](SECRET).replace(b"\x01\xb0\x03\0", b"\x01\xb1\x03\0")
    assert b"SONY DSC" not in clean(data, NAMED)


def test_block_of_a_sony_keeps_its_colours_alone() -> None:
    data = RAWS["ARW"](SECRET)
    for one in (data, clean(data, NAMED)):
        at, size, key = sony_block(one)
        block = enciphered(one[at : at + size], key)
        assert struct.pack("<4h", 1800, 1024, 1024, 1500) in block
        assert (SECRET in block) == (SERIAL in block) == (one is data)


@pytest.mark.parametrize(
    ("tag", "value"), [(0x7200, 1 << 31), (0x7201, 1 << 24), (0x7201, 30), (0x7221, 1)]
)
def test_block_of_a_sony_that_cannot_be_read_is_refused(tag: int, value: int) -> None:
    data = RAWS["ARW"](SECRET)
    row = data.index(struct.pack("<HHI", tag, 4, 1)) + 8
    assert "maker's notes" in refused(data[:row] + struct.pack("<I", value) + data[row + 4 :])


def test_words_among_the_colours_of_a_sony_are_refused() -> None:
    data = RAWS["ARW"](SECRET)
    at, size, key = sony_block(data)
    block = enciphered(data[at : at + size], key)
    place = block.index(struct.pack("<4h", 1800, 1024, 1024, 1500))
    entry = block.index(struct.pack("<HHI", 0x7313, 8, 4))
    longer = bytearray(block)
    longer[entry + 4 : entry + 8] = struct.pack("<I", 12)
    longer[place : place + 24] = (SECRET * 3)[:24]
    result = data[:at] + enciphered(bytes(longer), key) + data[at + size :]
    assert "maker's notes" in refused(result)


def test_a_sony_without_a_block_keeps_what_its_directories_say() -> None:
    data = RAWS["ARW"](SECRET)
    row = data.index(struct.pack("<HHI", 50740, 1, 4))
    cleaned = clean(data[:row] + struct.pack("<HHI", 50745, 1, 4) + data[row + 8 :], NAMED)
    assert struct.pack("<4H", 8000, 10400, 12900, 14100) in cleaned
    assert not any(cleaned[sony_block(data)[0] :][: sony_block(data)[1]])


def sony_block(data: bytes) -> tuple[int, int, int]:
    """Return where the block is, how long, and its key."""
    numbers = []
    for tag in (0x7200, 0x7201, 0x7221):
        row = data.index(struct.pack("<HHI", tag, 4, 1))
        numbers.append(struct.unpack_from("<I", data, row + 8)[0])
    return numbers[0], numbers[1], numbers[2]


def test_a_raw_of_another_maker_is_refused() -> None:
    data = nef(SECRET).replace(b"NIKON CORPORATION\0", b"KODAK\0" + bytes(12))
    assert examine(data, NAMED).report.format == "raw"
    assert "maker's notes" in refused(data)
