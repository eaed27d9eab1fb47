"""Films as FFmpeg writes them play the same once cleaned: every packet, and the turn."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from corpus import streams
from support.formats import clean, examine, is_clean

PICTURE = ("-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=1")
SOUND = ("-f", "lavfi", "-i", "sine=d=1")
NOTES = ("-metadata", "location=+45.7640+004.8357/", "-metadata", "title=SECRET")
BOTH = (*PICTURE, *SOUND, *NOTES)
TIMEOUT_S = 60

FILMS: dict[str, tuple[str, ...]] = {
    "plain.mp4": (*BOTH, "-c:v", "mpeg4", "-c:a", "aac"),
    "first.mp4": (*BOTH, "-c:v", "mpeg4", "-c:a", "aac", "-movflags", "faststart"),
    "fragments.mp4": (*BOTH, "-c:v", "mpeg4", "-movflags", "frag_keyframe+empty_moov"),
    "dash.mp4": (*BOTH, "-c:v", "mpeg4", "-g", "5", "-movflags", "dash+frag_keyframe+global_sidx"),
    "many.mp4": (*BOTH, "-c:v", "mpeg4", "-movflags", "frag_every_frame+separate_moof"),
    "clock.mov": (*BOTH, "-c:v", "mpeg4", "-c:a", "pcm_s24le", "-timecode", "14:02:03:00"),
    "law.mov": (*BOTH, "-c:v", "mjpeg", "-c:a", "pcm_mulaw"),
    "packed.mov": (*BOTH, "-c:v", "qtrle", "-c:a", "adpcm_ima_qt"),
    "bytes.mov": (*SOUND, *NOTES, "-c:a", "pcm_u8"),
    "turned.mp4": (*BOTH, "-c:v", "mpeg4", "-metadata:s:v", "rotate=90"),
    "sound.m4a": (*SOUND, *NOTES, "-c:a", "aac"),
}

pytestmark = pytest.mark.skipif(
    shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None, reason="needs FFmpeg"
)


def made(folder: Path, name: str) -> Path:
    file = folder / name
    command = ["ffmpeg", "-nostdin", "-v", "error", *FILMS[name], str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)
    return file


@pytest.mark.parametrize("name", FILMS)
def test_cleaned_film_plays_the_same(tmp_path: Path, name: str) -> None:
    file = made(tmp_path, name)
    data = file.read_bytes()
    assert examine(data).report.findings
    cleaned = clean(data)
    copy = tmp_path / f"clean-{name}"
    copy.write_bytes(cleaned)
    assert b"SECRET" not in cleaned
    assert b"+45.7640" not in cleaned
    assert streams.play(file).packets
    assert streams.play(copy) == streams.play(file)
    assert is_clean(cleaned)


def test_lost_packet_would_be_seen(tmp_path: Path) -> None:
    file = made(tmp_path, "plain.mp4")
    data = bytearray(file.read_bytes())
    at = data.index(b"mdat") + 200
    data[at : at + 8] = bytes(8)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(data)
    assert streams.play(broken) != streams.play(file)
