"""Write files beside their place, prove them, and only then give them their name."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeAlias, assert_never, final

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.faults import changed, explained
from sharewise.disk.reading import (
    BLOCK_BYTES,
    SCAN_BYTES,
    OpenFile,
    Stamp,
    has_writer,
    open_file,
    open_flags,
    read_at,
)
from sharewise.formats.contract import Insert, Keep, Step

TEMPORARY_PREFIX = "~syncthing~sharewise-"
TEMPORARY_SUFFIX = ".~.tmp"
"""Sync clients leave a file of such a name alone: Syncthing for its beginning, Dropbox and OneDrive
for "~" and ".tmp", Nextcloud and ownCloud for ".~" within (their lists of excluded files)."""

NO_RANGE_COPY = frozenset(
    {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF}
)
"""Answers of copy_file_range that mean: copy these bytes in another way."""
NO_ATTRIBUTE = frozenset({errno.ENOTSUP, errno.EPERM, errno.EACCES, errno.ENODATA})
"""Answers that mean: this attribute cannot be had or set here, which is no reason to stop."""


SHARED_BYTES = 4096
"""File systems share whole blocks of this size, at the same place within a block, or none."""


@final
class Draft:
    """A file that is being written beside its place; only `swap` or `publish` gives it a name."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}{TEMPORARY_SUFFIX}"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | open_flags("O_NOFOLLOW")
        self.descriptor = os.open(self.path, flags, 0o600)
        self._is_open = True

    def write(self, data: bytes | memoryview) -> None:
        """Put bytes at the end."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.descriptor, view) :]

    def copy(self, file: OpenFile, offset: int, length: int) -> None:
        """Put bytes of another file at the end, shared on disk where the file system can."""
        done = _copy_range(file.descriptor, self.descriptor, offset, length)
        while done < length:
            block = read_at(file.descriptor, min(BLOCK_BYTES, length - done), offset + done)
            if not block:
                raise changed()
            self.write(block)
            done += len(block)

    def sync(self) -> None:
        """Have it on the disk before it gets its name."""
        os.fsync(self.descriptor)

    def take_attributes(self, file: OpenFile) -> None:
        """Give it owner, extended attributes and mode of another file."""
        found = file.found
        if hasattr(os, "fchown") and os.geteuid() == 0:
            os.fchown(self.descriptor, found.st_uid, found.st_gid)
        if hasattr(os, "listxattr"):
            _copy_attributes(file.descriptor, self.descriptor)
        self.path.chmod(stat.S_IMODE(found.st_mode))

    def close(self) -> None:
        """Close it; the file stays until `discard`."""
        if self._is_open:
            self._is_open = False
            os.close(self.descriptor)

    def discard(self) -> None:
        """Remove it, if it is still beside."""
        self.close()
        self.path.unlink(missing_ok=True)


def _copy_range(source: int, target: int, offset: int, length: int) -> int:
    if not hasattr(os, "copy_file_range"):
        return 0
    done = 0
    while done < length:
        try:
            count = os.copy_file_range(source, target, length - done, offset_src=offset + done)
        except OSError as error:
            if error.errno not in NO_RANGE_COPY:
                raise
            return done
        if count == 0:
            return done
        done += count
    return done


def _copy_attributes(source: int, target: int) -> None:
    try:
        names = os.listxattr(source)
    except OSError as error:
        if error.errno not in NO_ATTRIBUTE:
            raise
        return
    for name in names:
        try:
            os.setxattr(target, name, os.getxattr(source, name))
        except OSError as error:
            if error.errno not in NO_ATTRIBUTE:
                raise


@contextlib.contextmanager
def draft_in(folder: Path) -> Iterator[Draft]:
    """Begin a file in a folder; whatever happens, nothing of it stays under its own name.

    Raises SharewiseError, with DISK_FULL or another code of `explain`, for what the system refuses.
    """
    with explained():
        draft = Draft(folder)
        try:
            yield draft
        finally:
            draft.discard()


Proof: TypeAlias = Callable[[OpenFile], None]
"""Looks at what was written and raises SharewiseError(VERIFY_FAILED) unless it is as promised."""
BeforeSwap: TypeAlias = Callable[[Stamp], None]
"""Called when all that is left is the swap, with the stamp that the new file will have but for
its ctime; what it raises stops the swap."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is in its place."""

    path: Path
    bytes_written: int
    bytes_read: int
    """Read of the new file, to prove it."""


