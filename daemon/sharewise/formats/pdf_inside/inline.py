"""Find where a picture among the words of a page ends, and that nothing hides behind it.

Source: ISO 32000-2:2020, 8.9.7.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

from sharewise.formats.pdf_inside.result import Unsweepable

_BLANK = b"\0\t\n\f\r "
_PART = re.compile(
    rb"[\0\t\n\f\r ]*+(?:(?P<name>/[^\0\t\n\f\r ()<>\[\]{}/%]*+)|(?P<number>[-+.0-9]++)"
    rb"|(?P<word>true|false|ID)(?=[\0\t\n\f\r ()<>\[\]{}/%])|(?P<mark><<|>>|\[|\])"
    rb"|(?P<string><[0-9A-Fa-f\0\t\n\f\r ]*+>|\([^()\\]*+(?:\\.[^()\\]*+){0,1000}\)))",
    re.DOTALL,
)
_KEYS = {
    b"/BitsPerComponent": b"/BPC",
    b"/ColorSpace": b"/CS",
    b"/Decode": b"/D",
    b"/DecodeParms": b"/DP",
    b"/Filter": b"/F",
    b"/Height": b"/H",
    b"/ImageMask": b"/IM",
    b"/Interpolate": b"/I",
    b"/Length": b"/L",
    b"/Width": b"/W",
    b"/Intent": b"/Intent",
}
_SHORT = frozenset(_KEYS.values())
_PARAMETERS = frozenset(
    {
        *(b"/K", b"/EndOfLine", b"/EncodedByteAlign", b"/Columns", b"/Rows", b"/EndOfBlock"),
        *(b"/BlackIs1", b"/Predictor", b"/Colors", b"/BitsPerComponent", b"/EarlyChange"),
        b"/DamagedRowsBeforeError",
    }
)
_COLOURS = {
    b"/G": 1,
    b"/DeviceGray": 1,
    b"/RGB": 3,
    b"/DeviceRGB": 3,
    b"/CMYK": 4,
    b"/DeviceCMYK": 4,
    b"/I": 1,
    b"/Indexed": 1,
}
_VALUES = frozenset(
    {
        *(b"/AHx", b"/ASCIIHexDecode", b"/A85", b"/ASCII85Decode", b"/LZW", b"/LZWDecode", b"/Fl"),
        *(b"/FlateDecode", b"/RL", b"/RunLengthDecode", b"/CCF", b"/CCITTFaxDecode"),
        *(b"/AbsoluteColorimetric", b"/RelativeColorimetric", b"/Saturation", b"/Perceptual"),
        *_COLOURS,
    }
)
_END = re.compile(rb"(?:(?<=[\0\t\n\f\r ])|(?<=>))EI(?=[\0\t\n\f\r ()<>\[\]{}/%]|\Z)")
_BEHIND = re.compile(rb"[\0\t\n\f\r ]*EI(?=[\0\t\n\f\r ()<>\[\]{}/%]|\Z)")
_PARTS_LIMIT = 400
_DATA_BYTES = 16 * 1024 * 1024
_PIECE_BYTES = 4096
_UNTOLD = "A picture in it cannot be cleaned."


def inline_end(data: bytes, at: int, on_colours: Callable[[int, int], None]) -> int:
    """Return where the picture ends whose keys begin here; tell where it names colours.

    Raises Unsweepable where it says more than it draws, or its end is not known.
    """
    known: dict[bytes, list[bytes]] = {}
    key, depth, is_parameters = b"", 0, False
    for _ in range(_PARTS_LIMIT):
        found = _PART.match(data, at)
        if found is None:
            break
        at = found.end()
        part = found[found.lastgroup or 0]
        if part == b"ID":
            return _data_end(data, at, known)
        if part in (b"<<", b"[", b">>", b"]"):
            depth += 1 if part in (b"<<", b"[") else -1
            is_parameters = part == b"<<" or (is_parameters and part != b">>")
        elif found.lastgroup == "name" and depth == 0 and (not key or known[key]):
            key = _KEYS.get(part, part)
            if key not in _SHORT or key in known:
                break
            known[key] = []
        elif not key or (is_parameters and found.lastgroup == "name" and part not in _PARAMETERS):
            break
        else:
            is_name = found.lastgroup == "name"
            if is_name and part not in _VALUES and not is_parameters:
                if key != b"/CS":
                    break
                on_colours(found.start("name"), at)
            if found.lastgroup == "string" and key != b"/CS":
                break
            known[key].append(part)
    raise Unsweepable(_UNTOLD)


def _data_end(data: bytes, at: int, known: dict[bytes, list[bytes]]) -> int:
    """Return the end of `EI`."""
    if data[at : at + 2] == b"\r\n":
        at += 1
    at += 1
    size = _size(known)
    filters = known.get(b"/F", [])
    end: int | None = None
    if not filters:
        end = None if size is None else at + size
    elif filters[0] in (b"/Fl", b"/FlateDecode"):
        end = _inflated_end(data, at, size if b"/DP" not in known and len(filters) == 1 else None)
    elif filters[0] in (b"/AHx", b"/ASCIIHexDecode"):
        end = data.find(b">", at) + 1 or None
    elif filters[0] in (b"/A85", b"/ASCII85Decode"):
        end = data.find(b"~>", at) + 2
        end = None if end < at else end
    found = _END.search(data, at) if end is None else _BEHIND.match(data, end)
    if found is None:
        raise Unsweepable(_UNTOLD)
    return found.end()


def _size(known: dict[bytes, list[bytes]]) -> int | None:
    """Return how many bytes its dots take, or None where its colours are not known."""
    try:
        width, height = int(known[b"/W"][0]), int(known[b"/H"][0])
        if known.get(b"/IM") == [b"true"]:
            bits = 1
        else:
            bits = int(known[b"/BPC"][0]) * _COLOURS[known[b"/CS"][0]]
    except (KeyError, IndexError, ValueError):
        return None
    return height * ((width * bits + 7) // 8)


def _inflated_end(data: bytes, at: int, size: int | None) -> int:
    """Return where a zlib stream ends; it is given piece by piece, for many may follow it."""
    stream = zlib.decompressobj()
    left = _DATA_BYTES if size is None else size
    try:
        while not stream.eof and left >= 0 and at < len(data):
            left -= len(stream.decompress(data[at : at + _PIECE_BYTES], left + 1))
            at += _PIECE_BYTES
            if stream.unconsumed_tail:
                break
    except zlib.error:
        raise Unsweepable(_UNTOLD) from None
    if not stream.eof or left < 0:
        raise Unsweepable(_UNTOLD)
    return min(at, len(data)) - len(stream.unused_data)
