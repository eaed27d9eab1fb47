"""Two real Syncthing clients, one folder, and Sharewise at one end of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sharewise.disk.writing import is_temporary
from sharewise.formats.contract import Depth
from sharewise.providers.contract import Found
from sharewise.providers.registry import environment_of
from sharewise.providers.syncthing import find
from sharewise.services.cleaning import Inspected, inspect_file
from support.daemon import RunningDaemon, home_for_daemon, running_daemon
from support.pictures import gps_jpeg, names, plain_jpeg, put
from support.polling import wait_until
from support.syncthing import Client, make_client, running, share

LIMIT_S = 90.0


@pytest.fixture
def clients(tmp_path: Path) -> Iterator[tuple[Client, Client]]:
    here = make_client(tmp_path / "home-here", tmp_path / "here")
    there = make_client(tmp_path / "home-there", tmp_path / "there")
    share(here, [there])
    share(there, [here])
    with ExitStack() as stack:
        stack.enter_context(running(here))
        stack.enter_context(running(there))
        yield here, there


@pytest.fixture
def daemon(clients: tuple[Client, Client]) -> Iterator[RunningDaemon]:
    with home_for_daemon() as environment:
        variables = {**environment, "HOME": str(clients[0].home)}
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            variables.pop(name, None)
        with running_daemon(variables) as started:
            yield started


def watch(daemon: RunningDaemon, *words: str) -> list[dict[str, object]]:
    ended = subprocess.run(
        [sys.executable, "-m", "sharewise", "watch", words[0], "--json", *words[1:]],
        env=daemon.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def is_clean(path: Path) -> bool:
    inspected = inspect_file(path, Depth.THOROUGH)
    return isinstance(inspected, Inspected) and not inspected.is_private


def pictures(folder: Path) -> list[str]:
    """Return what people see of a folder: no files and folders of the client."""
    return [name for name in names(folder) if ".stfolder" not in name and ".syncthing." not in name]


def test_settings_that_syncthing_itself_made_name_its_folders(tmp_path):
    client = make_client(tmp_path / "home", tmp_path / "Fotos ä")
    share(client, [])
    environment = environment_of({}, "linux", client.home)
    assert find(environment) == Found((client.folder,))


def test_photo_is_clean_at_both_ends_without_a_conflict(clients, daemon):
    here, there = clients
    (listed,) = watch(daemon, "list")
    assert (listed["path"], listed["provider"], listed["mode"]) == (
        str(here.folder),
        "syncthing",
        "off",
    )
    put(there.folder, "hello.jpg", plain_jpeg())
    wait_until((here.folder / "hello.jpg").exists, "the clients found each other", LIMIT_S)

    watch(daemon, "set", str(here.folder), "clean")
    ours = put(here.folder, "ours.jpg", gps_jpeg())
    theirs = put(there.folder, "sub/theirs.jpg", gps_jpeg())
    seen: set[str] = set()

    def is_done() -> bool:
        seen.update(names(there.folder))
        ends = [folder / path for folder in (here.folder, there.folder) for path in PHOTOS]
        return all(path.exists() and is_clean(path) for path in ends)

    wait_until(is_done, "both photos are clean at both ends", LIMIT_S)
    for path in PHOTOS:
        assert (here.folder / path).read_bytes() == (there.folder / path).read_bytes()
    assert ours.exists()
    assert theirs.exists()
    # One more round trip: whatever was on its way has arrived by then.
    put(here.folder, "last.jpg", plain_jpeg())
    wait_until((there.folder / "last.jpg").exists, "the last file arrived", LIMIT_S)
    seen.update(names(there.folder))
    expected = ["hello.jpg", "last.jpg", "ours.jpg", "sub", "sub/theirs.jpg"]
    assert pictures(here.folder) == pictures(there.folder) == expected
    assert not [name for name in seen if is_temporary(os.path.basename(name))]  # noqa: PTH119  a name, no path
    watched = watch(daemon, "list")[0]
    assert (watched["private_count"], watched["cleaned_count"]) == (2, 2)


PHOTOS = ("ours.jpg", "sub/theirs.jpg")
