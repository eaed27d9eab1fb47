"""A page asks a real daemon about its files: only ranges travel, and the plan cleans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.formats import engine
from sharewise.formats.contract import (
    HEAD_BYTES,
    PROOF_HEAD_BYTES,
    TAIL_BYTES,
    Answer,
    Find,
    FindMarkers,
    Range,
)
from sharewise.wire.messages import Sender
from sharewise.wire.photos import PhotoAnswer, PhotoNeeds, PhotoOpen, PhotoRequest, PhotoVerdict
from support.asks import answer, cleaned, request_of
from support.daemon import RunningDaemon, Talk, running_daemon, talking_to
from support.pictures import gps_jpeg, large_jpeg, pixels, plain_jpeg

GIGABYTE = 1024**3


@pytest.fixture(scope="module")
def daemon() -> Iterator[RunningDaemon]:
    with running_daemon() as made:
        made.ready()
        yield made


@pytest.fixture
def talk(daemon: RunningDaemon) -> Iterator[Talk]:
    with talking_to(daemon) as made:
        yield made


class Sparse:
    """A photo with nothing but zeroes behind it, up to any size; takes no room."""

    def __init__(self, photo: bytes, size: int) -> None:
        self.photo, self.size = photo, size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, part: slice) -> bytes:
        start, end, _ = part.indices(self.size)
        return self.photo[start:end] + bytes(end - max(start, min(end, len(self.photo))))

    def found(self, request: Find | FindMarkers) -> Answer:
        """Search the photo: neither a needle nor a marker is made of zeroes."""
        end = min(request.end, len(self.photo) + 1)
        if end <= request.start:
            return None if isinstance(request, Find) else b""
        return engine.answer(replace(request, end=end), self.photo + b"\0")


@dataclass(slots=True)
class Looked:
    """What came of a look, and how much of the file it took."""

    verdict: PhotoVerdict
    bytes_sent: int
    rounds: int


def look(talk: Talk, data: bytes | Sparse, goal: str = "plan") -> Looked:
    is_short = goal == "prove" and len(data) > HEAD_BYTES
    head = data[: PROOF_HEAD_BYTES if is_short else HEAD_BYTES]
    tail = data[max(0, len(data) - TAIL_BYTES) :]
    step = talk.call(
        PhotoOpen(
            size_bytes=len(data),
            head=head,
            tail=tail,
            goal="plan" if goal == "plan" else "prove",
        ),
        Sender.CONTENT,
    )
    sent, rounds = len(head) + len(tail), 1
    while isinstance(step, PhotoNeeds):
        answers = tuple(page_answer(ask, data) for ask in step.requests)
        sent += sum(len(one) for one in answers if isinstance(one, bytes))
        rounds += 1
        step = talk.call(PhotoAnswer(session_id=step.session_id, answers=answers), Sender.CONTENT)
    return Looked(step, sent, rounds)


def page_answer(ask: PhotoRequest, data: bytes | Sparse) -> Answer:
    if not isinstance(data, Sparse):
        return answer(ask, data)
    request = request_of(ask)
    if isinstance(request, Range):
        return data[request.offset : request.offset + request.length]
    assert isinstance(request, Find | FindMarkers)
    return data.found(request)


def test_a_private_photo_is_planned_cleaned_and_proved(talk: Talk) -> None:
    photo = gps_jpeg()
    before = look(talk, photo).verdict
    assert before.status == "private"
    assert {finding.kind for finding in before.findings} == {"location", "device"}
    shared = cleaned(before, photo)
    assert look(talk, shared, "prove").verdict.status == "clean"
    assert pixels(shared) == pixels(photo)
    assert b"Canary" not in shared


@pytest.mark.parametrize("goal", ["plan", "prove"])
@pytest.mark.parametrize("photo", [plain_jpeg(), large_jpeg()], ids=["small", "large"])
def test_a_clean_photo_is_clean_and_mostly_stays_in_the_page(
    talk: Talk, photo: bytes, goal: str
) -> None:
    looked = look(talk, photo, goal)
    assert (looked.verdict.status, looked.verdict.plan) == ("clean", None)
    assert looked.bytes_sent < 200_000


def test_a_truncated_photo_is_malformed(talk: Talk) -> None:
    verdict = look(talk, gps_jpeg()[:400]).verdict
    assert (verdict.status, verdict.plan) == ("malformed", None)
    assert verdict.reason is not None
    assert verdict.reason.startswith("This file is damaged: JPEG")


@pytest.mark.parametrize("data", [b"", b"Only words, in a file called .jpg.\n"])
def test_what_is_no_photo_is_unsupported(talk: Talk, data: bytes) -> None:
    verdict = look(talk, data).verdict
    assert (verdict.status, verdict.plan) == ("unsupported", None)


def test_three_gigabytes_of_nothing_behind_a_photo_cost_next_to_nothing(talk: Talk) -> None:
    looked = look(talk, Sparse(gps_jpeg(), 3 * GIGABYTE))
    assert (looked.verdict.status, looked.verdict.plan is not None) == ("private", True)
    assert looked.bytes_sent < 1_000_000
    assert looked.rounds < 50


def test_a_session_ends_with_its_connection(daemon: RunningDaemon) -> None:
    photo = large_jpeg()
    source = engine.source_of(photo)
    opening = PhotoOpen(size_bytes=len(photo), head=source.head, tail=source.tail, goal="plan")
    with talking_to(daemon) as first:
        step = first.call(opening, Sender.CONTENT)
        assert isinstance(step, PhotoNeeds)
    answers = tuple(answer(ask, photo) for ask in step.requests)
    with talking_to(daemon) as second, pytest.raises(SharewiseError) as caught:
        second.call(PhotoAnswer(session_id=step.session_id, answers=answers), Sender.CONTENT)
    assert caught.value.code is ErrorCode.UNKNOWN_SESSION


def test_wrong_bytes_are_refused_and_end_the_look(talk: Talk) -> None:
    photo = large_jpeg()
    source = engine.source_of(photo)
    opening = PhotoOpen(size_bytes=len(photo), head=source.head, tail=source.tail, goal="plan")
    step = talk.call(opening, Sender.CONTENT)
    assert isinstance(step, PhotoNeeds)
    codes = []
    for _ in range(2):
        with pytest.raises(SharewiseError) as caught:
            talk.call(PhotoAnswer(session_id=step.session_id, answers=(b"x",) * 99), Sender.CONTENT)
        codes.append(caught.value.code)
    assert codes == [ErrorCode.INVALID_PARAMS, ErrorCode.UNKNOWN_SESSION]
