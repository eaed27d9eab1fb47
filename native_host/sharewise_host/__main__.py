"""`sharewise-host`: relays for the browser that started it, or registers with browsers."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

from sharewise_host.identity import caller_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as the browser or the person asked; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # Each way imports only what it needs: a browser waits for the first answer.
    caller = caller_of(words)
    if caller is None:
        from sharewise_host.commands import run_command  # lazy

        return run_command(words)
    # Nothing that an import makes is garbage; looking for some costs a tenth of the start.
    gc.disable()
    from sharewise_host.session import run_session  # lazy

    gc.freeze()
    gc.enable()
    return run_session(caller)


if __name__ == "__main__":
    sys.exit(main())
