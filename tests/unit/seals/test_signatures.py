"""Signatures: only what was signed fits, and whatever is no key or certificate is a ValueError."""

from __future__ import annotations

from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sharewise.keys import DeviceKey, device_key
from sharewise.seals import signatures
from support.evidence import SetClock


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> DeviceKey:
    return device_key(tmp_path_factory.mktemp("key") / "keys", SetClock())


def test_a_signature_fits_its_message_and_no_other(key: DeviceKey) -> None:
    signature = key.sign(b"message")
    pem = key.public_key_pem
    assert signatures.fits(public_key_pem=pem, message=b"message", signature=signature)
    assert not signatures.fits(public_key_pem=pem, message=b"messagf", signature=signature)
    for noise in (b"", b"\0", signature[:-1], signature + b"\0", b"\x30\x00"):
        assert not signatures.fits(public_key_pem=pem, message=b"message", signature=noise)


def test_every_flipped_bit_of_a_signature_is_noticed(key: DeviceKey) -> None:
    signature = key.sign(b"message")
    for at in range(len(signature) * 8):
        broken = bytearray(signature)
        broken[at // 8] ^= 1 << (at % 8)
        assert not signatures.fits(
            public_key_pem=key.public_key_pem, message=b"message", signature=bytes(broken)
        )


@pytest.mark.parametrize("what", ["key", "certificate"])
def test_noise_in_a_key_or_certificate_is_never_more_than_a_value_error(
    key: DeviceKey, what: str
) -> None:
    pem = key.public_key_pem if what == "key" else key.certificate_pem
    read = signatures.fingerprint if what == "key" else signatures.certificate_fingerprint
    for at in range(0, len(pem) * 8, 3):
        broken = bytearray(pem)
        broken[at // 8] ^= 1 << (at % 8)
        with suppress(ValueError):
            read(bytes(broken))


@pytest.mark.parametrize(
    "private", [ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()]
)
def test_a_key_of_another_kind_is_a_value_error(
    private: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey,
) -> None:
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(ValueError, match="P-384"):
        signatures.fingerprint(pem)
