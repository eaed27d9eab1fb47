"""The packed table gives the nearest town, and nothing where there is none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewise.gazetteer.bundled import near
from sharewise.gazetteer.table import EARTH_RADIUS_KM, FARTHEST_KM, Gazetteer, Town, pack

COUNTRIES = {"FR": "France", "NZ": "New Zealand", "FJ": "Fiji"}
LYON = Town("Lyon", "FR", 45.748, 4.847)
FAR_EAST = Town("Kaitaia", "NZ", -35.1, 179.9)
FAR_WEST = Town("Lambasa", "FJ", -35.1, -179.9)


def distance_km(town: Town, latitude: float, longitude: float) -> float:
    a, b = math.radians(town.latitude), math.radians(latitude)
    across = math.radians(town.longitude - longitude)
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(across)
    return EARTH_RADIUS_KM * math.acos(max(-1.0, min(1.0, cosine)))


def test_nearest_town_is_named_with_its_country() -> None:
    found = Gazetteer(pack([LYON, FAR_EAST], COUNTRIES)).nearest(45.76, 4.84)
    assert found is not None
    assert str(found) == "near Lyon, France"
    assert found.town.country_code == "FR"
    assert found.distance_km < 3


def test_antimeridian_is_no_border() -> None:
    gazetteer = Gazetteer(pack([LYON, FAR_EAST, FAR_WEST], COUNTRIES))
    across = gazetteer.nearest(-35.1, 179.99)
    assert across is not None
    assert across.town.name == "Kaitaia"
    across = gazetteer.nearest(-35.1, -179.99)
    assert across is not None
    assert across.town.name == "Lambasa"


def test_open_sea_is_near_nothing() -> None:
    assert Gazetteer(pack([LYON], COUNTRIES)).nearest(0, 0) is None


@pytest.mark.parametrize("place", [(91, 0), (0, 181), (math.nan, 0), (0, math.inf)])
def test_impossible_location_is_near_nothing(place: tuple[float, float]) -> None:
    assert Gazetteer(pack([LYON], COUNTRIES)).nearest(*place) is None


@given(
    spots=st.lists(
        st.tuples(st.floats(-89, 89), st.floats(-179.9, 179.9)), min_size=1, max_size=40
    ),
    here=st.tuples(st.floats(-89, 89), st.floats(-180, 180)),
)
@settings(max_examples=200, deadline=None)
def test_search_agrees_with_looking_at_every_town(
    spots: list[tuple[float, float]], here: tuple[float, float]
) -> None:
    towns = [Town(str(number), "FR", *spot) for number, spot in enumerate(spots)]
    found = Gazetteer(pack(towns, COUNTRIES)).nearest(*here)
    expected_km = min(distance_km(town, *here) for town in towns)
    rounding_km = 1.0
    if found is None:
        assert expected_km > FARTHEST_KM - rounding_km
    else:
        assert abs(found.distance_km - expected_km) < rounding_km


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("45.75,4.85", "near Lyon, France"),
        ("64.147,-21.94", "near Reykjavík, Iceland"),
        ("-36.85,174.76", "near Auckland, New Zealand"),
    ],
)
def test_bundled_table_knows_the_world(location: str, name: str) -> None:
    assert str(near(location)) == name


@pytest.mark.parametrize("location", [None, "", "north", "1", "1,2,3", "0,0"])
def test_what_is_no_location_is_near_nothing(location: str | None) -> None:
    assert near(location) is None
