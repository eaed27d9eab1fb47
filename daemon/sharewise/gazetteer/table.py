"""The packed table of towns and the search in it.

Layout before zlib: a 32-bit length and as many bytes of JSON {"countries": [[code, name], …]};
then a 32-bit number of towns n; 181 32-bit offsets, where band b (whole degrees of latitude from
-90) holds the towns offsets[b] to offsets[b + 1], sorted by longitude; n 16-bit latitudes,
n 16-bit longitudes, n 8-bit country numbers, n + 1 32-bit ends of names; the names in UTF-8.
Little-endian. A latitude is degrees * 32767 / 90, a longitude degrees * 32767 / 180.
"""

from __future__ import annotations

import json
import math
import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

BANDS = 180
LATITUDE_STEPS = 32767 / 90
LONGITUDE_STEPS = 32767 / 180
EARTH_RADIUS_KM = 6371.0
KM_PER_DEGREE = math.pi * EARTH_RADIUS_KM / 180
NEAREST_KM = 6.0
"""How far is looked first: in most places where people live that is far enough."""
FARTHEST_KM = 400.0
"""A town farther away than this says nothing about where somebody is."""


@dataclass(frozen=True, slots=True)
class Town:
    """A populated place; degrees are decimal, WGS 84."""

    name: str
    country_code: str
    """ISO 3166-1 alpha-2."""
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Near:
    """The town nearest to a location."""

    town: Town
    country: str
    """The country's short name in English."""
    distance_km: float

    def __str__(self) -> str:
        return f"near {self.town.name}, {self.country}"


def pack(towns: Sequence[Town], countries: dict[str, str]) -> bytes:
    """Return the table of these towns; `countries` names every code that they use."""
    codes = sorted({town.country_code for town in towns})
    numbers = {code: number for number, code in enumerate(codes)}
    ordered = sorted(towns, key=lambda town: (band_of(town.latitude), town.longitude, town.name))
    offsets, latitudes, longitudes = array("I"), array("h"), array("h")
    country_numbers, ends, names = array("B"), array("I", [0]), bytearray()
    for index, town in enumerate(ordered):
        while len(offsets) <= band_of(town.latitude):
            offsets.append(index)
        latitudes.append(round(town.latitude * LATITUDE_STEPS))
        longitudes.append(round(town.longitude * LONGITUDE_STEPS))
        country_numbers.append(numbers[town.country_code])
        names += town.name.encode()
        ends.append(len(names))
    while len(offsets) <= BANDS:
        offsets.append(len(ordered))
    head = json.dumps({"countries": [[code, countries[code]] for code in codes]}).encode()
    parts = [struct.pack("<I", len(head)), head, struct.pack("<I", len(ordered))]
    columns = (offsets, latitudes, longitudes, country_numbers, ends)
    parts += [little_endian(column).tobytes() for column in columns]
    return zlib.compress(b"".join([*parts, bytes(names)]), 9)


def little_endian(column: array[int]) -> array[int]:
    if sys.byteorder == "big":
        column = array(column.typecode, column)
        column.byteswap()
    return column


def band_of(latitude: float) -> int:
    return min(max(math.floor(latitude) + 90, 0), BANDS - 1)


class Gazetteer:
    """Finds the town nearest to a location."""

    def __init__(self, packed: bytes) -> None:
        data = memoryview(zlib.decompress(packed))
        (head,) = struct.unpack_from("<I", data)
        self._countries: list[tuple[str, str]] = [
            (code, name) for code, name in json.loads(bytes(data[4 : 4 + head]))["countries"]
        ]
        (count,) = struct.unpack_from("<I", data, 4 + head)
        place = 8 + head
        columns: list[array[int]] = []
        for typecode, length in (
            ("I", BANDS + 1),
            ("h", count),
            ("h", count),
            ("B", count),
            ("I", count + 1),
        ):
            column = array(typecode)
            size = column.itemsize * length
            column.frombytes(data[place : place + size])
            columns.append(little_endian(column))
            place += size
        self._offsets, self._latitudes, self._longitudes, self._numbers, self._ends = columns
        self._names = data[place:]

    def nearest(self, latitude: float, longitude: float) -> Near | None:
        """Return the nearest town, or None where there is none within `FARTHEST_KM`.

        Degrees, decimal, WGS 84: latitude -90 to 90, longitude -180 to 180; anything else (also
        NaN) is nowhere and gives None.
        """
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            return None
        reach_km = NEAREST_KM
        while True:
            best = min(
                ((self._distance_km(index, latitude, longitude), index)
                 for index in self._within(latitude, longitude, reach_km)),
                default=None,
            )  # fmt: skip
            if best is not None and best[0] <= reach_km:
                town = self._town(best[1])
                country = self._countries[self._numbers[best[1]]][1]
                return Near(town, country, best[0])
            if reach_km >= FARTHEST_KM:
                return None
            reach_km = min(reach_km * 4, FARTHEST_KM)

    def _within(self, latitude: float, longitude: float, reach_km: float) -> Iterator[int]:
        """Yield every town of the box around the location, and maybe a few more."""
        degrees = reach_km / KM_PER_DEGREE
        here = round(latitude * LATITUDE_STEPS)
        height = math.ceil(degrees * LATITUDE_STEPS) + 1
        latitudes = self._latitudes
        highest = min(abs(latitude) + degrees, 89.0)
        width = math.ceil(degrees / math.cos(math.radians(highest)) * LONGITUDE_STEPS) + 1
        middle = round(longitude * LONGITUDE_STEPS)
        turn = 2 * 32767
        for band in range(band_of(latitude - degrees), band_of(latitude + degrees) + 1):
            start, end = self._offsets[band], self._offsets[band + 1]
            if width >= turn // 2:
                yield from (at for at in range(start, end) if abs(latitudes[at] - here) <= height)
                continue
            for shift in (-turn, 0, turn):
                low = bisect_left(self._longitudes, middle + shift - width, start, end)
                high = bisect_left(self._longitudes, middle + shift + width + 1, start, end)
                yield from (at for at in range(low, high) if abs(latitudes[at] - here) <= height)

    def _distance_km(self, index: int, latitude: float, longitude: float) -> float:
        other = math.radians(self._latitudes[index] / LATITUDE_STEPS)
        here = math.radians(latitude)
        across = math.radians(self._longitudes[index] / LONGITUDE_STEPS - longitude)
        half = (
            math.sin((other - here) / 2) ** 2
            + math.cos(here) * math.cos(other) * math.sin(across / 2) ** 2
        )
        return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(half, 1.0)))

    def _town(self, index: int) -> Town:
        name = bytes(self._names[self._ends[index] : self._ends[index + 1]]).decode()
        return Town(
            name,
            self._countries[self._numbers[index]][0],
            self._latitudes[index] / LATITUDE_STEPS,
            self._longitudes[index] / LONGITUDE_STEPS,
        )
