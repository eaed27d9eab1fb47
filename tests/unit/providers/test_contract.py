"""Every provider goes through this; a new one comes by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.providers.contract import Environment, Found, Platform, Provider
from sharewise.providers.registry import environment_of, providers

GARBAGE = [b"", b"\0\xff\xfe" * 50, b"{" * 10_000, b"<a" * 10_000, b"[Accounts", b"null", b"[1"]


def environment_in(home: Path, platform: Platform) -> Environment:
    return Environment(
        platform=platform,
        home=home,
        config_home=home / "config",
        state_home=home / "state",
        roaming=home / "roaming",
        local=home / "local",
    )


def places_asked(provider: Provider, environment: Environment) -> list[Path]:
    """Return the settings files that a provider asks for, without any being there."""
    asked: list[Path] = []

    def note(path: Path) -> bool:
        asked.append(path)
        return False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "exists", note)
        provider.find(environment)
    return asked


def check_provider(provider: Provider, home: Path, platform: Platform) -> None:
    """Raise AssertionError unless the provider keeps the contract."""
    environment = environment_in(home, platform)
    assert provider.find(environment) == Found(), "absent settings are no folders and no problem"
    asked = places_asked(provider, environment)
    assert asked, "a provider looks somewhere on every system"
    for place in asked:
        assert place.is_relative_to(home), "a provider never looks at the real home"
        place.parent.mkdir(parents=True)
        for untrusted in GARBAGE:
            place.write_bytes(untrusted)
            found = provider.find(environment)
            assert found == Found(problem=ErrorCode.UNREADABLE), "odd settings give a code"
        place.unlink()
        place.mkdir()
        assert provider.find(environment) == Found(problem=ErrorCode.UNREADABLE)
        place.rmdir()
        place.parent.rmdir()
    assert provider.name == provider.name.lower()
    assert all(pattern == pattern.lower() for pattern in provider.own_files)
    assert all(folder == folder.lower() for folder in provider.own_folders)


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("name", providers())
def test_provider_keeps_the_contract(tmp_path, name, platform):
    assert providers()[name].name == name
    check_provider(providers()[name], tmp_path, platform)


def broken(find: Callable[[Environment], Found]) -> Provider:
    return Provider("broken", "Broken", find, own_files=())


def guess(environment: Environment) -> Found:
    (environment.home / "x").exists()
    return Found((environment.home / "Sync",))


def leave_the_home(environment: Environment) -> Found:
    Path("/nowhere/settings").exists()
    return Found()


def swallow(environment: Environment) -> Found:
    (environment.home / "deep" / "settings").exists()
    return Found()


@pytest.mark.parametrize("find", [guess, leave_the_home, swallow, lambda _: Found()])
def test_the_contract_bites(tmp_path, find):
    with pytest.raises(AssertionError):
        check_provider(broken(find), tmp_path, Platform.LINUX)


def test_the_issue_asks_for_these():
    assert {"dropbox", "nextcloud", "syncthing"} <= set(providers())


def test_environment_follows_the_variables():
    variables = {"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "relative", "HOME": "/other"}
    environment = environment_of(variables, "linux", Path("/home/a"))
    assert environment.config_home == Path("/c")
    assert environment.state_home == Path("/home/a/.local/state")
    assert environment.home == Path("/home/a")
    assert environment.platform is Platform.LINUX


@pytest.mark.parametrize(
    ("system", "platform"),
    [("linux", Platform.LINUX), ("darwin", Platform.MACOS), ("win32", Platform.WINDOWS)],
)
def test_platform_follows_the_system(system, platform):
    assert environment_of({}, system, Path("/home/a")).platform is platform
