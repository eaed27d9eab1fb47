"""The table that comes with the program, read once, when it is first asked."""

from __future__ import annotations

from functools import cache
from pkgutil import get_data

from sharewise.gazetteer.table import Gazetteer, Near


@cache
def bundled() -> Gazetteer:
    """Return the gazetteer of the program's own table."""
    packed = get_data("sharewise.gazetteer", "cities.bin")
    assert packed is not None
    return Gazetteer(packed)


def near(location: str | None) -> Near | None:
    """Return the town near the value of a location finding: "latitude,longitude", in degrees.

    None where the value is no such pair, or no town is within 400 km.
    """
    try:
        latitude, longitude = map(float, (location or "").split(","))
    except ValueError:
        return None
    return bundled().nearest(latitude, longitude)
