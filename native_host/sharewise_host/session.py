"""One port of one browser, from the check of the caller to the exit code."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.places import places
from sharewise.wire import framing, jsonrpc
from sharewise_host.identity import Caller
from sharewise_host.link import Dialler
from sharewise_host.port import BrowserPort, Streams, claim_streams
from sharewise_host.relay import EXIT_ENDED, Relay

EXIT_BROKEN = 1
EXIT_REFUSED = 3


def run_session(caller: Caller) -> int:
    """Relay for this caller until its port closes; returns the exit code."""
    streams = claim_streams()
    if not caller.is_ours:
        say(streams, refused())
        return EXIT_REFUSED
    try:
        return asyncio.run(relay(streams))
    except asyncio.CancelledError:  # by a signal, or because the browser reads no more
        return EXIT_ENDED
    except Exception as error:  # noqa: BLE001  the edge: the browser gets a code
        # The kind alone: a message could hold what nobody else should read.
        print(f"sharewise-host: {ErrorCode.INTERNAL}: {kind_of(error)}", file=sys.stderr)
        say(streams, broken())
        return EXIT_BROKEN


async def relay(streams: Streams) -> int:
    """Relay between these streams and the daemon."""
    loop = asyncio.get_running_loop()
    ourselves = asyncio.current_task()
    assert ourselves is not None

    def stop() -> None:
        ourselves.cancel()

    with contextlib.suppress(NotImplementedError):  # Windows ends the process itself
        loop.add_signal_handler(signal.SIGTERM, stop)
    port = BrowserPort(streams, on_gone=stop)
    port.open()
    return await Relay(port, Dialler(places(), os.environ).dial).run()


def say(streams: Streams, error: SharewiseError) -> None:
    """Write one error to the browser, if it still listens."""
    frame = framing.encode(jsonrpc.encode_error(error, request_id=None))
    with contextlib.suppress(OSError):
        os.write(streams.outgoing, frame)


def kind_of(error: BaseException) -> str:
    """Return the name of an error's type, of the first inside where it is a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__


def refused() -> SharewiseError:
    """Return the error for an extension that is not ours."""
    return SharewiseError(
        ErrorCode.CALLER_REFUSED,
        "This extension may not use Sharewise. Only the Sharewise extension may.",
    )


def broken() -> SharewiseError:
    """Return the error for a defect of our own."""
    return SharewiseError(
        ErrorCode.INTERNAL,
        "The connection to Sharewise broke. Reload the extension; run 'sharewise doctor' if it "
        "happens again.",
    )
