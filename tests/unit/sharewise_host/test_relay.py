"""The relay between a make-believe port and a make-believe daemon; time passes at once."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.wire.framing import MAX_TO_BROWSER_BYTES
from sharewise.wire.messages import PROTOCOL
from sharewise_host import relay as relay_module
from sharewise_host.link import LinkLostError
from sharewise_host.relay import EXIT_BROKEN_STREAM, EXIT_ENDED, MAX_WAITING, Relay


class FakePort:
    """Gives what the test sends and keeps what the relay writes."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[bytes] = asyncio.Queue()
        self.written: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self.reads = 0

    async def read(self) -> bytes:
        chunk = await self.incoming.get()
        self.reads += 1
        return chunk

    async def write(self, message: bytes) -> None:
        assert len(message) <= MAX_TO_BROWSER_BYTES
        self.written.put_nowait(json.loads(message))

    def send(self, message: bytes) -> None:
        self.incoming.put_nowait(struct.pack("=I", len(message)) + message)

    def call(self, request_id: int, method: str = "daemon.status") -> None:
        self.send(a_call(request_id, method))

    async def answer(self) -> dict[str, object]:
        async with asyncio.timeout(5):
            return await self.written.get()


def a_call(request_id: int, method: str = "daemon.status") -> bytes:
    params = {"protocol": PROTOCOL, "version": "1"} if method == "hello" else {}
    return json.dumps(
        {
            "jsonrpc": "2.0",
            "id": request_id,
            "method": method,
            "sender": "background",
            "params": params,
        }
    ).encode()


def a_result(request_id: int, result: object = None) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "result": result}).encode()


