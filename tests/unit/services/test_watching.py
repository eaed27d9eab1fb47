"""The watching service with a clock and an observer that the test turns by hand."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.writing import Draft
from sharewise.formats.contract import Depth
from sharewise.places import places
from sharewise.providers.contract import Environment, Platform
from sharewise.services import handling as handling_module
from sharewise.services import watching
from sharewise.services.cleaning import Inspected, inspect_file
from sharewise.services.handling import STALE_S
from sharewise.services.observing import Inbox
from sharewise.services.originals import Originals
from sharewise.services.settling import QUIET_S
from sharewise.services.watching import AGAIN_S, CHECK_S, Watching
from sharewise.settings import FolderSetting, Mode, load_settings
from support.by_hand import HandClock, HandObserver
from support.pictures import DEVICE, PLACE, gps_jpeg, names, plain_jpeg, put
from support.polling import wait_until


class Home:
    """A home with one folder of pictures and a watching service, driven turn by turn."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pictures = root / "Pictures"
        self.pictures.mkdir()
        self.places = places({"SHAREWISE_HOME": str(root / "sharewise")})
        self.clock = HandClock()
        self.observer: HandObserver
        self.watching = self.start()

    def start(self) -> Watching:
        def observe(inbox: Inbox) -> HandObserver:
            self.observer = HandObserver(inbox)
            return self.observer

        environment = Environment(
            platform=Platform.LINUX,
            home=self.root,
            config_home=self.root / ".config",
            state_home=self.root / ".state",
            roaming=self.root,
            local=self.root,
        )
        self.watching = Watching(self.places, self.clock, environment, observe=observe)
        return self.watching

    async def turns(self, count: int = 6) -> None:
        """Let time pass until whatever was heard has settled and been handled."""
        for _ in range(count):
            await self.watching.turn()
            self.clock.turn(QUIET_S)

    async def put(self, name: str, data: bytes) -> Path:
        """Have a file appear, be heard of and be handled."""
        path = put(self.pictures, name, data)
        self.observer.say(path)
        await self.turns()
        return path

    def state(self, path: Path | None = None) -> object:
        wanted = str(path or self.pictures)
        return next(state for state in self.watching.states() if state.path == wanted)

    def counts(self) -> tuple[int, int]:
        state = self.state()
        return state.private_count, state.cleaned_count

    def originals(self) -> list[str]:
        folder = self.places.originals
        return [name for name in names(folder) if "index" not in name] if folder.exists() else []


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(watching, "LOOK_S", 0.0)
    return Home(tmp_path)


async def code_of(awaitable) -> ErrorCode:
    with pytest.raises(SharewiseError) as caught:
        await awaitable
    return caught.value.code


async def test_new_private_file_is_cleaned_and_can_be_undone(home):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    path = await home.put("a.jpg", gps_jpeg())
    assert is_clean(path)
    assert home.counts() == (1, 1)
    assert len(home.originals()) == 1
    await home.watching.undo(str(path))
    assert path.read_bytes() == gps_jpeg()
    assert home.originals() == []
    home.observer.say(path)
    await home.turns()
    assert path.read_bytes() == gps_jpeg()
    assert home.counts() == (1, 1)


async def test_tell_only_counts(home):
    await home.watching.add(str(home.pictures), Mode.TELL)
    await home.turns()
    path = await home.put("a.jpg", gps_jpeg())
    await home.put("b.jpg", plain_jpeg())
    assert path.read_bytes() == gps_jpeg()
    assert home.counts() == (1, 0)
    assert home.originals() == []


async def test_what_is_there_already_is_looked_over(home):
    for number in range(70):
        put(home.pictures, f"{number % 3}/{number}.jpg", gps_jpeg() if number < 40 else b"text")
    await home.watching.add(str(home.pictures), Mode.TELL)
    await home.turns(10)
    assert home.counts() == (40, 0)
    await home.watching.choose(str(home.pictures), Mode.CLEAN)
    await home.turns(10)
    assert home.counts() == (40, 40)


async def test_off_does_nothing(home):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.watching.choose(str(home.pictures), Mode.OFF)
    await home.turns()
    path = await home.put("a.jpg", gps_jpeg())
    assert path.read_bytes() == gps_jpeg()
    assert home.observer.watched == []


