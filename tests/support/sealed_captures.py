"""Sealed captures for tests of the page that shows them, made by the real daemon in moments."""

from __future__ import annotations

import base64
import io
import json

from PIL import Image, ImageDraw

from support.browsers import Page

SEAL = """(async (wanted) => {
  const call = async (method, params) => {
    const answer = await chrome.runtime.sendMessage({ method, params });
    if (answer.error) throw new Error(answer.error.code);
    return answer.result;
  };
  const sealed = [];
  for (const { title, url, age, case_id, parts, at } of wanted) {
    const begun = await call('capture.begin', { case_id, age_answer: age });
    for (const [name, data] of Object.entries(parts)) {
      await call('capture.part', { capture_id: begun.capture_id, name, sequence: 0, data });
    }
    sealed.push(await call('capture.seal', { capture_id: begun.capture_id, record: {
      url, title, clicked_at_utc: at, finished_at_utc: at, utc_offset_minutes: 0,
      time_zone: 'UTC', browser: 'A browser', operating_system: 'linux',
      extension_version: '0.1.0', viewport: { width: 300, height: 200 },
      page_size: { width: 300, height: 200 }, device_pixel_ratio: 1, scroll_steps: 1,
      final_url: url, status_code: 200, response_headers: [['server', 's']],
      server_ip: '192.0.2.1', tiles: [], redirects: [], missing: [] } }));
  }
  return sealed;
})(%s)"""
HTML = b"<!doctype html><title>T</title>words"


def picture(words: str) -> bytes:
    """Return a PNG of a page with some words."""
    image = Image.new("RGB", (900, 1200), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 900, 60), fill=(40, 80, 90))
    for row in range(18):
        left = 40 if row % 2 else 420
        draw.rectangle((left, 90 + row * 60, left + 430, 134 + row * 60), fill=(225, 232, 240))
        draw.text((left + 14, 104 + row * 60), f"{words} {row}", fill=(20, 30, 40))
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def wanted(
    title: str, *, text: str = "words", age: str | None = "adults", case_id: str | None = None
) -> dict[str, object]:
    """Return what is to be sealed: a whole capture, or words alone for anybody under 18."""
    parts = {"text.txt": text.encode()}
    if age == "adults":
        shot = picture(title)
        parts |= {"screenshot-window.png": shot, "screenshot-full.png": shot, "page.html": HTML}
    return {
        "title": title,
        "url": f"https://chat.example/{abs(hash(title)) % 1000}",
        "age": age,
        "case_id": case_id,
        "at": "2026-11-25T10:00:00.000Z",
        "parts": {name: base64.b64encode(data).decode() for name, data in parts.items()},
    }


async def sealed(control: Page, *captures: dict[str, object]) -> list[dict[str, object]]:
    """Seal captures, one after another."""
    made = await control.evaluate(SEAL % json.dumps(captures))
    assert isinstance(made, list)
    return made
