"""Native-messaging frames: a 32-bit length in the machine's byte order, then UTF-8 JSON.

Source: developer.chrome.com, Native messaging protocol; MDN, Native messaging, "App side".
Sizes as measured in Chromium 156 and Firefox ESR 153.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError

HEADER = struct.Struct("=I")
MAX_TO_BROWSER_BYTES = 1024 * 1024
"""A longer frame from the host ends the port in both browsers; counted with the JSON."""
MAX_FROM_BROWSER_BYTES = 1024 * 1024
"""Our own bound: our largest message is a 192 kB part of a capture in base64."""
MAX_FRAME_BYTES = 1024 * 1024
"""The bound of the second hop, host to daemon: the same frames."""


def encode(message: bytes) -> bytes:
    """Return the frame of one JSON message. Raises SharewiseError(TOO_LARGE)."""
    if len(message) > MAX_TO_BROWSER_BYTES:
        raise SharewiseError(ErrorCode.TOO_LARGE, "An answer was too large for the browser.")
    return HEADER.pack(len(message)) + message


@dataclass(slots=True)
class Decoder:
    """Collects bytes and gives whole messages; never holds more than one frame and one read."""

    limit_bytes: int = MAX_FROM_BROWSER_BYTES
    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that these bytes complete, in order.

        Raises SharewiseError(TOO_LARGE) as soon as a length passes the limit: what follows it
        cannot be told apart from a frame any more, so the stream is over.
        """
        self._buffer += data
        messages: list[bytes] = []
        while len(self._buffer) >= HEADER.size:
            (length,) = HEADER.unpack_from(self._buffer)
            if length > self.limit_bytes:
                raise SharewiseError(
                    ErrorCode.TOO_LARGE,
                    f"A message of {length} bytes was announced; "
                    f"at most {self.limit_bytes} are taken.",
                )
            end = HEADER.size + length
            if len(self._buffer) < end:
                break
            messages.append(bytes(self._buffer[HEADER.size : end]))
            del self._buffer[:end]
        return messages

    @property
    def is_between_frames(self) -> bool:
        """Whether the stream may end here without losing part of a message."""
        return not self._buffer
