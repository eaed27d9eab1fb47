"""Print results: for people in plain words, for programs as one JSON object a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from sharewise.formats.contract import Kind
from sharewise.seals.names import printable

WORDS: dict[Kind, str] = {
    Kind.LOCATION: "location",
    Kind.PERSON: "person",
    Kind.DEVICE: "device",
    Kind.SERIAL: "serial number",
    Kind.TIME: "time",
    Kind.SOFTWARE: "software",
    Kind.THUMBNAIL: "thumbnail",
    Kind.DESCRIPTION: "description",
    Kind.HISTORY: "edit history",
    Kind.HIDDEN_MEDIA: "hidden media",
    Kind.MAKER_NOTE: "maker's notes",
    Kind.PROVENANCE: "provenance",
    Kind.IDENTIFIER: "identifier",
    Kind.FILENAME: "file name",
    Kind.OTHER: "other",
}
"""The words of a person for each kind."""

Json: TypeAlias = str | int | Sequence["Json"] | Mapping[str, "Json"] | None


def say(text: str) -> None:
    """Print a line for people; what the terminal cannot show is written as an escape."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))


def complain(shown: str, reason: str) -> None:
    """Print to standard error what is wrong with a file."""
    encoding = sys.stderr.encoding or "utf-8"
    text = f"sharewise: {printable(shown)}: {printable(reason)}"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)


def print_json(record: Mapping[str, Json]) -> None:
    """Print one object on one line."""
    print(json_line(record))


def json_line(record: Mapping[str, Json]) -> str:
    """Return one object on one line, in ASCII: an odd file name survives as its escapes."""
    return json.dumps(record)


def in_words(kinds: Iterable[Kind]) -> str:
    """Return kinds as people say them: "location, time"."""
    return ", ".join(WORDS[kind] for kind in dict.fromkeys(kinds))


def size_in_words(size_bytes: int) -> str:
    """Return a size as people say it: "3.2 MB"."""
    size = float(size_bytes)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def count_in_words(count: int, one: str, many: str) -> str:
    """Return a count with its noun: "1 file", "1,204 files"."""
    return f"{count:,} {one if count == 1 else many}"
