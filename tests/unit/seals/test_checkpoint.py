"""A checkpoint is a signed note that openssl can check, and nobody else's."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.keys import DeviceKey, device_key
from sharewise.seals import checkpoint
from sharewise.seals.checkpoint import Checkpoint
from support.evidence import SetClock

SAID = Checkpoint("sharewise.invalid/0123456789abcdef", 42, bytes(range(32)))


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> DeviceKey:
    return device_key(tmp_path_factory.mktemp("keys"), SetClock())


def note_of(said: Checkpoint, key: DeviceKey) -> bytes:
    signature = key.sign(checkpoint.text(said), bits=256)
    return checkpoint.note(said, public_key_pem=key.public_key_pem, signature=signature)


def test_a_note_has_the_lines_of_its_specification(key: DeviceKey) -> None:
    lines = note_of(SAID, key).decode().split("\n")
    assert lines[:4] == [SAID.origin, "42", base64.b64encode(SAID.root).decode(), ""]
    dash, name, signed = lines[4].split(" ")
    assert (dash, name, lines[5:]) == ("—", SAID.origin, [""])
    assert len(base64.b64decode(signed)) > 4 + 96


def test_what_was_signed_is_read_back(key: DeviceKey) -> None:
    note = note_of(SAID, key)
    assert checkpoint.parse(note) == SAID
    assert checkpoint.fits(note, key.public_key_pem)
    assert checkpoint.says(note, SAID)
    other = Checkpoint(SAID.origin, SAID.size + 1, SAID.root)
    assert not checkpoint.says(note, other)
    assert not checkpoint.says(checkpoint.text(SAID), SAID), "nobody signed it"


def test_a_changed_note_or_another_key_does_not_fit(key: DeviceKey, tmp_path: Path) -> None:
    note = note_of(SAID, key)
    assert not checkpoint.fits(note.replace(b"\n42\n", b"\n43\n"), key.public_key_pem)
    assert not checkpoint.fits(note, device_key(tmp_path / "other", SetClock()).public_key_pem)
    for at in range(len(note)):
        flipped = bytearray(note)
        flipped[at] ^= 1
        assert not checkpoint.fits(bytes(flipped), key.public_key_pem), at


@given(st.binary(max_size=300))
def test_noise_is_no_checkpoint(noise: bytes) -> None:
    assert checkpoint.parse(noise) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"\n42\n", b"\n042\n"), (b"\n42\n", b"\n-1\n"), (b"\n\n", b"\n"), (b"AAEC", b"AAE=")],
)
def test_what_breaks_the_format_is_no_checkpoint(key: DeviceKey, old: bytes, new: bytes) -> None:
    assert checkpoint.parse(note_of(SAID, key).replace(old, new)) is None


def test_openssl_checks_the_signature(key: DeviceKey, tmp_path: Path) -> None:
    note = note_of(SAID, key)
    signature = checkpoint.signature_of(note, key.public_key_pem)
    assert signature is not None
    (tmp_path / "text").write_bytes(checkpoint.text(SAID))
    (tmp_path / "sig").write_bytes(signature)
    (tmp_path / "key.pem").write_bytes(key.public_key_pem)
    ended = subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "sig", "text"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout == "Verified OK\n"