class FakeLink:
    """One connection; the test plays the daemon."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[bytes] = asyncio.Queue()
        self.answers: asyncio.Queue[bytes | LinkLostError] = asyncio.Queue()
        self.is_stuck = False

    async def send(self, message: bytes) -> None:
        if self.is_stuck:
            await asyncio.Event().wait()
        self.sent.put_nowait(message)

    async def receive(self) -> bytes:
        answer = await self.answers.get()
        if isinstance(answer, LinkLostError):
            raise answer
        return answer

    async def taken(self) -> dict[str, object]:
        async with asyncio.timeout(5):
            message = json.loads(await self.sent.get())
        assert isinstance(message, dict)
        return message

    def end(self, *, is_orderly: bool) -> None:
        self.answers.put_nowait(LinkLostError(is_orderly=is_orderly))


class FakeDaemon:
    """Gives a link for each dial, or the error of the moment."""

    def __init__(self) -> None:
        self.links: asyncio.Queue[FakeLink] = asyncio.Queue()
        self.error: SharewiseError | None = None
        self.dials: list[bool] = []
        self.dialled = asyncio.Semaphore(0)
        self.is_stuck = False

    @asynccontextmanager
    async def dial(self, *, may_start: bool) -> AsyncIterator[FakeLink]:
        self.dials.append(may_start)
        self.dialled.release()
        if self.error is not None:
            raise self.error
        link = FakeLink()
        link.is_stuck = self.is_stuck
        self.links.put_nowait(link)
        yield link

    async def is_dialled(self, times: int) -> None:
        async with asyncio.timeout(5):
            for _ in range(times):
                await self.dialled.acquire()

    async def next_link(self) -> FakeLink:
        async with asyncio.timeout(5):
            return await self.links.get()


@pytest.fixture(autouse=True)
def short_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_DELAY_S", "LONGEST_DELAY_S", "PROBE_S", "HELLO_TIMEOUT_S"):
        monkeypatch.setattr(relay_module, name, 0.02)


@asynccontextmanager
async def relaying(
    daemon: FakeDaemon,
) -> AsyncIterator[tuple[FakePort, asyncio.Task[int]]]:
    port = FakePort()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(Relay(port, daemon.dial).run())
        yield port, running
        port.incoming.put_nowait(b"")
        async with asyncio.timeout(5):
            await running


def code_of(answer: dict[str, object]) -> object:
    error = answer["error"]
    assert isinstance(error, dict)
    return error["data"]


async def greet(port: FakePort, link: FakeLink) -> None:
    port.call(1, "hello")
    assert (await link.taken())["method"] == "hello"
    link.answers.put_nowait(a_result(1, {"protocol": PROTOCOL, "version": "1"}))
    assert (await port.answer())["id"] == 1


async def test_messages_pass_as_they_are() -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, running):
        link = await daemon.next_link()
        odd = b' {"id" : 7 ,\n"method":"x", "sender":"page", "\\u00e9": 1.50e1 } '
        port.send(odd)
        assert await link.sent.get() == odd
        link.answers.put_nowait(a_result(7, [1, 2]))
        assert (await port.answer())["result"] == [1, 2]
    assert running.result() == EXIT_ENDED


async def test_what_the_daemon_says_unasked_passes() -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, _):
        link = await daemon.next_link()
        link.answers.put_nowait(b'{"jsonrpc":"2.0","method":"progress","params":{}}')
        assert (await port.answer())["method"] == "progress"


async def test_frames_in_pieces_are_one_message() -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, _):
        link = await daemon.next_link()
        message = a_call(5)
        for byte in struct.pack("=I", len(message)) + message:
            port.incoming.put_nowait(bytes([byte]))
        assert (await link.taken())["id"] == 5


async def test_a_length_past_the_limit_ends_the_stream() -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, running):
        port.incoming.put_nowait(struct.pack("=I", 2**31))
        answer = await port.answer()
        assert (answer["id"], code_of(answer)) == (None, ErrorCode.TOO_LARGE)
        await running
    assert running.result() == EXIT_BROKEN_STREAM


async def test_an_end_in_the_middle_of_a_frame_is_told_by_the_exit_code() -> None:
    async with relaying(FakeDaemon()) as (port, running):
        port.incoming.put_nowait(b"\x05\x00")
    assert running.result() == EXIT_BROKEN_STREAM


async def test_what_is_in_flight_is_answered_when_the_daemon_dies() -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, _):
        link = await daemon.next_link()
        for request_id in (3, 4, 5):
            port.call(request_id)
            await link.taken()
        link.answers.put_nowait(a_result(4))
        assert (await port.answer())["id"] == 4
        link.end(is_orderly=False)
        lost = [await port.answer(), await port.answer()]
        assert [(answer["id"], code_of(answer)) for answer in lost] == [
            (3, ErrorCode.DAEMON_GONE),
            (5, ErrorCode.DAEMON_GONE),
        ]
        again = await daemon.next_link()
        port.call(6)
        assert (await again.taken())["id"] == 6
    assert daemon.dials == [True, True]


async def test_hello_is_said_again_and_its_second_answer_is_kept() -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, _):
        first = await daemon.next_link()
        await greet(port, first)
        first.end(is_orderly=False)
        second = await daemon.next_link()
        assert (await second.taken())["method"] == "hello"
        second.answers.put_nowait(b'{"jsonrpc":"2.0","method":"progress","params":{}}')
        second.answers.put_nowait(a_result(1, {"protocol": PROTOCOL, "version": "2"}))
        assert (await port.answer())["method"] == "progress"
        port.call(9)
        assert (await second.taken())["id"] == 9
        second.answers.put_nowait(a_result(9))
        assert (await port.answer())["id"] == 9
        assert port.written.empty()


async def test_a_hello_that_was_refused_is_not_said_again() -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, _):
        first = await daemon.next_link()
        port.call(1, "hello")
        await first.taken()
        first.answers.put_nowait(b'{"jsonrpc":"2.0","id":1,"error":{}}')
        await port.answer()
        first.end(is_orderly=False)
        second = await daemon.next_link()
        port.call(2)
        assert (await second.taken())["id"] == 2


async def test_a_daemon_that_no_longer_agrees_is_told_to_each_request() -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, _):
        first = await daemon.next_link()
        await greet(port, first)
        first.end(is_orderly=False)
        second = await daemon.next_link()
        await second.taken()
        port.call(2)
        second.answers.put_nowait(
            b'{"jsonrpc":"2.0","id":1,"error":'
            b'{"code":-32000,"message":"Update.","data":"protocol_mismatch"}}'
        )
        answer = await port.answer()
        assert (answer["id"], code_of(answer)) == (2, ErrorCode.PROTOCOL_MISMATCH)


async def test_a_daemon_that_does_not_answer_hello_is_given_up() -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, _):
        await greet(port, first := await daemon.next_link())
        first.end(is_orderly=False)
        await (await daemon.next_link()).taken()
        port.call(2)
        answer = await port.answer()
        assert (answer["id"], code_of(answer)) == (2, ErrorCode.DAEMON_UNREACHABLE)


async def test_each_request_is_refused_while_no_daemon_can_be_had() -> None:
    daemon = FakeDaemon()
    daemon.error = SharewiseError(ErrorCode.DAEMON_UNREACHABLE, "No.")
    async with relaying(daemon) as (port, _):
        for request_id in range(5):
            port.call(request_id)
            answer = await port.answer()
            assert (answer["id"], code_of(answer)) == (request_id, ErrorCode.DAEMON_UNREACHABLE)
        daemon.error = None
        link = await daemon.next_link()
        port.call(6)
        assert (await link.taken())["id"] == 6


async def test_without_a_request_a_daemon_is_looked_for_but_not_started_again() -> None:
    daemon = FakeDaemon()
    daemon.error = SharewiseError(ErrorCode.DAEMON_UNREACHABLE, "No.")
    async with relaying(daemon):
        await daemon.is_dialled(4)
    assert daemon.dials[:4] == [True, False, False, False]


async def test_a_daemon_that_said_goodbye_is_not_started_until_it_is_wanted() -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, _):
        link = await daemon.next_link()
        daemon.error = SharewiseError(ErrorCode.DAEMON_UNREACHABLE, "No.")
        link.end(is_orderly=True)
        await daemon.is_dialled(3)
        assert daemon.dials == [True, False, False]
        daemon.error = None
        port.call(2)
        async with asyncio.timeout(5):
            while True:
                link = await daemon.next_link()
                if (await link.taken())["id"] == 2:
                    return


async def test_an_answer_too_large_for_a_browser_becomes_an_error() -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, _):
        link = await daemon.next_link()
        port.call(2)
        await link.taken()
        link.answers.put_nowait(a_result(2, "x" * MAX_TO_BROWSER_BYTES))
        answer = await port.answer()
        assert (answer["id"], code_of(answer)) == (2, ErrorCode.TOO_LARGE)
        port.call(3)
        assert (await link.taken())["id"] == 3


async def test_too_many_unanswered_requests_are_told_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay_module, "MAX_IN_FLIGHT", 2)
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, _):
        link = await daemon.next_link()
        for request_id in (1, 2, 3):
            port.call(request_id)
        answer = await port.answer()
        assert (answer["id"], code_of(answer)) == (3, ErrorCode.BUSY)
        link.answers.put_nowait(b'{"jsonrpc":"2.0","id":1,"error":{}}')
        await port.answer()
        port.call(4)
        assert [(await link.taken())["id"] for _ in range(3)] == [1, 2, 4]


async def test_a_daemon_that_does_not_read_holds_the_browser_back() -> None:
    daemon = FakeDaemon()
    daemon.is_stuck = True
    port = FakePort()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(Relay(port, daemon.dial).run())
        for request_id in range(200):
            port.call(request_id)
        for _ in range(2000):
            await asyncio.sleep(0)
        # One is on its way, as many as may wait do, and one was read and finds no room.
        assert port.reads <= MAX_WAITING + 2
        running.cancel()


@pytest.mark.parametrize("message", [b"{", b"\xff"])
async def test_broken_json_is_answered_without_an_id(message: bytes) -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, _):
        port.send(message)
        answer = await port.answer()
        assert (answer["id"], code_of(answer)) == (None, ErrorCode.PARSE_ERROR)


async def test_another_sender_is_refused_by_its_id() -> None:
    daemon = FakeDaemon()
    async with relaying(daemon) as (port, _):
        link = await daemon.next_link()
        port.send(b'{"id":8,"method":"daemon.stop","sender":"cli"}')
        answer = await port.answer()
        assert (answer["id"], code_of(answer)) == (8, ErrorCode.SENDER_REFUSED)
        assert link.sent.empty()


@pytest.mark.parametrize("make", [relay_module.gone, relay_module.too_busy, relay_module.too_large])
def test_each_error_tells_what_to_do(make: Callable[[], SharewiseError]) -> None:
    assert make().message.count(".") >= 2
