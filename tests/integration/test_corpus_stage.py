"""The corpus stage as a person runs it, with the real ExifTool."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from corpus.outside import private_tags
from support.formats import clean
from support.images import (
    SECRET,
    exif_segment,
    iptc,
    jpeg,
    png,
    secret_exif,
    segment,
    with_chunks,
    with_segments,
    xmp,
    xmp_segment,
)

STAGE = Path(__file__).resolve().parents[1] / "corpus"
TOKEN = SECRET.decode()


def dirty_jpeg() -> bytes:
    packet = xmp(f"<dc:creator>{TOKEN}</dc:creator>")
    body = iptc((80, SECRET))
    blocks = (exif_segment(secret_exif(6)), xmp_segment(packet), segment(0xED, body))
    return with_segments(jpeg(), *blocks, segment(0xFE, SECRET))


def corpus_of(folder: Path, files: dict[str, bytes], keep: list[str]) -> Path:
    canaries = folder / "canaries"
    canaries.mkdir()
    entries = []
    for name, data in files.items():
        (canaries / name).write_bytes(data)
        kind = name.rpartition(".")[2]
        entry = {"file": name, "case": name, "fmt": kind, "tokens": [TOKEN], "keep": keep}
        entries.append({**entry, "classes": [], "note": ""})
    (canaries / "manifest.json").write_text(json.dumps(entries))
    return folder


def run_stage(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(STAGE), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_exiftool_sees_what_is_private_and_nothing_after_cleaning(tmp_path: Path) -> None:
    before, after = tmp_path / "before.jpg", tmp_path / "after.jpg"
    before.write_bytes(dirty_jpeg())
    after.write_bytes(clean(dirty_jpeg()))
    tags = private_tags([before, after])
    assert {"IFD0:Artist", "GPS:GPSLatitude", "XMP-dc:Creator", "File:Comment"} <= set(tags[before])
    assert tags[after] == []


def test_stage_passes_and_ends_with_its_count(tmp_path: Path) -> None:
    dirty_png = with_chunks(png(), b"IDAT", (b"tEXt", b"Author\0" + SECRET))
    files = {"a.jpg": dirty_jpeg(), "b.png": dirty_png, "c.raf": b"FUJIFILMCCD-RAW " + bytes(64)}
    ended = run_stage(corpus_of(tmp_path, files, keep=[]))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.splitlines()[-1] == "2 passed, 0 failed"


def test_stage_fails_when_a_file_of_a_known_kind_is_not_recognised(tmp_path: Path) -> None:
    ended = run_stage(corpus_of(tmp_path, {"a.jpg": dirty_jpeg(), "b.png": b"no picture"}, keep=[]))
    assert ended.returncode == 1
    assert "not recognised" in ended.stdout


def test_stage_fails_when_something_is_wrong(tmp_path: Path) -> None:
    ended = run_stage(corpus_of(tmp_path, {"a.jpg": dirty_jpeg()}, keep=["must stay"]))
    assert ended.returncode == 1
    assert "not kept: must stay" in ended.stdout
    assert ended.stdout.splitlines()[-1] == "0 passed, 1 failed"


def test_folder_without_lists_is_no_success(tmp_path: Path) -> None:
    assert run_stage(tmp_path).returncode == 1
