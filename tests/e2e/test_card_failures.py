"""What goes wrong between a pick and a decision: the card says so, the person decides, nothing goes
out silently and no page is stuck. Real programs are stopped, killed and taken away.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from support.browsers import Browser, Kind, Page, Settings, hosts, started
from support.browsers.chromium import Chromium
from support.browsers.errors import HarnessError
from support.browsers.firefox import Firefox
from support.browsers.installation import Installation
from support.browsers.waiting import until
from support.pictures import DEVICE, gps_jpeg, large_gps_jpeg, large_jpeg, plain_jpeg, put
from support.sites import Site

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
REMOVE = "Remove and share"
CANCEL = "Cancel"
RETRY = "Try again"
SILENT = "does not answer"
GATED = """
import asyncio, pathlib, runpy, sys
from sharewise_host.link import DaemonLink
gate = pathlib.Path(sys.argv.pop(1))
send = DaemonLink.send
async def send_later(self, message):
    while b'"photo.answer"' in message and not gate.exists():
        await asyncio.sleep(0.02)
    await send(self, message)
DaemonLink.send = send_later
runpy.run_module("sharewise_host", run_name="__main__", alter_sys=True)
"""
"""The native host, which passes nothing on beyond a file's head and tail until there is a gate."""


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    return put(tmp_path, "telling.jpg", gps_jpeg())


async def daemon_pid(installation: Installation) -> int:
    """Return the process of the daemon that the browser's host has started."""

    async def probe() -> int | None:
        told = await installation.sharewise("daemon", "status")
        found = re.search(r"process (\d+)", told.output)
        return int(found[1]) if found else None

    return await until(probe, "the daemon to run", within_s=30)


@asynccontextmanager
async def frozen(installation: Installation) -> AsyncIterator[int]:
    """Hold the daemon still: it is there and does not answer."""
    pid = await daemon_pid(installation)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGCONT)


def hosts_of(installation: Installation) -> list[int]:
    """Return the native hosts that browsers run for this installation (Linux)."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            environ = (folder / "environ").read_bytes()
        except OSError:
            continue  # it ended meanwhile
        if b"sharewise_host" in words and str(installation.home).encode() in environ:
            found.append(int(folder.name))
    return found


async def retry(page: Page) -> None:
    """Try again, unless the answer comes in this moment and the card has changed by itself."""
    with suppress(HarnessError):
        await page.choose(RETRY, within_s=1)


async def ready(browser: Browser, site: Site, folder: Path) -> Page:
    """Return a page on which a clean file went through; the site's files are counted from here."""
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", [put(folder, "first.jpg", plain_jpeg())])

    async def probe() -> bool:
        if site.files:
            return True
        card = await page.card_now()
        # On a loaded machine the first start takes longer than the guard waits.
        if card is not None and SILENT in card.text and not card.is_moving:
            await retry(page)
        return False

    await until(probe, "a clean file to go through", within_s=40)
    return page


async def verdict(page: Page) -> None:
    """Wait until the card says what the file gives away, trying again where it offers that."""

    async def probe() -> bool:
        card = await page.card_now()
        if card is None or card.is_moving:
            return False
        if SILENT in card.text and any(one.text == RETRY for one in card.buttons):
            await retry(page)
        return "says where it was taken" in card.text

    await until(probe, "the verdict on the card", within_s=40)


async def pressed(page: Page) -> bool:
    """Press what a card that stands still offers, Try again or Remove; whether it was Remove."""
    card = await page.card_now()
    if card is None or card.is_moving:
        return False
    names = [button.text for button in card.buttons if button.is_enabled]
    # The card may change while it is looked at; then the next look decides anew.
    with suppress(HarnessError):
        if RETRY in names:
            await page.choose(RETRY)
        elif "says where" in card.text and REMOVE in names:
            await page.choose(REMOVE)
            return True
    return False


async def test_a_slow_daemon_is_said_and_waited_for(
    own_browser: Browser, installation: Installation, site: Site, telling: Path, tmp_path: Path
) -> None:
    page = await ready(own_browser, site, tmp_path)
    async with frozen(installation):
        await page.pick_files("#file", [telling])
        card = await page.card(waiting=True)
        assert card.focused in (CANCEL, RETRY)
        assert REMOVE not in [button.text for button in card.buttons]
        assert len(site.files) == 1
    await verdict(page)
    await page.choose(REMOVE)
    assert DEVICE not in (await site.wait_for_files(2))[1].data


