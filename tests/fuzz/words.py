"""The magic words of the formats, read from their code: a new format brings its own by itself."""

from __future__ import annotations

import ast
from pathlib import Path

import sharewise.formats

SIZES = range(2, 41)
ALWAYS = (
    *(b"Exif\0\0II*\0\x08\0\0\0", b"Exif\0\0MM\0*\0\0\0\x08", b"\x87\x69", b"\x88\x25"),
    *(b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\x01", b"\0\0\0\0"),
    *(b"\xff" * 8, b"\x7f" + b"\xff" * 7, b"\x80" + b"\0" * 7),
    *(b"<!DOCTYPE x [<!ENTITY a '", b"&a;&a;&a;", b"<rdf:Description ", b"<x:xmpmeta>"),
)


def magic_words() -> list[bytes]:
    """Return every short bytes constant in the code of the formats, sorted."""
    words = set(ALWAYS)
    for folder in sharewise.formats.__path__:
        for file in Path(folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
                    words.add(node.value)
    return sorted(word for word in words if len(word) in SIZES)


def dictionary(words: list[bytes]) -> str:
    """Return words as libFuzzer reads them."""
    lines = ("".join(f"\\x{byte:02x}" for byte in word) for word in words)
    return "".join(f'"{line}"\n' for line in lines)
