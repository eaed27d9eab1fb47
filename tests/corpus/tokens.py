"""Look for a canary's token in a cleaned file, in every disguise that metadata comes in."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator

INFLATED_BYTES = 16 * 1024 * 1024
_ZLIB_START = re.compile(rb"[\x08\x18\x28\x38\x48\x58\x68\x78][\x00-\xff]")
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/=\r\n]{16,}")
_HEX_RUN = re.compile(rb"[0-9A-Fa-f\s]{16,}")


def tokens_left(data: bytes, tokens: list[str]) -> list[str]:
    """Return the tokens that are still in the file, in whatever form."""
    left: list[str] = []
    views = [data, *unwrapped(data)]
    for token in tokens:
        forms = disguises(token)
        if any(form in view for view in views for form in forms):
            left.append(token)
    return left


def disguises(token: str) -> list[bytes]:
    """Return a token as it would stand in the file in each encoding of text."""
    plain = token.encode()
    return [
        plain,
        token.encode("utf-16-le"),
        token.encode("utf-16-be"),
        plain.hex().encode(),
        plain.hex().upper().encode(),
        *base64_forms(plain),
    ]


def base64_forms(plain: bytes) -> list[bytes]:
    """Return the part of a token's Base64 that does not hang on what is around it."""
    forms: list[bytes] = []
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + plain)
        start = (0, 2, 3)[before]
        end = len(encoded) - 4 if (before + len(plain)) % 3 else len(encoded)
        forms.append(encoded[start:end])
    return forms


def unwrapped(data: bytes) -> Iterator[bytes]:
    """Yield what is inside the file's zlib streams, hexadecimal runs and Base64 runs."""
    for inflated in streams(data):
        yield inflated
        yield from plain_runs(inflated)
    yield from plain_runs(data)


def streams(data: bytes) -> Iterator[bytes]:
    """Yield what each zlib stream in the file holds, as far as it can be inflated."""
    end = 0
    for match in _ZLIB_START.finditer(data):
        start = match.start()
        if start < end or int.from_bytes(match.group(), "big") % 31:
            continue
        stream = zlib.decompressobj()
        try:
            inflated = stream.decompress(data[start:], INFLATED_BYTES)
        except zlib.error:
            continue
        if stream.eof:
            end = len(data) - len(stream.unused_data)
        if inflated:
            yield inflated


def plain_runs(data: bytes) -> Iterator[bytes]:
    """Yield the bytes behind runs of hexadecimal digits and of Base64."""
    for match in _HEX_RUN.finditer(data):
        digits = b"".join(match.group().split())
        yield bytes.fromhex(digits[: len(digits) & ~1].decode())
    for match in _BASE64_RUN.finditer(data):
        text = re.sub(rb"[\r\n=]", b"", match.group())
        yield base64.b64decode(text[: len(text) - len(text) % 4])
