"""Chromium over raw CDP: `--remote-debugging-pipe`, flat sessions, no driver in between."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from support.browsers import hosts, processes
from support.browsers.browser import Browser, LogEntry, Settings
from support.browsers.chromium_page import (
    ChromiumPage,
    evaluate,
    exception_text,
    params_of,
    source_of,
)
from support.browsers.connection import Connection, Json
from support.browsers.errors import HarnessError, unwrapped
from support.browsers.page import Page
from support.browsers.waiting import until

PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
START_TIMEOUT_S = 30.0
MESSAGE_LIMIT_BYTES = 256 * 1024 * 1024
"""The longest answer: the picture of a long page in base64."""

QUIET = (
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-search-engine-choice-screen",
    "--password-store=basic",
    "--use-mock-keychain",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
)
AS_PIPE = 'exec "$@" 3<&0 4>&1 0</dev/null 1>&2'
"""The browser speaks CDP on the files 3 and 4: they are made of the shell's input and output."""


def find_program() -> str:
    """Return the path of Chromium. Raises HarnessError if it is not on this machine."""
    return processes.program(PROGRAMS, "chromium")


def command_line(settings: Settings, profile: Path) -> list[str]:
    """Return the words that start Chromium with this profile."""
    words = [find_program(), *QUIET, f"--user-data-dir={profile}"]
    words += [f"--window-size={settings.width},{settings.height}", f"--lang={settings.language}"]
    words += ["--headless=new", "--hide-scrollbars"] if settings.headless else []
    if os.name == "posix" and os.geteuid() == 0:
        words.append("--no-sandbox")
    words += ["--ignore-certificate-errors"] if settings.trusts_any_site else []
    words += ["--remote-debugging-pipe", "--enable-unsafe-extension-debugging"]
    return [*words, *settings.arguments, "about:blank"]


@asynccontextmanager
async def started_chromium(settings: Settings) -> AsyncIterator[Chromium]:
    """Run Chromium with a throw-away profile and the extension; ends and wipes it."""
    home = Path(tempfile.mkdtemp(prefix="sw-chromium-"))
    try:
        profile = home / "profile"
        profile.mkdir()
        if settings.host is not None:
            hosts.write_chromium_manifest(profile, settings.host)
        output = home / "output.txt"
        language = {"LANGUAGE": settings.language, "LC_ALL": "C.UTF-8"}
        with output.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", AS_PIPE, "sh", *command_line(settings, profile)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=processes.environment(home, language),
                start_new_session=True,
                limit=MESSAGE_LIMIT_BYTES,
            )
        try:
            async with unwrapped(), asyncio.TaskGroup() as tasks:
                connection = connect(process)
                reader = tasks.create_task(read(process, connection))
                browser = Chromium("chromium", settings, home, connection=connection, tasks=tasks)
                try:
                    await begin(browser, output)
                    yield browser
                finally:
                    with suppress(HarnessError):
                        await connection.call("Browser.close", timeout_s=5)
                    connection.end("it was closed")
                    await processes.end(process, asked=True)
                    reader.cancel()
        finally:
            await processes.end(process, asked=False)
    finally:
        await processes.wipe(home)


def connect(process: asyncio.subprocess.Process) -> Connection:
    """Return the connection that writes into the browser's pipe."""
    into = process.stdin
    assert into is not None

    async def send(text: str) -> None:
        try:
            into.write(text.encode() + b"\0")
            await into.drain()
        except (ConnectionError, RuntimeError) as error:
            raise HarnessError("the browser closed its pipe") from error

    return Connection(send)


async def read(process: asyncio.subprocess.Process, connection: Connection) -> None:
    """Feed the connection until the browser closes its pipe."""
    out = process.stdout
    assert out is not None
    try:
        while True:
            message = await out.readuntil(b"\0")
            connection.feed(message[:-1])
    except (asyncio.IncompleteReadError, ConnectionError):
        connection.end("the browser closed its pipe")


