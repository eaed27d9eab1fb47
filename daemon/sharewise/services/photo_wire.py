"""Between the formats and the wire: asks in parts that fit, checks answers, words verdicts.

Also a generator, as the formats are: nothing here opens, waits or sends.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias, assert_never

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.formats.contract import (
    Answer,
    Find,
    Finding,
    FindMarkers,
    FindNonzero,
    GifBlocks,
    Inflate,
    Keep,
    Kind,
    Plan,
    Range,
    Report,
    Request,
    Step,
    Steps,
)
from sharewise.formats.engine import find_markers, offsets_of, packed
from sharewise.gazetteer.bundled import near
from sharewise.wire.framing import MAX_TO_BROWSER_BYTES
from sharewise.wire.messages import PART_BYTES
from sharewise.wire.photos import (
    FindMarkersRequest,
    FindNonzeroRequest,
    FindRequest,
    Foretold,
    GifBlocksRequest,
    InflateRequest,
    InsertStep,
    KeepStep,
    NearTown,
    PhotoNeeds,
    PhotoRequest,
    PhotoVerdict,
    RangeRequest,
    WireFinding,
    WireSpan,
    WireStep,
    ZerosStep,
)

MAX_BATCH_BYTES = PART_BYTES * 2
"""The most bytes that one `photo.answer` carries, before base64: half a frame."""
MAX_BATCH_REQUESTS = 256
MAX_HELD_BYTES = 64 * 1024 * 1024
"""The most bytes that are held for one file at a time: more is not metadata."""
OFFSET_BYTES = 8
"""One marker in an answer to `FindMarkersRequest`."""
ASK_BYTES = 128
SPAN_BYTES = 64
"""The most JSON of one ask without its spans and needle, and of one span."""
MAX_FORESEEN = 256
"""Markers that a page names unasked: a picture with more is searched as it is asked for."""
MAX_FINDINGS = 500
MAX_TEXT = 2_000
"""Characters of one value or summary that are shown."""
MAX_MESSAGE_BYTES = MAX_TO_BROWSER_BYTES - 4 * 1024
"""What fits into one frame to the browser, with the envelope around it."""

ZEROS_BYTES = 64
"""More zeros than this travel as their number."""

_OFFSET = struct.Struct(">Q")

Conversation: TypeAlias = Generator[
    tuple[PhotoRequest, ...], tuple[Answer, ...] | None, PhotoVerdict
]


@dataclass(frozen=True, slots=True)
class _Piece:
    """One ask, and which request of the format it belongs to."""

    index: int
    ask: PhotoRequest

    @property
    def answer_bytes(self) -> int:
        """The most that its answer adds to the message that comes back, before base64."""
        match self.ask:
            case RangeRequest(length=length):
                return length
            case FindMarkersRequest(limit=limit) | GifBlocksRequest(limit=limit):
                return (limit + 1) * OFFSET_BYTES
            case FindRequest() | InflateRequest() | FindNonzeroRequest():
                return OFFSET_BYTES
            case unreachable:
                assert_never(unreachable)

    @property
    def ask_bytes(self) -> int:
        """The most that it adds to the message that goes out, as JSON."""
        match self.ask:
            case FindRequest(needle=needle):
                return ASK_BYTES + 2 * len(needle)
            case InflateRequest(spans=spans):
                return ASK_BYTES + SPAN_BYTES * len(spans)
            case RangeRequest() | FindMarkersRequest() | FindNonzeroRequest() | GifBlocksRequest():
                return ASK_BYTES
            case unreachable:
                assert_never(unreachable)


def advance(
    conversation: Conversation, untrusted_answers: tuple[Answer, ...] | None
) -> tuple[PhotoRequest, ...] | PhotoVerdict:
    """Return the next asks, or the verdict; `None` begins. Raises SharewiseError."""
    try:
        return conversation.send(untrusted_answers)
    except StopIteration as end:
        verdict: PhotoVerdict = end.value
        return verdict


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a page has said of a JPEG unasked: its head, and all markers from its last byte on."""

    head: bytes
    later: tuple[int, ...]

    def answer(self, request: Request) -> bytes | None:
        """Return what the page would answer; None if that is not known."""
        if not isinstance(request, FindMarkers):
            return None
        start, end, limit = request.start, request.end, request.limit
        inside = offsets_of(find_markers(self.head, start, min(end, len(self.head)), limit))
        later = (at for at in self.later if start <= at and at + 1 < end)
        return packed([*inside, *later][:limit])


