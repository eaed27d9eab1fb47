"""The device key: made once, private, neutral, and never replaced."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.keys import device_key
from sharewise.seals import signatures
from support.evidence import START, SetClock


def test_it_is_made_once_and_signs_the_same_message_the_same_way(tmp_path: Path) -> None:
    made = device_key(tmp_path / "keys", SetClock())
    again = device_key(tmp_path / "keys", SetClock())
    assert made.public_key_pem == again.public_key_pem
    assert made.certificate_pem == again.certificate_pem
    signature = made.sign(b"message")
    assert again.sign(b"message") == signature

    def fits(message: bytes) -> bool:
        return signatures.fits(
            public_key_pem=made.public_key_pem, message=message, signature=signature
        )

    assert fits(b"message")
    assert not fits(b"another")


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_only_this_user_may_read_it_even_if_it_was_opened_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    device_key(folder, SetClock())
    (folder / "device.key").chmod(0o644)
    device_key(folder, SetClock())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert {file.name for file in folder.iterdir()} == {"device.key", "device.crt"}


def test_its_certificate_tells_nothing_of_the_person_or_the_computer(tmp_path: Path) -> None:
    made = device_key(tmp_path / "keys", SetClock())
    certificate = x509.load_pem_x509_certificate(made.certificate_pem)
    assert certificate.subject.rfc4514_string() == "CN=Device key"
    assert certificate.issuer == certificate.subject
    assert certificate.not_valid_before_utc == START
    assert signatures.certificate_fingerprint(made.certificate_pem) == signatures.fingerprint(
        made.public_key_pem
    )


@pytest.mark.parametrize("name", ["device.key", "device.crt"])
@pytest.mark.parametrize("content", [b"", b"noise", b"-----BEGIN PRIVATE KEY-----\n", bytes(10**6)])
def test_one_that_cannot_be_read_is_left_as_it_is(
    tmp_path: Path, name: str, content: bytes
) -> None:
    folder = tmp_path / "keys"
    device_key(folder, SetClock())
    (folder / name).write_bytes(content)
    with pytest.raises(SharewiseError, match="backup") as refused:
        device_key(folder, SetClock())
    assert refused.value.code is ErrorCode.KEY_UNREADABLE
    assert (folder / name).read_bytes() == content


def test_a_key_of_another_kind_or_another_certificate_is_refused(tmp_path: Path) -> None:
    folder, other = tmp_path / "keys", tmp_path / "other"
    device_key(folder, SetClock())
    device_key(other, SetClock())
    (folder / "device.crt").write_bytes((other / "device.crt").read_bytes())
    with pytest.raises(SharewiseError) as refused:
        device_key(folder, SetClock())
    assert refused.value.code is ErrorCode.KEY_UNREADABLE
    wrong_curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (folder / "device.key").write_bytes(wrong_curve)
    with pytest.raises(SharewiseError) as refused:
        device_key(folder, SetClock())
    assert refused.value.code is ErrorCode.KEY_UNREADABLE


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    (folder / "device.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SharewiseError) as refused:
        device_key(folder, SetClock())
    assert refused.value.code is ErrorCode.KEY_UNREADABLE
    assert not (tmp_path / "elsewhere").exists()


def test_a_lost_certificate_is_made_again_for_the_same_key(tmp_path: Path) -> None:
    made = device_key(tmp_path / "keys", SetClock())
    (tmp_path / "keys/device.crt").unlink()
    again = device_key(tmp_path / "keys", SetClock())
    assert again.public_key_pem == made.public_key_pem


def test_first_uses_at_the_same_time_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: device_key(tmp_path / "keys", SetClock()), range(8)))
    assert len({(key.public_key_pem, key.certificate_pem) for key in made}) == 1


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    probe = (
        "import sys, sharewise.services.capture, sharewise.services.cases;"
        "print([name for name in ('cryptography', 'PIL') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
