"""Looks at files in a page: parts that fit, answers that are checked, verdicts that are honest."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import Malformed, SharewiseError
from sharewise.formats import engine, judge
from sharewise.formats.contract import (
    HEAD_BYTES,
    PROOF_HEAD_BYTES,
    TAIL_BYTES,
    AlreadyClean,
    Answer,
    Depth,
    Examined,
    Find,
    Finding,
    FindMarkers,
    FindNonzero,
    GifBlocks,
    Inflate,
    Insert,
    Keep,
    Kind,
    Plan,
    Range,
    Refused,
    Report,
    Request,
    Source,
    Span,
    Steps,
    Unsupported,
    Wish,
)
from sharewise.services import photo_wire, photos
from sharewise.services.photos import Photos
from sharewise.wire.jsonrpc import encode_result
from sharewise.wire.messages import PART_BYTES
from sharewise.wire.photos import (
    InsertStep,
    KeepStep,
    PhotoAnswer,
    PhotoNeeds,
    PhotoOpen,
    PhotoStep,
    PhotoVerdict,
    RangeRequest,
    ZerosStep,
)
from support.asks import answer
from support.pictures import large_gps_jpeg, large_jpeg

OWNER, OTHER = 1, 2
FOUND = Finding(Kind.LOCATION, "JPEG/APP1/Exif/GPS", "Says where", "45.7,4.8")
CLEAN = Report("JPEG", Depth.THOROUGH, (), ("icc",))
PRIVATE = Report("JPEG", Depth.THOROUGH, (FOUND,), ("icc",))
PLAN = Plan((Keep(0, 2), Insert(b"xy"), Keep(9, 5)), (Kind.LOCATION,), ("icc",))
UNKNOWN = Unsupported("Sharewise does not know this kind of file.")


@dataclass(slots=True)
class StoppedClock:
    s: float = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic_s(self) -> float:
        return self.s


@dataclass(slots=True)
class ScriptedJudge:
    """Asks these batches, then says this; keeps what it was answered and how it was asked."""

    report: Report | Unsupported = CLEAN
    examined: Examined | Unsupported = field(default_factory=lambda: Examined(PRIVATE, PLAN))
    batches: tuple[tuple[Request, ...], ...] = ()
    error: Exception | None = None
    answers: list[tuple[Answer, ...]] = field(default_factory=list)
    depths: list[Depth] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)

    def _ask(self) -> Steps[None]:
        for batch in self.batches:
            self.answers.append((yield batch))
        if self.error is not None:
            raise self.error

    def inspect(self, source: Source, depth: Depth) -> Steps[Report | Unsupported]:
        self.depths.append(depth)
        yield from self._ask()
        return self.report

    def plan(self, source: Source, wish: Wish) -> Steps[Examined | Unsupported]:
        self.wishes.append(wish)
        yield from self._ask()
        return self.examined


def opening(data: bytes = b"", goal: str = "plan") -> PhotoOpen:
    assert goal in ("plan", "prove")
    source = engine.source_of(data)
    return PhotoOpen(
        size_bytes=len(data),
        head=source.head,
        tail=source.tail,
        goal="plan" if goal == "plan" else "prove",
    )


async def verdict_of(looks: Photos, data: bytes, goal: str = "plan") -> PhotoVerdict:
    step: PhotoStep = await looks.open(opening(data, goal), OWNER)
    while isinstance(step, PhotoNeeds):
        answers = tuple(answer(ask, data) for ask in step.requests)
        step = await looks.answer(PhotoAnswer(session_id=step.session_id, answers=answers), OWNER)
    return step


async def needs_of(looks: Photos, data: bytes = bytes(100)) -> PhotoNeeds:
    step = await looks.open(opening(data), OWNER)
    assert isinstance(step, PhotoNeeds)
    return step


async def code_of(
    looks: Photos, session_id: str, *answers: Answer, owner: int = OWNER
) -> ErrorCode:
    with pytest.raises(SharewiseError) as caught:
        await looks.answer(PhotoAnswer(session_id=session_id, answers=answers), owner)
    return caught.value.code


def offsets(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}Q", *numbers)


def asking(*batch: Request) -> Photos:
    return Photos(ScriptedJudge(batches=(batch,)), StoppedClock())


# --- verdicts -----------------------------------------------------------------------------------


async def test_a_plan_travels_as_it_is() -> None:
    verdict = await verdict_of(Photos(ScriptedJudge(), StoppedClock()), b"")
    assert (verdict.status, verdict.format, verdict.reason) == ("private", "JPEG", None)
    assert verdict.plan == (KeepStep(0, 2), InsertStep(b"xy"), KeepStep(9, 5))
    (finding,) = verdict.findings
    assert (finding.kind, finding.where, finding.summary, finding.value) == (
        "location",
        "JPEG/APP1/Exif/GPS",
        "Says where",
        "45.7,4.8",
    )


@pytest.mark.parametrize(
    ("examined", "status", "has_reason"),
    [
        (Examined(PRIVATE, Refused("It cannot be proved.")), "private", True),
        (Examined(PRIVATE, AlreadyClean(())), "private", True),
        (Examined(CLEAN, AlreadyClean(("icc",))), "clean", False),
        (Examined(Report("JPEG", Depth.QUICK, ()), AlreadyClean(())), "unsupported", True),
        (UNKNOWN, "unsupported", True),
    ],
)
async def test_a_file_without_a_plan_says_why_or_is_clean(
    examined: Examined | Unsupported, status: str, *, has_reason: bool
) -> None:
    verdict = await verdict_of(Photos(ScriptedJudge(examined=examined), StoppedClock()), b"")
    assert (verdict.status, verdict.plan) == (status, None)
    assert (verdict.reason is not None) is has_reason


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (CLEAN, "clean"),
        (PRIVATE, "private"),
        (Report("JPEG", Depth.QUICK, ()), "unsupported"),
        (UNKNOWN, "unsupported"),
    ],
)
async def test_a_proof_is_a_thorough_look_and_nothing_else(
    report: Report | Unsupported, status: str
) -> None:
    scripted = ScriptedJudge(report=report)
    verdict = await verdict_of(Photos(scripted, StoppedClock()), b"", "prove")
    assert (verdict.status, verdict.plan) == (status, None)
    assert scripted.depths == [Depth.THOROUGH]
    assert scripted.wishes == []
    assert (verdict.reason is None) == (status == "clean")


@pytest.mark.parametrize("goal", ["plan", "prove"])
async def test_a_damaged_file_is_malformed_and_says_where(goal: str) -> None:
    error = Malformed(path="JPEG/APP1", at_byte=4, why="length past the end")
    looks = Photos(ScriptedJudge(error=error), StoppedClock())
    verdict = await verdict_of(looks, b"", goal)
    assert verdict.status == "malformed"
    assert "JPEG/APP1 at byte 4" in str(verdict.reason)
    assert looks.session_count == 0


async def test_an_error_of_ours_is_no_verdict() -> None:
    looks = Photos(ScriptedJudge(error=KeyError("x")), StoppedClock())
    with pytest.raises(KeyError):
        await looks.open(opening(), OWNER)
    assert looks.session_count == 0


async def test_what_head_and_tail_give_away_is_told_before_the_verdict() -> None:
    data = large_gps_jpeg()
    looks = Photos(judge, StoppedClock())
    step = await looks.open(opening(data), OWNER)
    assert isinstance(step, PhotoNeeds)
    kinds = {finding.kind for finding in step.found}
    assert {"location", "device"} <= kinds
    verdict = await verdict_of(looks, data)
    assert verdict.status == "private"
    assert set(step.found) <= set(verdict.findings)
    proving = await looks.open(
        PhotoOpen(
            size_bytes=len(data),
            head=data[:PROOF_HEAD_BYTES],
            tail=data[-TAIL_BYTES:],
            goal="prove",
        ),
        OWNER,
    )
    assert isinstance(proving, PhotoNeeds)
    assert proving.found == ()


def foreseeing(data: bytes, head_bytes: int = HEAD_BYTES) -> bytes:
    return engine.find_markers(data, head_bytes - 1, len(data), photo_wire.MAX_FORESEEN)


@pytest.mark.parametrize(
    "data",
    [large_jpeg(), large_gps_jpeg(), large_jpeg() + b"behind the end", large_jpeg()[:-900]],
    ids=["clean", "private", "trailing", "broken off"],
)
async def test_markers_that_a_page_names_unasked_spare_the_question_and_change_no_verdict(
    data: bytes,
) -> None:
    expected = await verdict_of(Photos(judge, StoppedClock()), data)
    told = msgspec.structs.replace(opening(data), markers=foreseeing(data))
    assert await Photos(judge, StoppedClock()).open(told, OWNER) == expected


@given(data=st.binary(max_size=40), more=st.data())
def test_what_is_foreseen_is_what_the_page_would_have_answered(
    data: bytes, more: st.DataObject
) -> None:
    data = data.replace(b"a", b"\xff") + b"\xff\xd8\xff"
    head = data[: more.draw(st.integers(1, len(data)))]
    start = more.draw(st.integers(0, len(data)))
    request = FindMarkers(start, more.draw(st.integers(start, len(data))), more.draw(st.just(3)))
    known = photo_wire.foreseen(head, foreseeing(data, len(head)), len(data))
    assert known.answer(request) == engine.answer(request, data)
    assert known.answer(Range(0, 1)) is None


@pytest.mark.parametrize(
    "markers", [b"1234567", offsets(99), offsets(120, 110), offsets(119, 119), offsets(149)]
)
def test_markers_that_cannot_be_are_refused(markers: bytes) -> None:
    with pytest.raises(SharewiseError) as caught:
        photo_wire.foreseen(bytes(101), markers, 150)
    assert caught.value.code is ErrorCode.INVALID_PARAMS


@pytest.mark.parametrize("report", [Report("JPEG", Depth.QUICK, ()), UNKNOWN])
async def test_a_short_look_never_says_that_there_is_nothing(report: Report | Unsupported) -> None:
    waiting = ScriptedJudge(report, batches=((Range(0, 1),),))
    step = await Photos(waiting, StoppedClock()).open(opening(b"x"), OWNER)
    assert isinstance(step, PhotoNeeds)
    assert step.found == ()


async def test_what_a_short_look_would_have_to_ask_for_or_breaks_on_is_not_told() -> None:
    quick = Report("JPEG", Depth.QUICK, (FOUND,))
    source = Source(1, b"x", b"x")
    assert photos.at_once(ScriptedJudge(quick), source) == (FOUND,)
    assert photos.at_once(ScriptedJudge(quick, batches=((Range(0, 1),),)), source) == ()
    damaged = Malformed(path="JPEG", at_byte=1, why="it breaks off")
    assert photos.at_once(ScriptedJudge(quick, error=damaged), source) == ()


def test_what_is_known_early_is_left_out_where_it_would_not_fit() -> None:
    asks = (RangeRequest(0, 1),)
    assert len(photo_wire.needs("s", asks, (FOUND,)).found) == 1
    many = tuple(Finding(Kind.OTHER, "x", "y" * 2000, "z" * 2000) for _ in range(500))
    assert photo_wire.needs("s", asks, many) == PhotoNeeds("s", asks)


async def test_long_stretches_of_zeroes_travel_as_their_number() -> None:
    plan = Plan((Insert(bytes(5)), Insert(bytes(10_000_000)), Insert(bytes(99) + b"x")), (), ())
    looks = Photos(ScriptedJudge(examined=Examined(PRIVATE, plan)), StoppedClock())
    verdict = await verdict_of(looks, b"")
    assert verdict.plan == (
        InsertStep(bytes(5)),
        ZerosStep(10_000_000),
        InsertStep(bytes(99) + b"x"),
    )


async def test_long_values_are_cut_and_many_findings_are_counted() -> None:
    long = Finding(Kind.HISTORY, "PNG/tEXt", "s" * 9999, "v" * 999_999)
    report = Report("PNG", Depth.THOROUGH, (long,) * (photo_wire.MAX_FINDINGS + 7))
    looks = Photos(ScriptedJudge(examined=Examined(report, PLAN)), StoppedClock())
    verdict = await verdict_of(looks, b"")
    assert len(verdict.findings) == photo_wire.MAX_FINDINGS + 1
    assert verdict.findings[-1].summary == "7 more things of the same kinds"
    assert {len(one.summary) for one in verdict.findings[:-1]} == {photo_wire.MAX_TEXT}


async def test_what_does_not_fit_into_a_frame_is_refused_in_words() -> None:
    huge = Plan((Insert(b"x" * photo_wire.MAX_MESSAGE_BYTES),), (), ())
    looks = Photos(ScriptedJudge(examined=Examined(PRIVATE, huge)), StoppedClock())
    verdict = await verdict_of(looks, b"")
    assert (verdict.status, verdict.plan) == ("private", None)
    assert "more steps than a page can be sent" in str(verdict.reason)


# --- parts --------------------------------------------------------------------------------------


@given(
    lengths=st.lists(
        st.one_of(st.integers(0, 40), st.integers(PART_BYTES - 2, PART_BYTES * 3)), max_size=6
    )
)
def test_ranges_of_any_size_are_asked_for_in_parts_and_joined(lengths: list[int]) -> None:
    data = bytes(range(251)) * 4000
    batch = tuple(Range(index * 7, length) for index, length in enumerate(lengths))
    received: list[tuple[Answer, ...]] = []

    def steps() -> Steps[PhotoVerdict]:
        received.append((yield batch))
        return photo_wire.undecided("unsupported", "done")

    conversation = photo_wire.in_parts(steps())
    step = photo_wire.advance(conversation, None)
    while not isinstance(step, PhotoVerdict):
        sizes = [ask.length for ask in step if isinstance(ask, RangeRequest)]
        assert max(sizes) <= PART_BYTES
        assert sum(sizes) <= 2 * PART_BYTES
        step = photo_wire.advance(conversation, tuple(answer(ask, data) for ask in step))
    assert received == [tuple(data[one.offset : one.offset + one.length] for one in batch)]


async def test_every_kind_of_request_is_asked_and_answered_in_order() -> None:
    data = b"\xff\xd8..needle..\xff\xe1\0\x3b"
    batch = (
        Find(b"needle", 0, len(data)),
        Range(0, 2),
        FindMarkers(0, len(data), 9),
        Inflate((Span(2, 4), Span(6, 2)), 100),
        Find(b"absent", 0, len(data)),
        FindNonzero(14, len(data)),
        GifBlocks(15, len(data), 9),
        Range(3, 0),
    )
    scripted = ScriptedJudge(batches=(batch,))
    await verdict_of(Photos(scripted, StoppedClock()), data)
    markers, blocks = offsets(0, 12), offsets(15, 16)
    assert scripted.answers == [(4, b"\xff\xd8", markers, None, None, 15, blocks, b"")]


async def test_requests_that_do_not_fit_one_message_are_sent_in_several() -> None:
    many = (Range(0, 1),) * (photo_wire.MAX_BATCH_REQUESTS + 1)
    spans = tuple(Span(0, 1) for _ in range(engine.SPANS_LIMIT))
    largest = (Inflate(spans, 10), Inflate(spans, 10))
    looks = Photos(ScriptedJudge(batches=(many, largest)), StoppedClock())
    data = bytes(10)
    step: PhotoStep = await looks.open(opening(data), OWNER)
    counts = []
    while isinstance(step, PhotoNeeds):
        counts.append(len(step.requests))
        assert len(encode_result(step, request_id=1)) < 1024 * 1024
        answers = tuple(answer(ask, data) for ask in step.requests)
        step = await looks.answer(PhotoAnswer(session_id=step.session_id, answers=answers), OWNER)
    assert counts == [photo_wire.MAX_BATCH_REQUESTS, 1, 1, 1]


async def test_a_batch_that_would_fill_memory_ends_the_look() -> None:
    half = photo_wire.MAX_HELD_BYTES // 2 + 1
    looks = asking(Range(0, half), Range(0, half))
    step = await looks.open(opening(bytes(10)), OWNER)
    assert isinstance(step, PhotoVerdict)
    assert step.status == "unsupported"
    assert looks.session_count == 0


# --- answers that do not fit --------------------------------------------------------------------

RANGE, FIND = Range(0, 4), Find(b"ab", 10, 20)
MARKERS, INFLATE = FindMarkers(10, 20, 2), Inflate((Span(0, 4),), 50)
NONZERO, BLOCKS = FindNonzero(10, 20), GifBlocks(10, 20, 2)


@pytest.mark.parametrize(
    ("request_", "answers"),
    [
        (RANGE, ()),
        (RANGE, (b"abcd", b"abcd")),
        (RANGE, (b"abc",)),
        (RANGE, (b"abcde",)),
        (RANGE, (None,)),
        (RANGE, (4,)),
        (FIND, (b"ab",)),
        (FIND, (9,)),
        (FIND, (19,)),
        (FIND, (-1,)),
        (MARKERS, (None,)),
        (MARKERS, (12,)),
        (MARKERS, (b"1234567",)),
        (MARKERS, (offsets(9),)),
        (MARKERS, (offsets(19),)),
        (MARKERS, (offsets(13, 12),)),
        (MARKERS, (offsets(12, 12),)),
        (MARKERS, (offsets(11, 12, 13),)),
        (NONZERO, (9,)),
        (NONZERO, (20,)),
        (NONZERO, (b"",)),
        (BLOCKS, (b"",)),
        (BLOCKS, (None,)),
        (BLOCKS, (offsets(11, 12),)),
        (BLOCKS, (offsets(10, 21),)),
        (BLOCKS, (offsets(10, 12, 12),)),
        (BLOCKS, (offsets(10, 12, 14, 16),)),
        (INFLATE, (b"",)),
        (INFLATE, (51,)),
        (INFLATE, (-1,)),
    ],
)
async def test_an_answer_that_does_not_fit_is_refused_and_ends_the_session(
    request_: Request, answers: tuple[Answer, ...]
) -> None:
    looks = asking(request_)
    session_id = (await needs_of(looks)).session_id
    assert await code_of(looks, session_id, *answers) is ErrorCode.INVALID_PARAMS
    assert looks.session_count == 0
    assert await code_of(looks, session_id, *answers) is ErrorCode.UNKNOWN_SESSION


@pytest.mark.parametrize(
    ("request_", "given_"),
    [
        (FIND, 10),
        (FIND, 18),
        (FIND, None),
        (MARKERS, offsets(10, 18)),
        (MARKERS, b""),
        (NONZERO, 10),
        (NONZERO, 19),
        (NONZERO, None),
        (BLOCKS, offsets(10)),
        (BLOCKS, offsets(10, 12, 20)),
    ],
)
async def test_an_answer_at_the_edge_of_what_was_asked_is_taken(
    request_: Request, given_: Answer
) -> None:
    looks = asking(request_)
    session_id = (await needs_of(looks)).session_id
    step = await looks.answer(PhotoAnswer(session_id=session_id, answers=(given_,)), OWNER)
    assert isinstance(step, PhotoVerdict)


@pytest.mark.parametrize(
    ("size", "head", "tail", "goal"),
    [
        (-1, 0, 0, "plan"),
        (10, 9, 10, "plan"),
        (10, 11, 10, "plan"),
        (10, 10, 9, "plan"),
        (HEAD_BYTES + 5, HEAD_BYTES + 5, TAIL_BYTES, "plan"),
        (HEAD_BYTES + 5, HEAD_BYTES, TAIL_BYTES + 1, "plan"),
        (HEAD_BYTES + 5, PROOF_HEAD_BYTES, TAIL_BYTES, "plan"),
        (HEAD_BYTES + 5, HEAD_BYTES, TAIL_BYTES, "prove"),
        (HEAD_BYTES, PROOF_HEAD_BYTES, TAIL_BYTES, "prove"),
    ],
)
async def test_head_and_tail_must_fit_the_size(
    size: int, head: int, tail: int, goal: Literal["plan", "prove"]
) -> None:
    looks = Photos(ScriptedJudge(), StoppedClock())
    call = PhotoOpen(size_bytes=size, head=bytes(head), tail=bytes(tail), goal=goal)
    with pytest.raises(SharewiseError) as caught:
        await looks.open(call, OWNER)
    assert caught.value.code is ErrorCode.INVALID_PARAMS
    assert looks.session_count == 0


# --- sessions -----------------------------------------------------------------------------------


async def test_ids_of_sessions_cannot_be_guessed() -> None:
    looks = asking(RANGE)
    ids = {(await needs_of(looks)).session_id for _ in range(20)}
    assert len(ids) == 20
    assert min(map(len, ids)) >= 22


async def test_a_session_answers_to_its_own_connection_only() -> None:
    looks = asking(RANGE)
    session_id = (await needs_of(looks)).session_id
    assert await code_of(looks, session_id, b"abcd", owner=OTHER) is ErrorCode.UNKNOWN_SESSION
    looks.close(session_id, OTHER)
    looks.drop_owner(OTHER)
    assert looks.session_count == 1
    looks.drop_owner(OWNER)
    assert await code_of(looks, session_id, b"abcd") is ErrorCode.UNKNOWN_SESSION


async def test_a_session_that_is_given_up_is_gone_and_an_unknown_one_is_no_error() -> None:
    looks = asking(RANGE)
    session_id = (await needs_of(looks)).session_id
    looks.close(session_id, OWNER)
    looks.close(session_id, OWNER)
    assert await code_of(looks, session_id, b"abcd") is ErrorCode.UNKNOWN_SESSION


async def test_the_number_of_sessions_is_bounded_and_idle_ones_make_room() -> None:
    clock = StoppedClock()
    looks = Photos(ScriptedJudge(batches=((RANGE,),)), clock)
    first = (await needs_of(looks)).session_id
    for _ in range(photos.MAX_SESSIONS - 1):
        await needs_of(looks)
    with pytest.raises(SharewiseError) as caught:
        await needs_of(looks)
    assert caught.value.code is ErrorCode.BUSY

    clock.s += photos.IDLE_LIMIT_S + 1
    await needs_of(looks)
    assert looks.session_count == 1
    assert await code_of(looks, first, b"abcd") is ErrorCode.UNKNOWN_SESSION


async def test_a_session_that_is_used_does_not_expire() -> None:
    clock = StoppedClock()
    looks = Photos(ScriptedJudge(batches=((RANGE,), (RANGE,), (RANGE,))), clock)
    step: PhotoStep = await needs_of(looks)
    while isinstance(step, PhotoNeeds):
        clock.s += photos.IDLE_LIMIT_S - 1
        step = await looks.answer(
            PhotoAnswer(session_id=step.session_id, answers=(b"abcd",)), OWNER
        )
    assert step.status == "private"


async def test_a_second_answer_while_the_first_is_looked_at_is_refused() -> None:
    looks = asking(RANGE)
    session_id = (await needs_of(looks)).session_id
    call = PhotoAnswer(session_id=session_id, answers=(b"abcd",))
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(looks.answer(call, OWNER))
        await asyncio.sleep(0)
        assert await code_of(looks, session_id, b"abcd") is ErrorCode.UNKNOWN_SESSION
    assert isinstance(first.result(), PhotoVerdict)


# --- with the real formats ----------------------------------------------------------------------


CUT_SHORT = [
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00",
]


@pytest.mark.parametrize("data", CUT_SHORT, ids=["JPEG", "PNG"])
async def test_a_truncated_picture_is_malformed(data: bytes) -> None:
    verdict = await verdict_of(Photos(judge, StoppedClock()), data)
    assert verdict.status == "malformed"


@pytest.mark.parametrize(
    "data", [b"", b"Only words in a file that is called .jpg.\n", bytes(70_000)]
)
async def test_what_is_no_picture_is_unsupported(data: bytes) -> None:
    verdict = await verdict_of(Photos(judge, StoppedClock()), data)
    assert verdict.status == "unsupported"
    assert verdict.reason
