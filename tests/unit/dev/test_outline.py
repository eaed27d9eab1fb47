"""The outline's packer: lines are simplified, never broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sharewise.dev import outline


def test_points_near_the_line_are_left_out_and_corners_stay() -> None:
    line = [(0, 0), (10, 1), (20, 0), (30, 1), (40, 0), (50, 1), (60, 0), (60, 40)]
    assert outline.simplified(line) == [(0, 0), (60, 0), (60, 40)]


def test_a_closed_line_stays_a_ring() -> None:
    ring = [(0, 0), (10, 0), (20, 0), (20, 10), (20, 20), (10, 20), (0, 20), (0, 10), (0, 0)]
    kept = outline.simplified(ring)
    assert kept[0] == kept[-1]
    assert len(kept) >= 4


def test_a_small_island_stays_as_it_is() -> None:
    island = [(0, 0), (1, 0), (1, 1), (0, 0)]
    assert outline.simplified(island) == island


def test_signed_numbers_are_packed_as_the_page_reads_them() -> None:
    assert outline.pack([[(1, -1), (1, 99)]], [[0, -1]]) == bytes(
        [50, 1, 2, 2, 1, 0, 200, 1, 1, 2, 0, 1]
    )


def test_a_topology_becomes_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    topology = {
        "transform": {"scale": [0.01, 0.01], "translate": [-10, -10]},
        "arcs": [[[0, 0], [1000, 0], [0, 1000], [-1000, -1000]]],
        "objects": {"countries": {"geometries": [{"type": "Polygon", "arcs": [[0]]}]}},
    }
    source = tmp_path / "countries.json"
    source.write_text(json.dumps(topology))
    monkeypatch.setattr(outline, "OUTLINE", tmp_path / "map" / "outline.bin")
    assert outline.main([str(source)]) == 0
    assert (tmp_path / "map" / "outline.bin").read_bytes()[:3] == bytes([50, 1, 4])
    assert outline.main([]) == 2
