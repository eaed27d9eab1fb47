"""What a file's content comes to, taken in one pass."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Digest:
    """The figures of one content."""

    sha256: str
    """Lower-case hexadecimal."""
    size_bytes: int
    crc32: int
    """As zips have it."""


@dataclass(slots=True)
class Digester:
    """Takes content piece by piece."""

    size_bytes: int = 0
    _crc32: int = 0
    _sha256: hashlib._Hash = field(default_factory=hashlib.sha256)

    def update(self, piece: bytes) -> None:
        """Add what follows."""
        self._sha256.update(piece)
        self._crc32 = zlib.crc32(piece, self._crc32)
        self.size_bytes += len(piece)

    def digest(self) -> Digest:
        """Return the figures of what was added so far."""
        return Digest(self._sha256.hexdigest(), self.size_bytes, self._crc32)


def digest_chunks(chunks: Iterable[bytes]) -> Digest:
    """Return the figures of a content that comes in pieces."""
    digester = Digester()
    for chunk in chunks:
        digester.update(chunk)
    return digester.digest()


def digest_of(content: bytes) -> Digest:
    """Return the figures of a content in memory."""
    return digest_chunks((content,))
