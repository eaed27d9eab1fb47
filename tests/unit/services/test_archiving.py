"""A capture's page becomes a web archive beside it, or the record says why not."""

from __future__ import annotations

import io
import zipfile

from sharewise.seals.digests import digest_of
from sharewise.services.archiving import MAX_SOURCE_BYTES, archive
from sharewise.wire.captures import Missing
from support.evidence import HTML, MHTML, page
from support.mhtml_pages import SECRET, secret_page


class InMemory:
    """Parts by name."""

    def __init__(self, **parts: bytes) -> None:
        self.parts = {name.replace("_", "."): content for name, content in parts.items()}
        self.digests = {name: digest_of(content) for name, content in self.parts.items()}

    def open(self, name: str) -> io.BytesIO:
        return io.BytesIO(self.parts[name])

    def create(self, name: str) -> io.BytesIO:
        parts = self.parts

        class Output(io.BytesIO):
            def close(self) -> None:
                parts[name] = self.getvalue()
                super().close()

        return Output()

    def drop(self, name: str) -> None:
        self.parts.pop(name, None)


def test_it_is_made_of_the_mhtml_and_listed_with_its_digest() -> None:
    payload = InMemory(page_mhtml=MHTML, page_html=HTML)
    made = archive(payload, payload.digests, page())
    assert made == digest_of(payload.parts["page.wacz"])
    with zipfile.ZipFile(io.BytesIO(payload.parts["page.wacz"])) as opened:
        assert b'"mainPageUrl": "https://example.org/thread/7"' in opened.read("datapackage.json")


def test_a_browser_that_writes_no_mhtml_gets_one_too() -> None:
    payload = InMemory(page_html=HTML)
    assert archive(payload, payload.digests, page()) == digest_of(payload.parts["page.wacz"])


def test_no_secret_of_the_page_is_in_it() -> None:
    payload = InMemory(page_mhtml=secret_page())
    archive(payload, payload.digests, page())
    assert SECRET.encode() not in payload.parts["page.wacz"]


def test_without_a_page_there_is_none_and_nothing_more_to_say() -> None:
    payload = InMemory()
    assert archive(payload, payload.digests, page()) is None


def test_one_that_cannot_be_made_is_told_and_leaves_nothing() -> None:
    payload = InMemory(page_mhtml=b"noise")
    made = archive(payload, payload.digests, page())
    assert made == Missing("page.wacz", "It could not be made: a part has no end of its header.")
    assert "page.wacz" not in payload.parts
    from dataclasses import replace

    payload = InMemory(page_html=HTML)
    large = {"page.html": replace(payload.digests["page.html"], size_bytes=MAX_SOURCE_BYTES + 1)}
    assert isinstance(archive(payload, large, page()), Missing)