def replace_file(
    file: OpenFile,
    path: Path,
    steps: tuple[Step, ...],
    *,
    prove: Proof,
    before_swap: BeforeSwap | None = None,
) -> Written:
    """Put the result of the steps in the place of the file, or leave it untouched.

    `file` is `path`, opened without following links; the swap closes it. Raises SharewiseError:
    REFUSED if the file has several names, BUSY if somebody writes it, FILE_CHANGED if it is not
    what it was, VERIFY_FAILED, DISK_FULL or another code of `explain`.
    """
    if file.found.st_nlink > 1:
        raise SharewiseError(
            ErrorCode.REFUSED,
            "This file has several names (hard links), and the others would keep what is removed. "
            "Clean a copy into another folder instead.",
        )
    _refuse_while_written(file, path.parent)
    with draft_in(path.parent) as draft:
        checked = _fill(draft, file, steps, prove)
        if before_swap is not None:
            _set_times(draft.path, file.found)
            before_swap(Stamp.of(draft.path.stat()))
        _refuse_while_written(file, path.parent)
        if Stamp.of(os.fstat(file.descriptor)) != file.stamp or stamp_at(path) != file.stamp:
            raise changed()
        draft.close()
        file.close()
        # As late as can be: Syncthing removes a file of such a name once it looks a day old.
        _set_times(draft.path, file.found)
        draft.path.replace(path)
        sync_folder(path.parent)
        return Written(path, size_of(steps), checked)


def publish_file(
    file: OpenFile,
    names: Iterable[Path],
    steps: tuple[Step, ...],
    *,
    prove: Proof,
    mode: int | None = None,
    is_name_synced: bool = True,
) -> Written:
    """Write the result of the steps as a new file, with the original's dates and mode.

    It gets the first of the names, all in one folder, that nothing has yet; nothing is ever
    written over. The bytes are on the disk before the file has a name. `is_name_synced` false
    leaves it to the caller to have the name there too, by `sync_folder`: once for many files, and
    only where a file that a power cut takes away again harms nobody. Raises SharewiseError:
    OUTPUT_EXISTS if every name is taken; otherwise as `replace_file`.
    """
    candidates = iter(names)
    first = next(candidates)
    with draft_in(first.parent) as draft:
        checked = _fill(draft, file, steps, prove)
        if mode is not None:
            draft.path.chmod(mode)
        if Stamp.of(os.fstat(file.descriptor)) != file.stamp:
            raise changed()
        draft.close()
        _set_times(draft.path, file.found)
        path = _first_free(draft.path, chain((first,), candidates))
        if is_name_synced:
            sync_folder(path.parent)
        return Written(path, size_of(steps), checked)


def restore_file(
    file: OpenFile,
    path: Path,
    *,
    mode: int,
    is_expected: Callable[[Stamp | None], bool],
    before_swap: BeforeSwap,
) -> None:
    """Put a copy of `file` at `path`, with its dates, in place of what is there.

    `is_expected` is asked, right before the swap, whether that may be replaced; it is told None
    if nothing is there. Raises SharewiseError: FILE_CHANGED if it may not; otherwise as
    `publish_file`.
    """
    with draft_in(path.parent) as draft:
        _fill(draft, file, whole(file), accept)
        draft.path.chmod(mode)
        _set_times(draft.path, file.found)
        before_swap(Stamp.of(draft.path.stat()))
        found = stamp_at(path)
        if not is_expected(found):
            raise changed()
        draft.close()
        _set_times(draft.path, file.found)
        if found is None:
            give_name(draft.path, path)
        else:
            draft.path.replace(path)
        sync_folder(path.parent)


def write_private(path: Path, data: bytes) -> None:
    """Replace or make a small file that only this user may read, whole or not at all.

    Raises SharewiseError as `draft_in`.
    """
    with draft_in(path.parent) as draft:
        draft.write(data)
        draft.sync()
        draft.close()
        draft.path.replace(path)
        sync_folder(path.parent)


