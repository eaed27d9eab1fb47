"""Cases: one a day, shown whatever is damaged, exported the same twice, never written over."""

from __future__ import annotations

import csv
import io
import shutil
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.writing import TEMPORARY_PREFIX, TEMPORARY_SUFFIX
from sharewise.seals import container
from sharewise.services import export, package, recovering, shelf, staging
from sharewise.services.cases import MAX_NOTE_CHARACTERS
from sharewise.services.contents import PackageOptions
from sharewise.services.verification import verify
from sharewise.vault.index import SealedRow
from sharewise.vault.scratch import Scratch
from support.evidence import CountingIds, Desk, files_below, page, unpacked


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


async def test_captures_of_one_day_share_a_case_and_the_next_day_has_another(desk: Desk) -> None:
    first = await desk.capture()
    second = await desk.capture()
    desk.clock.pass_s(86_400)
    third = await desk.capture()
    assert first.case_id == second.case_id != third.case_id
    cases = await desk.cases.list()
    assert [(case.label, len(case.items)) for case in cases] == [
        ("2026-03-06", 1),
        ("2026-03-05", 2),
    ]
    assert await desk.cases.counts() == (2, 3)


@pytest.mark.parametrize(
    ("minutes", "label"),
    [(0, "2026-03-05"), (840, "2026-03-06"), (-660, "2026-03-04"), (10**9, "2026-03-05")],
)
async def test_the_day_is_the_persons_own(desk: Desk, minutes: int, label: str) -> None:
    await desk.capture(record=page(utc_offset_minutes=minutes))
    assert [case.label for case in await desk.cases.list()] == [label]


async def test_a_capture_goes_to_the_case_that_is_named(desk: Desk) -> None:
    first = await desk.capture()
    desk.clock.pass_s(86_400)
    second = await desk.capture(case_id=first.case_id)
    assert second.case_id == first.case_id
    state = await desk.cases.show(first.case_id)
    assert [item.item_id for item in state.items] == [first.item_id, second.item_id]
    assert state.items[0].title == "A thread"


