"""Every call about evidence reaches its service, with the values that it carries."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from sharewise.api import evidence_calls
from sharewise.api.calls import Calls
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.services.verification import verify
from sharewise.wire import captures
from sharewise.wire.captures import (
    CaptureBegin,
    CaptureBegun,
    CaptureCancel,
    CapturePart,
    CapturePlace,
    CaptureSeal,
    CaptureSealed,
    CaseDelete,
    CaseExport,
    CaseExported,
    CaseList,
    CaseListResult,
    CaseNote,
    CaseShow,
    CaseState,
    Tile,
)
from sharewise.wire.messages import Done
from support.evidence import Desk, page, picture, standard_parts


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def calls(desk: Desk) -> Calls:
    made = Calls()
    evidence_calls.register(made, desk.captures, desk.cases)
    return made


def test_every_call_about_evidence_is_answered(calls: Calls) -> None:
    about = {kind for kind in captures.CALLS if kind.METHOD.split(".")[0] in {"capture", "case"}}
    assert calls.kinds == about


async def test_a_page_is_saved_and_handed_over(
    calls: Calls, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    begun = await calls.answer(CaptureBegin(age_answer="adults"))
    assert isinstance(begun, CaptureBegun)
    for name, content in standard_parts().items():
        part = CapturePart(capture_id=begun.capture_id, name=name, sequence=0, data=content)
        assert await calls.answer(part) == Done()
    sealed = await calls.answer(CaptureSeal(capture_id=begun.capture_id, record=page()))
    assert isinstance(sealed, CaptureSealed)
    noted = await calls.answer(CaseNote(case_id=sealed.case_id, text="a note"))
    assert isinstance(noted, CaseState)
    assert await calls.answer(CaseShow(case_id=sealed.case_id)) == noted
    assert await calls.answer(CaseList()) == CaseListResult((noted,))
    exporting = CaseExport(case_id=sealed.case_id, folder=str(tmp_path))
    exported = await calls.answer(exporting)
    assert isinstance(exported, CaseExported)
    assert verify(Path(exported.path)).is_verified
    assert await calls.answer(CaseDelete(case_id=sealed.case_id)) == Done()
    assert await calls.answer(CaseList()) == CaseListResult(())
    for canary in ("example.org", "A thread", "a note", str(tmp_path), "Words"):
        assert canary not in caplog.text


async def test_a_shot_is_placed(calls: Calls, desk: Desk) -> None:
    begun = await calls.answer(CaptureBegin(age_answer="adults"))
    assert isinstance(begun, CaptureBegun)
    shot = picture()
    part = CapturePart(capture_id=begun.capture_id, name="tiles/0001.png", sequence=0, data=shot)
    assert await calls.answer(part) == Done()
    tile = Tile("tiles/0001.png", 0, 0)
    placing = CapturePlace(capture_id=begun.capture_id, tile=tile, device_pixel_ratio=1.0)
    assert await calls.answer(placing) == Done()
    with pytest.raises(SharewiseError) as refused:
        await calls.answer(placing)
    assert refused.value.code is ErrorCode.BAD_PART


async def test_a_capture_is_cancelled(calls: Calls, desk: Desk) -> None:
    begun = await calls.answer(CaptureBegin(age_answer="adults"))
    assert isinstance(begun, CaptureBegun)
    assert await calls.answer(CaptureCancel(capture_id=begun.capture_id)) == Done()
    assert desk.captures.open_count == 0


async def test_a_refusal_rises_with_its_code(calls: Calls) -> None:
    with pytest.raises(SharewiseError) as refused:
        await calls.answer(CaptureSeal(capture_id="none", record=page()))
    assert refused.value.code is ErrorCode.UNKNOWN_CAPTURE
