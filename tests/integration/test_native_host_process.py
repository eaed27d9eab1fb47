"""The real host between two real pipes and the real daemon, in every way it can go wrong."""

from __future__ import annotations

import json
import os
import resource
import signal
import struct
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from support.daemon import RunningDaemon, home_for_daemon, running_daemon
from support.native_host import CHROMIUM, FIREFOX, LIMIT_S, RunningHost, running_host
from support.polling import wait_until

MEBIBYTE = 1024 * 1024


@pytest.fixture
def daemon() -> Iterator[RunningDaemon]:
    with home_for_daemon() as environment, running_daemon(environment) as running:
        yield running
        end_daemons(environment)


@pytest.fixture(params=["unix", "tcp"])
def either_daemon(request: pytest.FixtureRequest) -> Iterator[RunningDaemon]:
    """Over a Unix socket, and as on Windows over loopback with a token."""
    with home_for_daemon(request.param) as environment, running_daemon(environment) as running:
        yield running
        end_daemons(environment)


@pytest.fixture
def empty_home() -> Iterator[dict[str, str]]:
    """No daemon runs here; whichever is started is ended with the test."""
    with home_for_daemon() as environment:
        yield environment
        end_daemons(environment)


def daemons_of(environment: Mapping[str, str]) -> list[int]:
    """Return the daemons that run in this home."""
    marker = f"SHAREWISE_HOME={environment['SHAREWISE_HOME']}".encode()
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            is_here = marker in (process / "environ").read_bytes().split(b"\0")
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if is_here and b"daemon" in words and b"run" in words:
            found.append(int(process.name))
    return found


def end_daemons(environment: Mapping[str, str]) -> None:
    for pid in daemons_of(environment):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not daemons_of(environment), "the end of the daemons")


def connections_to(daemon: RunningDaemon) -> int:
    """Return how many connections the daemon's socket has, as the kernel lists them."""
    listening = "00010000"
    rows = [row.split() for row in Path("/proc/net/unix").read_text().splitlines()[1:]]
    path = str(daemon.places.socket)
    return sum(row[3] != listening for row in rows if row[-1] == path)


def error_code(answer: dict[str, object]) -> object:
    error = answer["error"]
    assert isinstance(error, dict)
    return error["data"]


def said_to_nobody(host: RunningHost) -> bytes:
    """Return what an ended host wrote to stderr: browsers keep that in files."""
    assert host.process.stderr is not None
    return host.process.stderr.read()


def pid_in(answer: dict[str, object]) -> int:
    result = answer["result"]
    assert isinstance(result, dict)
    return int(result["pid"])


@pytest.mark.parametrize("arguments", [CHROMIUM, FIREFOX, (*CHROMIUM, "--parent-window=66")])
def test_a_call_of_our_extension_is_answered_by_the_daemon(
    either_daemon: RunningDaemon, arguments: tuple[str, ...]
) -> None:
    with running_host(either_daemon.environment, arguments) as host:
        assert host.hello(7)["id"] == 7
        assert pid_in(host.ask(8, "daemon.status")) == either_daemon.process.pid


def test_the_way_to_the_first_answer_is_short(daemon: RunningDaemon) -> None:
    with running_host(daemon.environment) as host:
        assert "result" in host.hello()
        ticks = (Path("/proc") / str(host.process.pid) / "stat").read_text().rpartition(")")[2]
        worked_s = sum(int(count) for count in ticks.split()[11:13]) / os.sysconf("SC_CLK_TCK")
    # About 0.12 s, nearly all of it imports. Not the clock on the wall: others are busy, too.
    assert worked_s < 0.6


@pytest.mark.parametrize(
    "arguments",
    [
        ("chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/",),
        (CHROMIUM[0] + "x",),
        ("chrome-extension://lkbpoljipomfgpekaoadmnpagopoknca.example/",),
        (FIREFOX[0], "somebody@else"),
        (FIREFOX[0], ""),
    ],
)
def test_an_unknown_extension_is_refused_and_reaches_nothing(
    empty_home: dict[str, str], arguments: tuple[str, ...]
) -> None:
    with running_host(empty_home, arguments) as host:
        refusal = host.receive()
        assert refusal["id"] is None
        assert error_code(refusal) == "caller_refused"
        assert host.process.wait(LIMIT_S) == 3
        assert host.rest() == b""
    assert daemons_of(empty_home) == []
    assert not (Path(empty_home["SHAREWISE_HOME"]) / "run").exists()


def test_the_end_of_the_port_ends_the_host(daemon: RunningDaemon) -> None:
    with running_host(daemon.environment) as host:
        host.hello()
        assert host.close() == 0
        assert host.rest() == b""
        assert said_to_nobody(host) == b""


