import pytest

from sharewise.api import watch_calls
from sharewise.api.calls import Calls
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.places import places
from sharewise.providers.contract import Environment, Platform
from sharewise.services.watching import Watching
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
from support.by_hand import HandClock, HandObserver


@pytest.fixture
def calls(tmp_path):
    environment = Environment(Platform.LINUX, tmp_path, tmp_path, tmp_path, tmp_path, tmp_path)
    where = places({"SHAREWISE_HOME": str(tmp_path / "sharewise")})
    filled = Calls()
    watching = Watching(where, HandClock(), environment, observe=HandObserver)
    watch_calls.register(filled, watching)
    return filled


async def test_each_call_is_answered_with_its_result(calls, tmp_path):
    folder = tmp_path / "Pictures"
    folder.mkdir()
    added = await calls.answer(WatchAdd(path=str(folder), mode="clean"))
    assert isinstance(added, FolderState)
    assert (added.path, added.mode, added.is_reachable) == (str(folder), "clean", True)
    told = await calls.answer(WatchSet(path=str(folder), mode="tell"))
    assert isinstance(told, FolderState)
    assert told.mode == "tell"
    assert await calls.answer(WatchPause(is_paused=True)) == WatchListResult(
        is_paused=True, folders=(told,)
    )
    assert await calls.answer(WatchRemove(path=str(folder))) == Done()
    assert await calls.answer(WatchList()) == WatchListResult(is_paused=True, folders=())


async def test_refusal_of_the_service_rises(calls, tmp_path):
    with pytest.raises(SharewiseError) as caught:
        await calls.answer(WatchUndo(path=str(tmp_path / "a.jpg")))
    assert caught.value.code is ErrorCode.NOTHING_TO_UNDO


def test_every_call_about_watching_is_answered(calls):
    assert {WatchList, WatchAdd, WatchSet, WatchRemove, WatchPause, WatchUndo} == calls.kinds