def foreseen(head: bytes, untrusted_markers: bytes, size_bytes: int) -> Foreseen:
    """Return what may be answered for the page. Raises SharewiseError(INVALID_PARAMS)."""
    ask = FindMarkersRequest(len(head) - 1, size_bytes, MAX_FORESEEN)
    return Foreseen(head, tuple(offsets_of(_checked_markers(untrusted_markers, ask))))


def in_parts(steps: Steps[PhotoVerdict], known: Foreseen | None = None) -> Conversation:
    """Lead a format's conversation in messages of bounded size.

    A range that is larger than a part is asked for in pieces and joined here. Raises
    SharewiseError(INVALID_PARAMS) where an answer is not what was asked for.
    """
    try:
        batch = next(steps)
        while True:
            if _held_bytes(batch) > MAX_HELD_BYTES:
                return undecided("unsupported", "Too much of this file would have to be read.")
            answers = None if known is None else _foreseen_answers(batch, known)
            if answers is None:
                answers = yield from _answered(batch)
            batch = steps.send(answers)
    except StopIteration as end:
        verdict: PhotoVerdict = end.value
        return verdict


def _foreseen_answers(batch: tuple[Request, ...], known: Foreseen) -> tuple[Answer, ...] | None:
    answers = tuple(known.answer(request) for request in batch)
    return None if None in answers else answers


def _held_bytes(batch: tuple[Request, ...]) -> int:
    return sum(request.length for request in batch if isinstance(request, Range))


def _answered(
    batch: tuple[Request, ...],
) -> Generator[tuple[PhotoRequest, ...], tuple[Answer, ...] | None, tuple[Answer, ...]]:
    """Ask for one batch of a format, in as many messages as it takes."""
    given: list[Answer] = [b"" if isinstance(request, Range) else None for request in batch]
    parts: dict[int, list[bytes]] = {}
    for message in _messages(_pieces(batch)):
        untrusted = yield tuple(piece.ask for piece in message)
        if untrusted is None or len(untrusted) != len(message):
            raise _misfit("Another number of answers than of requests came.")
        for piece, answer in zip(message, untrusted, strict=True):
            match piece.ask:
                case RangeRequest(length=length):
                    parts.setdefault(piece.index, []).append(_checked_bytes(answer, length))
                case FindRequest(needle=needle, start=start, end=end):
                    given[piece.index] = _checked_number(answer, start, end - len(needle))
                case FindMarkersRequest() as ask:
                    given[piece.index] = _checked_markers(answer, ask)
                case InflateRequest(limit=limit):
                    given[piece.index] = _checked_number(answer, 0, limit)
                case FindNonzeroRequest(start=start, end=end):
                    given[piece.index] = _checked_number(answer, start, end - 1)
                case GifBlocksRequest() as ask:
                    given[piece.index] = _checked_blocks(answer, ask)
                case unreachable:
                    assert_never(unreachable)
    for index, pieces in parts.items():
        given[index] = b"".join(pieces)
    return tuple(given)


def _pieces(batch: tuple[Request, ...]) -> Iterator[_Piece]:
    for index, request in enumerate(batch):
        match request:
            case Range(offset=offset, length=length):
                end = offset + length
                for start in range(offset, end, PART_BYTES):
                    yield _Piece(index, RangeRequest(start, min(PART_BYTES, end - start)))
            case Find(needle=needle, start=start, end=end):
                yield _Piece(index, FindRequest(needle, start, end))
            case FindMarkers(start=start, end=end, limit=limit):
                yield _Piece(index, FindMarkersRequest(start, end, limit))
            case Inflate(spans=spans, limit=limit):
                wire_spans = tuple(WireSpan(span.offset, span.length) for span in spans)
                yield _Piece(index, InflateRequest(wire_spans, limit))
            case FindNonzero(start=start, end=end):
                yield _Piece(index, FindNonzeroRequest(start, end))
            case GifBlocks(start=start, end=end, limit=limit):
                yield _Piece(index, GifBlocksRequest(start, end, limit))
            case unreachable:
                assert_never(unreachable)


def _messages(pieces: Iterator[_Piece]) -> Iterator[list[_Piece]]:
    """Put pieces together as long as what is asked and what is answered fit."""
    message: list[_Piece] = []
    coming = going = 0
    for piece in pieces:
        is_full = (
            coming + piece.answer_bytes > MAX_BATCH_BYTES
            or going + piece.ask_bytes > MAX_MESSAGE_BYTES
            or len(message) == MAX_BATCH_REQUESTS
        )
        if message and is_full:
            yield message
            message, coming, going = [], 0, 0
        message.append(piece)
        coming += piece.answer_bytes
        going += piece.ask_bytes
    if message:
        yield message


