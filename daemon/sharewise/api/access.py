"""Who may open a connection: this user's own programs, and never a web page."""

from __future__ import annotations

import hmac
import socket
from asyncio.trsock import TransportSocket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sharewise.places import LOOPBACK, peer_uid


class Access(Protocol):
    """Decides over one connection before anything of it is answered."""

    def admits(self, peer: TransportSocket | socket.socket, headers: Mapping[str, str]) -> bool:
        """Return whether this peer, with these HTTP headers, may go on."""
        ...


@dataclass(frozen=True, slots=True)
class SocketAccess:
    """For the Unix socket: only programs of one user. Its folder keeps others out already."""

    allowed_uid: int
    uid_of: Callable[[TransportSocket | socket.socket], int] = peer_uid

    def admits(self, peer: TransportSocket | socket.socket, headers: Mapping[str, str]) -> bool:
        """Ask the kernel, not the peer, whose program it is."""
        return self.uid_of(peer) == self.allowed_uid and "Origin" not in headers


@dataclass(frozen=True, slots=True)
class LoopbackAccess:
    """For TCP: only who could read the private endpoint file.

    A browser always sends `Origin` with a WebSocket, so any of them is refused; `Host` must be
    the address itself, so that a name that was bent to point here (DNS rebinding) is refused too.
    """

    port: int
    token: str

    def admits(self, peer: TransportSocket | socket.socket, headers: Mapping[str, str]) -> bool:
        """Compare in constant time: a wrong token must not tell how much of it is right."""
        if peer.getpeername()[0] != LOOPBACK:
            return False
        given = headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        has_token = hmac.compare_digest(given, f"Bearer {self.token}".encode())
        is_direct = headers.get("Host") == f"{LOOPBACK}:{self.port}"
        return has_token and is_direct and "Origin" not in headers
