from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise_host import glance
from sharewise_host.glance import Envelope


def test_the_envelope_is_read_and_the_rest_skipped() -> None:
    message = b'{"jsonrpc":"2.0","id":3,"method":"hello","sender":"page","params":{"a":[1]}}'
    found = glance.request(message)
    assert (found.id, found.method, found.sender) == (3, "hello", "page")
    assert found.is_hello


@pytest.mark.parametrize("untrusted", [b"", b"{", b"\xff", b'{"a":"\xc3"}', b"{'id': 1}"])
def test_what_is_not_json_is_refused(untrusted: bytes) -> None:
    with pytest.raises(SharewiseError) as refused:
        glance.request(untrusted)
    assert refused.value.code is ErrorCode.PARSE_ERROR


@pytest.mark.parametrize("untrusted", [b"[]", b"1", b'{"id":"x"}', b'{"id":1.5}', b"null"])
def test_what_is_json_of_another_shape_is_left_to_the_daemon(untrusted: bytes) -> None:
    assert glance.request(untrusted) == Envelope()


@pytest.mark.parametrize("sender", ["cli", "host", "PAGE", ""])
def test_no_other_program_speaks_through_a_browser(sender: str) -> None:
    with pytest.raises(SharewiseError) as refused:
        glance.request(json.dumps({"id": 1, "method": "x", "sender": sender}).encode())
    assert refused.value.code is ErrorCode.SENDER_REFUSED


def test_an_answer_that_cannot_be_read_has_no_envelope() -> None:
    assert glance.answer(b"nonsense") == Envelope()


@pytest.mark.parametrize("error", [b"{}", b'{"code":1,"message":"no","data":"busy"}'])
def test_a_refusal_keeps_its_id(error: bytes) -> None:
    found = glance.answer(b'{"jsonrpc":"2.0","id":4,"error":' + error + b"}")
    assert (found.id, found.is_refusal) == (4, True)
    assert not glance.answer(b'{"jsonrpc":"2.0","id":4,"result":{}}').is_refusal


@given(st.binary(max_size=200))
def test_any_bytes_are_an_envelope_or_a_refusal(untrusted: bytes) -> None:
    try:
        glance.request(untrusted)
    except SharewiseError as refused:
        code = refused.code
    else:
        code = ErrorCode.PARSE_ERROR
    assert code in (ErrorCode.PARSE_ERROR, ErrorCode.SENDER_REFUSED)
