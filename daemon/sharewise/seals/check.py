"""Checks a sealed folder: every file, its digest, the signature, and each capture's own seal.

Source: RFC 8493 for the bag; the signature and the captures' seals are ours (`layout`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from sharewise.seals import bag_info, layout, manifest, record, signatures
from sharewise.seals.digests import Digest
from sharewise.seals.log_check import LogCheck, check_log
from sharewise.seals.names import printable, why_unsafe
from sharewise.seals.problems import CheckedCapture, Problem, ProblemKind, Verdict
from sharewise.seals.stamp_check import check_package_stamp
from sharewise.seals.unpacking import Member

MAX_TAG_FILE_BYTES = 32 * 1024 * 1024
"""Manifests of a hundred thousand files fit; what is larger is not read into memory."""

_NEVER_LISTED = layout.UNLISTED | layout.STAMP_FILES


class Reader(Protocol):
    """A sealed folder, wherever it lies."""

    @property
    def members(self) -> tuple[Member, ...]:
        """Every file in it; the same name may stand there twice."""
        ...

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the container itself: links, entries that overlap."""
        ...

    def chunks(self, member: Member) -> Iterator[bytes]:
        """Yield the content of a file in order."""
        ...

    def digest(self, member: Member) -> Digest:
        """Read a file to its end and return its figures."""
        ...


@dataclass(frozen=True, slots=True)
class _Bag:
    """One bag inside the reader: the whole package, or one capture with its own seal."""

    facts: Mapping[str, Digest]
    """By the name in the bag."""
    read: Callable[[str], bytes]
    """The content of a tag file or record, by the name in the bag; empty if it is too large."""
    shown: Callable[[str], str]
    """The name in the package."""


def check(reader: Reader, *, expected_key: str | None = None, checked_at_utc: str = "") -> Verdict:
    """Return everything that is wrong, and what is proved.

    `expected_key` is the fingerprint of the key (SHA-256, hexadecimal) if it is known from
    elsewhere; `checked_at_utc` is now, RFC 3339 with "Z", for what is told of certificates that
    ended. Every file is read once, in pieces.
    """
    problems = list(reader.problems)
    problems += _name_problems(reader.members)
    members: dict[str, Member] = {}
    facts: dict[str, Digest] = {}
    for member in reader.members:
        if member.name in members:
            continue
        members[member.name] = member
        fact = reader.digest(member)
        facts[member.name] = fact
        if fact.size_bytes != member.size_bytes:
            meaning = "It ends before its announced size."
            problems.append(Problem(ProblemKind.SIZE_DIFFERS, member.name, meaning))
        elif member.crc32 not in {None, fact.crc32}:
            meaning = "The zip's own check sum of this file does not fit: it was damaged."
            problems.append(Problem(ProblemKind.HASH_DIFFERS, member.name, meaning))

    def read(name: str) -> bytes:
        member = members.get(name)
        if member is None or member.size_bytes > MAX_TAG_FILE_BYTES:
            return b""
        return b"".join(reader.chunks(member))

    package = _Bag(facts, read, lambda name: name)
    found, signed_by = _check_bag(package)
    problems += found
    if expected_key is not None and signed_by not in {None, expected_key.lower()}:
        meaning = "It was signed with another key than the one you expected."
        problems.append(Problem(ProblemKind.UNKNOWN_KEY, layout.PUBLIC_KEY, meaning))
    log, stamp = LogCheck((), 0, ()), None
    if layout.PUBLIC_KEY in facts:
        public_key = read(layout.PUBLIC_KEY)
        log = check_log(facts, read, public_key_pem=public_key)
        found, stamp = check_package_stamp(facts, read, public_key_pem=public_key)
        problems += found
    problems += log.problems
    captures: list[CheckedCapture] = []
    for folder, bag in _captures(package):
        found, key = _check_bag(bag) if folder else ((), signed_by)
        problems += found
        capture, differing = _check_record(folder, bag, key)
        problems += differing
        captures.append(capture)
    return Verdict(
        tuple(
            dict.fromkeys(
                Problem(problem.kind, printable(problem.member), problem.meaning)
                for problem in problems
            )
        ),
        tuple(captures),
        signed_by,
        is_key_known=expected_key is not None,
        file_count=len(reader.members),
        size_bytes=sum(fact.size_bytes for fact in facts.values()),
        log_entries=log.entries,
        stamps=log.stamps,
        package_stamp=stamp,
        checked_at_utc=checked_at_utc,
    )


