"""What every message is, and those of the connection and of watching.

The modules of `wire.calls` together are the only definition of what crosses the two hops.

`python -m sharewise.dev.generate` writes the extension's types and run-time shapes from here.
A call states its method, who may make it and what it is answered with. Bytes travel as base64.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Generic, Literal, TypeVar

import msgspec

PROTOCOL = 1
"""Raised whenever a message changes so that the other side must know."""
PART_BYTES = 192 * 1024
"""The most bytes in one part of a capture or one answer to a range, before base64."""


class Sender(StrEnum):
    """Who speaks. The background worker sets it from what the browser says of the caller."""

    PAGE = "page"
    """One of the extension's own pages: popup, options, guide."""
    CONTENT = "content"
    """A content script in somebody's page."""
    BACKGROUND = "background"
    HOST = "host"
    CLI = "cli"


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that travels; unknown fields are refused."""


Result_co = TypeVar("Result_co", covariant=True)


class Call(Message, Generic[Result_co], frozen=True):
    """A message that asks for something and is answered with a `Result_co`."""

    METHOD: ClassVar[str]
    SENDERS: ClassVar[frozenset[Sender]]
    RESULT: ClassVar[object]
    """`Result_co` again, for programs that run: a Message or a union of Messages."""


PAGES = frozenset({Sender.PAGE})
EXTENSION = frozenset({Sender.PAGE, Sender.BACKGROUND})
PEOPLE = frozenset({Sender.PAGE, Sender.CLI})


class Done(Message, frozen=True):
    """It was done; there is nothing more to say."""


# --- the connection -----------------------------------------------------------------------------


class HelloResult(Message, frozen=True):
    """The daemon's side of the first exchange."""

    protocol: int
    version: str


class Hello(Call[HelloResult], frozen=True):
    """The first call on every connection; the protocol numbers must be equal."""

    METHOD = "hello"
    SENDERS = frozenset({Sender.BACKGROUND, Sender.HOST, Sender.CLI})
    RESULT = HelloResult
    protocol: int
    version: str


class FolderState(Message, frozen=True):
    """One folder that is watched or could be."""

    path: str
    provider: str
    """"folder" for one the person named, else the client: "dropbox", "nextcloud", "syncthing"."""
    mode: Literal["off", "tell", "clean"]
    is_reachable: bool
    private_count: int
    """Files seen there with something private since the daemon started."""
    cleaned_count: int
    problem: str | None = None
    """A code from `base/codes.py` for what hinders watching there: "watch_limit", "disk_full"."""


class DaemonStatusResult(Message, frozen=True):
    """How the daemon is."""

    version: str
    protocol: int
    pid: int
    uptime_s: float
    is_watching_paused: bool
    folders: tuple[FolderState, ...]
    case_count: int
    capture_count: int
    is_ready: bool = True
    """False in the first moment of a daemon: folders and counts are not known yet."""
    vault_problem: str | None = None
    """A code from `base/codes.py` for why nothing can be sealed or counted: "busy" while another
    daemon has the vault open. The counts are those of before then."""
    extension_heard_s: float | None = None
    """How long ago the extension of any browser last asked for something; null: not since the
    daemon started. Nothing else is known of it, and it is written nowhere."""


class DaemonStatus(Call[DaemonStatusResult], frozen=True):
    """Ask how the daemon is."""

    METHOD = "daemon.status"
    SENDERS = frozenset({Sender.PAGE, Sender.BACKGROUND, Sender.HOST, Sender.CLI})
    RESULT = DaemonStatusResult


class DaemonStop(Call[Done], frozen=True):
    """End the daemon in order: nothing half-written stays."""

    METHOD = "daemon.stop"
    SENDERS = frozenset({Sender.CLI})
    RESULT = Done


# --- watching -----------------------------------------------------------------------------------


class WatchListResult(Message, frozen=True):
    """Every folder that is watched, and those of sync clients that could be."""

    is_paused: bool
    folders: tuple[FolderState, ...]


class WatchList(Call[WatchListResult], frozen=True):
    """List folders."""

    METHOD = "watch.list"
    SENDERS = PEOPLE
    RESULT = WatchListResult


class WatchAdd(Call[FolderState], frozen=True):
    """Watch a folder that the person names; absolute path."""

    METHOD = "watch.add"
    SENDERS = PEOPLE
    RESULT = FolderState
    path: str
    mode: Literal["tell", "clean"] = "tell"


class WatchSet(Call[FolderState], frozen=True):
    """Choose what is done with private files in a folder."""

    METHOD = "watch.set"
    SENDERS = PEOPLE
    RESULT = FolderState
    path: str
    mode: Literal["off", "tell", "clean"]


class WatchRemove(Call[Done], frozen=True):
    """Forget a folder; its files and kept originals stay."""

    METHOD = "watch.remove"
    SENDERS = PEOPLE
    RESULT = Done
    path: str


class WatchPause(Call[WatchListResult], frozen=True):
    """Pause or go on with all watching."""

    METHOD = "watch.pause"
    SENDERS = PEOPLE
    RESULT = WatchListResult
    is_paused: bool


class WatchUndo(Call[Done], frozen=True):
    """Put the untouched original of a cleaned file back; absolute path."""

    METHOD = "watch.undo"
    SENDERS = PEOPLE
    RESULT = Done
    path: str


CALLS: tuple[type[Call[object]], ...] = (
    Hello,
    DaemonStatus,
    DaemonStop,
    WatchList,
    WatchAdd,
    WatchSet,
    WatchRemove,
    WatchPause,
    WatchUndo,
)
"""Those of this module; `wire.calls` has them all."""
