"""Cases from before the vault are taken over whole, once, and nothing of them is lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sharewise.services.custody import Happened
from sharewise.services.migration import take_over
from support.evidence import Desk, files_below
from support.opening import open_bag

CASE = "00000000000000aa"


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    """An installation with one old case of two captures, as an earlier version left it."""
    maker = Desk(tmp_path / "maker")
    desk = Desk(tmp_path / "home")
    folder = desk.places.cases / CASE
    (folder / "items").mkdir(parents=True)
    for _ in range(2):
        sealed = await maker.capture()
        bag = open_bag(tmp_path / "maker", maker.item(sealed), tmp_path / "bags")
        shutil.move(bag, folder / "items" / sealed.item_id)
    note = {"case_id": CASE, "label": "Old one", "created_at_utc": "2026-03-01T08:00:00.000Z"}
    (folder / "case.json").write_text(
        json.dumps(note | {"day": None, "note": "Old note", "events": [], "version": 1})
    )
    return desk


async def test_what_was_plain_is_encrypted_and_the_same(desk: Desk) -> None:
    plain = {
        item.name: files_below(item) for item in (desk.places.cases / CASE / "items").iterdir()
    }
    assert await take_over(desk.shelf, desk.cases) == []
    assert list(desk.places.cases.iterdir()) == []
    for item_id, files in plain.items():
        opened = desk.shelf.opened(item_id)
        assert {name: opened.open(name).read() for name in opened.digests} == files
    (case,) = await desk.cases.list()
    assert (case.case_id, case.label, case.note) == (CASE, "Old one", "Old note")
    assert [item.title for item in case.items] == ["A thread", "A thread"]
    assert await desk.cases.problems() == []
    for name, content in files_below(desk.root).items():
        assert b"example.org" not in content, name
        assert b"Old note" not in content, name
    size = len(desk.shelf.custody)
    assert await take_over(desk.shelf, desk.cases) == []
    assert len(desk.shelf.custody) == size, "the second time there is nothing to do"


async def test_a_kill_in_between_is_gone_on_from(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at = 0

    class Killed(BaseException):
        pass

    real = type(desk.shelf).log

    def log(self: object, happened: Happened) -> int:
        nonlocal killed_at
        killed_at += 1
        if killed_at == 3:
            raise Killed
        return real(desk.shelf, happened)

    with monkeypatch.context() as patched:
        patched.setattr(type(desk.shelf), "log", log)
        with pytest.raises(Killed):
            await take_over(desk.shelf, desk.cases)
    desk.restart()
    await desk.cases.sweep(lambda _: False)
    assert await take_over(desk.shelf, desk.cases) == []
    assert len(desk.item_ids()) == 2
    assert list(desk.places.cases.iterdir()) == []
    assert await desk.cases.problems() == []


async def test_a_damaged_capture_stays_plain_and_is_told(desk: Desk) -> None:
    items = sorted((desk.places.cases / CASE / "items").iterdir())
    (items[0] / "data/text.txt").write_bytes(b"other words")
    (told,) = await take_over(desk.shelf, desk.cases)
    assert told.endswith(": 1.")
    assert (items[0] / "data/text.txt").read_bytes() == b"other words"
    assert desk.item_ids() == [items[1].name]
    assert (desk.places.cases / CASE / "case.json").exists()
