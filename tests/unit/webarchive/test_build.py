"""A saved page as a web archive: what is in it, what is not, and that it comes out the same."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.webarchive.build import SavedPage, build
from support.mhtml_pages import SECRET, Part, mhtml, secret_page

ADDRESS = f"https://example.org/t/7?page=2&session_id={SECRET}"
PAGE = SavedPage(ADDRESS, "A thread ü", "2026-03-05T09:59:58.250Z", "Sharewise 0.1.0")


def files_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def records(archive: bytes) -> bytes:
    return gzip.decompress(files_of(archive)["archive/data.warc.gz"])


def everything(archive: bytes) -> bytes:
    """Return every byte of an archive, and what its packed files unpack to."""
    return archive + b"".join(
        gzip.decompress(content) if name.endswith(".gz") else content
        for name, content in files_of(archive).items()
    )


@pytest.fixture
def archive() -> bytes:
    return build(replace(PAGE, mhtml=secret_page()))


def test_no_byte_of_it_holds_the_secret_or_a_header_of_a_session(archive: bytes) -> None:
    assert secret_page().count(SECRET.encode()) > 10, "the page was full of it"
    found = everything(archive)
    assert SECRET.encode() not in found
    assert b"cookie:" not in found.lower()
    assert b"authorization:" not in found.lower()


def test_an_html_snapshot_loses_its_secrets_too() -> None:
    html = f'<p>Seen</p><input type="hidden" name="a" value="{SECRET}"><a href="/?token={SECRET}">'
    made = build(replace(PAGE, html=html.encode()))
    assert SECRET.encode() not in everything(made)
    assert b"<p>Seen</p>" in records(made)


def test_scripts_and_what_was_fetched_are_not_in_it(archive: bytes) -> None:
    found = records(archive)
    for gone in (b"<script", b"alert(", b"onload", b"application/json", b"javascript"):
        assert gone not in found
    assert b"/api/me" not in everything(archive)


def test_files_lie_where_the_page_looks_for_them(archive: bytes) -> None:
    found = records(archive)
    assert b'href="http://mhtml.invalid/css-1-mhtml.blink"' in found
    assert b"WARC-Target-URI: http://mhtml.invalid/css-1-mhtml.blink" in found
    assert b'src="https://example.org/inner"' in found, "a frame keeps its own address"
    assert b"WARC-Target-URI: https://example.org/inner\r\n" in found
    picture = b"https://example.org/a.png?token=removed-"
    assert b"WARC-Target-URI: " + picture in found
    assert b'src="' + picture in found


def test_the_words_of_the_page_stay_as_they_were(archive: bytes) -> None:
    assert "Grüße &amp; more &lt;b&gt;".encode() in records(archive)


def test_the_address_keeps_all_but_its_secret(archive: bytes) -> None:
    pages = files_of(archive)["pages/pages.jsonl"].decode().splitlines()
    page = json.loads(pages[1])
    assert page["url"] == "https://example.org/t/7?page=2&session_id=removed-1"
    assert page["ts"] == "2026-03-05T09:59:58Z"
    assert page["title"] == "A thread ü"


def test_index_lines_lead_to_whole_records(archive: bytes) -> None:
    found = files_of(archive)
    lines = found["indexes/index.cdx"].decode().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == 4
    for line in lines:
        at = json.loads(line.split(" ", 2)[2])
        begin = int(at["offset"])
        record = gzip.decompress(
            found["archive/data.warc.gz"][begin : begin + int(at["length"])]
        ).decode("utf-8", "replace")
        assert record.startswith("WARC/1.0\r\n")
        assert f"WARC-Target-URI: {at['url']}\r\n" in record
        assert at["digest"] in record


def test_it_describes_itself_as_viewers_want_it(archive: bytes) -> None:
    described = json.loads(files_of(archive)["datapackage.json"])
    assert described["profile"] == "data-package"
    assert described["wacz_version"] == "1.1.1"
    assert all(one["path"].count("/") == 1 for one in described["resources"])


def test_the_same_page_makes_the_same_bytes(archive: bytes) -> None:
    assert build(replace(PAGE, mhtml=secret_page())) == archive


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, "the page itself is missing"),
        ({"html": b"<p>", "address": "about:blank"}, "no address of the web"),
        ({"html": b"<p>", "address": "https://example.org/\r\nCookie: a"}, "no address"),
        ({"html": b"<p>", "taken_at_utc": "yesterday"}, "the time of the page"),
        ({"mhtml": b"From: nobody\r\n\r\n"}, "not a page saved as MHTML"),
        ({"mhtml": secret_page()[:-400]}, "cut off"),
    ],
)
def test_what_cannot_be_archived_is_refused(changed: dict[str, bytes], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        build(replace(PAGE, **changed))  # type: ignore[arg-type]  # fields by name


def test_a_picture_that_could_run_something_is_left_out() -> None:
    harmless = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'
    made = build(
        replace(
            PAGE,
            mhtml=mhtml(
                Part("text/html", b"<p>x</p>", location=ADDRESS),
                Part("image/svg+xml", harmless, location="https://example.org/good.svg"),
                Part(
                    "image/svg+xml",
                    harmless.replace(b"<path", b"<script>x()</script><path"),
                    location="https://example.org/bad.svg",
                ),
                Part("text/plain", b"words", location="https://example.org/words.txt"),
            ),
        )
    )
    index = files_of(made)["indexes/index.cdx"]
    assert b"good.svg" in index
    assert b"bad.svg" not in index
    assert b"words.txt" not in index


def test_a_page_in_another_encoding_is_read_as_it_is() -> None:
    html = '<meta charset="windows-1251"><p>Привет</p>'.encode("windows-1251")
    part = Part("text/html", html, location=ADDRESS)
    made = build(replace(PAGE, mhtml=mhtml(part)))
    assert "<p>Привет</p>".encode() in records(made)


@given(st.text(alphabet="<>/=\"' &;!-ascriptonmetyl\x00é", max_size=80))
def test_whatever_the_page_is_made_of_no_script_or_handler_stays(noise: str) -> None:
    page = f"<p>{noise}<script>bad()</script><b onclick='bad()'>".encode()
    found = records(build(replace(PAGE, html=page))).lower()
    assert b"<script" not in found
    assert b" onclick=" not in found