def test_the_end_of_the_port_ends_the_host_while_the_daemon_hangs(daemon: RunningDaemon) -> None:
    with running_host(daemon.environment) as host:
        host.hello()
        daemon.process.send_signal(signal.SIGSTOP)
        try:
            host.call(2, "daemon.status")
            assert host.close() == 0
        finally:
            daemon.process.send_signal(signal.SIGCONT)


def test_the_end_of_the_port_ends_the_host_while_the_daemon_starts(
    empty_home: dict[str, str],
) -> None:
    with running_host(empty_home) as host:
        assert host.close() == 0


def test_the_end_of_the_port_ends_the_connection(daemon: RunningDaemon) -> None:
    with running_host(daemon.environment) as host:
        host.hello()
        wait_until(lambda: connections_to(daemon) == 1, "no connection but the host's")
        host.close()
        wait_until(lambda: connections_to(daemon) == 0, "the end of the connection")


def test_a_termination_signal_ends_the_host_in_order(daemon: RunningDaemon) -> None:
    with running_host(daemon.environment) as host:
        host.hello()
        host.process.terminate()
        assert host.process.wait(LIMIT_S) == 0
        assert host.rest() == b""
        assert said_to_nobody(host) == b""


def test_a_message_of_two_gigabytes_is_refused_without_memory_for_it(
    daemon: RunningDaemon,
) -> None:
    with running_host(daemon.environment) as host:
        host.hello()
        pid = host.process.pid
        # To reserve what is announced would fail, not only show.
        resource.prlimit(pid, resource.RLIMIT_AS, (1024 * MEBIBYTE, 1024 * MEBIBYTE))
        host.send_raw(struct.pack("=I", 2 * 1024 * MEBIBYTE) + b"x" * 1000)
        refusal = host.receive()
        assert refusal["id"] is None
        assert error_code(refusal) == "too_large"
        _pid, status, usage = os.wait4(pid, 0)
        host.process.returncode = os.waitstatus_to_exitcode(status)
        assert host.process.returncode == 4
        assert host.rest() == b""
        # The kernel counts from what this test run held when it started the host.
        assert usage.ru_maxrss * 1024 < 512 * MEBIBYTE


def test_memory_stays_small_while_an_announced_message_never_comes(daemon: RunningDaemon) -> None:
    with running_host(daemon.environment) as host:
        host.hello()
        before = host.resident_bytes()
        host.send_raw(struct.pack("=I", MEBIBYTE) + b"[")
        time.sleep(0.2)
        assert host.resident_bytes() - before < 8 * MEBIBYTE
        assert host.process.poll() is None


@pytest.mark.parametrize("broken", [b"{", b"", b"\xff\xfe", b'{"a":"\xff"}', b"nonsense"])
def test_broken_json_is_answered_and_the_port_lives_on(
    daemon: RunningDaemon, broken: bytes
) -> None:
    with running_host(daemon.environment) as host:
        host.hello()
        host.send_bytes(broken)
        refusal = host.receive()
        assert refusal["id"] is None
        assert error_code(refusal) == "parse_error"
        assert pid_in(host.ask(2, "daemon.status")) == daemon.process.pid


def test_what_is_json_but_no_request_is_answered_by_the_daemon(daemon: RunningDaemon) -> None:
    with running_host(daemon.environment) as host:
        host.hello()
        for no_request in (b"[]", b"7", b'{"id": "x"}'):
            host.send_bytes(no_request)
            assert error_code(host.receive()) == "invalid_request"
        assert error_code(host.ask(3, "no.such.method")) == "unknown_method"


@pytest.mark.parametrize("sender", ["cli", "host", "somebody"])
def test_an_extension_cannot_speak_as_another_program(daemon: RunningDaemon, sender: str) -> None:
    with running_host(daemon.environment) as host:
        host.hello()
        host.send({"jsonrpc": "2.0", "id": 5, "method": "daemon.stop", "sender": sender})
        refusal = host.receive()
        assert refusal["id"] == 5
        assert error_code(refusal) == "sender_refused"
        assert daemon.process.poll() is None


def test_a_message_of_one_mebibyte_passes(either_daemon: RunningDaemon) -> None:
    with running_host(either_daemon.environment) as host:
        host.hello()
        message = json.dumps(
            {"jsonrpc": "2.0", "id": 2, "method": "daemon.status", "sender": "background"}
        ).encode()
        host.send_bytes(message[:-1] + b" " * (MEBIBYTE - len(message)) + b"}")
        assert pid_in(host.receive()) == either_daemon.process.pid


def test_no_daemon_is_no_obstacle(empty_home: dict[str, str]) -> None:
    with running_host(empty_home) as host:
        assert "result" in host.hello()
        started = pid_in(host.ask(2, "daemon.status"))
        assert daemons_of(empty_home) == [started]
        host.close()
    # It outlives the browser, and holds none of its pipes.
    assert daemons_of(empty_home) == [started]
    targets = [str(entry.readlink()) for entry in Path(f"/proc/{started}/fd").iterdir()]
    assert not [target for target in targets if target.startswith("pipe:")]


