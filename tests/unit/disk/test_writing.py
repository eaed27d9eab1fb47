import contextlib
import errno
import os
import resource
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk import writing
from sharewise.disk.reading import OpenFile, Stamp, open_file
from sharewise.disk.writing import (
    Draft,
    Proof,
    accept,
    is_temporary,
    publish_file,
    replace_file,
    restore_file,
    result_of,
    stamp_at,
    whole,
    write_private,
)
from sharewise.formats.contract import Insert, Keep
from support.pictures import names

DATA = b"0123456789"
STEPS = (Keep(0, 3), Insert(b"--"), Keep(8, 2))
RESULT = b"012--89"


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(DATA)
    return path


def replace(path: Path, prove: Proof = accept, before: Callable[[], None] | None = None) -> None:
    with open_file(path, follow=False) as file:
        swap = None if before is None else (lambda _: before())
        replace_file(file, path, STEPS, prove=prove, before_swap=swap)


def assert_untouched(path: Path, error: SharewiseError, code: ErrorCode) -> None:
    assert error.code is code
    assert path.read_bytes() == DATA
    assert names(path.parent) == [path.name]


def test_plan_is_carried_out_in_place(original):
    replace(original)
    assert original.read_bytes() == RESULT
    assert names(original.parent) == [original.name]


@pytest.mark.parametrize("number", [errno.EXDEV, errno.ENOSYS, errno.EINVAL])
def test_bytes_are_copied_in_another_way_where_ranges_cannot_be(original, monkeypatch, number):
    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "copy_file_range", refuse)
    replace(original)
    assert original.read_bytes() == RESULT


def test_file_system_that_copies_nothing_gets_blocks(original, monkeypatch):
    monkeypatch.setattr(os, "copy_file_range", lambda *_, **__: 0)
    monkeypatch.setattr(writing, "BLOCK_BYTES", 2)
    replace(original)
    assert original.read_bytes() == RESULT


def test_date_mode_and_attributes_stay(original):
    original.chmod(0o640)
    os.utime(original, ns=(10**18, 10**18 + 7))
    os.setxattr(original, "user.rating", b"5")
    replace(original)
    found = original.stat()
    assert found.st_mtime_ns == 10**18 + 7
    assert stat.S_IMODE(found.st_mode) == 0o640
    assert os.getxattr(original, "user.rating") == b"5"


def test_file_system_without_attributes_is_no_reason_to_stop(original, monkeypatch):
    def refuse(*_: object) -> list[str]:
        raise OSError(errno.ENOTSUP, "no")

    monkeypatch.setattr(os, "listxattr", refuse)
    replace(original)
    assert original.read_bytes() == RESULT


def test_failed_proof_leaves_the_original(original):
    def prove(written: OpenFile) -> None:
        assert written.read(0, written.size_bytes) == RESULT
        raise SharewiseError(ErrorCode.VERIFY_FAILED, "not clean")

    with pytest.raises(SharewiseError) as caught:
        replace(original, prove)
    assert_untouched(original, caught.value, ErrorCode.VERIFY_FAILED)


def test_short_write_is_noticed(original, monkeypatch):
    monkeypatch.setattr(Draft, "write", lambda *_: None)
    with pytest.raises(SharewiseError) as caught:
        replace(original)
    assert_untouched(original, caught.value, ErrorCode.VERIFY_FAILED)


