"""What must hold for every file there could be, whatever it holds."""

from __future__ import annotations

from dataclasses import dataclass

from sharewise.base.errors import Malformed
from sharewise.formats import engine, judge
from sharewise.formats.contract import (
    NOTHING_KEPT,
    AlreadyClean,
    Depth,
    Examined,
    Insert,
    Kind,
    Plan,
    Range,
    Refused,
    Report,
    Result,
    Steps,
    Wish,
)

FINDINGS_LIMIT = 20_000
WORDS_LIMIT = 4_096
WISHES = (
    NOTHING_KEPT,
    Wish(frozenset({Kind.TIME, Kind.PERSON, Kind.DEVICE}), has_coarse_location=True),
)


@dataclass
class Cost:
    """What a conversation asked for."""

    batches: int = 0
    requests: int = 0
    bytes: int = 0


class Broken(AssertionError):
    """A file for which something does not hold that must; the words say what."""


def hold(data: bytes) -> None:
    """Judge a file in every way and raise Broken, or whatever a format raises, if that is wrong.

    Only Malformed may leave the formats, and it says where; what is asked for is bounded by the
    size of the file; what a plan gives is clean, and stays as it is when it is cleaned again.
    """
    source = engine.source_of(data)
    for depth in Depth:
        report = _told(judge.inspect(source, depth), data)
        if isinstance(report, Report):
            _check_report(report, data)
    for wish in WISHES:
        judged = _told(judge.plan(source, wish), data)
        if isinstance(judged, Examined):
            _check_report(judged.report, data)
            _check_cleaning(judged, data, wish)


def converse(steps: Steps[Result], data: bytes) -> tuple[Result, Cost]:
    """Hold a conversation over bytes and return what came of it and what it cost.

    Raises Broken if a request passes the end of the file or all of them pass their bounds.
    """
    cost = Cost()
    try:
        batch = next(steps)
        while True:
            cost.batches += 1
            cost.requests += len(batch)
            for request in batch:
                if isinstance(request, Range):
                    cost.bytes += request.length
                    if not 0 <= request.offset <= request.offset + request.length <= len(data):
                        raise Broken("asks past the end of the file")
            check_cost(cost, len(data))
            batch = steps.send(tuple(engine.answer(request, data) for request in batch))
    except StopIteration as stop:
        return stop.value, cost


def check_cost(cost: Cost, size_bytes: int) -> None:
    """Raise Broken if a judgement of a file of this size costs too much.

    A judgement is two conversations at most: about the file, and about what a plan would give.
    """
    if cost.bytes > 4 * size_bytes + 64 * 1024:
        raise Broken(f"asks for {cost.bytes} bytes of {size_bytes}")
    if cost.batches > 128 + size_bytes // 16:
        raise Broken(f"asks {cost.batches} times about {size_bytes} bytes")
    if cost.requests > 1024 + size_bytes:
        raise Broken(f"asks {cost.requests} questions about {size_bytes} bytes")


def _told(steps: Steps[Result], data: bytes) -> Result | None:
    try:
        result, _ = converse(steps, data)
    except Malformed as error:
        if not 0 <= error.at_byte <= len(data):
            raise Broken("is malformed at a byte that it does not have") from error
        return None
    return result


def _check_report(report: Report, data: bytes) -> None:
    if len(report.findings) > FINDINGS_LIMIT:
        raise Broken("finds endlessly much")
    for finding in report.findings:
        if len(finding.summary) > WORDS_LIMIT or len(finding.where) > WORDS_LIMIT:
            raise Broken("says endlessly much of one finding")
        for span in finding.spans:
            if not 0 <= span.offset <= span.offset + span.length <= len(data):
                raise Broken("finds something past the end of the file")


def _check_cleaning(judged: Examined, data: bytes, wish: Wish) -> None:
    match judged.cleaning:
        case Refused(reason):
            if not reason:
                raise Broken("is refused without a reason")
        case AlreadyClean():
            if wish == NOTHING_KEPT and judged.report.findings:
                raise Broken("is called clean although something was found")
        case Plan(steps) as plan:
            _check_plan(plan, data)
            cleaned = engine.apply(plan, data)
            again, _ = converse(judge.plan(engine.source_of(cleaned), wish), cleaned)
            if not isinstance(again, Examined) or not isinstance(again.cleaning, AlreadyClean):
                raise Broken("is not clean once it was cleaned")
            if sum(len(step.data) for step in steps if isinstance(step, Insert)) > (
                len(data) + 64 * 1024
            ):
                raise Broken("is given more than it had")


def _check_plan(plan: Plan, data: bytes) -> None:
    for step in plan.steps:
        if isinstance(step, Insert):
            continue
        if not 0 <= step.offset <= step.offset + step.length <= len(data):
            raise Broken("keeps what is past the end of the file")
