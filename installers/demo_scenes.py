"""What the demo does: the main job by itself, or a browser for the person to try.

Runs in an environment that has the libraries; `installers.demo` sees to that.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from support.browsers import Browser, HarnessError, Kind, Page, Settings, find_program, started
from support.browsers.installation import Installation, installed
from support.sites import Site, running_site
from support.sites.learning import what_it_tells
from support.sites.photo import NAME, photo

RESULTS = (
    *("01-card.png", "02-shared.png", "03-message.png", "04-sealed.png"),
    *("original.jpg", "received-upload.jpg"),
)
"""What a demo leaves, beside a package whose name is new each time."""
MARK = ".sharewise-demo"
"""Lists the files of an earlier demo, so that the next replaces these and no other."""
SAVE_TIMEOUT_S = 90.0
TITLES = {Kind.CHROMIUM: "Chromium", Kind.FIREFOX: "Firefox"}


class DemoFailed(Exception):
    """Something was not as promised; the message is for the person."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that runs meanwhile."""

    browser: Browser
    installation: Installation
    site: Site
    output: Path
    kind: Kind


async def play(extension: Path, output: Path, wanted: str | None, own: Path | None) -> None:
    """Do the main job without a screen and leave its results in `output`; `own` is a JPEG."""
    original = await asyncio.to_thread(chosen_photo, own)
    await asyncio.to_thread(clear, output)
    async with staged(extension, wanted, output, headless=True) as scene:
        say(f"Opened the demo site in {TITLES[scene.kind]} with the extension, in a new profile.")
        await share_photo(scene, original)
        await keep_message(scene)
    say(f"Pictures, the upload and the package are in {output}")


async def show(extension: Path, wanted: str | None) -> None:
    """Open a browser that the person can see; ends when they close it or press Ctrl-C."""
    nowhere = Path()
    async with staged(extension, wanted, nowhere, headless=False) as scene:
        picture = scene.browser.folder / NAME
        await asyncio.to_thread(picture.write_bytes, photo())
        await scene.browser.open(scene.site.page("index.html"))
        say(f"{TITLES[scene.kind]} is open on {scene.site.address}, in a profile of its own. Try:")
        say('  1. "Share a photo": press "Add a photo", pick the one at the address below,')
        say('     choose on the card, press "Post", and see what the site could read.')
        say(f"     {picture}")
        say('  2. "Keep a message": press the Sharewise button in the toolbar (in Chromium behind')
        say('     the puzzle piece), then "Save this page".')
        say('  3. "Get help" in the same place: calm steps for somebody who is threatened.')
        say(
            "Close the browser or press Ctrl-C here to end; profile, photo and captures go with it."
        )
        await scene.browser.ended()


@asynccontextmanager
async def staged(
    extension: Path, wanted: str | None, output: Path, *, headless: bool
) -> AsyncIterator[Scene]:
    """Run site, browser and an isolated Sharewise; all of it is gone afterwards."""
    kind = Kind(wanted) if wanted else available()
    async with running_site() as site, installed() as installation:
        settings = Settings(extension, host=installation.launcher(), headless=headless)
        async with started(kind, settings) as browser:
            yield Scene(browser, installation, site, output, kind)


def available() -> Kind:
    """Return the first browser that is here. Raises DemoFailed if none is."""
    for kind in Kind:
        try:
            find_program(kind)
        except HarnessError:
            continue
        return kind
    raise DemoFailed(
        "neither Chromium nor Firefox is on this computer. Install one of them "
        "(Debian: sudo apt-get install chromium) and run this again."
    )


def chosen_photo(own: Path | None) -> bytes:
    """Return the person's own photo, or else the drawn one. Raises DemoFailed if it does not do."""
    if own is None:
        return photo()
    try:
        data = own.read_bytes()
    except OSError as error:
        raise DemoFailed(f"{own} cannot be read: {error.strerror}") from error
    if not data.startswith(b"\xff\xd8"):
        raise DemoFailed(
            f"{own} is no JPEG. The demo shows one; Sharewise itself knows more kinds."
        )
    if not what_it_tells(data):
        raise DemoFailed(f"{own} says nothing: there would be nothing to show.")
    return data


