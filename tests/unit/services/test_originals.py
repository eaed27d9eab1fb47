import os
import stat
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk import writing
from sharewise.disk.reading import OpenFile, Stamp, open_file
from sharewise.disk.writing import Draft, accept, replace_file, stamp_at
from sharewise.formats.contract import Insert
from sharewise.services import originals as module
from sharewise.services.originals import Originals
from support.by_hand import HandClock
from support.pictures import names, put

PRIVATE = b"private original"
CLEAN = b"clean"


@pytest.fixture
def store(tmp_path: Path) -> Originals:
    return Originals(tmp_path / "originals", HandClock())


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = put(tmp_path, "folder/photo.jpg", PRIVATE)
    path.chmod(0o640)
    os.utime(path, ns=(10**18, 10**18 + 1))
    return path


def swap(store: Originals, path: Path, data: bytes = CLEAN) -> str:
    """Replace a file as cleaning does and return the id of its original."""
    ids: list[str] = []
    with open_file(path, follow=False) as file:

        def keep(stamp: Stamp) -> None:
            ids.append(store.keep(path, file, stamp))

        replace_file(file, path, (Insert(data),), prove=accept, before_swap=keep)
    return ids[0]


def kept_files(tmp_path: Path) -> list[str]:
    return [name for name in names(tmp_path / "originals") if not name.startswith("index")]


def refused(store: Originals, path: Path) -> ErrorCode:
    with pytest.raises(SharewiseError) as caught:
        store.undo(path)
    return caught.value.code


def test_original_comes_back_as_it_was(tmp_path, store, photo):
    kept_id = swap(store, photo)
    assert photo.read_bytes() == CLEAN
    kept = tmp_path / "originals" / kept_id
    assert kept.read_bytes() == PRIVATE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((kept.parent / "index.sqlite3").stat().st_mode) == 0o600
    store.undo(photo)
    assert photo.read_bytes() == PRIVATE
    assert photo.stat().st_mtime_ns == 10**18 + 1
    assert stat.S_IMODE(photo.stat().st_mode) == 0o640
    assert kept_files(tmp_path) == []
    assert names(photo.parent) == ["photo.jpg"]


def test_file_that_was_put_back_is_left_alone_until_it_changes(tmp_path, store, photo):
    swap(store, photo)
    assert not store.is_left_alone(stamp_of(photo))
    store.undo(photo)
    assert store.is_left_alone(stamp_of(photo))
    moved = photo.rename(photo.with_name("renamed.jpg"))
    assert store.is_left_alone(stamp_of(moved))
    assert Originals(tmp_path / "originals", HandClock()).is_left_alone(stamp_of(moved))
    moved.write_bytes(b"another picture")
    assert not store.is_left_alone(stamp_of(moved))


def test_second_undo_has_nothing_to_undo(store, photo):
    swap(store, photo)
    store.undo(photo)
    assert refused(store, photo) is ErrorCode.NOTHING_TO_UNDO


def test_latest_original_comes_back_first(store, photo):
    swap(store, photo)
    photo.write_bytes(b"a new private picture")
    swap(store, photo)
    store.undo(photo)
    assert photo.read_bytes() == b"a new private picture"


def test_changes_after_cleaning_are_not_undone(store, photo):
    swap(store, photo)
    photo.write_bytes(b"cropped by the person")
    assert refused(store, photo) is ErrorCode.FILE_CHANGED
    assert photo.read_bytes() == b"cropped by the person"
    photo.rename(photo.with_name("cropped.jpg"))
    store.undo(photo)
    assert photo.read_bytes() == PRIVATE


def test_original_that_cannot_be_stored_whole_stops_the_swap(tmp_path, store, photo, monkeypatch):
    def lose_a_byte(self: Draft, file: OpenFile, offset: int, length: int) -> None:
        self.write(b"x" * length)

    monkeypatch.setattr(writing.Draft, "copy", lose_a_byte)
    with pytest.raises(SharewiseError) as caught:
        swap(store, photo)
    assert caught.value.code is ErrorCode.VERIFY_FAILED
    assert photo.read_bytes() == PRIVATE
    assert kept_files(tmp_path) == []


