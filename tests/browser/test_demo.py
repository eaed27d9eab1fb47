"""`python3 installers --demo` does what it says, and leaves nothing but its results."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from support.browsers import Kind

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 120
RESULTS = {
    "01-card.png",
    "02-shared.png",
    "03-message.png",
    "04-sealed.png",
    "original.jpg",
    "received-upload.jpg",
}


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


def test_without_a_screen_it_plays_the_main_job_and_leaves_its_results(
    kind: Kind, temporary: Path, tmp_path: Path
) -> None:
    (tmp_path / "case-0000000000000000.zip").write_bytes(b"of an earlier demo")
    (tmp_path / "mine.txt").write_text("not of any demo")
    ended = subprocess.run(
        command("--browser", kind, "--output", str(tmp_path)),
        env=environment(temporary),
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stderr == ""
    assert len(ended.stdout.splitlines()) == 10
    assert "Verified: nothing was changed" in ended.stdout
    assert str(tmp_path) in ended.stdout
    left = {path.name for path in tmp_path.iterdir()}
    (package,) = left - RESULTS - {"mine.txt"}
    assert package.startswith("case-")
    assert left > RESULTS
    with Image.open(io.BytesIO((tmp_path / "received-upload.jpg").read_bytes())) as received:
        assert not received.getexif()
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_with_a_screen_it_opens_a_browser_and_ending_it_takes_everything_away(
    kind: Kind, temporary: Path, end: signal.Signals
) -> None:
    with screen() as display:
        process = subprocess.Popen(
            command("--browser", kind),
            env=environment(temporary, DISPLAY=display),
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


@contextmanager
def screen() -> Iterator[str]:
    """Run a screen that nobody sees and give its name."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as told:
        process = subprocess.Popen(
            [
                "Xvfb",
                "-displayfd",
                str(writing),
                "-screen",
                "0",
                "1400x1000x24",
                "-nolisten",
                "tcp",
            ],
            pass_fds=(writing,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        try:
            number = told.readline().strip()
            assert number, "Xvfb did not start"
            yield f":{number}"
        finally:
            process.terminate()
            process.wait(timeout=20)
