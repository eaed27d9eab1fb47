"""Look behind the data of the streams of a PDF, where nothing is drawn from what stands there.

Source: ISO 32000-2:2020, 7.4 (filters), 8.9.5 (sampled images); ITU-T T.88, 7.2 (JBIG2 segments).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import pikepdf

from sharewise.formats import fonts
from sharewise.formats.contract import Kind
from sharewise.formats.pdf_inside import programs
from sharewise.formats.pdf_inside.document import INFLATED_BYTES
from sharewise.formats.pdf_inside.result import Unsweepable
from sharewise.formats.pdf_inside.walk import Tell, Walk

_PACKING = frozenset({"/FlateDecode", "/LZWDecode", "/ASCII85Decode", "/ASCIIHexDecode"})
_PICTURES = frozenset({"/CCITTFaxDecode", "/DCTDecode", "/JBIG2Decode", "/JPXDecode"})
_KNOWN = _PACKING | _PICTURES | {"/RunLengthDecode"}
_COMPONENTS = {"/DeviceGray": 1, "/DeviceRGB": 3, "/DeviceCMYK": 4, "/CalGray": 1, "/CalRGB": 3}
_FAMILIES = {"/CalGray": 1, "/CalRGB": 3, "/Lab": 3, "/Indexed": 1, "/I": 1, "/Separation": 1}
_JBIG2 = frozenset({0, 4, 6, 7, 16, 20, 22, 23, 36, 39, 40, 42, 43, 48, 50, 52, 53})
_CALCULATOR, _PNG = 4, 10
"""A type of function; the first predictor that puts a byte before each row."""
_RUNS_END = 128
_ZLIB_HEADER, _ZLIB_CHECK = 2, 4
_PIECE_BYTES = 1 << 20
_LARGEST = 64 * INFLATED_BYTES
_SEGMENTS_LIMIT = 10_000
_UNPACKED = "Something in it is packed in a way that cannot be looked through."


class Streams:
    """The streams of one document, once it was walked through."""

    def __init__(self, walk: Walk, tell: Tell) -> None:
        self._walk = walk
        self._tell = tell

    def through(self) -> None:
        """Cut what stands behind the data of every stream. Raises Unsweepable."""
        for parts, stream in self._streams():
            self._unpacked(stream, is_picture="image" in parts)
            if "image" in parts:
                self._picture(stream)
            elif "map" in parts:
                self._program(stream, programs.without_notes_of_map(stream.read_bytes()))
            elif "function" in parts:
                self._function(stream)
            elif "fontfile" in parts:
                self._font(stream)
        for colour in self._walk.tables:
            self._table(colour)

    def _streams(self) -> Iterator[tuple[list[str], pikepdf.Stream]]:
        for met in list(self._walk.met.values()):
            if isinstance(met.thing, pikepdf.Stream):
                yield met.parts, met.thing

    def _unpacked(self, stream: pikepdf.Stream, *, is_picture: bool) -> None:
        """Leave nothing behind the end of packed data."""
        names = filters_of(stream)
        if not _KNOWN.issuperset(names):
            raise Unsweepable(_UNPACKED)
        if names == ["/FlateDecode"]:
            raw = stream.read_raw_bytes()
            _, behind = inflated(raw)
            if behind:
                self._behind()
                parameters = stream.get("/DecodeParms")
                if not isinstance(parameters, pikepdf.Dictionary | pikepdf.Array):
                    parameters = None
                cut = raw[: len(raw) - behind]
                stream.write(cut, filter=pikepdf.Name.FlateDecode, decode_parms=parameters)
        elif names == ["/RunLengthDecode"]:
            stream.write(unpacked_runs(stream.read_raw_bytes()))
        elif names and _PACKING.issuperset(names):
            stream.write(stream.read_bytes())
        elif names == ["/JBIG2Decode"]:
            parameters = stream.get("/DecodeParms")
            one = parameters[0] if isinstance(parameters, pikepdf.Array) else parameters
            shared = one.get("/JBIG2Globals") if isinstance(one, pikepdf.Dictionary) else None
            segments = [stream.read_raw_bytes()]
            if isinstance(shared, pikepdf.Stream):
                segments.append(shared.read_bytes())
            if not all(is_plain_jbig2(data) for data in segments):
                raise Unsweepable("A picture in it cannot be cleaned.")
        elif names and not (is_picture and names[0] in _PICTURES and len(names) == 1):
            raise Unsweepable(_UNPACKED)

    def _behind(self) -> None:
        self._tell(Kind.OTHER, "streams", "Holds data behind what is packed in it", None)

    def _picture(self, picture: pikepdf.Stream) -> None:
        names = filters_of(picture)
        if not _PICTURES.isdisjoint(names):
            return
        row = _row_bytes(picture)
        height = _whole(picture.get("/Height"))
        if row is None or height is None:
            raise Unsweepable("A picture in it cannot be cleaned.")
        size = row * height
        packed = size + height if _is_predicted(picture) else size
        has = inflated(picture.read_raw_bytes())[0] if names else len(picture.read_raw_bytes())
        if has <= packed:
            return
        if size > INFLATED_BYTES:
            raise Unsweepable("A picture in it is too large to be cleaned.")
        self._behind()
        picture.write(picture.read_bytes()[:size])

    def _function(self, stream: pikepdf.Stream) -> None:
        if _whole(stream.get("/FunctionType")) == _CALCULATOR:
            self._program(stream, programs.without_notes_of_function(stream.read_bytes()))
            return
        sizes, outputs = stream.get("/Size"), stream.get("/Range")
        if not (isinstance(sizes, pikepdf.Array) and isinstance(outputs, pikepdf.Array)):
            raise Unsweepable("Its colours are not understood.")
        total = _whole(stream.get("/BitsPerSample")) or 0
        for size in list(sizes):
            total *= _whole(size) or 0
        needed = (total * (len(outputs) // 2) + 7) // 8
        data = stream.read_bytes()
        if len(data) > needed:
            self._behind()
            stream.write(data[:needed])

    def _program(self, stream: pikepdf.Stream, data: bytes | None) -> None:
        if data is None:
            raise Unsweepable("A table for its colours or its letters is not understood.")
        if data != stream.read_bytes():
            self._tell(Kind.DESCRIPTION, "content", "Has comments among what draws it", None)
            stream.write(data)

    def _font(self, stream: pikepdf.Stream) -> None:
        data = stream.read_bytes()
        cleaned = fonts.without_notes(data)
        if cleaned is None:
            raise Unsweepable("A font in it cannot be looked through.")
        if cleaned != data:
            self._tell(Kind.OTHER, "fonts", "Has notes in its fonts", None)
            if "/Length1" in stream and len(cleaned) != len(data):
                stream["/Length1"] = len(cleaned)
            stream.write(cleaned)

    def _table(self, colour: pikepdf.Object) -> None:
        """Leave of the table of an indexed colour space what its numbers reach."""
        components = _components(colour[1])
        top, table = _whole(colour[2]), colour[3]
        if components is None or top is None:
            raise Unsweepable("Its colours are not understood.")
        size = (top + 1) * components
        if isinstance(table, pikepdf.String):
            if len(bytes(table)) > size:
                self._behind()
                colour[3] = pikepdf.String(bytes(table)[:size])
        elif isinstance(table, pikepdf.Stream):
            data = table.read_bytes()
            if len(data) > size:
                self._behind()
                table.write(data[:size])


def filters_of(stream: pikepdf.Stream) -> list[str]:
    """Return the names of the filters of a stream, the first to be undone first."""
    said = stream.get("/Filter")
    if said is None:
        return []
    return [str(one) for one in said] if isinstance(said, pikepdf.Array) else [str(said)]


def inflated(raw: bytes) -> tuple[int, int]:
    """Return how much a zlib stream holds and how many bytes stand behind its end.

    Its checksum is not looked at, as viewers do not; one that breaks off is taken as it is.
    """
    if len(raw) < _ZLIB_HEADER or raw[0] & 0x0F != zlib.DEFLATED or raw[1] & 0x20:
        raise Unsweepable(_UNPACKED)
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    size, at, waiting = 0, _ZLIB_HEADER, b""
    try:
        while not stream.eof and (waiting or at < len(raw)):
            if not waiting:
                waiting = raw[at : at + _PIECE_BYTES]
                at += len(waiting)
            size += len(stream.decompress(waiting, _PIECE_BYTES))
            waiting = stream.unconsumed_tail
            if size > _LARGEST:
                raise Unsweepable(_UNPACKED)
    except zlib.error:
        raise Unsweepable(_UNPACKED) from None
    behind = len(stream.unused_data) + len(raw) - at if stream.eof else 0
    return size, max(0, behind - _ZLIB_CHECK)


def unpacked_runs(raw: bytes) -> bytes:
    """Return what data packed in runs holds (7.4.5). Raises Unsweepable."""
    pieces: list[bytes] = []
    at, size = 0, 0
    while at < len(raw) and raw[at] != _RUNS_END:
        count = raw[at] + 1 if raw[at] < _RUNS_END else 257 - raw[at]
        is_run = raw[at] > _RUNS_END
        taken = raw[at + 1 : at + 2] * count if is_run else raw[at + 1 : at + 1 + count]
        pieces.append(taken)
        at += 2 if is_run else 1 + count
        size += len(taken)
        if size > INFLATED_BYTES:
            raise Unsweepable(_UNPACKED)
    return b"".join(pieces)


def is_plain_jbig2(data: bytes) -> bool:
    """Return whether these are segments of a picture only, without comments or anything else."""
    at = 0
    for _ in range(_SEGMENTS_LIMIT):
        if at == len(data):
            return True
        if at + 6 > len(data):
            return False
        number, flags = int.from_bytes(data[at : at + 4]), data[at + 4]
        count = data[at + 5] >> 5
        at += 6
        if count == 7:
            count = int.from_bytes(data[at - 1 : at + 3]) & 0x1FFFFFFF
            at += 3 + (count + 8) // 8
        at += count * (1 if number <= 256 else 2 if number <= 65536 else 4)
        at += 4 if flags & 0x40 else 1
        length = int.from_bytes(data[at : at + 4])
        at += 4 + length
        if flags & 0x3F not in _JBIG2 or at > len(data):
            return False
    return False


def _parameters(stream: pikepdf.Stream) -> pikepdf.Object | None:
    given = stream.get("/DecodeParms")
    one = given[0] if isinstance(given, pikepdf.Array) and len(given) else given
    return one if isinstance(one, pikepdf.Dictionary) else None


def _is_predicted(stream: pikepdf.Stream) -> bool:
    """Return whether each row has a byte more that says how it is packed."""
    parameters = _parameters(stream)
    predictor = _whole(parameters.get("/Predictor")) if parameters is not None else None
    return predictor is not None and predictor >= _PNG


def _row_bytes(picture: pikepdf.Stream) -> int | None:
    width = _whole(picture.get("/Width"))
    if width is None:
        return None
    if bool(picture.get("/ImageMask", False)):
        return (width + 7) // 8
    bits = _whole(picture.get("/BitsPerComponent"))
    components = _components(picture.get("/ColorSpace"))
    if bits is None or components is None:
        return None
    return (width * bits * components + 7) // 8


def _components(colour: object) -> int | None:
    if isinstance(colour, pikepdf.Name):
        return _COMPONENTS.get(str(colour))
    if not isinstance(colour, pikepdf.Array) or len(colour) == 0:
        return None
    family = str(colour[0])
    if family == "/ICCBased" and len(colour) > 1:
        return _whole(colour[1].get("/N"))
    if family == "/DeviceN" and len(colour) > 1:
        return len(colour[1])
    return _FAMILIES.get(family) or _COMPONENTS.get(family)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
