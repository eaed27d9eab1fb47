"""The built package, and a whole installation into an empty home, taken away again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from sharewise_host.identity import HOST_NAME
from support.native_host import running_host

ROOT = Path(__file__).parents[2]
LIMIT_S = 300


def run(
    *command: str | Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def install(home: Mapping[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-P", ROOT / "installers", *arguments, environment=home)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet"]
    built = run(*pip, "--wheel-dir", folder, ROOT)
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("sharewise-*.whl")
    return found


@pytest.fixture
def home() -> Iterator[dict[str, str]]:
    """The environment of a person whose home is empty but for Chromium and `~/.local/bin`.

    Its path is short, for the socket; no desktop, no service manager. The libraries come from
    the environment of the tests instead of the network.
    """
    with tempfile.TemporaryDirectory(prefix="swi-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / ".local/bin").mkdir(parents=True)
        (folder / "tools").mkdir()
        chromium = folder / ".config/chromium"
        chromium.mkdir(parents=True)
        (chromium / "Local State").touch()
        (folder / "run").mkdir(mode=0o700)
        environment = {
            "HOME": name,
            "PATH": str(folder / "tools"),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "PIP_NO_DEPS": "1",
            "PIP_NO_INDEX": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PYTHONPATH": os.pathsep.join(libraries()),
        }
        yield environment
        for program in folder.glob(".local/share/sharewise/app/*/bin/sharewise"):
            run(program, "daemon", "stop", environment=environment)


def libraries() -> list[str]:
    """Return where this environment keeps the libraries, without our own editable sources."""
    return [entry for entry in sys.path if entry.endswith("site-packages")]


def files_in(folder: str) -> set[str]:
    """Return what is in a home, without pip's own cache and the inside of environments and of the
    extension."""
    found = set()
    for path in Path(folder).rglob("*"):
        name = path.relative_to(folder).as_posix()
        is_inside = name.startswith(
            (".local/share/sharewise/app/0", ".local/share/sharewise/extension/", ".cache/pip/")
        )
        if (path.is_file() or path.is_symlink()) and not is_inside:
            found.add(name)
    return found


def installed_in(folder: str) -> set[str]:
    """Return `files_in` without what the daemon keeps: the person's, not the installation's."""
    kept = (".local/share/sharewise/", ".local/state/", ".config/sharewise/", "run/")
    return {name for name in files_in(folder) if not name.startswith(kept)}


BEFORE = {".config/chromium/Local State"}
REGISTRATION = f".config/chromium/NativeMessagingHosts/{HOST_NAME}.json"
LINK = ".local/bin/sharewise"
AUTOSTART = ".config/autostart/sharewise.desktop"


def test_the_wheel_holds_both_packages_and_the_extension_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
    tops = {name.split("/")[0] for name in names}
    version = json.loads((ROOT / "extension/manifest.json").read_bytes())["version"]
    info = f"sharewise-{version}.dist-info"
    assert tops == {"sharewise", "sharewise_host", "sharewise_extension", info}
    assert "sharewise_extension/manifest.json" in names
    assert not [name for name in names if name.startswith("sharewise/dev")]
    assert not [name for name in names if "test" in name.split("/")[0] or "__pycache__" in name]
    assert f"{info}/licenses/LICENSE" in names


def test_the_extension_in_the_wheel_is_the_repositorys(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        packed = {
            name.removeprefix("sharewise_extension/"): opened.read(name)
            for name in opened.namelist()
            if name.startswith("sharewise_extension/")
        }
    tracked = {
        path.relative_to(ROOT / "extension").as_posix(): path.read_bytes()
        for path in (ROOT / "extension").rglob("*")
        if path.is_file()
    }
    assert packed == tracked


def test_the_source_distribution_holds_what_is_needed_to_build_and_test(tmp_path: Path) -> None:
    build = (
        "import os, sys; from hatchling.build import build_sdist; "
        "os.chdir(sys.argv[1]); print(build_sdist(sys.argv[2]))"
    )
    tool = tmp_path / "tool"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", tool, "hatchling"]
    made = run(*pip)
    assert made.returncode == 0, made.stderr
    built = run(sys.executable, "-c", build, ROOT, tmp_path, environment={"PYTHONPATH": str(tool)})
    assert built.returncode == 0, built.stderr
    with tarfile.open(tmp_path / built.stdout.strip().splitlines()[-1]) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert names >= {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "daemon/sharewise/__init__.py",
        "native_host/sharewise_host/__main__.py",
        "extension/manifest.json",
        "installers/__main__.py",
        "tests/__main__.py",
    }
    assert not [name for name in names if "node_modules" in name or name.startswith(".build")]


def test_a_whole_installation_and_its_removal(home: dict[str, str]) -> None:
    """As a person runs it: builds the checkout and fetches every library that it names."""
    for variable in ("PIP_NO_DEPS", "PIP_NO_INDEX", "PIP_CONFIG_FILE", "PYTHONPATH"):
        del home[variable]
    settings = ("PIP_", "SSL_", "HTTP_", "HTTPS_", "http_", "https_")  # how pip gets out
    home.update({key: value for key, value in os.environ.items() if key.startswith(settings)})

    done = install(home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert installed_in(home["HOME"]) == BEFORE | {REGISTRATION, LINK, AUTOSTART}

    # The browser's manifest starts a host that answers, through a daemon that runs.
    manifest = json.loads(Path(home["HOME"], REGISTRATION).read_bytes())
    with running_host(home, command=(manifest["path"],)) as host:
        assert "result" in host.hello()
    program = Path(home["HOME"], LINK)
    assert run(program, "daemon", "status", environment=home).returncode == 0
    extension = Path(home["HOME"], ".local/share/sharewise/extension")
    assert (extension / "manifest.json").read_bytes() == (
        ROOT / "extension/manifest.json"
    ).read_bytes()
    assert f"choose {extension}" in done.stdout
    assert "chrome://extensions" in done.stdout

    removed = install(home, "--uninstall")
    assert removed.returncode == 0, removed.stdout
    assert installed_in(home["HOME"]) == BEFORE
    assert not (Path(home["HOME"]) / ".local/share/sharewise/app").exists()
    assert not extension.exists()
    assert "What is yours stays" in removed.stdout


def test_a_failed_update_leaves_the_old_one_and_another_run_updates(
    wheel: Path, home: dict[str, str], tmp_path: Path
) -> None:
    assert install(home, "--wheel", wheel).returncode == 0
    before = installed_in(home["HOME"])
    broken = tmp_path / wheel.name
    broken.write_bytes(b"not a package")
    failed = install(home, "--wheel", broken)
    assert failed.returncode == 1
    assert "This did not work" in failed.stdout
    assert installed_in(home["HOME"]) == before
    apps = Path(home["HOME"], ".local/share/sharewise/app")
    assert [app.name.rpartition("-")[2] for app in apps.iterdir()] == ["1"]
    manifest = json.loads(Path(home["HOME"], REGISTRATION).read_bytes())
    with running_host(home, command=(manifest["path"],)) as host:
        assert "result" in host.hello()

    stale = Path(home["HOME"], ".local/share/sharewise/extension/from-an-older-version.js")
    stale.touch()
    updated = install(home, "--wheel", wheel)
    assert updated.returncode == 0, updated.stdout
    (app,) = apps.iterdir()
    assert app.name.rpartition("-")[2] == "2"
    assert not stale.exists()
    manifest = json.loads(Path(home["HOME"], REGISTRATION).read_bytes())
    assert Path(manifest["path"]) == app / "bin/sharewise-host"
    assert Path(home["HOME"], LINK).resolve() == app / "bin/sharewise"
    assert str(app) in Path(home["HOME"], AUTOSTART).read_text()
    assert run(Path(home["HOME"], LINK), "daemon", "status", environment=home).returncode == 0


def test_a_dry_run_changes_nothing(home: dict[str, str]) -> None:
    before = files_in(home["HOME"])
    shown = install(home, "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert "Nothing was changed." in shown.stdout
    assert shown.stdout.count("Would: ") >= 7
    assert files_in(home["HOME"]) == before
    assert install(home, "--uninstall", "--dry-run").returncode == 0
    assert files_in(home["HOME"]) == before


def test_another_place_and_a_taken_command_name(wheel: Path, home: dict[str, str]) -> None:
    taken = Path(home["HOME"], LINK)
    taken.write_text("somebody else's")
    prefix = Path(home["HOME"], "elsewhere")
    foreign = prefix / "app/photos/beach.jpg"
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"not ours")
    done = install(home, "--wheel", wheel, "--no-autostart", "--prefix", prefix)
    assert done.returncode == 0, done.stdout
    assert taken.read_text() == "somebody else's"
    assert "belongs to something else" in done.stdout
    assert (prefix / "extension/manifest.json").exists()
    removed = install(home, "--uninstall", "--prefix", prefix)
    assert removed.returncode == 0
    assert taken.read_text() == "somebody else's"
    assert [path for path in prefix.rglob("*") if path.is_file()] == [foreign]


def test_a_service_manager_starts_it_where_there_is_one(wheel: Path, home: dict[str, str]) -> None:
    log = Path(home["HOME"], "systemctl.log")
    systemctl = Path(home["HOME"], "tools/systemctl")
    systemctl.write_text(f'#!/bin/sh\necho "$*" >> {log}\n')
    systemctl.chmod(0o755)
    assert install(home, "--wheel", wheel).returncode == 0
    unit = Path(home["HOME"], ".config/systemd/user/sharewise.service")
    program = Path(home["HOME"], LINK).readlink()
    assert f'ExecStart="{program}" "daemon" "run"' in unit.read_text()
    assert not Path(home["HOME"], AUTOSTART).exists()
    assert log.read_text().splitlines() == [
        "--user show-environment",
        "--user daemon-reload",
        "--user enable sharewise.service",
        "--user restart sharewise.service",
    ]
    log.unlink()
    assert install(home, "--uninstall").returncode == 0
    assert log.read_text().splitlines() == ["--user disable --now sharewise.service"]
    assert not unit.exists()


def test_with_sudo_it_would_be_installed_for_the_wrong_person(home: dict[str, str]) -> None:
    refused = install({**home, "SUDO_USER": "somebody"}, "--dry-run")
    assert refused.returncode == 2
    assert "without sudo" in refused.stdout


def test_an_interpreter_without_ensurepip_is_told_what_to_install(home: dict[str, str]) -> None:
    # As on Debian without python3-venv.
    start = (
        "import runpy, sys; sys.modules['ensurepip'] = None; "
        f"sys.argv[0] = {str(ROOT / 'installers')!r}; "
        f"runpy.run_path({str(ROOT / 'installers')!r}, run_name='__main__')"
    )
    failed = run(sys.executable, "-c", start, environment=home)
    assert failed.returncode == 1
    assert "sudo apt install python3." in failed.stdout
    assert not Path(home["HOME"], ".local/share").exists()


def test_what_is_unknown_is_refused(home: dict[str, str]) -> None:
    assert install(home, "--nonsense").returncode == 2
