from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from sharewise.base.errors import SharewiseError
from sharewise.wire.framing import MAX_TO_BROWSER_BYTES
from sharewise_host.port import CHUNK_BYTES, CHUNKS_AHEAD, BrowserPort, Streams


@pytest.fixture
def pipes() -> Iterator[tuple[int, Streams, int]]:
    """Give (the browser's writing end, the host's ends, the browser's reading end)."""
    host_reads, browser_writes = os.pipe()
    browser_reads, host_writes = os.pipe()
    yield browser_writes, Streams(host_reads, host_writes), browser_reads
    for descriptor in (browser_writes, host_writes, browser_reads, host_reads):
        try:
            os.close(descriptor)
        except OSError:
            continue


def fail() -> None:
    raise AssertionError("the port is not gone")


async def test_what_is_read_ends_with_an_empty_chunk(
    pipes: tuple[int, Streams, int],
) -> None:
    browser_writes, streams, _ = pipes
    port = BrowserPort(streams, fail)
    port.open()
    os.write(browser_writes, b"abc")
    assert await port.read() == b"abc"
    os.close(browser_writes)
    assert await port.read() == b""


async def test_no_more_is_read_ahead_than_has_room(pipes: tuple[int, Streams, int]) -> None:
    browser_writes, streams, _ = pipes
    os.set_blocking(browser_writes, False)
    port = BrowserPort(streams, fail)
    port.open()
    sent = 0
    for _ in range(200):
        try:
            sent += os.write(browser_writes, b"x" * CHUNK_BYTES)
        except BlockingIOError:
            await asyncio.sleep(0.001)
    pipe_bytes = 64 * 1024
    assert sent <= CHUNKS_AHEAD * CHUNK_BYTES + 2 * pipe_bytes
    os.close(browser_writes)
    received = 0
    while chunk := await port.read():
        assert len(chunk) <= CHUNK_BYTES
        received += len(chunk)
    assert received == sent


async def test_messages_are_framed_whole_and_in_order(pipes: tuple[int, Streams, int]) -> None:
    _, streams, browser_reads = pipes
    port = BrowserPort(streams, fail)
    port.open()
    messages = [b"a" * 200_000, b"b" * 10, b"c" * 100_000]

    def read_all() -> bytes:
        expected = sum(len(message) + 4 for message in messages)
        data = b""
        while len(data) < expected:
            data += os.read(browser_reads, 65536)
        return data

    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(asyncio.to_thread(read_all))
        for message in messages:
            tasks.create_task(port.write(message))
    assert reading.result() == b"".join(
        len(message).to_bytes(4, "little") + message for message in messages
    )


async def test_a_message_that_no_browser_takes_is_never_written(
    pipes: tuple[int, Streams, int],
) -> None:
    port = BrowserPort(pipes[1], fail)
    with pytest.raises(SharewiseError):
        await port.write(b"x" * (MAX_TO_BROWSER_BYTES + 1))


async def test_a_browser_that_is_gone_is_told(pipes: tuple[int, Streams, int]) -> None:
    _, streams, browser_reads = pipes
    gone = asyncio.Event()
    port = BrowserPort(streams, gone.set)
    port.open()
    os.close(browser_reads)
    await port.write(b"{}")
    assert gone.is_set()


async def test_a_browser_that_reads_nothing_is_given_up(
    pipes: tuple[int, Streams, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sharewise_host.port.WRITE_TIMEOUT_S", 0.02)
    gone = asyncio.Event()
    port = BrowserPort(pipes[1], gone.set)
    port.open()
    await port.write(b"x" * 500_000)
    assert gone.is_set()
    os.close(pipes[2])  # lets the writing thread end
