from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sharewise_host.browsers import TABLE, Bases, Browser, System, render
from sharewise_host.identity import HOST_NAME, Family
from sharewise_host.register import (
    Machine,
    Outcome,
    State,
    register,
    standing_of,
    unregister,
)

HOST = "/opt/sharewise/bin/sharewise-host"


class MakeBelieveRegistry:
    """A dict in place of the Windows registry: there is no Windows where this runs."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}

    def value(self, key: str) -> str | None:
        return self.keys.get(key)

    def put(self, key: str, value: str) -> None:
        self.keys[key] = value

    def remove(self, key: str) -> None:
        self.keys.pop(key, None)


def machine_at(
    folder: Path,
    system: System = System.LINUX,
    *,
    for_everyone: bool = False,
    programs: dict[str, str] | None = None,
) -> Machine:
    home = folder / "home"
    return Machine(
        system=system,
        bases=Bases(str(home), str(home / ".config"), str(home / "local"), str(home / "roaming")),
        root=folder / "root",
        is_for_everyone=for_everyone,
        registry=MakeBelieveRegistry() if system is System.WINDOWS else None,
        which=(programs or {}).get,
    )


def browser_called(name: str, system: System = System.LINUX) -> Browser:
    return next(browser for browser in TABLE[system] if browser.name == name)


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


REACHABLE = [
    (system, browser) for system in System for browser in TABLE[system] if browser.is_reachable
]


@pytest.mark.parametrize(
    ("system", "browser"), REACHABLE, ids=[f"{system}-{b.name}" for system, b in REACHABLE]
)
def test_what_is_registered_is_listed_and_taken_back(
    tmp_path: Path, system: System, browser: Browser
) -> None:
    machine = machine_at(tmp_path, system)
    assert standing_of(browser, HOST, machine).state is State.ABSENT
    assert register(browser, HOST, machine) is Outcome.WRITTEN
    assert machine.manifest_of(browser).read_bytes() == render(browser.family, HOST)
    assert standing_of(browser, HOST, machine).state is State.REGISTERED
    assert register(browser, HOST, machine) is Outcome.UNCHANGED
    assert unregister(browser, machine) is Outcome.REMOVED
    assert files_in(tmp_path) == set()
    assert unregister(browser, machine) is Outcome.UNCHANGED


def test_a_manifest_can_be_read_by_the_browser_and_written_by_us_alone(tmp_path: Path) -> None:
    machine = machine_at(tmp_path)
    firefox = browser_called("firefox")
    register(firefox, HOST, machine)
    manifest = machine.manifest_of(firefox)
    assert manifest == tmp_path / f"home/.mozilla/native-messaging-hosts/{HOST_NAME}.json"
    assert stat.S_IMODE(manifest.stat().st_mode) == 0o644
    assert stat.S_IMODE(manifest.parent.stat().st_mode) & 0o022 == 0


def test_a_host_that_moved_is_healed(tmp_path: Path) -> None:
    machine = machine_at(tmp_path)
    chrome = browser_called("chrome")
    register(chrome, "/old/sharewise-host", machine)
    standing = standing_of(chrome, HOST, machine)
    assert (standing.state, standing.host) == (State.ELSEWHERE, "/old/sharewise-host")
    assert register(chrome, HOST, machine) is Outcome.WRITTEN
    assert standing_of(chrome, HOST, machine).state is State.REGISTERED


def test_an_older_registration_is_brought_up_to_date(tmp_path: Path) -> None:
    machine = machine_at(tmp_path)
    chrome = browser_called("chrome")
    manifest = machine.manifest_of(chrome)
    manifest.parent.mkdir(parents=True)
    manifest.write_bytes(render(Family.CHROMIUM, HOST).replace(b"looks at", b"once looked at"))
    assert standing_of(chrome, HOST, machine).state is State.ELSEWHERE
    assert register(chrome, HOST, machine) is Outcome.WRITTEN
    assert manifest.read_bytes() == render(Family.CHROMIUM, HOST)


@pytest.mark.parametrize("foreign", [b"", b"{}", b"something else", render(Family.GECKO, "/x")])
def test_what_we_did_not_write_is_left_and_reported(tmp_path: Path, foreign: bytes) -> None:
    machine = machine_at(tmp_path)
    chrome = browser_called("chrome")
    manifest = machine.manifest_of(chrome)
    manifest.parent.mkdir(parents=True)
    manifest.write_bytes(foreign)
    assert standing_of(chrome, HOST, machine).state is State.FOREIGN
    assert register(chrome, HOST, machine) is Outcome.LEFT_FOREIGN
    assert unregister(chrome, machine) is Outcome.LEFT_FOREIGN
    assert manifest.read_bytes() == foreign


def test_other_hosts_of_the_browser_stay(tmp_path: Path) -> None:
    machine = machine_at(tmp_path)
    chrome = browser_called("chrome")
    register(chrome, HOST, machine)
    other = machine.manifest_of(chrome).with_name("com.example.other.json")
    other.write_text("{}")
    assert unregister(chrome, machine) is Outcome.REMOVED
    assert files_in(tmp_path) == {str(other.relative_to(tmp_path))}


def test_an_interrupted_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = machine_at(tmp_path)
    chrome = browser_called("chrome")
    register(chrome, "/old", machine)
    before = machine.manifest_of(chrome).read_bytes()

    def fail(descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="no space"):
        register(chrome, HOST, machine)
    assert machine.manifest_of(chrome).read_bytes() == before
    assert len(files_in(tmp_path)) == 1


@pytest.mark.parametrize("browser", [b for b in TABLE[System.LINUX] if b.machine])
def test_for_everyone_nothing_is_written_into_the_home(tmp_path: Path, browser: Browser) -> None:
    machine = machine_at(tmp_path, for_everyone=True)
    assert register(browser, HOST, machine) is Outcome.WRITTEN
    assert all(name.startswith(f"root{browser.machine}") for name in files_in(tmp_path))
    assert unregister(browser, machine) is Outcome.REMOVED


def test_a_sandboxed_browser_is_named_honestly_and_never_written(tmp_path: Path) -> None:
    machine = machine_at(tmp_path)
    flatpak = browser_called("firefox-flatpak")
    assert standing_of(flatpak, HOST, machine).state is State.ABSENT
    (tmp_path / "home/.var/app/org.mozilla.firefox").mkdir(parents=True)
    assert standing_of(flatpak, HOST, machine).state is State.UNREACHABLE
    assert register(flatpak, HOST, machine) is Outcome.UNREACHABLE
    assert unregister(flatpak, machine) is Outcome.UNREACHABLE
    assert files_in(tmp_path) == set()


def test_a_browser_shows_by_its_profile_or_its_program(tmp_path: Path) -> None:
    chromium = browser_called("chromium")
    assert not machine_at(tmp_path).has(chromium)
    assert machine_at(tmp_path, programs={"chromium": "/usr/bin/chromium"}).has(chromium)
    profile = tmp_path / "home/.config/chromium"
    profile.mkdir(parents=True)
    assert not machine_at(tmp_path).has(chromium)
    (profile / "Local State").touch()
    assert machine_at(tmp_path).has(chromium)


def test_the_program_of_a_snap_is_not_the_browser_itself(tmp_path: Path) -> None:
    machine = machine_at(tmp_path, programs={"chromium": "/snap/bin/chromium"})
    assert not machine.has(browser_called("chromium"))


def test_our_own_folder_does_not_make_a_browser_appear(tmp_path: Path) -> None:
    machine = machine_at(tmp_path)
    opera = browser_called("opera")
    register(opera, HOST, machine)
    assert not machine.has(browser_called("chrome"))


def test_a_shared_windows_manifest_stays_while_one_key_needs_it(tmp_path: Path) -> None:
    machine = machine_at(tmp_path, System.WINDOWS)
    edge, chrome = (browser_called(name, System.WINDOWS) for name in ("edge", "chrome"))
    for browser in (edge, chrome):
        assert register(browser, HOST, machine) is Outcome.WRITTEN
    manifest = machine.manifest_of(edge)
    assert manifest == machine.manifest_of(chrome)
    assert isinstance(machine.registry, MakeBelieveRegistry)
    assert set(machine.registry.keys.values()) == {str(manifest)}
    assert unregister(edge, machine) is Outcome.REMOVED
    assert manifest.exists()
    assert unregister(chrome, machine) is Outcome.REMOVED
    assert not manifest.exists()
    assert machine.registry.keys == {}


def test_a_key_that_points_to_another_file_is_left(tmp_path: Path) -> None:
    machine = machine_at(tmp_path, System.WINDOWS)
    edge = browser_called("edge", System.WINDOWS)
    assert machine.registry is not None
    machine.registry.put(edge.user, r"C:\other\host.json")
    assert standing_of(edge, HOST, machine).state is State.FOREIGN
    assert register(edge, HOST, machine) is Outcome.LEFT_FOREIGN
    assert unregister(edge, machine) is Outcome.LEFT_FOREIGN
    assert machine.registry.value(edge.user) == r"C:\other\host.json"


def test_a_manifest_without_its_key_is_registered_again(tmp_path: Path) -> None:
    machine = machine_at(tmp_path, System.WINDOWS)
    edge = browser_called("edge", System.WINDOWS)
    register(edge, HOST, machine)
    assert machine.registry is not None
    machine.registry.remove(edge.user)
    assert register(edge, HOST, machine) is Outcome.WRITTEN
    assert standing_of(edge, HOST, machine).state is State.REGISTERED


def test_a_browser_that_is_not_there_does_not_show_by_anothers_registration(
    tmp_path: Path,
) -> None:
    machine = machine_at(tmp_path, programs={"google-chrome": "/usr/bin/google-chrome"})
    register(browser_called("chrome"), HOST, machine)
    assert standing_of(browser_called("chrome"), HOST, machine).state is State.REGISTERED
    assert standing_of(browser_called("opera"), HOST, machine).state is State.ABSENT
    (tmp_path / "home/.config/opera/Default").mkdir(parents=True)
    assert standing_of(browser_called("opera"), HOST, machine).state is State.REGISTERED
