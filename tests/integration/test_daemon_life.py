"""The daemon's life: it starts, answers, is the only one, and ends in order or is killed."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.cli import client
from sharewise.places import daemon_command, places, reach
from sharewise.wire.messages import PROTOCOL, DaemonStatus
from support.daemon import RunningDaemon, home_for_daemon, running_daemon

TRANSPORTS = ("unix", "tcp")


@pytest.fixture(params=TRANSPORTS)
def environment(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    with home_for_daemon(request.param) as made:
        yield made


@pytest.fixture
def daemon() -> Iterator[RunningDaemon]:
    with running_daemon() as made:
        yield made


def sharewise(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sharewise", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def names_in_runtime(environment: dict[str, str]) -> set[str]:
    return {entry.name for entry in places(environment).runtime.iterdir()}


def test_it_says_who_it_is(environment: dict[str, str]) -> None:
    with running_daemon(environment) as daemon:
        status = daemon.ready()
        assert status.pid == daemon.process.pid
        assert status.protocol == PROTOCOL
        assert status.is_ready


def test_its_places_are_private(environment: dict[str, str]) -> None:
    with running_daemon(environment) as daemon:
        where = daemon.places
        assert stat.S_IMODE(where.runtime.stat().st_mode) == 0o700
        assert stat.S_IMODE(where.logs.stat().st_mode) == 0o700
        for entry in (*where.runtime.iterdir(), *where.logs.iterdir()):
            assert stat.S_IMODE(entry.lstat().st_mode) == 0o600, entry.name
        expected = {"unix": "daemon.sock", "tcp": "endpoint.json"}
        assert names_in_runtime(environment) == {
            "daemon.lock",
            expected[environment["SHAREWISE_TRANSPORT"]],
        }


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(environment: dict[str, str], number: signal.Signals) -> None:
    with running_daemon(environment) as daemon:
        daemon.process.send_signal(number)
        assert daemon.process.wait(20) == 0
        assert daemon.places.log.read_text().endswith('"what": "ended in order"}\n')
    assert names_in_runtime(environment) == {"daemon.lock"}


def test_the_stop_call_is_answered_and_ends_it(environment: dict[str, str]) -> None:
    with running_daemon(environment) as daemon:
        assert daemon.stop() == 0
    assert names_in_runtime(environment) == {"daemon.lock"}


def test_a_second_one_is_refused_in_words(environment: dict[str, str]) -> None:
    with running_daemon(environment) as daemon:
        second = subprocess.run(
            daemon_command(),
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert second.returncode == 2
        assert "is running already" in second.stderr
        assert daemon.ask(DaemonStatus()).pid == daemon.process.pid


def test_after_a_kill_the_next_one_takes_its_place(environment: dict[str, str]) -> None:
    with running_daemon(environment) as killed:
        killed.kill()
        left = names_in_runtime(environment)
        assert left & {"daemon.sock", "endpoint.json"}, "the case needs something stale in the way"
        with pytest.raises(SharewiseError) as caught:
            killed.ask(DaemonStatus())
        assert caught.value.code is ErrorCode.DAEMON_UNREACHABLE
        with running_daemon(environment) as following:
            assert following.ask(DaemonStatus()).pid == following.process.pid


def test_one_way_of_reaching_it_leaves_nothing_for_the_other() -> None:
    with home_for_daemon("unix") as environment:
        with running_daemon(environment) as killed:
            killed.kill()
        with running_daemon({**environment, "SHAREWISE_TRANSPORT": "tcp"}):
            assert names_in_runtime(environment) == {"daemon.lock", "endpoint.json"}


def test_a_home_with_a_long_path_is_served_over_loopback() -> None:
    with home_for_daemon("unix") as environment:
        longer = {**environment, "SHAREWISE_HOME": f"{environment['SHAREWISE_HOME']}/{'x' * 100}"}
        with running_daemon(longer) as daemon:
            assert daemon.places.endpoint.exists()
            assert not daemon.places.socket.exists()


def test_a_folder_that_others_own_is_refused() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    with home_for_daemon() as environment:
        runtime = places(environment).runtime
        runtime.mkdir(parents=True)
        os.chown(runtime, 65534, 65534)
        ended = sharewise(environment, "daemon", "run")
        assert ended.returncode == 2
        assert "belongs to someone else" in ended.stderr


def test_start_status_and_stop(environment: dict[str, str]) -> None:
    absent = sharewise(environment, "daemon", "status", "--json")
    assert (absent.returncode, json.loads(absent.stdout)) == (3, {"is_running": False})

    started = sharewise(environment, "daemon", "start")
    try:
        assert (started.returncode, started.stdout) == (0, "The daemon is running.\n")
        again = sharewise(environment, "daemon", "start")
        assert (again.returncode, again.stdout) == (0, "The daemon is running already.\n")
        present = sharewise(environment, "daemon", "status", "--json")
        assert present.returncode == 0
        found = json.loads(present.stdout)
        assert found["is_running"] is True
        assert os.getsid(found["pid"]) == found["pid"], "it has a session of its own"
        assert sharewise(environment, "daemon", "status").returncode == 0
    finally:
        stopped = sharewise(environment, "daemon", "stop")
    assert (stopped.returncode, stopped.stdout) == (0, "The daemon has ended.\n")
    assert names_in_runtime(environment) == {"daemon.lock"}
    again = sharewise(environment, "daemon", "stop")
    assert (again.returncode, again.stdout) == (0, "The daemon was not running.\n")


def test_two_starts_at_once_give_one_daemon(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "sharewise", "daemon", "start"]
    try:
        starts = [
            subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for _ in range(3)
        ]
        assert [start.wait(60) for start in starts] == [0, 0, 0]
    finally:
        assert sharewise(environment, "daemon", "stop").returncode == 0


def test_a_start_that_came_second_is_over_before_it_says_so(
    daemon: RunningDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.5)"])
    monkeypatch.setattr(client, "_spawn", lambda: late)
    for key, value in daemon.environment.items():
        monkeypatch.setenv(key, value)
    client.start_daemon(daemon.places)
    assert late.poll() is not None, "it would become the daemon once this one is stopped"


def test_it_ends_although_a_peer_never_says_goodbye(daemon: RunningDaemon) -> None:
    line = reach(daemon.places, daemon.environment)
    with line.connection:
        line.connection.sendall(b"GET /rpc HTTP/1.1\r\nHost: localhost\r\n")
        assert daemon.terminate() == 0
