"""The calls that look at a file in a page."""

from __future__ import annotations

from sharewise.api.calls import Caller, Calls
from sharewise.services.photos import Photos
from sharewise.wire.messages import Done
from sharewise.wire.photos import PhotoAnswer, PhotoClose, PhotoOpen, PhotoStep


def register(calls: Calls, photos: Photos) -> None:
    """Answer them; a session belongs to the connection that opened it."""

    async def begin(call: PhotoOpen, caller: Caller) -> PhotoStep:
        return await photos.open(call, caller.connection_id)

    async def go_on(call: PhotoAnswer, caller: Caller) -> PhotoStep:
        return await photos.answer(call, caller.connection_id)

    async def close(call: PhotoClose, caller: Caller) -> Done:
        photos.close(call.session_id, caller.connection_id)
        return Done()

    calls.on_behalf(PhotoOpen, begin)
    calls.on_behalf(PhotoAnswer, go_on)
    calls.on_behalf(PhotoClose, close)