def _fill(draft: Draft, file: OpenFile, steps: tuple[Step, ...], prove: Proof) -> int:
    at = 0
    for step in steps:
        match step:
            case Keep(offset, length):
                if file.held is not None and (offset - at) % SHARED_BYTES:
                    draft.write(memoryview(file.held)[offset : offset + length])
                else:
                    draft.copy(file, offset, length)
                at += length
            case Insert(data):
                draft.write(data)
                at += len(data)
            case _:
                assert_never(step)
    draft.take_attributes(file)
    draft.sync()
    written = OpenFile(draft.descriptor)
    if written.size_bytes != size_of(steps):
        raise _not_as_meant()
    prove(written)
    return written.bytes_read


def _set_times(path: Path, found: os.stat_result) -> None:
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def give_name(draft: Path, path: Path) -> None:
    """Give a file that was written beside its name. Raises SharewiseError(OUTPUT_EXISTS) if there
    is something of this name, which stays as it is."""
    exists = SharewiseError(
        ErrorCode.OUTPUT_EXISTS, "There is a file of this name already; it was left as it is."
    )
    try:
        os.link(draft, path, follow_symlinks=False)
    except FileExistsError as error:
        raise exists from error
    except (OSError, NotImplementedError) as error:
        # A file system without links: the check and the swap are then two steps.
        if os.path.lexists(path):
            raise exists from error
        draft.replace(path)


def _refuse_while_written(file: OpenFile, folder: Path) -> None:
    if has_writer(file) and _tells_writers(folder):
        raise SharewiseError(
            ErrorCode.BUSY, "Another program is still writing this file. Try again later."
        )


def _tells_writers(folder: Path) -> bool:
    """Return whether the answer of `has_writer` means anything in this folder: NFS and SMB give it
    for files that nobody writes, such as one that we have just made."""
    with draft_in(folder) as draft:
        draft.close()
        with open_file(draft.path, follow=False) as unwritten:
            return not has_writer(unwritten)


def _first_free(draft: Path, names: Iterable[Path]) -> Path:
    taken = None
    for name in names:
        try:
            give_name(draft, name)
        except SharewiseError as error:
            taken = error
        else:
            return name
    assert taken is not None
    raise taken


def result_of(steps: tuple[Step, ...], original: bytes) -> Proof:
    """Return the proof that a file is, byte for byte, what the steps make of these bytes."""

    def prove(written: OpenFile) -> None:
        at = 0
        for step in steps:
            data, start = (original, step.offset) if isinstance(step, Keep) else (step.data, 0)
            end = start + (step.length if isinstance(step, Keep) else len(step.data))
            while start < end:
                expected = data[start : min(start + SCAN_BYTES, end)]
                if written.read(at, len(expected)) != expected:
                    raise _not_as_meant()
                start += len(expected)
                at += len(expected)
        if at != written.size_bytes:
            raise _not_as_meant()

    return prove


def _not_as_meant() -> SharewiseError:
    return SharewiseError(
        ErrorCode.VERIFY_FAILED,
        "What was written is not what was meant, so the file was left as it is.",
    )


def whole(file: OpenFile) -> tuple[Step, ...]:
    """Return the steps that copy a file as it is."""
    return (Keep(0, file.size_bytes),)


def accept(_: OpenFile) -> None:
    """The proof for a mere copy, of which the size is checked anyway."""


def size_of(steps: tuple[Step, ...]) -> int:
    """Return the bytes that the steps come to."""
    return sum(step.length if isinstance(step, Keep) else len(step.data) for step in steps)


def stamp_at(path: Path) -> Stamp | None:
    """Return the state of what has this name (of a link: of the link itself), None if nothing."""
    try:
        return Stamp.of(path.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return None


def is_temporary(name: str) -> bool:
    """Return whether a file of this name is one that we write beside another."""
    return name.startswith(TEMPORARY_PREFIX) and name.endswith(TEMPORARY_SUFFIX)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, where a system lets one ask for that."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)
