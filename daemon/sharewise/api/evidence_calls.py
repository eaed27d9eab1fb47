"""Evidence: captures come in, cases are listed, noted, exported and deleted."""

from __future__ import annotations

from pathlib import Path

from sharewise.api.calls import Calls
from sharewise.services.capture import Captures
from sharewise.services.cases import Cases
from sharewise.services.contents import PackageOptions
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
)
from sharewise.wire.messages import Done


def register(calls: Calls, captures: Captures, cases: Cases) -> None:
    """Answer every call about evidence."""

    async def begin(call: CaptureBegin) -> CaptureBegun:
        capture_id = await captures.begin(call.case_id, call.age_answer)
        return CaptureBegun(capture_id, captures.age_answer(capture_id))

    async def part(call: CapturePart) -> Done:
        await captures.part(call.capture_id, call.name, call.sequence, call.data)
        return Done()

    async def place(call: CapturePlace) -> Done:
        await captures.place(call.capture_id, call.tile, call.device_pixel_ratio)
        return Done()

    async def seal(call: CaptureSeal) -> CaptureSealed:
        return await captures.seal(call.capture_id, call.record)

    async def cancel(call: CaptureCancel) -> Done:
        await captures.cancel(call.capture_id)
        return Done()

    async def list_cases(_: CaseList) -> CaseListResult:
        return CaseListResult(await cases.list())

    async def show(call: CaseShow) -> CaseState:
        return await cases.show(call.case_id)

    async def note(call: CaseNote) -> CaseState:
        return await cases.note(call.case_id, call.text)

    async def export(call: CaseExport) -> CaseExported:
        options = PackageOptions(call.blur_pictures, call.include_originals, call.recipient)
        return await cases.export(call.case_id, Path(call.folder), options)

    async def delete(call: CaseDelete) -> Done:
        await cases.delete(call.case_id)
        return Done()

    calls.on(CaptureBegin, begin)
    calls.on(CapturePart, part)
    calls.on(CapturePlace, place)
    calls.on(CaptureSeal, seal)
    calls.on(CaptureCancel, cancel)
    calls.on(CaseList, list_cases)
    calls.on(CaseShow, show)
    calls.on(CaseNote, note)
    calls.on(CaseExport, export)
    calls.on(CaseDelete, delete)
