"""The device key: one ECDSA key on P-384 that signs everything that is sealed on this computer.

The private key lies in `device.key` (0600) in a folder of 0700; a neutral self-signed certificate
lies beside it. `cryptography` is imported where it is used: the daemon's start must not pay for it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.clock import Clock
from sharewise.disk.reading import read_small
from sharewise.disk.writing import draft_in, give_name, sync_folder
from sharewise.places import private_folder
from sharewise.seals import signatures

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

KEY_FILE = "device.key"
CERTIFICATE_FILE = "device.crt"
COMMON_NAME = "Device key"
MAX_FILE_BYTES = 64 * 1024
NO_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""A certificate without a well-defined end. Source: RFC 5280, 4.1.2.5."""


@dataclass(frozen=True, slots=True, repr=False)
class DeviceKey:
    """The key, loaded."""

    public_key_pem: bytes
    certificate_pem: bytes
    _private: EllipticCurvePrivateKey

    def sign(self, message: bytes, *, bits: Literal[256, 384] = 384) -> bytes:
        """Return the ECDSA signature with SHA-384 (or, for signed notes, SHA-256), in DER.

        The same message has the same signature (RFC 6979), so a package can be made twice, equal.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        digest = hashes.SHA384() if bits == 384 else hashes.SHA256()
        try:
            way = ec.ECDSA(digest, deterministic_signing=True)
        except UnsupportedAlgorithm:  # built on an OpenSSL before 3.2: as safe, not repeatable
            way = ec.ECDSA(digest)
        return self._private.sign(message, way)


def device_key(folder: Path, clock: Clock) -> DeviceKey:
    """Return the key in this folder, made at the first use.

    Raises SharewiseError(KEY_UNREADABLE) if there is one that cannot be used: it is never
    replaced, because what was sealed with it can only be explained with it. DISK_FULL and
    UNSAFE_FOLDER as they are.
    """
    private_folder(folder)
    key_file = folder / KEY_FILE
    pem = _read(key_file)
    if pem is None:
        pem = _write_new(key_file, _new_private_pem())
    private = _load_private(pem)
    public_pem = _public_pem(private)
    certificate_file = folder / CERTIFICATE_FILE
    certificate = _read(certificate_file)
    if certificate is None:
        certificate = _write_new(certificate_file, _new_certificate(private, clock.now()))
    _check_certificate(certificate, public_pem)
    return DeviceKey(public_pem, certificate, private)


def _unreadable() -> SharewiseError:
    return SharewiseError(
        ErrorCode.KEY_UNREADABLE,
        "The device key cannot be read, so nothing can be sealed; it was left as it is. Put "
        "'device.key' and 'device.crt' back from a backup, or move both to a safe place so that "
        "new ones are made.",
    )


def _read(file: Path) -> bytes | None:
    """Return the file's content, None if there is none; closes it to others if it was open."""
    if not os.path.lexists(file):
        return None
    try:
        if os.name != "nt" and file.lstat().st_mode & 0o077 and not file.is_symlink():
            file.chmod(0o600)
        return read_small(file, MAX_FILE_BYTES)
    except (OSError, SharewiseError) as error:
        raise _unreadable() from error


def _write_new(file: Path, content: bytes) -> bytes:
    """Put a file in place whole or not at all, and return what is in that place then.

    Whoever was first counts: a file that appeared meanwhile is returned and not written over.
    """
    with draft_in(file.parent) as draft:
        draft.write(content)
        draft.sync()
        draft.close()
        try:
            give_name(draft.path, file)
        except SharewiseError as error:
            if error.code is not ErrorCode.OUTPUT_EXISTS:
                raise
        sync_folder(file.parent)
    there = _read(file)
    if there is None:
        raise _unreadable()
    return there


def _new_private_pem() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _load_private(pem: bytes) -> EllipticCurvePrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unreadable() from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP384R1):
        raise _unreadable()
    return key


def _public_pem(private: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _new_certificate(private: EllipticCurvePrivateKey, made_at: datetime) -> bytes:
    """A name that tells nothing of the computer or the person, and no end."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made_at)
        .not_valid_after(NO_END)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA384())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def _check_certificate(certificate_pem: bytes, public_pem: bytes) -> None:

    try:
        is_ours = signatures.certificate_fingerprint(certificate_pem) == signatures.fingerprint(
            public_pem
        )
    except ValueError as error:
        raise _unreadable() from error
    if not is_ours:
        raise _unreadable()
