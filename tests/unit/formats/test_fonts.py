"""Notes of fonts go, no letter changes."""

from __future__ import annotations

import random
import struct

from sharewise.formats import fonts

TOKEN = b"SECRET-PLACE"


def sfnt(tables: dict[bytes, bytes]) -> bytes:
    at = 12 + 16 * len(tables)
    directory, body = b"", b""
    for tag, table in tables.items():
        directory += struct.pack(">4sIII", tag, 0, at + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    return b"\0\1\0\0" + struct.pack(">HHHH", len(tables), 16, 0, 0) + directory + body


def index(parts: list[bytes]) -> bytes:
    offsets = [1]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    return struct.pack(">HB", len(parts), 1) + bytes(offsets) + b"".join(parts)


def cff() -> bytes:
    top = b"\xf8\x1b\x01" + b"\x1e\x1f\x05" + b"\x1c\x01\x88\x02"
    return b"\1\0\4\1" + index([b"Name-" + TOKEN]) + index([top]) + index([TOKEN, TOKEN, b"kept"])


def test_notes_of_an_opentype_font_go() -> None:
    head = bytes(20) + TOKEN + bytes(22)
    tables = {b"head": head, b"glyf": b"abcde", b"name": TOKEN, b"FFTM": TOKEN, b"CFF ": cff()}
    result = fonts.without_notes(sfnt(tables))
    assert result is not None
    assert TOKEN not in result
    assert b"abcde" in result
    assert b"kept" in result
    assert fonts.without_notes(result) == result


def test_notes_of_a_type_1_font_are_blank() -> None:
    data = b"%!PS-AdobeFont-1.0: CMR10\n% SECRET-PLACE\n/Notice (a (SECRET-PLACE) b) readonly def\n"
    data += b"/FontMatrix [0.001 0 0 0.001 0 0] def currentfile eexec\n" + bytes(range(200))
    result = fonts.without_notes(data)
    assert result is not None
    assert TOKEN not in result
    assert len(result) == len(data)
    assert result[-250:] == data[-250:]


def test_names_of_a_cff_font_are_blank() -> None:
    result = fonts.without_notes(cff())
    assert result is not None
    assert TOKEN not in result
    assert len(result) == len(cff())
    assert result.endswith(b"kept")


def test_any_font_is_cleaned_or_not_understood() -> None:
    choose = random.Random(5)
    for start in (b"\1\0\4\1", b"\0\1\0\0", b"OTTO", b"%!") * 40:
        noise, at = choose.randbytes(choose.randrange(80)), choose.randrange(60)
        for data in (start + noise, cff()[:at] + noise + cff()[at:], sfnt({b"head": noise})[:at]):
            result = fonts.without_notes(data)
            assert result is None or fonts.without_notes(result) == result