async def share_photo(scene: Scene, original: bytes) -> None:
    """Pick a photo that tells a lot, remove it on the card, and look at what arrived."""
    picked = scene.output / "original.jpg"
    await asyncio.to_thread(picked.write_bytes, original)
    page = await scene.browser.open(scene.site.page("share.html"))
    await page.pick_files("#pick", [picked])
    say(f"Picked original.jpg in a file chooser. It says: {'; '.join(what_it_tells(original))}.")
    await page.card()
    await page.screenshot(scene.output / "01-card.png")
    expect(not scene.site.uploads, "the site got something before the choice")
    say("Before the site saw the photo, the card showed what it gives away (01-card.png).")
    await page.choose("Remove and share")
    await page.card_gone()
    say('Chose "Remove and share", then posted.')
    await page.until_true("document.getElementById('picture').naturalWidth > 0")
    await page.click("#post")
    (received,) = await scene.site.wait_for_files(1)
    await page.until_true("!document.getElementById('received').hidden")
    await picture_of(page, scene.output / "02-shared.png")
    await asyncio.to_thread((scene.output / "received-upload.jpg").write_bytes, received.data)
    await prove(scene, original, received.data)


async def prove(scene: Scene, original: bytes, received: bytes) -> None:
    """Show that what arrived says nothing any more and is the same picture."""
    told = what_it_tells(received)
    expect(not told, f"the received photo still says: {'; '.join(told)}")
    values = [line.partition(": ")[2].encode() for line in what_it_tells(original)]
    left = [value for value in values if value and value in received]
    expect(not left, "a word of what the photo said is still in the received one")
    upload = str(scene.output / "received-upload.jpg")
    inspected = await scene.installation.sharewise("inspect", upload)
    expect(inspected.code == 0, f"sharewise inspect found something:\n{inspected.output}")
    say(f"The site received {len(received):,} bytes: no place, no serial number, no small copy.")
    before, after = await asyncio.to_thread(lambda: (pixels(original), pixels(received)))
    expect(before == after, "the received picture differs")
    say(f"Its {len(before) // 3:,} pixels are the same as the original's, every one.")


async def keep_message(scene: Scene) -> None:
    """Save the threatening page with the extension's button; export and verify the package."""
    page = await scene.browser.open(scene.site.page("messages.html"))
    await page.screenshot(scene.output / "03-message.png", full=True)
    await scene.browser.trigger_action(page)
    popup = await scene.browser.popup()
    await popup.until_true("!document.getElementById('save').disabled")
    await popup.click("#save")
    await popup.until_true("!document.getElementById('asking').hidden")
    await popup.click("[data-age=adults]")
    await popup.until_true("!document.getElementById('saved').hidden", within_s=SAVE_TIMEOUT_S)
    await popup.screenshot(scene.output / "04-sealed.png")
    say('Opened a threatening message (03-message.png) and pressed "Save this page".')
    say("It was saved and sealed (04-sealed.png).")
    listed = await scene.installation.sharewise("case", "list")
    case_id = listed.output.split()[0]
    before = await asyncio.to_thread(packages, scene.output)
    exported = await scene.installation.sharewise("case", "export", case_id, str(scene.output))
    expect(exported.code == 0, f"the export failed: {exported.errors}")
    (package,) = await asyncio.to_thread(packages, scene.output) - before
    await asyncio.to_thread(note, scene.output / MARK, package.name)
    verified = await scene.installation.sharewise("verify", str(package))
    expect(verified.code == 0, f"the package is not verified:\n{verified.output}")
    say(f"Exported {package.name}; sharewise verify: {verified.output.splitlines()[0]}")


async def picture_of(page: Page, path: Path) -> None:
    """Take a picture of the whole page once its own pictures are drawn."""
    await page.until_true("[...document.images].every((image) => image.complete)")
    await page.screenshot(path, full=True)


def pixels(data: bytes) -> bytes:
    """Return the decoded picture, three bytes a pixel."""
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGB").tobytes()


def packages(output: Path) -> set[Path]:
    """Return the sealed packages in a folder; they may be the person's own."""
    return set(output.glob("case-*.zip"))


def note(mark: Path, name: str) -> None:
    """Add a file to the list of what the demo left."""
    with mark.open("a") as opened:
        opened.write(f"{name}\n")


def clear(output: Path) -> None:
    """Make the folder, and remove from it what an earlier demo left.

    Raises DemoFailed if a file of somebody else has the name of a result.
    """
    output.mkdir(parents=True, exist_ok=True)
    mark = output / MARK
    left = frozenset(mark.read_text().splitlines()) if mark.is_file() else frozenset()
    for path in output.iterdir():
        if path.name in left and path.is_file():
            path.unlink()
    taken = [name for name in RESULTS if (output / name).exists()]
    if taken:
        raise DemoFailed(
            f"{output} holds a {taken[0]} that no demo left. Name another folder: --output DIR"
        )
    mark.write_text("\n".join(RESULTS) + "\n")


def expect(is_so: bool, otherwise: str) -> None:
    """Raise DemoFailed with these words unless it is so."""
    if not is_so:
        raise DemoFailed(otherwise)


def say(line: str) -> None:
    """Print one line at once."""
    print(line, flush=True)
