"""Who gets in: each rule alone keeps out."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping

import pytest

from sharewise.api.access import LoopbackAccess, SocketAccess

TOKEN = "t" * 43
GOOD: dict[str, str] = {"Host": "127.0.0.1:4000", "Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    """One end of a connection over loopback."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as connection,
    ):
        yield connection


@pytest.mark.parametrize(
    ("headers", "is_admitted"),
    [
        (GOOD, True),
        ({}, False),
        ({"Host": "127.0.0.1:4000"}, False),
        ({"Authorization": f"Bearer {TOKEN}"}, False),
        ({**GOOD, "Authorization": TOKEN}, False),
        ({**GOOD, "Authorization": f"bearer {TOKEN}"}, False),
        ({**GOOD, "Authorization": f"Bearer {TOKEN}\udcff"}, False),
        ({**GOOD, "Host": "127.0.0.1"}, False),
        ({**GOOD, "Host": "localhost:4000"}, False),
        ({**GOOD, "Host": "127.0.0.1:4001"}, False),
        ({**GOOD, "Origin": "https://example.org"}, False),
        ({**GOOD, "Origin": ""}, False),
    ],
)
def test_loopback_needs_token_and_host_and_no_origin(
    peer: socket.socket, headers: Mapping[str, str], *, is_admitted: bool
) -> None:
    assert LoopbackAccess(4000, TOKEN).admits(peer, headers) is is_admitted


@pytest.mark.parametrize(
    ("uid", "headers", "is_admitted"),
    [
        (1000, {}, True),
        (1001, {}, False),
        (0, {}, False),
        (1000, {"Origin": "null"}, False),
    ],
)
def test_the_socket_is_for_one_user_and_no_page(
    peer: socket.socket, uid: int, headers: Mapping[str, str], *, is_admitted: bool
) -> None:
    access = SocketAccess(allowed_uid=1000, uid_of=lambda _peer: uid)
    assert access.admits(peer, headers) is is_admitted
