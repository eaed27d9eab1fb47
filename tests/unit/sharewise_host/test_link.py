from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.frames import Close

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.places import places
from sharewise_host import link
from sharewise_host.link import Dialler, lost, turn_to_start


@pytest.mark.parametrize("code", [1000, 1001])
def test_a_goodbye_is_orderly(code: int) -> None:
    assert lost(ConnectionClosedOK(Close(code, ""), None)).is_orderly


@pytest.mark.parametrize("code", [1006, 1009, 1011])
def test_any_other_end_is_not(code: int) -> None:
    assert not lost(ConnectionClosedError(Close(code, ""), None)).is_orderly


def test_an_end_without_a_word_is_not_orderly() -> None:
    assert not lost(ConnectionClosedError(None, None)).is_orderly


@pytest.mark.skipif(sys.platform == "win32", reason="no flock: the daemon's own lock decides")
def test_only_one_host_at_a_time_may_start_the_daemon(tmp_path: Path) -> None:
    where = places({"SHAREWISE_HOME": str(tmp_path)})
    with turn_to_start(where) as first, turn_to_start(where) as second:
        assert (first, second) == (True, False)
    with turn_to_start(where) as again:
        assert again
    assert stat.S_IMODE(where.runtime.stat().st_mode) == 0o700


async def test_a_daemon_is_not_started_unless_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "spawn", lambda: pytest.fail("it was started"))
    dialler = Dialler(places({"SHAREWISE_HOME": str(tmp_path)}), {})
    with pytest.raises(SharewiseError) as refused:
        async with dialler.dial(may_start=False):
            pytest.fail("there is no daemon")
    assert refused.value.code is ErrorCode.DAEMON_UNREACHABLE


async def test_an_unsafe_folder_is_told_and_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "spawn", lambda: pytest.fail("it was started"))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    dialler = Dialler(places({"SHAREWISE_HOME": str(tmp_path)}), {})
    with pytest.raises(SharewiseError) as refused:
        async with dialler.dial(may_start=True):
            pytest.fail("there is no daemon")
    assert refused.value.code is ErrorCode.UNSAFE_FOLDER
