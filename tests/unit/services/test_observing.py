import asyncio
import logging
import threading
from pathlib import Path

import pytest
from watchdog.events import DirMovedEvent, FileCreatedEvent, FileMovedEvent
from watchdog.observers.api import BaseObserver

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.services import observing
from sharewise.services.observing import Inbox, SystemObserver

LONG_S = 20.0


def test_each_file_is_there_once():
    inbox = Inbox()
    for _ in range(3):
        inbox.put(Path("/a"))
    inbox.put(Path("/b"))
    assert inbox.take() == ([Path("/a"), Path("/b")], False)
    assert inbox.take() == ([], False)


def test_too_many_files_become_one_look_over_everything():
    inbox = Inbox(limit=3)
    for number in range(10):
        inbox.put(Path(f"/{number}"))
    assert inbox.take() == ([], True)
    inbox.put(Path("/a"))
    assert inbox.take() == ([Path("/a")], False)


async def test_wait_ends_when_a_thread_puts_something():
    inbox = Inbox()
    thread = threading.Timer(0.01, inbox.put, [Path("/a")])
    thread.start()
    async with asyncio.timeout(LONG_S / 2):
        await inbox.wait(LONG_S)
    thread.join()
    assert inbox.take() == ([Path("/a")], False)


async def test_wait_ends_at_once_if_something_is_there():
    inbox = Inbox()
    inbox.lose()
    async with asyncio.timeout(LONG_S / 2):
        await inbox.wait(LONG_S)


async def test_wait_ends_by_a_nudge_and_by_its_timeout():
    inbox = Inbox()
    async with asyncio.timeout(LONG_S / 2), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(inbox.wait(LONG_S))
        await asyncio.sleep(0)
        inbox.nudge()
        await waiting
        await inbox.wait(0.001)
    assert inbox.take() == ([], False)


def test_thread_that_rings_after_the_loop_is_closed_does_no_harm():
    inbox = Inbox()

    async def begin_to_wait() -> None:
        waiting = asyncio.ensure_future(inbox.wait(LONG_S))
        await asyncio.sleep(0)
        ring = inbox._wake
        waiting.cancel()
        await asyncio.wait([waiting])
        inbox._wake = ring

    asyncio.run(begin_to_wait())
    inbox.put(Path("/a"))
    assert inbox.take() == ([Path("/a")], False)


def test_events_name_the_file_that_is_there_now():
    inbox = Inbox()
    handler = observing._Handler(inbox)
    handler.on_any_event(FileCreatedEvent("/a/new"))
    handler.on_any_event(FileMovedEvent("/a/.part", b"/a/done\xff"))
    assert inbox.take() == ([Path("/a/new"), Path("/a/done\udcff")], False)


def test_folder_that_moves_in_leads_to_a_look_over_everything():
    inbox = Inbox()
    observing._Handler(inbox).on_any_event(DirMovedEvent("/a", "/b"))
    assert inbox.take() == ([], True)


def test_what_watchdog_complains_of_is_not_logged_but_looked_over(tmp_path, caplog):
    inbox = Inbox()
    observer = SystemObserver(inbox)
    observer.start()
    try:
        logging.getLogger("watchdog.observers.inotify").warning("lost %r", "/canary/path")
    finally:
        observer.stop()
    assert inbox.take() == ([], True)
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    ("number", "code"), [(28, ErrorCode.WATCH_LIMIT), (2, ErrorCode.UNREADABLE)]
)
def test_folder_that_cannot_be_watched_has_a_code(tmp_path, monkeypatch, number, code):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "no", "/canary/path")

    observer = SystemObserver(Inbox())
    observer.start()
    try:
        monkeypatch.setattr(BaseObserver, "schedule", refuse)
        with pytest.raises(SharewiseError) as caught:
            observer.watch(tmp_path)
    finally:
        observer.stop()
    assert caught.value.code is code
    assert "canary" not in caught.value.message


def test_sub_folders_without_a_watch_are_noticed_by_the_probe(tmp_path, monkeypatch):
    def probe(_: Path) -> None:
        raise OSError(28, "no")

    observer = SystemObserver(Inbox())
    observer.start()
    try:
        monkeypatch.setattr(observing, "_probe", probe)
        with pytest.raises(SharewiseError) as caught:
            observer.watch(tmp_path)
    finally:
        observer.stop()
    assert caught.value.code is ErrorCode.WATCH_LIMIT


def test_system_without_a_watcher_has_a_code(tmp_path, monkeypatch):
    def refuse() -> None:
        raise OSError(24, "no")

    monkeypatch.setattr(observing, "Observer", refuse)
    observer = SystemObserver(Inbox())
    for action in (observer.start, lambda: observer.watch(tmp_path)):
        with pytest.raises(SharewiseError) as caught:
            action()
        assert caught.value.code is ErrorCode.WATCH_LIMIT
    observer.unwatch(tmp_path)
    observer.stop()