async def test_our_own_write_causes_no_second_one(home, monkeypatch):
    cleanings = []
    real = handling_module.clean_file
    monkeypatch.setattr(
        handling_module, "clean_file", lambda *a, **k: cleanings.append(1) or real(*a, **k)
    )
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    path = await home.put("a.jpg", gps_jpeg())
    inode = path.stat().st_ino
    for _ in range(5):
        home.observer.say(path)
        await home.turns()
    assert path.stat().st_ino == inode
    assert len(cleanings) == 1


async def test_file_that_is_still_written_is_waited_for(home):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    data = gps_jpeg()
    path = home.pictures / "a.jpg"
    with path.open("wb", buffering=0) as file:
        for at in range(0, len(data), 200):
            file.write(data[at : at + 200])
            home.observer.say(path)
            await home.watching.turn()
            home.clock.turn(QUIET_S / 2)
        # Whole by its size and quiet, but whoever holds it open may go on.
        await home.turns()
        assert path.read_bytes() == data
    await home.turns()
    assert is_clean(path)
    assert home.counts() == (1, 1)


@pytest.mark.parametrize(
    "name", ["a.jpg.part", ".syncthing.a.jpg.tmp", ".stversions/a.jpg", ".~a.jpg", ".sync_1.db"]
)
async def test_files_of_the_client_are_left_alone(home, name):
    put(home.pictures, f"before/{name}", gps_jpeg())
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    path = await home.put(name, gps_jpeg())
    assert path.read_bytes() == gps_jpeg()
    assert home.counts() == (0, 0)


async def test_link_out_of_the_folder_is_not_followed(home):
    outside = put(home.root, "outside/a.jpg", gps_jpeg())
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    (home.pictures / "link.jpg").symlink_to(outside)
    (home.pictures / "folder").symlink_to(outside.parent)
    home.observer.say(home.pictures / "link.jpg")
    home.observer.say(home.pictures / "folder" / "a.jpg")
    await home.turns()
    assert outside.read_bytes() == gps_jpeg()
    assert (home.pictures / "link.jpg").is_symlink()


async def test_file_with_two_names_is_counted_and_left(home):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    second = home.root / "second.jpg"
    path = put(home.pictures, "a.jpg", gps_jpeg())
    os.link(path, second)
    home.observer.say(path)
    await home.turns()
    assert path.read_bytes() == second.read_bytes() == gps_jpeg()
    assert home.counts() == (1, 0)
    assert home.originals() == []


async def test_file_that_cannot_be_judged_is_left(home):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    cut = await home.put("cut.jpg", gps_jpeg()[:300])
    await home.put("empty.jpg", b"")
    os.mkfifo(home.pictures / "pipe.jpg")
    home.observer.say(home.pictures / "pipe.jpg")
    await home.turns()
    assert cut.read_bytes() == gps_jpeg()[:300]
    assert home.counts() == (0, 0)


async def test_pause_rests_and_going_on_misses_nothing(home):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    await home.watching.pause(is_paused=True)
    path = await home.put("a.jpg", gps_jpeg())
    assert path.read_bytes() == gps_jpeg()
    assert home.watching.is_paused
    assert home.observer.watched == []
    await home.watching.pause(is_paused=False)
    await home.turns()
    assert is_clean(path)


async def test_choices_outlive_a_restart(home):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.watching.pause(is_paused=True)
    home.start()
    await home.turns()
    assert home.watching.is_paused
    assert home.state().mode == "clean"
    assert load_settings(home.places.settings).folders == (
        FolderSetting(str(home.pictures), "folder", Mode.CLEAN),
    )


async def test_folder_that_goes_away_and_comes_back_is_picked_up(home):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    away = home.pictures.rename(home.root / "unplugged")
    await home.turns()
    assert not home.state().is_reachable
    assert home.observer.watched == []
    put(away, "a.jpg", gps_jpeg())
    away.rename(home.pictures)
    await home.turns()
    assert home.state().is_reachable
    assert home.observer.watched == [home.pictures]
    assert is_clean(home.pictures / "a.jpg")


async def test_folder_put_in_place_of_another_is_observed_anew(home):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    home.pictures.rename(home.root / "old")
    put(home.pictures, "a.jpg", gps_jpeg())
    await home.turns()
    assert is_clean(home.pictures / "a.jpg")


async def test_lost_events_lead_to_a_look_over_everything(home):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    path = put(home.pictures, "a.jpg", gps_jpeg())
    await home.turns()
    assert path.read_bytes() == gps_jpeg()
    home.observer.inbox.lose()
    await home.turns()
    assert is_clean(path)


