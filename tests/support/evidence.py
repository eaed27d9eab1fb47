"""Makes captures, cases and packages for tests, in code; every clock stands or is set."""

from __future__ import annotations

import asyncio
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from sharewise.keys import DeviceKey, device_key
from sharewise.places import Places
from sharewise.seals.digests import Digest, digest_chunks
from sharewise.seals.problems import Problem
from sharewise.seals.unpacking import Member
from sharewise.services.capture import Captures, Limits
from sharewise.services.cases import Cases
from sharewise.services.shelf import Shelf
from sharewise.services.staging import new_id
from sharewise.vault.items import SealedFolder
from sharewise.vault.keeper import Cost, Vault
from sharewise.wire.captures import CaptureRecord, CaptureSealed, Size, Tile
from sharewise.wire.messages import PART_BYTES

CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
"""Of a passphrase, so that a test need not wait for it."""
START = datetime(2026, 3, 5, 10, 0, 0, tzinfo=UTC)
MHTML = (
    b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related;\r\n\ttype="text/html"; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/html\r\n\r\n<p>Words</p>\r\n--b--\r\n"
)
HTML = b"<!doctype html><title>A page</title><p>Words</p>"


@dataclass(slots=True)
class SetClock:
    """Stands still until it is moved."""

    at: datetime = START
    monotonic: float = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.monotonic

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.monotonic += seconds


@dataclass(slots=True)
class CountingIds:
    """Gives ids in order, so that the same steps make the same bytes."""

    count: int = 0

    def __call__(self) -> str:
        self.count += 1
        return f"{self.count:016x}"


def picture(width: int = 8, height: int = 6, colour: tuple[int, int, int] = (200, 10, 30)) -> bytes:
    """Return a small PNG of one colour."""
    content = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(content, "PNG")
    return content.getvalue()


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """Return a small PNG that claims to be huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def standard_parts() -> dict[str, bytes]:
    """Return the parts of a complete capture."""
    return {
        "screenshot-window.png": picture(),
        "screenshot-full.png": picture(8, 40),
        "page.mhtml": MHTML,
        "text.txt": "Words on a page, ümlaut".encode(),
    }


def page(
    *, tiles: tuple[Tile, ...] = (), device_pixel_ratio: float = 1.0, **changed: object
) -> CaptureRecord:
    """Return what a browser says of a page."""
    told: dict[str, object] = {
        "url": "https://example.org/thread/7",
        "title": "A thread",
        "clicked_at_utc": "2026-03-05T09:59:58.000Z",
        "finished_at_utc": "2026-03-05T09:59:59.500Z",
        "utc_offset_minutes": 60,
        "time_zone": "Europe/Paris",
        "browser": "Chromium 156",
        "operating_system": "linux",
        "extension_version": "0.1.0",
        "viewport": Size(8, 6),
        "page_size": Size(8, 40),
        "scroll_steps": 1,
        "final_url": "https://example.org/thread/7",
        "status_code": 200,
        "response_headers": (("date", "Thu, 05 Mar 2026 09:59:57 GMT"),),
        "server_ip": "192.0.2.7",
    }
    told |= changed
    return CaptureRecord(**told, tiles=tiles, device_pixel_ratio=device_pixel_ratio)  # type: ignore[arg-type]  # fields by name


@dataclass(slots=True)
class Desk:
    """An installation in a temporary folder: its clock, cases and captures."""

    root: Path
    limits: Limits = field(default_factory=Limits)
    clock: SetClock = field(default_factory=SetClock)
    places: Places = field(init=False)
    vault: Vault = field(init=False)
    shelf: Shelf = field(init=False)
    cases: Cases = field(init=False)
    captures: Captures = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(
            self.root / "run", self.root / "data", self.root / "config", self.root / "logs"
        )
        self.restart(CountingIds())

    def restart(self, make_id: Callable[[], str] = new_id) -> None:
        """Build everything anew, as a daemon that starts does."""
        self.vault = Vault(self.places.keys, self.clock, cost=CHEAP)
        self.shelf = Shelf(self.places, self.clock, self.vault, make_id=make_id)
        self.cases = Cases(self.shelf)
        self.captures = Captures(self.shelf, self.cases, limits=self.limits)

    async def send(
        self, parts: Mapping[str, bytes], *, case_id: str | None = None, piece: int = PART_BYTES
    ) -> str:
        """Open a capture, send its parts, and return its id."""
        capture_id = await self.captures.begin(case_id, "adults")
        for name, content in parts.items():
            for sequence, data in enumerate(pieces(content, piece)):
                await self.captures.part(capture_id, name, sequence, data)
        return capture_id

    async def capture(
        self,
        parts: Mapping[str, bytes] | None = None,
        record: CaptureRecord | None = None,
        *,
        case_id: str | None = None,
    ) -> CaptureSealed:
        """Make a sealed capture."""
        sent = standard_parts() if parts is None else parts
        capture_id = await self.send(sent, case_id=case_id)
        return await self.captures.seal(capture_id, record or page())

    def item(self, sealed: CaptureSealed) -> Path:
        """Return the folder of a sealed capture."""
        return self.shelf.item_folder(sealed.item_id)

    def opened(self, sealed: CaptureSealed) -> SealedFolder:
        """Return a sealed capture to be read."""
        return self.shelf.opened(sealed.item_id)

    def files(self, sealed: CaptureSealed) -> dict[str, bytes]:
        """Return every file of a sealed capture, decrypted."""
        opened = self.opened(sealed)
        return {name: opened.open(name).read() for name in opened.digests}

    def item_ids(self) -> list[str]:
        """Return the captures that the index knows."""
        return [row.item_id for row in self.shelf.index.items()]

    def staged(self) -> list[Path]:
        """Return what lies in staging."""
        staging = self.places.data / "staging"
        return list(staging.iterdir()) if staging.exists() else []


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    """Yield a content in pieces; an empty one is one empty piece."""
    yield content[:size]
    for at in range(size, len(content), size):
        yield content[at : at + size]


def files_below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder by its name relative to it."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@dataclass(frozen=True, slots=True)
class FilesInMemory:
    """A sealed folder as the check reads it, from {name: content}."""

    files: Mapping[str, bytes]
    problems: tuple[Problem, ...] = ()
    twice: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[Member, ...]:
        names = (*self.files, *self.twice)
        return tuple(Member(name, len(self.files[name]), None) for name in names)

    def chunks(self, member: Member) -> Iterator[bytes]:
        yield self.files[member.name]

    def digest(self, member: Member) -> Digest:
        return digest_chunks(self.chunks(member))


@dataclass(frozen=True, slots=True)
class BytesInMemory:
    """A zip as the reader asks for it."""

    content: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        return self.content[offset : offset + length]


def unpacked(package: bytes) -> dict[str, bytes]:
    """Return the files of a package without its base folder."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


def exported(root: Path) -> tuple[bytes, DeviceKey]:
    """Return a package of two captures, one of them incomplete, and the key that signed it."""

    async def make() -> str:
        desk = Desk(root)
        sealed = await desk.capture()
        desk.clock.pass_s(60)
        await desk.capture({"text.txt": b"only words"})
        desk.clock.pass_s(60)
        made = await desk.cases.export(sealed.case_id, root)
        return made.path

    package = Path(asyncio.run(make())).read_bytes()
    return package, device_key(root / "data" / "keys", SetClock())
