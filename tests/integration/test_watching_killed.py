"""A process that cleans and undoes is killed at many moments: every photo is whole."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from sharewise.clock import SystemClock
from sharewise.disk.writing import is_temporary
from sharewise.formats.contract import NOTHING_KEPT
from sharewise.services.cleaning import Cleaned, IntoFolder, clean_file
from sharewise.services.originals import Originals
from support.pictures import gps_jpeg, put

KILLS = 25
LONGEST_S = 0.06
TESTS = Path(__file__).resolve().parents[1]


def run_and_kill(folder: Path, store: Path, after_s: float) -> None:
    command = [sys.executable, "-m", "support.cleaning_loop", str(folder), str(store)]
    process = subprocess.Popen(
        command, cwd=TESTS, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(TESTS)}
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n", "the child did not begin"
        time.sleep(after_s)
        assert process.poll() is None, "the child ended by itself"
    finally:
        process.kill()
        process.communicate()


def test_every_photo_is_whole_whenever_the_end_comes(tmp_path):
    folder, store = tmp_path / "photos", tmp_path / "originals"
    original = gps_jpeg()
    outcome = clean_file(
        put(tmp_path, "a.jpg", original), NOTHING_KEPT, IntoFolder(tmp_path / "clean")
    )
    assert isinstance(outcome, Cleaned)
    cleaned = outcome.output.read_bytes()
    photos = [put(folder, f"{number}.jpg", original) for number in range(3)]
    moments = random.Random(7)
    states = set()
    for _ in range(KILLS):
        run_and_kill(folder, store, moments.uniform(0, LONGEST_S))
        for photo in photos:
            data = photo.read_bytes()
            assert data in {original, cleaned}, "a photo is neither the original nor the cleaned"
            states.add(data)
        originals = Originals(store, SystemClock())
        originals.reconcile()
        for photo in photos:
            if photo.read_bytes() == cleaned:
                originals.undo(photo)
            assert photo.read_bytes() == original, "an original could not be had back"
        left = [entry for entry in store.iterdir() if not entry.name.startswith("index")]
        assert left == [], "something is left over among the originals"
        for entry in folder.iterdir():
            if entry not in photos:
                assert is_temporary(entry.name) or entry.suffix == ".new"
                entry.unlink()
    assert states == {original, cleaned}, "the kills never hit a moment of interest"
