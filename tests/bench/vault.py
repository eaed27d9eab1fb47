"""A vault with ten thousand captures, and how long 25 MB take to be sealed.

The captures have the same files, and are made without waiting for the disk; what is measured
afterwards waits as it must.
"""

from __future__ import annotations

import asyncio
import io
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from sharewise.seals import layout
from sharewise.services.items import Items
from sharewise.services.sealed_words import ItemWords, Prepared
from sharewise.services.sealing import in_memory
from sharewise.services.thumbnails import SOURCES, thumbnail_of
from sharewise.vault.items import write_files
from support.evidence import Desk, page, picture, standard_parts
from support.mhtml_pages import Part, mhtml

COUNT = 10_000
WORDS = 900
"""In the visible text of each page: about 6 kB, as long as a chat or an article."""
PASSPHRASE = "four words for measuring"
MEGABYTES = 25


def measure() -> list[str]:
    """Return what was measured, a line each."""
    with tempfile.TemporaryDirectory() as folder:
        return [*asyncio.run(_full_vault(Path(folder) / "full")), *_sealing(Path(folder) / "seal")]


async def _full_vault(root: Path) -> list[str]:
    desk = Desk(root)
    made = await _timed(lambda: asyncio.to_thread(fill, desk, COUNT))
    desk.vault.set_passphrase(None, PASSPHRASE)
    desk.shelf.close()
    desk.restart()
    before = _memory_mb()
    items = Items(desk.shelf, desk.cases)
    opened = await _timed(lambda: asyncio.to_thread(_count, desk))
    check = await _timed(desk.cases.problems)
    desk.vault.unlock(PASSPHRASE)
    first = await _timed(lambda: items.list(None, None, None, 200))
    again = await _timed(lambda: items.list(None, None, None, 200))
    cases = await _timed(desk.cases.summaries)
    rare = await _timed(lambda: items.search("needle", None, 200))
    absent = await _timed(lambda: items.search("nowhereatall", None, 200))
    found = await items.search("needle", None, 200)
    assert len(found.hits) == 10
    assert await desk.cases.problems() == []
    index_mb = (desk.places.vault / "index.db").stat().st_size / 1e6
    return [
        f"{COUNT:,} captures, made in {made.wall_s:.0f} s; the index has {index_mb:.0f} MB",
        "in brackets: of the processor",
        f"open {opened}, check of a start {check}",
        f"first list after unlocking {first}, list {again}, cases {cases}",
        f"search: {rare} for a word in 10 pages, {absent} for one in none",
        f"memory grew by {_memory_mb() - before:.0f} MB at most",
    ]


def _count(desk: Desk) -> tuple[int, int]:
    return desk.shelf.index.counts()


def fill(desk: Desk, count: int) -> None:
    """Put captures in as sealing does, all in one transaction and without waiting for the disk."""
    vocabulary = [f"word{number:04}" for number in range(4000)]
    files = {
        layout.MANIFEST: in_memory(b"m" * 300),
        "data/text.txt": in_memory(b"words"),
        "data/screenshot-full.png": in_memory(picture(1280, 900)),
        "data/page.mhtml": in_memory(os.urandom(70_000)),
    }
    shelf = desk.shelf
    desk.shelf.index.counts()
    template = shelf.staging.new_folder("template")
    shot = io.BytesIO(files["data/screenshot-full.png"].open().read())
    thumbnail = thumbnail_of(SOURCES, lambda _: shot)
    age_files = write_files(template, files, thumbnail, shelf.vault)
    with mock.patch("os.fsync", return_value=None), shelf.index.changing():
        row = shelf.create_case("All of them", None, "adults")
        for number in range(count):
            desk.clock.pass_s(1)
            at = number * 7 % 3000
            text = " ".join(vocabulary[at : at + WORDS]) + (" needle" if number % 1000 == 7 else "")
            folder = shelf.staging.folder / f"fill-{number}"
            shutil.copytree(template, folder)
            words = ItemWords(
                title=f"A thread about number {number}",
                url=f"https://example.org/thread/{number}",
                is_complete=True,
                missing=(),
                manifest_sha256="0" * 64,
            )
            moment = desk.clock.now().isoformat()
            prepared = Prepared(
                folder,
                f"{number:016x}",
                moment,
                100_000,
                age_files,
                has_thumbnail=True,
                words=words,
                text=text,
                has_pictures=True,
            )
            shelf.add(prepared, row.case_id, "")


def _sealing(root: Path) -> list[str]:
    """Seal a page that is full of pictures, as they are: noise, which nothing packs any more."""
    pictures = [
        Part("image/jpeg", os.urandom(MEGABYTES * 73_000), f"https://example.org/{number}.jpg")
        for number in range(10)
    ]
    shown = "".join(f'<p>message <img src="{one.location}">' for one in pictures).encode()
    saved = mhtml(Part("text/html", shown, "https://example.org/thread/7"), *pictures)
    parts = standard_parts() | {
        "page.mhtml": saved,
        "screenshot-window.png": picture(1280, 800),
    }
    found = []
    for state in ("open", "locked"):
        desk = Desk(root / state)
        asyncio.run(desk.capture())
        if state == "locked":
            desk.vault.set_passphrase(None, PASSPHRASE)
            desk.vault.lock()

        async def seal(desk: Desk = desk) -> tuple[float, float]:
            capture_id = await desk.send(parts)
            began, began_cpu = time.perf_counter(), time.process_time()
            sealed = await desk.captures.seal(capture_id, page())
            assert sealed.missing == (), "the page is kept, and its archive"
            return time.perf_counter() - began, time.process_time() - began_cpu

        times = [asyncio.run(seal()) for _ in range(5)]
        whole_s, cpu_s = (sorted(column)[2] for column in zip(*times, strict=True))
        found.append(
            f"sealing {len(saved) / 1e6:.0f} MB and their archive, vault {state}: {whole_s:.2f} s, "
            f"{cpu_s:.2f} s of the processor"
        )
    return found


@dataclass(frozen=True, slots=True)
class _Took:
    """How long something took: by the clock on the wall, and of the processor."""

    wall_s: float
    cpu_s: float

    def __str__(self) -> str:
        return f"{self.wall_s:.3f} s ({self.cpu_s:.3f})"


async def _timed(work: Callable[[], Awaitable[object]]) -> _Took:
    began, began_cpu = time.perf_counter(), time.process_time()
    await work()
    return _Took(time.perf_counter() - began, time.process_time() - began_cpu)


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
