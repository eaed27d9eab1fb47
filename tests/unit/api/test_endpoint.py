"""The place where the one daemon listens: locked, replaced, closed to others, left empty."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import msgspec
import pytest

from sharewise.api import endpoint
from sharewise.api.access import LoopbackAccess, SocketAccess
from sharewise.api.endpoint import is_running, listening, only_daemon
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.places import Endpoint, Places, private_folder, reach

UNIX, TCP = {"SHAREWISE_TRANSPORT": "unix"}, {"SHAREWISE_TRANSPORT": "tcp"}


@pytest.fixture
def where(tmp_path: Path) -> Places:
    return Places(tmp_path / "r", tmp_path / "d", tmp_path / "c", tmp_path / "l")


@pytest.fixture
def over_tcp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "uses_unix_socket", lambda _where: False)


def test_only_one_may_hold_the_place_and_the_next_may_after_it(where: Places) -> None:
    assert not is_running(where)
    with only_daemon(where):
        assert is_running(where)
        with pytest.raises(SharewiseError) as caught, only_daemon(where):
            pass
        assert caught.value.code is ErrorCode.ALREADY_RUNNING
        assert "sharewise daemon status" in caught.value.message
        assert is_running(where), "the one that was refused took nothing away"
    assert not is_running(where)
    with only_daemon(where):
        assert is_running(where)


def test_the_place_is_given_back_when_the_daemon_fails(where: Places) -> None:
    with pytest.raises(ZeroDivisionError), only_daemon(where):
        raise ZeroDivisionError
    assert not is_running(where)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_lock_that_is_a_link_is_not_followed(where: Places, tmp_path: Path) -> None:
    private_folder(where.runtime)
    where.lock.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError), only_daemon(where):  # noqa: PT011  its number differs by system
        pass
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(os.name == "nt", reason="there are no Unix sockets")
def test_the_socket_is_private_and_gone_afterwards(where: Places) -> None:
    private_folder(where.runtime)
    with listening(where) as listener:
        assert stat.S_IMODE(where.socket.stat().st_mode) == 0o600
        assert isinstance(listener.access, SocketAccess)
        reach(where, UNIX).connection.close()
    assert list(where.runtime.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="there are no Unix sockets")
def test_what_a_killed_daemon_left_is_replaced(where: Places) -> None:
    private_folder(where.runtime)
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(where.socket))
    where.endpoint.write_text("{}")
    with listening(where):
        reach(where, UNIX).connection.close()
        assert not where.endpoint.exists()


@pytest.mark.usefixtures("over_tcp")
def test_over_loopback_a_private_file_tells_port_and_token(where: Places) -> None:
    private_folder(where.runtime)
    with listening(where) as listener:
        told = msgspec.json.decode(where.endpoint.read_bytes(), type=Endpoint)
        assert listener.access == LoopbackAccess(told.port, told.token)
        assert listener.socket.getsockname() == ("127.0.0.1", told.port)
        if os.name != "nt":
            assert stat.S_IMODE(where.endpoint.stat().st_mode) == 0o600
        line = reach(where, TCP)
        line.connection.close()
        assert line.headers == {"Authorization": f"Bearer {told.token}"}
    assert list(where.runtime.iterdir()) == []


@pytest.mark.usefixtures("over_tcp")
def test_every_start_has_another_token(where: Places) -> None:
    private_folder(where.runtime)
    tokens = set()
    for _ in range(3):
        with listening(where) as listener:
            assert isinstance(listener.access, LoopbackAccess)
            tokens.add(listener.access.token)
    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 43
