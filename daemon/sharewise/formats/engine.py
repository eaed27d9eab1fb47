"""Drive the formats: answer their requests from bytes, and hold every conversation to its bounds.

Whoever owns the bytes is a driver: these functions for bytes in memory (or a memory-mapped
file), the page for its `File`. `checked` stands between any driver and any format.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from sharewise.base.errors import Malformed
from sharewise.formats.contract import (
    HEAD_BYTES,
    TAIL_BYTES,
    Answer,
    Find,
    FindMarkers,
    FindNonzero,
    GifBlocks,
    Inflate,
    Keep,
    Plan,
    Range,
    Request,
    Result,
    Source,
    Steps,
)

RANGE_BYTES = 128 * 1024
"""The most bytes in one `Range`: an answer must fit into one message (`wire.PART_BYTES`)."""
BATCH_BYTES = 512 * 1024
"""The most bytes in one batch: the answers must fit into one frame, in base64."""
BATCH_REQUESTS = 512
MARKERS_LIMIT = 256
"""The most markers in one `FindMarkers`."""
GIF_BLOCKS_LIMIT = 4096
"""The most blocks in one `GifBlocks`."""
SPANS_LIMIT = 16_384
"""The most pieces of one `Inflate`: the request must fit into one frame."""

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_NONZERO = re.compile(rb"[^\0]")
_OFFSET = struct.Struct(">Q")
_INFLATE_BYTES = 256 * 1024


def source_of(data: bytes | memoryview) -> Source:
    """Return what is known of a file that is all in memory before anything is asked."""
    size = len(data)
    return Source(size, bytes(data[:HEAD_BYTES]), bytes(data[max(0, size - TAIL_BYTES) :]))


def run(steps: Steps[Result], data: bytes | memoryview) -> Result:
    """Hold a whole conversation over bytes in memory and return its result."""
    try:
        batch = next(steps)
        while True:
            batch = steps.send(tuple(answer(request, data) for request in batch))
    except StopIteration as stop:
        result: Result = stop.value
        return result


def apply(plan: Plan, data: bytes | memoryview) -> bytes:
    """Return the cleaned file."""
    return b"".join(
        data[step.offset : step.offset + step.length] if isinstance(step, Keep) else step.data
        for step in plan.steps
    )


def answer(request: Request, data: bytes | memoryview) -> Answer:
    """Answer one request from the whole file, which may be a view of a memory-mapped one."""
    match request:
        case Range(offset, length):
            return bytes(data[offset : offset + length])
        case Find(needle, start, end):
            found = re.compile(re.escape(needle)).search(data, start, end)
            return None if found is None else found.start()
        case FindMarkers(start, end, limit):
            return find_markers(data, start, end, limit)
        case Inflate(spans, limit):
            pieces = (data[span.offset : span.offset + span.length] for span in spans)
            return inflated_bytes(pieces, limit)
        case FindNonzero(start, end):
            return find_nonzero(data, start, end)
        case GifBlocks(start, end, limit):

            def read(offset: int, length: int) -> bytes:
                return bytes(data[offset : offset + length])

            return packed(gif_blocks(read, start, end, limit))


def find_nonzero(data: bytes | memoryview, start: int, end: int) -> int | None:
    """Answer `FindNonzero`."""
    found = _NONZERO.search(data, start, end)
    return None if found is None else found.start()


def gif_blocks(read: Callable[[int, int], bytes], start: int, end: int, limit: int) -> list[int]:
    """Answer `GifBlocks`; `read(offset, length)` gives bytes of the file."""
    window = _Window(read, end)
    boundaries = [start]
    while len(boundaries) <= limit:
        stop = _gif_block_end(window, boundaries[-1])
        if stop is None:
            break
        boundaries.append(stop)
        if window.byte(boundaries[-2]) == 0x3B:
            break
    return boundaries


def _gif_block_end(window: _Window, at: int) -> int | None:
    kind = window.byte(at)
    if kind == 0x3B:
        return at + 1
    if kind == 0x21:
        at += 2
    elif kind == 0x2C:
        flags = window.byte(at + 9)
        if flags is None:
            return None
        at += 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    else:
        return None
    while length := window.byte(at):
        at += 1 + length
    return None if length is None else at + 1


class _Window:
    """Single bytes of a file that is read forward in blocks."""

    __slots__ = ("_at", "_block", "_end", "_read")

    def __init__(self, read: Callable[[int, int], bytes], end: int) -> None:
        self._read = read
        self._end = end
        self._at = 0
        self._block = b""

    def byte(self, offset: int) -> int | None:
        """Return this byte, or None from the end on."""
        index = offset - self._at
        if 0 <= index < len(self._block):
            return self._block[index]
        if offset >= self._end:
            return None
        self._at = offset
        self._block = self._read(offset, min(RANGE_BYTES, self._end - offset))
        return self._block[0]


def find_markers(data: bytes | memoryview, start: int, end: int, limit: int) -> bytes:
    """Answer `FindMarkers`."""
    found: list[bytes] = []
    for match in _MARKER.finditer(data, start, end):
        found.append(_OFFSET.pack(match.start()))
        if len(found) == limit:
            break
    return b"".join(found)


def offsets_of(markers: bytes) -> list[int]:
    """Return the offsets in an answer to `FindMarkers`."""
    return [offset for (offset,) in _OFFSET.iter_unpack(markers)]


def packed(offsets: Iterable[int]) -> bytes:
    """Return offsets as an answer to `FindMarkers`."""
    return b"".join(_OFFSET.pack(offset) for offset in offsets)


def inflated_bytes(pieces: Iterable[bytes | memoryview], limit: int) -> int | None:
    """Answer `Inflate`; holds a quarter of a megabyte at most, whatever the stream claims."""
    stream = zlib.decompressobj()
    total = 0
    try:
        for piece in pieces:
            if stream.eof and len(piece):
                return None
            waiting: bytes | memoryview = piece
            while len(waiting) and not stream.eof:
                total += len(stream.decompress(waiting, _INFLATE_BYTES))
                waiting = stream.unconsumed_tail
                if total > limit:
                    return None
            if stream.unused_data:
                return None
        while not stream.eof:
            rest = stream.decompress(stream.unconsumed_tail, _INFLATE_BYTES)
            total += len(rest)
            if not rest and not stream.eof:
                return None
            if total > limit:
                return None
    except zlib.error:
        return None
    return None if stream.unused_data or total > limit else total


def checked(steps: Steps[Result], size_bytes: int) -> Steps[Result]:
    """Pass a conversation on, and end it as Malformed where a request or answer breaks a bound.

    Bounds: every request lies in the file; the bytes asked for, the batches and the searches are
    bounded by the size of the file, not by what the file claims. Answers come from outside (a
    page, a file that may shrink meanwhile), so their shape is checked too.
    """
    allowance = _Allowance(size_bytes)
    try:
        batch = next(steps)
        while True:
            allowance.spend(batch)
            answers = yield batch
            _check_answers(batch, answers)
            batch = steps.send(answers)
    except StopIteration as stop:
        result: Result = stop.value
        return result


class _Allowance:
    """What a conversation about a file of this size may still ask for."""

    __slots__ = ("batches", "bytes", "searches", "size")

    def __init__(self, size_bytes: int) -> None:
        self.size = size_bytes
        self.bytes = 2 * size_bytes + 4 * TAIL_BYTES
        self.batches = 64 + min(size_bytes // 64, 8192)
        self.searches = 64 + min(size_bytes // 256, 8192)

    def spend(self, batch: Sequence[Request]) -> None:
        self.batches -= 1
        for request in batch:
            match request:
                case Range(offset, length):
                    self._inside(offset, length)
                    self.bytes -= length
                case (
                    Find(_, start, end)
                    | FindMarkers(start, end, _)
                    | FindNonzero(start, end)
                    | GifBlocks(start, end, _)
                ):
                    self._inside(start, end - start)
                    self.searches -= 1
                case Inflate(spans, _):
                    self.searches -= 1
                    for span in spans:
                        self._inside(span.offset, span.length)
        if self.bytes < 0 or self.batches < 0 or self.searches < 0:
            raise Malformed(path="file", at_byte=0, why="its structure asks for endless reading")

    def _inside(self, offset: int, length: int) -> None:
        if offset < 0 or length < 0 or offset + length > self.size:
            at = max(0, min(offset, self.size))
            raise Malformed(path="file", at_byte=at, why="its structure points past its end")


def _check_answers(batch: Sequence[Request], answers: Sequence[Answer]) -> None:
    if len(batch) != len(answers):
        raise Malformed(path="file", at_byte=0, why="it could not be read as asked")
    for request, given in zip(batch, answers, strict=True):
        if not _fits(request, given):
            at = request.offset if isinstance(request, Range) else 0
            raise Malformed(path="file", at_byte=at, why="it could not be read as asked")


def _fits(request: Request, given: Answer) -> bool:
    match request:
        case Range(_, length):
            return isinstance(given, bytes) and len(given) == length
        case Find(needle, start, end):
            return given is None or (isinstance(given, int) and start <= given <= end - len(needle))
        case FindMarkers(start, end, limit):
            if not isinstance(given, bytes) or len(given) % 8 or len(given) > 8 * limit:
                return False
            offsets = [start - 1, *offsets_of(given), max(start, end - 1)]
            return all(one < other for one, other in pairwise(offsets))
        case Inflate(_, limit):
            return given is None or (isinstance(given, int) and 0 <= given <= limit)
        case FindNonzero(start, end):
            return given is None or (isinstance(given, int) and start <= given < end)
        case GifBlocks(start, end, limit):
            if not isinstance(given, bytes) or len(given) % 8 or len(given) > 8 * (limit + 1):
                return False
            offsets = offsets_of(given)
            rising = pairwise(offsets)
            return offsets[:1] == [start] and offsets[-1] <= end and all(a < b for a, b in rising)
