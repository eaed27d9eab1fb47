"""What `python3 tests` makes of its runs of pytest."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

RUNNER = runpy.run_path(str(Path(__file__).parents[2] / "__main__.py"), run_name="runner")


@pytest.mark.parametrize(
    ("codes", "whole"),
    [
        ([0, 0], 0),
        ([1, 0], 1),
        ([0, 1], 1),
        ([0, 2], 2),
        ([5, 1], 1),
        ([5, 0], 0),
        ([0, 5], 0),
        ([5, 5], 5),
        ([5], 5),
    ],
    ids=str,
)
def test_a_failure_of_one_run_is_a_failure_of_all(codes: list[int], whole: int) -> None:
    assert RUNNER["outcome"](codes) == whole


def test_every_stage_that_runs_beside_others_is_a_stage() -> None:
    assert set(RUNNER["STAGES"]) >= RUNNER["PARALLEL"] > set()
