from __future__ import annotations

import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.base.errors import Malformed
from sharewise.formats import engine, judge, registry
from sharewise.formats.contract import (
    HEAD_BYTES,
    TAIL_BYTES,
    Answer,
    Depth,
    Find,
    FindMarkers,
    FindNonzero,
    Inflate,
    Insert,
    Keep,
    Plan,
    Range,
    Request,
    Source,
    Span,
    Steps,
    Unsupported,
)
from sharewise.formats.plans import CleanedFile, Cut, Memory, assemble, length_of
from sharewise.formats.reading import Known, Reader
from support.formats import Traffic, converse

MARKERS_ALPHABET = st.sampled_from([0xFF, 0x00, 0xD0, 0xD9, 0xE1, 0x41])
STREAM = st.lists(MARKERS_ALPHABET, max_size=120).map(bytes)


def one(request: Request) -> Steps[Answer]:
    (given_,) = yield (request,)
    return given_


# --- answers ------------------------------------------------------------------------------------


def test_head_and_tail_of_a_file() -> None:
    data = bytes(range(256)) * 1024
    source = engine.source_of(memoryview(data))
    assert source == Source(len(data), data[:HEAD_BYTES], data[-TAIL_BYTES:])
    assert engine.source_of(b"abc") == Source(3, b"abc", b"abc")


def test_find_is_the_first_that_lies_wholly_inside() -> None:
    data = memoryview(b"..needle..needle")
    assert engine.answer(Find(b"needle", 0, 16), data) == 2
    assert engine.answer(Find(b"needle", 3, 16), data) == 10
    assert engine.answer(Find(b"needle", 3, 15), data) is None
    assert engine.answer(Find(b".", 0, 1), data) == 0


@given(STREAM, st.integers(0, 120), st.integers(0, 120), st.integers(1, 9))
def test_markers_are_those_of_the_definition(data: bytes, start: int, end: int, limit: int) -> None:
    start, end = min(start, len(data)), min(end, len(data))
    expected = [
        at
        for at in range(start, end - 1)
        if data[at] == 0xFF and data[at + 1] not in {0, 0xFF, *range(0xD0, 0xD8)}
    ]
    found = engine.offsets_of(engine.find_markers(data, start, end, limit))
    assert found == expected[:limit]


@given(st.binary(max_size=3000), st.integers(1, 50), st.binary(min_size=1, max_size=4))
def test_size_of_a_stream_in_pieces(plain: bytes, step: int, extra: bytes) -> None:
    stream = zlib.compress(plain)
    pieces = [stream[at : at + step] for at in range(0, len(stream), step)]
    assert engine.inflated_bytes(pieces, len(plain)) == len(plain)
    assert engine.inflated_bytes([*pieces, b""], len(plain)) == len(plain)
    assert engine.inflated_bytes([*pieces, extra], len(plain)) is None
    assert engine.inflated_bytes([stream + extra], len(plain)) is None
    assert engine.inflated_bytes([stream[:-1]], len(plain)) is None
    assert engine.inflated_bytes([], len(plain)) is None
    if plain:
        assert engine.inflated_bytes(pieces, len(plain) - 1) is None


def test_bomb_is_given_up_at_its_limit() -> None:
    assert engine.inflated_bytes([zlib.compress(bytes(50_000_000), 9)], 1000) is None


# --- bounds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_",
    [
        Range(-1, 2),
        Range(99, 2),
        Range(0, -1),
        Range(0, 2**63),
        Find(b"x", 0, 101),
        Find(b"x", 5, 4),
        FindMarkers(0, 101, 4),
        Inflate((Span(90, 11),), 5),
    ],
)
def test_request_outside_the_file_is_malformed(request_: Request) -> None:
    with pytest.raises(Malformed) as caught:
        engine.run(engine.checked(one(request_), 100), bytes(100))
    assert 0 <= caught.value.at_byte <= 100


