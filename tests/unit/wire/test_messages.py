"""The list of calls is whole, and each call tells the truth about itself."""

from __future__ import annotations

import base64
import inspect
import typing

import msgspec
import pytest

from sharewise.wire.calls import CALLS, METHODS, MODULES
from sharewise.wire.captures import CapturePart
from sharewise.wire.framing import MAX_FRAME_BYTES
from sharewise.wire.messages import PART_BYTES, Call, Message, Sender
from sharewise.wire.photos import PhotoAnswer, PhotoNeeds, PhotoStep, PhotoVerdict, RangeRequest

IN_ORDER = pytest.mark.parametrize("kind", CALLS, ids=lambda kind: kind.__name__)


def defined() -> list[type[Message]]:
    return [
        kind
        for module in MODULES
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Message) and kind is not Message and kind.__module__ == module.__name__
    ]


def test_every_call_that_is_defined_is_listed_once() -> None:
    calls = [kind for kind in defined() if issubclass(kind, Call) and kind is not Call]
    assert sorted(map(repr, CALLS)) == sorted(map(repr, calls))
    assert len(METHODS) == len(CALLS), "two calls share a method"
    assert all(METHODS[kind.METHOD] is kind for kind in CALLS)


@IN_ORDER
def test_the_result_of_a_call_is_the_one_it_is_typed_with(kind: type[Call[object]]) -> None:
    (base,) = vars(kind)["__orig_bases__"]
    assert typing.get_args(base) == (kind.RESULT,)


@IN_ORDER
def test_a_call_says_who_may_make_it(kind: type[Call[object]]) -> None:
    assert kind.SENDERS
    assert frozenset(Sender) >= kind.SENDERS


@pytest.mark.parametrize(
    "method", ["daemon.stop", "case.export", "case.delete", "watch.add", "capture.seal"]
)
def test_a_script_in_a_page_may_do_nothing_but_look_at_photos(method: str) -> None:
    assert Sender.CONTENT not in METHODS[method].SENDERS
    allowed = {name for name, kind in METHODS.items() if Sender.CONTENT in kind.SENDERS}
    assert {name.partition(".")[0] for name in allowed} == {"photo"}


@pytest.mark.parametrize("kind", defined(), ids=lambda kind: kind.__name__)
def test_every_message_is_frozen_and_refuses_what_it_does_not_know(kind: type[Message]) -> None:
    config = kind.__struct_config__
    assert config.frozen
    assert config.forbid_unknown_fields


def test_a_step_is_told_apart_by_its_state() -> None:
    needs = PhotoNeeds(session_id="s", requests=(RangeRequest(offset=1, length=2),))
    verdict = PhotoVerdict(
        status="clean", format="JPEG", findings=(), kept=("icc",), plan=None, reason=None
    )
    for step in (needs, verdict):
        assert msgspec.json.decode(msgspec.json.encode(step), type=PhotoStep) == step


def test_bytes_travel_as_base64() -> None:
    answer = PhotoAnswer(session_id="s", answers=(b"\xff\xd8", 7, None))
    encoded = msgspec.json.encode(answer)
    assert base64.b64encode(b"\xff\xd8") in encoded
    assert msgspec.json.decode(encoded, type=PhotoAnswer) == answer


def test_the_largest_part_fits_into_a_frame_with_room_for_two_ranges() -> None:
    part = CapturePart(capture_id="c" * 64, name="n" * 200, sequence=1, data=bytes(PART_BYTES))
    answer = PhotoAnswer(session_id="s" * 64, answers=(bytes(PART_BYTES), bytes(PART_BYTES)))
    for message in (part, answer):
        assert len(msgspec.json.encode(message)) < MAX_FRAME_BYTES * 3 // 4
