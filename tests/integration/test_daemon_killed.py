"""The daemon is killed while it owes an answer: the client is told, the next daemon is clean."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.cli import client
from sharewise.cli.client import ask
from sharewise.wire.captures import CaseList, CaseNote
from sharewise.wire.messages import DaemonStatus
from support.daemon import RunningDaemon, home_for_daemon, running_daemon


@pytest.fixture(params=["unix", "tcp"])
def environment(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    with home_for_daemon(request.param) as made:
        yield made


def killed_while_it_owes_an_answer(daemon: RunningDaemon) -> SharewiseError:
    """Hold the daemon still, ask it, kill it, and return what the client was told."""
    told: list[SharewiseError] = []
    is_asking = threading.Event()

    def ask_it() -> None:
        is_asking.set()
        try:
            daemon.ask(CaseList())
        except SharewiseError as error:
            told.append(error)

    daemon.process.send_signal(signal.SIGSTOP)
    asking = threading.Thread(target=ask_it)
    asking.start()
    is_asking.wait()
    asking.join(0.2)
    assert asking.is_alive(), "it waits for its answer"
    daemon.kill()
    asking.join(10)
    (error,) = told
    return error


def test_a_client_is_told_and_a_new_daemon_starts_clean(environment: dict[str, str]) -> None:
    with running_daemon(environment) as daemon:
        daemon.ready()
        error = killed_while_it_owes_an_answer(daemon)
        assert error.code in {ErrorCode.DAEMON_GONE, ErrorCode.DAEMON_UNREACHABLE}
        assert "daemon" in error.message.lower()
    with running_daemon(environment) as following:
        assert following.ready().case_count == 0


def test_killed_after_hello_is_a_daemon_that_is_gone(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_daemon(environment) as daemon:
        exchange = client._exchange

        def kill_after_hello(*arguments: object, **named: object) -> object:
            if named["request_id"] == 2:
                daemon.kill()
            return exchange(*arguments, **named)  # type: ignore[arg-type]  # handed on as it came

        monkeypatch.setattr(client, "_exchange", kill_after_hello)
        with pytest.raises(SharewiseError) as caught:
            daemon.ask(DaemonStatus())
    assert caught.value.code is ErrorCode.DAEMON_GONE
    assert "try again" in caught.value.message


def test_the_command_line_starts_a_daemon_when_there_is_none(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("SHAREWISE_HOME", "SHAREWISE_TRANSPORT"):
        monkeypatch.setenv(key, environment[key])
    with pytest.raises(SharewiseError) as caught:
        ask(DaemonStatus(), start=False)
    assert caught.value.code is ErrorCode.DAEMON_UNREACHABLE
    assert "sharewise daemon start" in caught.value.message

    with running_daemon(environment) as daemon:
        assert ask(DaemonStatus()).pid == daemon.process.pid


def test_a_request_over_the_limit_is_refused_before_it_is_sent(
    environment: dict[str, str],
) -> None:
    with running_daemon(environment) as daemon:
        with pytest.raises(SharewiseError) as caught:
            daemon.ask(CaseNote(case_id="1", text="x" * 2_000_000))
        assert caught.value.code is ErrorCode.TOO_LARGE
        assert daemon.ask(DaemonStatus()).pid == daemon.process.pid
