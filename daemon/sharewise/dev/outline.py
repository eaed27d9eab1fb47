"""Pack the outline of the countries: python -m sharewise.dev.outline COUNTRIES.json

The file is Natural Earth's 1:50m countries as TopoJSON, as npm's `world-atlas` carries it (2.0.2,
`countries-50m.json`). `extension/background/map/outline.js` reads what this writes; the layout is
described there.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec

OUTLINE = Path(__file__).resolve().parents[3] / "extension" / "background" / "map" / "outline.bin"
STEPS_PER_DEGREE = 50
"""The grid: 0.02 degrees, about 2 km, finer than a pixel of the card's map."""
TOLERANCE = 2.5
"""How far a simplified line may lie from the true one, in steps of the grid."""
SMALL_POINTS = 6
"""Shorter lines (small islands, above all) stay as they are."""

Point = tuple[int, int]


class Transform(msgspec.Struct):
    """From the file's grid to degrees."""

    scale: tuple[float, float]
    translate: tuple[float, float]


class Polygon(msgspec.Struct, tag="Polygon", tag_field="type"):
    """Rings of numbers of lines; ~n is line n backwards."""

    arcs: list[list[int]]


class MultiPolygon(msgspec.Struct, tag="MultiPolygon", tag_field="type"):
    arcs: list[list[list[int]]]


class Collection(msgspec.Struct):
    geometries: list[Polygon | MultiPolygon]


class Objects(msgspec.Struct):
    countries: Collection


class Topology(msgspec.Struct):
    """Source: the TopoJSON format, https://github.com/topojson/topojson-specification."""

    transform: Transform
    arcs: list[list[tuple[float, float]]]
    objects: Objects


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    topology = msgspec.json.decode(Path(arguments[0]).read_bytes(), type=Topology)
    arcs = [simplified(arc) for arc in arcs_of(topology)]
    rings = list(rings_of(topology.objects.countries))
    OUTLINE.parent.mkdir(exist_ok=True)
    OUTLINE.write_bytes(pack(arcs, rings))
    points = sum(map(len, arcs))
    print(f"{len(arcs)} lines, {points} points, {OUTLINE.stat().st_size} bytes")
    return 0


def arcs_of(topology: Topology) -> Iterator[list[Point]]:
    """Yield the lines of a quantised topology on our grid, each point once."""
    scale_x, scale_y = topology.transform.scale
    offset_x, offset_y = topology.transform.translate
    for arc in topology.arcs:
        at_x = at_y = 0.0
        points: list[Point] = []
        for move_x, move_y in arc:
            at_x += move_x
            at_y += move_y
            degrees = (at_x * scale_x + offset_x, at_y * scale_y + offset_y)
            point = (round(degrees[0] * STEPS_PER_DEGREE), round(degrees[1] * STEPS_PER_DEGREE))
            if not points or points[-1] != point:
                points.append(point)
        yield points


def rings_of(countries: Collection) -> Iterator[list[int]]:
    """Yield the rings of all countries as numbers of lines; ~n is line n backwards."""
    for geometry in countries.geometries:
        match geometry:
            case Polygon(arcs=arcs):
                yield from arcs
            case MultiPolygon(arcs=polygons):
                for polygon in polygons:
                    yield from polygon


def simplified(points: list[Point]) -> list[Point]:
    """Leave out points that lie close to the line without them; the ends stay.

    Source: Douglas and Peucker, Cartographica 10 (1973), pages 112-122.
    """
    if len(points) <= SMALL_POINTS:
        return points
    kept = {0, len(points) - 1}
    if points[0] == points[-1]:
        # A closed line has no direction of its own: split it at the point farthest away.
        kept.add(max(range(len(points)), key=lambda at: math.dist(points[0], points[at])))
    waiting = list(pairwise(sorted(kept)))
    while waiting:
        first, last = waiting.pop()
        inner = range(first + 1, last)
        if not inner:
            continue
        far = max(inner, key=lambda at: _distance(points[at], points[first], points[last]))
        if _distance(points[far], points[first], points[last]) > TOLERANCE:
            kept.add(far)
            waiting += [(first, far), (far, last)]
    return [points[at] for at in sorted(kept)]


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return how far a point lies from a stretch of a line."""
    along = (end[0] - start[0], end[1] - start[1])
    length_squared = along[0] ** 2 + along[1] ** 2
    if length_squared == 0:
        return math.dist(point, start)
    offset = (point[0] - start[0], point[1] - start[1])
    share = (offset[0] * along[0] + offset[1] * along[1]) / length_squared
    share = min(1.0, max(0.0, share))
    return math.dist(point, (start[0] + share * along[0], start[1] + share * along[1]))


def pack(arcs: list[list[Point]], rings: list[list[int]]) -> bytes:
    """Return the file."""
    out = bytearray()
    out += _number(STEPS_PER_DEGREE) + _number(len(arcs))
    for arc in arcs:
        out += _number(len(arc))
        before = (0, 0)
        for point in arc:
            out += _signed(point[0] - before[0]) + _signed(point[1] - before[1])
            before = point
    out += _number(len(rings))
    for ring in rings:
        out += _number(len(ring))
        for line in ring:
            out += _signed(line)
    return bytes(out)


def _number(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _signed(value: int) -> bytes:
    return _number(value * 2 if value >= 0 else -value * 2 - 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
