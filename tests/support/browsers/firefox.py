"""Firefox over raw WebDriver BiDi; what BiDi cannot do goes through the browser's own window."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from support.browsers import firefox_parts as parts
from support.browsers import hosts, processes
from support.browsers.browser import Browser, LogEntry, Settings
from support.browsers.connection import Connection, Json
from support.browsers.errors import HarnessError, unwrapped
from support.browsers.firefox_page import FirefoxPage, FirefoxView, evaluate
from support.browsers.page import Page
from support.browsers.waiting import until

PROGRAMS = ("firefox-esr", "firefox")
START_TIMEOUT_S = 40.0
POPUP_ANSWER_S = 1.0
EXTENSION_UUID = "5a3e0c52-6f0b-4a57-9d0a-6c1f3f2b8d11"
"""Pinned by a preference, so that the addresses of the extension's pages are known."""

PREFERENCES: dict[str, str | int | bool] = {
    "remote.active-protocols": 1,
    "extensions.webextensions.uuids": json.dumps({hosts.FIREFOX_ID: EXTENSION_UUID}),
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "browser.newtabpage.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.sessionstore.resume_from_crash": False,
    "browser.tabs.warnOnClose": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "data:,",
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "services.settings.server": "data:,",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    # Else a page that is left has the script that runs cut off, and the next one of ours logs that
    # it misses that one's names: an error of a document that is gone, in a test about another.
    "dom.ipc.cancel_content_js_when_navigating": False,
    "signon.rememberSignons": False,
    "termsofuse.bypassNotification": True,
    # Else a machine that stands still for five seconds ends whatever content script was at work.
    "dom.max_ext_content_script_run_time": 0,
}


def find_program() -> str:
    """Return the path of Firefox. Raises HarnessError if it is not on this machine."""
    return processes.program(PROGRAMS, "firefox-esr")


def write_profile(profile: Path, settings: Settings) -> None:
    """Write the preferences of a throw-away profile."""
    chosen = {**PREFERENCES, "intl.locale.requested": settings.language}
    profile.mkdir()
    (profile / "user.js").write_text(
        "".join(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in chosen.items())
    )


def command_line(settings: Settings, profile: Path) -> list[str]:
    """Return the words that start Firefox with this profile."""
    words = [find_program(), "--no-remote", "-profile", str(profile)]
    words += ["--headless"] if settings.headless else []
    words += ["--remote-debugging-port", "0", "-remote-allow-system-access"]
    words += ["--width", str(settings.width), "--height", str(settings.height)]
    return [*words, *settings.arguments, "about:blank"]


@asynccontextmanager
async def started_firefox(settings: Settings) -> AsyncIterator[Firefox]:
    """Run Firefox with a throw-away profile and the extension; ends and wipes it."""
    home = Path(tempfile.mkdtemp(prefix="sw-firefox-"))
    try:
        profile = home / "profile"
        write_profile(profile, settings)
        if settings.host is not None:
            hosts.write_firefox_manifest(home, settings.host)
        output = home / "output.txt"
        with output.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *command_line(settings, profile),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=processes.environment(home, {"MOZ_CRASHREPORTER_DISABLE": "1"}),
                start_new_session=processes.own_group(),
            )
        try:
            address = await address_of(profile, process, output)
            async with (
                unwrapped(),
                connect(address, max_size=None, ping_interval=None, proxy=None) as socket,
                asyncio.TaskGroup() as tasks,
            ):
                connection = Connection(socket.send)
                tasks.create_task(read(socket, connection))
                browser = Firefox("firefox", settings, home, connection=connection)
                try:
                    await begin(browser)
                    yield browser
                finally:
                    with suppress(HarnessError):
                        await connection.call("browser.close", timeout_s=5)
                    await socket.close()
            await processes.end(process, asked=True)
        finally:
            await processes.end(process, asked=False)
    finally:
        await processes.wipe(home)


async def address_of(profile: Path, process: asyncio.subprocess.Process, output: Path) -> str:
    """Return the WebSocket address that Firefox writes into its profile."""
    told = profile / "WebDriverBiDiServer.json"

    async def probe() -> str | None:
        if process.returncode is not None:
            raise HarnessError(f"Firefox ended at once\n{processes.last_lines(output)}")
        try:
            found = json.loads(told.read_text())
        except (OSError, ValueError):
            return None
        return f"ws://{found['ws_host']}:{found['ws_port']}/session"

    try:
        return await until(probe, "Firefox to start", within_s=START_TIMEOUT_S)
    except HarnessError as error:
        raise HarnessError(f"{error}\n{processes.last_lines(output)}") from None


async def read(socket: ClientConnection, connection: Connection) -> None:
    """Feed the connection until the browser closes the socket."""
    with suppress(ConnectionClosed):
        while True:
            connection.feed(await socket.recv())
    connection.end("the browser closed its socket")


