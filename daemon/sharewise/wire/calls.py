"""Every call that the daemon answers, by its method."""

from __future__ import annotations

from sharewise.wire import evidence, messages
from sharewise.wire.messages import Call

CALLS: tuple[type[Call[object]], ...] = (*messages.CALLS, *evidence.CALLS)
METHODS: dict[str, type[Call[object]]] = {call.METHOD: call for call in CALLS}
