"""What the tests of all formats share: how a file is judged, and the samples each one brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sharewise.formats import engine, judge
from sharewise.formats.contract import (
    NOTHING_KEPT,
    AlreadyClean,
    Examined,
    Find,
    FindMarkers,
    Inflate,
    Kind,
    Plan,
    Range,
    Request,
    Result,
    Steps,
    Unsupported,
    Wish,
)
from support.images import shown


@dataclass(frozen=True)
class Samples:
    """Files of one format; `samples()` in tests/unit/formats/test_<module>.py returns them.

    `clean` ones are AlreadyClean; `dirty` ones hide `secret` and can be cleaned.
    """

    clean: Mapping[str, bytes]
    dirty: Mapping[str, bytes]
    secret: bytes
    pixels: Callable[[bytes], object] = shown
    """What a file shows; equal before and after cleaning."""
    refused: Mapping[str, bytes] = field(default_factory=dict)
    """Files that are cleaned only where a wish lets something stay; the fuzzer begins with them."""


def examine(data: bytes, wish: Wish = NOTHING_KEPT) -> Examined:
    """Return the judgement of a file of a known format."""
    judged = engine.run(judge.plan(engine.source_of(data), wish), data)
    assert not isinstance(judged, Unsupported)
    return judged


def clean(data: bytes, wish: Wish = NOTHING_KEPT) -> bytes:
    """Return the file cleaned; it must need it and be cleanable."""
    cleaning = examine(data, wish).cleaning
    assert isinstance(cleaning, Plan), cleaning
    return engine.apply(cleaning, data)


def is_clean(data: bytes) -> bool:
    """Return whether there is nothing to remove."""
    return isinstance(examine(data).cleaning, AlreadyClean)


def kinds(data: bytes) -> set[Kind]:
    """Return what a file gives away."""
    return {finding.kind for finding in examine(data).report.findings}


@dataclass
class Traffic:
    """What a conversation cost."""

    batches: int = 0
    bytes: int = 0
    requests: list[Request] | None = None


def converse(steps: Steps[Result], data: bytes, traffic: Traffic) -> Result:
    """Hold a conversation over bytes and count what it asks for; every request must fit."""
    if traffic.requests is None:
        traffic.requests = []
    try:
        batch = next(steps)
        while True:
            traffic.batches += 1
            for request in batch:
                traffic.requests.append(request)
                match request:
                    case Range(offset, length):
                        assert 0 <= offset <= offset + length <= len(data)
                        assert length <= engine.RANGE_BYTES
                        traffic.bytes += length
                    case Find(_, start, end) | FindMarkers(start, end, _):
                        assert 0 <= start <= end <= len(data)
                    case Inflate(spans, _):
                        assert all(span.offset + span.length <= len(data) for span in spans)
            assert sum(one.length for one in batch if isinstance(one, Range)) <= (
                engine.BATCH_BYTES + engine.RANGE_BYTES
            )
            batch = steps.send(tuple(engine.answer(request, data) for request in batch))
    except StopIteration as stop:
        result: Result = stop.value
        return result
