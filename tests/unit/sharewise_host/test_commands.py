from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from sharewise_host import commands
from sharewise_host.__main__ import main
from sharewise_host.identity import HOST_NAME


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home with Firefox's and Chromium's traces in it, and no program on PATH."""
    for variable in ("XDG_CONFIG_HOME", "PROGRAMDATA", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / ".config/mozilla/firefox").mkdir(parents=True)
    chromium = tmp_path / ".config/chromium"
    chromium.mkdir(parents=True)
    (chromium / "Local State").touch()
    return tmp_path


@pytest.fixture
def host(tmp_path: Path) -> str:
    program = tmp_path / "sharewise-host"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return str(program)


def manifests(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob(f"{HOST_NAME}*")}


FIREFOX = f".mozilla/native-messaging-hosts/{HOST_NAME}.json"
CHROMIUM = f".config/chromium/NativeMessagingHosts/{HOST_NAME}.json"


def test_only_browsers_that_are_found_are_registered(
    home: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["register", "--host", host]) == 0
    assert manifests(home) == {FIREFOX, CHROMIUM}
    assert capsys.readouterr().out.splitlines() == [
        "Chromium                 registered",
        "Firefox                  registered",
    ]
    assert main(["register", "--host", host]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert main(["unregister", "--host", host]) == 0
    assert manifests(home) == set()


def test_a_browser_that_is_named_is_registered_even_unseen(home: Path, host: str) -> None:
    assert main(["register", "--browser", "brave", "--host", host]) == 0
    assert len(manifests(home)) == 1
    assert main(["unregister", "--host", host]) == 0
    assert manifests(home) == set()


def test_a_dry_run_writes_nothing(
    home: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["register", "--dry-run", "--host", host]) == 0
    assert manifests(home) == set()
    assert "would be registered" in capsys.readouterr().out
    main(["register", "--host", host])
    capsys.readouterr()
    assert main(["unregister", "--dry-run", "--host", host]) == 0
    assert manifests(home) == {FIREFOX, CHROMIUM}
    assert "would be removed" in capsys.readouterr().out


def test_the_list_tells_each_state(
    home: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["register", "--browser", "firefox", "--host", host])
    (home / ".var/app/com.brave.Browser").mkdir(parents=True)
    capsys.readouterr()
    assert main(["list", "--json", "--host", host]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    states = {record["browser"]: record["state"] for record in records}
    assert states["firefox"] == "registered"
    assert states["chromium"] == "not_registered"
    assert states["brave"] == "absent"
    assert states["brave-flatpak"] == "unreachable"
    assert states["firefox-flatpak"] == "absent"
    assert main(["list", "--host", host]) == 0
    words = capsys.readouterr().out
    assert "Chromium                 not registered: run 'sharewise-host register'" in words
    assert "Brave (Flatpak)          cannot be connected (kept by its sandbox" in words
    assert "Firefox (Flatpak)" not in words


def test_a_foreign_file_is_reported_and_makes_the_command_fail(
    home: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = home / FIREFOX
    foreign.parent.mkdir(parents=True)
    foreign.write_text("{}")
    assert main(["register", "--host", host]) == 1
    assert "left alone" in capsys.readouterr().out
    assert (home / CHROMIUM).exists()
    assert main(["unregister", "--host", host]) == 1
    assert foreign.read_text() == "{}"


def test_json_lines_say_what_became_of_each_browser(
    home: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["register", "--json", "--host", host]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(record["browser"], record["outcome"]) for record in records] == [
        ("chromium", "written"),
        ("firefox", "written"),
    ]


@pytest.mark.parametrize(
    "words", [[], ["nonsense"], ["register", "--nonsense"], ["/x.json", "a", "b"], ["https://x"]]
)
def test_anything_else_shows_help_and_ends_with_2(
    home: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(words)
    except SystemExit as ended:
        code = ended.code  # argparse ends by itself
    assert code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "usage: sharewise-host" in shown.err


def test_an_unknown_browser_is_told_the_known_ones(
    home: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["register", "--browser", "mosaic", "--host", host]) == 2
    assert "chromium" in capsys.readouterr().err


@pytest.mark.parametrize("mode", [0o644, None])
def test_a_host_that_cannot_be_run_is_not_registered(
    home: Path, capsys: pytest.CaptureFixture[str], mode: int | None
) -> None:
    program = home / "host"
    if mode is not None:
        program.write_text("#!/bin/sh\n")
        program.chmod(mode)
    assert main(["register", "--host", str(program)]) == 2
    assert manifests(home) == set()
    assert "python3 installers" in capsys.readouterr().err
    assert main(["list", "--host", str(program)]) == 0
    assert main(["unregister", "--host", str(program)]) == 0


def test_the_program_beside_the_interpreter_is_registered(tmp_path: Path) -> None:
    assert commands.host_path(None, tmp_path / "python") == tmp_path / "sharewise-host"
    assert commands.host_path("/x/host", tmp_path / "python") == Path("/x/host")


def test_the_config_folder_of_the_person_is_used(
    home: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "cfg"))
    assert main(["register", "--browser", "chrome", "--host", host]) == 0
    assert manifests(home) == {f"cfg/google-chrome/NativeMessagingHosts/{HOST_NAME}.json"}


def test_a_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("sharewise-host ")
