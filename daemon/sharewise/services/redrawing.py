"""Have a picture drawn anew where nothing else can make it clean, by a process that is bounded."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import assert_never

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import Malformed, SharewiseError
from sharewise.disk.faults import explained
from sharewise.disk.reading import OpenFile
from sharewise.formats import engine, judge
from sharewise.formats.contract import AlreadyClean, Examined, Plan
from sharewise.services.drawing import FILE_BYTES, Verdict

TIMEOUT_S = 180.0
CHILD = (sys.executable, "-P", "-m", "sharewise.services.drawing")
"""-P: a folder of photos may hold a PIL.py."""


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A copy that shows the same, made of new picture data, and proved to give nothing away."""

    data: bytes
    format: str
    kept: tuple[str, ...]


def redraw(file: OpenFile) -> Redrawn:
    """Return a copy of a picture that was drawn anew.

    Raises SharewiseError: UNSUPPORTED if it cannot be drawn, TOO_LARGE, VERIFY_FAILED.
    """
    if file.size_bytes > FILE_BYTES:
        raise _refusal(Verdict.TOO_LARGE)
    return _proved(_drawn(file))


def _drawn(file: OpenFile) -> bytes:
    """Return what the process gives, of which no more than a bound is ever held."""
    with explained():
        os.lseek(file.descriptor, 0, os.SEEK_SET)
        child = subprocess.Popen(
            CHILD, stdin=file.descriptor, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    stop = threading.Timer(TIMEOUT_S, child.kill)
    stop.start()
    with child:
        try:
            assert child.stdout is not None
            data = child.stdout.read(FILE_BYTES + 1)
            if len(data) > FILE_BYTES:
                raise _refusal(Verdict.TOO_LARGE)
            code = child.wait()
        finally:
            stop.cancel()
            child.kill()
    file.bytes_read += file.size_bytes
    if code == Verdict.DRAWN:
        return data
    raise _refusal(next((verdict for verdict in Verdict if verdict == code), None))


def _proved(drawn: bytes) -> Redrawn:
    """Return a drawn copy once our own look at it finds nothing; an encoder may add something."""
    try:
        data = drawn
        judged = engine.run(judge.plan(engine.source_of(data)), data)
        if isinstance(judged, Examined) and isinstance(judged.cleaning, Plan):
            data = engine.apply(judged.cleaning, data)
            judged = engine.run(judge.plan(engine.source_of(data)), data)
    except Malformed as error:
        raise _unproved() from error
    if not isinstance(judged, Examined) or not isinstance(judged.cleaning, AlreadyClean):
        raise _unproved()
    return Redrawn(data, judged.report.format, judged.cleaning.kept)


def _unproved() -> SharewiseError:
    return SharewiseError(
        ErrorCode.VERIFY_FAILED,
        "Looked at again, the re-drawn copy was not clean, so nothing was written. Share a "
        "screenshot of the picture instead, or do not share it.",
    )


def _refusal(verdict: Verdict | None) -> SharewiseError:
    match verdict:
        case Verdict.NO_PICTURE | Verdict.DRAWN:
            return SharewiseError(
                ErrorCode.UNSUPPORTED,
                "It cannot be cleaned as it is, and it is no picture that can be drawn here, so "
                "there is no re-drawn copy. Share it only if you know what is in it.",
            )
        case Verdict.TOO_LARGE:
            return SharewiseError(
                ErrorCode.TOO_LARGE,
                "This picture is or claims to be far too large to be drawn safely, so there is no "
                "re-drawn copy. Make it smaller with the program that made it.",
            )
        case Verdict.NEEDS_HEIF:
            return SharewiseError(
                ErrorCode.UNSUPPORTED,
                "To draw HEIC pictures Sharewise needs pillow-heif, which is not installed: "
                "install it with pip install 'sharewise[heif]', or save the photo as JPEG first.",
            )
        case Verdict.SEVERAL_PICTURES:
            return SharewiseError(
                ErrorCode.UNSUPPORTED,
                "This file holds several pictures, and a re-drawn copy could hold only one, so "
                "there is none. Save its pictures one by one and clean those.",
            )
        case None:
            return SharewiseError(
                ErrorCode.UNSUPPORTED,
                "Drawing this picture took too much time or memory or broke the decoder, so it "
                "was stopped and there is no re-drawn copy. Do not share this file.",
            )
        case _:
            assert_never(verdict)
