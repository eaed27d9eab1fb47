"""Ask ExifTool which files say a place, and see that each is found with the same degrees."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from sharewise.formats.contract import Finding, Kind

OPTIONS = ("-json", "-G1", "-a", "-ee", "-n", "-api", "largefilesupport=1")
NEAR_DEGREES = 0.000_02
"""Two metres: what is lost where degrees are rounded."""
_LATITUDE, _LONGITUDE = "GPSLatitude", "GPSLongitude"
_PAIR = re.compile(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)")


def places_in(files: Sequence[Path]) -> dict[Path, set[tuple[float, float]]]:
    """Return for each file the places that ExifTool sees, in decimal degrees without signs.

    Signs are left out: of maker notes ExifTool shows degrees that have none.
    """
    names = "\n".join(map(str, files))
    ended = subprocess.run(
        ["exiftool", *OPTIONS, "-@", "-"], input=names.encode(), capture_output=True, check=False
    )
    found: dict[Path, set[tuple[float, float]]] = {}
    for tags in json.loads(ended.stdout or b"[]"):
        found[Path(tags["SourceFile"])] = set(_places(tags))
    return found


def _places(tags: dict[str, object]) -> Iterable[tuple[float, float]]:
    for tag, value in tags.items():
        if tag.endswith(_LATITUDE):
            other = tags.get(tag.removesuffix(_LATITUDE) + _LONGITUDE)
            if isinstance(value, int | float) and isinstance(other, int | float):
                latitude, longitude = abs(value), abs(other)
                if latitude <= 90 and longitude <= 180:
                    yield latitude, longitude


def is_found(places: set[tuple[float, float]], findings: Iterable[Finding]) -> bool:
    """Return whether one of the places is among the findings, or a track begins near it."""
    ours = [
        tuple(abs(float(number)) for number in pair.groups())
        for finding in findings
        if finding.kind is Kind.LOCATION
        and finding.value is not None
        and (pair := _PAIR.fullmatch(finding.value)) is not None
    ]
    return not places or any(
        all(abs(one - other) <= NEAR_DEGREES for one, other in zip(place, here, strict=True))
        for place in places
        for here in ours
    )
