"""Replies of a real authority (openssl ts): good ones are kept in order, all others are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import rfc3161_client
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
