"""Make the environment that the tests run in: a venv, the node tools, and programs by apt.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
BUILD = ROOT / ".build"
VENV = BUILD / "venv"
TOOLING = TESTS / "tooling"

PROGRAMS: dict[str, dict[str, str]] = {
    "lint": {"node": "nodejs", "npm": "npm"},
    "extension": {"node": "nodejs", "npm": "npm"},
    "integration": {
        "openssl": "openssl",
        "exiftool": "libimage-exiftool-perl",
        "ffmpeg": "ffmpeg",
        "syncthing": "syncthing",
        "unzip": "unzip",
        "sha256sum": "coreutils",
        "zsh": "zsh",
        "fish": "fish",
    },
    "browser": {
        "chromium": "chromium",
        "firefox-esr": "firefox-esr",
        "Xvfb": "xvfb",
        "openssl": "openssl",
        "exiftool": "libimage-exiftool-perl",
    },
    "corpus": {
        "exiftool": "libimage-exiftool-perl",
        "ffmpeg": "ffmpeg",
    },
    "peers": {
        "exiftool": "libimage-exiftool-perl",
        "exiv2": "exiv2",
        "jhead": "jhead",
        "mat2": "mat2",
        "prlimit": "util-linux",
    },
    "bench": {
        "exiftool": "libimage-exiftool-perl",
        "exiv2": "exiv2",
        "jhead": "jhead",
        "mat2": "mat2",
    },
}
"""For each stage the programs it drives and the Debian package that holds each."""

GROUPS = {"fuzz": "fuzz"}
"""Stages that need a dependency group of pyproject.toml beside `dev`."""


def prepare(stages: set[str]) -> Path:
    """Return the Python of an environment in which the stages can run, made if need be."""
    if sys.version_info < (3, 11):  # noqa: UP036  a person may start it with an older one
        raise SystemExit("Sharewise needs Python 3.11 or newer.")
    install_programs(stages)
    python = prepare_venv()
    for group in sorted(GROUPS[stage] for stage in stages & GROUPS.keys()):
        install_group(python, group)
    if stages & {"lint", "extension", "browser", "setup"}:
        prepare_node()
    return python


def clean(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the tests: nothing of the caller's Python leaks in."""
    kept = {key: value for key, value in inherited.items() if not key.startswith("PYTHON")}
    kept["PATH"] = os.pathsep.join([str(scripts()), kept.get("PATH", os.defpath)])
    kept["PYTHONDONTWRITEBYTECODE"] = "1"
    return kept


def scripts() -> Path:
    return VENV / ("Scripts" if os.name == "nt" else "bin")


def install_programs(stages: set[str]) -> None:
    wanted = {
        package
        for stage in stages
        for program, package in PROGRAMS.get(stage, {}).items()
        if shutil.which(program) is None
    }
    if not can_make_venv():
        wanted.add("python3-venv")
    if not wanted:
        return
    packages = sorted(wanted)
    if shutil.which("apt-get") is None or os.name == "nt" or os.geteuid() != 0:
        print(f"Not on this machine: {', '.join(packages)} (names of the Debian packages).")
        print(f"Please install them (Debian: sudo apt-get install {' '.join(packages)}).")
        print("The tests that need them will fail.", flush=True)
        return
    print(f"Installing {', '.join(packages)} with apt …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], env=quiet)
    run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=quiet)


def can_make_venv() -> bool:
    probe = "import ensurepip, venv"
    return subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def prepare_venv() -> Path:
    python = scripts() / ("python.exe" if os.name == "nt" else "python")
    wanted = digest(ROOT / "pyproject.toml", TESTS / "environment.py")
    stamp = VENV / "stamp"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print("Making the Python environment in .build/venv …", flush=True)
    venv.create(VENV, with_pip=True, clear=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--upgrade", "pip>=25.1"])
    run([*pip, "--editable", str(ROOT), "--group", f"{ROOT / 'pyproject.toml'}:dev"])
    stamp.write_text(wanted)
    return python


def install_group(python: Path, group: str) -> None:
    wanted = digest(ROOT / "pyproject.toml")
    stamp = VENV / f"stamp-{group}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Installing what `{group}` needs …", flush=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--group", f"{ROOT / 'pyproject.toml'}:{group}"])
    stamp.write_text(wanted)


def prepare_node() -> None:
    npm = shutil.which("npm")
    if npm is None:
        return
    wanted = digest(TOOLING / "package.json", TOOLING / "package-lock.json")
    stamp = TOOLING / "node_modules" / "stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Installing the node tools in tests/tooling …", flush=True)
    run([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=TOOLING)
    stamp.write_text(wanted)


def digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def run(
    command: list[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> None:
    ended = subprocess.run(command, env=env, cwd=cwd, check=False)
    if ended.returncode != 0:
        raise SystemExit(f"This did not work (exit {ended.returncode}): {' '.join(command)}")