def test_hosts_that_begin_together_start_one_daemon(empty_home: dict[str, str]) -> None:
    with (
        running_host(empty_home) as one,
        running_host(empty_home, FIREFOX) as two,
        running_host(empty_home) as three,
    ):
        pids = set()
        for host in (one, two, three):
            host.hello()
            pids.add(pid_in(host.ask(2, "daemon.status")))
        assert len(pids) == 1
        assert daemons_of(empty_home) == list(pids)


def test_a_killed_daemon_is_replaced_and_the_extension_need_not_know(
    either_daemon: RunningDaemon,
) -> None:
    with running_host(either_daemon.environment) as host:
        host.hello()
        first = pid_in(host.ask(2, "daemon.status"))
        either_daemon.kill()
        second = status_after_a_restart(host, 3)
        assert second != first
        assert daemons_of(either_daemon.environment) == [second]


def test_a_request_in_flight_is_answered_when_the_daemon_is_killed(
    daemon: RunningDaemon,
) -> None:
    with running_host(daemon.environment) as host:
        host.hello()
        # A stopped process takes the request and never answers it.
        daemon.process.send_signal(signal.SIGSTOP)
        host.call(41, "daemon.status")
        host.call(42, "daemon.status")
        # The host answers this by itself, after it has passed on what came before.
        host.send_bytes(b"{")
        assert error_code(host.receive()) == "parse_error"
        daemon.kill()
        answers = [host.receive(), host.receive()]
        assert [answer["id"] for answer in answers] == [41, 42]
        assert [error_code(answer) for answer in answers] == ["daemon_gone", "daemon_gone"]
        assert status_after_a_restart(host, 43) > 0


def test_a_daemon_that_was_stopped_stays_stopped_until_it_is_wanted(
    daemon: RunningDaemon,
) -> None:
    with running_host(daemon.environment) as host:
        host.hello()
        assert daemon.stop() == 0
        time.sleep(1.0)
        assert daemons_of(daemon.environment) == []
        assert status_after_a_restart(host, 9) in daemons_of(daemon.environment)


def test_a_daemon_that_was_restarted_is_found_again(either_daemon: RunningDaemon) -> None:
    with running_host(either_daemon.environment) as host:
        host.hello()
        assert either_daemon.stop() == 0
        with running_daemon(either_daemon.environment) as again:
            assert status_after_a_restart(host, 9) == again.process.pid


def status_after_a_restart(host: RunningHost, request_id: int) -> int:
    """Return the pid of the daemon that answers; a call that met the old one is made again."""
    answer = host.ask(request_id, "daemon.status")
    if "error" in answer and error_code(answer) == "daemon_gone":
        answer = host.ask(request_id + 1000, "daemon.status")
    return pid_in(answer)


def test_each_request_is_told_when_the_daemon_cannot_be_had(empty_home: dict[str, str]) -> None:
    blocked = Path(empty_home["SHAREWISE_HOME"]) / "run"
    blocked.write_text("a file where the folder should be")
    with running_host(empty_home) as host:
        for request_id in (1, 2, 3):
            host.call(request_id, "daemon.status")
            answer = host.receive()
            assert answer["id"] == request_id
            assert error_code(answer) == "daemon_unreachable"
            assert "sharewise doctor" in json.dumps(answer)
        assert host.close() == 0


CHATTER = """
import os, subprocess, sys
from sharewise_host import session
from sharewise_host.__main__ import main

claim = session.claim_streams

def claim_and_chatter():
    streams = claim()
    print("stray print", flush=True)
    os.write(1, b"stray write")
    subprocess.run(["echo", "stray child"], check=True)
    assert sys.stdin.read() == ""
    return streams

session.claim_streams = claim_and_chatter
sys.exit(main())
"""


def test_only_frames_reach_the_browser_whatever_else_is_printed(daemon: RunningDaemon) -> None:
    command = (sys.executable, "-P", "-c", CHATTER)
    with running_host(daemon.environment, command=command) as host:
        assert host.hello()["id"] == 1
        assert host.close() == 0
        assert host.rest() == b""
        said = said_to_nobody(host)
        assert [word in said for word in (b"print", b"write", b"child")] == [True, True, True]


BREAKING = """
import sys
from sharewise_host import relay
from sharewise_host.__main__ import main

async def break_down(self, message):
    raise RuntimeError("something private")

relay.Relay._deliver = break_down
sys.exit(main())
"""


def test_a_defect_becomes_a_code_and_tells_nobody_more(daemon: RunningDaemon) -> None:
    command = (sys.executable, "-P", "-c", BREAKING)
    with running_host(daemon.environment, command=command) as host:
        answer = host.hello()
        assert answer["id"] is None
        assert error_code(answer) == "internal"
        assert host.process.wait(LIMIT_S) == 1
        assert said_to_nobody(host) == b"sharewise-host: internal: RuntimeError\n"
