"""Clean a picture that lies inside another file, by its own format."""

from __future__ import annotations

from dataclasses import dataclass

from sharewise.base.errors import Malformed
from sharewise.formats import engine, judge
from sharewise.formats.contract import AlreadyClean, Finding, Plan, Unsupported, Wish


class Uncleanable(Exception):
    """A picture inside a file cannot be cleaned; caught by the format of that file."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """What became of a picture inside: its cleaned bytes, None if it was clean, what it said."""

    data: bytes | None
    findings: tuple[Finding, ...]


def clean_embedded(data: bytes, wish: Wish, path: str) -> Embedded:
    """Return what became of a picture at this place. Raises Uncleanable."""
    try:
        judged = engine.run(judge.plan(engine.source_of(data), wish), data)
    except Malformed:
        raise Uncleanable from None
    if isinstance(judged, Unsupported):
        raise Uncleanable
    findings = tuple(
        one._replace(where=f"{path}/{one.where}", spans=()) for one in judged.report.findings
    )
    match judged.cleaning:
        case AlreadyClean():
            return Embedded(None, ())
        case Plan() as plan:
            return Embedded(engine.apply(plan, data), findings)
        case _:
            raise Uncleanable