def test_index_that_cannot_be_read_stops_the_swap_and_is_kept(tmp_path, store, photo):
    put(tmp_path, "originals/index.sqlite3", b"no database" * 100)
    with pytest.raises(SharewiseError) as caught:
        swap(store, photo)
    assert caught.value.code is ErrorCode.UNREADABLE
    assert photo.read_bytes() == PRIVATE
    assert (tmp_path / "originals/index.sqlite3").read_bytes() == b"no database" * 100


def test_original_of_a_swap_that_did_not_happen_is_dropped(tmp_path, store, photo):
    with open_file(photo) as file:
        kept_id = store.keep(photo, file, file.stamp)
    store.drop_unless_replaced(kept_id)
    assert kept_files(tmp_path) == []
    assert refused(store, photo) is ErrorCode.NOTHING_TO_UNDO


def test_original_of_a_swap_that_happened_is_never_dropped(tmp_path, store, photo):
    store.drop_unless_replaced(swap(store, photo))
    assert len(kept_files(tmp_path)) == 1


def test_what_a_crash_left_is_tidied(tmp_path, store, photo):
    swap(store, put(tmp_path, "folder/done.jpg", b"done"))
    with open_file(photo) as file:
        store.keep(photo, file, file.stamp)
    put(tmp_path, "originals/" + "0" * 32, b"an original whose index was lost")
    put(tmp_path, f"originals/{Draft(tmp_path).path.name}", b"half")
    put(tmp_path, "originals/notes.txt", b"somebody else's")
    store.reconcile()
    assert len(kept_files(tmp_path)) == 3
    store.undo(tmp_path / "folder/done.jpg")
    assert kept_files(tmp_path) == ["0" * 32, "notes.txt"]


def test_original_of_a_folder_that_is_away_is_kept(tmp_path, store, photo):
    swap(store, photo)
    photo.parent.rename(tmp_path / "unplugged")
    store.reconcile()
    (tmp_path / "unplugged").rename(photo.parent)
    store.undo(photo)
    assert photo.read_bytes() == PRIVATE


@pytest.mark.parametrize("at", range(12))
def test_failure_at_any_moment_loses_nothing(tmp_path, store, photo, monkeypatch, at):
    """The nth call that changes names on the disk fails, be it in a swap or in an undo."""
    left = [at]

    def failing(real):
        def call(*arguments, **named):
            left[0] -= 1
            if left[0] == -1:
                raise OSError(5, "no")
            return real(*arguments, **named)

        return call

    monkeypatch.setattr(Path, "replace", failing(Path.replace))
    for name in ("link", "fsync", "utime"):
        monkeypatch.setattr(os, name, failing(getattr(os, name)))
    try:
        swap(store, photo)
        store.undo(photo)
    except SharewiseError:
        pass
    assert photo.read_bytes() in {PRIVATE, CLEAN}
    monkeypatch.undo()
    store.reconcile()
    if photo.read_bytes() == CLEAN:
        store.undo(photo)
    assert photo.read_bytes() == PRIVATE
    assert kept_files(tmp_path) == []
    assert names(photo.parent) == ["photo.jpg"]


def stamp_of(path: Path) -> Stamp:
    stamp = stamp_at(path)
    assert stamp is not None
    return stamp


def test_keys_of_stamps_do_not_hold_the_ctime():
    assert module._key(Stamp(1, 2, 3, 4, 5)) == module._key(Stamp(1, 2, 3, 4, 6))


@pytest.mark.parametrize("folder", ["folder", "originals"])
def test_end_while_an_original_is_dropped_leaves_no_copy_behind(
    tmp_path, store, photo, monkeypatch, folder
):
    """In "folder" it ends before the drop is noted, in "originals" before the copy is gone."""
    swap(store, photo)
    (tmp_path / "another").touch()  # so that the inode of the photo is not used again
    unlink = Path.unlink

    def end(path: Path, *, missing_ok: bool = False) -> None:
        if path.parent == tmp_path / folder:
            raise KeyboardInterrupt
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", end)
        with pytest.raises(KeyboardInterrupt):
            store.undo(photo)
    assert photo.read_bytes() == PRIVATE
    assert len(kept_files(tmp_path)) == 1
    store.reconcile()
    assert kept_files(tmp_path) == []


def test_older_original_is_not_taken_for_one_that_was_put_back(tmp_path, store, photo):
    swap(store, photo)
    photo.write_bytes(b"a second picture in the same place")
    swap(store, photo)
    store.undo(photo)
    store.reconcile()
    assert len(kept_files(tmp_path)) == 1
