"""The steps of installing and uninstalling, in order; each prints one line.

Whatever fails before the switch leaves the installation that is there working: the new one is
built beside it and thrown away again.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from installers.autostart import Autostart, Kind, autostart
from installers.guide import Found, guide
from installers.layout import Layout, layout_here

BUILD_TIMEOUT_S = 600
COMMAND_TIMEOUT_S = 60
EXTENSION_ID = "extension@sharewise"
EXIT_DONE = 0
EXIT_FAILED = 1
MODE_PRIVATE_FOLDER = 0o700
LINES_SHOWN = 12
"""How much a failed program's own words are repeated: the end says why."""


class StepFailed(Exception):
    """A step could not be done; the message is for the person."""


def run_plan(
    root: Path,
    *,
    prefix: Path | None,
    wheel: Path | None,
    is_uninstall: bool,
    has_autostart: bool,
    is_dry_run: bool,
) -> int:
    """Install from the checkout at `root`, or uninstall; returns the exit code."""
    layout = layout_here(os.environ, prefix)
    work = Work(layout, is_dry_run)
    try:
        check_place(layout)
        if is_uninstall:
            uninstall(work)
        else:
            install(work, root, wheel, has_autostart=has_autostart)
    except StepFailed as error:
        print(f"\n{error}")
        return EXIT_FAILED
    return EXIT_DONE


