"""Raw files with the structure of five makers, for LibRaw to develop: no camera made them.

Header, directories, maker's notes and the way the mosaic is stored are those of the makers; the
mosaic is small and computed. Of real cameras no whole raw file may be passed on with the project.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from sharewise.formats.tiff_inside import nikon
from support.images import jpeg, segment, with_segments
from support.tiffs import Page, Tag, blob, long, rational, short, text, tiff

WIDTH, HEIGHT = 128, 96
SERIAL = b"4711081599"
_EXIF, _NOTE = 34665, 37500


def mosaic(width: int = WIDTH, height: int = HEIGHT) -> list[int]:
    """Return values of a sensor of 12 bits in which every shift can be seen."""
    return [300 + (x * 37 + y * 11 + x * y) % 3600 for y in range(height) for x in range(width)]


def directory(order: str, rows: Mapping[int, Tag], at: int) -> bytes:
    """Return a directory and its values behind it, with offsets as if it stood at `at`."""
    head = struct.pack(order + "H", len(rows))
    values = b""
    behind = at + 2 + 12 * len(rows) + 4
    for tag, one in sorted(rows.items()):
        data = packed(order, one)
        head += struct.pack(order + "HHI", tag, one.type, len(one.values))
        if len(data) <= 4:
            head += data.ljust(4, b"\0")
        else:
            head += struct.pack(order + "I", behind + len(values))
            values += data + bytes(len(data) & 1)
    return head + bytes(4) + values


def packed(order: str, one: Tag) -> bytes:
    """Return the bytes of a value."""
    if isinstance(one.values, bytes):
        return one.values
    if one.type in (5, 10):
        code = "II" if one.type == 5 else "ii"
        return b"".join(struct.pack(order + code, *pair) for pair in one.values)  # type: ignore[misc]  # pairs
    code = {1: "B", 3: "H", 4: "I", 8: "h", 9: "i"}[one.type]
    return struct.pack(f"{order}{len(one.values)}{code}", *one.values)


def lossless_jpeg(values: list[int], width: int, height: int) -> bytes:
    """Return a JPEG of two components side by side by process 14 (ISO/IEC 10918-1, H).

    Each code is 5 bits long.
    """
    bits: list[str] = []
    for y in range(height):
        for x in range(width):
            at = y * width + x
            before = values[at - 2] if x > 1 else values[at - width] if y else 1 << 11
            step = values[at] - before
            size = abs(step).bit_length()
            bits.append(f"{size:05b}")
            if size:
                bits.append(f"{step if step > 0 else step + (1 << size) - 1:0{size}b}")
    joined = "".join(bits)
    joined += "1" * (-len(joined) % 8)
    data = int(joined, 2).to_bytes(len(joined) // 8, "big").replace(b"\xff", b"\xff\0")
    table = b"\0" + bytes([0, 0, 0, 0, 16, *[0] * 11]) + bytes(range(16))
    return (
        b"\xff\xd8\xff\xc4"
        + struct.pack(">H", 2 + len(table))
        + table
        + b"\xff\xc3"
        + struct.pack(">HBHHB6B", 14, 12, height, width // 2, 2, 1, 0x11, 0, 2, 0x11, 0)
        + b"\xff\xda"
        + struct.pack(">HB4B3B", 10, 2, 1, 0, 2, 0, 1, 0, 0)
        + data
        + b"\xff\xd9"
    )


def noise(size: int) -> bytes:
    """Return coded data of which a decoder makes values, whatever they are."""
    return bytes((at * 89 + at // 7 + at * at // 61) % 251 for at in range(size))


def _raw_tags(bits: int = 16, compression: int = 1) -> dict[int, Tag]:
    return {
        254: long(0),
        256: short(WIDTH),
        257: short(HEIGHT),
        258: short(bits),
        259: short(compression),
        262: short(32803),
        277: short(1),
        278: short(HEIGHT),
        284: short(1),
        33421: short(2, 2),
        33422: Tag(1, b"\0\1\1\2"),
    }


def _private_tags(make: bytes, model: bytes, secret: bytes) -> dict[int, Tag]:
    return {
        271: text(make),
        272: text(model),
        274: short(1),
        305: text(secret),
        306: text(b"2025:05:03 14:02:00"),
        315: text(secret),
        33432: text(secret),
        700: Tag(1, b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + secret + b"</x:xmpmeta>"),
    }


def _with_notes(note: bytes, secret: bytes) -> dict[int, list[Page]]:
    exif = {
        33434: rational((1, 60)),
        34855: short(200),
        36867: text(b"2025:05:03 14:02:00"),
        42032: text(secret),
        42033: text(SERIAL),
        _NOTE: blob(note),
    }
    place = Page({1: text(b"N"), 2: rational((45, 1), (45, 1), (0, 1)), 29: text(b"2025:05:03")})
    return {_EXIF: [Page(exif)], 34853: [place]}


def _located(make_note: Callable[[int], bytes], make_file: Callable[[bytes], bytes]) -> bytes:
    """Return a file whose notes count their offsets from its start: it is built twice."""
    draft = make_note(0)
    return make_file(make_note(make_file(draft).index(draft)))


def preview(secret: bytes) -> bytes:
    """Return a small JPEG with a comment."""
    return with_segments(jpeg(), segment(0xFE, secret))


def cr2(secret: bytes) -> bytes:
    """Return a Canon: four directories, the mosaic in the last, as a lossless JPEG."""
    rows = {
        0x04: short(*[7] * 34),
        0x06: text(secret),
        0x09: text(secret),
        0x0C: long(4711081599 % 2**32),
        0x10: long(0x80000189),
        0x93: short(*range(30)),
        0x96: text(SERIAL),
        0xE0: short(34, WIDTH, HEIGHT, 0, 0, 8, 6, WIDTH - 1, HEIGHT - 1, *[0] * 8),
        0x4001: short(*[10] * 25, 2002, 1024, 1024, 1500, *[20] * 553),
    }

    def file(note: bytes) -> bytes:
        shape = {256: short(64), 257: short(48), 258: short(8, 8, 8), 259: short(6)}
        names = _private_tags(b"Canon", b"Canon EOS 350D DIGITAL", secret)
        first = Page({**shape, **names}, [preview(secret)], _with_notes(note, secret))
        third = Page({**shape, 256: short(8), 257: short(6)}, [preview(secret)])
        raw = Page(
            {259: short(6), 0xC5D8: long(1), 0xC640: short(0, 0, WIDTH)},
            [lossless_jpeg(mosaic(), WIDTH, HEIGHT)],
        )
        header = b"CR\2\0" + bytes(4)
        return tiff(first, Page({274: short(1)}), third, raw, behind=header)

    return _located(lambda at: directory("<", rows, at), file)


def enciphered_balance(version: bytes, place: int) -> bytes:
    """Return a Nikon's white balance, enciphered with `SERIAL` and a shutter count of 3619.

    Made with the product's cipher: that LibRaw and ExifTool decipher it shows that it is right.
    """
    plain = noise(place) + struct.pack(">4H", 478, 256, 256, 340) + noise(316 - place)
    gap = b"" if version == b"0205" else noise(280)
    return version + gap + nikon.enciphered(plain, int(SERIAL), struct.pack(">I", 3619))


def nef(secret: bytes, balance: bytes = b"0103") -> bytes:
    """Return a Nikon: a small picture first, the mosaic behind SubIFDs, plain."""
    plain = bytes(16) + struct.pack(">4H", 478, 256, 340, 256)
    rows = {
        0x01: blob(b"0210"),
        0x0C: rational((478, 256), (340, 256), (256, 256), (256, 256)),
        0x1D: text(SERIAL),
        0x84: text(secret),
        0x97: blob(balance + secret if len(balance) > 4 else balance + plain + secret),
        0xA7: long(3619),
        0xB7: blob(secret),
    }
    note = b"Nikon\0\2\x10\0\0MM\0*" + struct.pack(">I", 8) + directory(">", rows, 8)
    tiny = {254: long(1), 256: short(8), 257: short(6), 258: short(8, 8, 8), 259: short(1)}
    small = {
        **tiny,
        262: short(2),
        277: short(3),
        278: short(6),
        **_private_tags(b"NIKON CORPORATION", b"NIKON D70", secret),
    }
    raw = Page(_raw_tags(), [struct.pack(f">{WIDTH * HEIGHT}H", *mosaic())])
    shown = Page({254: long(1), 259: short(6)}, [preview(secret)])
    first = Page(small, [bytes(range(144))], {330: [shown, raw], **_with_notes(note, secret)})
    return tiff(first, order=">")


def pef(secret: bytes) -> bytes:
    """Return a Pentax: the mosaic first, plain, then a small picture."""
    rows = {
        0x05: long(0x12D72),
        0x0200: short(8, 8, 8, 8),
        0x0201: short(12345, 8192, 8192, 10101),
        0x0215: long(1, 2, 3, 4, 5),
        0x0229: text(SERIAL),
        0x022E: blob(secret),
    }

    def file(note: bytes) -> bytes:
        names = _private_tags(b"PENTAX Corporation", b"PENTAX K10D", secret)
        strip = struct.pack(f">{WIDTH * HEIGHT}H", *mosaic())
        first = Page({**_raw_tags(), **names}, [strip], _with_notes(note, secret))
        return tiff(first, Page({254: long(1), 259: short(6)}, [preview(secret)]), order=">")

    return _located(lambda at: b"AOC\0MM" + directory(">", rows, at + 6), file)


def orf(secret: bytes) -> bytes:
    """Return an Olympus: the mosaic first, the white balance in a directory of the notes."""
    inner = {
        0x0100: short(450, 380),
        0x0200: Tag(8, [256, 0, 0, 0, 256, 0, 0, 0, 256]),
        0x0600: short(64, 64, 64, 64),
        0x0400: text(secret),
    }
    equipment = directory("<", {0x0100: text(b"S0030"), 0x0101: text(SERIAL)}, 0)
    rows = {0x0207: text(secret), 0x2010: long(0), 0x2040: long(0)}
    size = len(directory("<", rows, 12))
    rows[0x2010], rows[0x2040] = long(12 + size), long(12 + size + len(equipment))
    equipment = directory("<", {0x0100: text(b"S0030"), 0x0101: text(SERIAL)}, 12 + size)
    note = b"OLYMPUS\0II\3\0" + directory("<", rows, 12) + equipment
    note += directory("<", inner, len(note))
    names = _private_tags(b"OLYMPUS IMAGING CORP.", b"E-410", secret)
    strip = noise(WIDTH * HEIGHT * 3 // 2)
    first = Page({**_raw_tags(12), **names}, [strip], _with_notes(note, secret))
    return tiff(first, magic=b"IIRO")


def rw2(secret: bytes) -> bytes:
    """Return a Panasonic: numbers of its own in the first directory, the mosaic at the end."""
    numbers = {2: WIDTH, 3: HEIGHT, 4: 2, 5: 2, 6: HEIGHT - 2, 7: WIDTH - 2, 8: 1, 9: 4, 10: 12}
    numbers |= {11: 34316, 0x17: 80, 0x24: 570, 0x25: 263, 0x26: 438, 0x2D: 4}
    rows: dict[int, Tag] = {
        1: blob(b"0300"),
        **{tag: short(value) for tag, value in numbers.items()},
        0x2E: blob(preview(secret)),
        **_private_tags(b"Panasonic", b"DMC-LX3", secret),
        273: long(0xFFFFFFFF),
        279: long(WIDTH * HEIGHT * 2),
        0x0120: blob(secret),
    }
    del rows[700]
    children = _with_notes(b"Panasonic\0\0\0" + directory("<", {0x25: text(SERIAL)}, 0), secret)
    draft = tiff(Page({**rows, 0x118: long(0)}, children=children), magic=b"IIU\0")
    data = tiff(Page({**rows, 0x118: long(len(draft))}, children=children), magic=b"IIU\0")
    # fourteen values in sixteen bytes, in blocks of 0x4000; any bytes are values of some kind
    blocks = -(-WIDTH * HEIGHT * 16 // 14 // 0x4000)
    return data + (bytes(13) + b"\x21\x43\x05") * (blocks * 0x400)


def arw(secret: bytes) -> bytes:
    """Return a Sony: a preview first, the mosaic behind SubIFDs, an enciphered block of colours."""
    key = 0x5A17C0DE
    colours = {0x7303: Tag(8, [1024, 1800, 1500, 1024]), 0x7310: short(*[128] * 4)}
    rows = {**colours, 0x7313: Tag(8, [1800, 1024, 1024, 1500]), 0x7FF0: text(secret + SERIAL)}
    size = len(directory("<", rows, 0)) + len(secret)
    size += -size % 4
    shape = {254: long(1), 513: long(0), 514: long(0)}
    names = _private_tags(b"SONY", b"DSLR-A350", secret)
    note = b"SONY DSC \0\0\0" + directory(
        "<", {0x9050: blob(b"\x8a" * 40), 2: text(secret), 0xB001: short(263)}, 12
    )
    strip = struct.pack(f"<{WIDTH * HEIGHT}H", *mosaic())
    raw = Page({**_raw_tags(), 0x7010: short(8000, 10400, 12900, 14100)}, [strip])
    children = {330: [raw], **_with_notes(note, secret)}

    def file(private: bytes, private_at: int) -> bytes:
        places = {
            513: long(16),
            514: long(len(shown)),
            50740: Tag(1, struct.pack("<I", private_at)),
        }
        first = Page({**shape, **names, **places}, children=children)
        return tiff(first, behind=bytes(8) + shown + private)

    shown = preview(secret)
    shown += bytes(len(shown) & 1)
    private_at = 16 + len(shown)
    block_at = private_at + 2 + 4 * 12 + 4
    block = directory("<", rows, block_at) + secret
    pointers = {0x7200: long(block_at), 0x7201: long(size), 0x7221: long(key), 0x7250: long(7)}
    block = enciphered(block.ljust(size, b"\0"), key)
    return file(directory("<", pointers, private_at) + block, private_at)


def enciphered(data: bytes, key: int) -> bytes:
    """Return whole words enciphered as Sony does: exclusive-or with 127 words fed back."""
    pad: list[int] = []
    for _ in range(4):
        key = (key * 48828125 + 1) % 2**32
        pad.append(key)
    pad[3] = (pad[3] * 2 + ((pad[0] ^ pad[2]) >> 31)) % 2**32
    while len(pad) < 127:
        pad.append(((pad[-4] ^ pad[-2]) * 2 + ((pad[-3] ^ pad[-1]) >> 31)) % 2**32)
    result = b""
    for at in range(0, len(data), 4):
        word = pad[-127] ^ pad[-63]
        pad.append(word)
        result += (int.from_bytes(data[at : at + 4], "big") ^ word).to_bytes(4, "big")
    return result


RAWS: dict[str, Callable[[bytes], bytes]] = {
    "CR2": cr2,
    "NEF": nef,
    "PEF": pef,
    "ORF": orf,
    "RW2": rw2,
    "ARW": arw,
}