async def begin(browser: Firefox) -> None:
    """Open the session, prepare the window, and load the extension."""
    call = browser.connection.call
    wanted = {
        "alwaysMatch": {
            "acceptInsecureCerts": browser.settings.trusts_any_site,
            # Left to the test: what else a page may ask is dismissed.
            "unhandledPromptBehavior": {"confirm": "ignore"},
        }
    }
    await call("session.new", {"capabilities": wanted}, timeout_s=START_TIMEOUT_S)
    browser.connection.listen("log.entryAdded", browser.on_entry)
    events = ["log.entryAdded", "browsingContext.userPromptOpened"]
    await call("session.subscribe", {"events": events})

    async def probe() -> str | None:
        tree = await call("browsingContext.getTree", {"moz:scope": "chrome"})
        contexts = tree["contexts"]
        assert isinstance(contexts, list)
        return str(contexts[0]["context"]) if contexts else None

    browser.window = await until(probe, "Firefox's window", within_s=START_TIMEOUT_S)
    await browser.in_window(f"(() => {{ {parts.IN_WINDOW} }})()")
    if browser.settings.extension is None:
        return
    folder = {"type": "path", "path": str(browser.settings.extension)}
    private = {"moz:allowPrivateBrowsing": browser.settings.is_in_private}
    installed = await call("webExtension.install", {"extensionData": folder, **private})
    if installed.get("extension") != hosts.FIREFOX_ID:
        raise HarnessError(f"the extension got the id {installed.get('extension')}")
    # On the toolbar, as by a person who uses it: from the overflow panel it opens unreliably.
    await browser.in_window("void sharewiseHarness.pin()")


@dataclass(slots=True, kw_only=True)
class Firefox(Browser):
    """A running Firefox."""

    connection: Connection
    window: str = ""
    """The browsing context of the browser's own window."""
    entries: list[LogEntry] = field(default_factory=list)

    @property
    def extension_origin(self) -> str:
        return f"moz-extension://{EXTENSION_UUID}"

    async def in_window(self, expression: str) -> object:
        """Evaluate in the browser's own window, with its rights."""
        return await evaluate(self.connection, self.window, expression)

    async def in_content(self, browser: str, body: str, argument: object) -> object:
        """Run `(content, argument) => JSON` in the process of the tab of a XUL browser, which the
        expression `browser` gives."""
        words = f"{json.dumps(body)}, {json.dumps(argument)}"
        return await self.in_window(f"sharewiseHarness.inContent({browser}, {words})")

    async def in_closed_roots(self, browser: str, function: str, argument: object) -> list[object]:
        """Call a function with every closed shadow root of the document of a XUL browser."""
        body = parts.CLOSED_ROOTS.replace("FUNCTION", function)
        found = await self.in_content(browser, body, argument)
        assert isinstance(found, list)
        return found

    def on_entry(self, event: Json) -> None:
        """Keep what a page logged."""
        params = event["params"]
        assert isinstance(params, dict)
        trace = params.get("stackTrace")
        frames = trace.get("callFrames") if isinstance(trace, dict) else None
        source = str(frames[0].get("url", "")) if frames else ""
        level = {"warn": "warning"}.get(str(params["level"]), str(params["level"]))
        self.entries.append(LogEntry(level, str(params.get("text")), source))

    async def open(self, url: str) -> FirefoxPage:
        made = await self.connection.call("browsingContext.create", {"type": "tab"})
        page = FirefoxPage(self, str(made["context"]))
        self.pages.append(page)
        await page.goto(url)
        return page

    async def page_titled(self, title: str, *, within_s: float = 10.0) -> FirefoxPage:
        async def probe() -> FirefoxPage | None:
            tree = await self.connection.call("browsingContext.getTree", {"maxDepth": 0})
            contexts = tree["contexts"]
            assert isinstance(contexts, list)
            for context in contexts:
                page = FirefoxPage(self, str(context["context"]))
                with suppress(HarnessError):  # one that is just opening or going
                    if await page.evaluate("document.title") == title:
                        return page
            return None

        page = await until(probe, f"a window {title!r}", within_s=within_s)
        self.pages.append(page)
        return page

    async def page_at(self, url: str) -> FirefoxPage | None:
        tree = await self.connection.call("browsingContext.getTree", {"maxDepth": 0})
        contexts = tree["contexts"]
        assert isinstance(contexts, list)
        for context in contexts:
            if context.get("url") == url:
                return FirefoxPage(self, str(context["context"]))
        return None

    async def trigger_action(self, page: Page) -> None:
        await page.activate()
        await self.in_window("void sharewiseHarness.press()")

    async def popup(self, *, within_s: float = 10.0) -> FirefoxView:
        popup = FirefoxView(self, "popup")

        async def probe() -> bool:
            if not await self.in_window("sharewiseHarness.isPopupOpen()"):
                return False
            # While it opens Firefox moves it from one browser element to another: a question that
            # is asked just then is never answered.
            try:
                async with asyncio.timeout(POPUP_ANSWER_S):
                    return await popup.evaluate("document.readyState === 'complete'") is True
            except TimeoutError:
                return False

        await until(probe, "the popup", within_s=within_s)
        return popup

    async def evaluate_in_background(self, expression: str) -> object:
        view = FirefoxView(self, "background")

        async def probe() -> bool:
            return bool(await self.in_window("!!sharewiseHarness.viewOf('background')"))

        await until(probe, "the extension's background")
        return await view.evaluate(expression)

    async def ended(self) -> None:
        await self.connection.ended()

    async def logs(self) -> list[LogEntry]:
        found = [await self.in_window("sharewiseHarness.thrown()")]
        views = [page.element for page in self.pages if isinstance(page, FirefoxPage)]
        if await self.in_window("!!sharewiseHarness.viewOf('background')"):
            views.append(FirefoxView(self, "background").element)
        for view in views:
            with suppress(HarnessError):  # a tab that is gone tells nothing any more
                found.append(await self.in_content(view, parts.CONSOLE, self.extension_origin))
        own: list[LogEntry] = []
        for told in found:
            assert isinstance(told, list)
            own += [LogEntry(one["level"], one["text"], one["source"]) for one in told]
        return [*self.entries, *dict.fromkeys(entry for entry in own if entry not in self.entries)]
