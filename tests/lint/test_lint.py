"""Every linter, formatter and type checker over the whole tree, and a case in which each bites."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sharewise.dev import generate

ROOT = Path(__file__).resolve().parents[2]
TOOLING = ROOT / "tests" / "tooling"
NODE = TOOLING / "node_modules" / ".bin"
PYTHON = ("daemon", "native_host", "installers", "tests")
SCRIPTS = ("extension", "tests", "installers")
FORMATTED = (
    *(f"{folder}/**/*.{{js,json,css,html}}" for folder in SCRIPTS),
    "!extension/generated/**",
    "!**/node_modules/**",
    "!**/package-lock.json",
    "!**/*.golden.json",
)


def run(command: Sequence[str | Path], stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def assert_clean(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode != 0:
        pytest.fail(f"{done.stdout}\n{done.stderr}", pytrace=False)


def ruff_check(*paths: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", "ruff", "check", "--no-cache", *paths]


def ruff_format(*paths: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", "ruff", "format", "--no-cache", "--check", *paths]


def mypy(*paths: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", "mypy", "--cache-dir", ROOT / ".build" / "mypy", *paths]


def eslint(*paths: str | Path) -> list[str | Path]:
    config = TOOLING / "eslint.config.js"
    return [NODE / "eslint", "--max-warnings", "0", "--config", config, *paths]


def prettier(*paths: str | Path) -> list[str | Path]:
    config = TOOLING / "prettier.json"
    return [
        NODE / "prettier",
        "--config",
        config,
        "--check",
        "--no-error-on-unmatched-pattern",
        *paths,
    ]


def test_python_has_no_lint() -> None:
    assert_clean(run(ruff_check(*PYTHON)))


def test_python_is_formatted() -> None:
    assert_clean(run(ruff_format(*PYTHON)))


def test_python_types_hold() -> None:
    assert_clean(run(mypy()))


def test_scripts_have_no_lint() -> None:
    assert_clean(run(eslint("--no-error-on-unmatched-pattern", *SCRIPTS)))


def test_scripts_are_formatted() -> None:
    assert_clean(run(prettier(*FORMATTED)))


def test_script_types_hold() -> None:
    assert_clean(run([NODE / "tsc", "--project", TOOLING / "tsconfig.json"]))


def test_generated_files_are_current() -> None:
    assert generate.main(["--check"]) == 0


def test_generated_check_bites_on_a_changed_file(tmp_path: Path) -> None:
    assert generate.main(["--into", str(tmp_path)]) == 0
    assert generate.main(["--into", str(tmp_path), "--check"]) == 0
    (tmp_path / "wire.js").write_text("export const PROTOCOL = 0;\n")
    assert generate.main(["--into", str(tmp_path), "--check"]) == 1


@pytest.mark.parametrize(
    ("tool", "source"),
    [
        (ruff_check, "import os\n"),
        (ruff_format, "x = {  'a':1 }\n"),
        (mypy, "def size(name: str) -> int:\n    return name\n"),
    ],
)
def test_python_tools_bite(tool, source: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(source)
    assert (
        run(
            [*tool(wrong), "--config-file" if tool is mypy else "--config", ROOT / "pyproject.toml"]
        ).returncode
        == 1
    )


@pytest.mark.parametrize(
    "source",
    ['document.body.innerHTML = "x";\n', "if (navigator.userAgent) location.reload();\n"],
)
def test_eslint_bites(source: str) -> None:
    command = eslint("--stdin", "--stdin-filename", "extension/shared/wrong.js")
    assert run(command, stdin=source).returncode == 1


def test_prettier_bites(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.js"
    wrong.write_text("const  a = 1;\n")
    assert run(prettier(wrong)).returncode == 1


def test_script_types_bite(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.js"
    wrong.write_text(
        f'/** @param {{import("{generate.GENERATED / "wire.js"}").PhotoOpen}} request */\n'
        "export function sizeOf(request) { return request.sizeBytes; }\n"
    )
    done = run(
        [
            NODE / "tsc",
            "--noEmit",
            "--allowJs",
            "--checkJs",
            "--strict",
            "--module",
            "es2022",
            "--moduleResolution",
            "bundler",
            "--target",
            "es2022",
            wrong,
        ]
    )
    assert "sizeBytes" in done.stdout
    assert done.returncode != 0
