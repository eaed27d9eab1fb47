"""The extension's own tests: each `*.test.js` below this folder, run by node's test runner."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TIMEOUT_S = 120


def scripts(folder: Path) -> list[Path]:
    """Return the test scripts below `folder`. Raises FileNotFoundError if there is none."""
    found = sorted(folder.rglob("*.test.js"))
    if not found:
        raise FileNotFoundError(f"no *.test.js below {folder}: nothing would be tested")
    return found


def run_node(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["node", "--test", "--test-reporter=tap", str(script)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env={**os.environ, "SHAREWISE_PYTHON": sys.executable},
        check=False,
    )


def assert_passes(script: Path) -> None:
    done = run_node(script)
    if done.returncode != 0 or "\n# pass 0\n" in done.stdout:
        pytest.fail(f"{done.stdout}\n{done.stderr}", pytrace=False)


@pytest.mark.parametrize("script", scripts(HERE), ids=lambda path: str(path.relative_to(HERE)))
def test_script(script: Path) -> None:
    assert_passes(script)


def test_a_folder_without_scripts_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing would be tested"):
        scripts(tmp_path)


@pytest.mark.parametrize(
    "source",
    [
        'import test from "node:test"; test("fails", () => { throw new Error("no"); });\n',
        'throw new Error("not even loaded");\n',
    ],
)
def test_a_script_that_fails_is_a_failure(tmp_path: Path, source: str) -> None:
    wrong = tmp_path / "wrong.test.mjs"
    wrong.write_text(source)
    with pytest.raises(pytest.fail.Exception):
        assert_passes(wrong)