async def test_a_person_is_asked_while_the_rest_of_a_photo_is_still_looked_at(
    kind: Kind, installation: Installation, site: Site, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    command = (sys.executable, "-c", GATED, str(gate))
    host = hosts.write_launcher(installation.root, command, installation.environ)
    telling = put(tmp_path, "large.jpg", large_gps_jpeg())
    async with started(kind, Settings(EXTENSION, host=host)) as browser:
        page = await ready(browser, site, tmp_path)
        await page.pick_files("#file", [telling])

        await until(lambda: pressed(page), "the card to ask before the verdict", within_s=60)
        assert not gate.exists()
        assert len(site.files) == 1, "shared before it was looked at as a whole"
        gate.touch()

        async def cleaned() -> bool:
            # Where the answer came too late the card asks anew.
            await pressed(page)
            return len(site.files) == 2

        await until(cleaned, "the file to be cleaned once its plan is there", within_s=60)
    assert DEVICE not in site.files[1].data


async def test_a_daemon_that_never_answers_leaves_the_page_usable(
    own_browser: Browser, installation: Installation, site: Site, telling: Path, tmp_path: Path
) -> None:
    page = await ready(own_browser, site, tmp_path)
    async with frozen(installation):
        await page.pick_files("#file", [telling])
        card = await page.card()
        assert SILENT in card.text
        assert card.focused == RETRY
        await page.choose(CANCEL)
        await page.card_gone()
        await page.until_true("seen.at(-1).type === 'cancel'")
    assert len(site.files) == 1
    await page.pick_files("#file", [telling])
    await verdict(page)
    await page.choose(REMOVE)
    assert DEVICE not in (await site.wait_for_files(2))[1].data


async def test_a_daemon_that_is_stopped_after_the_verdict_cannot_prove_and_is_started_again(
    own_browser: Browser, installation: Installation, site: Site, telling: Path, tmp_path: Path
) -> None:
    page = await ready(own_browser, site, tmp_path)
    await page.pick_files("#file", [telling])
    await verdict(page)
    os.kill(await daemon_pid(installation), signal.SIGKILL)
    await page.choose(REMOVE)

    async def probe() -> bool:
        if len(site.files) < 2:
            await pressed(page)
        return len(site.files) == 2

    await until(probe, "the file to be cleaned by the daemon started anew", within_s=120)
    assert DEVICE not in site.files[1].data


async def test_always_remove_that_could_not_be_proved_is_not_remembered_as_sharing_unseen(
    own_browser: Browser, installation: Installation, site: Site, telling: Path, tmp_path: Path
) -> None:
    page = await ready(own_browser, site, tmp_path)
    await page.pick_files("#file", [telling])
    await verdict(page)
    await page.choose(f"Always do this on {site.address.removeprefix('http://')}")
    async with frozen(installation):
        await page.choose(REMOVE)

        async def probe() -> bool:
            card = await page.card_now()
            return card is not None and not card.is_moving and "could not prove" in card.text

        await until(probe, "the card to say that nothing is proved", within_s=40)
        await page.choose("Share the cleaned copy")
        assert DEVICE not in (await site.wait_for_files(2))[1].data
    kept = await own_browser.evaluate_in_background("chrome.storage.local.get('sharing_sites')")
    assert kept == {}


async def test_a_killed_host_is_said_or_started_again_and_nothing_goes_out(
    own_browser: Browser, installation: Installation, site: Site, telling: Path, tmp_path: Path
) -> None:
    page = await ready(own_browser, site, tmp_path)
    async with frozen(installation):
        await page.pick_files("#file", [telling])
        await page.card(waiting=True)
        hosts = hosts_of(installation)
        assert hosts
        for pid in hosts:
            os.kill(pid, signal.SIGKILL)
        card = await page.card()
        assert SILENT in card.text
        assert len(site.files) == 1
    await verdict(page)
    await page.choose(REMOVE)
    assert DEVICE not in (await site.wait_for_files(2))[1].data


async def test_a_file_that_is_taken_away_before_it_is_cleaned_is_said_and_not_sent(
    own_browser: Browser, site: Site, telling: Path, tmp_path: Path
) -> None:
    page = await ready(own_browser, site, tmp_path)
    await page.pick_files("#file", [telling])
    await verdict(page)
    telling.unlink()
    await page.choose(REMOVE)

    async def probe() -> bool:
        card = await page.card_now()
        return card is not None and "cannot be read any more" in card.text

    await until(probe, "the card to say that the file is gone", within_s=20)
    await page.choose(CANCEL)
    await page.card_gone()
    assert len(site.files) == 1


async def test_a_file_that_is_taken_away_during_the_look_is_said(
    own_browser: Browser, installation: Installation, site: Site, tmp_path: Path
) -> None:
    page = await ready(own_browser, site, tmp_path)
    large = put(tmp_path, "large.jpg", large_jpeg())
    async with frozen(installation):
        await page.pick_files("#file", [large])
        await page.card(waiting=True)
        large.unlink()

    async def probe() -> bool:
        card = await page.card_now()
        if card is None or card.is_moving:
            return False
        if SILENT in card.text:
            await page.choose(RETRY)
        return "cannot be read any more" in card.text

    await until(probe, "the card to say that the file is gone", within_s=40)
    await page.choose(CANCEL)
    await page.card_gone()
    assert len(site.files) == 1


async def test_a_tab_that_is_closed_during_the_look_leaves_nothing_behind(
    own_browser: Browser, installation: Installation, site: Site, telling: Path, tmp_path: Path
) -> None:
    page = await ready(own_browser, site, tmp_path)
    async with frozen(installation):
        await page.pick_files("#file", [telling])
        await page.card(waiting=True)
        await page.close()
        own_browser.pages.remove(page)
    again = await own_browser.open(site.page("auto.html"))
    await again.pick_files("#file", [telling])
    await verdict(again)
    await again.choose(REMOVE)
    assert DEVICE not in (await site.wait_for_files(2))[1].data


async def test_five_hundred_files_are_all_looked_at_and_cleaned(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    telling, silent = gps_jpeg(), plain_jpeg()
    files = [
        put(tmp_path, f"{number:03}.jpg", telling if number % 5 == 0 else silent)
        for number in range(500)
    ]
    page = await browser.open(site.page("auto.html"))
    await page.pick_files("#file", files)
    card = await page.card(within_s=120)
    assert "100 of these 500 files say where they were taken" in card.text
    await page.choose(REMOVE)
    received = await site.wait_for_files(500, within_s=120)
    assert [one.name for one in received] == [path.name for path in files]
    assert not [one.name for one in received if DEVICE in one.data]


async def end_background(browser: Browser) -> None:
    """End the extension's worker or event page, as the browser does when it wants the memory."""
    if isinstance(browser, Firefox):
        # What is evaluated has a `globalThis` of its own; `self` is the event page's.
        assert await browser.evaluate_in_background("self.isFirst = true")
        assert await browser.evaluate_in_background("self.isFirst === true")
        await browser.in_window(
            "sharewiseHarness.extension()"
            ".terminateBackground({ disableResetIdleForTest: true }).then(() => null)"
        )
        return
    assert isinstance(browser, Chromium)
    (worker,) = [
        target
        for target in await browser.targets("service_worker")
        if str(target["url"]).startswith(browser.extension_origin)
    ]
    await browser.call("Target.closeTarget", {"targetId": worker["targetId"]})

    async def is_gone() -> bool:
        ids = [one["targetId"] for one in await browser.targets("service_worker")]
        return worker["targetId"] not in ids

    await until(is_gone, "the worker to end")


async def test_a_background_that_the_browser_ends_is_started_again_by_itself(
    kind: Kind, installation: Installation, site: Site, telling: Path, tmp_path: Path
) -> None:
    settings = Settings(EXTENSION, host=installation.launcher(), watch_background=False)
    async with started(kind, settings) as browser:
        page = await ready(browser, site, tmp_path)
        async with frozen(installation):
            await page.pick_files("#file", [telling])
            await page.card(waiting=True)
            await end_background(browser)
            assert len(site.files) == 1
        await verdict(page)
        await page.choose(REMOVE)
        assert DEVICE not in (await site.wait_for_files(2))[1].data
        if isinstance(browser, Firefox):
            is_first = await browser.evaluate_in_background("self.isFirst === true")
            assert is_first is False, "the event page was not ended"


SMALL_FRAME = """(async () => {
  const frame = document.createElement('iframe');
  frame.style.cssText = 'width: 200px; height: 60px';
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
  frame.src = '/framed.html?' + encodeURIComponent(location.origin);
  document.body.append(frame);
  await loaded;
  const outer = frame.getBoundingClientRect();
  const inner = frame.contentDocument.querySelector('input').getBoundingClientRect();
  return [outer.left + inner.left + 20, outer.top + inner.top + inner.height / 2];
})()"""


async def test_the_card_of_a_small_frame_stays_in_the_top_frame_when_the_background_is_ended(
    kind: Kind, installation: Installation, site: Site, telling: Path, tmp_path: Path
) -> None:
    settings = Settings(EXTENSION, host=installation.launcher(), watch_background=False)
    async with started(kind, settings) as browser:
        await ready(browser, site, tmp_path)
        page = await browser.open(site.page("detached.html"))
        point = await page.evaluate(SMALL_FRAME)
        assert isinstance(point, list)
        await page.pick_files((float(point[0]), float(point[1])), [telling])
        await verdict(page)
        await end_background(browser)

        async def probe() -> bool:
            # Looked for in the top document only: in the frame there is no room for it.
            await pressed(page)
            return len(site.files) == 2

        await until(probe, "the card to be shown again and pressed", within_s=60)
        assert DEVICE not in site.files[1].data