@dataclass(slots=True)
class Work:
    """Carries out steps, or with `is_dry_run` only names them."""

    layout: Layout
    is_dry_run: bool
    remarks: list[str] = field(default_factory=list)

    def step(self, words: str, act: Callable[[], object]) -> None:
        """Do one thing and say so."""
        print(f"{'Would: ' if self.is_dry_run else ''}{words}", flush=True)
        if not self.is_dry_run:
            act()

    def run(self, command: Sequence[str], *, timeout_s: int = COMMAND_TIMEOUT_S) -> str:
        """Run a program and return what it printed. Raises StepFailed with its last words."""
        try:
            ended = subprocess.run(
                list(command),
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=timeout_s,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StepFailed(f"This did not work: {Path(command[0]).name}: {error}") from error
        if ended.returncode != 0:
            last = "\n".join(ended.stdout.strip().splitlines()[-LINES_SHOWN:])
            raise StepFailed(f"This did not work: {' '.join(command)}\n{last}")
        return ended.stdout

    def attempt(self, command: Sequence[str]) -> bool:
        """Run a program that may well fail; returns whether it worked."""
        try:
            self.run(command)
        except StepFailed:
            return False
        return True


def install(work: Work, root: Path, wheel: Path | None, *, has_autostart: bool) -> None:
    """Install or update."""
    layout = work.layout
    before = installed_apps(layout)
    taken = layout.apps.iterdir() if layout.apps.is_dir() else ()
    app = layout.app(version_of(root), frozenset(path.name for path in taken))
    python = str(layout.python(app))

    with thrown_away_if_failed(app):
        work.step(f"Making an environment in {app}", lambda: make_environment(app))
        source = str(wheel.absolute() if wheel else root)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", source]
        work.step(
            "Installing Sharewise and the libraries that it needs",
            lambda: work.run(pip, timeout_s=BUILD_TIMEOUT_S),
        )
        work.step("Checking that it starts", lambda: check_programs(work, app))
        work.step(
            f"Putting the browser extension in {layout.extension}",
            lambda: replace_folder(extension_in(work, app), layout.extension),
        )

    host = str(layout.program(app, "sharewise-host"))
    work.step("Telling the browsers where Sharewise is", lambda: register(work, host))
    if before:
        # By its own command: the new one may speak another protocol.
        stop = [str(layout.program(before[-1], "sharewise")), "daemon", "stop"]
        work.step("Stopping the older Sharewise", lambda: work.attempt(stop))
    start_at_login = None
    if has_autostart:
        start_at_login = autostart_of(work, app)
        work.step(
            f"Starting Sharewise at login ({start_at_login.kind})",
            lambda: switch_on(work, start_at_login),
        )
    work.step("Starting Sharewise", lambda: start_now(work, app, start_at_login))
    link_command(work, app)
    for old in before:
        work.step(f"Removing the older version {old.name}", partial(remove_tree, old))
    finish(work, host)


def uninstall(work: Work) -> None:
    """Remove everything that `install` made. What belongs to the person stays."""
    layout = work.layout
    apps = installed_apps(layout)
    for app in apps[-1:]:
        sharewise = str(layout.program(app, "sharewise"))
        host = str(layout.program(app, "sharewise-host"))
        work.step("Taking Sharewise out of the browsers", partial(unregister, work, host))
        work.step("Stopping Sharewise", partial(work.attempt, [sharewise, "daemon", "stop"]))
    for kind in kinds(layout):
        entry = autostart(kind, [""], layout.home, layout.config, user_id())
        if entry.path is None or entry.path.exists():
            work.step(f"Removing the {kind}", partial(switch_off, work, entry))
    link = layout.commands / "sharewise"
    if points_into(link, layout.apps):
        work.step(f"Removing {link}", link.unlink)
    for folder in (*apps, layout.extension):
        if folder.exists():
            work.step(f"Removing {folder}", partial(remove_tree, folder))
    if not work.is_dry_run:
        for folder in (layout.apps, layout.prefix):
            with contextlib.suppress(OSError):  # it is not there, or holds what is not ours
                folder.rmdir()
    for remark in work.remarks:
        print(remark)
    print(
        "\nSharewise is gone. What is yours stays: evidence, untouched originals, settings and "
        "logs.\nRemove the extension in the browser's own list of extensions."
    )


def installed_apps(layout: Layout) -> list[Path]:
    """Return the environments that were made for Sharewise, oldest first; others are not ours."""
    if not layout.apps.is_dir():
        return []
    folders = [
        path
        for path in layout.apps.iterdir()
        if path.is_dir()
        and not path.is_symlink()
        and (path / "pyvenv.cfg").is_file()
        and layout.program(path, "sharewise-host").is_file()
    ]
    return sorted(folders, key=lambda path: path.stat().st_mtime_ns)


def check_place(layout: Layout) -> None:
    """Raise StepFailed if what we replace or remove there is not what we put there."""
    if (layout.prefix / "pyproject.toml").exists():
        raise StepFailed(
            f"{layout.prefix} holds sources; what is installed there would be mixed up with them.\n"
            "Please name another folder with --prefix. Nothing was changed."
        )
    if layout.extension.exists() and not is_our_extension(layout.extension):
        raise StepFailed(
            f"{layout.extension} holds something else, which would be lost.\n"
            "Please name another folder with --prefix. Nothing was changed."
        )


def is_our_extension(folder: Path) -> bool:
    """Return whether a folder holds the browser extension, by the id in its manifest."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        found = manifest["browser_specific_settings"]["gecko"]["id"]
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return bool(found == EXTENSION_ID)


def version_of(root: Path) -> str:
    """Return the version in the checkout's sources."""
    source = (root / "daemon" / "sharewise" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([0-9A-Za-z.+-]+)"$', source, re.MULTILINE)
    if found is None:
        raise StepFailed("This folder does not look like Sharewise's sources.")
    return found[1]


def make_environment(app: Path) -> None:
    """Make a virtual environment with pip."""
    try:
        import ensurepip
    except ImportError as error:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise StepFailed(
            "Python's venv module is incomplete here. On Debian and Ubuntu run\n"
            f"  sudo apt install python{version}-venv\n"
            "and then this again. Nothing was changed."
        ) from error
    del ensurepip
    app.parent.mkdir(mode=MODE_PRIVATE_FOLDER, parents=True, exist_ok=True)
    try:
        # A link, not a copy: the system updates its Python and the standard library together.
        venv.create(app, with_pip=True, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as error:
        raise StepFailed(f"The environment could not be made: {error}") from error


@contextlib.contextmanager
def thrown_away_if_failed(app: Path) -> Iterator[None]:
    """Remove a half-made environment when the block fails, by a key press too."""
    try:
        yield
    except BaseException:
        remove_tree(app)
        with contextlib.suppress(OSError):  # not empty: an older version or the person's data
            app.parent.rmdir()
            app.parent.parent.rmdir()
        raise


def check_programs(work: Work, app: Path) -> None:
    """Run each new command once: what is missing or broken shows here, not at the next login."""
    work.run([str(work.layout.program(app, "sharewise")), "daemon", "--help"])
    work.run([str(work.layout.program(app, "sharewise-host")), "--version"])


def extension_in(work: Work, app: Path) -> Path:
    """Return the extension's folder inside an environment."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    library = work.run([str(work.layout.python(app)), "-c", ask]).strip()
    return Path(library) / "sharewise_extension"


def replace_folder(source: Path, target: Path) -> None:
    """Copy a folder over another one so that no half of either is ever left alone."""
    beside = target.with_name(target.name + ".new")
    old = target.with_name(target.name + ".old")
    for leftover in (beside, old):
        remove_tree(leftover)
    shutil.copytree(source, beside)
    if target.exists():
        target.rename(old)
    try:
        beside.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    remove_tree(old)


def register(work: Work, host: str) -> None:
    """Register with every browser that is there; one that refuses does not stop the rest."""
    if not work.attempt([host, "register", "--host", host]):
        work.remarks.append("One browser could not be told. See: sharewise-host list")


def unregister(work: Work, host: str) -> None:
    """Take every registration back."""
    if not work.attempt([host, "unregister", "--host", host]):
        work.remarks.append("A browser entry was left: another program wrote it.")


def kinds(layout: Layout) -> tuple[Kind, ...]:
    """Return the ways to start at login on this system, best first."""
    match layout.system:
        case "linux":
            return (Kind.SYSTEMD, Kind.XDG)
        case "macos":
            return (Kind.LAUNCH_AGENT,)
        case "windows":
            return (Kind.RUN_KEY,)


def autostart_of(work: Work, app: Path) -> Autostart:
    """Return the best way to start at login here."""
    layout = work.layout
    ways = kinds(layout)
    has_systemd = work.attempt(["systemctl", "--user", "show-environment"])
    kind = ways[-1] if ways[0] is Kind.SYSTEMD and not has_systemd else ways[0]
    command = [str(layout.program(app, "sharewise")), "daemon", "run"]
    if layout.system == "windows":  # no console window at login
        python = layout.python(app).with_name("pythonw.exe")
        command = [str(python), "-P", "-m", "sharewise", "daemon", "run"]
    return autostart(kind, command, layout.home, layout.config, user_id())


def user_id() -> int:
    """Return the number of this user; 0 where users have none."""
    return 0 if sys.platform == "win32" else os.getuid()


def switch_on(work: Work, entry: Autostart) -> None:
    """Write the entry and tell the system, taking any earlier one back first."""
    for kind in kinds(work.layout):
        other = autostart(kind, [""], work.layout.home, work.layout.config, user_id())
        if other.path is not None and other.path.exists():
            switch_off(work, other)
    if entry.path is not None:
        entry.path.parent.mkdir(mode=MODE_PRIVATE_FOLDER, parents=True, exist_ok=True)
        beside = entry.path.with_name(f".{entry.path.name}.new")
        beside.write_bytes(entry.content)
        beside.replace(entry.path)
    for command in entry.activate:
        work.run(command)


def switch_off(work: Work, entry: Autostart) -> None:
    """Take an entry back."""
    for command in entry.deactivate:
        work.attempt(command)
    if entry.path is not None:
        entry.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # it holds something else, or is gone already
            entry.path.parent.rmdir()


def start_now(work: Work, app: Path, entry: Autostart | None) -> None:
    """Start the daemon; a browser does it too, so failing here is only worth a remark."""
    start = [str(work.layout.program(app, "sharewise")), "daemon", "start"]
    if entry is not None and entry.start and work.attempt(entry.start):
        return
    if not work.attempt(start):
        work.remarks.append("Sharewise did not start. See why: sharewise doctor")


def link_command(work: Work, app: Path) -> None:
    """Put `sharewise` where the person's own commands are, if there is such a place."""
    folder = work.layout.commands
    program = work.layout.program(app, "sharewise")
    link = folder / "sharewise"
    if work.layout.system == "windows" or not folder.is_dir():
        work.remarks.append(f"The command line is {program}")
    elif (link.exists() or link.is_symlink()) and not points_into(link, work.layout.apps):
        work.remarks.append(f"{link} belongs to something else; the command line is {program}")
    else:
        work.step(f"Making the command {link}", lambda: replace_link(link, program))


def points_into(link: Path, folder: Path) -> bool:
    """Return whether this is a symbolic link to something below the folder."""
    return link.is_symlink() and link.readlink().is_relative_to(folder)


def replace_link(link: Path, target: Path) -> None:
    """Point a symbolic link at a new target without a moment in which it is missing."""
    beside = link.with_name(f".{link.name}.new")
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    beside.replace(link)


def remove_tree(folder: Path) -> None:
    """Remove a folder; what a running program still holds open may stay behind on Windows."""
    shutil.rmtree(folder, ignore_errors=True)


def finish(work: Work, host: str) -> None:
    """Say what is left to do."""
    if work.is_dry_run:
        print("\nNothing was changed.")
        return
    for remark in work.remarks:
        print(remark)
    listed = work.run([host, "list", "--json", "--host", host]).splitlines()
    records = [json.loads(line) for line in listed]
    browsers = [
        Found(record["browser"], record["title"], record["state"], record["note"])
        for record in records
    ]
    print(f"\nSharewise is installed.\n\n{guide(browsers, work.layout.extension)}")
