"""What is foretold is what the page's own answers lead to, and a wrong guess costs nothing."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from sharewise.formats import engine, judge
from sharewise.formats.contract import (
    Answer,
    Inflate,
    Range,
    Request,
    Source,
    Span,
    Steps,
)
from sharewise.services import looks, photo_wire
from sharewise.services.looks import Look
from sharewise.services.photos import planned, proved
from sharewise.wire.photos import (
    FindMarkersRequest,
    Foretold,
    InflateRequest,
    PhotoRequest,
    PhotoVerdict,
    RangeRequest,
    WireSpan,
)
from support.asks import answer
from support.pictures import large_gps_jpeg, large_jpeg

CLEAN = PhotoVerdict(status="clean", format="X", findings=(), kept=(), plan=None, reason=None)


def drawn(kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((600, 600), 90).save(buffer, kind, **options)
    return buffer.getvalue()


def look_at(data: bytes, *, is_proof: bool = False) -> Look:
    source = engine.source_of(data)
    judged = proved if is_proof else planned
    return Look(lambda: photo_wire.in_parts(judged(judge, source)), source)


def told_and_said(look: Look, data: bytes) -> tuple[list[Foretold], PhotoVerdict]:
    """Answer all that is asked; return what was foretold rightly, and the verdict."""
    kept = []
    step = look.start()
    while not isinstance(step, PhotoVerdict):
        foretold = look.foretell()
        answers = tuple(answer(ask, data) for ask in step)
        if foretold is not None and foretold.answers == answers:
            kept.append(foretold)
        step = look.go_on(answers)
    return kept, step


def said(look: Look, data: bytes) -> PhotoVerdict:
    """Return the verdict without a guess."""
    step = look.start()
    while not isinstance(step, PhotoVerdict):
        step = look.go_on(tuple(answer(ask, data) for ask in step))
    return step


@pytest.mark.parametrize("is_proof", [False, True], ids=["plan", "prove"])
@pytest.mark.parametrize("data", [large_jpeg(), drawn("PNG")], ids=["JPEG", "PNG"])
def test_the_verdict_on_a_sound_file_goes_along_with_the_last_question(
    data: bytes, is_proof: bool
) -> None:
    (foretold,), verdict = told_and_said(look_at(data, is_proof=is_proof), data)
    assert foretold.verdict == verdict == said(look_at(data, is_proof=is_proof), data)
    assert verdict.status == "clean"


@pytest.mark.parametrize(
    "data",
    [
        large_gps_jpeg(),
        large_jpeg() + b"behind the end",
        large_jpeg()[:-900],
        drawn("JPEG", progressive=True, quality=95),
        drawn("PNG")[:-900],
        drawn("PNG") + b"behind the end",
    ],
    ids=["private", "trailing", "broken off", "progressive", "broken PNG", "trailing PNG"],
)
def test_nothing_is_foretold_of_another_and_its_verdict_is_what_it_was(data: bytes) -> None:
    assert told_and_said(look_at(data), data) == ([], said(look_at(data), data))


def test_a_marker_that_only_the_page_can_see_is_not_passed_over() -> None:
    data = bytearray(large_jpeg())
    middle = len(data) // 2
    data[middle : middle + 8] = b"\xff\xd9private"[:8]
    look = look_at(bytes(data))
    assert look.start()
    foretold = look.foretell()
    assert foretold is not None
    assert foretold.verdict.status == "clean"
    kept, verdict = told_and_said(look_at(bytes(data)), bytes(data))
    assert kept == []
    assert verdict.status != "clean"


class Asking:
    """Asks these batches; clean if each was answered with `right`."""

    def __init__(self, *batches: tuple[Request, ...], right: Answer = 5) -> None:
        self.batches = batches
        self.right = right
        self.begun = 0

    def look(self) -> Look:
        source = Source(9, b"x" * 9, b"x" * 9)
        return Look(lambda: photo_wire.in_parts(self.steps()), source)

    def steps(self) -> Steps[PhotoVerdict]:
        self.begun += 1
        given: list[Answer] = []
        for batch in self.batches:
            given += yield batch
        is_right = given[-1] == self.right
        return CLEAN if is_right else photo_wire.undecided("malformed", "It is not sound.")


STREAM = Inflate((Span(0, 4),), 5)


def test_after_a_wrong_guess_the_look_begins_again_and_comes_as_far() -> None:
    asking = Asking((Range(0, 1),), (STREAM,))
    look = asking.look()
    assert look.start() == (RangeRequest(0, 1),)
    assert look.foretell() is None
    assert look.go_on((b"a",)) == (InflateRequest((WireSpan(0, 4),), 5),)
    assert look.foretell() == Foretold((5,), CLEAN)
    verdict = look.go_on((4,))
    assert isinstance(verdict, PhotoVerdict)
    assert verdict.status == "malformed"
    assert asking.begun == 2


def test_a_guess_that_leads_to_no_clean_verdict_is_not_told() -> None:
    asking = Asking((STREAM,), (STREAM,))
    look = asking.look()
    look.start()
    assert look.foretell() is None
    assert look.foretell() is None
    look.go_on((5,))
    assert look.foretell() == Foretold((5,), CLEAN)
    wrong = Asking((STREAM,), right=4).look()
    wrong.start()
    assert wrong.foretell() is None


def test_nothing_is_guessed_where_too_much_would_have_to_be_held() -> None:
    asked = looks.MAX_REPEATED_BYTES // photo_wire.PART_BYTES + 1
    batches = [(Range(0, photo_wire.PART_BYTES),)] * asked
    look = Asking(*batches, (STREAM,)).look()
    look.start()
    for _ in range(asked):
        step = look.go_on((bytes(photo_wire.PART_BYTES),))
    assert step == (InflateRequest((WireSpan(0, 4),), 5),)
    assert look.foretell() is None
    assert look.go_on((5,)) == CLEAN


@pytest.mark.parametrize("size", [4, 5000, 60_000, 70_000])
def test_the_markers_that_are_guessed_are_those_of_head_and_tail(size: int) -> None:
    data = b"\xff\xd8" + bytes(size - 4) + b"\xff\xd9"
    source = engine.source_of(data)
    ask: PhotoRequest = FindMarkersRequest(1, size, 9)
    assert looks.likely(ask, source) == engine.find_markers(data, 1, size, 9)
    assert looks.likely(FindMarkersRequest(1, size - 1, 9), source) is None
