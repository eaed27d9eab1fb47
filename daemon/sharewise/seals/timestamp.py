"""RFC 3161 time-stamps: the request, and what a reply must be before it is kept.

`rfc3161_client` decodes and verifies; it and `cryptography` are imported where they are used. It
refuses replies whose set of certificates is not in the order of DER (X.690, 11.6), which OpenSSL
does not sort: they are put in order first. The token's signature does not cover that set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from sharewise.seals import layout

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

MAX_REPLY_BYTES = 256 * 1024
QUERY_TYPE = "application/timestamp-query"
REPLY_TYPE = "application/timestamp-reply"

MAX_CHAIN = 8
"""Certificates between a signer's and its root's; real chains have one or two."""

_HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_SEQUENCE, _CERTIFICATES, _EXPLICIT = 0x30, 0xA0, 0xA0


@dataclass(frozen=True, slots=True)
class Stamped:
    """A reply that is a good time-stamp of the data."""

    reply: bytes
    """The TimeStampResp in DER, its certificates in order."""
    at: datetime
    roots_pem: bytes
    """The certificates at the end of its chain: whoever trusts them trusts the time."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a time-stamp says whose signature and chain fit."""

    at: datetime
    root: Certificate
    expires: datetime
    """When the first certificate of the chain ends."""


def query(data: bytes) -> bytes:
    """Return a TimeStampReq in DER over SHA-256 of the data, with a nonce; asks for the chain."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build().as_bytes()


def check(
    untrusted: bytes,
    *,
    data: bytes,
    nonce: int | None,
    known_roots: Callable[[], Sequence[Certificate]] = tuple,
) -> Stamped:
    """Return the time-stamp in a reply. Raises ValueError, which says why there is none.

    The chain is checked up to a root certificate that came with it, or is among `known_roots`,
    which are asked for only if the authority left out its own. Whether the root is to be trusted
    is for whoever relies on the time.
    """
    import rfc3161_client
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    if len(untrusted) > MAX_REPLY_BYTES:
        raise ValueError("the reply is far too long")
    with _whatever_fails_is("the reply is no time-stamp"):
        reply = ordered(untrusted)
        found = rfc3161_client.decode_timestamp_response(reply)
        status = found.status
    if status != 0:
        raise ValueError("the service refused")
    with _whatever_fails_is("the reply's certificates cannot be read"):
        known = [x509.load_der_x509_certificate(one) for one in found.signed_data.certificates]
        roots = _roots(known, known_roots)
    if not roots:
        raise ValueError("the reply has no root certificate, and none is known here that fits")
    with _whatever_fails_is("the reply is no good time-stamp"):
        verifier = rfc3161_client.VerifierBuilder(nonce=nonce, roots=list(roots))
        for one in known:
            if one not in roots and _is_authority(one):
                verifier = verifier.add_intermediate_certificate(one)
        verifier.build().verify_message(found, data)
        at = found.tst_info.gen_time
        pem = b"".join(one.public_bytes(Encoding.PEM) for one in roots)
    return Stamped(reply, at, pem)


def verified(untrusted: bytes, *, data: bytes, roots_pem: bytes) -> Verified:
    """Return what a time-stamp says that came with its roots, at the time that it names.

    Raises ValueError, whose text is a sentence on what is wrong with it. Whether the roots are
    those of an authority is not known here.
    """
    import rfc3161_client
    from cryptography import x509

    if len(untrusted) > MAX_REPLY_BYTES:
        raise ValueError("It is far longer than a time-stamp.")
    with _whatever_fails_is("It is no time-stamp, or was damaged."):
        found = rfc3161_client.decode_timestamp_response(ordered(untrusted))
        said = found.tst_info
        known = [x509.load_der_x509_certificate(one) for one in found.signed_data.certificates]
        signer = _signer(found, known)
        imprint = said.message_imprint
        algorithm, hashed_with_it = imprint.hash_algorithm.dotted_string, imprint.message
        at = said.gen_time
    with _whatever_fails_is("What the time-stamp is checked with cannot be read."):
        roots = x509.load_pem_x509_certificates(roots_pem)
    if signer is None:
        raise ValueError("The certificate that it was signed with is not in it.")
    hashed = _hash_of(algorithm, data)
    if hashed_with_it != hashed:
        raise ValueError("It is the time-stamp of something else.")
    with _whatever_fails_is("A certificate of its authority was damaged."):
        chain = _chain(known, roots, signer)
    if not chain:
        raise ValueError(
            f"Its authority is unknown: no certificate in {layout.STAMP_ROOTS} vouches for it."
        )
    if any(not one.not_valid_before_utc <= at <= one.not_valid_after_utc for one in chain):
        raise ValueError("A certificate of its authority was not valid at the time that it names.")
    with _whatever_fails_is("Its signature does not fit: it was changed, or forged."):
        for one, issuer in pairwise(chain):
            one.verify_directly_issued_by(issuer)
        if chain[-1].subject == chain[-1].issuer:
            chain[-1].verify_directly_issued_by(chain[-1])
        verifier = rfc3161_client.VerifierBuilder(roots=[chain[-1]])
        for one in chain[1:-1]:
            verifier = verifier.add_intermediate_certificate(one)
        verifier.build().verify(found, hashed)
    expires = min(one.not_valid_after_utc for one in chain)
    return Verified(at, chain[-1], expires)


@contextmanager
def _whatever_fails_is(sentence: str) -> Iterator[None]:
    """Have whatever damaged bytes make a library raise be a ValueError that says this.

    Seen: KeyError, InvalidVersion, InvalidSignature and panics of Rust, which are no Exception.
    """
    try:
        yield
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__module__ == "pyo3_runtime":
            raise ValueError(sentence) from error
        raise


def _hash_of(algorithm: str, data: bytes) -> bytes:
    name = _HASHES.get(algorithm)
    if name is None:
        raise ValueError("It is over a kind of hash that is not known here.")
    return hashlib.new(name, data).digest()


def _signer(found: TimeStampResponse, known: Sequence[Certificate]) -> Certificate | None:
    """Return the certificate that the token says it was signed with, if it is in it."""
    for told in found.signed_data.signer_infos:
        for one in known:
            if one.serial_number == told.serial_number and one.issuer == told.issuer:
                return one
    return None


def _chain(
    known: Sequence[Certificate], roots: Sequence[Certificate], signer: Certificate
) -> list[Certificate]:
    """Return the certificates from the signer's up to one of the roots; none if it has no end."""
    chain = [signer]
    while chain[-1] not in roots:
        issuers = [one for one in (*roots, *known) if one.subject == chain[-1].issuer]
        if not issuers or len(chain) > MAX_CHAIN:
            return []
        chain.append(issuers[0])
    return chain


