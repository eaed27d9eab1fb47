"""Findings in words: what is read from a file is made short and harmless before it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sharewise.formats.contract import Finding, Kind, Span

SHOWN_CHARACTERS = 200

_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd]+")
_SPACES = re.compile(r"\s+")


def decode(data: bytes) -> str:
    """Return text of unknown 8-bit encoding: UTF-8 if it is that, else Latin-1."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def tidy(text: str) -> str:
    """Return text fit to be shown: one line, no control or direction marks, of bounded length."""
    if len(text) <= SHOWN_CHARACTERS and text.isprintable() and "  " not in text:
        return text.strip()
    line = _SPACES.sub(" ", _UNSHOWABLE.sub(" ", text[: 4 * SHOWN_CHARACTERS])).strip()
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"


def amount(size_bytes: int) -> str:
    """Return a size for people."""
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1000:.0f} kB"
    return f"{size_bytes / 1_000_000:.1f} MB"


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, each real thing once: the same kind and value joins its spans."""
    same: dict[tuple[Kind, str], list[Finding]] = {}
    for finding in findings:
        kind, _, summary, value, _ = finding
        same.setdefault((kind, summary if value is None else value), []).append(finding)
    return tuple([all_[0] if len(all_) == 1 else _joined(all_) for all_ in same.values()])


def _joined(findings: list[Finding]) -> Finding:
    spans = dict.fromkeys(span for finding in findings for span in finding.spans)
    return findings[0]._replace(spans=tuple(spans))


def placed(findings: Iterable[Finding], spans: tuple[Span, ...]) -> list[Finding]:
    """Return the findings, each that has no place of its own at these."""
    return [one if one[4] else Finding(*one[:4], spans) for one in findings]


_MONTHS = "January February March April May June July August September October November December"
_MONTH = _MONTHS.split()
_MOMENT = re.compile(
    r"(\d{4})[:\-/.]?(\d\d)[:\-/.]?(\d\d)"
    r"(?:[T _]?(\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?)?"
)


def moment(text: str, offset: str | None = None) -> str | None:
    """Return a time of any common writing as ISO 8601, or None where it is none.

    "2025:05:03 14:02:00" becomes "2025-05-03T14:02:00"; `offset` ("+02:00") is put behind where
    the text has none of its own.
    """
    match = _MOMENT.match(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31 and int(year) > 0):
        return None
    date = f"{year}-{month}-{day}"
    if hour is None:
        return date
    if int(hour) > 23 or int(minute) > 59:
        return date
    if zone == "Z":
        zone = "+00:00"
    elif zone and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    elif not zone and offset and re.fullmatch(r"[+-]\d\d:\d\d", offset):
        zone = offset
    return f"{date}T{hour}:{minute}:{second or '00'}{zone or ''}"


def spoken(iso: str) -> str:
    """Return an ISO time as people read it: "3 May 2025, 14:02"."""
    day = f"{int(iso[8:10])} {_MONTH[int(iso[5:7]) - 1]} {int(iso[:4])}"
    return f"{day}, {iso[11:16]}" if len(iso) > 10 else day


def time_finding(where: str, iso: str, what: str = "when it was taken") -> Finding:
    """Return the finding of a time."""
    return Finding(Kind.TIME, where, f"Says {what}: {spoken(iso)}", iso)


def decimal(degrees: float) -> str:
    """Return degrees with at most six decimals (about 10 cm)."""
    return f"{degrees:.6f}".rstrip("0").rstrip(".")


def location_finding(
    where: str, latitude: float, longitude: float, accuracy_m: float | None = None
) -> Finding:
    """Return the finding of a place on Earth; degrees, WGS 84."""
    summary = f"Says where it was taken: {latitude:.5f}, {longitude:.5f}"
    if accuracy_m is not None:
        summary += f" (to about {max(1, round(accuracy_m))} m)"
    return Finding(Kind.LOCATION, where, summary, f"{decimal(latitude)},{decimal(longitude)}")
