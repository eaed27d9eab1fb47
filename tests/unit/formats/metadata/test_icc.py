"""ICC: the profiles of vendors stay as they are; what is a person's own goes, colours stay."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.pixels import are_alike
from sharewise.formats.metadata import icc
from sharewise.formats.metadata.icc_words import is_common
from support.images import srgb
from support.profiles import old_name, own, plain_text, profile, wide_text

TOKEN = b"CANARY-7f3a-words"
WIDE = TOKEN.decode().encode("utf-16-be")
_SCREEN = struct.pack(">4s9I", b"mmod", 0, 0x610, 0x9D03, 0x0BADCAFE, 0xB0CF3B80, 0, 0, 0, 0)
_NAMED_VALUE = b"dict" + bytes(4) + struct.pack(">6I", 1, 16, 32, 0, 32, len(WIDE)) + WIDE

LEAKS = {
    "name": profile({b"desc": old_name(TOKEN)}),
    "name by language": profile({b"desc": wide_text(TOKEN.decode())}),
    "name behind a common one": profile({b"desc": wide_text("sRGB " + TOKEN.decode())}),
    "name for a script": profile(
        {b"desc": b"desc" + bytes(4) + struct.pack(">I", 1) + bytes(11) + b"\x11" + TOKEN.ljust(67)}
    ),
    "rights": profile({b"cprt": plain_text(TOKEN)}),
    "screen's name": profile(extra=[(b"dmdd", wide_text(TOKEN.decode()))]),
    "screen's maker": profile(extra=[(b"dmnd", old_name(TOKEN))]),
    "measurements": profile(extra=[(b"targ", plain_text(TOKEN))]),
    "named values": profile(extra=[(b"meta", _NAMED_VALUE)]),
    "private tag": profile(extra=[(b"priv", plain_text(TOKEN))]),
    "unknown type": profile(extra=[(b"lumi", b"zzzz" + bytes(4) + TOKEN)]),
    "between tags": profile(between=TOKEN),
    "reserved": profile(header=(100, TOKEN)),
    "number of its own": profile(header=(84, TOKEN[:16])),
    "behind a curve": profile(extra=[(b"kTRC", b"curv" + bytes(8) + TOKEN)]),
    "behind a colour": profile(
        {b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061) + TOKEN}
    ),
}


@pytest.mark.parametrize("name", LEAKS)
def test_what_is_a_persons_own_goes_and_colours_stay(name: str) -> None:
    data = LEAKS[name]
    looked = icc.look_at(data)
    assert len(looked.neutral) == len(data)
    assert TOKEN[:16] not in looked.neutral
    assert WIDE not in looked.neutral
    assert are_alike(data, looked.neutral)
    assert icc.look_at(looked.neutral).neutral == looked.neutral


def test_the_first_own_text_is_said() -> None:
    assert icc.note_of(icc.look_at(LEAKS["name"])).endswith(TOKEN.decode())
    assert icc.kept_name(icc.look_at(LEAKS["name"]).neutral) == "icc"


def test_a_screens_serial_number_goes_but_not_a_placeholder() -> None:
    assert b"\x0b\xad\xca\xfe" not in icc.look_at(profile(extra=[(b"mmod", _SCREEN)])).neutral
    unset = profile(extra=[(b"mmod", _SCREEN.replace(b"\x0b\xad\xca\xfe", b"\1\1\1\1"))])
    assert icc.look_at(unset).neutral == unset


def test_a_profile_of_everybody_stays_as_it_is() -> None:
    common = profile(
        {b"desc": old_name(b"Adobe RGB (1998)"), b"cprt": plain_text(b"Copyright Apple Inc., 2017")}
    )
    for one in (srgb(), common):
        assert icc.look_at(one).neutral == one


def test_when_a_persons_own_was_made_goes_too() -> None:
    dirty = own(TOKEN)
    assert icc.look_at(dirty).neutral[24:36] == struct.pack(">6H", 2000, 1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Copyright (c) 1998 Hewlett-Packard Company", True),
        ("IEC 61966-2.1 Default RGB colour space - sRGB", True),
        ("Nikon Adobe RGB 4.0.0.3000", True),
        ("", True),
        ("Anna's screen", False),
        ("Display 0123456789", False),
        ("123 456 789 012", False),
        ("sRGB " * 400, False),
    ],
)
def test_common_texts_are_told_from_own_ones(text: str, expected: bool) -> None:
    assert is_common(text) is expected


@given(st.binary(max_size=400), st.integers(128, 400))
def test_whatever_stands_in_a_profile_it_keeps_its_size(tags: bytes, at: int) -> None:
    data = bytearray(srgb())
    data[at : at + len(tags)] = tags
    whole = bytes(data[: len(srgb())])
    neutral = icc.look_at(whole).neutral
    assert len(neutral) == len(whole)
    assert icc.look_at(neutral).neutral == neutral
