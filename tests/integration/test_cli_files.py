"""The command line as a process: sizes, pipes, terminals and many files."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.images import SECRET
from support.pictures import gps_jpeg, plain_jpeg, put
from support.raws import RAWS
from support.stopping import stoppable

COMMAND = [sys.executable, "-m", "sharewise"]
MANY = 300


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *words], cwd=cwd, capture_output=True, timeout=120, check=False
    )


@pytest.mark.parametrize("head", [gps_jpeg(), plain_jpeg(), b"text", b""])
@pytest.mark.parametrize("size", [3 << 30, 4 << 30])
def test_sparse_file_is_neither_read_nor_held_whole(tmp_path, head, size):
    os.truncate(put(tmp_path, "a.jpg", head), size)
    # Address space and not only memory in use: not even a mapping of the file would fit.
    limited = ["prlimit", "--as=800000000", *COMMAND, "inspect", "--json", "a.jpg"]
    ended = subprocess.run(limited, cwd=tmp_path, capture_output=True, timeout=60, check=False)
    record = json.loads(ended.stdout)
    assert record["size_bytes"] == size
    assert ended.returncode == (1 if head.startswith(b"\xff\xd8") else 2)
    assert record["bytes_read"] < 8 * 1024 * 1024


def test_sparse_file_that_is_refused_stays(tmp_path):
    path = put(tmp_path, "a.jpg", b"text")
    os.truncate(path, 3 << 30)
    before = path.stat()
    ended = run("clean", "--json", "--in-place", "a.jpg", cwd=tmp_path)
    assert ended.returncode == 2
    assert json.loads(ended.stdout)["status"] == "refused"
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_size, after.st_blocks) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_size,
        before.st_blocks,
    )


def test_many_files_are_cleaned_by_several_processes_in_order(tmp_path):
    for number in range(MANY):
        put(tmp_path, f"in/{number:04}.jpg", gps_jpeg() if number % 2 else plain_jpeg())
    ended = run("clean", "--json", "--recursive", "--output", "out", "in", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    records = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [record["path"] for record in records] == [f"in/{n:04}.jpg" for n in range(MANY)]
    assert [record["status"] for record in records[:2]] == ["already_clean", "cleaned"]
    again = run("inspect", "--json", "--recursive", "out", cwd=tmp_path)
    assert again.returncode == 0
    assert len(again.stdout.splitlines()) == MANY


def test_raw_files_are_cleaned_where_the_camera_may_be_named(tmp_path):
    for name, make in RAWS.items():
        put(tmp_path, f"in/a.{name.lower()}", make(SECRET))
    command = ("clean", "--json", "--recursive", "--output", "out")
    ended = run(*command, "in", cwd=tmp_path)
    assert ended.returncode == 2
    for line in ended.stdout.splitlines():
        assert "--keep device" in json.loads(line)["reason"]
    ended = run(*command, "--keep", "device", "in", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout
    for line in ended.stdout.splitlines():
        record = json.loads(line)
        assert record["status"] == "cleaned"
        assert "device" in record["kept"]
        assert "device" not in record["removed"]
        assert {"location", "serial", "person", "time"} <= set(record["removed"])
    assert len(list((tmp_path / "out").iterdir())) == len(RAWS)
    assert not [path for path in (tmp_path / "out").iterdir() if SECRET in path.read_bytes()]


def test_reader_that_goes_away_ends_it_quietly(tmp_path):
    for number in range(200):
        put(tmp_path, f"{number}.jpg", gps_jpeg())
    with subprocess.Popen(
        [*COMMAND, "inspect", "--recursive", "."],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_stopping_by_hand_leaves_whole_files_only(tmp_path):
    # Their records are more than a pipe holds: it cannot be done before it is stopped.
    for number in range(MANY):
        put(tmp_path, f"{'x' * 200}{number:04}.jpg", gps_jpeg())
    with subprocess.Popen(
        stoppable([*COMMAND, "clean", "--json", "--recursive", "--in-place", "."]),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        # The first few come before the processes are started that do the others.
        assert all(process.stdout.readline() for _ in range(20))
        # As the terminal does: to every process of the group.
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert len(list(tmp_path.iterdir())) == MANY
    sizes = {path.stat().st_size for path in tmp_path.iterdir()}
    assert len(sizes) <= 2
    assert len(gps_jpeg()) >= max(sizes)


def test_terminal_without_utf_8_is_no_error(tmp_path):
    odd = os.fsdecode(b"odd\xff\xc3\xa4.jpg")
    put(tmp_path, odd, gps_jpeg())
    ended = subprocess.run(
        [*COMMAND, "clean", "--output", "out", odd],
        cwd=tmp_path,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert b"removed location" in ended.stdout
    assert [path.name for path in (tmp_path / "out").iterdir()] == [odd]


def test_progress_is_for_terminals_only(tmp_path):
    for number in range(600):
        put(tmp_path, f"{number}.jpg", plain_jpeg())
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [*COMMAND, "inspect", "--recursive", "."],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        shown, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        drawn = b""
        while select.select([ours], [], [], 0)[0]:
            drawn += os.read(ours, 65536)
    finally:
        os.close(ours)
        os.close(theirs)
    assert "files …".encode() in drawn
    assert b"\x1b" not in shown
