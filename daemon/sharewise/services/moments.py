"""How moments are written in records: UTC, to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_text(moment: datetime) -> str:
    """Return an aware moment as "2026-05-03T14:02:11.123Z"; such texts sort by time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local_day() -> str:
    """Return today's date where this computer is."""
    return datetime.now(UTC).astimezone().date().isoformat()
