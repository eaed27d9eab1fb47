"""Where the frames and sounds of a track lie, and what lies between them that nothing plays.

Source: ISO/IEC 14496-12:2022, 8.7. Tables of a long film have millions of entries: they are held
as packed arrays and walked once.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import chain

from sharewise.formats.contract import Span, Steps
from sharewise.formats.isobmff import Box, Boxes
from sharewise.formats.reading import Reader

TABLE_BYTES = 128 * 1024
"""What is read of a table at once."""
UNSORTED_LIMIT = 300_000
"""The most chunks of a track whose order is not that of the file."""
_PCM_BYTES = 4
"""Sample sizes up to this one may count samples of one channel, as QuickTime does."""


@dataclass(slots=True)
class Extents:
    """Stretches of the file, ascending; the n-th is [starts[n], ends[n])."""

    starts: array[int] = field(default_factory=lambda: array("Q"))
    ends: array[int] = field(default_factory=lambda: array("Q"))

    def add(self, start: int, end: int) -> None:
        """Add a stretch; one that continues the last one makes that longer."""
        if self.ends and self.ends[-1] == start:
            self.ends[-1] = end
        elif end > start:
            self.starts.append(start)
            self.ends.append(end)

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self.starts, self.ends, strict=True)

    @property
    def total(self) -> int:
        """The bytes in all stretches."""
        return sum(self.ends) - sum(self.starts)

    def is_sorted(self) -> bool:
        """Return whether the stretches ascend."""
        starts = self.starts
        return all(starts[at] <= starts[at + 1] for at in range(len(starts) - 1))

    def sort(self) -> None:
        """Bring the stretches into the order of the file."""
        order = sorted(range(len(self.starts)), key=self.starts.__getitem__)
        self.starts = array("Q", (self.starts[at] for at in order))
        self.ends = array("Q", (self.ends[at] for at in order))

    def clip(self, media: Sequence[Span]) -> None:
        """End stretches where the media data end in which they begin; `media` is ascending."""
        begins = [span.offset for span in media]
        for at, start in enumerate(self.starts):
            index = bisect_right(begins, start) - 1
            if index >= 0 and start < media[index].offset + media[index].length:
                self.ends[at] = min(self.ends[at], media[index].offset + media[index].length)

    def before(self, offset: int, sums: Sequence[int]) -> int:
        """Return how many bytes of the stretches lie before an offset; see `running`."""
        at = bisect_right(self.starts, offset) - 1
        if at < 0:
            return 0
        return sums[at] + min(offset, self.ends[at]) - self.starts[at]

    def running(self) -> array[int]:
        """Return for each stretch the bytes of all before it."""
        sums = array("Q")
        total = 0
        for start, end in self:
            sums.append(total)
            total += end - start
        return sums


@dataclass(frozen=True, slots=True)
class Frame:
    """How the sound of QuickTime counts bytes: `size_bytes` for each `samples`."""

    samples: int
    size_bytes: int


def table_bytes(stbl: Boxes) -> int:
    """Return how much of a track's tables must be read to know where its media lie."""
    kinds = (b"stsz", b"stz2", b"stsc", b"stco", b"co64")
    return sum(box.size for box in stbl.boxes if box.kind in kinds)


