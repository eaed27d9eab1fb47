"""What one metadata block turned out to hold."""

from __future__ import annotations

from typing import NamedTuple

from sharewise.formats.contract import Finding
from sharewise.formats.metadata.facts import NO_FACTS, Facts


class Block(NamedTuple):
    """The findings of one block and the facts that may be kept of it.

    `is_harmless`: every byte of it is known and says nothing of a person, place, time or device.
    """

    findings: tuple[Finding, ...]
    facts: Facts = NO_FACTS
    is_harmless: bool = False
