"""For every test: properties are judged by what they find, never by the time it takes."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

# In CI the same commit has the same examples; what looks for new ones is `python3 tests fuzz`.
settings.register_profile("sharewise", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("sharewise")


def pytest_configure() -> None:
    """A run that is told to end (SIGTERM) ends its browsers and daemons first, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