def test_ids_are_random_and_neutral() -> None:
    ids = {staging.new_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(staging.is_id(one) for one in ids)


@pytest.mark.parametrize(
    "case_id", ["", "..", "0" * 16, "../" + "0" * 13, "A" * 16, "0" * 16 + "\n"]
)
async def test_an_unknown_case_is_told(desk: Desk, out: Path, case_id: str) -> None:
    await desk.capture()
    for ask in (
        desk.cases.show(case_id),
        desk.cases.note(case_id, "x"),
        desk.cases.delete(case_id),
        desk.cases.export(case_id, out),
    ):
        with pytest.raises(SharewiseError) as refused:
            await ask
        assert refused.value.code is ErrorCode.UNKNOWN_CASE


async def test_a_note_is_kept_and_its_change_is_an_event(desk: Desk, out: Path) -> None:
    sealed = await desk.capture()
    assert (await desk.cases.note(sealed.case_id, "Called at noon.")).note == "Called at noon."
    desk.restart()
    assert (await desk.cases.show(sealed.case_id)).note == "Called at noon."
    made = await desk.cases.export(sealed.case_id, out)
    assert "note changed" in unpacked(Path(made.path).read_bytes())["data/CUSTODY.csv"].decode()


async def test_a_note_that_is_too_long_is_refused(desk: Desk) -> None:
    sealed = await desk.capture()
    with pytest.raises(SharewiseError) as refused:
        await desk.cases.note(sealed.case_id, "x" * (MAX_NOTE_CHARACTERS + 1))
    assert refused.value.code is ErrorCode.TOO_LARGE


async def test_a_deleted_case_is_gone_and_others_stay(desk: Desk) -> None:
    first = await desk.capture()
    desk.clock.pass_s(86_400)
    second = await desk.capture()
    await desk.cases.delete(first.case_id)
    assert [case.case_id for case in await desk.cases.list()] == [second.case_id]
    assert not any(first.item_id in name for name in files_below(desk.root))


async def test_a_deletion_that_is_cut_short_is_finished_by_the_sweep(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = await desk.capture()
    with monkeypatch.context() as patched:
        patched.setattr(shelf, "discard", lambda folder: None)
        await desk.cases.delete(sealed.case_id)
    assert await desk.cases.list() == ()
    assert len(desk.staged()) == 1
    recovering.sweep(desk.shelf, lambda _: False)
    assert desk.staged() == []
    assert desk.item_ids() == []


async def test_a_deletion_that_did_not_come_to_count_is_taken_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = await desk.capture()
    kept = desk.files(sealed)
    desk.item(sealed).rename(desk.shelf.staging.going(sealed.item_id))  # killed right here
    desk.restart()
    await desk.cases.sweep(lambda _: False)
    assert desk.files(sealed) == kept
    assert await desk.cases.problems() == []


async def test_a_capture_that_was_moved_right_before_a_kill_is_taken_in(desk: Desk) -> None:
    first = await desk.capture()
    second = await desk.capture()
    kept = desk.files(second)
    desk.shelf.index.remove_item(second.item_id)  # as if it had never come to count
    desk.restart()
    assert desk.item_ids() == [first.item_id]
    await desk.cases.sweep(lambda _: False)
    assert sorted(desk.item_ids()) == sorted([first.item_id, second.item_id])
    (case,) = await desk.cases.list()
    assert [item.title for item in case.items] == ["A thread", "A thread"]
    assert await desk.cases.problems() == []
    assert desk.files(second) == kept


async def test_what_is_damaged_does_not_hide_the_rest(desk: Desk) -> None:
    first = await desk.capture()
    second = await desk.capture()
    desk.shelf.index.put_sealed(SealedRow(first.item_id, "item", 1, bytes(40)))
    desk.restart()
    states = {item.item_id: item for item in (await desk.cases.list())[0].items}
    assert states[first.item_id].title == shelf.DAMAGED
    assert states[first.item_id].missing[0].name == "index"
    assert states[second.item_id].title == "A thread"


async def test_damaged_notes_are_shown_as_such_and_never_written_over(desk: Desk) -> None:
    sealed = await desk.capture()
    row = SealedRow(sealed.case_id, "case", 1, bytes(40))
    desk.shelf.index.put_sealed(row)
    assert (await desk.cases.show(sealed.case_id)).label == shelf.DAMAGED
    with pytest.raises(SharewiseError) as refused:
        await desk.cases.note(sealed.case_id, "new")
    assert refused.value.code is ErrorCode.VAULT_DAMAGED
    assert desk.shelf.index.sealed("case", sealed.case_id) == row


# --- export -------------------------------------------------------------------------------------


async def test_an_export_is_verified_and_lies_under_a_neutral_name(desk: Desk, out: Path) -> None:
    sealed = await desk.capture()
    made = await desk.cases.export(sealed.case_id, out)
    assert Path(made.path) == out / f"case-{sealed.case_id}.zip"
    assert [file.name for file in out.iterdir()] == [Path(made.path).name]
    assert made.size_bytes == Path(made.path).stat().st_size
    assert verify(Path(made.path)).is_verified


async def test_the_same_input_makes_the_same_bytes(desk: Desk, out: Path) -> None:
    sealed = await desk.capture()
    contents = await desk.cases.contents(sealed.case_id, PackageOptions())
    made = []
    for _ in range(2):
        with closing(Scratch(out)) as scratch:
            package = export.make_package(contents, PackageOptions(), desk.shelf.key(), scratch)
            made.append(package.file.open().read())
    assert made[0] == made[1]


async def test_the_order_of_members_is_that_of_the_layout(desk: Desk, out: Path) -> None:
    sealed = await desk.capture()
    await desk.capture()
    made = await desk.cases.export(sealed.case_id, out)
    names = list(unpacked(Path(made.path).read_bytes()))
    assert names[:8] == [
        "VERIFY.txt",
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
        "tagmanifest-sha256.txt.sig",
        "keys/device.pub.pem",
        "keys/device.crt",
    ]
    assert {"data/items/0001/capture.json", "data/items/0002/text.txt"} < set(names)
    assert {"log/checkpoint", "log/inclusion.txt", "data/REPORT.pdf"} < set(names)


async def test_custody_tells_what_happened_in_order(desk: Desk, tmp_path: Path) -> None:
    sealed = await desk.capture()
    for folder in ("a", "b"):
        desk.clock.pass_s(60)
        (tmp_path / folder).mkdir()
        made = await desk.cases.export(sealed.case_id, tmp_path / folder)
    custody = unpacked(Path(made.path).read_bytes())["data/CUSTODY.csv"].decode()
    rows = list(csv.reader(io.StringIO(custody)))
    assert [(row[0][11:16], row[1]) for row in rows[1:]] == [
        ("10:00", "case created"),
        ("10:00", "age answered"),
        ("10:00", "capture sealed"),
        ("10:01", "exported"),
        ("10:02", "exported"),
    ]


async def test_a_package_names_no_page_outside_its_captures(desk: Desk, out: Path) -> None:
    sealed = await desk.capture()
    made = await desk.cases.export(sealed.case_id, out)
    for name, content in unpacked(Path(made.path).read_bytes()).items():
        if not name.endswith(("capture.json", "page.wacz")):
            assert b"example.org" not in content, name


async def test_a_file_that_is_there_is_never_written_over(desk: Desk, out: Path) -> None:
    sealed = await desk.capture()
    there = out / f"case-{sealed.case_id}.zip"
    there.write_bytes(b"mine")
    with pytest.raises(SharewiseError) as refused:
        await desk.cases.export(sealed.case_id, out)
    assert refused.value.code is ErrorCode.OUTPUT_EXISTS
    there.unlink()
    there.symlink_to(out / "elsewhere")
    with pytest.raises(SharewiseError) as refused:
        await desk.cases.export(sealed.case_id, out)
    assert refused.value.code is ErrorCode.OUTPUT_EXISTS
    assert not (out / "elsewhere").exists()


async def test_a_folder_that_is_none_is_told(desk: Desk, out: Path) -> None:
    sealed = await desk.capture()
    for folder, code in (
        (out / "absent", ErrorCode.NOT_A_FILE),
        (Path("relative"), ErrorCode.INVALID_PARAMS),
    ):
        with pytest.raises(SharewiseError) as refused:
            await desk.cases.export(sealed.case_id, folder)
        assert refused.value.code is code


async def test_too_little_room_is_told_before_anything_is_written(
    desk: Desk, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = await desk.capture()
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1))
    with pytest.raises(SharewiseError) as refused:
        await desk.cases.export(sealed.case_id, out)
    assert refused.value.code is ErrorCode.DISK_FULL
    assert list(out.iterdir()) == []


async def test_a_capture_that_was_changed_is_not_exported(desk: Desk, out: Path) -> None:
    sealed = await desk.capture()
    file = desk.item(sealed) / "seal.age"
    kept = file.read_bytes()
    file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    with pytest.raises(SharewiseError) as refused:
        await desk.cases.export(sealed.case_id, out)
    assert refused.value.code is ErrorCode.VERIFY_FAILED
    assert list(out.iterdir()) == []


async def test_a_package_that_does_not_read_back_is_not_kept(
    desk: Desk, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = await desk.capture()
    real = container.central_entry
    monkeypatch.setattr(package.container, "central_entry", lambda one: real(one)[:-1] + b"?")
    with pytest.raises(SharewiseError) as refused:
        await desk.cases.export(sealed.case_id, out)
    assert refused.value.code is ErrorCode.VERIFY_FAILED
    assert list(out.iterdir()) == []
    state = await desk.cases.show(sealed.case_id)
    assert len(state.items) == 1


async def test_a_case_without_captures_can_be_exported(desk: Desk, out: Path) -> None:
    empty = await desk.cases.create("Later", "2026-03-05", "adults")
    made = await desk.cases.export(empty.case_id, out)
    assert verify(Path(made.path)).is_verified
    assert b"own seal" not in unpacked(Path(made.path).read_bytes())["VERIFY.txt"]


async def test_a_draft_in_somebodys_folder_is_cleared_up_after_a_crash(
    desk: Desk, out: Path
) -> None:
    draft = out / f"{TEMPORARY_PREFIX}1{TEMPORARY_SUFFIX}"
    mine = out / "holiday.txt"
    crashed = [desk.shelf.staging.outside(file) for file in (draft, mine)]
    for file, held in zip((draft, mine), crashed, strict=True):
        file.write_bytes(b"x")
        held.__enter__()
    assert len(desk.staged()) == 2
    recovering.sweep(desk.shelf, lambda _: False)
    assert list(out.iterdir()) == [mine], "only what has a draft's name is ever removed"
    assert desk.staged() == []


async def test_an_export_leaves_nothing_in_staging(desk: Desk, out: Path) -> None:
    sealed = await desk.capture()
    await desk.cases.export(sealed.case_id, out)
    assert desk.staged() == []


def test_counting_ids_are_ids() -> None:
    assert staging.is_id(CountingIds()())
