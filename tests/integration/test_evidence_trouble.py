"""What a disk, a clock, a second daemon or a huge page does to a vault: told, and never a seal
that is none."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals.check import check
from sharewise.services import recovering
from sharewise.services.verification import verify
from sharewise.vault import age
from sharewise.vault.keeper import VAULT_FILE
from sharewise.wire.captures import CaptureBegin, CapturePart, CaptureSeal, CaptureSealed
from sharewise.wire.evidence import VaultStatus, VaultStatusResult
from sharewise.wire.items import ItemList
from sharewise.wire.messages import PART_BYTES, DaemonStatus
from sharewise.wire.packages import ExportMake, ExportRead
from support.daemon import RunningDaemon, Talk, home_for_daemon, running_daemon, talking_to
from support.evidence import Desk, files_below, page, picture, pieces, standard_parts

CANARY = b"canary words of a page that nobody may find on the disk"


def capture(talk: Talk, parts: Mapping[str, bytes] | None = None) -> CaptureSealed:
    """Make a capture as the extension does."""
    begun = talk.call(CaptureBegin(age_answer="adults"))
    for name, content in (standard_parts() if parts is None else parts).items():
        for sequence, data in enumerate(pieces(content, PART_BYTES)):
            talk.call(CapturePart(begun.capture_id, name, sequence, data))
    return talk.call(CaptureSeal(begun.capture_id, page()))


def checked(talk: Talk) -> VaultStatusResult:
    """Wait for the check of the start."""
    while not (status := talk.call(VaultStatus())).is_checked:
        pass
    return status


def assert_sound(home: Path, sealed: list[CaptureSealed]) -> None:
    """After a start, the vault is whole and holds these captures and no other."""
    desk = Desk(home)
    recovering.sweep(desk.shelf, lambda _: False)
    assert recovering.problems(desk.shelf) == []
    assert desk.staged() == []
    assert sorted(desk.item_ids()) == sorted(one.item_id for one in sealed)
    assert all(check(desk.opened(one)).is_verified for one in sealed)
    desk.shelf.close()


# --- two daemons --------------------------------------------------------------------------------


def test_two_daemons_that_do_not_see_each_other_harm_no_vault(tmp_path: Path) -> None:
    """They have runtime folders of their own, as in two containers that share a home."""
    sealed: list[CaptureSealed] = []
    refused: list[ErrorCode] = []
    with ExitStack() as stack:
        base = stack.enter_context(home_for_daemon())
        home = Path(base.pop("SHAREWISE_HOME"))
        talks: list[Talk] = []
        daemons: list[RunningDaemon] = []
        for name in ("one", "two"):
            runtime = home / name
            runtime.mkdir(mode=0o700)
            environment = {**base, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)}
            environment |= {"XDG_DATA_HOME": str(home / "share")}
            daemon = stack.enter_context(running_daemon({**environment, "SHAREWISE_HOME": ""}))
            daemons.append(daemon)
            if name == "one":
                daemon.ready()
            talks.append(stack.enter_context(talking_to(daemon)))
        for number in range(6):
            try:
                sealed.append(capture(talks[number % 2]))
            except SharewiseError as error:
                refused.append(error.code)
        assert len(sealed) == 3
        assert refused == [ErrorCode.BUSY] * 3
        with pytest.raises(SharewiseError, match="Another Sharewise daemon"):
            talks[1].call(VaultStatus())
        told = talks[1].call(DaemonStatus())
        assert (told.is_ready, told.vault_problem) == (True, "busy"), "it answers for itself"
        assert talks[0].call(DaemonStatus()).vault_problem is None
        assert checked(talks[0]).problems == ()
        assert daemons[0].terminate() == 0
        sealed.append(capture(talks[1]))
        assert talks[1].call(DaemonStatus()).vault_problem is None, "it is free again"
        assert daemons[1].terminate() == 0
        data = home / "share" / "sharewise"
        shutil.copytree(data, tmp_path / "data")
    assert_sound(tmp_path, sealed)


# --- disks --------------------------------------------------------------------------------------


def mount(folder: Path, options: str) -> bool:
    ended = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False
    )
    return ended.returncode == 0


@contextmanager
def small_disk() -> Iterator[dict[str, str]]:
    """Give the environment of a home whose data lie on a file system of 6 MB."""
    with home_for_daemon() as environment:
        data = Path(environment["SHAREWISE_HOME"]) / "data"
        data.mkdir(mode=0o700)
        if not mount(data, "size=6m,mode=700"):
            pytest.skip("no file system can be mounted here; test_capture fails each step instead")
        try:
            yield environment
        finally:
            subprocess.run(["umount", "-l", data], check=True)


def test_a_disk_that_is_really_full_seals_nothing_and_says_so(tmp_path: Path) -> None:
    with small_disk() as environment:
        disk = Path(environment["SHAREWISE_HOME"]) / "data"
        filler = disk / "filler"
        with running_daemon(environment) as daemon, talking_to(daemon) as talk:
            daemon.ready()
            first = capture(talk)
            room = shutil.disk_usage(disk).free
            codes = set()
            for left in (0, 4096, 40_000, 90_000, 200_000, 420_000):
                filler.write_bytes(bytes(max(0, room - left)))
                parts = standard_parts() | {"text.txt": os.urandom(150_000).hex().encode()}
                with pytest.raises(SharewiseError) as refused:
                    capture(talk, parts)
                codes.add(refused.value.code)
                assert [one.item_id for one in talk.call(ItemList()).items] == [first.item_id]
            assert codes == {ErrorCode.DISK_FULL}
            filler.unlink()
            sealed = [first, capture(talk)]
            assert checked(talk).problems == ()
            assert daemon.stop() == 0
        shutil.copytree(disk, tmp_path / "data")
    assert_sound(tmp_path, sealed)


def test_a_vault_that_may_only_be_read_says_so_and_stays_as_it_is() -> None:
    with small_disk() as environment:
        disk = Path(environment["SHAREWISE_HOME"]) / "data"
        with running_daemon(environment) as daemon, talking_to(daemon) as talk:
            sealed = [capture(talk)]
            assert daemon.stop() == 0
        before = files_below(disk)
        assert mount(disk, "remount,ro")
        with running_daemon(environment) as daemon, talking_to(daemon) as talk:
            for call in (CaptureBegin(age_answer="adults"), VaultStatus(), ItemList()):
                with pytest.raises(SharewiseError, match=r"permission|rights") as refused:
                    talk.call(call)
                assert refused.value.code is ErrorCode.UNREADABLE
            assert daemon.stop() == 0
        assert files_below(disk) == before
        assert mount(disk, "remount,rw")
        with running_daemon(environment) as daemon, talking_to(daemon) as talk:
            sealed.append(capture(talk))
            assert checked(talk).problems == ()
            assert len(talk.call(ItemList()).items) == len(sealed)


# --- clocks -------------------------------------------------------------------------------------


async def test_a_clock_set_back_a_year_is_told_and_loses_nothing(tmp_path: Path) -> None:
    """The clock is one that is passed in: setting this computer's would touch every program."""
    desk = Desk(tmp_path)
    sealed = [await desk.capture()]
    capture_id = await desk.send(standard_parts())
    desk.clock.at -= timedelta(days=365)
    sealed.append(await desk.captures.seal(capture_id, page()))
    sealed.append(await desk.capture())
    assert [one.sealed_at_utc[:4] for one in sealed] == ["2026", "2025", "2025"]
    told = desk.files(sealed[1])["data/capture.json"]
    assert b"jump_s" in told
    made = await desk.cases.export(sealed[0].case_id, tmp_path)
    assert verify(Path(made.path)).is_verified
    desk.shelf.close()
    assert_sound(tmp_path, sealed)