@pytest.mark.parametrize(
    ("request_", "answers"),
    [
        (Range(0, 4), (b"abc",)),
        (Range(0, 4), (7,)),
        (Range(0, 4), ()),
        (Find(b"xy", 10, 20), (19,)),
        (Find(b"xy", 10, 20), (b"",)),
        (FindMarkers(10, 20, 2), (b"1234567",)),
        (FindMarkers(10, 20, 2), (engine.packed([19]),)),
        (FindMarkers(10, 20, 2), (engine.packed([12, 12]),)),
        (FindMarkers(10, 20, 2), (engine.packed([10, 12, 14]),)),
        (Inflate((Span(0, 9),), 5), (6,)),
    ],
)
def test_answer_that_cannot_be_one_is_malformed(
    request_: Request, answers: Sequence[Answer]
) -> None:
    steps = engine.checked(one(request_), 100)
    next(steps)
    with pytest.raises(Malformed):
        steps.send(tuple(answers))


def test_empty_answers_are_answers() -> None:
    for request_ in (FindMarkers(100, 100, 3), Find(b"x", 100, 100), Range(100, 0)):
        engine.run(engine.checked(one(request_), 100), bytes(100))


@pytest.mark.parametrize(
    "request_", [Range(0, 100), Find(b"x", 0, 100), Inflate((), 0), FindMarkers(0, 1, 1)]
)
def test_conversation_without_end_is_malformed(request_: Request) -> None:
    def endless() -> Steps[None]:
        while True:
            yield (request_,)

    with pytest.raises(Malformed):
        engine.run(engine.checked(endless(), 100), bytes(100))


# --- reading ------------------------------------------------------------------------------------


def test_known_bytes_cost_no_round_trip() -> None:
    data = bytes(range(256)) * 600
    source = Source(len(data), data[:1000], data[-100:])

    def look() -> Steps[list[bytes]]:
        reader = Reader(source)
        first = yield from reader.read(10, 20, "X")
        far = yield from reader.read(5000, 200, "X")
        again = yield from reader.read(5100, 50, "X")
        last = yield from reader.read(len(data) - 60, 60, "X")
        return [first, far, again, last]

    traffic = Traffic()
    found = converse(look(), data, traffic)
    assert found == [data[10:30], data[5000:5200], data[5100:5150], data[-60:]]
    assert traffic.batches == 1


def test_long_read_is_split_into_messages() -> None:
    data = bytes(3_000_000)
    traffic = Traffic()

    def look() -> Steps[bytes]:
        return (yield from Reader(Source(len(data), b"", b"")).read(1, 2_999_999, "X"))

    assert converse(look(), data, traffic) == data[1:]
    assert traffic.batches == 6


def test_read_past_the_end_is_malformed_at_its_place() -> None:
    def look() -> Steps[bytes]:
        return (yield from Reader(Source(10, b"", b"")).read(8, 5, "JPEG/APP1"))

    with pytest.raises(Malformed) as caught:
        engine.run(look(), bytes(10))
    assert caught.value.path == "JPEG/APP1"
    assert caught.value.at_byte == 8


def test_longer_of_two_blocks_at_one_place_is_remembered() -> None:
    known = Known(Source(100, b"", b""))
    known.add(10, b"abcd")
    known.add(10, b"ab")
    assert known.have(10, 4) == b"abcd"
    assert known.have(12, 3) is None
    assert known.have_from(11) == b"bcd"
    assert known.have_from(60) == b""


# --- plans --------------------------------------------------------------------------------------


@st.composite
def plans(draw: st.DrawFn) -> tuple[bytes, Plan]:
    data = draw(st.lists(MARKERS_ALPHABET, min_size=1, max_size=200).map(bytes))
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    cuts = [
        Cut(start, end - start, draw(STREAM.map(lambda found: found[:9])))
        for start, end in zip(places[::2], places[1::2], strict=False)
    ]
    cuts = [
        cut
        for index, cut in enumerate(cuts)
        if index == 0 or cut.offset >= cuts[index - 1].offset + cuts[index - 1].length
    ]
    return data, Plan(assemble(0, len(data), cuts), (), ())


