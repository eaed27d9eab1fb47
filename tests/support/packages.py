"""Cases as the vault hands them over, made in memory: sealed items, a log, time-stamps."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sharewise.keys import DeviceKey, device_key
from sharewise.seals import checkpoint, entry, layout, merkle, timestamp
from sharewise.seals.digests import Digest, digest_of
from sharewise.seals.record import ClockRecord, PartRecord
from sharewise.services import record
from sharewise.services.contents import (
    CaseContents,
    CustodyRow,
    LogEntry,
    PackageOptions,
    Stamp,
    Stamper,
)
from sharewise.services.package import Package, package_of
from sharewise.services.record import CaptureFile
from sharewise.services.sealing import bag_of
from sharewise.wire.captures import CaptureRecord, Missing
from support.evidence import SetClock, page, picture
from support.stamping import Authority

CASE_ID = "00000000000000c1"
EXPORTED = "2026-03-06T09:00:00.000Z"


@dataclass(frozen=True, slots=True)
class MemoryItem:
    """A sealed item."""

    item_id: str
    original_id: str | None
    sealed_at_utc: str
    files: Mapping[str, bytes]

    @property
    def digests(self) -> Mapping[str, Digest]:
        return {name: digest_of(content) for name, content in self.files.items()}

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO(self.files[name])


@dataclass(slots=True)
class MemoryVault:
    """Seals, logs and stamps as the vault does, without a disk but for the key."""

    root: Path
    authority: Authority | None = None
    items: list[MemoryItem] = field(default_factory=list)
    rows: list[CustodyRow] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)
    tree: merkle.Tree = field(default_factory=merkle.Tree)
    stamps: dict[str, tuple[bytes, bytes, int]] = field(default_factory=dict)
    key: DeviceKey = field(init=False)

    def __post_init__(self) -> None:
        self.key = device_key(self.root / "keys", SetClock())
        self.log("2026-03-05T09:59:00.000Z", "case created")

    def log(
        self, at_utc: str, what: str, *, item_id: str | None = None, subject: str | None = None
    ) -> int:
        """Add an entry, and one of another case, which is never shown."""
        made = entry.build(
            entry.Entry(
                at_utc=at_utc,
                what=what,
                case_id=CASE_ID,
                item_id=item_id,
                subject_sha256=subject,
                salt=f"{len(self.entries):064x}",
            )
        )
        index = self.tree.append(merkle.leaf_hash(made))
        self.tree.append(merkle.leaf_hash(b"of another case %d" % index))
        self.entries.append(made)
        self.rows.append(CustodyRow(at_utc, what, item_id, "", index))
        return index

    def note(self) -> bytes:
        """Return the log's state, signed."""
        said = checkpoint.Checkpoint("log.example/1", len(self.tree), self.tree.root())
        signature = self.key.sign(checkpoint.text(said), bits=256)
        return checkpoint.note(said, public_key_pem=self.key.public_key_pem, signature=signature)

    def seal(
        self,
        parts: Mapping[str, bytes],
        *,
        told: CaptureRecord | None = None,
        missing: Sequence[Missing] = (),
        original_id: str | None = None,
        redacted_from: record.RedactedFrom | None = None,
    ) -> MemoryItem:
        """Seal a capture and log it; stamp the log if there is an authority."""
        number = len(self.items) + 1
        at_utc = f"2026-03-05T10:{number:02}:00.000Z"
        item_id = f"{number:016x}"
        written = record.build(
            CaptureFile(
                schema="sharewise-capture-1",
                item_id=item_id,
                status="INCOMPLETE" if missing else "COMPLETE",
                page=told or page(),
                daemon_version="0.1.0",
                daemon_operating_system="Linux",
                clock=ClockRecord(at_utc, at_utc, 1.0, 0.0, 1.0),
                parts=tuple(
                    PartRecord(name, kind(name), len(content), digest_of(content).sha256)
                    for name, content in sorted(parts.items())
                ),
                missing=tuple(missing),
                redacted_from=redacted_from,
            )
        )
        payload = {layout.PAYLOAD + name: content for name, content in parts.items()}
        payload[layout.PAYLOAD + layout.RECORD] = written
        bag = bag_of(
            {name: digest_of(content) for name, content in payload.items()},
            self.key,
            info=(("External-Identifier", item_id),),
            more={},
        )
        item = MemoryItem(item_id, original_id, at_utc, {**payload, **bag.tag_files})
        self.items.append(item)
        index = self.log(at_utc, "capture sealed", item_id=item_id, subject=bag.manifest_sha256)
        if self.authority is not None:
            state = self.note()
            self.stamps[item_id] = (state, self.authority.token(state), index)
        return item

    def contents(self) -> CaseContents:
        """Log an export and return the case."""
        self.log(EXPORTED, "exported")
        size = len(self.tree)
        return CaseContents(
            case_id=CASE_ID,
            label="March",
            note="",
            created_at_utc="2026-03-05T09:59:00.000Z",
            exported_at_utc=EXPORTED,
            is_text_only=False,
            items=tuple(self.items),
            item_notes={},
            custody=tuple(self.rows),
            incident=None,
            checkpoint=self.note(),
            entries=tuple(
                LogEntry(row.log_index, data, self.tree.inclusion(row.log_index, size))
                for row, data in zip(self.rows, self.entries, strict=True)
            ),
            stamps={
                item_id: self._stamp(state, token, index)
                for item_id, (state, token, index) in self.stamps.items()
            },
            stamp_roots=self.authority.root_pem if self.authority else b"",
        )

    def _stamp(self, state: bytes, token: bytes, index: int) -> Stamp:
        said = checkpoint.parse(state)
        assert said is not None
        now = datetime.now(UTC).isoformat()  # the authority's clock cannot be set
        return Stamp(state, token, now, index, self.tree.inclusion(index, said.size))


def kind(name: str) -> str:
    """Return the media type of a part."""
    endings = {"png": "image/png", "txt": "text/plain", "html": "text/html"}
    return endings.get(name.rpartition(".")[2], "multipart/related")


def case_of_two(root: Path, authority: Authority | None = None) -> tuple[CaseContents, DeviceKey]:
    """Return a case of a complete and an incomplete capture."""
    vault = MemoryVault(root, authority)
    vault.seal(
        {
            "screenshot-full.png": picture(40, 200),
            "screenshot-window.png": picture(40, 30),
            "page.mhtml": b"From: <Saved by Blink>\r\n",
            "text.txt": "Words on a page, ümlaut".encode(),
        }
    )
    vault.seal(
        {"text.txt": b"only words"},
        missing=[Missing("screenshot-full.png", "The browser did not send it.")],
    )
    return vault.contents(), vault.key


def made(
    contents: CaseContents, key: DeviceKey, stamper: Stamper | None = None, **chosen: object
) -> Package:
    """Return the package of a case."""
    return package_of(contents, key, replace(PackageOptions(), **chosen), stamper)  # type: ignore[arg-type]  # fields by name


def stamper_of(authority: Authority) -> Stamper:
    """Return what has an authority stamp a package."""

    def stamped(data: bytes) -> timestamp.Stamped:
        return timestamp.check(authority.token(data), data=data, nonce=None)

    return stamped


def zipped(package: Package) -> bytes:
    """Return the zip."""
    return b"".join(package.pieces())
