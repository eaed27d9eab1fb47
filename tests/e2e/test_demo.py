"""`python3 installers --demo` does what it says, and leaves nothing but its results."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from installers.demo_scenes import MARK, DemoFailed, Scene, chosen_photo, clear, note, prove
from PIL import Image

from sharewise.services.verification import verify
from support.browsers import Kind
from support.browsers.installation import installed
from support.pictures import gps_jpeg, plain_jpeg
from support.screen import screen
from support.sites.photo import SERIAL, clean_photo, photo
from support.stopping import stoppable

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 120
RESULTS = {
    "01-card.png",
    "02-shared.png",
    "03-message.png",
    "04-sealed.png",
    "original.jpg",
    "received-upload.jpg",
    MARK,
}
REAL_PHOTO = ROOT.parent / "shared/corpus/files/me/jpg/Apple iPhone 4.jpg"
"""Of a bill on a table in Rome: real metadata of a telephone."""


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Where the demo makes its throw-away folders; short, as a socket's path must be."""
    with tempfile.TemporaryDirectory(prefix="sw-t-") as folder:
        yield Path(folder)


def command(*words: str) -> list[str]:
    return [sys.executable, str(ROOT / "installers"), "--demo", *words]


def environment(temporary: Path, **extra: str) -> dict[str, str]:
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    kept = {key: value for key, value in os.environ.items() if key not in screens}
    return {**kept, "TMPDIR": str(temporary), **extra}


def play(temporary: Path, output: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("--output", str(output), *words),
        env=environment(temporary),
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )


@pytest.mark.parametrize("real", [None, REAL_PHOTO], ids=["drawn", "real"])
def test_without_a_screen_it_plays_the_main_job_and_leaves_its_results(
    kind: Kind, temporary: Path, tmp_path: Path, real: Path | None
) -> None:
    words = ["--browser", kind]
    if real is not None:
        if not real.exists():
            pytest.skip("the folder of real photos does not lie beside this checkout")
        words += ["--photo", str(real)]
    own = {name: name.encode() for name in ("case-0000000000000000.zip", "mine.png", "mine.txt")}
    for name, content in own.items():
        (tmp_path / name).write_bytes(content)
    ended = play(temporary, tmp_path, *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stderr == ""
    assert len(ended.stdout.splitlines()) == 10
    assert "Verified: nothing was changed" in ended.stdout
    assert str(tmp_path) in ended.stdout
    assert {name: (tmp_path / name).read_bytes() for name in own} == own
    left = {path.name for path in tmp_path.iterdir()} - own.keys()
    (package,) = left - RESULTS
    assert left > RESULTS
    assert verify(tmp_path / package).is_verified
    with (
        Image.open(tmp_path / "original.jpg") as original,
        Image.open(tmp_path / "received-upload.jpg") as received,
    ):
        assert original.getexif()
        assert not received.getexif()
        assert received.tobytes() == original.tobytes()
    assert list(temporary.iterdir()) == []


def test_the_next_demo_replaces_what_the_last_one_left_and_nothing_else(tmp_path: Path) -> None:
    clear(tmp_path)
    note(tmp_path / MARK, "case-1.zip")
    for name in (*(RESULTS - {MARK}), "case-1.zip", "case-2.zip", "holiday.png"):
        (tmp_path / name).write_bytes(b"x")
    clear(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {MARK, "case-2.zip", "holiday.png"}
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/original.jpg").write_bytes(b"of the person")
    with pytest.raises(DemoFailed, match="another folder"):
        clear(tmp_path / "mine")
    assert (tmp_path / "mine/original.jpg").read_bytes() == b"of the person"


@pytest.mark.parametrize(
    ("received", "says"),
    [
        (photo(), "still says"),
        (clean_photo() + SERIAL.encode(), "is still in"),
        (clean_photo() + gps_jpeg(), "found something"),
        (plain_jpeg(), "differs"),
    ],
    ids=["as it was", "a word behind it", "a picture behind it", "another picture"],
)
async def test_what_does_not_hold_fails_the_demo(
    tmp_path: Path, received: bytes, says: str
) -> None:
    async with installed() as installation:
        nothing = cast("Any", None)
        scene = Scene(nothing, installation, nothing, tmp_path, Kind.CHROMIUM)
        (tmp_path / "received-upload.jpg").write_bytes(received)
        with pytest.raises(DemoFailed, match=says):
            await prove(scene, photo(), received)


@pytest.mark.parametrize("content", [None, b"text", clean_photo()])
def test_a_photo_that_shows_nothing_is_told(tmp_path: Path, content: bytes | None) -> None:
    own = tmp_path / "own.jpg"
    if content is not None:
        own.write_bytes(content)
    with pytest.raises(DemoFailed, match=r"own\.jpg"):
        chosen_photo(own)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_with_a_screen_it_opens_a_browser_and_ending_it_takes_everything_away(
    kind: Kind, temporary: Path, end: signal.Signals
) -> None:
    with screen() as shown:
        process = subprocess.Popen(
            stoppable(command("--browser", kind)),
            env=environment(temporary, DISPLAY=shown.display),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said = read_until(process, "press Ctrl-C")
            assert "is open on http://127.0.0.1:" in said
            assert list(temporary.iterdir())
            os.killpg(process.pid, end)
            rest, _ = process.communicate(timeout=TIMEOUT_S)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    assert process.returncode == 0, said + rest
    assert "nothing of it is left" in rest
    assert list(temporary.iterdir()) == []


def test_no_browser_is_said_in_words(temporary: Path, tmp_path: Path) -> None:
    ended = subprocess.run(
        command("--output", str(tmp_path)),
        env=environment(temporary, PATH=str(tmp_path)),
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert ended.returncode == 1
    assert "neither Chromium nor Firefox is on this computer" in ended.stdout
    assert list(temporary.iterdir()) == []


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """Return what the process says up to these words, or all that it ever says."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            break
    return said
