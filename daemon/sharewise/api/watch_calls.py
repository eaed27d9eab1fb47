"""The calls about watched folders."""

from __future__ import annotations

from sharewise.api.calls import Calls
from sharewise.services.watching import Watching
from sharewise.settings import Mode
from sharewise.wire.messages import (
    Done,
    FolderState,
    WatchAdd,
    WatchList,
    WatchListResult,
    WatchPause,
    WatchRemove,
    WatchSet,
    WatchUndo,
)


def register(calls: Calls, watching: Watching) -> None:
    """Answer the calls about watched folders with this service."""

    async def list_folders(_: WatchList) -> WatchListResult:
        folders = await watching.find_folders()
        return WatchListResult(is_paused=watching.is_paused, folders=folders)

    async def add(call: WatchAdd) -> FolderState:
        return await watching.add(call.path, Mode(call.mode))

    async def choose(call: WatchSet) -> FolderState:
        return await watching.choose(call.path, Mode(call.mode))

    async def remove(call: WatchRemove) -> Done:
        await watching.remove(call.path)
        return Done()

    async def pause(call: WatchPause) -> WatchListResult:
        folders = await watching.pause(is_paused=call.is_paused)
        return WatchListResult(is_paused=watching.is_paused, folders=folders)

    async def undo(call: WatchUndo) -> Done:
        await watching.undo(call.path)
        return Done()

    calls.on(WatchList, list_folders)
    calls.on(WatchAdd, add)
    calls.on(WatchSet, choose)
    calls.on(WatchRemove, remove)
    calls.on(WatchPause, pause)
    calls.on(WatchUndo, undo)
