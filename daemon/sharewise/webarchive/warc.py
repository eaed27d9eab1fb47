"""Files as WARC records, one gzip member each, and the lines by which they are found.

The records are of the type `resource`: they are what the browser held, not an answer of a server
as it came over the network. Written here and not by `warcio`, which keeps what is larger than half
a megabyte in a temporary file: nothing of a capture may lie on the disk in plain.
Source: ISO 28500:2017, 4 and 6.5; CDXJ as in WACZ 1.1.1.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

WARC_NAME = "data.warc.gz"
_PACKED_ALREADY = re.compile(r"image/(?!svg|bmp)|font/woff|application/font-woff", re.IGNORECASE)
_NAMESPACE = uuid.UUID("6f0b43a4-2f5c-5b06-9d0a-7f4f0f0f3e51")
"""Of record ids: the same record has the same one."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One file as it goes into the archive."""

    address: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Warc:
    """The records, and their index in CDXJ."""

    content: bytes
    index: bytes


def build(resources: Sequence[Resource], *, taken_at_utc: str, software: str) -> Warc:
    """Return the archive of these resources.

    `taken_at_utc` is RFC 3339 with "Z" and whole seconds. No name of this computer is in it.
    """
    info = f"software: {software}\r\nformat: WARC File Format 1.0\r\nisPartOf: a saved page\r\n"
    about = Resource("", "application/warc-fields", info.encode())
    members = [_member("warcinfo", about, _digest(about.content), taken_at_utc)]
    lines: list[str] = []
    offset = len(members[0])
    for resource in resources:
        digest = _digest(resource.content)
        member = _member("resource", resource, digest, taken_at_utc)
        lines.append(_index_line(resource, digest, taken_at_utc, offset, len(member)))
        members.append(member)
        offset += len(member)
    return Warc(b"".join(members), "".join(sorted(lines)).encode())


def _member(kind: str, resource: Resource, digest: str, taken_at_utc: str) -> bytes:
    address, content = resource.address, resource.content
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(_NAMESPACE, f'{kind} {address} {digest}')}>",
        "WARC-Date": taken_at_utc,
        "WARC-Filename": "" if address else WARC_NAME,
        "WARC-Target-URI": address,
        "WARC-Block-Digest": digest,
        "Content-Type": resource.content_type,
        "Content-Length": str(len(content)),
    }
    assert all(value.isprintable() for value in fields.values()), "one field, one line"
    lines = (f"{name}: {value}\r\n" for name, value in fields.items() if value)
    head = "".join(("WARC/1.0\r\n", *lines, "\r\n")).encode()
    # Pictures are packed already: packing them again costs a second for 25 MB and wins nothing.
    level = 0 if _PACKED_ALREADY.match(resource.content_type) else 6
    packer = zlib.compressobj(level, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    pieces = (head, content, b"\r\n\r\n")
    return b"".join((*map(packer.compress, pieces), packer.flush()))


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _index_line(
    resource: Resource, digest: str, taken_at_utc: str, offset: int, size_bytes: int
) -> str:
    stamp = re.sub(r"\D", "", taken_at_utc)[:14]
    fields = {
        "url": resource.address,
        "mime": resource.content_type.partition(";")[0],
        "status": "200",
        "digest": digest,
        "length": str(size_bytes),
        "offset": str(offset),
        "filename": WARC_NAME,
    }
    return f"{sort_key(resource.address)} {stamp} {json.dumps(fields)}\n"


def sort_key(address: str) -> str:
    """Return the address with its host turned round, as indexes are sorted: "org,example)/path"."""
    parts = urlsplit(address.lower())
    host = ",".join(reversed((parts.hostname or "").split(".")))
    port = f":{parts.port}" if parts.port else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{port}){parts.path or '/'}{query}"