async def test_more_files_than_can_be_waited_for_are_not_lost(home):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    home.watching._settling._limit = 2
    home.observer.inbox._limit = 4
    for number in range(6):
        home.observer.say(put(home.pictures, f"{number}.jpg", gps_jpeg()))
    await home.turns(8)
    assert home.counts() == (6, 6)


async def test_watch_limit_is_shown_and_the_folder_looked_over_now_and_then(home):
    home.observer.refusal = SharewiseError(ErrorCode.WATCH_LIMIT, "no more watches")
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    assert home.state().problem == "watch_limit"
    path = put(home.pictures, "a.jpg", gps_jpeg())
    await home.turns()
    assert path.read_bytes() == gps_jpeg()
    home.clock.turn(AGAIN_S)
    await home.turns()
    assert is_clean(path)
    home.observer.refusal = None
    home.clock.turn(AGAIN_S)
    await home.turns()
    assert home.state().problem is None


async def test_full_disk_is_shown_and_tried_again(home, monkeypatch):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()

    def refuse(*_: object) -> str:
        raise SharewiseError(ErrorCode.DISK_FULL, "full")

    monkeypatch.setattr(Originals, "keep", refuse)
    path = await home.put("a.jpg", gps_jpeg())
    assert path.read_bytes() == gps_jpeg()
    assert home.state().problem == "disk_full"
    monkeypatch.undo()
    home.clock.turn(AGAIN_S)
    await home.turns()
    assert is_clean(path)
    assert home.state().problem is None


async def test_what_a_crash_left_beside_a_file_is_removed_once_it_is_old(home):
    path = put(home.pictures, Draft(home.root).path.name, b"half")
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    assert path.exists()
    home.clock.turn(STALE_S)
    home.observer.inbox.lose()
    await home.turns()
    assert not path.exists()


async def test_overlapping_folders_are_refused(home):
    await home.watching.add(str(home.pictures), Mode.TELL)
    inner = home.pictures / "inner"
    inner.mkdir()
    assert await code_of(home.watching.add(str(inner), Mode.TELL)) is ErrorCode.FOLDER_OVERLAP
    await home.watching.choose(str(home.pictures), Mode.OFF)
    await home.watching.add(str(inner), Mode.TELL)
    overlap = await code_of(home.watching.choose(str(home.pictures), Mode.CLEAN))
    assert overlap is ErrorCode.FOLDER_OVERLAP


async def test_folder_that_would_hold_the_originals_is_refused(home):
    home.places.originals.mkdir(parents=True)
    for folder in (home.root, home.places.originals):
        assert await code_of(home.watching.add(str(folder), Mode.CLEAN)) is ErrorCode.FOLDER_OVERLAP


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("relative", ErrorCode.INVALID_PARAMS),
        ("{root}/nothing", ErrorCode.UNREADABLE),
        ("{root}/file", ErrorCode.NOT_A_FILE),
    ],
)
async def test_what_is_no_folder_is_refused(home, name, code):
    put(home.root, "file", b"")
    assert await code_of(home.watching.add(name.format(root=home.root), Mode.TELL)) is code


async def test_folder_is_known_by_its_real_name(home):
    link = home.root / "link"
    link.symlink_to(home.pictures)
    state = await home.watching.add(str(link), Mode.TELL)
    assert state.path == str(home.pictures)
    await home.watching.choose(f"{link}/", Mode.CLEAN)
    assert home.state().mode == "clean"
    await home.watching.remove(str(link))
    assert home.watching.states() == ()
    assert await code_of(home.watching.remove(str(link))) is ErrorCode.UNKNOWN_FOLDER


async def test_removed_folder_is_left_as_it_is(home):
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    path = await home.put("a.jpg", gps_jpeg())
    await home.watching.remove(str(home.pictures))
    await home.turns()
    assert home.observer.watched == []
    await home.watching.undo(str(path))
    assert path.read_bytes() == gps_jpeg()


async def test_folders_of_sync_clients_are_listed_and_off(home):
    put(home.root, ".dropbox/info.json", f'{{"a": {{"path": "{home.pictures}"}}}}'.encode())
    (state,) = await home.watching.find_folders()
    assert (state.path, state.provider, state.mode) == (str(home.pictures), "dropbox", "off")
    assert state.is_reachable
    await home.watching.choose(str(home.pictures), Mode.CLEAN)
    await home.turns()
    assert is_clean(await home.put("a.jpg", gps_jpeg()))
    await home.watching.remove(str(home.pictures))
    (state,) = await home.watching.find_folders()
    assert (state.provider, state.mode) == ("dropbox", "off")


