"""Replies of a real authority (openssl ts): good ones are kept in order, all others are refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rfc3161_client
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewise.seals import timestamp
from support.stamping import Authority, authority

DATA = b"a signed checkpoint"


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def exchange(tsa: Authority) -> tuple[bytes, bytes]:
    request = timestamp.query(DATA)
    return request, tsa.answer(request)


def test_a_reply_of_openssl_is_kept_in_order(
    tsa: Authority, exchange: tuple[bytes, bytes], tmp_path: Path
) -> None:
    request, reply = exchange
    stamped = timestamp.check(reply, data=DATA, nonce=timestamp.nonce_of(request))
    assert stamped.roots_pem == tsa.root_pem
    assert stamped.at.tzinfo is not None
    rfc3161_client.decode_timestamp_response(stamped.reply)
    assert sorted(stamped.reply) == sorted(reply), "the same bytes, in another order at most"
    tsa.must_verify(stamped.reply, DATA)


def test_a_set_out_of_order_is_put_in_order(exchange: tuple[bytes, bytes]) -> None:
    in_order = timestamp.ordered(exchange[1])
    signed = timestamp._children(in_order, timestamp._only(in_order, 0, len(in_order)))[1]
    while signed.tag != 0xA0 or len(timestamp._children(in_order, signed)) != 2:
        signed = timestamp._children(in_order, signed)[-1]
        if signed.tag == 0x30:
            signed = timestamp._children(in_order, signed)[3]
    first, second = timestamp._children(in_order, signed)
    swapped = (
        in_order[: first.at]
        + in_order[second.at : second.end]
        + in_order[first.at : first.end]
        + in_order[second.end :]
    )
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        rfc3161_client.decode_timestamp_response(swapped)
    assert timestamp.ordered(swapped) == in_order


def test_a_reply_to_something_else_is_refused(exchange: tuple[bytes, bytes]) -> None:
    request, reply = exchange
    nonce = timestamp.nonce_of(request)
    for data, expected in ((b"other", nonce), (DATA, 1)):
        with pytest.raises(ValueError, match="time-stamp"):
            timestamp.check(reply, data=data, nonce=expected)


def test_a_refusal_is_told(tsa: Authority) -> None:
    refused = tsa.answer(b"no request")
    with pytest.raises(ValueError, match=r"refused|time-stamp|reply"):
        timestamp.check(refused, data=DATA, nonce=None)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_noise_and_what_is_cut_off_is_refused(
    exchange: tuple[bytes, bytes], data: st.DataObject
) -> None:
    _, reply = exchange
    cut = reply[: data.draw(st.integers(0, len(reply) - 1))]
    for untrusted in (cut, data.draw(st.binary(max_size=300)), b"\x30\x84\xff\xff\xff\xff"):
        with pytest.raises(ValueError, match=r"."):
            timestamp.check(untrusted, data=DATA, nonce=None)


def test_a_reply_that_is_far_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        timestamp.check(bytes(timestamp.MAX_REPLY_BYTES + 1), data=DATA, nonce=None)


def test_any_flipped_bit_is_no_error_but_a_sentence(
    tsa: Authority, exchange: tuple[bytes, bytes]
) -> None:
    """Libraries answer damage with KeyError, InvalidVersion and, in Rust, with panics."""
    reply, roots = exchange[1], tsa.root_pem
    said: set[str] = set()
    for number in range(len(reply) + len(roots)):
        flipped = bytearray(reply + roots)
        flipped[number] ^= 1 << number % 8
        token, pem = bytes(flipped[: len(reply)]), bytes(flipped[len(reply) :])
        try:
            timestamp.verified(token, data=DATA, roots_pem=pem)
        except ValueError as error:
            said.add(str(error))
    assert len(said) > 5
    odd = [one for one in said if not re.fullmatch(r"[A-Z][a-z ].+\.", one) or "asn1" in one]
    assert not odd


def test_a_panic_of_a_library_is_an_error_and_an_interrupt_stays_one() -> None:
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})
    with (
        pytest.raises(ValueError, match="It is damaged"),
        timestamp._whatever_fails_is("It is damaged."),
    ):
        raise panic
    with pytest.raises(KeyboardInterrupt), timestamp._whatever_fails_is("It is damaged."):
        raise KeyboardInterrupt


def test_a_root_that_was_changed_vouches_for_nothing(
    tsa: Authority, exchange: tuple[bytes, bytes]
) -> None:
    """Its serial number is covered by nothing but its own signature."""
    root = x509.load_pem_x509_certificate(tsa.root_pem)
    der = bytearray(root.public_bytes(Encoding.DER))
    serial = root.serial_number.to_bytes((root.serial_number.bit_length() + 7) // 8, "big")
    der[der.index(serial) + 10] ^= 1
    changed = x509.load_der_x509_certificate(bytes(der)).public_bytes(Encoding.PEM)
    with pytest.raises(ValueError, match="signature does not fit"):
        timestamp.verified(exchange[1], data=DATA, roots_pem=changed)
