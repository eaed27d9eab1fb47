"""The signature of a sealed folder: ECDSA on P-384 with SHA-384, DER, over the tag manifest.

`openssl dgst -sha384 -verify keys/device.pub.pem -signature FILE.sig FILE` checks the same.
`cryptography` is imported where it is used: it costs a tenth of a second that no start should pay.
"""

from __future__ import annotations

import hashlib
import warnings
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey


def fits(
    *, public_key_pem: bytes, message: bytes, signature: bytes, bits: Literal[256, 384] = 384
) -> bool:
    """Return whether the signature, with SHA-384 or SHA-256, is this key's over this message.

    Raises ValueError for a key that is none, or not on P-384.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = _public_key(public_key_pem)
    try:
        key.verify(
            signature, message, ec.ECDSA(hashes.SHA384() if bits == 384 else hashes.SHA256())
        )
    except InvalidSignature:
        return False
    return True


def fingerprint(public_key_pem: bytes) -> str:
    """Return the SHA-256 of the key's SubjectPublicKeyInfo in DER, in lower-case hexadecimal.

    Raises ValueError for a key that is none, or not on P-384.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = _public_key(public_key_pem)
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def certificate_fingerprint(certificate_pem: bytes) -> str:
    """Return the fingerprint of the key in a certificate. Raises ValueError if it has none."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.utils import CryptographyDeprecationWarning

    try:
        with warnings.catch_warnings():  # of odd but harmless fields, which a stranger may choose
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            key = x509.load_pem_x509_certificate(certificate_pem).public_key()
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    except (UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise ValueError("an unknown kind of certificate") from error
    return fingerprint(pem)


def _public_key(pem: bytes) -> EllipticCurvePublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        key = serialization.load_pem_public_key(pem)
    except UnsupportedAlgorithm as error:
        raise ValueError("an unknown kind of key") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        raise ValueError("not a key on P-384")  # noqa: TRY004  the value is wrong, not our call
    return key