def _checked_bytes(untrusted: Answer, length: int) -> bytes:
    if not isinstance(untrusted, bytes) or len(untrusted) != length:
        raise _misfit("A range was answered with something else than its bytes.")
    return untrusted


def _checked_number(untrusted: Answer, least: int, most: int) -> int | None:
    if untrusted is None:
        return None
    if not isinstance(untrusted, int) or not least <= untrusted <= most:
        raise _misfit("A search was answered with a number that cannot be.")
    return untrusted


def _checked_markers(untrusted: Answer, ask: FindMarkersRequest) -> bytes:
    """Return offsets that ascend, each with its two bytes in the range that was asked for."""
    data, offsets = _checked_offsets(untrusted, ask.limit)
    if any(one >= other for one, other in pairwise([ask.start - 1, *offsets, ask.end - 1])):
        raise _misfit("A search was answered with offsets that cannot be.")
    return data


def _checked_blocks(untrusted: Answer, ask: GifBlocksRequest) -> bytes:
    """Return boundaries that begin where the walk does and ascend up to its end."""
    data, offsets = _checked_offsets(untrusted, ask.limit + 1)
    is_rising = all(one < other for one, other in pairwise([*offsets, ask.end + 1]))
    if offsets[:1] != [ask.start] or not is_rising:
        raise _misfit("A search was answered with offsets that cannot be.")
    return data


def _checked_offsets(untrusted: Answer, most: int) -> tuple[bytes, list[int]]:
    if (
        not isinstance(untrusted, bytes)
        or len(untrusted) % OFFSET_BYTES
        or len(untrusted) > most * OFFSET_BYTES
    ):
        raise _misfit("A search was answered with something else than offsets.")
    return untrusted, [offset for (offset,) in _OFFSET.iter_unpack(untrusted)]


def _misfit(why: str) -> SharewiseError:
    return SharewiseError(ErrorCode.INVALID_PARAMS, f"{why} Pick the file again.")


def undecided(status: Literal["unsupported", "malformed"], reason: str) -> PhotoVerdict:
    """Return the verdict on a file of which nothing can be promised."""
    return PhotoVerdict(
        status=status, format=None, findings=(), kept=(), plan=None, reason=_short(reason)
    )


def private(report: Report, plan: Plan | None, reason: str | None = None) -> PhotoVerdict:
    """Return the verdict on a file that gives something away; no plan needs a reason."""
    assert (plan is None) != (reason is None), "either a plan or why there is none"
    verdict = PhotoVerdict(
        status="private",
        format=report.format,
        findings=tuple(_findings(report.findings)),
        kept=report.kept if plan is None else plan.kept,
        plan=None if plan is None else tuple(map(_wire_step, plan.steps)),
        reason=reason,
    )
    if plan is not None and len(msgspec.json.encode(verdict)) > MAX_MESSAGE_BYTES:
        return private(report, None, "Cleaning this file takes more steps than a page can be sent.")
    return verdict


def needs(
    session_id: str,
    asks: tuple[PhotoRequest, ...],
    known: tuple[Finding, ...] = (),
    foretold: Foretold | None = None,
) -> PhotoNeeds:
    """Return the next asks, with what is known already as far as all fits into one frame."""
    step = PhotoNeeds(session_id, asks, tuple(_findings(known)), foretold)
    has_more = step.found or foretold is not None
    if has_more and len(msgspec.json.encode(step)) > MAX_MESSAGE_BYTES:
        return PhotoNeeds(session_id, asks)
    return step


def _findings(findings: tuple[Finding, ...]) -> Iterator[WireFinding]:
    for finding in findings[:MAX_FINDINGS]:
        value = None if finding.value is None else _short(finding.value)
        yield WireFinding(
            finding.kind.value, finding.where, _short(finding.summary), value, _near(finding)
        )
    unshown = len(findings) - MAX_FINDINGS
    if unshown > 0:
        yield WireFinding(Kind.OTHER.value, "", f"{unshown} more things of the same kinds", None)


def _near(finding: Finding) -> NearTown | None:
    found = near(finding.value) if finding.kind is Kind.LOCATION else None
    if found is None:
        return None
    return NearTown(found.town.name, found.town.country_code, round(found.distance_km, 1))


def _wire_step(step: Step) -> WireStep:
    if isinstance(step, Keep):
        return KeepStep(step.offset, step.length)
    if len(step.data) > ZEROS_BYTES and not any(step.data):
        return ZerosStep(len(step.data))
    return InsertStep(step.data)


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
