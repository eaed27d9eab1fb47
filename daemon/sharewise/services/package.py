"""A case as one package that a stranger can check: what is in it, byte for byte.

The same contents, key and choices make the same bytes: the order, dates and modes of the members
are fixed, nothing is compressed, and the signature is deterministic. The one exception is a
time-stamp over the signature, if the person wants time-stamps: an authority never gives the same
twice. Content is read when it is written; nothing plain reaches the disk here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sharewise
from sharewise.keys import DeviceKey
from sharewise.seals import (
    bag_info,
    checkpoint,
    container,
    container_script,
    inclusion_script,
    instructions,
    layout,
    merkle,
    signatures,
)
from sharewise.seals.check import check
from sharewise.seals.container import Stored
from sharewise.seals.digests import Digest, digest_chunks, digest_of
from sharewise.seals.instructions import StampToCheck
from sharewise.seals.names import why_unsafe
from sharewise.seals.problems import Problem, Verdict
from sharewise.seals.unpacking import Member
from sharewise.services.contents import (
    CaseContents,
    LogEntry,
    PackageOptions,
    SealedItem,
    Stamper,
)
from sharewise.services.reporting import Numbered, numbered, report_of
from sharewise.services.sealing import Bag, bag_of

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FromItem:
    """A file of a capture, decrypted while it is read."""

    item: SealedItem
    name: str
    """In the capture's own bag."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file of the package: in memory, or in a capture."""

    content: bytes | FromItem
    digest: Digest

    def chunks(self) -> Iterator[bytes]:
        """Yield the content in pieces. Raises SharewiseError: VERIFY_FAILED, VAULT_LOCKED."""
        if isinstance(self.content, bytes):
            yield self.content
            return
        with self.content.item.open(self.content.name) as file:
            while piece := file.read(CHUNK_BYTES):
                yield piece


@dataclass(frozen=True, slots=True)
class Package:
    """Every file of a package in its order, ready to be written or checked."""

    name: str
    """Without its ending; neutral."""
    files: Mapping[str, PackageFile]
    is_stamped: bool = False
    """Whether its signature was time-stamped."""

    @property
    def size_bytes(self) -> int:
        """About how large the zip will be."""
        return sum(file.digest.size_bytes + 512 for file in self.files.values())

    def pieces(self) -> Iterator[bytes]:
        """Yield the zip in order, a megabyte at most at once.

        Raises SharewiseError: VERIFY_FAILED, VAULT_LOCKED.
        """
        at = 0
        stored: list[Stored] = []
        for name, file in self.files.items():
            assert why_unsafe(name) is None, "names are ours"
            digest = file.digest
            full = f"{self.name}/{name}"
            stored.append(Stored(full, digest.crc32, digest.size_bytes, at))
            header = container.local_header(full, digest.crc32, digest.size_bytes)
            yield header
            yield from file.chunks()
            at += len(header) + digest.size_bytes
        directory = b"".join(container.central_entry(one) for one in stored)
        yield directory
        yield container.end_records(
            count=len(stored), directory_offset=at, directory_bytes=len(directory)
        )

    def verdict(self) -> Verdict:
        """Check the files with our own verifier, before they are written."""
        return check(_Files(self.files))


@dataclass(frozen=True, slots=True)
class _Files:
    """The files as the check reads a package."""

    files: Mapping[str, PackageFile]

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(
            Member(name, file.digest.size_bytes, file.digest.crc32)
            for name, file in self.files.items()
        )

    @property
    def problems(self) -> tuple[Problem, ...]:
        return ()

    def chunks(self, member: Member) -> Iterator[bytes]:
        yield from self.files[member.name].chunks()

    def digest(self, member: Member) -> Digest:
        return digest_chunks(self.chunks(member))


