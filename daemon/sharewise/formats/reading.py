"""Read a file by asking: what is known already is served without a round trip."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from sharewise.base.errors import Malformed
from sharewise.formats.contract import Range, Source, Span, Steps
from sharewise.formats.engine import BATCH_BYTES, BATCH_REQUESTS, RANGE_BYTES


class Known:
    """The bytes of one file that have been seen: its head, its tail and every block since."""

    __slots__ = ("_blocks", "_head", "_starts", "_tail", "_tail_at", "size")

    def __init__(self, source: Source) -> None:
        self.size = source.size_bytes
        self._head = source.head
        self._tail = source.tail
        self._tail_at = source.size_bytes - len(source.tail)
        self._starts: list[int] = []
        self._blocks: list[bytes] = []

    def have(self, offset: int, length: int) -> bytes | None:
        """Return these bytes if one known block holds them all, else None."""
        end = offset + length
        if end <= len(self._head):
            return self._head[offset:end]
        if offset >= self._tail_at and end <= self.size:
            return self._tail[offset - self._tail_at : end - self._tail_at]
        at = bisect_right(self._starts, offset) - 1
        if at >= 0:
            start, block = self._starts[at], self._blocks[at]
            if end <= start + len(block):
                return block[offset - start : end - start]
        return None

    def add(self, offset: int, data: bytes) -> None:
        """Remember a block; of two that begin at one place the longer stays."""
        at = bisect_right(self._starts, offset)
        if at and self._starts[at - 1] == offset:
            if len(data) > len(self._blocks[at - 1]):
                self._blocks[at - 1] = data
            return
        self._starts.insert(at, offset)
        self._blocks.insert(at, data)

    def have_from(self, offset: int) -> bytes:
        """Return the longest run of known bytes from this offset that costs nothing to get."""
        if offset < len(self._head):
            return self._head[offset:]
        if offset >= self._tail_at:
            return self._tail[offset - self._tail_at :]
        at = bisect_right(self._starts, offset) - 1
        if at >= 0:
            return self._blocks[at][offset - self._starts[at] :]
        return b""

    def have_before(self, end: int) -> bytes:
        """Return the longest run of known bytes up to this offset that costs nothing to get."""
        if self._tail_at < end <= self.size:
            return self._tail[: end - self._tail_at]
        if end <= len(self._head):
            return self._head[:end]
        return b""


class Reader:
    """What a format reads with; its methods are parts of a conversation: `yield from` them."""

    __slots__ = ("known", "size")

    def __init__(self, source: Source) -> None:
        self.size = source.size_bytes
        self.known = Known(source)

    def have(self, offset: int, length: int) -> bytes | None:
        """Return these bytes if they are known, else None: the quick way in a loop."""
        return self.known.have(offset, length)

    def read(self, offset: int, length: int, path: str) -> Steps[bytes]:
        """Return exactly these bytes. Raises Malformed at `path` if they pass the end."""
        data = self.known.have(offset, length)
        if data is None:
            (data,) = yield from self.read_all((Span(offset, length),), path)
        return data

    def read_all(self, spans: Sequence[Span], path: str) -> Steps[list[bytes]]:
        """Return the bytes of each span, asked for in as few round trips as the bounds allow."""
        for span in spans:
            self.require(span.offset, span.length, path)
        found = [self.known.have(span.offset, span.length) for span in spans]
        missing = [span for span, data in zip(spans, found, strict=True) if data is None]
        if missing:
            joined = iter((yield from self._ask(missing)))
            found = [data if data is not None else next(joined) for data in found]
        return [data for data in found if data is not None]

    def glance(self, offset: int, at_least: int, at_most: int, path: str) -> Steps[bytes]:
        """Return `at_least` bytes or more from here: all that is known, else `at_most` if there.

        For headers whose length is only known once they are read.
        """
        self.require(offset, at_least, path)
        data = self.known.have_from(offset)
        if len(data) >= at_least:
            return data
        return (yield from self.read(offset, min(at_most, self.size - offset), path))

    def prefetch(self, spans: Iterable[Span]) -> Steps[None]:
        """Make what lies in the file of these spans known, in one round trip if it is little."""
        wanted = [
            span
            for span in spans
            if span.offset >= 0
            and span.offset + span.length <= self.size
            and self.known.have(span.offset, span.length) is None
        ]
        if wanted:
            yield from self._ask(wanted)

    def stream(self, spans: Iterable[Span], path: str) -> Steps[list[bytes]]:
        """Return the bytes of each span without remembering them: for long, one-time reads."""
        found: list[bytes] = []
        batch: list[Range] = []
        waiting = 0
        for span in spans:
            self.require(span.offset, span.length, path)
            for piece in _pieces(span):
                if waiting + piece.length > BATCH_BYTES or len(batch) == BATCH_REQUESTS:
                    found += _bytes((yield tuple(batch)))
                    batch, waiting = [], 0
                batch.append(piece)
                waiting += piece.length
        if batch:
            found += _bytes((yield tuple(batch)))
        return found

    def require(self, offset: int, length: int, path: str) -> None:
        """Raise Malformed at `path` unless these bytes lie in the file."""
        if offset < 0 or length < 0 or offset + length > self.size:
            at = max(0, min(offset, self.size))
            raise Malformed(path=path, at_byte=at, why="the file ends before it does")

    def _ask(self, spans: Sequence[Span]) -> Steps[list[bytes]]:
        """Ask for spans that are not known, remember each, return them whole."""
        answers = iter((yield from self.stream(spans, "file")))
        joined: list[bytes] = []
        for span in spans:
            data = b"".join(next(answers) for _ in _pieces(span))
            self.known.add(span.offset, data)
            joined.append(data)
        return joined


def _pieces(span: Span) -> Iterable[Range]:
    """Return the span as ranges that each fit into one message; an empty span is one range."""
    if span.length <= RANGE_BYTES:
        return (Range(span.offset, span.length),)
    end = span.offset + span.length
    return (Range(at, min(RANGE_BYTES, end - at)) for at in range(span.offset, end, RANGE_BYTES))


def _bytes(answers: Sequence[bytes | int | None]) -> list[bytes]:
    return [given for given in answers if isinstance(given, bytes)]