async def begin(browser: Chromium, output: Path) -> None:
    """Wait for the browser, listen to what it logs, and load the extension."""
    try:
        await browser.call("Browser.getVersion", timeout_s=START_TIMEOUT_S)
    except HarnessError as error:
        raise HarnessError(
            f"Chromium did not start: {error}\n{processes.last_lines(output)}"
        ) from None
    browser.listen()
    if browser.settings.watch_background:
        watched = [{"type": "service_worker", "exclude": False}, {"exclude": True}]
        await browser.call(
            "Target.setAutoAttach",
            {
                "autoAttach": True,
                "waitForDebuggerOnStart": False,
                "flatten": True,
                "filter": watched,
            },
        )
    if browser.settings.extension is not None:
        await browser.load(browser.settings.extension)


@dataclass(slots=True, kw_only=True)
class Chromium(Browser):
    """A running Chromium."""

    connection: Connection
    tasks: asyncio.TaskGroup
    entries: list[LogEntry] = field(default_factory=list)

    @property
    def extension_origin(self) -> str:
        return f"chrome-extension://{hosts.CHROMIUM_ID}"

    async def call(
        self, method: str, params: Json | None = None, *, timeout_s: float = 30.0
    ) -> Json:
        """Send a command to the browser as a whole."""
        return await self.connection.call(method, params, timeout_s=timeout_s)

    def listen(self) -> None:
        """Collect what every attached session logs."""
        self.connection.listen("Runtime.consoleAPICalled", self.on_console)
        self.connection.listen("Runtime.exceptionThrown", self.on_exception)
        self.connection.listen("Log.entryAdded", self.on_log)
        self.connection.listen("Target.attachedToTarget", self.on_attached)

    def on_attached(self, event: Json) -> None:
        """Ask a worker of the extension for its log; pages ask for theirs themselves."""
        params = params_of(event)
        info = params["targetInfo"]
        assert isinstance(info, dict)
        if info.get("type") == "service_worker":
            self.tasks.create_task(self.watch_worker(str(params["sessionId"])))

    async def watch_worker(self, session: str) -> None:
        """Switch the log of a worker on; a worker that ended meanwhile has none."""
        with suppress(HarnessError):
            await self.connection.call("Runtime.enable", session=session)
            await self.connection.call("Log.enable", session=session)

    def on_console(self, event: Json) -> None:
        """Keep one `console.…` call."""
        params = params_of(event)
        values = params.get("args")
        words = [
            str(value.get("value", value.get("description", "")))
            for value in (values if isinstance(values, list) else [])
        ]
        level = str(params.get("type"))
        known = {"error": "error", "assert": "error", "warning": "warning", "debug": "debug"}
        self.entries.append(LogEntry(known.get(level, "info"), " ".join(words), source_of(params)))

    def on_exception(self, event: Json) -> None:
        """Keep one exception that nothing caught."""
        details = params_of(event).get("exceptionDetails")
        assert isinstance(details, dict)
        self.entries.append(LogEntry("error", exception_text(details), source_of(details)))

    def on_log(self, event: Json) -> None:
        """Keep one line that the browser itself logged."""
        entry = params_of(event).get("entry")
        assert isinstance(entry, dict)
        level = {"verbose": "debug"}.get(str(entry.get("level")), str(entry.get("level")))
        self.entries.append(LogEntry(level, str(entry.get("text")), str(entry.get("url", ""))))

    async def open(self, url: str) -> ChromiumPage:
        made = await self.call("Target.createTarget", {"url": "about:blank"})
        page = await self.attach(str(made["targetId"]))
        self.pages.append(page)
        await page.goto(url)
        return page

    async def page_titled(self, title: str, *, within_s: float = 10.0) -> ChromiumPage:
        opened: dict[str, ChromiumPage] = {}

        async def probe() -> ChromiumPage | None:
            for target in await self.targets("page"):
                key = str(target["targetId"])
                if target.get("openerId") and key not in opened:
                    opened[key] = await self.attach(key)
                    # Until then the window, and the page that opened it, stand still.
                    await opened[key].call("Runtime.runIfWaitingForDebugger")
                if target.get("title") == title and key in opened:
                    return opened[key]
            return None

        page = await until(probe, f"a window {title!r}", within_s=within_s)
        self.pages.append(page)
        return page

    async def page_at(self, url: str) -> ChromiumPage | None:
        for target in await self.targets("page"):
            if target.get("url") == url:
                return await self.attach(str(target["targetId"]))
        return None

    async def attach(self, target: str) -> ChromiumPage:
        """Return a page for a target that is there."""
        attached = await self.call("Target.attachToTarget", {"targetId": target, "flatten": True})
        page = ChromiumPage(self.connection, target, str(attached["sessionId"]))
        for domain in ("Page", "Runtime", "Log", "DOM"):
            await page.call(f"{domain}.enable")
        return page

    async def targets(self, kind: str) -> list[Json]:
        """Return the targets of a kind: "page", "tab", "service_worker"."""
        found = await self.call("Target.getTargets", {"filter": [{"type": kind}]})
        infos = found["targetInfos"]
        assert isinstance(infos, list)
        return infos

    async def trigger_action(self, page: Page) -> None:
        assert isinstance(page, ChromiumPage)
        await page.activate()
        here = await page.url()

        async def probe() -> str | None:
            for tab in await self.targets("tab"):
                data = tab.get("embedderData")
                is_active = isinstance(data, dict) and data.get("tabActive")
                if is_active and tab.get("url") == here:
                    return str(tab["targetId"])
            return None

        tab = await until(probe, "the tab to be in front")
        await self.call("Extensions.triggerAction", {"id": hosts.CHROMIUM_ID, "targetId": tab})

    async def load(self, extension: Path) -> None:
        """Load the extension, as when a person installs it. Raises HarnessError."""
        wanted: Json = {"path": str(extension), "enableInIncognito": self.settings.is_in_private}
        loaded = await self.call("Extensions.loadUnpacked", wanted)
        if loaded.get("id") != hosts.CHROMIUM_ID:
            raise HarnessError(f"the extension got the id {loaded.get('id')}: where is its key?")

    async def popup(self, *, within_s: float = 10.0) -> ChromiumPage:
        async def probe() -> ChromiumPage | None:
            known = {page.target for page in self.pages if isinstance(page, ChromiumPage)}
            for target in await self.targets("page"):
                is_ours = str(target.get("url", "")).startswith(self.extension_origin)
                if is_ours and target["targetId"] not in known:
                    return await self.attach(str(target["targetId"]))
            return None

        popup = await until(probe, "the popup", within_s=within_s)
        await popup.until_true("document.readyState === 'complete'", within_s=within_s)
        return popup

    async def evaluate_in_background(self, expression: str) -> object:
        async def probe() -> Json | None:
            for worker in await self.targets("service_worker"):
                if str(worker.get("url", "")).startswith(self.extension_origin):
                    return worker
            return None

        worker = await until(probe, "the extension's worker")
        attached = await self.call(
            "Target.attachToTarget", {"targetId": worker["targetId"], "flatten": True}
        )
        session = str(attached["sessionId"])

        async def has_run() -> bool:
            state = "globalThis.serviceWorker?.state === 'activated'"
            return await evaluate(self.connection, session, state) is True

        try:
            await until(has_run, "the extension's worker to have run its script")
            return await evaluate(self.connection, session, expression)
        finally:
            with suppress(HarnessError):
                await self.call("Target.detachFromTarget", {"sessionId": session})

    async def ended(self) -> None:
        await self.connection.ended()

    async def logs(self) -> list[LogEntry]:
        return list(self.entries)
