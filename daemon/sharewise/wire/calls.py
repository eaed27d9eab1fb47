"""Every call that the daemon answers, by its method."""

from __future__ import annotations

from sharewise.wire import captures, evidence, items, messages, packages, photos
from sharewise.wire.messages import Call

MODULES = (messages, photos, captures, evidence, items, packages)
"""Where messages are defined, each after those that it uses."""
CALLS: tuple[type[Call[object]], ...] = tuple(call for module in MODULES for call in module.CALLS)
METHODS: dict[str, type[Call[object]]] = {call.METHOD: call for call in CALLS}
