"""`sharewise clean --reencode` as a person runs it, with the process that draws."""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from sharewise.cli.main import main
from sharewise.formats.contract import Refused
from sharewise.services import redrawing
from support.formats import examine, is_clean
from support.pictures import gps_jpeg, names, put


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def overfull_png() -> bytes:
    """Return a picture with something behind its last row, inside the picture's own data."""
    rows = b"".join(b"\0" + bytes([row * 9, 40, 90] * 8) for row in range(8))
    data = zlib.compress(rows + b"CANARY-behind-the-last-row")
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def giant_bmp() -> bytes:
    header = struct.pack("<IIIHHIIIIII", 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + header


def bmp() -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(out, "BMP")
    return out.getvalue()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def clean_json(
    capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, list[dict[str, object]]]:
    code = main(["clean", "--json", *words])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_refused_file_gets_a_copy_that_says_that_it_is_one(here, capsys) -> None:
    assert isinstance(examine(overfull_png()).cleaning, Refused)
    put(here, "a.png", overfull_png())
    code, (record,) = clean_json(capsys, "--reencode", "--output", "out", "a.png")
    assert (code, record["status"], record["redrawn"]) == (0, "cleaned", True)
    assert record["output"] == "out/a.png"
    copy = (here / "out/a.png").read_bytes()
    assert is_clean(copy)
    with Image.open(io.BytesIO(copy)) as one, Image.open(io.BytesIO(overfull_png())) as other:
        assert one.tobytes() == other.tobytes()
    assert (here / "a.png").read_bytes() == overfull_png()
    assert main(["clean", "--reencode", "--output", "more", "a.png"]) == 0
    assert "a re-drawn copy, not the original picture data" in capsys.readouterr().out


def test_without_the_option_it_stays_refused(here, capsys) -> None:
    put(here, "a.png", overfull_png())
    code, (record,) = clean_json(capsys, "--output", "out", "a.png")
    assert (code, record["status"], "redrawn" in record) == (2, "refused", False)
    assert not (here / "out").exists()


def test_what_can_be_cleaned_is_never_drawn_anew(here, capsys) -> None:
    put(here, "a.jpg", gps_jpeg())
    _, (record,) = clean_json(capsys, "--reencode", "--output", "out", "a.jpg")
    assert (record["status"], "redrawn" in record) == ("cleaned", False)


def test_kind_that_is_not_known_becomes_png(here, capsys) -> None:
    put(here, "IMG_20250503_140200.bmp", bmp())
    code, (record,) = clean_json(
        capsys, "--reencode", "--neutral-names", "--output", "out", "IMG_20250503_140200.bmp"
    )
    assert (code, record["output"], record["redrawn"]) == (0, "out/photo-0001.png", True)
    assert record["removed"] == ["filename"]


def test_in_place_the_name_follows_the_kind_and_the_backup_has_the_original(here, capsys) -> None:
    put(here, "a.bmp", bmp())
    words = ("--reencode", "--in-place", "--backup", "old", "a.bmp")
    code, (record,) = clean_json(capsys, *words)
    assert (code, record["output"]) == (0, "a.png")
    assert [path.name for path in here.glob("a.*")] == ["a.png"]
    assert (here / "old/a.bmp").read_bytes() == bmp()


@pytest.mark.parametrize(
    ("data", "words"),
    [(giant_bmp(), "far too large"), (b"A text.", "no picture"), (b"", "empty")],
)
def test_bomb_text_and_nothing_are_refused_with_words(here, capsys, data, words) -> None:
    put(here, "a.bmp", data)
    code, (record,) = clean_json(capsys, "--reencode", "--output", "out", "a.bmp")
    assert (code, record["status"], record["output"]) == (2, "refused", None)
    assert words in str(record["reason"])
    assert names(here) == ["a.bmp"]


def test_damaged_file_stays_malformed(here, capsys) -> None:
    put(here, "a.jpg", gps_jpeg()[:300])
    _, (record,) = clean_json(capsys, "--reencode", "--output", "out", "a.jpg")
    assert (record["status"], record["code"]) == ("refused", "malformed")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the memory of a process")
def test_process_that_takes_too_much_memory_is_refused(here, capsys, monkeypatch) -> None:
    greedy = "from sharewise.services import drawing as d; d._bind_resources(); bytearray(2**33)"
    monkeypatch.setattr(redrawing, "CHILD", (sys.executable, "-P", "-c", greedy))
    put(here, "a.bmp", bmp())
    code, (record,) = clean_json(capsys, "--reencode", "--output", "out", "a.bmp")
    assert (code, record["status"]) == (2, "refused")
    assert "broke the decoder" in str(record["reason"])


def test_process_that_hangs_is_ended(here, capsys, monkeypatch) -> None:
    hanging = (sys.executable, "-c", "import threading; threading.Event().wait()")
    monkeypatch.setattr(redrawing, "CHILD", hanging)
    monkeypatch.setattr(redrawing, "TIMEOUT_S", 0.2)
    put(here, "a.bmp", bmp())
    _, (record,) = clean_json(capsys, "--reencode", "--output", "out", "a.bmp")
    assert "took too much time" in str(record["reason"])


def test_process_that_floods_is_ended(here, capsys, monkeypatch) -> None:
    flood = "import os\nwhile True: os.write(1, bytes(65536))"
    monkeypatch.setattr(redrawing, "CHILD", (sys.executable, "-c", flood))
    monkeypatch.setattr(redrawing, "FILE_BYTES", 1_000_000)
    put(here, "a.bmp", bmp())
    _, (record,) = clean_json(capsys, "--reencode", "--output", "out", "a.bmp")
    assert record["code"] == "too_large"


def test_copy_that_is_not_clean_is_not_written(here, capsys, monkeypatch) -> None:
    put(here, "overfull.png", overfull_png())
    show = "import sys; sys.stdout.buffer.write(open('overfull.png', 'rb').read())"
    monkeypatch.setattr(redrawing, "CHILD", (sys.executable, "-c", show))
    put(here, "a.bmp", bmp())
    _, (record,) = clean_json(capsys, "--reencode", "--output", "out", "a.bmp")
    assert (record["code"], (here / "out").exists()) == ("verify_failed", False)


def test_what_lies_beside_the_photo_is_not_run(here, capsys) -> None:
    put(here, "PIL.py", b"raise SystemExit(0)")
    put(here, "sharewise.py", b"raise SystemExit(0)")
    put(here, "a.bmp", bmp())
    _, (record,) = clean_json(capsys, "--reencode", "--output", "out", "a.bmp")
    assert record["status"] == "cleaned"


def test_neutral_dates_are_the_same_for_every_clean_file(here, capsys) -> None:
    put(here, "a.jpg", gps_jpeg())
    put(here, "b.bmp", bmp())
    clean_json(capsys, "--reencode", "--neutral-dates", "--output", "out", "a.jpg", "b.bmp")
    for name in ("a.jpg", "b.png"):
        found = (here / "out" / name).stat()
        assert (found.st_mtime, found.st_atime) == (946_728_000, 946_728_000)
    assert (here / "a.jpg").stat().st_mtime != 946_728_000


def test_dates_that_cannot_be_set_are_told(here, capsys, monkeypatch) -> None:
    put(here, "a.jpg", gps_jpeg())

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, os.strerror(1))

    monkeypatch.setattr("sharewise.cli.clean.os.utime", refuse)
    monkeypatch.setattr("sharewise.disk.writing._set_times", lambda *_: None)
    code, (record,) = clean_json(capsys, "--neutral-dates", "--output", "out", "a.jpg")
    assert code == 2
    assert "dates could not be changed" in str(record["reason"])