def _name_problems(members: tuple[Member, ...]) -> Iterator[Problem]:
    folded = Counter(member.name.casefold() for member in members)
    for member in members:
        reason = why_unsafe(member.name)
        if reason is not None:
            meaning = f"Its name is not safe to unpack: {reason}."
            yield Problem(ProblemKind.UNSAFE_NAME, member.name, meaning)
        if folded[member.name.casefold()] > 1:
            meaning = "Its name is there twice (or differs only in capitals): which one counts?"
            yield Problem(ProblemKind.DUPLICATE_NAME, member.name, meaning)


def _captures(package: _Bag) -> Iterator[tuple[str, _Bag]]:
    """Yield each capture with its folder; a sealed capture by itself has the folder ""."""
    if layout.PAYLOAD + layout.RECORD in package.facts:
        yield "", package
    inside: dict[str, dict[str, Digest]] = {}
    for name, fact in package.facts.items():
        folder = layout.item_folder_of(name)
        if folder is not None:
            inside.setdefault(folder, {})[layout.name_in_bag(folder, name)] = fact
    for folder in sorted(inside):
        yield folder, _below(package, folder, inside[folder])


def _below(package: _Bag, folder: str, facts: Mapping[str, Digest]) -> _Bag:
    def shown(name: str) -> str:
        return layout.name_in_package(folder, name)

    return _Bag(facts, lambda name: package.read(shown(name)), shown)


def _check_bag(bag: _Bag) -> tuple[tuple[Problem, ...], str | None]:
    """Return what is wrong with a bag, and whose signature fits it."""
    problems: list[Problem] = []
    for name in layout.REQUIRED:
        if name not in bag.facts:
            meaning = "It is missing; without it the rest cannot be checked."
            problems.append(Problem(ProblemKind.MISSING_FILE, bag.shown(name), meaning))
        elif bag.facts[name].size_bytes > MAX_TAG_FILE_BYTES:
            meaning = "It is far larger than such a file can be, so it was not read."
            problems.append(Problem(ProblemKind.TOO_LARGE, bag.shown(name), meaning))
    listed: set[str] = set()
    for source in (layout.MANIFEST, layout.TAG_MANIFEST):
        if source in bag.facts:
            found = manifest.parse(bag.read(source))
            listed |= found.digests.keys()
            problems += _manifest_problems(bag, source, found)
    unlisted = layout.UNLISTED
    if layout.INFO in bag.facts and bag_info.is_stamped(bag.read(layout.INFO)):
        unlisted |= layout.STAMP_FILES
    for name in sorted(bag.facts.keys() - listed - unlisted):
        meaning = "It is in no list: it was added after the sealing."
        problems.append(Problem(ProblemKind.EXTRA_FILE, bag.shown(name), meaning))
    problems += _tag_file_problems(bag)
    found_key, signed_by = _signature_problems(bag)
    return (*problems, *found_key), signed_by


def _manifest_problems(bag: _Bag, source: str, found: manifest.Manifest) -> Iterator[Problem]:
    lists_payload = source == layout.MANIFEST
    shown = bag.shown(source)
    for number in found.bad_lines:
        yield Problem(ProblemKind.BAD_MANIFEST, shown, f"Line {number} is no digest and name.")
    if found.repeated:
        yield Problem(ProblemKind.BAD_MANIFEST, shown, "It lists a file twice.")
    for name, sha256 in found.digests.items():
        if name.startswith(layout.PAYLOAD) != lists_payload or name in _NEVER_LISTED:
            meaning = "It lists a file that does not belong into this list."
            yield Problem(ProblemKind.BAD_MANIFEST, shown, meaning)
        elif name not in bag.facts:
            meaning = "It was sealed and is gone."
            yield Problem(ProblemKind.MISSING_FILE, bag.shown(name), meaning)
        elif bag.facts[name].sha256 != sha256:
            meaning = "Its content is not what was sealed: it was changed or damaged."
            yield Problem(ProblemKind.HASH_DIFFERS, bag.shown(name), meaning)