async def test_client_settings_that_cannot_be_understood_are_told_once(home, caplog):
    put(home.root, ".dropbox/info.json", b"{ broken")
    for _ in range(3):
        assert await home.watching.find_folders() == ()
    assert caplog.text.count("settings of dropbox: unreadable") == 1


async def test_folder_that_does_not_answer_is_left_in_peace_for_a_while(home, monkeypatch):
    asked = []

    async def never(_work, path):
        asked.append(path)
        raise TimeoutError

    await home.watching.add(str(home.pictures), Mode.TELL)
    with monkeypatch.context() as patch:
        patch.setattr(watching.asyncio, "to_thread", never)
        for _ in range(5):
            home.watching._check_at_s = 0.0
            await home.watching._check_folders()
    assert asked == [home.pictures]
    assert not home.state().is_reachable
    home.clock.turn(AGAIN_S)
    await home.turns()
    assert home.state().is_reachable


async def test_run_begins_observes_and_ends_in_order(home, monkeypatch):
    monkeypatch.setattr(watching, "TURN_S", 0.0)
    monkeypatch.setattr(watching, "IDLE_S", 0.001)
    await home.watching.add(str(home.pictures), Mode.TELL)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(home.watching.run())
        await asyncio.to_thread(
            wait_until, lambda: home.observer.watched == [home.pictures], "the folder is watched"
        )
        assert home.observer.is_running
        running.cancel()
    assert not home.observer.is_running


async def test_settings_that_cannot_be_read_are_kept_and_nothing_is_watched(home):
    settings = put(home.places.config, "settings.json", b"{ broken")
    await home.turns()
    assert home.watching.states() == ()
    for call in (
        home.watching.find_folders(),
        home.watching.add(str(home.pictures), Mode.CLEAN),
        home.watching.pause(is_paused=True),
    ):
        assert await code_of(call) is ErrorCode.SETTINGS_UNREADABLE
    assert settings.read_bytes() == b"{ broken"
    settings.unlink()
    await home.watching.add(str(home.pictures), Mode.CLEAN)
    await home.turns()
    assert home.observer.watched == [home.pictures]


async def test_settings_edited_meanwhile_are_not_undone(home):
    await home.watching.add(str(home.pictures), Mode.TELL)
    other = home.root / "Other"
    other.mkdir()
    text = home.places.settings.read_text().replace("Pictures", "Other")
    home.places.settings.write_text(text)
    await home.watching.pause(is_paused=True)
    assert [folder.path for folder in load_settings(home.places.settings).folders] == [str(other)]


async def test_undo_needs_a_whole_path_and_an_original(home):
    assert await code_of(home.watching.undo("a.jpg")) is ErrorCode.INVALID_PARAMS
    path = put(home.pictures, "a.jpg", b"")
    assert await code_of(home.watching.undo(str(path))) is ErrorCode.NOTHING_TO_UNDO


async def test_log_holds_no_name_place_or_path(home, caplog):
    caplog.set_level(logging.DEBUG, "sharewise")
    folder = home.pictures / "canary-folder"
    folder.mkdir()
    await home.watching.add(str(folder), Mode.TELL)
    await home.turns()
    put(folder, "canary-tell.jpg", gps_jpeg())
    home.observer.inbox.lose()
    await home.turns()
    await home.watching.choose(str(folder), Mode.CLEAN)
    put(folder, "canary-cut.jpg", gps_jpeg()[:300])
    home.observer.inbox.lose()
    await home.turns()
    assert "location" in caplog.text
    assert "malformed" in caplog.text
    for canary in ("canary", str(home.root), *PLACE, DEVICE.decode()):
        assert canary not in caplog.text


async def test_folders_are_checked_every_now_and_then_only(home, monkeypatch):
    await home.watching.add(str(home.pictures), Mode.TELL)
    await home.turns()
    looks = []
    real = watching._identity
    monkeypatch.setattr(watching, "_identity", lambda path: looks.append(path) or real(path))
    for _ in range(10):
        await home.watching.turn()
        home.clock.turn(CHECK_S / 10)
    assert len(looks) <= 2


def is_clean(path: Path) -> bool:
    inspected = inspect_file(path, Depth.THOROUGH)
    return isinstance(inspected, Inspected) and not inspected.is_private
