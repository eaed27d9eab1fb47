"""One connection to the daemon: what is answered, refused, bounded and carried through."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sharewise.api import daemon_calls, rpc, server
from sharewise.api.access import SocketAccess
from sharewise.api.calls import Caller, Calls
from sharewise.api.endpoint import Listener, listening
from sharewise.api.server import Server
from sharewise.clock import SystemClock
from sharewise.places import Places, private_folder
from sharewise.services.status import Status
from sharewise.wire.captures import CaseList, CaseListResult, CaseShow, CaseState
from sharewise.wire.framing import MAX_FRAME_BYTES
from sharewise.wire.messages import PROTOCOL, Done, WatchList, WatchListResult, WatchRemove

LIMIT_S = 20.0
HELLO = {"protocol": PROTOCOL, "version": "test"}


@dataclass(slots=True)
class Scene:
    """A server in this process whose calls a test answers as it likes."""

    socket: Path
    calls: Calls
    gone: list[Caller] = field(default_factory=list)
    somebody_left: asyncio.Event = field(default_factory=asyncio.Event)
    stop_was_asked: bool = False

    def forget(self, caller: Caller) -> None:
        self.gone.append(caller)
        self.somebody_left.set()

    @asynccontextmanager
    async def connected(self, *, greet: bool = True) -> AsyncIterator[ClientConnection]:
        async with unix_connect(
            str(self.socket), "ws://localhost/rpc", compression=None, max_size=None
        ) as connection:
            if greet:
                assert "result" in await ask(connection, "hello", HELLO)
            yield connection


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with asyncio.timeout(LIMIT_S):
        async with serving(tmp_path) as made:
            yield made


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Scene]:
    where = Places(folder / "r", folder / "d", folder / "c", folder / "l")
    private_folder(where.runtime)
    calls = Calls()
    made = Scene(where.socket, calls)

    def stop() -> None:
        made.stop_was_asked = True

    clock = SystemClock()
    daemon_calls.register(calls, Status(clock, clock.monotonic_s()), stop)
    with listening(where) as listener:
        async with Server(calls, made.forget).serving(listener):
            yield made


def request(method: str, params: object, request_id: int = 1, sender: str = "cli") -> str:
    return json.dumps(
        {
            "jsonrpc": "2.0",
            "id": request_id,
            "method": method,
            "sender": sender,
            "params": params,
        }
    )


async def ask(connection: ClientConnection, method: str, params: object) -> dict[str, object]:
    await connection.send(request(method, params))
    return await answer(connection)


async def answer(connection: ClientConnection) -> dict[str, object]:
    found: dict[str, object] = json.loads(await connection.recv())
    return found


def code_of(answered: dict[str, object]) -> str:
    error = answered["error"]
    assert isinstance(error, dict)
    code = error["data"]
    assert isinstance(code, str)
    return code


def words_of(answered: dict[str, object]) -> str:
    error = answered["error"]
    assert isinstance(error, dict)
    return str(error["message"])


async def close_code_of(connection: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as caught:
        await connection.recv()
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code


async def test_a_call_is_answered(scene: Scene) -> None:
    async with scene.connected() as connection:
        answered = await ask(connection, "daemon.status", {})
        assert answered["id"] == 1
        assert answered["result"]["pid"] == os.getpid()  # type: ignore[index]  # it has a result


async def test_it_is_known_when_the_extension_spoke_and_not_what_it_said(scene: Scene) -> None:
    async with scene.connected(greet=False) as connection:
        await connection.send(request("hello", HELLO, 1, sender="cli"))
        assert "result" in json.loads(await connection.recv())
        assert await heard_s(connection) is None
        await connection.send(request("daemon.status", {}, 2, sender="background"))
        await connection.recv()
        heard = await heard_s(connection)
        assert isinstance(heard, float)
        assert 0 <= heard < LIMIT_S


async def heard_s(connection: ClientConnection) -> object:
    await connection.send(request("daemon.status", {}, 3, sender="cli"))
    return json.loads(await connection.recv())["result"]["extension_heard_s"]


async def test_hello_must_come_first(scene: Scene) -> None:
    async with scene.connected(greet=False) as connection:
        assert code_of(await ask(connection, "daemon.status", {})) == "protocol_mismatch"
        assert "result" in await ask(connection, "hello", HELLO)
        assert "result" in await ask(connection, "daemon.status", {})


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        (PROTOCOL - 1, "extension or the command is too old"),
        (PROTOCOL + 1, "update Sharewise on this computer"),
    ],
)
async def test_another_protocol_is_told_which_side_to_update(
    scene: Scene, protocol: int, words: str
) -> None:
    async with scene.connected(greet=False) as connection:
        refused = await ask(connection, "hello", {"protocol": protocol, "version": "9"})
        assert code_of(refused) == "protocol_mismatch"
        assert words in words_of(refused)
        assert code_of(await ask(connection, "daemon.status", {})) == "protocol_mismatch"


@pytest.mark.parametrize(
    "broken",
    ["", "{", '{"jsonrpc":"2.0","id":7', "\x00", "nul", '"\\ud800"', "[" * 10_000],
)
async def test_broken_json_is_answered_with_id_null_and_the_connection_goes_on(
    scene: Scene, broken: str
) -> None:
    async with scene.connected() as connection:
        await connection.send(broken)
        answered = await answer(connection)
        assert answered["id"] is None
        assert code_of(answered) in {"parse_error", "invalid_request"}
        assert "result" in await ask(connection, "daemon.status", {})


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (request("no.such", {}, 7), "unknown_method"),
        (request("daemon.status", {"more": 1}, 7), "invalid_params"),
        (request("daemon.status", [], 7), "invalid_params"),
        (request("hello", {"protocol": "1", "version": "x"}, 7), "invalid_params"),
        (request("daemon.stop", {}, 7, sender="content"), "sender_refused"),
        (request("daemon.status", {}, 7, sender="nobody"), "invalid_request"),
        ('{"jsonrpc":"1.0","id":7,"method":"hello","sender":"cli"}', "invalid_request"),
        ('{"jsonrpc":"2.0","id":7,"method":"hello","sender":"cli","x":1}', "invalid_request"),
    ],
)
async def test_what_is_not_exactly_a_call_is_refused_with_its_id(
    scene: Scene, frame: str, code: str
) -> None:
    async with scene.connected() as connection:
        await connection.send(frame)
        answered = await answer(connection)
        assert answered["id"] == 7
        assert code_of(answered) == code
        assert not scene.stop_was_asked


async def test_a_call_that_nobody_answers_is_refused(scene: Scene) -> None:
    async with scene.connected() as connection:
        assert code_of(await ask(connection, "watch.list", {})) == "unknown_method"


async def test_a_slow_call_holds_no_other_up(scene: Scene) -> None:
    go_on = asyncio.Event()

    async def slow(_call: CaseList) -> CaseListResult:
        await go_on.wait()
        return CaseListResult(cases=())

    scene.calls.on(CaseList, slow)
    async with scene.connected() as connection:
        await connection.send(request("case.list", {}, 1))
        await connection.send(request("daemon.status", {}, 2))
        assert (await answer(connection))["id"] == 2
        go_on.set()
        assert (await answer(connection))["id"] == 1


async def test_more_at_once_than_the_limit_is_told_busy(scene: Scene) -> None:
    go_on = asyncio.Event()

    async def slow(_call: CaseList) -> CaseListResult:
        await go_on.wait()
        return CaseListResult(cases=())

    scene.calls.on(CaseList, slow)
    async with scene.connected() as connection:
        for number in range(rpc.MAX_IN_FLIGHT + 1):
            await connection.send(request("case.list", {}, number))
        refused = await answer(connection)
        assert (refused["id"], code_of(refused)) == (rpc.MAX_IN_FLIGHT, "busy")
        go_on.set()
        for _ in range(rpc.MAX_IN_FLIGHT):
            assert "result" in await answer(connection)
        assert "result" in await ask(connection, "case.list", {})


async def test_a_call_that_takes_too_long_is_given_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_cancelled = asyncio.Event()

    async def endless(_call: WatchList) -> WatchListResult:
        try:
            await asyncio.Event().wait()
        finally:
            was_cancelled.set()
        raise AssertionError

    scene.calls.on(WatchList, endless)
    monkeypatch.setattr(rpc, "ANSWER_TIMEOUT_S", 0.05)
    async with scene.connected() as connection:
        assert code_of(await ask(connection, "watch.list", {})) == "timed_out"
        assert was_cancelled.is_set()
        assert "result" in await ask(connection, "daemon.status", {})


@pytest.mark.parametrize("error", [KeyError, OSError, TimeoutError, RecursionError])
async def test_an_error_of_ours_becomes_a_code_and_tells_nothing(
    scene: Scene, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_call: WatchRemove) -> Done:
        raise error("/home/canary/photo.jpg")

    scene.calls.on(WatchRemove, broken)
    with caplog.at_level(logging.INFO):
        async with scene.connected() as connection:
            answered = await ask(connection, "watch.remove", {"path": "/x"})
            assert "result" in await ask(connection, "daemon.status", {})
    assert code_of(answered) == "internal"
    assert "canary" not in json.dumps(answered)
    assert "canary" not in " ".join(record.getMessage() for record in caplog.records)


async def test_a_binary_frame_is_refused(scene: Scene) -> None:
    async with scene.connected() as connection:
        await connection.send(request("daemon.status", {}).encode())
        assert await close_code_of(connection) == 1003


@pytest.mark.parametrize("size", [MAX_FRAME_BYTES + 1, 10_000_000])
async def test_a_frame_over_the_limit_is_refused_and_others_go_on(scene: Scene, size: int) -> None:
    async with scene.connected() as other, scene.connected() as connection:
        # Whether all of it can still be sent is up to the buffers.
        with contextlib.suppress(ConnectionClosed):
            await connection.send("x" * size)
        assert await close_code_of(connection) == 1009
        assert "result" in await ask(other, "daemon.status", {})


async def test_a_frame_as_large_as_the_limit_is_read(scene: Scene) -> None:
    async with scene.connected() as connection:
        await connection.send(request("daemon.status", {}).ljust(MAX_FRAME_BYTES))
        assert "result" in await answer(connection)


async def test_an_answer_over_the_limit_becomes_a_code(scene: Scene) -> None:
    async def long(call: CaseShow) -> CaseState:
        return CaseState(call.case_id, "", "", note="n" * MAX_FRAME_BYTES, items=())

    scene.calls.on(CaseShow, long)
    async with scene.connected() as connection:
        assert code_of(await ask(connection, "case.show", {"case_id": "1"})) == "too_large"
        assert "result" in await ask(connection, "daemon.status", {})


async def test_a_peer_that_does_not_read_loses_its_connection(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def long(call: CaseShow) -> CaseState:
        return CaseState(call.case_id, "", "", note="n" * (MAX_FRAME_BYTES - 1000), items=())

    scene.calls.on(CaseShow, long)
    monkeypatch.setattr(rpc, "SEND_TIMEOUT_S", 0.2)
    reader, writer = await asyncio.open_unix_connection(str(scene.socket))
    writer.write(
        b"GET /rpc HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    for number, (method, params) in enumerate(
        [("hello", HELLO), *[("case.show", {"case_id": "1"})] * 8]
    ):
        body = request(method, params, number).encode()
        # A masked text frame (RFC 6455, 5.2) whose mask of zeroes changes nothing.
        writer.write(bytes([0x81, 0x80 | 126, *len(body).to_bytes(2)]) + bytes(4) + body)
    await scene.somebody_left.wait()
    writer.close()
    assert len(await reader.read()) < 8 * MAX_FRAME_BYTES


async def test_too_many_connections_are_refused(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 1)
    async with scene.connected() as connection:
        with pytest.raises(InvalidStatus) as caught:
            async with scene.connected():
                pass
        assert caught.value.response.status_code == 503
        assert "result" in await ask(connection, "daemon.status", {})


async def test_a_call_goes_on_when_its_peer_left_and_only_then_the_connection_is_gone(
    scene: Scene,
) -> None:
    has_begun, go_on, is_done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(_call: CaseList) -> CaseListResult:
        has_begun.set()
        await go_on.wait()
        is_done.set()
        return CaseListResult(cases=())

    scene.calls.on(CaseList, slow)
    async with scene.connected() as connection:
        await connection.send(request("case.list", {}))
        await has_begun.wait()
    assert scene.gone == []
    go_on.set()
    await scene.somebody_left.wait()
    assert is_done.is_set()
    assert len(scene.gone) == 1


async def test_the_end_waits_for_calls_in_flight_and_takes_no_new_ones(tmp_path: Path) -> None:
    began, taken, end, go_on = (asyncio.Event() for _ in range(4))
    found: list[Scene] = []

    async def slow(_call: CaseList) -> CaseListResult:
        taken.set()
        await go_on.wait()
        return CaseListResult(cases=())

    async def serve() -> None:
        async with serving(tmp_path) as scene:
            scene.calls.on(CaseList, slow)
            found.append(scene)
            began.set()
            await end.wait()

    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(serve())
        await began.wait()
        async with found[0].connected() as connection:
            await connection.send(request("case.list", {}, 99))
            await taken.wait()
            end.set()
            while "result" in (refused := await ask(connection, "daemon.status", {})):
                pass
            assert code_of(refused) == "daemon_gone"
            go_on.set()
            finished = await answer(connection)
            assert (finished["id"], finished["result"]) == (99, {"cases": []})
            assert await close_code_of(connection) == 1001


async def test_a_call_whose_service_is_still_loading_waits_for_it(tmp_path: Path) -> None:
    calls = Calls(is_complete=False)
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(calls.answer(CaseList()))
        await asyncio.sleep(0)
        assert not waiting.done()

        async def quick(_call: CaseList) -> CaseListResult:
            return CaseListResult(cases=())

        calls.on(CaseList, quick)
        calls.complete()
    assert waiting.result() == CaseListResult(cases=())


async def test_a_program_of_another_user_is_refused(tmp_path: Path) -> None:
    where = Places(tmp_path / "r", tmp_path / "d", tmp_path / "c", tmp_path / "l")
    private_folder(where.runtime)
    other = SocketAccess(allowed_uid=1000, uid_of=lambda _peer: 1001)
    with listening(where) as listener:
        async with Server(Calls(), lambda _caller: None).serving(Listener(listener.socket, other)):
            with pytest.raises(InvalidStatus) as caught:
                async with unix_connect(str(where.socket), "ws://localhost/rpc"):
                    pass
    assert caught.value.response.status_code == 403
