"""How long a person waits for the upload guard, and what leaves the page, in real browsers.

From the last event before a drop to the drop that the page gets, less what that takes in the same
browser without the guard, with the real extension, native host and daemon, all warm. For private
files twice: until the card is there, which is the verdict that the limits are for, and, on a site
that is remembered so, until the page has the copy that was cleaned and proved. Beside it: the whole
file in one piece through native messaging to a host that does nothing, as a guard without ranges
would have to send it.
"""

from __future__ import annotations

import asyncio
import io
import json
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import piexif
import pillow_heif
from PIL import Image

from support.browsers import Browser, Kind, Page, Settings, hosts, started
from support.browsers.chromium_page import ChromiumPage
from support.browsers.installation import Installation, installed
from support.movies import long_film
from support.pictures import DEVICE
from support.sites import running_site

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
ROUNDS = 20
WARMING = 5
SETTLE_S = 0.3
FRAME_ROUNDS = 15
FRAMES = 20
SINK = "sharewise.bench"
GIGABYTE = 1_000_000_000

NUMBERED = """
import os, runpy, sys
with open(sys.argv.pop(1), "w") as file:
    file.write(str(os.getpid()))
runpy.run_module("sharewise_host", run_name="__main__", alter_sys=True)
"""
"""The native host, which tells its process number before it begins."""

SINK_HOST = """
import struct, sys
while head := sys.stdin.buffer.read(4):
    sys.stdin.buffer.read(struct.unpack("=I", head)[0])
    sys.stdout.buffer.write(struct.pack("=I", 4) + b"true")
    sys.stdout.buffer.flush()
"""

SEND_WHOLE = """(async () => {
  const bytes = new Uint8Array(%d);
  const port = chrome.runtime.connectNative("%s");
  const answered = () => new Promise((resolve, reject) => {
    port.onMessage.addListener(resolve);
    port.onDisconnect.addListener(() => reject(new Error("the sink is gone")));
  });
  const send = (part) => {
    let text = "";
    for (let at = 0; at < part.length; at += 0x6000) {
      text += String.fromCharCode(...part.subarray(at, at + 0x6000));
    }
    port.postMessage({ data: btoa(text) });
  };
  const warm = answered();
  send(bytes.subarray(0, 10));
  await warm;
  const begun = performance.now();
  for (let at = 0; at < bytes.length; at += 0x30000) {
    const next = answered();
    send(bytes.subarray(at, at + 0x30000));
    await next;
  }
  port.disconnect();
  return performance.now() - begun;
})()"""


@dataclass(frozen=True, slots=True)
class Case:
    """Files that are dropped together, and the limit that was set for the verdict on them."""

    name: str
    paths: tuple[Path, ...]
    limit_ms: int
    is_private: bool = False
    has_floor: bool = False
    """Whether all of it has to be read, and that takes a good part of the limit."""


@dataclass(frozen=True, slots=True)
class Drops:
    """What was measured of the drops of one case, in their order."""

    times_ms: list[float]
    sent: list[int]
    """Bytes that the browser sent the host."""


def measure() -> list[str]:
    """Print the figures of both browsers as they come."""
    with tempfile.TemporaryDirectory(prefix="sw-bench-") as name:
        folder = Path(name)
        cases = make_cases(folder)
        for kind in Kind:
            asyncio.run(measure_browser(kind, cases, folder))
    return []


def noise(side: int) -> Image.Image:
    return Image.effect_noise((side, side), 90).convert("RGB")


def make_cases(folder: Path) -> list[Case]:
    """Write the files."""

    def put(name: str, data: bytes) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
        out = io.BytesIO()
        picture.save(out, kind, **options)
        return out.getvalue()

    def heic(**options: object) -> bytes:
        out = io.BytesIO()
        pillow_heif.from_pillow(noise(1200)).save(out, quality=80, **options)
        return out.getvalue()

    exif = piexif.dump({"0th": {piexif.ImageIFD.Model: DEVICE}})
    large = noise(4000)
    small = encoded(noise(600), "JPEG")
    told = encoded(noise(600), "JPEG", exif=exif)
    whole = encoded(large, "JPEG", quality=92)
    megabytes = round(len(whole) / 1e6)
    many = [put(f"{number}.jpg", small) for number in range(20)]
    private = [put(f"told-{number}.jpg", told) for number in range(20)]
    return [
        Case("small JPEG, clean", (many[0],), 40),
        Case(f"{megabytes} MB JPEG, clean", (put("large.jpg", whole),), 60, has_floor=True),
        Case(
            f"{megabytes} MB JPEG, private",
            (put("told.jpg", encoded(large, "JPEG", quality=92, exif=exif)),),
            60,
            is_private=True,
        ),
        Case(
            "12 MB PNG, clean",
            (put("large.png", encoded(noise(2000), "PNG")),),
            60,
            has_floor=True,
        ),
        Case("HEIC, clean", (put("photo.heic", heic()),), 60),
        Case("HEIC, private", (put("told.heic", heic(exif=exif)),), 60, is_private=True),
        Case(
            "1 GB MP4, private", (long_film(folder / "told.mp4", GIGABYTE),), 120, is_private=True
        ),
        Case("20 JPEGs, clean", tuple(many), 400),
        Case("20 JPEGs, private", tuple(private), 400, is_private=True),
    ]


