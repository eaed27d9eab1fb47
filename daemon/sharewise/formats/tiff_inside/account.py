"""Account for every byte of a TIFF: what stays, what goes, and what belongs to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sharewise.formats.contract import FindNonzero, Span, Steps
from sharewise.formats.engine import BATCH_REQUESTS
from sharewise.formats.plans import Cut
from sharewise.formats.reading import Reader

ZEROS_BYTES = 64 * 1024
"""The most zeros in one cut; longer stretches are several cuts that share the same zeros."""
_ZEROS = bytes(ZEROS_BYTES)
SMALL_BYTES = 256
"""Gaps up to here are read: there may be one behind every strip."""


@dataclass(slots=True)
class Account:
    """Spans of the file by what they are, as they become known."""

    size: int
    header: list[Span] = field(default_factory=list)
    """Header, directories and values that stay, as long as they will be."""
    picture: list[Span] = field(default_factory=list)
    """Strips, tiles and the like that stay."""
    removed: list[Span] = field(default_factory=list)
    """What goes and has a finding of its own."""
    unwanted: list[Span] = field(default_factory=list)
    """Directories and values that go: they must not share bytes with what stays."""

    def drop(self, *spans: Span | None) -> None:
        """Note what goes."""
        for span in spans:
            if span is not None and span.length:
                self.removed.append(span)
                self.unwanted.append(span)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that touch or overlap as one."""
    joined: list[Span] = []
    for span in sorted((one for one in spans if one.length), key=lambda one: one.offset):
        if joined and span.offset <= joined[-1].offset + joined[-1].length:
            last = joined[-1]
            end = max(last.offset + last.length, span.offset + span.length)
            joined[-1] = Span(last.offset, end - last.offset)
        else:
            joined.append(span)
    return joined


def overlap(one: Iterable[Span], other: Iterable[Span]) -> bool:
    """Return whether a byte lies in spans of both."""
    first, second = merged(one), merged(other)
    at = 0
    for span in first:
        while at < len(second) and second[at].offset + second[at].length <= span.offset:
            at += 1
        if at < len(second) and second[at].offset < span.offset + span.length:
            return True
    return False


def without(spans: Sequence[Span], taken: Sequence[Span]) -> Iterator[Span]:
    """Yield what is left of the spans without what is taken; both are merged."""
    at = 0
    for span in spans:
        start, end = span.offset, span.offset + span.length
        while at < len(taken) and taken[at].offset + taken[at].length <= start:
            at += 1
        index = at
        while index < len(taken) and taken[index].offset < end:
            if taken[index].offset > start:
                yield Span(start, taken[index].offset - start)
            start = max(start, taken[index].offset + taken[index].length)
            index += 1
        if start < end:
            yield Span(start, end - start)


def share_bytes(account: Account, written: Sequence[Span]) -> bool:
    """Return whether what goes or is written anew shares bytes with what stays as it is.

    Then neither can be had alone. A number that two entries point at may stay for the one that
    is kept.
    """
    if overlap(account.unwanted, account.picture) or overlap(written, account.picture):
        return True
    if sum(span.length for span in written) != sum(span.length for span in merged(written)):
        return True
    same = set(account.header)
    if overlap([span for span in account.unwanted if span not in same], account.header):
        return True
    return overlap(written, same - set(written))


def zeroed(span: Span) -> list[Cut]:
    """Return the cuts that fill a span with zeros."""
    end = span.offset + span.length
    return [
        Cut(at, min(ZEROS_BYTES, end - at), _ZEROS[: end - at])
        for at in range(span.offset, end, ZEROS_BYTES)
    ]


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Bytes that are not zero and do not stay."""

    removed: tuple[Span, ...]
    strays: tuple[Span, ...]
    """Those that belong to nothing."""
    end: int
    """Where what stays ends."""


def leftovers(reader: Reader, account: Account) -> Steps[Leftovers]:
    """Return all bytes that have to go; those of padding that is empty are not among them."""
    kept = merged([*account.header, *account.picture])
    gaps = list(without([Span(0, account.size)], kept))
    removed = merged(account.removed)
    strays = yield from _nonzero(reader, list(without(gaps, removed)))
    known = yield from _nonzero(reader, list(without(gaps, list(without(gaps, removed)))))
    end = kept[-1].offset + kept[-1].length
    return Leftovers(tuple(known), tuple(strays), end)


def _nonzero(reader: Reader, spans: Sequence[Span]) -> Steps[list[Span]]:
    """Return the spans that hold a byte that is not zero."""
    small = [span for span in spans if _is_near(reader, span)]
    read = yield from reader.read_all(small, "TIFF")
    full = {span for span, data in zip(small, read, strict=True) if data.strip(b"\0")}
    large = [span for span in spans if not _is_near(reader, span)]
    for first in range(0, len(large), BATCH_REQUESTS):
        batch = large[first : first + BATCH_REQUESTS]
        places = yield tuple(FindNonzero(span.offset, span.offset + span.length) for span in batch)
        full.update(span for span, place in zip(batch, places, strict=True) if place is not None)
    return [span for span in spans if span in full]


def _is_near(reader: Reader, span: Span) -> bool:
    return span.length <= SMALL_BYTES or reader.have(span.offset, span.length) is not None
