"""The envelope: exact, strict, and typed on both sides."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import Malformed, SharewiseError
from sharewise.wire.captures import CaseList
from sharewise.wire.jsonrpc import (
    APPLICATION_ERROR,
    NUMBERS,
    decode_request,
    decode_result,
    encode_error,
    encode_request,
    encode_result,
    request_id_of,
)
from sharewise.wire.messages import DaemonStatus, Done, Hello, HelloResult, Sender, WatchAdd
from sharewise.wire.photos import PhotoClose, PhotoNeeds, PhotoOpen

GOOD: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 5,
    "method": "watch.add",
    "sender": "cli",
    "params": {"path": "/x", "mode": "tell"},
}


DEEP = "[" * 100_000 + "]" * 100_000


def refusal_of(frame: bytes | str) -> SharewiseError:
    with pytest.raises(SharewiseError) as caught:
        decode_request(frame)
    return caught.value


def test_a_request_arrives_as_it_was_sent() -> None:
    call = WatchAdd(path="/x", mode="clean")
    request, decoded = decode_request(encode_request(call, request_id=9, sender=Sender.CLI))
    assert decoded == call
    assert (request.id, request.sender, request.method) == (9, Sender.CLI, "watch.add")


def test_missing_parameters_mean_none() -> None:
    frame = {**GOOD, "method": "case.list"}
    del frame["params"]
    assert decode_request(json.dumps(frame))[1] == CaseList()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"jsonrpc": "1.0"}, ErrorCode.INVALID_REQUEST),
        ({"jsonrpc": 2.0}, ErrorCode.INVALID_REQUEST),
        ({"id": "5"}, ErrorCode.INVALID_REQUEST),
        ({"id": None}, ErrorCode.INVALID_REQUEST),
        ({"id": 1.5}, ErrorCode.INVALID_REQUEST),
        ({"id": True}, ErrorCode.INVALID_REQUEST),
        ({"method": 1}, ErrorCode.INVALID_REQUEST),
        ({"sender": "browser"}, ErrorCode.INVALID_REQUEST),
        ({"sender": None}, ErrorCode.INVALID_REQUEST),
        ({"extra": 1}, ErrorCode.INVALID_REQUEST),
        ({"method": "watch.ADD"}, ErrorCode.UNKNOWN_METHOD),
        ({"method": "__class__"}, ErrorCode.UNKNOWN_METHOD),
        ({"method": "toString"}, ErrorCode.UNKNOWN_METHOD),
        ({"sender": "content"}, ErrorCode.SENDER_REFUSED),
        ({"sender": "background"}, ErrorCode.SENDER_REFUSED),
        ({"params": None}, ErrorCode.INVALID_PARAMS),
        ({"params": []}, ErrorCode.INVALID_PARAMS),
        ({"params": {}}, ErrorCode.INVALID_PARAMS),
        ({"params": {"path": 1}}, ErrorCode.INVALID_PARAMS),
        ({"params": {"path": "/x", "mode": "off"}}, ErrorCode.INVALID_PARAMS),
        ({"params": {"path": "/x", "more": 1}}, ErrorCode.INVALID_PARAMS),
    ],
)
def test_whatever_is_not_exactly_right_is_refused(
    changed: dict[str, object], code: ErrorCode
) -> None:
    decode_request(json.dumps(GOOD))
    assert refusal_of(json.dumps({**GOOD, **changed})).code is code


@pytest.mark.parametrize("member", ["jsonrpc", "id", "method", "sender"])
def test_every_member_but_the_parameters_is_needed(member: str) -> None:
    frame = {key: value for key, value in GOOD.items() if key != member}
    assert refusal_of(json.dumps(frame)).code is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize("frame", ["", "{", "\x00", '{"id":', "{]", b"\xff\xfe"])
def test_broken_json_is_a_parse_error_without_an_id(frame: bytes | str) -> None:
    assert refusal_of(frame).code is ErrorCode.PARSE_ERROR
    assert request_id_of(frame) is None


@pytest.mark.parametrize("frame", ["[]", "1", "null", '"x"', "[{}]"])
def test_json_that_is_no_object_is_no_request(frame: str) -> None:
    assert refusal_of(frame).code is ErrorCode.INVALID_REQUEST
    assert request_id_of(frame) is None


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_noise_gives_a_code_and_never_another_error(frame: bytes | str) -> None:
    assert refusal_of(frame).code in {ErrorCode.PARSE_ERROR, ErrorCode.INVALID_REQUEST}
    request_id_of(frame)


@pytest.mark.parametrize(
    "frame",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"params":' + DEEP + "}",
        json.dumps({**GOOD, "params": 0}).replace("0}", DEEP + "}"),
    ],
    ids=["lists", "objects", "only parameters", "parameters of a call"],
)
def test_deep_nesting_is_refused(frame: str) -> None:
    assert refusal_of(frame).code in {
        ErrorCode.PARSE_ERROR,
        ErrorCode.INVALID_REQUEST,
        ErrorCode.INVALID_PARAMS,
    }
    request_id_of(frame)


def test_the_id_of_a_request_that_is_broken_otherwise_is_found() -> None:
    assert request_id_of('{"id": 7, "method": 3, "more": []}') == 7
    assert request_id_of('{"id": "7"}') is None


def test_base64_that_is_none_is_refused() -> None:
    frame = {
        **GOOD,
        "method": "photo.open",
        "sender": "content",
        "params": {"size_bytes": 1, "head": "ä", "tail": "", "goal": "plan"},
    }
    assert refusal_of(json.dumps(frame)).code is ErrorCode.INVALID_PARAMS


def test_a_result_arrives_as_its_type() -> None:
    result = HelloResult(protocol=1, version="x")
    call = Hello(protocol=1, version="x")
    assert decode_result(encode_result(result, request_id=1), call) == result


def test_a_result_that_is_a_union_arrives_as_the_right_one() -> None:
    needs = PhotoNeeds(session_id="s", requests=())
    call = PhotoOpen(size_bytes=0, head=b"", tail=b"", goal="plan")
    assert decode_result(encode_result(needs, request_id=1), call) == needs


@pytest.mark.parametrize("code", ErrorCode)
def test_an_error_arrives_with_its_code_and_words(code: ErrorCode) -> None:
    sent = SharewiseError(code, "Do this next.")
    encoded = encode_error(sent, request_id=3)
    with pytest.raises(SharewiseError) as caught:
        decode_result(encoded, PhotoClose(session_id="s"))
    assert (caught.value.code, caught.value.message) == (code, "Do this next.")
    assert json.loads(encoded)["error"]["code"] == NUMBERS.get(code, APPLICATION_ERROR)


def test_an_error_without_a_request_has_the_id_null() -> None:
    error = Malformed(path="JPEG", at_byte=2, why="no marker")
    assert json.loads(encode_error(error, request_id=None))["id"] is None


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{",
        b"[]",
        b'{"jsonrpc":"2.0","id":1}',
        b'{"jsonrpc":"2.0","id":1,"result":{"protocol":1}}',
        b'{"jsonrpc":"2.0","id":1,"result":{"protocol":1,"version":"x","more":1}}',
        b'{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x","data":"no_such_code"}}',
        b'{"jsonrpc":"2.0","id":1,"result":null}',
    ],
)
def test_an_answer_that_does_not_fit_is_not_believed(answer: bytes) -> None:
    with pytest.raises(SharewiseError) as caught:
        decode_result(answer, Hello(protocol=1, version="x"))
    assert caught.value.code is ErrorCode.PARSE_ERROR


def test_a_status_of_a_daemon_that_says_more_is_not_believed() -> None:
    with pytest.raises(SharewiseError):
        decode_result(encode_result(Done(), request_id=1), DaemonStatus())
