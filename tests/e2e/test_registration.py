"""A real browser finds the host by what `sharewise-host register` wrote, and by nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from sharewise.wire.messages import PROTOCOL
from support.browsers import Browser, Kind, Settings, started
from support.browsers.installation import Installation

ROOT = Path(__file__).resolve().parents[2]
BACKGROUND = """
globalThis.ask = (message) => new Promise((resolve) => {
  const port = chrome.runtime.connectNative('org.sharewise.host');
  port.onMessage.addListener((answer) => { resolve(answer); port.disconnect(); });
  port.onDisconnect.addListener(() =>
    resolve({ gone: String((port.error || chrome.runtime.lastError || {}).message) }));
  port.postMessage(message);
});
"""
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "hello",
    "sender": "background",
    "params": {"protocol": PROTOCOL, "version": "0"},
}


@pytest.fixture
def extension(tmp_path: Path) -> Path:
    """A small extension under our id."""
    ours = json.loads((ROOT / "extension" / "manifest.json").read_bytes())
    kept = ("manifest_version", "version", "key", "browser_specific_settings")
    manifest = {
        **{name: ours[name] for name in kept},
        "name": "Probe",
        "permissions": ["nativeMessaging"],
        "background": {"service_worker": "background.js", "scripts": ["background.js"]},
    }
    folder = tmp_path / "extension"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "background.js").write_text(BACKGROUND)
    return folder


async def sharewise_host(browser: Browser, kind: Kind, *words: str) -> int:
    """Run the command as the person whose home the browser's is."""
    # Chromium's profile of this run takes the place of the person's own.
    config = browser.folder / "config"
    config.mkdir(exist_ok=True)
    profile = config / "chromium"
    if not profile.is_symlink():
        profile.symlink_to(browser.folder / "profile")
    environment = {
        "HOME": str(browser.folder),
        "XDG_CONFIG_HOME": str(config),
        "PATH": os.environ["PATH"],
    }
    command = (sys.executable, "-P", "-m", "sharewise_host", *words, "--browser", str(kind))
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    async with asyncio.timeout(20):
        return await process.wait()


async def test_register_connects_a_browser_and_unregister_parts_it(
    kind: Kind, extension: Path, installation: Installation
) -> None:
    ask = f"ask({json.dumps(HELLO)})"
    async with started(kind, Settings(extension)) as browser:
        alone = await browser.evaluate_in_background(ask)
        assert isinstance(alone, dict)
        assert "gone" in alone

        host = str(installation.launcher())
        assert await sharewise_host(browser, kind, "register", "--host", host) == 0
        answer = await browser.evaluate_in_background(ask)
        assert isinstance(answer, dict)
        assert answer["result"]["protocol"] == PROTOCOL

        assert await sharewise_host(browser, kind, "unregister") == 0
        parted = await browser.evaluate_in_background(ask)
        assert isinstance(parted, dict)
        assert "gone" in parted
