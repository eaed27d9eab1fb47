"""Make the environment that the tests run in: a venv, the node tools, and programs by apt.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
BUILD = ROOT / ".build"
VENV = BUILD / "venv"
TOOLING = TESTS / "tooling"
REPLAYER = BUILD / "replaywebpage@2.5.3"
REPLAYER_SHA512 = (
    "nCj2PSON3BxeSJKE8AsYPyULv0XPZKJWfy4l9PyQre9SqwLZ+WKZVs/sfLqPOQ4GrH+0YkjbwOhr8cSTH08gsQ=="
)

NODE = (20, 19)
"""The oldest Node that the tools of the extension run on."""

PROGRAMS: dict[str, dict[str, str]] = {
    "lint": {"node": "nodejs", "npm": "npm"},
    "unit": {"openssl": "openssl"},
    "extension": {"node": "nodejs", "npm": "npm"},
    "integration": {
        "openssl": "openssl",
        "exiftool": "libimage-exiftool-perl",
        "ffmpeg": "ffmpeg",
        "syncthing": "syncthing",
        "unzip": "unzip",
        "sha256sum": "coreutils",
        "age": "age",
        "mount": "mount",
        "zsh": "zsh",
        "fish": "fish",
    },
    "browser": {
        "chromium": "chromium",
        "firefox-esr": "firefox-esr",
        "Xvfb": "xvfb",
        "xclip": "xclip",
        "xdotool": "xdotool",
        "gjs": "gjs",
        "openssl": "openssl",
        "exiftool": "libimage-exiftool-perl",
        "npm": "npm",
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
        "chromium": "chromium",
        "firefox-esr": "firefox-esr",
        "exiftool": "libimage-exiftool-perl",
        "exiv2": "exiv2",
        "jhead": "jhead",
        "mat2": "mat2",
        "openssl": "openssl",
        "unzip": "unzip",
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
    if stages & {"browser", "setup"}:
        prepare_replayer()
    return python


def clean(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the tests: nothing of the caller's Python leaks in."""
    kept = {key: value for key, value in inherited.items() if not key.startswith("PYTHON")}
    kept["PATH"] = os.pathsep.join([str(scripts()), kept.get("PATH", os.defpath)])
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
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    attempt(["apt-get", "update", "-qq"], env=quiet)
    if attempt([*install, *packages], env=quiet):
        return
    # One that cannot be had must not keep the others away; the tests that need it fail.
    for package in packages:
        attempt([*install, package], env=quiet)


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
    node = shutil.which("node")
    if node is None or node_version(node) < NODE:
        print(
            f"Node {'.'.join(map(str, NODE))} or newer is needed: the tests that use it will fail."
        )
    print("Installing the node tools in tests/tooling …", flush=True)
    if attempt([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=TOOLING):
        stamp.write_text(wanted)


def node_version(node: str) -> tuple[int, ...]:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = told.strip().removeprefix("v").split("-")[0].split(".")
    return tuple(int(number) for number in numbers if number.isdecimal())


def prepare_replayer() -> Path | None:
    """Return a folder with ReplayWeb.page, which replays web archives; None if it can't be had.

    Only its built files are taken: as a dependency it would bring an Electron application.
    """
    if (REPLAYER / "sw.js").exists():
        return REPLAYER
    npm = shutil.which("npm")
    if npm is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        if not attempt([npm, "pack", "--silent", f"--pack-destination={folder}", REPLAYER.name]):
            return None
        (packed,) = Path(folder).iterdir()
        return unpacked_if_intact(packed.read_bytes(), REPLAYER)


def unpacked_if_intact(package: bytes, folder: Path) -> Path:
    """Unpack an npm package of ReplayWeb.page into a folder, if it is the one that was pinned."""
    if base64.b64encode(hashlib.sha512(package).digest()).decode() != REPLAYER_SHA512:
        raise SystemExit("ReplayWeb.page is not the file that the tests were written for.")
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(package)) as files:
        for name in ("index.html", "ui.js", "sw.js"):  # the last one shows that all are there
            content = files.extractfile(f"package/{name}")
            assert content is not None
            (folder / name).write_bytes(content.read())
    return folder


def digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def run(
    command: list[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> None:
    if not attempt(command, env=env, cwd=cwd):
        raise SystemExit("Without this no test can run.")


def attempt(
    command: list[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> bool:
    """Run a program; says so if it fails. The tests that need what it brings fail by themselves."""
    ended = subprocess.run(command, env=env, cwd=cwd, check=False)
    if ended.returncode != 0:
        print(f"This did not work (exit {ended.returncode}): {' '.join(command)}", flush=True)
    return ended.returncode == 0
