"""Say what the name of a file gives away: the day it was made, the device, the program."""

from __future__ import annotations

import re
from collections.abc import Callable

from sharewise.formats.contract import Finding, Kind
from sharewise.formats.metadata.words import spoken, tidy

WHERE = "file name"

_DAY = r"((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])"
_CLOCK = r"([01]\d|2[0-3])[-_.:h]?([0-5]\d)(?:[-_.:m]?([0-5]\d))?"
_DATED = re.compile(rf"(?<!\d){_DAY}(?:(?:[-_ T]| at )+{_CLOCK})?(?!\d{{5}})")
_EPOCH = re.compile(r"(?<!\d)(1[0-9]{9})(?:\d{3})?(?!\d)")
_COUNTED = re.compile(
    r"(?i)^(?:IMG|DSC[FN]?|DSC_|PICT|P\d|MVI|GOPR|GX|GH|DJI|PXL|VID|MOV|SAM|_DSC|_MG)[-_]?\d{3,}"
)
_PROGRAMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)^(?:IMG|VID|AUD|PTT|STK)-\d{8}-WA\d+|whatsapp"), "WhatsApp"),
    (re.compile(r"(?i)^photo_\d{4}-\d\d-\d\d|telegram"), "Telegram"),
    (re.compile(r"(?i)^signal-"), "Signal"),
    (re.compile(r"(?i)^FB_IMG_|^received_\d+"), "Facebook"),
    (re.compile(r"(?i)^Snapchat-"), "Snapchat"),
    (re.compile(r"(?i)screen[ _-]?shot|bildschirmfoto|capture d.écran|captura de pantalla"), ""),
)


def inspect_name(name: str) -> tuple[Finding, ...]:
    """Return what a file's name (without its folder) gives away; nothing for a neutral name."""
    stem = name.rpartition(".")[0] or name
    findings: list[Finding] = []
    for look in _LOOKS:
        finding = look(stem)
        if finding is not None:
            findings.append(finding)
    return tuple(findings)


def _date(stem: str) -> Finding | None:
    match = _DATED.search(stem)
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()
    iso = f"{year}-{month}-{day}"
    if hour is not None:
        iso += f"T{hour}:{minute}:{second or '00'}"
    return Finding(Kind.FILENAME, WHERE, f"The file name holds the date: {spoken(iso)}", iso)


def _clock(stem: str) -> Finding | None:
    if _DATED.search(stem) or not _EPOCH.search(stem):
        return None
    what = "The file name holds the moment it was made, as a number"
    return Finding(Kind.FILENAME, WHERE, what)


def _program(stem: str) -> Finding | None:
    for pattern, program in _PROGRAMS:
        if pattern.search(stem):
            if not program:
                return Finding(Kind.FILENAME, WHERE, "The file name says that it is a screenshot")
            what = f"The file name says that it came through {program}"
            return Finding(Kind.FILENAME, WHERE, what, program)
    return None


def _counter(stem: str) -> Finding | None:
    if _DATED.search(stem) or not _COUNTED.match(stem):
        return None
    what = f"The file name is the camera's own count: {tidy(stem)}"
    return Finding(Kind.FILENAME, WHERE, what, tidy(stem))


_LOOKS: tuple[Callable[[str], Finding | None], ...] = (_date, _clock, _program, _counter)