def nonce_of(request: bytes) -> int | None:
    """Return the nonce of a TimeStampReq that `query` made."""
    fields = _children(request, _only(request, 0, len(request)))
    integers = [request[one.start : one.end] for one in fields if one.tag == 0x02]
    return int.from_bytes(integers[-1], "big", signed=True) if len(integers) == 2 else None


def ordered(reply: bytes) -> bytes:
    """Return a TimeStampResp with its certificates in the order of DER.

    Raises ValueError if it is none. Source: RFC 3161, 2.4.2; RFC 5652, 5.1.
    """
    fields = _children(reply, _only(reply, 0, len(reply)))
    if len(fields) < 2:
        return reply
    content = _children(reply, fields[1])
    if len(content) != 2 or content[1].tag != _EXPLICIT:
        raise ValueError("the reply holds no signed data")
    signed = _children(reply, _only(reply, content[1].start, content[1].end))
    for one in signed[3:]:
        if one.tag == _CERTIFICATES:
            parts = [reply[child.at : child.end] for child in _children(reply, one)]
            return reply[: one.start] + b"".join(sorted(parts)) + reply[one.end :]
    return reply


@dataclass(frozen=True, slots=True)
class _Tlv:
    """One element of DER: where it stands, and where its content does."""

    tag: int
    at: int
    start: int
    end: int


def _only(data: bytes, start: int, end: int) -> _Tlv:
    found = _element(data, start, end)
    if found.tag != _SEQUENCE or found.end != end:
        raise ValueError("the reply is no time-stamp")
    return found


def _children(data: bytes, parent: _Tlv) -> list[_Tlv]:
    found = []
    at = parent.start
    while at < parent.end:
        found.append(_element(data, at, parent.end))
        at = found[-1].end
    return found


def _element(data: bytes, at: int, limit: int) -> _Tlv:
    if at + 2 > limit:
        raise ValueError("the reply is cut off")
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or start + count > limit:
            raise ValueError("the reply is no DER")
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    if start + length > limit:
        raise ValueError("the reply is cut off")
    return _Tlv(tag, at, start, start + length)


def _roots(
    known: Sequence[Certificate], known_roots: Callable[[], Sequence[Certificate]]
) -> tuple[Certificate, ...]:
    """Return the root certificates of the chains in a reply; none if there are none that fit."""
    ends = [
        one
        for one in known
        if not any(other.subject == one.issuer for other in known if other is not one)
    ]
    roots = [one for one in ends if one.issuer == one.subject]
    open_ends = [one for one in ends if one.issuer != one.subject]
    if open_ends and not roots:
        roots = [root for root in known_roots() if any(_has_issued(root, one) for one in open_ends)]
    return tuple(roots)


def _has_issued(root: Certificate, other: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature

    if root.subject != other.issuer:
        return False
    try:
        other.verify_directly_issued_by(root)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _is_authority(certificate: Certificate) -> bool:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return found.value.ca
