"""Someone is or may be under 18: text and addresses only, whatever a page asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.services.protecting import FOR_AGE, UNASKED
from support.evidence import Desk, page, picture, standard_parts

TEXT = {"text.txt": b"Words on a page"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize("name", [name for name in standard_parts() if name != "text.txt"])
async def test_no_picture_and_no_saved_page_is_taken(desk: Desk, name: str) -> None:
    capture_id = await desk.captures.begin(None, "minor_or_unsure")
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.part(capture_id, name, 0, standard_parts()[name])
    assert refused.value.code is ErrorCode.PICTURES_REFUSED
    await desk.captures.part(capture_id, "text.txt", 0, TEXT["text.txt"])
    sealed = await desk.captures.seal(capture_id, page())
    assert sealed.parts == ("text.txt",)
    assert {one.why for one in sealed.missing} == {FOR_AGE}
    (case,) = await desk.cases.summaries()
    assert case.age_answer == "minor_or_unsure"
    (shown,) = desk.shelf.shown()
    assert not shown.row.has_thumbnail


async def test_before_it_was_said_that_all_are_adults_nothing_but_text_is_kept(desk: Desk) -> None:
    capture_id = await desk.captures.begin(None)
    assert desk.captures.age_answer(capture_id) == "unasked"
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.part(capture_id, "screenshot-window.png", 0, b"x")
    assert refused.value.code is ErrorCode.PICTURES_REFUSED
    sealed = await desk.captures.seal(capture_id, page())
    assert {one.why for one in sealed.missing if one.name != "text.txt"} == {UNASKED}


async def test_the_answer_holds_for_the_next_capture_of_the_case(desk: Desk) -> None:
    capture_id = await desk.captures.begin(None, "minor_or_unsure")
    sealed = await desk.captures.seal(capture_id, page())
    for case_id in (sealed.case_id, None):
        capture_id = await desk.captures.begin(case_id)
        assert desk.captures.age_answer(capture_id) == "minor_or_unsure"
        with pytest.raises(SharewiseError) as refused:
            await desk.captures.part(capture_id, "screenshot-full.png", 0, b"x")
        assert refused.value.code is ErrorCode.PICTURES_REFUSED


async def test_an_answer_that_comes_meanwhile_stops_a_capture_with_pictures(desk: Desk) -> None:
    sealed = await desk.capture()
    capture_id = await desk.captures.begin(sealed.case_id)
    await desk.captures.part(capture_id, "screenshot-window.png", 0, picture())
    await desk.cases.change(sealed.case_id, answer="minor_or_unsure")
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.seal(capture_id, page())
    assert refused.value.code is ErrorCode.PICTURES_REFUSED
    assert await desk.cases.counts() == (1, 1)
    assert desk.staged() == []


async def test_the_answer_is_an_event_and_works_while_locked(desk: Desk) -> None:
    desk.shelf.index.counts()
    desk.vault.set_passphrase(None, "correct horse battery")
    desk.vault.lock()
    capture_id = await desk.captures.begin(None, "minor_or_unsure")
    sealed = await desk.captures.seal(capture_id, page())
    capture_id = await desk.captures.begin(None)
    assert desk.captures.age_answer(capture_id) == "minor_or_unsure"
    desk.vault.unlock("correct horse battery")
    events = await desk.cases.custody(sealed.case_id)
    assert ("age answered", "minor_or_unsure") in {(one.what, one.detail) for one in events}
