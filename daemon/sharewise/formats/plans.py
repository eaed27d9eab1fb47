"""Make plans out of cuts, and look at the file that a plan would give without making it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sharewise.formats.contract import (
    HEAD_BYTES,
    TAIL_BYTES,
    Answer,
    Find,
    FindMarkers,
    FindNonzero,
    GifBlocks,
    Inflate,
    Insert,
    Keep,
    Plan,
    Range,
    Request,
    Result,
    Source,
    Span,
    Step,
    Steps,
)
from sharewise.formats.engine import (
    find_markers,
    find_nonzero,
    gif_blocks,
    inflated_bytes,
    offsets_of,
    packed,
)
from sharewise.formats.reading import Known


class Cut(NamedTuple):
    """Take `length` bytes from `offset` out and put `insert` there; `length` 0 only inserts."""

    offset: int
    length: int
    insert: bytes = b""


def assemble(start: int, end: int, cuts: Iterable[Cut]) -> tuple[Step, ...]:
    """Return the steps that keep [start, end) but for the cuts, which must not overlap."""
    steps: list[Step] = []
    at = start
    for cut in sorted(cuts, key=lambda cut: (cut.offset, cut.length)):
        assert at <= cut.offset <= cut.offset + cut.length <= end, "cuts overlap or pass the end"
        if cut.offset > at:
            steps.append(Keep(at, cut.offset - at))
        if cut.insert:
            steps.append(Insert(cut.insert))
        at = cut.offset + cut.length
    if end > at:
        steps.append(Keep(at, end - at))
    return tuple(steps)


def length_of(steps: Iterable[Step]) -> int:
    """Return the bytes that the steps give."""
    return sum(step.length if isinstance(step, Keep) else len(step.data) for step in steps)


class Memory:
    """Remembers the answers of a conversation, so that a second look asks only for what is new."""

    __slots__ = ("_answers", "known")

    def __init__(self, source: Source) -> None:
        self.known = Known(source)
        self._answers: dict[Request, Answer] = {}

    def over(self, steps: Steps[Result]) -> Steps[Result]:
        """Pass a conversation on, but for the requests whose answers are known."""
        try:
            batch = next(steps)
            while True:
                answers = [self._recall(request) for request in batch]
                new = tuple(
                    request
                    for request, (is_known, _) in zip(batch, answers, strict=True)
                    if not is_known
                )
                if new:
                    given = yield new
                    for request, answer in zip(new, given, strict=True):
                        self._learn(request, answer)
                    fresh = iter(given)
                    batch = steps.send(
                        tuple(old if is_known else next(fresh) for is_known, old in answers)
                    )
                else:
                    batch = steps.send(tuple(old for _, old in answers))
        except StopIteration as stop:
            result: Result = stop.value
            return result

    def _recall(self, request: Request) -> tuple[bool, Answer]:
        if isinstance(request, Range):
            data = self.known.have(request.offset, request.length)
            return data is not None, data
        if request in self._answers:
            return True, self._answers[request]
        return False, None

    def _learn(self, request: Request, answer: Answer) -> None:
        if isinstance(request, Range):
            assert isinstance(answer, bytes)
            self.known.add(request.offset, answer)
        else:
            self._answers[request] = answer


_Combine: TypeAlias = Callable[[Sequence[Answer]], Answer]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the cleaned file: `at` there, `origin` in the original or bytes of ours."""

    at: int
    length: int
    origin: int
    data: bytes | None

    def part(self, start: int, end: int) -> _Piece:
        first, last = max(start, self.at), min(end, self.at + self.length)
        skipped = first - self.at
        data = None if self.data is None else self.data[skipped : skipped + last - first]
        return _Piece(first, last - first, self.origin + skipped, data)


