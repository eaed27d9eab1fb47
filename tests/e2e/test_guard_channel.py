"""A data channel between two peers (WebRTC) carries nothing of a file that the person has not let
through, neither the file nor bytes read from it, before the choice and after a Cancel.

Both peers are in one page and reach each other over the loopback: what arrives at the far end is
what would arrive at anybody's.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from support.browsers import Browser, Kind, Page, Settings, started
from support.browsers.firefox import Firefox
from support.browsers.installation import Installation
from support.pictures import DEVICE, gps_jpeg, put
from support.sites import Site

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
OUTPUT = Path(__file__).parent / "output"
REMOVE = "Remove and share"
CANCEL = "Cancel"
CLOSE = "Close"

SENDS = {
    "the file": "channel.send(file)",
    "a Blob of it": "channel.send(new Blob([file]))",
    "a part of it": "channel.send(file.slice(0, file.size))",
    "its bytes": "channel.send(await file.arrayBuffer())",
    "its bytes, typed": "channel.send(new Uint8Array(await file.arrayBuffer()))",
    "bytes by a FileReader": """channel.send(await new Promise((done, failed) => {
        const reader = new FileReader();
        reader.onload = () => done(reader.result);
        reader.onerror = () => failed(reader.error);
        reader.readAsArrayBuffer(file);
      }))""",
    "bytes by a Response": "channel.send(await new Response(file).arrayBuffer())",
    "bytes by a stream": """{
        const reader = file.stream().getReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          channel.send(value);
        }
      }""",
}

CONNECT = """(async () => {
  const near = new RTCPeerConnection();
  const far = new RTCPeerConnection();
  near.onicecandidate = ({ candidate }) => far.addIceCandidate(candidate ?? undefined);
  far.onicecandidate = ({ candidate }) => near.addIceCandidate(candidate ?? undefined);
  window.arrived = [];
  far.ondatachannel = ({ channel }) => {
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => {
      const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
      arrived.push(new TextDecoder('latin1').decode(bytes));
    };
  };
  window.channel = near.createDataChannel('one');
  window.peers = [near, far];
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
})()"""

SEND = """(async () => {
  const bytes = Uint8Array.from(atob('%(data)s'), (letter) => letter.charCodeAt(0));
  const file = new File([bytes], '%(name)s', { type: 'image/jpeg', lastModified: %(date)s });
  const ways = { %(ways)s };
  const results = {};
  for (const [name, way] of Object.entries(ways)) {
    try {
      await way(file);
      results[name] = 'done';
    } catch (error) {
      results[name] = error.name;
    }
  }
  // Strings overtake Blobs in Chromium; one Blob does not overtake another.
  channel.send(new Blob(['over']));
  return results;
})()"""


@asynccontextmanager
async def browser_with_loopback(kind: Kind, installation: Installation) -> AsyncIterator[Browser]:
    """A browser whose peers may use the loopback and tell each other real addresses."""
    loopback = (
        "--allow-loopback-in-peer-connection",
        "--disable-features=WebRtcHideLocalIpsWithMdns",
    )
    arguments = loopback if kind is Kind.CHROMIUM else ()
    settings = Settings(EXTENSION, host=installation.launcher(), arguments=arguments)
    async with started(kind, settings) as browser:
        if isinstance(browser, Firefox):
            for name, value in (("loopback", "true"), ("obfuscate_host_addresses", "false")):
                await browser.in_window(
                    f"void Services.prefs.setBoolPref('media.peerconnection.ice.{name}', {value})"
                )
        yield browser


async def sent(page: Page, photo: Path, name: str) -> tuple[dict[str, str], int]:
    """Return how each way ended, and how often the photo arrived at the far end."""
    ways = ", ".join(
        f"{json.dumps(way)}: async (file) => {{ {body}; }}" for way, body in SENDS.items()
    )
    given = {
        "data": base64.b64encode(photo.read_bytes()).decode(),
        "name": name,
        "date": int(photo.stat().st_mtime * 1000),
        "ways": ways,
    }
    results = await page.evaluate(SEND % given)
    assert isinstance(results, dict)
    arrived = await page.until_true("arrived.includes('over') && arrived.splice(0)", within_s=20)
    assert isinstance(arrived, list)
    return results, sum(DEVICE.decode() in message for message in arrived)


async def test_nothing_of_a_held_file_arrives_at_the_other_end_of_a_channel(
    kind: Kind, installation: Installation, site: Site, tmp_path: Path
) -> None:
    photo = put(tmp_path, "telling.jpg", gps_jpeg())
    async with browser_with_loopback(kind, installation) as browser:
        page = await browser.open(site.page("auto.html"))
        await page.evaluate(CONNECT)
        await page.until_true("channel.readyState === 'open'", within_s=30)
        free, arrived = await sent(page, photo, "other.jpg")
        assert free == dict.fromkeys(SENDS, "done")
        assert arrived == len(SENDS), "another file is the page's own, and the channel works"

        await page.pick_files("#file", [photo])
        await page.card()
        undecided, arrived = await sent(page, photo, photo.name)
        assert arrived == 0
        await page.choose(CANCEL)
        await page.card_gone()
        cancelled, arrived = await sent(page, photo, photo.name)
        assert arrived == 0
        await page.choose(CLOSE)
        await page.card_gone()
        lines = [f"{'sent over a data channel':28}{'before the choice':22}{'after Cancel':22}"]
        lines += [f"{way:28}{undecided[way]:22}{cancelled[way]:22}" for way in SENDS]
        OUTPUT.mkdir(exist_ok=True)
        (OUTPUT / f"data-channel-{browser.name}.txt").write_text("\n".join(lines) + "\n")
        print("\n" + "\n".join(lines))
        assert "done" not in [*undecided.values(), *cancelled.values()]

        await page.pick_files("#file", [photo])
        await page.choose(REMOVE)
        await site.wait_for_files(1)
        await page.evaluate(
            """(async () => {
              const [file] = document.getElementById('file').files;
              channel.send(await file.arrayBuffer());
              channel.send(file);
              channel.send(new Blob(['over']));
            })()"""
        )
        shared = await page.until_true("arrived.includes('over') && arrived.splice(0)")
        assert isinstance(shared, list)
        cleaned, again, _ = shared
        assert cleaned == again
        assert cleaned.startswith("\xff\xd8")
        assert DEVICE.decode() not in cleaned
