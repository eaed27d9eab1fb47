"""Watch the folders that the person chose: see what is there and what comes, tell it or clean it.

One task does all of it, in turns: it hears of files, waits until they rest, handles them one by
one, and looks over whole folders in between.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, final

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.clock import Clock
from sharewise.disk.reading import Stamp
from sharewise.disk.writing import is_temporary, stamp_at
from sharewise.places import Places
from sharewise.providers.contract import Environment
from sharewise.providers.registry import providers
from sharewise.services.handling import Handled, Handling
from sharewise.services.leaving_alone import LeftAlone
from sharewise.services.observing import Inbox, Observing, SystemObserver
from sharewise.services.originals import Originals
from sharewise.services.settling import Settling
from sharewise.services.walking import walk
from sharewise.services.watch_list import WatchChoices
from sharewise.settings import FolderSetting, Mode
from sharewise.wire.messages import FolderState

TURN_S: Final = 0.1
"""The least time between two turns, however much happens."""
BUSY_S: Final = 0.25
IDLE_S: Final = 2.0
CHECK_S: Final = 2.0
"""How often it is seen whether each folder is there."""
AGAIN_S: Final = 600.0
"""How often a folder that has a problem is looked over for lack of anything better."""
LOOK_FILES: Final = 32
LOOK_S: Final = 0.1
"""A first look works for so long at once; then whatever came meanwhile goes first."""
SYSTEM_TIMEOUT_S: Final = 30.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Watched:
    """A folder while the daemon runs."""

    path: Path
    label: str = field(default_factory=lambda: secrets.token_hex(4))
    """Stands for it in the log."""
    is_reachable: bool = False
    identity: tuple[int, int] | None = None
    """Device and inode that are observed; None while nothing is."""
    needs_look: bool = False
    look: Iterator[Path] | None = None
    look_again_at_s: float | None = None
    rests_until_s: float = 0.0
    """Nothing is asked of its disk before that: the last question was not answered."""
    problem: ErrorCode | None = None
    private_count: int = 0
    cleaned_count: int = 0


@final
class Watching:
    """The watching service.

    Nothing happens until `run`, which a TaskGroup starts and cancels; the calls may come at any
    time, from the same event loop. `observe` makes what hears of changes, from the inbox it fills.
    """

    def __init__(
        self,
        places: Places,
        clock: Clock,
        environment: Environment,
        *,
        observe: Callable[[Inbox], Observing] = SystemObserver,
    ) -> None:
        self._clock = clock
        self._choices = WatchChoices(places, environment)
        self._originals = Originals(places.originals, clock)
        self._handling = Handling(self._originals, clock)
        self._settling = Settling(clock)
        self._left_alone = LeftAlone(providers().values())
        self._inbox = Inbox()
        self._observer = observe(self._inbox)
        self._folders: dict[Path, _Watched] = {}
        self._check_at_s = 0.0
        self._files = asyncio.Lock()
        """Held while a file is handled or undone: never both."""
        self._checking = asyncio.Lock()
        self._is_unusable = False

    # --- what people ask ------------------------------------------------------------------------

    @property
    def is_paused(self) -> bool:
        """Whether nothing is watched for now."""
        return self._choices.is_paused

    def states(self) -> tuple[FolderState, ...]:
        """Return every folder as it was seen last, without asking the disk."""
        return tuple(map(self._state, self._choices.folders))

    async def find_folders(self) -> tuple[FolderState, ...]:
        """Return every folder, those of sync clients found anew.

        Raises SharewiseError(SETTINGS_UNREADABLE), as do all that follow.
        """
        await asyncio.to_thread(self._choices.refresh)
        self._check_at_s = 0.0
        await self._check_folders()
        return self.states()

    async def add(self, untrusted: str, mode: Mode) -> FolderState:
        """Watch a folder. Raises SharewiseError: INVALID_PARAMS, NOT_A_FILE or FOLDER_OVERLAP."""
        return await self._changed(await asyncio.to_thread(self._choices.add, untrusted, mode))

    async def choose(self, untrusted: str, mode: Mode) -> FolderState:
        """Choose what is done in a folder. Raises SharewiseError: UNKNOWN_FOLDER, FOLDER_OVERLAP,
        or as `add`."""
        return await self._changed(await asyncio.to_thread(self._choices.choose, untrusted, mode))

    async def remove(self, untrusted: str) -> None:
        """Forget a folder, its files left as they are. Raises SharewiseError(UNKNOWN_FOLDER)."""
        path = Path(await asyncio.to_thread(self._choices.remove, untrusted))
        self._handling.forget(path)
        self._check_soon()

    async def pause(self, *, is_paused: bool) -> tuple[FolderState, ...]:
        """Stop watching for now, or go on: what came meanwhile is looked over then."""
        await asyncio.to_thread(self._choices.pause, is_paused=is_paused)
        if not is_paused:
            self._inbox.lose()
        self._check_soon()
        return self.states()

    async def undo(self, untrusted: str) -> None:
        """Put the original of a cleaned file back and leave that file alone from now on.

        Raises SharewiseError: NOTHING_TO_UNDO or FILE_CHANGED.
        """
        path = Path(untrusted)
        if not path.is_absolute():
            raise SharewiseError(ErrorCode.INVALID_PARAMS, "Give the whole path of the file.")
        async with self._files:
            await asyncio.to_thread(self._undo, path)

    def _undo(self, path: Path) -> None:
        self._originals.undo(Path(os.path.realpath(path.parent)) / path.name)

    async def _changed(self, setting: FolderSetting) -> FolderState:
        # Another choice asks for another look, also at what was seen before.
        folder = self._watched(Path(setting.path))
        self._handling.forget(folder.path)
        folder.private_count = 0
        folder.needs_look = True
        folder.look = None
        self._check_soon()
        folder.rests_until_s = 0.0
        identity = await self._identity_of(folder, self._clock.monotonic_s())
        folder.is_reachable = identity is not None
        return self._state(setting)

    def _check_soon(self) -> None:
        self._check_at_s = 0.0
        self._inbox.nudge()

    def _state(self, setting: FolderSetting) -> FolderState:
        folder = self._watched(Path(setting.path))
        return FolderState(
            path=setting.path,
            provider=setting.provider,
            mode=setting.mode.value,
            is_reachable=folder.is_reachable,
            private_count=folder.private_count,
            cleaned_count=folder.cleaned_count,
            problem=None if folder.problem is None else folder.problem.value,
        )

    def _watched(self, path: Path) -> _Watched:
        return self._folders.setdefault(path, _Watched(path))

    # --- what goes on by itself -----------------------------------------------------------------

    async def run(self) -> None:
        """Watch until cancelled."""
        try:
            await self._begin()
            while True:
                await self.turn()
                await asyncio.sleep(TURN_S)
                is_busy = len(self._settling) > 0 or self._next_look() is not None
                await self._inbox.wait(BUSY_S if is_busy else IDLE_S)
        finally:
            await asyncio.to_thread(self._observer.stop)

    async def _begin(self) -> None:
        for step in (self._observer.start, self._originals.reconcile):
            try:
                await asyncio.to_thread(step)
            except SharewiseError as error:
                log.warning("watching begins with a problem: %s", error.code)

    async def turn(self) -> None:
        """Do what is to be done now: a bounded piece of work."""
        if not await self._are_choices_known():
            return
        await self._check_folders()
        paths, has_lost = self._inbox.take()
        if self._choices.is_paused:
            self._settling.clear()
            return
        for path in paths:
            self._hear(path)
        if has_lost:
            for setting in self._choices.active:
                self._watched(Path(setting.path)).needs_look = True
        for path in await asyncio.to_thread(self._settling.settled, _look):
            await self._handle(path)
        await self._look_on()

    async def _are_choices_known(self) -> bool:
        try:
            if not self._choices.is_loaded:
                await asyncio.to_thread(self._choices.refresh)
        except SharewiseError as error:
            if not self._is_unusable:
                log.warning("nothing is watched: %s", error.code)
            self._is_unusable = True
            return False
        self._is_unusable = False
        return True

    def _hear(self, path: Path) -> None:
        setting = self._choices.of(path)
        if setting is None:
            return
        root = Path(setting.path)
        if is_temporary(path.name) or self._left_alone.is_below(path.relative_to(root)):
            return
        if not self._settling.add(path):
            self._watched(root).needs_look = True

    async def _handle(self, path: Path, *, is_first_look: bool = False) -> None:
        async with self._files:
            # Chosen anew with each file: the person may have said otherwise a moment ago.
            setting = self._choices.of(path)
            if setting is None or self._choices.is_paused:
                return
            root = Path(setting.path)
            handled = await asyncio.to_thread(
                self._handling.handle, root, path, setting.mode, is_first_look=is_first_look
            )
        self._count(self._watched(root), path, handled)

    def _count(self, folder: _Watched, path: Path, handled: Handled) -> None:
        folder.private_count += handled.is_private
        folder.cleaned_count += handled.is_cleaned
        if handled.is_cleaned and folder.problem is ErrorCode.DISK_FULL:
            folder.problem = None
        if handled.is_to_be_tried_again:
            self._settling.add(path)
        if handled.problem is not None:
            self._hinder(folder, handled.problem)

    def _hinder(self, folder: _Watched, problem: ErrorCode) -> None:
        if folder.problem is not problem:
            log.warning("folder %s: %s", folder.label, problem)
        folder.problem = problem
        if folder.look_again_at_s is None:
            folder.look_again_at_s = self._clock.monotonic_s() + AGAIN_S

    async def _check_folders(self) -> None:
        """See which folders are there, and observe exactly those that are to be watched."""
        async with self._checking:
            await self._check_each_folder()

    async def _check_each_folder(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s < self._check_at_s:
            return
        self._check_at_s = now_s + CHECK_S
        active = () if self._choices.is_paused else self._choices.active
        wanted = {Path(setting.path) for setting in active}
        known = {Path(setting.path) for setting in self._choices.folders}
        for folder in list(self._folders.values()):
            if folder.path not in known:
                await self._unobserve(folder)
                del self._folders[folder.path]
        for path in known:
            folder = self._watched(path)
            identity = await self._identity_of(folder, now_s)
            folder.is_reachable = identity is not None
            if path not in wanted or identity is None:
                await self._unobserve(folder)
            elif identity != folder.identity:
                await self._observe_anew(folder, identity)
            elif folder.look_again_at_s is not None and now_s >= folder.look_again_at_s:
                folder.look_again_at_s = None
                await self._observe_anew(folder, identity)

    async def _identity_of(self, folder: _Watched, now_s: float) -> tuple[int, int] | None:
        if now_s < folder.rests_until_s:
            return None
        try:
            async with asyncio.timeout(SYSTEM_TIMEOUT_S):
                return await asyncio.to_thread(_identity, folder.path)
        except TimeoutError:
            # A server that went away: each question holds a thread for as long as it likes.
            folder.rests_until_s = now_s + AGAIN_S
            log.warning("folder %s: %s", folder.label, ErrorCode.TIMED_OUT)
            return None

    async def _unobserve(self, folder: _Watched) -> None:
        if folder.identity is not None:
            folder.identity = None
            folder.look = None
            folder.problem = None
            await asyncio.to_thread(self._observer.unwatch, folder.path)

    async def _observe_anew(self, folder: _Watched, identity: tuple[int, int]) -> None:
        folder.identity = identity
        folder.needs_look = True
        folder.problem = None
        try:
            async with asyncio.timeout(SYSTEM_TIMEOUT_S):
                await asyncio.to_thread(self._observer.watch, folder.path)
        except SharewiseError as error:
            self._hinder(folder, error.code)
        except TimeoutError:
            self._hinder(folder, ErrorCode.TIMED_OUT)

    def _next_look(self) -> _Watched | None:
        for setting in self._choices.active if self._choices.is_loaded else ():
            folder = self._watched(Path(setting.path))
            if folder.identity is not None and (folder.look is not None or folder.needs_look):
                return folder
        return None

    async def _look_on(self) -> None:
        """Go on with looking over a whole folder, for a moment only."""
        folder = self._next_look()
        if folder is None:
            return
        if folder.look is None:
            folder.needs_look = False
            folder.look = walk(folder.path, is_left_out=self._is_left_out, on_error=_pass_over)
        until_s = self._clock.monotonic_s() + LOOK_S
        look = folder.look
        files = await asyncio.to_thread(lambda: list(islice(look, LOOK_FILES)))
        if not files:
            folder.look = None
        for path in files:
            if self._left_alone.is_file(path.name) and not is_temporary(path.name):
                continue
            await self._handle(path, is_first_look=True)
            if self._clock.monotonic_s() > until_s:
                # Half of the time belongs to everything else on this machine.
                await asyncio.sleep(LOOK_S)
                until_s = self._clock.monotonic_s() + LOOK_S

    def _is_left_out(self, folder: Path) -> bool:
        return self._left_alone.is_folder(folder.name)


def _pass_over(_folder: Path, _error: OSError) -> None:
    log.info("a folder below a watched one: %s", ErrorCode.UNREADABLE)


def _look(path: Path) -> Stamp | None:
    try:
        return stamp_at(path)
    except OSError:
        return None


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return device and inode of a folder that can be read, None of one that cannot."""
    try:
        with os.scandir(folder):
            found = folder.stat(follow_symlinks=False)
    except OSError:
        return None
    return found.st_dev, found.st_ino