async def measure_browser(kind: Kind, cases: list[Case], folder: Path) -> None:
    number = folder / f"{kind}.host"
    async with installed() as installation, running_site() as site:
        address = site.page("bench.html")
        async with started(kind, Settings(None)) as bare:
            page = await bare.open(address)
            bare_ms = statistics.median((await drop_often(page, cases[0], number)).times_ms)
            without = await frames(page)
            floors = {case.name: await floors_of(page, case) for case in cases if case.has_floor}
        async with started(kind, Settings(empty_extension(folder))) as bare:
            least = await frames(await bare.open(address))
        host = numbered(installation, number)
        async with started(kind, Settings(EXTENSION, host=host)) as browser:
            page = await browser.open(address)
            print(f"\nguard: {browser.name}, {ROUNDS} drops of each, all warm")
            print(f"  without the guard a drop takes {bare_ms:.1f} ms, which is left out here")
            print(f"  {'':30}{'p50 ms':>8}{'p95 ms':>8}{'limit':>8}{'kB to host':>12}", flush=True)
            for case in cases:
                if case.is_private:
                    show(
                        f"{case.name}: asked",
                        case.limit_ms,
                        bare_ms,
                        await ask_often(page, case, number),
                    )
            await remember(browser, site.address)
            for case in cases:
                limit = None if case.is_private else case.limit_ms
                name = f"{case.name}: cleaned" if case.is_private else case.name
                show(name, limit, bare_ms, await drop_often(page, case, number))
            show_floors(floors)
            await show_whole(browser, kind, folder, cases)
            # In a tab that has taken no file, as the limit has it.
            show_frames(without, least, await frames(await browser.open(address)))


def numbered(installation: Installation, number: Path) -> Path:
    """Return a launcher of the native host that writes the number of its process."""
    command = (sys.executable, "-c", NUMBERED, str(number))
    return hosts.write_launcher(installation.root, command, installation.environ)


def bytes_read(number: Path) -> int:
    """Return what the native host has read: what the browser sent, once its code is loaded.

    Source: proc_pid_io(5), rchar, which knows nothing of sockets.
    """
    if not number.exists():
        return 0
    counts = Path("/proc", number.read_text(), "io").read_text()
    return int(counts.split()[1])


async def remember(browser: Browser, origin: str) -> None:
    """Have what is private removed without a question on this site."""
    kept = json.dumps({"sharing_sites": {origin: "remove"}})
    await browser.evaluate_in_background(f"chrome.storage.local.set({kept}).then(() => true)")


async def drop_often(page: Page, case: Case, number: Path) -> Drops:
    """Measure until the page has the files; the first drops warm up.

    Timed from the dragover before a drop, so the driver's own way is in it.
    """
    where = await page.centre("#zone")
    sent = []
    await page.evaluate("times.splice(0).length")
    for count in range(ROUNDS + WARMING):
        before = bytes_read(number)
        await page.drop_files(*where, list(case.paths))
        await page.until_true(f"times.length > {count}", within_s=60)
        sent.append(bytes_read(number) - before)
    found = await page.evaluate("times")
    assert isinstance(found, list)
    assert all(count == len(case.paths) for _, count in found)
    return Drops([took for took, _ in found[WARMING:]], sent[WARMING:])


async def ask_often(page: Page, case: Case, number: Path) -> Drops:
    """Measure the same until the card is there, and cancel it."""
    where = await page.centre("#zone")
    sent = []
    await page.evaluate("asked.splice(0).length")
    for count in range(ROUNDS + WARMING):
        before = bytes_read(number)
        await page.drop_files(*where, list(case.paths))
        await page.until_true(f"asked.length > {count}", within_s=60)
        sent.append(bytes_read(number) - before)
        await page.press("Escape")
        await page.card_gone()
        # The browser may still be drawing the pictures of the card.
        await asyncio.sleep(SETTLE_S)
    found = await page.evaluate("asked")
    assert isinstance(found, list)
    return Drops(found[WARMING:], sent[WARMING:])


async def floors_of(page: Page, case: Case) -> list[tuple[float, float]]:
    """Return how long the browser takes to read a file, and to inflate a PNG then, in ms."""
    await page.evaluate("void (dropped = null)")
    await page.drop_files(*await page.centre("#zone"), list(case.paths))
    await page.until_true("dropped !== null", within_s=60)
    found = []
    for _ in range(ROUNDS + WARMING):
        took = await page.evaluate("floors()")
        assert isinstance(took, list)
        read, inflated = took
        found.append((float(read), float(inflated)))
    return found[WARMING:]


