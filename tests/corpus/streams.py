"""Compare how two videos play, with FFmpeg: every packet of picture and sound, and the turn."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

FORMATS = frozenset({"MP4"})
"""The formats whose files are films, by the names of reports."""
TIMEOUT_S = 120


@dataclass(frozen=True)
class Play:
    """How a film plays; nothing where FFmpeg cannot play it."""

    packets: str
    turns: tuple[str, ...]


def play(file: Path) -> Play:
    """Return a hash over the packets of each stream, and how each picture is turned.

    Pictures that only stand for the film (`-map 0:V` leaves them out) are metadata.
    """
    arguments = ["-v", "error", "-i", str(file), "-map", "0:V?", "-map", "0:a?"]
    hashed = _run(["ffmpeg", "-nostdin", *arguments, "-c", "copy", "-f", "streamhash", "-"])
    shown = [
        "-select_streams",
        "V",
        "-show_entries",
        "stream_side_data=rotation:stream_tags=rotate",
    ]
    probed = _run(["ffprobe", "-v", "error", *shown, "-of", "json", str(file)])
    streams = json.loads(probed or "{}").get("streams", [])
    return Play(hashed, tuple(json.dumps(stream, sort_keys=True) for stream in streams))


def _run(command: list[str]) -> str:
    ended = subprocess.run(command, capture_output=True, check=False, timeout=TIMEOUT_S)
    return ended.stdout.decode("utf-8", "replace")


def has_zero_times(data: bytes) -> bool:
    """Return whether the header of the film says no time at all."""
    at = data.find(b"mvhd")
    width = 16 if data[at + 4 : at + 5] == b"\x01" else 8
    return at > 0 and not any(data[at + 8 : at + 8 + width])