# --- a page of 200 MB ---------------------------------------------------------------------------


async def test_a_page_of_200_mb_is_left_out_by_name_and_the_rest_is_sealed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    capture_id = await desk.captures.begin(None, "adults")
    parts = standard_parts()
    huge = parts.pop("page.mhtml") + bytes(PART_BYTES)
    for name, content in parts.items():
        await desk.captures.part(capture_id, name, 0, content)
    for sequence, data in enumerate(pieces(huge, PART_BYTES)):
        await desk.captures.part(capture_id, "page.mhtml", sequence, data)
    piece = bytes(PART_BYTES)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused = None
    for sequence in range(2, 200_000_000 // PART_BYTES + 2):
        try:
            await desk.captures.part(capture_id, "page.mhtml", sequence, piece)
        except SharewiseError as error:
            refused = error.code
            break
    assert refused is ErrorCode.TOO_LARGE
    sealed = await desk.captures.seal(capture_id, page())
    assert "page.mhtml" in {one.name for one in sealed.missing}
    assert b'"status":"INCOMPLETE"' in desk.files(sealed)["data/capture.json"].replace(b" ", b"")
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    assert grown_kb < 100_000, "it is not held in memory"
    desk.shelf.close()
    assert_sound(tmp_path, [sealed])


# --- Debian's age, and what lies in the folder --------------------------------------------------


def age_reads(identity: Path, encrypted: Path, into: Path) -> bytes:
    """Decrypt with the program that everybody has."""
    subprocess.run(["age", "-d", "-i", identity, "-o", into, encrypted], check=True, timeout=60)
    return into.read_bytes()


def test_age_opens_an_export_and_a_vault_file_and_nothing_plain_lies_about(tmp_path: Path) -> None:
    theirs = age.new_identity()
    key = tmp_path / "key.txt"
    key.write_text(f"{theirs}\n")
    with running_daemon() as daemon, talking_to(daemon) as talk:
        parts = standard_parts() | {"text.txt": CANARY * 3000, "screenshot-full.png": picture(9)}
        sealed = capture(talk, parts)
        recipient = str(theirs.to_public())
        made = talk.call(ExportMake(sealed.case_id, recipient=recipient))
        content = b""
        while piece := talk.call(ExportRead(made.export_id, len(content))).data:
            content += piece
        (tmp_path / "case.zip.age").write_bytes(content)
        package = tmp_path / "case.zip"
        age_reads(key, tmp_path / "case.zip.age", package)
        assert verify(package).is_verified

        where = daemon.places
        vault_key = tmp_path / "vault.txt"
        found = Desk(daemon.home).places.keys / VAULT_FILE
        vault_key.write_text(found.read_text().partition('"identity":"')[2].partition('"')[0])
        item = where.vault / "items" / sealed.item_id
        opened = [age_reads(vault_key, one, tmp_path / one.stem) for one in item.glob("*.age")]
        assert CANARY * 3000 in opened, "the words are in a file of their own"
        daemon.stop()
        for file in daemon.home.rglob("*"):
            if file.is_file():
                assert CANARY not in file.read_bytes(), file.name
                assert b"example.org" not in file.read_bytes(), file.name
