"""Do with one file in a watched folder what the person chose for that folder."""

from __future__ import annotations

import logging
import os
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never, final

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.clock import Clock
from sharewise.disk.reading import OpenFile, Stamp
from sharewise.disk.writing import is_temporary, stamp_at
from sharewise.formats.contract import NOTHING_KEPT, Depth, Kind
from sharewise.services.cleaning import (
    Cleaned,
    InPlace,
    Inspected,
    NotCleaned,
    WasClean,
    clean_file,
    inspect_file,
)
from sharewise.services.originals import Originals
from sharewise.settings import Mode

REMEMBERED: Final = 262_144
"""How many files of a folder are known not to have changed since they were looked at."""
PASSING: Final = frozenset({ErrorCode.BUSY, ErrorCode.FILE_CHANGED})
"""Why a file is not cleaned now and should be tried again once it rests."""
STILL_PRIVATE: Final = frozenset({ErrorCode.REFUSED, ErrorCode.VERIFY_FAILED})
STALE_S: Final = 600.0
"""A file that we write beside another lives for seconds; one this old was left by a crash."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handled:
    """What came of it."""

    is_private: bool = False
    is_cleaned: bool = False
    is_to_be_tried_again: bool = False
    problem: ErrorCode | None = None
    """What hinders every file of the folder: DISK_FULL."""


NOTHING_TO_DO: Final = Handled()


@final
class Handling:
    """Remembers what was looked at, so that neither our own writes nor a second event of the same
    state lead to work; every method blocks, and one call runs at a time."""

    def __init__(self, originals: Originals, clock: Clock) -> None:
        self._originals = originals
        self._clock = clock
        self._seen: dict[Path, OrderedDict[int, int]] = {}

    def handle(self, root: Path, path: Path, mode: Mode, *, is_first_look: bool) -> Handled:
        """Look at a file below `root`, and clean it if that was chosen."""
        seen = self._seen.setdefault(root, OrderedDict())
        try:
            stamp = stamp_at(path)
            if stamp is None or _is_known(seen, path, stamp):
                return NOTHING_TO_DO
            if is_temporary(path.name):
                self._remove_if_stale(path, stamp)
                return NOTHING_TO_DO
            if not is_inside(root, path) or self._originals.is_left_alone(stamp):
                return NOTHING_TO_DO
            match mode:
                case Mode.OFF:
                    return NOTHING_TO_DO
                case Mode.TELL:
                    handled = self._tell(path, is_first_look=is_first_look)
                case Mode.CLEAN:
                    handled = self._clean(path)
                case _:
                    assert_never(mode)
            if not handled.is_to_be_tried_again and handled.problem is None:
                _remember(seen, path, stamp_at(path))
        except SharewiseError as error:
            log.warning("file %s: %s", secrets.token_hex(4), error.code)
            return NOTHING_TO_DO
        except OSError:
            log.warning("file %s: %s", secrets.token_hex(4), ErrorCode.UNREADABLE)
            return NOTHING_TO_DO
        return handled

    def forget(self, root: Path) -> None:
        """Look at everything below anew: what was chosen may be another thing now."""
        self._seen.pop(root, None)

    def _tell(self, path: Path, *, is_first_look: bool) -> Handled:
        inspection = inspect_file(
            path, Depth.QUICK, follow=False, is_clean_to_be_proved=not is_first_look
        )
        if not isinstance(inspection, Inspected):
            return Handled(is_to_be_tried_again=inspection.code in PASSING)
        found = sorted({finding.kind for finding in inspection.findings} - {Kind.FILENAME})
        if found:
            log.info("file %s tells: %s", secrets.token_hex(4), " ".join(found))
        return Handled(is_private=bool(found))

    def _clean(self, path: Path) -> Handled:
        kept_ids: list[str] = []

        def keep_original(file: OpenFile, cleaned: Stamp) -> None:
            kept_ids.append(self._originals.keep(path, file, cleaned))

        outcome = clean_file(path, NOTHING_KEPT, InPlace(), keep_original=keep_original)
        match outcome:
            case Cleaned(removed=removed):
                log.info("original %s kept, cleaned: %s", kept_ids[0], " ".join(sorted(removed)))
                return Handled(is_private=True, is_cleaned=True)
            case WasClean():
                return NOTHING_TO_DO
            case NotCleaned(code):
                for kept_id in kept_ids:
                    self._originals.drop_unless_replaced(kept_id)
                if code not in {ErrorCode.UNSUPPORTED, *PASSING}:
                    log.info("file %s: %s", secrets.token_hex(4), code)
                return Handled(
                    is_private=code in STILL_PRIVATE,
                    is_to_be_tried_again=code in PASSING,
                    problem=code if code is ErrorCode.DISK_FULL else None,
                )
            case _:
                assert_never(outcome)

    def _remove_if_stale(self, path: Path, stamp: Stamp) -> None:
        # By its ctime: the mtime is that of the original already.
        if self._clock.now().timestamp() - stamp.ctime_ns / 1e9 > STALE_S:
            path.unlink(missing_ok=True)


def _is_known(seen: OrderedDict[int, int], path: Path, stamp: Stamp) -> bool:
    key = hash(path)
    if seen.get(key) != _state(stamp):
        return False
    seen.move_to_end(key)
    return True


def _remember(seen: OrderedDict[int, int], path: Path, stamp: Stamp | None) -> None:
    if stamp is None:
        return
    seen[hash(path)] = _state(stamp)
    while len(seen) > REMEMBERED:
        seen.popitem(last=False)


def is_inside(root: Path, path: Path) -> bool:
    """Return whether a file really lies below a folder, whatever links are on the way."""
    real = Path(os.path.realpath(path.parent))
    return real == root or root in real.parents


def _state(stamp: Stamp) -> int:
    return hash((stamp.device, stamp.inode, stamp.size_bytes, stamp.mtime_ns))
