"""Every test here that asks for `browser` or `own_browser` runs in Chromium and in Firefox.

`browser` is shared by the whole run (a tab of its own for each test): quick. `own_browser` is
fresh, with an empty `SHAREWISE_HOME` (`installation`): for tests that change settings, seal
captures, or kill something.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.browsers import Browser, HarnessError, Kind, Settings, started
from support.browsers.installation import Installation, installed
from support.sites import Site, running_site

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "extension"
OUTPUT = Path(__file__).parent / "output"
HAS_FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests of this folder in one event loop: the shared browser lives in it."""
    here = Path(__file__).parent
    for item in items:
        is_async = isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj)
        if is_async and item.path.is_relative_to(here):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> object:
    """Remember a failure, so that the fixtures can show what the browser showed."""
    report = yield
    if report.failed:
        item.stash[HAS_FAILED] = True
    return report


@pytest.fixture(scope="session", params=list(Kind), ids=str)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Which browser."""
    return Kind(request.param)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_installation() -> AsyncIterator[Installation]:
    """What the native host of `browser` uses."""
    async with installed() as installation:
        yield installation


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_browser(kind: Kind, shared_installation: Installation) -> AsyncIterator[Browser]:
    """The one browser of this kind; tests ask for `browser`."""
    settings = Settings(EXTENSION, host=shared_installation.launcher())
    async with started(kind, settings) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bare_browser(kind: Kind) -> AsyncIterator[Browser]:
    """One browser of this kind without the extension: what a page sees when nobody guards it."""
    async with started(kind, Settings(None)) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def browser(
    shared_browser: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Browser]:
    """A browser with the extension and its host, shared with other tests; tabs are closed."""
    try:
        yield shared_browser
    finally:
        await show_failure(shared_browser, request)
        await shared_browser.close_pages()


@pytest_asyncio.fixture(loop_scope="session")
async def installation() -> AsyncIterator[Installation]:
    """An empty `SHAREWISE_HOME` for one test."""
    async with installed() as fresh:
        yield fresh


@pytest_asyncio.fixture(loop_scope="session")
async def own_browser(
    kind: Kind, installation: Installation, request: pytest.FixtureRequest
) -> AsyncIterator[Browser]:
    """A browser of this test alone, whose host uses `installation`."""
    settings = Settings(EXTENSION, host=installation.launcher())
    async with started(kind, settings) as fresh:
        try:
            yield fresh
        finally:
            await show_failure(fresh, request)


async def show_failure(browser: Browser, request: pytest.FixtureRequest) -> None:
    """After a failure: pictures of the open tabs into `output`, and what was logged."""
    if not request.node.stash.get(HAS_FAILED, False):
        return
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    for number, page in enumerate(browser.pages, 1):
        try:
            await page.screenshot(OUTPUT / f"failed-{name}-{number}.png")
        except HarnessError as error:
            print(f"no picture of tab {number}: {error}")
    await browser.print_logs()


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[Site]:
    """A web site that takes uploads; its origin is new for every test."""
    async with running_site() as running:
        yield running
