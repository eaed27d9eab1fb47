"""Check that the picture's data is exactly that: one zlib stream of the right size, no more.

What stands behind the end of the stream, inside IDAT, is shown by no decoder and kept by most
programs. Source: PNG (W3C, 2025), 10 and 13.2; RFC 1950.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Inflate, Span, Steps
from sharewise.formats.engine import BATCH_BYTES, SPANS_LIMIT
from sharewise.formats.plans import Cut
from sharewise.formats.png_inside.chunks import Chunk, Shape, crc_of
from sharewise.formats.reading import Reader

READ_LIMIT = 256 * 1024 * 1024
_OUTPUT_BYTES = 1024 * 1024
_FRAME = struct.Struct(">IIIIIHHBB")


@dataclass(slots=True)
class Frame:
    """The data chunks of one picture: IDAT, or fdAT, whose data has four bytes before it."""

    chunks: list[Chunk]
    raw_bytes: int
    is_animation: bool

    @property
    def skip(self) -> int:
        """Bytes of each chunk before its part of the stream."""
        return 4 if self.is_animation else 0

    def spans(self) -> tuple[Span, ...]:
        """Where the stream is."""
        return tuple(
            Span(one.offset + 8 + self.skip, one.length - self.skip) for one in self.chunks
        )


@dataclass(slots=True)
class Verdict:
    """What stands behind the ends of the streams."""

    cuts: list[Cut] = field(default_factory=list)
    extra: list[Span] = field(default_factory=list)
    is_overfull: bool = False
    """A stream inflates to more than the picture: it cannot be cut without encoding anew."""


def frames_of(reader: Reader, chunks: list[Chunk], shape: Shape, path: str) -> Steps[list[Frame]]:
    """Return the pictures of a file in order. Raises Malformed where a frame makes no sense."""
    main = Frame([], shape.raw_bytes(shape.width, shape.height), is_animation=False)
    frames = [main]
    for chunk in chunks:
        if chunk.kind == b"IDAT":
            main.chunks.append(chunk)
        elif chunk.kind == b"fcTL":
            data = yield from reader.read(chunk.offset + 8, chunk.length, path)
            if len(data) != _FRAME.size:
                raise Malformed(path=path, at_byte=chunk.offset, why="a frame makes no sense")
            _, width, height, *_ = _FRAME.unpack(data)
            if not (0 < width <= shape.width and 0 < height <= shape.height):
                raise Malformed(path=path, at_byte=chunk.offset, why="a frame is too large")
            if main.chunks:
                frames.append(Frame([], shape.raw_bytes(width, height), is_animation=True))
        elif chunk.kind == b"fdAT":
            if len(frames) == 1 or chunk.length < 4:
                raise Malformed(path=path, at_byte=chunk.offset, why="a frame has no header")
            frames[-1].chunks.append(chunk)
    if not main.chunks:
        at = chunks[-1].offset
        raise Malformed(path=path, at_byte=at, why="it ends without a picture")
    return [frame for frame in frames if frame.chunks]


def check_pixels(reader: Reader, frames: list[Frame], path: str) -> Steps[Verdict]:
    """Return what stands behind the streams. Raises Malformed where one is damaged or short."""
    verdict = Verdict()
    asked = [frame for frame in frames if len(frame.chunks) <= SPANS_LIMIT]
    answers = yield tuple(Inflate(frame.spans(), frame.raw_bytes) for frame in asked)
    sizes = {id(frame): size for frame, size in zip(asked, answers, strict=True)}
    for frame in frames:
        size = sizes.get(id(frame))
        if size is None:
            yield from _find_end(reader, frame, verdict, path)
        elif size != frame.raw_bytes:
            at = frame.chunks[-1].offset
            raise Malformed(path=path, at_byte=at, why="the picture's data is too short")
    return verdict


def _find_end(reader: Reader, frame: Frame, verdict: Verdict, path: str) -> Steps[None]:
    """Inflate a stream that is not exact, with bounds, to see where it ends."""
    if sum(chunk.length for chunk in frame.chunks) > READ_LIMIT:
        verdict.is_overfull = True
        return
    stream = zlib.decompressobj()
    total = 0
    for index, chunk in enumerate(frame.chunks):
        check = zlib.crc32(chunk.kind)
        at, end = chunk.offset + 8, chunk.offset + 8 + chunk.length
        skip = frame.skip
        while at < end:
            length = min(BATCH_BYTES, end - at)
            block = b"".join((yield from reader.stream((Span(at, length),), path)))
            total += _inflate(stream, block[skip:], frame.raw_bytes - total, chunk, path)
            if total > frame.raw_bytes:
                verdict.is_overfull = True
                return
            if stream.eof:
                extra = len(stream.unused_data) + end - at - length
                stop = end - extra
                check = zlib.crc32(block[: stop - at], check)
                _cut(frame, index, stop, check, verdict)
                if total != frame.raw_bytes:
                    why = "the picture's data is too short"
                    raise Malformed(path=path, at_byte=stop, why=why)
                return
            check = zlib.crc32(block, check)
            at += length
            skip = 0
    last = frame.chunks[-1]
    raise Malformed(path=path, at_byte=last.offset, why="the picture's data breaks off")


def _inflate(stream: zlib._Decompress, data: bytes, room: int, chunk: Chunk, path: str) -> int:
    """Feed a stream and return how much came out; stops once that is more than `room`."""
    total = 0
    try:
        while not stream.eof and total <= room:
            given = len(stream.decompress(data, _OUTPUT_BYTES))
            total += given
            data = stream.unconsumed_tail
            if not data and not given:
                break
    except zlib.error as error:
        why = "the picture's data is damaged"
        raise Malformed(path=path, at_byte=chunk.offset, why=why) from error
    return total


def _cut(frame: Frame, index: int, stop: int, check: int, verdict: Verdict) -> None:
    """End the stream at `stop` in the chunk of this index; its size and CRC are made anew."""
    chunk, later = frame.chunks[index], frame.chunks[index + 1 :]
    if later and frame.is_animation:
        verdict.is_overfull = True  # the numbers of all later frames would have to change
        return
    data_at, end = chunk.offset + 8, chunk.offset + 8 + chunk.length
    if stop < end:
        length = (stop - data_at).to_bytes(4, "big")
        verdict.cuts.append(Cut(chunk.offset, 4, length))
        verdict.cuts.append(Cut(stop, end - stop + 4, crc_of(check)))
        verdict.extra.append(Span(stop, end - stop))
    for one in later:
        verdict.cuts.append(Cut(one.offset, one.length + 12))
        verdict.extra.append(one.whole)