def _tag_file_problems(bag: _Bag) -> Iterator[Problem]:
    declaration = layout.DECLARATION
    if declaration in bag.facts and bag.read(declaration) != bag_info.DECLARATION_TEXT:
        meaning = "It does not say that this is a BagIt 1.0 folder."
        yield Problem(ProblemKind.BAD_TAG_FILE, bag.shown(declaration), meaning)
    if layout.INFO not in bag.facts:
        return
    oxum = bag_info.parse_oxum(bag.read(layout.INFO))
    payload = [fact for name, fact in bag.facts.items() if name.startswith(layout.PAYLOAD)]
    if oxum is None:
        meaning = "It does not say how much was sealed."
        yield Problem(ProblemKind.BAD_TAG_FILE, bag.shown(layout.INFO), meaning)
    elif oxum != bag_info.Oxum(sum(fact.size_bytes for fact in payload), len(payload)):
        meaning = (
            f"{oxum.count} files of {oxum.size_bytes} bytes were sealed; "
            f"{len(payload)} of {sum(fact.size_bytes for fact in payload)} bytes are here."
        )
        yield Problem(ProblemKind.SIZE_DIFFERS, bag.shown(layout.INFO), meaning)


def _signature_problems(bag: _Bag) -> tuple[list[Problem], str | None]:
    if not bag.facts.keys() >= {layout.PUBLIC_KEY, layout.SIGNATURE, layout.TAG_MANIFEST}:
        return [], None
    public_key = bag.read(layout.PUBLIC_KEY)
    try:
        is_fitting = signatures.fits(
            public_key_pem=public_key,
            message=bag.read(layout.TAG_MANIFEST),
            signature=bag.read(layout.SIGNATURE),
        )
        key = signatures.fingerprint(public_key)
    except ValueError:
        meaning = "It is not a public key on the curve P-384."
        return [Problem(ProblemKind.BAD_KEY, bag.shown(layout.PUBLIC_KEY), meaning)], None
    problems = []
    if not is_fitting:
        meaning = "The signature does not fit: the list of files or the signature was changed."
        problems.append(Problem(ProblemKind.SIGNATURE_WRONG, bag.shown(layout.SIGNATURE), meaning))
    if layout.CERTIFICATE in bag.facts and not _is_certificate_of(
        key, bag.read(layout.CERTIFICATE)
    ):
        meaning = "The certificate is not one of the key that signed."
        problems.append(Problem(ProblemKind.BAD_KEY, bag.shown(layout.CERTIFICATE), meaning))
    return problems, key if is_fitting else None


def _is_certificate_of(key: str, certificate: bytes) -> bool:
    try:
        return signatures.certificate_fingerprint(certificate) == key
    except ValueError:
        return False


def _check_record(
    folder: str, bag: _Bag, signed_by: str | None
) -> tuple[CheckedCapture, tuple[Problem, ...]]:
    """Hold the capture's record against the files that lie beside it."""
    name = layout.PAYLOAD + layout.RECORD
    found = record.parse(bag.read(name)) if name in bag.facts else None
    if found is None:
        meaning = "The record of this capture is missing or cannot be read."
        problem = Problem(ProblemKind.RECORD_DIFFERS, bag.shown(name), meaning)
        return CheckedCapture(folder, "", is_incomplete=True, signed_by=signed_by), (problem,)
    capture = CheckedCapture(
        folder,
        found.clock.sealed_at_utc,
        is_incomplete=found.status == "INCOMPLETE",
        signed_by=signed_by,
    )
    told = {layout.PAYLOAD + part.name: (part.sha256, part.size_bytes) for part in found.parts}
    there = {
        other: (fact.sha256, fact.size_bytes)
        for other, fact in bag.facts.items()
        if other.startswith(layout.PAYLOAD) and other != name
    }
    if told == there:
        return capture, ()
    meaning = "The record of this capture tells of other files than lie beside it."
    return capture, (Problem(ProblemKind.RECORD_DIFFERS, bag.shown(name), meaning),)
