"""Add up and take apart stretches of a file."""

from __future__ import annotations

from collections.abc import Iterable

from sharewise.formats.contract import Span


def end_of(span: Span) -> int:
    """Return the offset behind a stretch."""
    return span.offset + span.length


def union(spans: Iterable[Span]) -> list[Span]:
    """Return what any of the spans covers, in order and without touching neighbours."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.offset):
        if not span.length:
            continue
        if joined and span.offset <= end_of(joined[-1]):
            last = joined[-1]
            joined[-1] = Span(last.offset, max(end_of(last), end_of(span)) - last.offset)
        else:
            joined.append(span)
    return joined


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Return what the first ones cover and the others do not."""
    left: list[Span] = []
    others = union(taken)
    first = 0
    for span in union(spans):
        at, end = span.offset, end_of(span)
        while first < len(others) and end_of(others[first]) <= at:
            first += 1
        index = first
        while at < end and index < len(others) and others[index].offset < end:
            other = others[index]
            if other.offset > at:
                left.append(Span(at, other.offset - at))
            at = max(at, end_of(other))
            index += 1
        if at < end:
            left.append(Span(at, end - at))
    return left


def within(spans: Iterable[Span], bounds: Iterable[Span]) -> list[Span]:
    """Return what the first ones cover inside the others."""
    first = union(spans)
    return without(first, without(first, bounds))
