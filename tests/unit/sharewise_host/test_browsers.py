from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sharewise_host.browsers import TABLE, Bases, System, host_in, render
from sharewise_host.identity import CHROMIUM_IDS, GECKO_IDS, HOST_NAME, Family

GOLDEN = Path(__file__).with_name("browsers.golden.json")
NAMED_IN_THE_PRODUCT = {"chrome", "chromium", "edge", "brave", "vivaldi", "opera", "firefox"}


def table_as_text() -> str:
    """Return every row of the table, so that a change of any shows in a diff."""
    rows = [
        {
            "system": system,
            "browser": browser.name,
            "title": browser.title,
            "family": browser.family,
            "user": browser.user,
            "machine": browser.machine,
            "evidence": browser.evidence,
            "programs": browser.programs,
            "note": browser.note,
        }
        for system, browsers in TABLE.items()
        for browser in browsers
    ]
    manifests = [
        {"family": family, "manifest": render(family, "/opt/a b/sharewise-host").decode()}
        for family in Family
    ]
    return json.dumps([*rows, *manifests], indent=1) + "\n"


def test_every_row_is_as_it_was_looked_up() -> None:
    """Wrong on purpose? Then write `table_as_text()` into the golden file and read the diff."""
    assert table_as_text() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("system", System)
def test_every_browser_of_the_product_is_there_on_every_system(system: System) -> None:
    names = [browser.name for browser in TABLE[system]]
    assert set(names) >= NAMED_IN_THE_PRODUCT
    assert len(names) == len(set(names))


@pytest.mark.parametrize("system", [System.LINUX, System.MACOS])
def test_folders_are_absolute_once_expanded(system: System) -> None:
    bases = Bases("/home/x", "/home/x/.config", "/l", "/r")
    for browser in TABLE[system]:
        for place in (browser.user, browser.machine, *browser.evidence):
            expanded = bases.expand(place)
            assert place == "" or expanded.startswith("/")
            assert not re.search(r"[~$\\]", expanded)


def test_keys_name_the_host_and_a_root() -> None:
    for browser in TABLE[System.WINDOWS]:
        assert browser.user.startswith("HKCU\\")
        assert browser.machine == "HKLM\\" + browser.user.removeprefix("HKCU\\")
        assert browser.user.endswith(f"\\NativeMessagingHosts\\{HOST_NAME}")


def test_a_browser_that_cannot_be_reached_says_why() -> None:
    for browsers in TABLE.values():
        for browser in browsers:
            assert browser.is_reachable or browser.note
            assert browser.evidence


def test_the_name_is_one_that_browsers_take() -> None:
    assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", HOST_NAME)


@pytest.mark.parametrize(
    "host", ["/opt/sharewise-host", '/opt/a "b"\\c', "C:\\x\\é.exe", "/日本/host"]
)
@pytest.mark.parametrize("family", Family)
def test_a_manifest_says_the_path_and_only_our_extensions(family: Family, host: str) -> None:
    manifest = json.loads(render(family, host))
    assert (manifest["name"], manifest["path"], manifest["type"]) == (HOST_NAME, host, "stdio")
    match family:
        case Family.CHROMIUM:
            origins = [f"chrome-extension://{an_id}/" for an_id in CHROMIUM_IDS]
            assert manifest["allowed_origins"] == origins
            assert "allowed_extensions" not in manifest
        case Family.GECKO:
            assert manifest["allowed_extensions"] == list(GECKO_IDS)
            assert "allowed_origins" not in manifest
    assert host_in(family, render(family, host)) == host


def test_an_older_manifest_of_ours_is_still_ours() -> None:
    manifest = json.loads(render(Family.GECKO, "/old"))
    manifest["description"] = "another"
    manifest["allowed_extensions"].append("second@sharewise")
    assert host_in(Family.GECKO, json.dumps(manifest).encode()) == "/old"


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        pytest.param(b"[" * 100_000, id="deeper than any stack"),
        b'{"name":"org.sharewise.host"}',
        b'{"name":"org.sharewise.host","path":7,"allowed_extensions":["extension@sharewise"]}',
        b'{"name":"org.sharewise.host","path":"/x","allowed_extensions":["other@x"]}',
        b'{"name":"org.sharewise.host","path":"/x","allowed_extensions":"extension@sharewise"}',
        b'{"name":"org.sharewise.host","path":"/x","allowed_extensions":[{}]}',
        b'{"name":"other","path":"/x","allowed_extensions":["extension@sharewise"]}',
        render(Family.CHROMIUM, "/x"),
    ],
)
def test_anything_else_is_not_ours(foreign: bytes) -> None:
    assert host_in(Family.GECKO, foreign) is None
