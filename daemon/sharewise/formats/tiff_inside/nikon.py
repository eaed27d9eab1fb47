"""Keep of Nikon's enciphered white balance the four numbers, without the serial number.

Its cipher is keyed with serial number and shutter count, so a file whose numbers are gone shows
other colours. The numbers are deciphered, all else of the value becomes zero, and they are
enciphered again with serial number 0 and shutter count 0, which then stand in the notes. Sources:
what dcraw, LibRaw and ExifTool publish of the cipher, its two tables, and the layouts by version.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from sharewise.formats.contract import Steps
from sharewise.formats.reading import Reader
from sharewise.formats.tiff_inside.keep import Kept
from sharewise.formats.tiff_inside.walk import Entry

SERIAL, COUNT, BALANCE = 0x1D, 0xA7, 0x97
_FIRST_VERSION = 200
_PLACES = "66666>666;6A;:;55"
"""Where the numbers stand, by version from 200 on: 0 is "0", odd ones begin one byte earlier."""
_WINDOW_BYTES = 324
_GAP_BYTES = {205: 0}
_USUAL_GAP_BYTES = 280
_NUMBERS_BYTES = 8
_SERIAL_BYTES = 32

_FIRST = bytes.fromhex(
    "c1bf6d0d59c5139d83616b4fc77f3d3d5359e3c7e92f95a7951fdf7f2b29c70d"
    "df07ef71893d133d3b13fb0d89c1651fb30d6b29e3fbefa36b477f9535a7474f"
    "c7f1599535112961f13db32b0d4389c19d9d8965f1e9dfbf3d7f5397e5e99517"
    "1d3d8bfbc7e367a707f171a753b52989e52ba71729e94fc5656d6bef0d89492f"
    "b34353651d49a3138959ef6bef651d0b5913e34f9db329432b071d95595947fb"
    "e5e961472f357f177fef7f959571d3a30b71a3ad0b3bb5fba3bf4f831dade92f"
    "7165a3e507353d0db5e9e5473b9def35a3bfb3df53d397534971073561712f43"
    "2f11df1797fb953b7f6bd325bfadc7c5c5b58bef2fd3076b25499525496d71c7"
)
_SECOND = bytes.fromhex(
    "a7bcc9ad91df85e5d478d517467c294c4d03e925681186b3bdf76f6122a22634"
    "2abe1e4614689d4418c240f47e5f1bad0b94b667b40be1ea959c66dce75d6c05"
    "dad5df7aeff6db1f824cc06847a1bdee3950564adddfa5f8c6daca90ca01429d"
    "8b0c7343750594de24b38034e52cdc9b3fca3345d0db5ff552c321dae222726b"
    "3ed05ba8878c065d0fdd091993d0b9fc8b0f8460331c9b45f1f0a3943a127733"
    "4d4478283c9efd655716946bfb59d0c82236dbd2639843a1048786f7a626bbd6"
    "594dbf6a2eaa2befe678b64ee02fdc7cbe5719327e2ad0b8ba29003c527da849"
    "3b2deb2549faa3aa39a7c5a7501136fbc6674af5a512657eb0dfaf4eb3617f2f"
)


def bytes_of(version: int) -> int | None:
    """Return how much of a white balance of this version is needed, None if it is not known."""
    if not 0 <= version - _FIRST_VERSION < len(_PLACES):
        return None
    return 4 + _GAP_BYTES.get(version, _USUAL_GAP_BYTES) + _WINDOW_BYTES


def is_named_in(kept: Kept) -> bool:
    """Return whether the serial number stays, since the colours are enciphered in another way."""
    return not kept.blocks and any(entry.tag == SERIAL for entry in kept.entries)


def without_serial(reader: Reader, kept: Kept, version: int, path: str) -> Steps[bool]:
    """Note the white balance enciphered anew and the keys as zeros; false if that cannot be."""
    by_tag = {entry.tag: entry for entry in kept.entries}
    serial, count, balance = (by_tag.get(tag) for tag in (SERIAL, COUNT, BALANCE))
    size = bytes_of(version)
    if serial is None or count is None or balance is None or balance.at is None:
        return False
    if size is None or size > balance.size or serial.size > _SERIAL_BYTES or count.at is not None:
        return False
    number = yield from _text(reader, serial, path)
    if not number.isdigit():
        return False
    old = yield from reader.read(balance.at, size, path)
    start = size - _WINDOW_BYTES
    place = start + ((ord(_PLACES[version - _FIRST_VERSION]) - ord("0")) & ~1)
    plain = bytearray(enciphered(old[start:], int(number), count.field))
    first = place - start
    plain[:first] = bytes(first)
    plain[first + _NUMBERS_BYTES :] = bytes(len(plain) - first - _NUMBERS_BYTES)
    new = old[:4] + bytes(start - 4) + enciphered(bytes(plain), 0, bytes(4))
    kept.blocks.append((balance.at, old, new))
    zero = b"0".ljust(serial.size, b"\0")
    if serial.at is not None:
        kept.blocks.append(
            (serial.at, (yield from reader.read(serial.at, serial.size, path)), zero)
        )
    kept.entries = [
        replace(one, field=zero.ljust(4, b"\0") if one.tag == SERIAL else bytes(4))
        if one.tag == COUNT or (one.tag == SERIAL and one.at is None)
        else one
        for one in kept.entries
    ]
    return True


def enciphered(data: bytes, serial: int, count: bytes) -> bytes:
    """Return bytes enciphered, or deciphered if they are; `count` is the value as it stands."""
    factor = _FIRST[serial & 0xFF]
    state = _SECOND[count[0] ^ count[1] ^ count[2] ^ count[3]]
    stream = bytearray()
    for step in islice(range(0x60, 1 << 30), len(data)):
        state = (state + factor * (step & 0xFF)) & 0xFF
        stream.append(state)
    return bytes(one ^ other for one, other in zip(data, stream, strict=True))


def _text(reader: Reader, entry: Entry, path: str) -> Steps[bytes]:
    if entry.at is None:
        data = entry.field[: entry.size]
    else:
        data = yield from reader.read(entry.at, entry.size, path)
    return data.partition(b"\0")[0].strip()