class CleanedFile:
    """The file that a plan gives, as a source: each request is passed on to the original."""

    def __init__(self, plan: Plan) -> None:
        self.size_bytes = plan.size_bytes
        self._pieces: list[_Piece] = []
        at = 0
        for step in plan.steps:
            if isinstance(step, Keep):
                self._pieces.append(_Piece(at, step.length, step.offset, None))
                at += step.length
            else:
                self._pieces.append(_Piece(at, len(step.data), 0, step.data))
                at += len(step.data)
        self._starts = [piece.at for piece in self._pieces]

    def source(self, known: Known) -> Source:
        """Return head and tail as far as they follow from what is known of the original."""
        head = bytearray()
        for piece in self._pieces:
            data = known.have_from(piece.origin) if piece.data is None else piece.data
            head += data[: piece.length]
            if len(data) < piece.length or len(head) >= HEAD_BYTES:
                break
        tail = b""
        for piece in reversed(self._pieces):
            end = piece.origin + piece.length
            data = known.have_before(end) if piece.data is None else piece.data
            tail = data[max(0, len(data) - piece.length) :] + tail
            if len(data) < piece.length or len(tail) >= TAIL_BYTES:
                break
        return Source(self.size_bytes, bytes(head[:HEAD_BYTES]), tail[-TAIL_BYTES:])

    def over(self, steps: Steps[Result]) -> Steps[Result]:
        """Pass a conversation about the cleaned file on as one about the original."""
        try:
            batch = next(steps)
            while True:
                translated = [self._translate(request) for request in batch]
                asked = tuple(request for requests, _ in translated for request in requests)
                given = (yield asked) if asked else ()
                answers: list[Answer] = []
                at = 0
                for requests, combine in translated:
                    answers.append(combine(given[at : at + len(requests)]))
                    at += len(requests)
                batch = steps.send(tuple(answers))
        except StopIteration as stop:
            result: Result = stop.value
            return result

    def _parts(self, start: int, end: int) -> Iterator[_Piece]:
        at = max(0, bisect_right(self._starts, start) - 1)
        while at < len(self._pieces) and self._pieces[at].at < end:
            part = self._pieces[at].part(start, end)
            if part.length:
                yield part
            at += 1

    def _translate(self, request: Request) -> tuple[list[Request], _Combine]:
        match request:
            case Range(offset, length):
                return self._range(offset, offset + length)
            case Find(needle, start, end):
                return self._find(needle, start, end)
            case FindMarkers(start, end, limit):
                return self._find_markers(start, end, limit)
            case Inflate(spans, limit):
                return self._inflate(spans, limit)
            case FindNonzero(start, end):
                return self._find_nonzero(start, end)
            case GifBlocks(start, end, limit):
                return self._gif_blocks(start, end, limit)

    def _range(self, start: int, end: int) -> tuple[list[Request], _Combine]:
        parts = list(self._parts(start, end))
        asked: list[Request] = [
            Range(part.origin, part.length) for part in parts if part.data is None
        ]

        def combine(given: Sequence[Answer]) -> bytes:
            answers = iter(given)
            return b"".join(
                _as_bytes(next(answers)) if part.data is None else part.data for part in parts
            )

        return asked, combine

    def _seams(self, start: int, end: int, reach: int) -> Iterator[tuple[int, int]]:
        """Yield a window around each joint of two pieces in which a needle could straddle it."""
        parts = list(self._parts(start, end))
        for part in parts[1:]:
            yield max(start, part.at - reach), min(end, part.at + reach)

    def _find(self, needle: bytes, start: int, end: int) -> tuple[list[Request], _Combine]:
        asked: list[Request] = []
        readers: list[Callable[[Sequence[Answer]], int | None]] = []
        for part in self._parts(start, end):
            if part.data is not None:
                place = part.data.find(needle)
                readers.append(_always(None if place < 0 else part.at + place))
            else:
                asked.append(Find(needle, part.origin, part.origin + part.length))
                readers.append(_shifted(len(asked) - 1, part.at - part.origin))
        for first, last in self._seams(start, end, len(needle) - 1):
            requests, join = self._range(first, last)
            readers.append(_searched(len(asked), len(requests), join, needle, first))
            asked += requests

        def combine(given: Sequence[Answer]) -> int | None:
            places = [place for read in readers if (place := read(given)) is not None]
            return min(places, default=None)

        return asked, combine

    def _find_markers(self, start: int, end: int, limit: int) -> tuple[list[Request], _Combine]:
        asked: list[Request] = []
        parts = list(self._parts(start, end))
        asked += [
            FindMarkers(part.origin, part.origin + part.length, limit)
            for part in parts
            if part.data is None
        ]
        seams = list(self._seams(start, end, 1))
        joins: list[tuple[int, int, _Combine]] = []
        for first, last in seams:
            requests, join = self._range(first, last)
            joins.append((len(asked), len(requests), join))
            asked += requests

        def combine(given: Sequence[Answer]) -> bytes:
            found: set[int] = set()
            answers = iter(given)
            for part in parts:
                if part.data is None:
                    shift = part.at - part.origin
                    markers = offsets_of(_as_bytes(next(answers)))
                else:
                    shift = part.at
                    markers = offsets_of(find_markers(part.data, 0, part.length, limit))
                found.update(marker + shift for marker in markers)
            for (first, _), (at, count, join) in zip(seams, joins, strict=True):
                window = _as_bytes(join(given[at : at + count]))
                found.update(
                    first + marker
                    for marker in offsets_of(find_markers(window, 0, len(window), limit))
                )
            return packed(sorted(found)[:limit])

        return asked, combine

    def _find_nonzero(self, start: int, end: int) -> tuple[list[Request], _Combine]:
        asked: list[Request] = []
        readers: list[Callable[[Sequence[Answer]], int | None]] = []
        for part in self._parts(start, end):
            if part.data is not None:
                place = find_nonzero(part.data, 0, part.length)
                readers.append(_always(None if place is None else part.at + place))
            else:
                asked.append(FindNonzero(part.origin, part.origin + part.length))
                readers.append(_shifted(len(asked) - 1, part.at - part.origin))

        def combine(given: Sequence[Answer]) -> int | None:
            places = (place for read in readers if (place := read(given)) is not None)
            return next(places, None)

        return asked, combine

    def _gif_blocks(self, start: int, end: int, limit: int) -> tuple[list[Request], _Combine]:
        """Walk each piece by itself: a block that straddles two ends the walk, unproved.

        Where a block was shortened, the walk is that of the original, its places shifted; whoever
        asks has to see for himself that such a block is whole.
        """
        parts = list(self._parts(start, end))
        if parts and parts[0].data is None and any(map(_is_part_of_block, parts)):
            return self._shifted_blocks(parts, limit)
        asked: list[Request] = [
            GifBlocks(part.origin, part.origin + part.length, limit)
            for part in parts
            if part.data is None
        ]

        def combine(given: Sequence[Answer]) -> bytes:
            answers = iter(given)
            boundaries = [start]
            for part in parts:
                if part.data is None:
                    walked = offsets_of(_as_bytes(next(answers)))
                else:
                    walked = gif_blocks(_reader_of(part.data), 0, part.length, limit)
                shift = part.at - (part.origin if part.data is None else 0)
                boundaries += [offset + shift for offset in walked[1:]]
                if boundaries[-1] != part.at + part.length:
                    break
            return packed(boundaries[: limit + 1])

        return asked, combine

    @staticmethod
    def _shifted_blocks(parts: list[_Piece], limit: int) -> tuple[list[Request], _Combine]:
        kept = [part for part in parts if part.data is None]
        asked = GifBlocks(kept[0].origin, kept[-1].origin + kept[-1].length, limit)

        def combine(given: Sequence[Answer]) -> bytes:
            places: set[int] = set()
            at = 0
            for boundary in offsets_of(_as_bytes(given[0])):
                while at + 1 < len(kept) and kept[at].origin + kept[at].length < boundary:
                    at += 1
                for part in kept[at : at + 2]:
                    if part.origin <= boundary <= part.origin + part.length:
                        places.add(part.at + boundary - part.origin)
            return packed(sorted(places))

        return [asked], combine

    def _inflate(self, spans: Sequence[Span], limit: int) -> tuple[list[Request], _Combine]:
        parts = [
            part for span in spans for part in self._parts(span.offset, span.offset + span.length)
        ]
        if all(part.data is None for part in parts):
            kept = tuple(Span(part.origin, part.length) for part in parts)
            return [Inflate(kept, limit)], lambda given: given[0]
        asked: list[Request] = [
            Range(part.origin, part.length) for part in parts if part.data is None
        ]

        def combine(given: Sequence[Answer]) -> int | None:
            answers = iter(given)
            pieces = (
                _as_bytes(next(answers)) if part.data is None else part.data for part in parts
            )
            return inflated_bytes(pieces, limit)

        return asked, combine


def _reader_of(data: bytes) -> Callable[[int, int], bytes]:
    return lambda offset, length: data[offset : offset + length]


def _is_part_of_block(part: _Piece) -> bool:
    """Return whether bytes that the cleaner made are not one whole block or several of a GIF."""
    if part.data is None:
        return False
    ends = gif_blocks(_reader_of(part.data), 0, part.length, part.length)
    return ends[-1] != part.length


def _as_bytes(given: Answer) -> bytes:
    assert isinstance(given, bytes)
    return given


def _always(place: int | None) -> Callable[[Sequence[Answer]], int | None]:
    return lambda _: place


def _shifted(index: int, shift: int) -> Callable[[Sequence[Answer]], int | None]:
    def read(given: Sequence[Answer]) -> int | None:
        place = given[index]
        return place + shift if isinstance(place, int) else None

    return read


def _searched(
    index: int, count: int, join: _Combine, needle: bytes, first: int
) -> Callable[[Sequence[Answer]], int | None]:
    def read(given: Sequence[Answer]) -> int | None:
        place = _as_bytes(join(given[index : index + count])).find(needle)
        return None if place < 0 else first + place

    return read
