"""JSON-RPC 2.0 with one more member, `sender`: who in the extension spoke.

Strict: an unknown member, method or type is refused. Source: jsonrpc.org/specification.
"""

from __future__ import annotations

from typing import Literal, TypeVar

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.wire.calls import METHODS
from sharewise.wire.messages import Call, Message, Sender

NUMBERS: dict[ErrorCode, int] = {
    ErrorCode.PARSE_ERROR: -32700,
    ErrorCode.INVALID_REQUEST: -32600,
    ErrorCode.UNKNOWN_METHOD: -32601,
    ErrorCode.INVALID_PARAMS: -32602,
    ErrorCode.INTERNAL: -32603,
}
"""The numbers that JSON-RPC gives to its own errors; every other code has APPLICATION_ERROR."""
APPLICATION_ERROR = -32000


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call as it travels; `params` is decoded once the method is known."""

    jsonrpc: Literal["2.0"]
    id: int
    method: str
    sender: Sender
    params: msgspec.Raw = msgspec.Raw(b"{}")


class ErrorBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What went wrong: JSON-RPC's number, our code, one sentence for people."""

    code: int
    message: str
    data: str


class Success(msgspec.Struct, frozen=True):
    """The answer to a call that worked."""

    jsonrpc: Literal["2.0"]
    id: int
    result: msgspec.Raw


class Failure(msgspec.Struct, frozen=True):
    """The answer to a call that did not; `id` is null if it could not be read."""

    jsonrpc: Literal["2.0"]
    id: int | None
    error: ErrorBody


class Response(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either answer, as it arrives: exactly one of `result` and `error` is there."""

    jsonrpc: Literal["2.0"]
    id: int | None
    result: msgspec.Raw = msgspec.Raw(b"")
    error: ErrorBody | None = None


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that the daemon says unasked, such as progress; has no id."""

    jsonrpc: Literal["2.0"]
    method: str
    params: msgspec.Raw


class _OnlyId(msgspec.Struct, frozen=True):
    """The one member that is looked for where the rest is broken."""

    id: int


_requests = msgspec.json.Decoder(Request)
_responses = msgspec.json.Decoder(Response)
_only_ids = msgspec.json.Decoder(_OnlyId)
_encoder = msgspec.json.Encoder()


Result = TypeVar("Result")


def encode_request(call: Call[Result], *, request_id: int, sender: Sender) -> bytes:
    """Return the JSON of a call."""
    return _encoder.encode(
        Request("2.0", request_id, call.METHOD, sender, msgspec.Raw(_encoder.encode(call)))
    )


def decode_request(untrusted: bytes | str) -> tuple[Request, Call[object]]:
    """Return the envelope and its typed call, once the sender may make that call.

    Raises SharewiseError: PARSE_ERROR, INVALID_REQUEST, UNKNOWN_METHOD, SENDER_REFUSED or
    INVALID_PARAMS. Use `request_id_of` to answer a request that could not be decoded.
    """
    try:
        request = _requests.decode(untrusted)
    except msgspec.ValidationError as error:
        raise SharewiseError(
            ErrorCode.INVALID_REQUEST, f"This is not a request: {error}."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SharewiseError(ErrorCode.PARSE_ERROR, "This is not JSON.") from error
    kind = METHODS.get(request.method)
    if kind is None:
        raise SharewiseError(ErrorCode.UNKNOWN_METHOD, "There is no such method.")
    if request.sender not in kind.SENDERS:
        raise SharewiseError(
            ErrorCode.SENDER_REFUSED, f"The {request.sender} may not call {request.method}."
        )
    try:
        return request, msgspec.json.decode(request.params, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SharewiseError(
            ErrorCode.INVALID_PARAMS, f"The parameters do not fit {request.method}: {error}."
        ) from error


def request_id_of(untrusted: bytes | str) -> int | None:
    """Return the id of a request that may be broken otherwise, or None."""
    try:
        return _only_ids.decode(untrusted).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def encode_result(result: Message, *, request_id: int) -> bytes:
    """Return the JSON of a successful answer."""
    return _encoder.encode(Success("2.0", request_id, msgspec.Raw(_encoder.encode(result))))


def encode_error(error: SharewiseError, *, request_id: int | None) -> bytes:
    """Return the JSON of a refusal or failure."""
    body = ErrorBody(
        NUMBERS.get(error.code, APPLICATION_ERROR), error.message, data=error.code.value
    )
    return _encoder.encode(Failure("2.0", request_id, body))


def decode_result(untrusted: bytes | str, call: Call[Result]) -> Result:
    """Return the result of the call, typed; raises the SharewiseError that the answer carries."""
    try:
        response = _responses.decode(untrusted)
        if response.error is not None:
            raise SharewiseError(ErrorCode(response.error.data), response.error.message)
        result: Result = msgspec.json.decode(response.result, type=call.RESULT)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SharewiseError(ErrorCode.PARSE_ERROR, "An answer could not be read.") from error
    return result