def package_of(
    contents: CaseContents,
    key: DeviceKey,
    options: PackageOptions,
    stamper: Stamper | None = None,
) -> Package:
    """Return the package of a case; the report is drawn now.

    With a `stamper` the signature is time-stamped, if that can be had now.
    Raises SharewiseError: VERIFY_FAILED if a capture is not what was sealed, VAULT_LOCKED.
    """
    name = f"case-{contents.case_id}"
    items = numbered(_chosen(contents, options))
    payload: dict[str, PackageFile] = {}
    for one in items:
        payload |= _item_files(one)
    small = {layout.CUSTODY: _custody(contents, items)}
    if contents.incident is not None:
        small[layout.INCIDENT] = contents.incident
    small[layout.REPORT] = _report(contents, items, options, package=name, key=_fingerprint(key))
    payload |= _in_memory(small)
    log, stamps = _log_files(contents, items)
    digests = {file: one.digest for file, one in payload.items()}
    draft = _Draft(name, contents, key, digests, log, stamps, has_captures=bool(items))
    tag_files = None if stamper is None else draft.stamped(stamper)
    is_stamped = tag_files is not None
    tag_files = tag_files or draft.bag(None).tag_files
    first = [layout.INSTRUCTIONS, *layout.REQUIRED]
    if is_stamped:
        after = first.index(layout.SIGNATURE) + 1
        first[after:after] = [layout.STAMP, layout.STAMP_SIGNATURE]
    rest = sorted(tag_files.keys() - set(first))
    tags = _in_memory({file: tag_files[file] for file in (*first, *rest)})
    return Package(name, tags | dict(sorted(payload.items())), is_stamped=is_stamped)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A package but for its lists, its signature and what is said of a time-stamp over it."""

    name: str
    contents: CaseContents
    key: DeviceKey
    payload: Mapping[str, Digest]
    log: Mapping[str, bytes]
    stamps: Sequence[StampToCheck]
    has_captures: bool

    def bag(self, stamp_roots: bytes | None) -> Bag:
        """Return the signed lists; `stamp_roots`: with what a time-stamp of them is checked."""
        is_stamped = stamp_roots is not None
        text = instructions.build(
            package=self.name,
            key=_fingerprint(self.key),
            has_captures=self.has_captures,
            has_zip_check=True,
            has_log=bool(self.log),
            stamps=self.stamps,
            is_stamped=is_stamped,
        )
        more = {layout.INSTRUCTIONS: text, container_script.NAME: container_script.TEXT, **self.log}
        return bag_of(
            self.payload,
            self.key,
            info=(
                ("Bag-Software-Agent", f"Sharewise {sharewise.__version__}"),
                ("Bagging-Date", self.contents.exported_at_utc[:10]),
                ("External-Identifier", self.name),
                *((bag_info.STAMPED,) if is_stamped else ()),
            ),
            more=more | ({layout.STAMP_ROOTS: stamp_roots} if stamp_roots is not None else {}),
        )

    def stamped(self, stamper: Stamper) -> Mapping[str, bytes] | None:
        """Return the lists with a time-stamp over their signature, None if there is none now.

        They name the certificates that it is checked with, which are known for sure only from an
        authority's answer: one that was never asked before is asked twice.
        """
        roots = self.contents.stamp_roots
        for _ in range(2):
            bag = self.bag(roots)
            found = stamper(bag.tag_files[layout.SIGNATURE])
            if found is None:
                return None
            if found.roots_pem in roots:
                own = self.key.sign(found.reply)
                files = {layout.STAMP: found.reply, layout.STAMP_SIGNATURE: own}
                return {**bag.tag_files, **files}
            roots += found.roots_pem
        return None


def _fingerprint(key: DeviceKey) -> str:
    return signatures.fingerprint(key.public_key_pem)


def _in_memory(files: Mapping[str, bytes]) -> dict[str, PackageFile]:
    return {name: PackageFile(content, digest_of(content)) for name, content in files.items()}


def _chosen(contents: CaseContents, options: PackageOptions) -> list[SealedItem]:
    """Return the items that go along: not the originals of redacted copies, unless chosen."""
    originals = {item.original_id for item in contents.items if item.original_id is not None}
    return [
        item
        for item in contents.items
        if options.include_originals or item.item_id not in originals
    ]


def _item_files(one: Numbered) -> dict[str, PackageFile]:
    folder = layout.item_folder(one.number)
    return {
        layout.name_in_package(folder, name): PackageFile(FromItem(one.item, name), digest)
        for name, digest in one.item.digests.items()
    }


def _report(
    contents: CaseContents,
    items: tuple[Numbered, ...],
    options: PackageOptions,
    *,
    package: str,
    key: str,
) -> bytes:
    from sharewise.report.build import build  # fpdf2 takes a third of a second

    return build(report_of(contents, items, options, package=package, key=key))


def _custody(contents: CaseContents, items: tuple[Numbered, ...]) -> bytes:
    """Return what happened to the case, oldest first; no names, addresses or titles."""
    folders = {one.item.item_id: layout.item_folder(one.number) for one in items}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("at_utc", "event", "item", "item_id", "detail", "log_entry"))
    for row in contents.custody:
        item_id = row.item_id or ""
        folder = folders.get(item_id, "")
        writer.writerow((row.at_utc, row.what, folder, item_id, row.detail, row.log_index))
    return text.getvalue().encode()


def _log_files(
    contents: CaseContents, items: tuple[Numbered, ...]
) -> tuple[dict[str, bytes], tuple[StampToCheck, ...]]:
    """Return the files in `log/` and the roots in `keys/`, and the time-stamps among them."""
    state = checkpoint.parse(contents.checkpoint)
    if state is None or not contents.entries:
        return {}, ()
    files = {layout.CHECKPOINT: contents.checkpoint, layout.CHECK_SCRIPT: inclusion_script.TEXT}
    for line, entry in enumerate(contents.entries, start=1):
        is_last = line == len(contents.entries)
        name, proof = (layout.ENTRY, layout.PROOF) if is_last else layout.entry_names(line)
        files[name] = entry.data
        files[proof] = merkle.inclusion_text(entry.data, entry.index, state.size, entry.proof)
    by_index = {entry.index: entry for entry in contents.entries}
    stamps = []
    for one in items:
        at = _add_stamp(files, contents, one, by_index)
        stamps += [] if at is None else [StampToCheck(one.number, at)]
    if stamps:
        files[layout.STAMP_ROOTS] = contents.stamp_roots
    return files, tuple(stamps)


def _add_stamp(
    files: dict[str, bytes],
    contents: CaseContents,
    one: Numbered,
    by_index: Mapping[int, LogEntry],
) -> int | None:
    """Add a capture's time-stamp and return when it was given, in seconds since 1970."""
    stamp = contents.stamps.get(one.item.item_id)
    if stamp is None:
        return None
    state = checkpoint.parse(stamp.checkpoint)
    assert state is not None, "it was stamped as a checkpoint"
    where = layout.stamp_names(one.number)
    data = by_index[stamp.index].data
    files[where.checkpoint] = stamp.checkpoint
    files[where.token] = stamp.token
    files[where.entry] = data
    files[where.proof] = merkle.inclusion_text(data, stamp.index, state.size, stamp.proof)
    return int(datetime.fromisoformat(stamp.stamped_at_utc).astimezone(UTC).timestamp())
