"""What became of a PDF."""

from __future__ import annotations

from dataclasses import dataclass

from sharewise.formats.contract import Finding


@dataclass(frozen=True, slots=True)
class Judged:
    """What a document gives away; `data` is it without that, empty where `refusal` says why."""

    findings: tuple[Finding, ...]
    data: bytes = b""
    kept: tuple[str, ...] = ()
    refusal: str | None = None


class Unsweepable(Exception):
    """A document cannot be cleaned; the words say why to people. Caught by the format."""