@contextlib.contextmanager
def small_disk() -> Iterator[None]:
    """Lets a file of this process hold five bytes only, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_leaves_the_original(original):
    with small_disk(), pytest.raises(SharewiseError) as caught:
        replace(original)
    assert_untouched(original, caught.value, ErrorCode.DISK_FULL)


@pytest.mark.parametrize("step", ["fsync", "utime", "link"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_failure_at_any_step_leaves_nothing_behind(original, monkeypatch, step, number):
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, step, fail)
    if step == "link":
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(SharewiseError), open_file(original) as file:
        publish_file(file, [original.parent / "out.jpg"], STEPS, prove=accept)
    assert original.read_bytes() == DATA
    assert names(original.parent) == [original.name]


def test_failed_swap_leaves_the_original(original, monkeypatch):
    def fail(*_: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(SharewiseError) as caught:
        replace(original)
    monkeypatch.undo()
    assert_untouched(original, caught.value, ErrorCode.UNREADABLE)


def test_folder_without_permission_leaves_the_original(original, monkeypatch):
    real = os.open

    def refuse(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, "no", str(path))
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(SharewiseError) as caught:
        replace(original)
    monkeypatch.undo()
    assert_untouched(original, caught.value, ErrorCode.UNREADABLE)


@pytest.mark.parametrize("way", ["append", "replace", "touch", "remove"])
def test_file_that_changes_meanwhile_is_not_replaced(original, way):
    def change() -> None:
        match way:
            case "append":
                with original.open("ab") as file:
                    file.write(b"more")
            case "replace":
                other = original.with_name("other")
                other.write_bytes(b"other")
                other.replace(original)
            case "touch":
                os.utime(original, ns=(1, 1))
            case _:
                original.unlink()

    with pytest.raises(SharewiseError) as caught:
        replace(original, before=change)
    assert caught.value.code is ErrorCode.FILE_CHANGED
    expected = {"append": DATA + b"more", "replace": b"other", "touch": DATA, "remove": None}[way]
    assert (original.read_bytes() if original.exists() else None) == expected
    assert not [name for name in names(original.parent) if is_temporary(name)]


def test_name_that_leads_elsewhere_by_now_is_not_taken(original, monkeypatch):
    # As on a file system that notes no ctime: only the name tells.
    monkeypatch.setattr(writing, "stamp_at", lambda _: None)
    with pytest.raises(SharewiseError) as caught:
        replace(original)
    assert_untouched(original, caught.value, ErrorCode.FILE_CHANGED)


def test_file_that_is_being_written_is_not_replaced(original):
    with original.open("ab"), pytest.raises(SharewiseError) as caught:
        replace(original)
    assert_untouched(original, caught.value, ErrorCode.BUSY)


def test_writer_that_comes_during_the_work_is_noticed(original):
    writers = []
    with pytest.raises(SharewiseError) as caught:
        replace(original, before=lambda: writers.append(original.open("ab")))
    writers[0].close()
    assert_untouched(original, caught.value, ErrorCode.BUSY)


def test_file_system_that_grants_no_leases_is_no_reason_to_wait(original, monkeypatch):
    monkeypatch.setattr(writing, "has_writer", lambda _: True)
    replace(original)
    assert original.read_bytes() == RESULT
    assert names(original.parent) == [original.name]


def test_file_with_two_names_is_refused(original):
    os.link(original, original.with_name("second"))
    with pytest.raises(SharewiseError) as caught:
        replace(original)
    assert caught.value.code is ErrorCode.REFUSED
    assert original.read_bytes() == DATA


def test_new_file_never_replaces_another(original):
    taken = original.with_name("taken")
    taken.write_bytes(b"taken")
    with open_file(original) as file:
        with pytest.raises(SharewiseError) as caught:
            publish_file(file, [taken], STEPS, prove=accept)
        written = publish_file(file, [taken, taken.with_name("free")], STEPS, prove=accept)
    assert caught.value.code is ErrorCode.OUTPUT_EXISTS
    assert written.path.name == "free"
    assert taken.read_bytes() == b"taken"
    assert names(original.parent) == ["free", "photo.jpg", "taken"]


def test_new_file_without_links_never_replaces_another(original, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no")

    monkeypatch.setattr(os, "link", refuse)
    taken = original.with_name("taken")
    taken.symlink_to("nowhere")
    with open_file(original) as file:
        written = publish_file(file, [taken, taken.with_name("free")], STEPS, prove=accept)
    assert written.path.read_bytes() == RESULT
    assert taken.is_symlink()


def test_restoring_asks_what_is_there(original):
    copy = original.with_name("copy")
    copy.write_bytes(b"kept")
    asked: list[Stamp | None] = []

    def expect(found: Stamp | None) -> bool:
        asked.append(found)
        return False

    with open_file(copy) as file, pytest.raises(SharewiseError) as caught:
        restore_file(file, original, mode=0o600, is_expected=expect, before_swap=lambda _: None)
    assert caught.value.code is ErrorCode.FILE_CHANGED
    assert asked == [stamp_at(original)]
    assert original.read_bytes() == DATA


def test_restored_file_keeps_the_stamp_that_was_told(original):
    told: list[Stamp] = []
    with open_file(original) as file:
        restore_file(
            file,
            original.with_name("back"),
            mode=0o640,
            is_expected=lambda found: found is None,
            before_swap=told.append,
        )
    found = stamp_at(original.with_name("back"))
    assert found is not None
    assert found.is_same_but_for_ctime(told[0])
    assert stat.S_IMODE(original.with_name("back").stat().st_mode) == 0o640


def test_private_file_is_for_this_user_alone(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names(tmp_path) == ["secret"]


def test_private_file_survives_a_full_disk(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    with small_disk(), pytest.raises(SharewiseError) as caught:
        write_private(path, b"new and longer")
    assert caught.value.code is ErrorCode.DISK_FULL
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["secret"]


@pytest.mark.parametrize(
    "written", [b"012--88", b"112--89", b"012-+89", b"012--8", b"012--899", b""]
)
def test_file_that_differs_in_one_byte_is_no_result_of_the_steps(tmp_path, monkeypatch, written):
    monkeypatch.setattr(writing, "SCAN_BYTES", 2)
    prove = result_of(STEPS, DATA)
    path = tmp_path / "written"
    path.write_bytes(RESULT)
    with open_file(path) as file:
        prove(file)
    path.write_bytes(written)
    with open_file(path) as file, pytest.raises(SharewiseError) as caught:
        prove(file)
    assert caught.value.code in (ErrorCode.VERIFY_FAILED, ErrorCode.FILE_CHANGED)


def test_held_file_is_written_from_memory_where_no_block_can_be_shared(original, monkeypatch):
    copied: list[int] = []
    monkeypatch.setattr(Draft, "copy", lambda _, file, offset, length: copied.append(offset))
    with open_file(original) as file:
        file.hold()
        names_ = [original.with_name("result")]
        publish_file(file, names_, (Insert(b"-"), Keep(0, 3)), prove=accept)
        assert original.with_name("result").read_bytes() == b"-012"
        with pytest.raises(SharewiseError):
            publish_file(file, [original.with_name("copy")], whole(file), prove=accept)
    assert copied == [0]


def test_whole_file_is_copied(original):
    with open_file(original) as file:
        publish_file(file, [original.with_name("copy")], whole(file), prove=accept, mode=0o600)
    assert original.with_name("copy").read_bytes() == DATA
    assert stat.S_IMODE(original.with_name("copy").stat().st_mode) == 0o600


@pytest.mark.parametrize("is_synced", [True, False])
def test_name_is_on_the_disk_unless_the_caller_sees_to_it(original, monkeypatch, is_synced):
    synced: list[Path] = []
    monkeypatch.setattr(writing, "sync_folder", synced.append)
    with open_file(original) as file:
        names_ = [original.with_name("copy")]
        publish_file(file, names_, whole(file), prove=accept, is_name_synced=is_synced)
    assert synced == [original.parent] * is_synced
