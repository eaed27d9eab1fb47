"""Where things lie: one set of folders for one user, closed to others."""

from __future__ import annotations

import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from sharewise import places as module
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.places import (
    Places,
    daemon_command,
    has_unix_sockets,
    peer_uid,
    places,
    private_folder,
    reach,
    uses_unix_socket,
)

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="as Linux has it")


@pytest.fixture
def where(tmp_path: Path) -> Places:
    return Places(tmp_path / "r", tmp_path / "d", tmp_path / "c", tmp_path / "l")


def test_a_home_of_ones_own_holds_everything(tmp_path: Path) -> None:
    found = places({"SHAREWISE_HOME": str(tmp_path)})
    assert {found.runtime, found.data, found.config, found.logs} == {
        tmp_path / name for name in ("run", "data", "config", "logs")
    }
    assert list(tmp_path.iterdir()) == []


@LINUX_ONLY
def test_a_desktop_and_a_bare_shell_meet_in_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_system = tmp_path / str(os.geteuid())
    by_system.mkdir()
    monkeypatch.setattr(module, "RUN_USER", tmp_path)
    assert places({"XDG_RUNTIME_DIR": str(by_system)}).runtime == by_system / "sharewise"
    assert places({}).runtime == by_system / "sharewise"


@LINUX_ONLY
@pytest.mark.parametrize("named", ["", "relative", "/no/such/folder"])
def test_without_a_folder_of_the_system_it_lies_with_our_data(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RUN_USER", tmp_path)
    found = places({"XDG_RUNTIME_DIR": named})
    assert found.runtime == found.data / "run"


@pytest.mark.skipif(os.name == "nt", reason="modes mean little there")
def test_a_private_folder_is_made_or_closed(tmp_path: Path) -> None:
    made = private_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    made.chmod(0o755)
    assert stat.S_IMODE(private_folder(made).stat().st_mode) == 0o700


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_is_no_private_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(SharewiseError) as caught:
        private_folder(tmp_path / "link")
    assert caught.value.code is ErrorCode.UNSAFE_FOLDER


@LINUX_ONLY
def test_a_long_path_leaves_no_room_for_a_socket(where: Places, tmp_path: Path) -> None:
    short = Places(Path("/run/x"), where.data, where.config, where.logs)
    long = Places(tmp_path / ("x" * 120), where.data, where.config, where.logs)
    assert uses_unix_socket(short, {})
    assert not uses_unix_socket(long, {})
    assert not uses_unix_socket(short, {"SHAREWISE_TRANSPORT": "tcp"})
    assert has_unix_sockets({})


def test_the_daemon_is_run_without_modules_of_the_current_folder() -> None:
    assert daemon_command() == [sys.executable, "-P", "-m", "sharewise", "daemon", "run"]


@pytest.mark.skipif(os.name == "nt", reason="there are no Unix sockets")
def test_the_kernel_tells_who_is_at_the_other_end() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert peer_uid(one) == os.geteuid()


@pytest.mark.parametrize("transport", ["unix", "tcp"])
def test_nobody_there_says_how_to_start_the_daemon(where: Places, transport: str) -> None:
    with pytest.raises(SharewiseError) as caught:
        reach(where, {"SHAREWISE_TRANSPORT": transport})
    assert caught.value.code is ErrorCode.DAEMON_UNREACHABLE
    assert "sharewise daemon start" in caught.value.message


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"port":1}', b'{"port":"x","token":"y"}'])
def test_a_broken_endpoint_file_is_nobody_there(where: Places, content: bytes) -> None:
    private_folder(where.runtime)
    where.endpoint.write_bytes(content)
    with pytest.raises(SharewiseError) as caught:
        reach(where, {"SHAREWISE_TRANSPORT": "tcp"})
    assert caught.value.code is ErrorCode.DAEMON_UNREACHABLE


def test_a_port_that_cannot_be_is_nobody_there(where: Places) -> None:
    private_folder(where.runtime)
    where.endpoint.write_bytes(b'{"port":99999999,"token":"x"}')
    with pytest.raises(SharewiseError) as caught:
        reach(where, {"SHAREWISE_TRANSPORT": "tcp"})
    assert caught.value.code is ErrorCode.DAEMON_UNREACHABLE
