"""A real `sharewise-host` process at the end of two pipes, as a browser starts it."""

from __future__ import annotations

import json
import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sharewise.wire.messages import PROTOCOL

CHROMIUM = ("chrome-extension://lkbpoljipomfgpekaoadmnpagopoknca/",)
FIREFOX = ("/home/nobody/org.sharewise.host.json", "extension@sharewise")
LIMIT_S = 20.0
COMMAND = (sys.executable, "-P", "-m", "sharewise_host")


@dataclass(slots=True)
class RunningHost:
    """One port: what the extension would see of it."""

    process: subprocess.Popen[bytes]
    _received: bytearray = field(default_factory=bytearray)

    def send(self, message: object) -> None:
        """Send one message as a browser frames it."""
        self.send_bytes(json.dumps(message).encode())

    def send_bytes(self, message: bytes) -> None:
        """Frame these bytes and send them."""
        self.send_raw(struct.pack("=I", len(message)) + message)

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def receive(self, limit_s: float = LIMIT_S) -> dict[str, object]:
        """Return the next message."""
        (length,) = struct.unpack("=I", self._take(4, limit_s))
        assert length <= 1024 * 1024, "the browser would end the port"
        message = json.loads(self._take(length, limit_s))
        assert isinstance(message, dict)
        return message

    def ask(self, request_id: int, method: str, params: object = None) -> dict[str, object]:
        """Send a call and return the next message."""
        self.call(request_id, method, params)
        return self.receive()

    def call(self, request_id: int, method: str, params: object = None) -> None:
        """Send a call as the extension's background does."""
        self.send(
            {
                "jsonrpc": "2.0",
                "id": request_id,
                "method": method,
                "sender": "background",
                "params": params if params is not None else {},
            }
        )

    def hello(self, request_id: int = 1) -> dict[str, object]:
        """Say what the background says first."""
        return self.ask(request_id, "hello", {"protocol": PROTOCOL, "version": "0.1.0"})

    def close(self) -> int:
        """Close the port as a browser does and return the exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(LIMIT_S)

    def rest(self) -> bytes:
        """Return everything else that it wrote to stdout, once it has ended."""
        assert self.process.stdout is not None
        return bytes(self._received) + self.process.stdout.read()

    def resident_bytes(self) -> int:
        """Return the memory that the process holds."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def _take(self, count: int, limit_s: float) -> bytes:
        assert self.process.stdout is not None
        deadline = time.monotonic() + limit_s
        while len(self._received) < count:
            left = deadline - time.monotonic()
            assert left > 0, f"no answer; got {bytes(self._received)!r}"
            readable, _, _ = select.select([self.process.stdout], [], [], left)
            if readable:
                chunk = os.read(self.process.stdout.fileno(), 65536)
                assert chunk, f"the host ended; got {bytes(self._received)!r}"
                self._received += chunk
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken


@contextmanager
def running_host(
    environment: Mapping[str, str],
    arguments: tuple[str, ...] = CHROMIUM,
    command: tuple[str, ...] = COMMAND,
) -> Iterator[RunningHost]:
    """Start a host for a browser with these arguments; it is ended with the block."""
    process = subprocess.Popen(
        [*command, *arguments],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield RunningHost(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            assert stream is not None
            try:
                stream.close()
            except BrokenPipeError:
                continue
