"""The real daemon, the real events of the system and the real command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sharewise.formats.contract import Depth
from sharewise.services.cleaning import Inspected, inspect_file
from support.daemon import RunningDaemon, home_for_daemon, running_daemon
from support.pictures import DEVICE, PLACE, gps_jpeg, names, plain_jpeg, put
from support.polling import wait_until

CANARY = "canary-beach-lyon"


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[RunningDaemon]:
    with home_for_daemon() as environment:
        home = tmp_path / "home"
        home.mkdir()
        with running_daemon({**environment, "HOME": str(home)}) as running:
            yield running


def sharewise(daemon: RunningDaemon, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sharewise", *words],
        env=daemon.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def state(daemon: RunningDaemon, folder: Path) -> dict[str, object]:
    listed = sharewise(daemon, "watch", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    lines = [json.loads(line) for line in listed.stdout.splitlines()]
    return next(line for line in lines if line["path"] == str(folder))


def is_clean(path: Path) -> bool:
    inspected = inspect_file(path, Depth.THOROUGH)
    return isinstance(inspected, Inspected) and not inspected.is_private


def test_folder_is_watched_cleaned_and_undone(daemon, tmp_path):
    folder = tmp_path / CANARY
    before = put(folder, f"{CANARY}-before.jpg", gps_jpeg())
    added = sharewise(daemon, "watch", "add", "--clean", str(folder))
    assert added.returncode == 0, added.stderr
    wait_until(lambda: is_clean(before), "what was there is cleaned")

    new = put(folder, f"new/deep/{CANARY}.jpg", gps_jpeg())
    wait_until(lambda: is_clean(new), "what came in a new folder is cleaned")
    outside = put(tmp_path, "outside.jpg", gps_jpeg())
    moved = folder / "moved.jpg"
    shutil.copy(outside, tmp_path / "copy.jpg")
    (tmp_path / "copy.jpg").rename(moved)
    wait_until(lambda: is_clean(moved), "what was moved in is cleaned")
    assert DEVICE not in moved.read_bytes()

    undone = sharewise(daemon, "watch", "undo", str(new))
    assert undone.returncode == 0, undone.stderr
    assert new.read_bytes() == gps_jpeg()
    last = put(folder, "last.jpg", gps_jpeg())
    wait_until(lambda: is_clean(last), "what came last is cleaned")
    assert new.read_bytes() == gps_jpeg(), "what was put back is left alone"
    assert sharewise(daemon, "watch", "undo", str(new)).returncode == 2
    shown = state(daemon, folder)
    assert (shown["mode"], shown["private_count"], shown["cleaned_count"]) == ("clean", 4, 4)
    assert outside.read_bytes() == gps_jpeg()

    assert daemon.stop() == 0
    lines = [json.loads(line) for line in daemon.places.log.read_text().splitlines()]
    # Without the times, in which any digits may stand.
    log = "\n".join(str(line[key]) for line in lines for key in line if key != "at")
    assert "location" in log
    told = sharewise(daemon, "inspect", str(outside)).stdout
    assert all(words in told for words in (*PLACE, DEVICE.decode()))
    for private in (CANARY, str(tmp_path), *PLACE, DEVICE.decode()):
        assert private not in log + daemon.errors()


def test_many_files_at_once_are_all_cleaned(daemon, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    assert sharewise(daemon, "watch", "add", "--clean", str(folder)).returncode == 0
    photos = [put(folder, f"{n % 7}/{n}.jpg", gps_jpeg()) for n in range(150)]
    wait_until(lambda: all(map(is_clean, photos)), "every photo is cleaned", limit_s=60)
    assert len(names(folder)) == 150 + 7


def test_pause_tell_and_remove(daemon, tmp_path):
    folder = tmp_path / "folder"
    photo = put(folder, "a.jpg", gps_jpeg())
    put(folder, "b.jpg", plain_jpeg())
    assert sharewise(daemon, "watch", "add", str(folder)).returncode == 0
    wait_until(lambda: state(daemon, folder)["private_count"] == 1, "the photo is counted")
    assert photo.read_bytes() == gps_jpeg()
    assert sharewise(daemon, "watch", "pause").returncode == 0
    assert sharewise(daemon, "watch", "set", str(folder), "clean").returncode == 0
    assert "paused" in sharewise(daemon, "watch", "list").stdout
    assert sharewise(daemon, "watch", "resume").returncode == 0
    wait_until(lambda: is_clean(photo), "the photo is cleaned once watching goes on")
    overlap = sharewise(daemon, "watch", "add", str(tmp_path))
    assert (overlap.returncode, overlap.stdout) == (2, "")
    assert overlap.stderr.startswith("sharewise: ")
    assert sharewise(daemon, "watch", "remove", str(folder)).returncode == 0
    assert sharewise(daemon, "watch", "list", "--json").stdout == ""


def test_choices_and_originals_outlive_the_daemon(daemon, tmp_path):
    folder = tmp_path / "folder"
    photo = put(folder, "a.jpg", gps_jpeg())
    assert sharewise(daemon, "watch", "add", "--clean", str(folder)).returncode == 0
    wait_until(lambda: is_clean(photo), "the photo is cleaned")
    daemon.kill()
    other = put(folder, "b.jpg", gps_jpeg())
    with running_daemon(daemon.environment) as second:
        wait_until(lambda: is_clean(other), "what came meanwhile is cleaned")
        assert sharewise(second, "watch", "undo", str(photo)).returncode == 0
    assert photo.read_bytes() == gps_jpeg()


def test_watch_undo_of_a_relative_path_is_meant_from_where_the_person_stands(daemon, tmp_path):
    folder = tmp_path / "folder"
    photo = put(folder, "a.jpg", gps_jpeg())
    assert sharewise(daemon, "watch", "add", "--clean", str(folder)).returncode == 0
    wait_until(lambda: is_clean(photo), "the photo is cleaned")
    done = subprocess.run(
        [sys.executable, "-m", "sharewise", "watch", "undo", "a.jpg"],
        env={**os.environ, **daemon.environment},
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert photo.read_bytes() == gps_jpeg()
