from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from sharewise_host.identity import (
    CHROMIUM_IDS,
    GECKO_IDS,
    HOST_NAME,
    Caller,
    Family,
    caller_of,
)

EXTENSION = Path(__file__).parents[3] / "extension"
OURS = f"chrome-extension://{CHROMIUM_IDS[0]}/"


def manifest() -> dict[str, object]:
    loaded = json.loads((EXTENSION / "manifest.json").read_bytes())
    assert isinstance(loaded, dict)
    return loaded


def test_the_pinned_chromium_id_follows_from_the_key_in_the_manifest() -> None:
    key = manifest()["key"]
    assert isinstance(key, str)
    digest = hashlib.sha256(base64.b64decode(key, validate=True)).hexdigest()[:32]
    letters = "".join(chr(ord("a") + int(digit, 16)) for digit in digest)
    assert letters in CHROMIUM_IDS


def test_the_pinned_firefox_id_is_the_one_in_the_manifest() -> None:
    specific = manifest()["browser_specific_settings"]
    assert isinstance(specific, dict)
    assert specific["gecko"]["id"] in GECKO_IDS


def test_the_extension_asks_for_the_host_by_its_name() -> None:
    sources = [path.read_text(encoding="utf-8") for path in EXTENSION.rglob("*.js")]
    assert any(HOST_NAME in source for source in sources)


@pytest.mark.parametrize(
    ("arguments", "caller"),
    [
        ([OURS], Caller(Family.CHROMIUM, CHROMIUM_IDS[0])),
        ([OURS, "--parent-window=7"], Caller(Family.CHROMIUM, CHROMIUM_IDS[0])),
        (["chrome-extension://other/"], Caller(Family.CHROMIUM, "other")),
        (["/x/y.json", GECKO_IDS[0]], Caller(Family.GECKO, GECKO_IDS[0])),
        ([r"C:\x\y.json", GECKO_IDS[0]], Caller(Family.GECKO, GECKO_IDS[0])),
        ([], None),
        (["list"], None),
        (["register", "--json"], None),
        (["/x/y.json"], None),
        (["/x/y.json", GECKO_IDS[0], "more"], None),
        (["--help"], None),
    ],
)
def test_arguments_tell_which_extension_calls(arguments: list[str], caller: Caller | None) -> None:
    assert caller_of(arguments) == caller


@pytest.mark.parametrize(
    "caller",
    [
        Caller(Family.CHROMIUM, ""),
        Caller(Family.CHROMIUM, "a" * 32),
        Caller(Family.CHROMIUM, CHROMIUM_IDS[0].upper()),
        Caller(Family.CHROMIUM, CHROMIUM_IDS[0] + "/"),
        Caller(Family.CHROMIUM, GECKO_IDS[0]),
        Caller(Family.GECKO, CHROMIUM_IDS[0]),
        Caller(Family.GECKO, GECKO_IDS[0] + "x"),
    ],
)
def test_only_the_exact_ids_are_ours(caller: Caller) -> None:
    assert not caller.is_ours


def test_our_ids_are_ours() -> None:
    assert Caller(Family.CHROMIUM, CHROMIUM_IDS[0]).is_ours
    assert Caller(Family.GECKO, GECKO_IDS[0]).is_ours
