"""`page.wacz`: a saved page that ReplayWeb.page and other programs open as it was.

Made from what the browser saved of the page it showed, never from network traffic: what the page
fetched for the person (messages, their account) is not in it unless it was on the screen, and no
script is. Source: WACZ 1.1.1, https://specs.webrecorder.net/wacz/1.1.1/
"""

from __future__ import annotations

import codecs
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sharewise.seals import container
from sharewise.seals.container import Stored
from sharewise.webarchive import page_files, warc
from sharewise.webarchive.cleaned_page import cleaned, cleaned_style
from sharewise.webarchive.page_files import PageFile
from sharewise.webarchive.session_secrets import Secrets

WACZ_VERSION = "1.1.1"
PROFILE = "data-package"
"""Not "wacz": py-wacz 0.6 and ReplayWeb.page 2.5 refuse what calls itself so."""
INNER_HOST = "http://mhtml.invalid/"
"""Stands before the names of files that have no address of their own (RFC 2606, 2)."""

PAGES = frozenset({"text/html", "application/xhtml+xml"})
_KEPT = re.compile(
    r"(?:image|font)/[\w.+-]{1,60}|application/(?:(?:x-)?font[\w.+-]{1,60}|vnd\.ms-fontobject)"
)
_RUNS = re.compile(rb"<\s*(?:script|foreignObject)|\son\w+\s*=|javascript:|<!ENTITY", re.IGNORECASE)
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class SavedPage:
    """What an archive is made from."""

    address: str
    title: str
    taken_at_utc: str
    """RFC 3339 with "Z"; parts of a second are dropped."""
    software: str
    """Name and version of the program."""
    mhtml: bytes | None = None
    html: bytes | None = None
    """One of the two has to be there; the MHTML is taken if both are."""


def build(page: SavedPage) -> bytes:
    """Return the archive; the same page makes the same bytes.

    Raises ValueError, whose text is the end of a sentence, if the page is not what it should be.
    """
    address = page.address
    if urlsplit(address).scheme not in {"http", "https"} or not address.isprintable():
        raise ValueError("the page has no address of the web")
    if page.mhtml is not None:
        files = page_files.of_mhtml(page.mhtml, address=address)
    elif page.html is not None:
        files = page_files.of_html(page.html, address=address)
    else:
        raise ValueError("the page itself is missing")
    taken_at_utc = re.sub(r"(?:\.\d+)?(?:Z|\+00:00)$", "Z", page.taken_at_utc)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", taken_at_utc):
        raise ValueError("the time of the page is not known")
    resources, shown_address = _resources(files)
    made = warc.build(resources, taken_at_utc=taken_at_utc, software=page.software)
    listed = {
        f"archive/{warc.WARC_NAME}": made.content,
        "indexes/index.cdx": made.index,
        "pages/pages.jsonl": _pages(shown_address, page.title, taken_at_utc),
    }
    description = _json(
        {
            "profile": PROFILE,
            "wacz_version": WACZ_VERSION,
            "title": "A saved page",
            "created": taken_at_utc,
            "software": page.software,
            "mainPageUrl": shown_address,
            "mainPageDate": taken_at_utc,
            "resources": [
                {
                    "name": name.rpartition("/")[2].lower(),
                    "path": name,
                    "hash": _sha256(content),
                    "bytes": len(content),
                }
                for name, content in listed.items()
            ],
        }
    )
    digest = _json({"path": "datapackage.json", "hash": _sha256(description)})
    return _zip({**listed, "datapackage.json": description, "datapackage-digest.json": digest})


def _resources(files: Sequence[PageFile]) -> tuple[list[warc.Resource], str]:
    """Return what goes into the archive, the page first, and the address of the page in it."""
    secrets = Secrets()
    places, by_content_id = _places(files)

    def rename(address: str) -> str:
        return by_content_id.get(address.strip(), address)

    texts = {number: _text(file) for number, file in enumerate(files) if _is_text(file)}
    for place in places:
        secrets.learn_from(place)
    clean = {
        number: _cleaned(files[number], text, secrets, rename) for number, text in texts.items()
    }
    if secrets.count:  # what a later place tells is taken out of the earlier ones, too
        clean = {
            number: _cleaned(files[number], text, secrets, rename) for number, text in texts.items()
        }
    kept: dict[str, warc.Resource] = {}
    for number, file in enumerate(files):
        # The page's own address is what the person saw: it is changed as little as can be.
        place = places[number]
        address = secrets.without(place) if number else secrets.without_named(place)
        if number in texts:
            content = clean[number].encode("utf-8", "replace")
            content_type = f"{file.media_type}; charset=utf-8"
        elif _KEPT.fullmatch(file.media_type) and not _runs(file):
            content, content_type = file.content, file.media_type
        else:
            continue
        if urlsplit(address).scheme in {"http", "https"} and address.isprintable():
            kept.setdefault(address, warc.Resource(address, content_type, content))
    resources = list(kept.values())
    return resources, resources[0].address


def _places(files: Sequence[PageFile]) -> tuple[list[str], dict[str, str]]:
    """Return the address of each file in the archive, and those that `cid:` addresses mean."""
    places: list[str] = []
    by_content_id: dict[str, str] = {}
    for file in files:
        own = file.address.partition("#")[0]
        cid = own if own.startswith("cid:") else f"cid:{file.content_id}"
        place = own
        if cid != "cid:" and (own == cid or not own or own in places):
            place = INNER_HOST + re.sub(r"[^\w.-]", "-", cid.removeprefix("cid:"))
        if cid != "cid:" and urlsplit(place).scheme in {"http", "https"}:
            by_content_id[cid] = place
        places.append(place)
    return places, by_content_id


def _is_text(file: PageFile) -> bool:
    return file.media_type in PAGES or file.media_type == "text/css"


def _cleaned(file: PageFile, text: str, secrets: Secrets, rename: Callable[[str], str]) -> str:
    if file.media_type == "text/css":
        return cleaned_style(text, secrets, rename)
    return cleaned(text, secrets, rename=rename)


def _runs(file: PageFile) -> bool:
    """Return whether a picture could run something; such a one is left out whole."""
    is_svg = "svg" in file.media_type or "xml" in file.media_type
    return is_svg and _RUNS.search(file.content) is not None


def _text(file: PageFile) -> str:
    found = _META_CHARSET.search(file.content[:2048])
    for charset in (file.charset, found.group(1).decode("ascii") if found else ""):
        try:
            name = codecs.lookup(charset).name if charset else ""
            if name:
                return file.content.decode(name, "replace")
        except (LookupError, ValueError):
            continue
    return file.content.decode("utf-8", "replace")


def _pages(address: str, title: str, taken_at_utc: str) -> bytes:
    head = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
    identity = hashlib.sha256(f"{address} {taken_at_utc}".encode()).hexdigest()[:22]
    page = {"id": identity, "url": address, "title": title, "ts": taken_at_utc}
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in (head, page)).encode()


def _json(value: dict[str, object]) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"


def _sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _zip(files: dict[str, bytes]) -> bytes:
    """Return a zip of these files, stored as they are: WACZ wants to be read at any place."""
    pieces: list[bytes] = []
    stored: list[Stored] = []
    at = 0
    for name, content in files.items():
        crc32 = zlib.crc32(content)
        header = container.local_header(name, crc32, len(content))
        stored.append(Stored(name, crc32, len(content), at))
        pieces += (header, content)
        at += len(header) + len(content)
    directory = b"".join(container.central_entry(one) for one in stored)
    end = container.end_records(
        count=len(stored), directory_offset=at, directory_bytes=len(directory)
    )
    return b"".join((*pieces, directory, end))