@given(plans(), st.data())
def test_cleaned_file_answers_as_it_would_once_it_is_made(
    given_: tuple[bytes, Plan], data: st.DataObject
) -> None:
    original, plan = given_
    cleaned = engine.apply(plan, original)
    file = CleanedFile(plan)
    assert file.size_bytes == len(cleaned) == length_of(plan.steps)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(cleaned))] * 2)))
    needle = data.draw(st.lists(MARKERS_ALPHABET, min_size=1, max_size=4).map(bytes))
    requests: list[Request] = [
        Range(start, end - start),
        Find(needle, start, end),
        FindMarkers(start, end, data.draw(st.integers(1, 5))),
        FindNonzero(start, end),
    ]
    for request_ in requests:
        answer = engine.run(file.over(one(request_)), original)
        assert answer == engine.answer(request_, cleaned), request_


@given(plans())
def test_head_and_tail_of_a_cleaned_file_are_its_own(given_: tuple[bytes, Plan]) -> None:
    original, plan = given_
    cleaned = engine.apply(plan, original)
    source = CleanedFile(plan).source(Known(engine.source_of(original)))
    assert source == engine.source_of(cleaned)
    little = Known(Source(len(original), original[:7], original[-5:]))
    source = CleanedFile(plan).source(little)
    assert cleaned.startswith(source.head)
    assert cleaned.endswith(source.tail)


@given(st.binary(max_size=300), st.integers(0, 200))
def test_stream_is_inflated_across_an_insert(plain: bytes, at: int) -> None:
    stream = zlib.compress(plain)
    at = min(at, len(stream))
    original = stream[:at] + b"out" + stream[at + (at < len(stream)) :]
    insert = stream[at : at + 1]
    plan = Plan(assemble(0, len(original), [Cut(at, 3, insert)]), (), ())
    request_ = Inflate((Span(0, len(stream)),), len(plain))
    assert engine.run(CleanedFile(plan).over(one(request_)), original) == len(plain)


def test_memory_asks_for_nothing_twice() -> None:
    data, traffic = bytes(1000), Traffic()
    memory = Memory(Source(1000, b"", b""))

    def look() -> Steps[tuple[Answer, ...]]:
        return (yield (Range(5, 10), Find(b"\0", 0, 9), Range(7, 2)))

    first = converse(memory.over(look()), data, traffic)
    second = converse(memory.over(look()), data, traffic)
    assert first == second == (bytes(10), 0, bytes(2))
    assert traffic.batches == 1


def test_cuts_become_keeps_and_inserts_in_order() -> None:
    cuts = [Cut(6, 2), Cut(0, 2, b"new"), Cut(6, 0, b"also")]
    assert assemble(0, 10, cuts) == (
        Insert(b"new"),
        Keep(2, 4),
        Insert(b"also"),
        Keep(8, 2),
    )


# --- the judge ----------------------------------------------------------------------------------


def test_empty_file_is_unsupported_and_says_so() -> None:
    judged = engine.run(judge.plan(engine.source_of(b"")), b"")
    assert isinstance(judged, Unsupported)
    assert "empty" in judged.reason


def test_unknown_file_is_unsupported_whatever_its_name_may_be() -> None:
    data = b"This is a text that somebody called photo.jpg\n"
    for steps in (
        judge.inspect(engine.source_of(data), Depth.QUICK),
        judge.inspect(engine.source_of(data), Depth.THOROUGH),
    ):
        judged = engine.run(steps, data)
        assert isinstance(judged, Unsupported)
        assert "JPEG" in judged.reason


def test_no_two_formats_claim_the_same_beginning() -> None:
    formats = registry.formats()
    assert {"jpeg", "png"} <= set(formats)
    for head in (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"):
        assert sum(format_.recognises(head) for format_ in formats.values()) == 1