def show_floors(floors: dict[str, list[tuple[float, float]]]) -> None:
    """Print what no guard that sees every byte is quicker than, in the browser without one."""
    for name, found in floors.items():
        read, inflated = ([pair[index] for pair in found] for index in range(2))
        words = f"  {name}: the browser reads it in {middle_and_p95(read)} ms (p50, p95)"
        more = f", and inflates it in {middle_and_p95(inflated)} more" if any(inflated) else ""
        print(words + more, flush=True)


def middle_and_p95(times_ms: list[float]) -> str:
    return f"{statistics.median(times_ms):.0f}, {p95_of(times_ms):.0f}"


def p95_of(times_ms: list[float]) -> float:
    return sorted(times_ms)[int(0.95 * len(times_ms)) - 1]


def show(name: str, limit_ms: int | None, bare_ms: float, drops: Drops) -> None:
    times = [took - bare_ms for took in drops.times_ms]
    print(
        f"  {name:30}{statistics.median(times):8.1f}{p95_of(times):8.1f}{limit_ms or '-':>8}"
        f"{statistics.median(drops.sent) / 1000:12.0f}",
        flush=True,
    )


async def show_whole(browser: Browser, kind: Kind, folder: Path, cases: list[Case]) -> None:
    """Print how long the bytes of the large JPEG take through native messaging alone."""
    launcher = hosts.write_launcher(folder / "sink", (sys.executable, "-c", SINK_HOST))
    manifest: dict[str, str | list[str]] = {
        "name": SINK,
        "description": "sink",
        "path": str(launcher),
        "type": "stdio",
    }
    if kind is Kind.CHROMIUM:
        manifest |= {"allowed_origins": [f"chrome-extension://{hosts.CHROMIUM_ID}/"]}
        place = browser.folder / "profile" / "NativeMessagingHosts"
    else:
        manifest |= {"allowed_extensions": [hosts.FIREFOX_ID]}
        place = browser.folder / ".mozilla" / "native-messaging-hosts"
    (place / f"{SINK}.json").write_text(json.dumps(manifest))
    size = cases[1].paths[0].stat().st_size
    took = await browser.evaluate_in_background(SEND_WHOLE % (size, SINK))
    assert isinstance(took, int | float)
    megabytes = round(size / 1e6)
    print(f"  all {megabytes} MB of the large JPEG through native messaging: {took:.0f} ms")


async def frames(page: Page) -> tuple[float, float | None]:
    """Return what a page waits for each of 20 frames, in ms, and what each holds, in kB."""
    times = []
    for _ in range(FRAME_ROUNDS):
        took = await page.evaluate(
            "(() => { const made = framed(); made.drop(); return made.took; })()"
        )
        assert isinstance(took, int | float)
        times.append(float(took))
    if not isinstance(page, ChromiumPage):
        return statistics.median(times), None
    before = await heap(page)
    await page.evaluate("void (globalThis.kept = framed())")
    return statistics.median(times), (await heap(page) - before) / FRAMES / 1000


async def heap(page: ChromiumPage) -> float:
    """Return the bytes of script that the tab's process holds."""
    await page.call("HeapProfiler.collectGarbage")
    used = (await page.call("Runtime.getHeapUsage"))["usedSize"]
    assert isinstance(used, int | float)
    return float(used)


def empty_extension(folder: Path) -> Path:
    """Return an extension that has a script that does nothing in each world where ours has its own.

    Of two names: Chromium runs a file once in a frame, and would not make the second world.
    """
    root = folder / "empty"
    root.mkdir(exist_ok=True)
    ours = json.loads((EXTENSION / "manifest.json").read_text("utf-8"))
    kept = ("key", "manifest_version", "version", "browser_specific_settings", "host_permissions")
    names = [f"empty_{number}.js" for number, _ in enumerate(ours["content_scripts"])]
    worlds = zip(names, ours["content_scripts"], strict=True)
    scripts = [{**one, "js": [name]} for name, one in worlds]
    manifest = {"name": "empty", **{key: ours[key] for key in kept}, "content_scripts": scripts}
    (root / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    for name in names:
        (root / name).write_text("0;\n", "utf-8")
    return root


def show_frames(
    without: tuple[float, float | None],
    least: tuple[float, float | None],
    guarded: tuple[float, float | None],
) -> None:
    took, floor = guarded[0] - without[0], least[0] - without[0]
    print(f"  a frame that takes no files: {took:.2f} ms more (limit 3), {guarded[0]:.2f} in all")
    print(f"  {floor:.2f} ms of that is what an extension takes whose scripts do nothing")
    if guarded[1] is not None and without[1] is not None and least[1] is not None:
        kept, bare = guarded[1] - without[1], least[1] - without[1]
        print(f"  and {kept:.0f} kB more (limit 300), {bare:.0f} of that as above", flush=True)