def read_extents(reader: Reader, stbl: Boxes, frame: Frame | None, path: str) -> Steps[Extents]:
    """Return where the media of a track lie, chunk by chunk, in the order of its tables."""
    offsets = yield from read_offsets(reader, stbl, path)
    uniform, sizes = yield from _read_sizes(reader, stbl, path)
    runs = yield from _read_runs(reader, stbl, path)
    extents = Extents()
    sample = 0
    for first, last, count in _chunk_runs(runs, len(offsets)):
        for chunk in range(first, last):
            if sizes is not None:
                length = sum(sizes[sample : sample + count])
            else:
                length = count * uniform
                if frame is not None and (uniform <= _PCM_BYTES or frame.samples > 1):
                    length = max(length, -(-count // frame.samples) * frame.size_bytes)
            sample += count
            start = offsets[chunk]
            if start and length:
                extents.add(start, start + length)
    return extents


def first_samples(reader: Reader, stbl: Boxes, most: int, path: str) -> Steps[list[Span]]:
    """Return where the first sample of each of the first chunks lies, `most` of them."""
    place = stbl.first(b"stco") or stbl.first(b"co64")
    sizes, runs = stbl.first(b"stsz"), stbl.first(b"stsc")
    if place is None or sizes is None or runs is None or runs.size < 20 or sizes.size < 12:
        return []
    width = 4 if place.kind == b"stco" else 8
    run = yield from reader.read(runs.start, 20, path)
    each = int.from_bytes(run[12:16], "big")
    head = yield from reader.read(sizes.start, 12, path)
    uniform = int.from_bytes(head[4:8], "big")
    length = min(most * width, max(0, place.size - 8)) // width * width
    offsets = _packed(width, [(yield from reader.read(place.start + 8, length, path))])
    found: list[Span] = []
    for index, offset in enumerate(offsets):
        size = uniform
        at = sizes.start + 12 + 4 * index * each
        if not uniform:
            if at + 4 > sizes.end:
                break
            size = int.from_bytes((yield from reader.read(at, 4, path)), "big")
        if 0 < offset < reader.size and size:
            found.append(Span(offset, min(size, reader.size - offset)))
    return found


def read_offsets(reader: Reader, stbl: Boxes, path: str) -> Steps[array[int]]:
    """Return the offset of each chunk."""
    box = stbl.first(b"stco") or stbl.first(b"co64")
    if box is None:
        return array("Q")
    width = 4 if box.kind == b"stco" else 8
    data = yield from _read_table(reader, box, 8, width, path)
    return array("Q", _packed(width, data))


def _read_sizes(reader: Reader, stbl: Boxes, path: str) -> Steps[tuple[int, Sequence[int] | None]]:
    box = stbl.first(b"stsz") or stbl.first(b"stz2")
    if box is None or box.size < 12:
        return 0, None
    head = yield from reader.read(box.start, 12, path)
    if box.kind == b"stsz":
        uniform = int.from_bytes(head[4:8], "big")
        if uniform:
            return uniform, None
        data = yield from _read_table(reader, box, 12, 4, path)
        return 0, _packed(4, data)
    bits = head[7]
    data = yield from _read_table(reader, box, 12, 2 if bits == 16 else 1, path)
    if bits == 16:
        return 0, _packed(2, data)
    if bits == 4:
        nibbles = bytearray()
        for piece in data:
            nibbles += bytes(half for byte in piece for half in (byte >> 4, byte & 15))
        return 0, bytes(nibbles)
    return 0, b"".join(data)


def _read_runs(reader: Reader, stbl: Boxes, path: str) -> Steps[array[int]]:
    box = stbl.first(b"stsc")
    if box is None:
        return array("I")
    data = yield from _read_table(reader, box, 8, 12, path)
    return _packed(4, data)


def _chunk_runs(runs: array[int], chunks: int) -> Iterator[tuple[int, int, int]]:
    """Yield (first chunk, the one behind the last, samples in each), counted from 0."""
    for at in range(0, len(runs) - 2, 3):
        first = max(runs[at], 1) - 1
        last = runs[at + 3] - 1 if at + 3 < len(runs) else chunks
        yield first, min(max(last, first), chunks), runs[at + 1]


def _read_table(reader: Reader, box: Box, skip: int, width: int, path: str) -> Steps[list[bytes]]:
    """Return the entries of a table in pieces, as many as its count says and its size holds."""
    head = yield from reader.read(box.start, min(box.size, skip), path)
    count = int.from_bytes(head[skip - 4 : skip], "big")
    length = min(count, max(0, box.size - skip) // width) * width
    start = box.start + skip
    step = TABLE_BYTES // 24 * 24
    spans = [Span(start + at, min(step, length - at)) for at in range(0, length, step)]
    held = [reader.have(span.offset, span.length) for span in spans]
    known = [data for data in held if data is not None]
    return known if len(known) == len(spans) else (yield from reader.stream(spans, path))


def _packed(width: int, pieces: Iterable[bytes]) -> array[int]:
    packed = array({2: "H", 4: "I", 8: "Q"}[width])
    assert packed.itemsize == width
    for piece in pieces:
        packed.frombytes(piece)
    if sys.byteorder == "little":
        packed.byteswap()
    return packed


@dataclass(frozen=True, slots=True)
class Between:
    """What nothing plays: the gaps in the media data, and how much lies outside of it."""

    gaps: Extents
    outside: Extents
    """What is played and lies outside of the media data, where it should not."""
    inside_bytes: int
    """What is played and lies inside."""


def between(media: Sequence[Span], played: Sequence[Extents], size_bytes: int) -> Between:
    """Return the stretches of the media data that none of the extents, all sorted, covers."""
    gaps, outside = Extents(), Extents()
    inside = 0
    stretches = _joined(played, size_bytes)
    start = end = at = 0
    for span in media:
        stop = span.offset + span.length
        while at < span.offset and at < stop:
            if end <= at:
                start, end = next(stretches, (size_bytes, size_bytes))
            elif start >= span.offset:
                break
            else:
                outside.add(max(start, at), min(end, span.offset))
                at = min(end, span.offset)
        at = span.offset
        while at < stop:
            if end <= at:
                start, end = next(stretches, (size_bytes, size_bytes))
            elif start > at:
                gaps.add(at, min(start, stop))
                at = min(start, stop)
            else:
                inside += min(end, stop) - at
                at = min(end, stop)
    for first, last in chain(((start, end),), stretches):
        outside.add(max(first, at), max(last, at))
    return Between(gaps, outside, inside)


def _joined(played: Sequence[Extents], size_bytes: int) -> Iterator[tuple[int, int]]:
    """Yield the union of the extents in ascending order, as far as it lies in the file."""
    first = last = 0
    for start, end in merge(*played):
        if start > last:
            if last > first:
                yield first, last
            first = min(start, size_bytes)
        last = max(last, min(end, size_bytes))
    if last > first:
        yield first, last
