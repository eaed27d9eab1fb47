"""Writes a PNG of eight-bit RGB while its rows come. Source: ISO/IEC 15948:2004."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from sharewise.artefacts.png import SIGNATURE
from sharewise.seals.digests import Digester

COMPRESSION = 2
"""Of zlib: screenshots get hardly smaller beyond it, and the person is waiting."""


class Packer:
    """Packs rows as a PNG holds them. Source: ISO/IEC 15948:2004, 9 and 10."""

    def __init__(self, width: int) -> None:
        self._stream = zlib.compressobj(COMPRESSION)
        self._row_bytes = width * 3

    def packed(self, pixels: bytes) -> bytes:
        """Take rows; each is stored unfiltered, which suits text on flat ground."""
        view = memoryview(pixels)
        step = self._row_bytes
        filtered = b"".join(
            part for at in range(0, len(view), step) for part in (b"\0", view[at : at + step])
        )
        return self._stream.compress(filtered)

    def rest(self) -> bytes:
        """Return the end of the stream."""
        return self._stream.flush()


class PngWriter:
    """Writes what stands around the packed rows. Source: ISO/IEC 15948:2004, 5 and 11."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self.digester = Digester()

    def begin(self, width: int, height: int, profile: bytes | None) -> None:
        """Write what stands before the pixels."""
        self._put(SIGNATURE)
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        if profile is not None:
            self._chunk(b"iCCP", b"Screen\0\0" + zlib.compress(profile))

    def pixels(self, packed: bytes) -> None:
        """Write some of what `Packer` gave."""
        if packed:
            self._chunk(b"IDAT", packed)

    def end(self) -> None:
        """Write the end."""
        self._chunk(b"IEND", b"")

    def _chunk(self, kind: bytes, data: bytes) -> None:
        check_sum = zlib.crc32(data, zlib.crc32(kind))
        self._put(len(data).to_bytes(4, "big") + kind + data + check_sum.to_bytes(4, "big"))

    def _put(self, data: bytes) -> None:
        self._output.write(data)
        self.digester.update(data)
