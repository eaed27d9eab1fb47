"""The calls about the daemon itself."""

from __future__ import annotations

from collections.abc import Callable

import sharewise
from sharewise.api.calls import Calls
from sharewise.services.status import Status
from sharewise.wire.messages import (
    PROTOCOL,
    DaemonStatus,
    DaemonStatusResult,
    DaemonStop,
    Done,
    Hello,
    HelloResult,
)


def register(calls: Calls, status: Status, stop: Callable[[], None]) -> None:
    """Answer them; `stop` begins the end, which waits for the answers that are on their way."""

    async def hello(_call: Hello) -> HelloResult:
        return HelloResult(protocol=PROTOCOL, version=sharewise.__version__)

    async def now(_call: DaemonStatus) -> DaemonStatusResult:
        return await status.now()

    async def end(_call: DaemonStop) -> Done:
        stop()
        return Done()

    calls.heard = status.heard
    calls.on(Hello, hello)
    calls.on(DaemonStatus, now)
    calls.on(DaemonStop, end)
