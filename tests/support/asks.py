"""Answer what a photo session asks as a page does, and put its plan together."""

from __future__ import annotations

from sharewise.formats import engine
from sharewise.formats.contract import (
    Answer,
    Find,
    FindMarkers,
    FindNonzero,
    GifBlocks,
    Inflate,
    Range,
    Request,
    Span,
)
from sharewise.wire.photos import (
    FindMarkersRequest,
    FindNonzeroRequest,
    FindRequest,
    GifBlocksRequest,
    InflateRequest,
    InsertStep,
    KeepStep,
    PhotoRequest,
    PhotoVerdict,
    RangeRequest,
    ZerosStep,
)


def request_of(ask: PhotoRequest) -> Request:
    """Return the request of a format that an ask stands for."""
    match ask:
        case RangeRequest(offset=offset, length=length):
            return Range(offset, length)
        case FindRequest(needle=needle, start=start, end=end):
            return Find(needle, start, end)
        case FindMarkersRequest(start=start, end=end, limit=limit):
            return FindMarkers(start, end, limit)
        case InflateRequest(spans=spans, limit=limit):
            return Inflate(tuple(Span(one.offset, one.length) for one in spans), limit)
        case FindNonzeroRequest(start=start, end=end):
            return FindNonzero(start, end)
        case GifBlocksRequest(start=start, end=end, limit=limit):
            return GifBlocks(start, end, limit)


def answer(ask: PhotoRequest, data: bytes) -> Answer:
    """Answer one ask from all of the file."""
    return engine.answer(request_of(ask), data)


def cleaned(verdict: PhotoVerdict, data: bytes) -> bytes:
    """Return the file that a verdict's plan makes."""
    assert verdict.plan is not None
    parts: list[bytes] = []
    for step in verdict.plan:
        match step:
            case KeepStep(offset=offset, length=length):
                parts.append(data[offset : offset + length])
            case InsertStep(data=inserted):
                parts.append(inserted)
            case ZerosStep(length=length):
                parts.append(bytes(length))
    return b"".join(parts)
