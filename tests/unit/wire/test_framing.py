"""Native-messaging frames: whole messages however the stream is cut, and no unbounded buffer."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.wire.framing import (
    HEADER,
    MAX_FROM_BROWSER_BYTES,
    MAX_TO_BROWSER_BYTES,
    Decoder,
    encode,
)

TWO_GIGABYTES = 2 * 1024**3


@given(messages=st.lists(st.binary(max_size=40), max_size=8), cuts=st.lists(st.integers(0, 400)))
def test_any_cut_of_the_stream_gives_the_same_messages(
    messages: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(map(encode, messages))
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    decoder = Decoder()
    found: list[bytes] = []
    for start, end in pairwise(places):
        found += decoder.feed(stream[start:end])
    assert found == messages
    assert decoder.is_between_frames


def test_a_frame_is_a_length_in_the_machines_order_and_the_message() -> None:
    assert encode(b"{}") == struct.pack("=I", 2) + b"{}"


@pytest.mark.parametrize("length", [MAX_FROM_BROWSER_BYTES + 1, TWO_GIGABYTES, 2**32 - 1])
def test_a_length_over_the_limit_is_refused_at_once(length: int) -> None:
    decoder = Decoder()
    with pytest.raises(SharewiseError) as caught:
        decoder.feed(HEADER.pack(length))
    assert caught.value.code is ErrorCode.TOO_LARGE


def test_a_refused_length_is_found_behind_whole_messages_too() -> None:
    decoder = Decoder()
    with pytest.raises(SharewiseError) as caught:
        decoder.feed(encode(b"{}") + HEADER.pack(TWO_GIGABYTES))
    assert caught.value.code is ErrorCode.TOO_LARGE


def test_a_message_of_exactly_the_limit_passes_both_ways() -> None:
    message = b"x" * MAX_TO_BROWSER_BYTES
    assert Decoder().feed(encode(message)) == [message]


def test_an_answer_over_the_limit_is_not_encoded() -> None:
    with pytest.raises(SharewiseError) as caught:
        encode(b"x" * (MAX_TO_BROWSER_BYTES + 1))
    assert caught.value.code is ErrorCode.TOO_LARGE


@pytest.mark.parametrize("cut", [1, 3, 4, 5])
def test_a_stream_that_ends_inside_a_frame_is_seen(cut: int) -> None:
    decoder = Decoder()
    assert decoder.feed(encode(b"{}")[:cut]) == []
    assert not decoder.is_between_frames


def test_an_empty_message_is_a_message() -> None:
    assert Decoder().feed(encode(b"")) == [b""]
