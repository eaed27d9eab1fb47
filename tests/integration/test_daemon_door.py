"""Who gets into a real daemon: this user's own programs, and neither other users nor web pages."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping

import msgspec
import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.places import LOOPBACK, Endpoint, peer_uid, places, reach
from sharewise.wire.messages import DaemonStatus
from support.daemon import RunningDaemon, home_for_daemon, running_daemon

NOBODY_UID = 65534


@pytest.fixture(scope="module")
def over_tcp() -> Iterator[RunningDaemon]:
    with home_for_daemon("tcp") as environment, running_daemon(environment) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def over_unix() -> Iterator[RunningDaemon]:
    with home_for_daemon("unix") as environment, running_daemon(environment) as daemon:
        yield daemon


def endpoint_of(daemon: RunningDaemon) -> Endpoint:
    return msgspec.json.decode(daemon.places.endpoint.read_bytes(), type=Endpoint)


def knock(connection: socket.socket, headers: Mapping[str, str], path: str = "/rpc") -> int:
    """Ask for a WebSocket with these headers and return the HTTP status."""
    lines = [
        f"GET {path} HTTP/1.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
    connection.settimeout(10)
    return int(connection.recv(4096).split(b" ")[1])


def knock_at_tcp(daemon: RunningDaemon, **changed: str | None) -> int:
    """Knock as our own programs do, but for what is changed (None: left out)."""
    endpoint = endpoint_of(daemon)
    headers: dict[str, str | None] = {
        "Host": f"{LOOPBACK}:{endpoint.port}",
        "Authorization": f"Bearer {endpoint.token}",
        **changed,
    }
    with socket.create_connection((LOOPBACK, endpoint.port)) as connection:
        return knock(
            connection, {name: value for name, value in headers.items() if value is not None}
        )


def test_the_token_opens_the_door(over_tcp: RunningDaemon) -> None:
    assert knock_at_tcp(over_tcp) == 101


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic x", "Bearer \xff\xfe"]
)
def test_a_wrong_token_is_refused(over_tcp: RunningDaemon, authorization: str | None) -> None:
    assert knock_at_tcp(over_tcp, Authorization=authorization) == 403


def test_part_of_the_token_is_refused(over_tcp: RunningDaemon) -> None:
    token = endpoint_of(over_tcp).token
    assert knock_at_tcp(over_tcp, Authorization=f"Bearer {token[:-1]}") == 403
    assert knock_at_tcp(over_tcp, Authorization=f"Bearer {token}x") == 403


@pytest.mark.parametrize("host", ["localhost", "evil.example", "127.0.0.1", "127.0.0.1:1"])
def test_a_name_that_was_bent_to_this_computer_is_refused(
    over_tcp: RunningDaemon, host: str
) -> None:
    assert knock_at_tcp(over_tcp, Host=host) == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "chrome-extension://abc", "moz-extension://abc", ""]
)
def test_whatever_a_browser_opens_is_refused(over_tcp: RunningDaemon, origin: str) -> None:
    assert knock_at_tcp(over_tcp, Origin=origin) == 403


def test_an_origin_is_refused_on_the_unix_socket_too(over_unix: RunningDaemon) -> None:
    with reach(over_unix.places, over_unix.environment).connection as connection:
        assert knock(connection, {"Host": "x", "Origin": "https://evil.example"}) == 403
    with reach(over_unix.places, over_unix.environment).connection as connection:
        assert knock(connection, {"Host": "x"}) == 101


def test_there_is_no_other_route(over_unix: RunningDaemon) -> None:
    with reach(over_unix.places, over_unix.environment).connection as connection:
        assert knock(connection, {"Host": "x"}, path="/") == 404


def test_each_start_has_a_token_and_a_port_of_its_own() -> None:
    found = []
    with home_for_daemon("tcp") as environment:
        for _ in range(2):
            with running_daemon(environment) as daemon:
                found.append(endpoint_of(daemon).token)
    assert found[0] != found[1]
    assert min(map(len, found)) >= 43


def test_the_kernel_says_whose_the_daemon_is(over_unix: RunningDaemon) -> None:
    with reach(over_unix.places, over_unix.environment).connection as connection:
        assert peer_uid(connection) == os.geteuid()


AS_ANOTHER_USER = """
import os, socket, sys
os.setgid({uid}); os.setuid({uid})
with socket.socket(socket.AF_UNIX) as connection:
    connection.settimeout(10)
    try:
        connection.connect(sys.argv[1])
    except PermissionError:
        print("kept out")
        raise SystemExit
    connection.sendall(b"GET /rpc HTTP/1.1\\r\\nHost: x\\r\\nUpgrade: websocket\\r\\n"
        b"Connection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n")
    print(connection.recv(100).split(b" ")[1].decode())
"""


def knock_as_another_user(daemon: RunningDaemon) -> str:
    script = AS_ANOTHER_USER.format(uid=NOBODY_UID)
    return subprocess.run(
        [sys.executable, "-c", script, str(daemon.places.socket)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout.strip()


def open_to_everybody(daemon: RunningDaemon) -> None:
    daemon.home.chmod(0o755)
    daemon.places.runtime.chmod(0o755)
    daemon.places.socket.chmod(0o666)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_is_kept_out_by_the_folder_and_refused_behind_it() -> None:
    with running_daemon() as daemon:
        assert knock_as_another_user(daemon) == "kept out"
        open_to_everybody(daemon)
        assert knock_as_another_user(daemon) == "403"
        assert daemon.ask(DaemonStatus()).pid == daemon.process.pid


LISTEN_AS_ANOTHER_USER = """
import os, socket, sys
os.setgid({uid}); os.setuid({uid})
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1]); listener.listen()
    print("listening", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_socket_that_another_user_answers_is_never_spoken_to() -> None:
    with home_for_daemon() as environment:
        where = places(environment)
        where.runtime.mkdir(parents=True)
        where.runtime.chmod(0o777)
        where.runtime.parent.chmod(0o755)
        with subprocess.Popen(
            [
                sys.executable,
                "-c",
                LISTEN_AS_ANOTHER_USER.format(uid=NOBODY_UID),
                str(where.socket),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"listening\n"
            with pytest.raises(SharewiseError) as caught:
                reach(where, environment)
            assert caught.value.code is ErrorCode.CALLER_REFUSED
            other.communicate()
