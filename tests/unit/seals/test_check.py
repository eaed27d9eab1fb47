"""The check: an intact package is verified, and every way to break one is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sharewise.keys import DeviceKey, device_key
from sharewise.seals import bag_info, checkpoint, layout, manifest, signatures
from sharewise.seals.check import MAX_TAG_FILE_BYTES, check
from sharewise.seals.digests import Digest, digest_chunks, digest_of
from sharewise.seals.problems import Problem, ProblemKind, Verdict
from sharewise.seals.unpacking import Member
from support.evidence import FilesInMemory, SetClock, exported, unpacked

Files = dict[str, bytes]
ITEM = "data/items/0001/"


@dataclass(frozen=True)
class Sample:
    files: Files
    key: DeviceKey
    other_key: DeviceKey


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    package, key = exported(tmp_path_factory.mktemp("export"))
    other = device_key(tmp_path_factory.mktemp("other") / "keys", SetClock())
    return Sample(unpacked(package), key, other)


def kinds(verdict: Verdict) -> set[tuple[ProblemKind, str]]:
    return {(problem.kind, problem.member) for problem in verdict.problems}


def resigned(files: Files, key: DeviceKey) -> Files:
    """Make the lists and the signature of the package fit again: what the key's owner could do."""
    files = dict(files)
    payload = {n: digest_of(c).sha256 for n, c in files.items() if n.startswith("data/")}
    files[layout.MANIFEST] = manifest.build(payload)
    return retagged(files, key)


def retagged(files: Files, key: DeviceKey) -> Files:
    tags = {
        name: digest_of(content).sha256
        for name, content in files.items()
        if not name.startswith("data/") and name not in layout.UNLISTED
    }
    listed = manifest.build(tags)
    return {**files, layout.TAG_MANIFEST: listed, layout.SIGNATURE: key.sign(listed)}


def test_an_intact_package_is_verified_and_says_what_that_means(sample: Sample) -> None:
    verdict = check(FilesInMemory(sample.files))
    assert verdict.problems == ()
    assert verdict.is_verified
    assert verdict.signed_by == signatures.fingerprint(sample.key.public_key_pem)
    assert [capture.is_incomplete for capture in verdict.captures] == [False, True]
    assert verdict.captures[0].sealed_at_utc == "2026-03-05T10:00:00.000Z"
    assert verdict.file_count == len(sample.files)
    assert any("marked INCOMPLETE: 1" in sentence for sentence in verdict.proved)
    assert any("fingerprint" in sentence for sentence in verdict.limits)


def test_a_single_capture_is_verified_by_its_own_seal(sample: Sample) -> None:
    inside = {
        layout.name_in_bag(ITEM, name): content
        for name, content in sample.files.items()
        if name.startswith(ITEM)
    }
    verdict = check(FilesInMemory(inside))
    assert verdict.problems == ()
    assert [capture.folder for capture in verdict.captures] == [""]


def test_the_expected_key_is_told_apart_from_another(sample: Sample) -> None:
    ours = signatures.fingerprint(sample.key.public_key_pem)
    known = check(FilesInMemory(sample.files), expected_key=ours.upper())
    assert known.is_verified
    assert known.is_key_known
    assert not any("came with the package" in sentence for sentence in known.limits)
    unknown = check(FilesInMemory(sample.files), expected_key="0" * 64)
    assert kinds(unknown) == {(ProblemKind.UNKNOWN_KEY, layout.PUBLIC_KEY)}


def test_one_flipped_bit_in_any_file_is_named(sample: Sample) -> None:
    for name, content in sample.files.items():
        for at in {0, len(content) // 2, len(content) - 1}:
            broken = bytearray(content)
            broken[at] ^= 1 << (at % 8)
            verdict = check(FilesInMemory({**sample.files, name: bytes(broken)}))
            assert not verdict.is_verified, (name, at)
            assert verdict.proved == ()
            named = {problem.member for problem in verdict.problems}
            about_signature = {layout.SIGNATURE, layout.PUBLIC_KEY, layout.TAG_MANIFEST}
            assert name in named or (name in about_signature and named & about_signature)


def test_each_file_that_is_gone_is_named(sample: Sample) -> None:
    for name in sample.files:
        left = {other: content for other, content in sample.files.items() if other != name}
        assert (ProblemKind.MISSING_FILE, name) in kinds(check(FilesInMemory(left)))


Break = Callable[[Sample], Files]

BROKEN: dict[str, tuple[Break, tuple[ProblemKind, str]]] = {
    "a file was added": (
        lambda s: {**s.files, "data/extra.png": b"x"},
        (ProblemKind.EXTRA_FILE, "data/extra.png"),
    ),
    "a file was added beside the payload": (
        lambda s: {**s.files, "README.txt": b"x"},
        (ProblemKind.EXTRA_FILE, "README.txt"),
    ),
    "a file was added to one capture and everything signed again": (
        lambda s: resigned({**s.files, ITEM + "extra.png": b"x"}, s.key),
        (ProblemKind.EXTRA_FILE, ITEM + "extra.png"),
    ),
    "a capture was changed and the package signed again": (
        lambda s: resigned({**s.files, ITEM + "text.txt": b"other words"}, s.key),
        (ProblemKind.HASH_DIFFERS, ITEM + "text.txt"),
    ),
    "a capture's seal was taken out and the package signed again": (
        lambda s: resigned(
            {n: c for n, c in s.files.items() if not n.startswith(ITEM + "seal/")}, s.key
        ),
        (ProblemKind.MISSING_FILE, ITEM + "seal/tagmanifest-sha256.txt.sig"),
    ),
    "the payload's size is not what was noted": (
        lambda s: retagged({**s.files, layout.INFO: b"Payload-Oxum: 1.1\n"}, s.key),
        (ProblemKind.SIZE_DIFFERS, layout.INFO),
    ),
    "the payload's size was not noted": (
        lambda s: retagged({**s.files, layout.INFO: b"Bagging-Date: 2026-03-05\n"}, s.key),
        (ProblemKind.BAD_TAG_FILE, layout.INFO),
    ),
    "it is no bag": (
        lambda s: retagged({**s.files, layout.DECLARATION: b"BagIt-Version: 9\n"}, s.key),
        (ProblemKind.BAD_TAG_FILE, layout.DECLARATION),
    ),
    "a list has a line that is none": (
        lambda s: retagged(
            {**s.files, layout.MANIFEST: s.files[layout.MANIFEST] + b"what\n"}, s.key
        ),
        (ProblemKind.BAD_MANIFEST, layout.MANIFEST),
    ),
    "a list has a file twice": (
        lambda s: retagged({**s.files, layout.MANIFEST: s.files[layout.MANIFEST] * 2}, s.key),
        (ProblemKind.BAD_MANIFEST, layout.MANIFEST),
    ),
    "a list has a file of the other list": (
        lambda s: retagged(
            {
                **s.files,
                layout.MANIFEST: s.files[layout.MANIFEST]
                + manifest.build({"bagit.txt": digest_of(s.files["bagit.txt"]).sha256}),
            },
            s.key,
        ),
        (ProblemKind.BAD_MANIFEST, layout.MANIFEST),
    ),
    "it was signed with a key that is not beside it": (
        lambda s: retagged(s.files, s.other_key),
        (ProblemKind.SIGNATURE_WRONG, layout.SIGNATURE),
    ),
    "the certificate is one of another key": (
        lambda s: retagged({**s.files, layout.CERTIFICATE: s.other_key.certificate_pem}, s.key),
        (ProblemKind.BAD_KEY, layout.CERTIFICATE),
    ),
    "the certificate is none": (
        lambda s: retagged({**s.files, layout.CERTIFICATE: b"none"}, s.key),
        (ProblemKind.BAD_KEY, layout.CERTIFICATE),
    ),
    "the key is none": (
        lambda s: retagged({**s.files, layout.PUBLIC_KEY: b"none"}, s.key),
        (ProblemKind.BAD_KEY, layout.PUBLIC_KEY),
    ),
    "the signature is empty": (
        lambda s: {**s.files, layout.SIGNATURE: b""},
        (ProblemKind.SIGNATURE_WRONG, layout.SIGNATURE),
    ),
    "the record of a capture is none": (
        lambda s: resigned({**s.files, ITEM + "capture.json": b"{}"}, s.key),
        (ProblemKind.RECORD_DIFFERS, ITEM + "capture.json"),
    ),
    "a name leaves the folder": (
        lambda s: resigned({**s.files, "data/../../up": b"x"}, s.key),
        (ProblemKind.UNSAFE_NAME, "data/../../up"),
    ),
    "two names differ only in capitals": (
        lambda s: resigned({**s.files, "data/custody.csv": b"x"}, s.key),
        (ProblemKind.DUPLICATE_NAME, "data/custody.csv"),
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_each_way_to_break_a_package_is_named(sample: Sample, what: str) -> None:
    breaking, expected = BROKEN[what]
    assert expected in kinds(check(FilesInMemory(breaking(sample))))


def test_a_name_that_stands_twice_is_named(sample: Sample) -> None:
    verdict = check(FilesInMemory(sample.files, twice=("data/CUSTODY.csv",)))
    assert kinds(verdict) == {(ProblemKind.DUPLICATE_NAME, "data/CUSTODY.csv")}


def test_problems_of_the_container_are_passed_on(sample: Sample) -> None:
    problem = Problem(ProblemKind.NOT_A_FILE, "link\x1b", "A link.")
    verdict = check(FilesInMemory(sample.files, problems=(problem,)))
    assert verdict.problems == (replace(problem, member="link\\x1b"),)


def test_a_record_that_tells_of_other_files_is_named(sample: Sample) -> None:
    inside = {
        layout.name_in_bag(ITEM, name): content
        for name, content in sample.files.items()
        if name.startswith(ITEM)
    }
    told = json.loads(inside["data/capture.json"])
    fewer = json.dumps({**told, "parts": told["parts"][1:]}).encode()
    payload = sum(len(c) for n, c in inside.items() if n.startswith("data/"))
    changed = payload - len(inside["data/capture.json"]) + len(fewer)
    count = sum(name.startswith("data/") for name in inside)
    info = bag_info.build([], bag_info.Oxum(changed, count))
    files = resigned({**inside, "data/capture.json": fewer, layout.INFO: info}, sample.key)
    assert kinds(check(FilesInMemory(files))) == {(ProblemKind.RECORD_DIFFERS, "data/capture.json")}


def test_a_capture_sealed_with_an_earlier_key_is_told_and_is_no_problem(sample: Sample) -> None:
    key = sample.other_key
    said = checkpoint.parse(sample.files[layout.CHECKPOINT])
    assert said is not None
    signature = key.sign(checkpoint.text(said), bits=256)
    files = resigned(
        {
            **sample.files,
            layout.PUBLIC_KEY: key.public_key_pem,
            layout.CERTIFICATE: key.certificate_pem,
            layout.CHECKPOINT: checkpoint.note(
                said, public_key_pem=key.public_key_pem, signature=signature
            ),
        },
        key,
    )
    verdict = check(FilesInMemory(files))
    assert verdict.problems == ()
    assert verdict.is_verified
    assert any("earlier key" in sentence for sentence in verdict.proved)


def test_nothing_at_all_is_no_package(sample: Sample) -> None:
    missing = {(ProblemKind.MISSING_FILE, name) for name in layout.REQUIRED}
    assert kinds(check(FilesInMemory({}))) == missing


@dataclass(frozen=True)
class _HugeManifest:
    """Claims a list too large to hold; asking for it twice would be the mistake."""

    size_bytes: int = MAX_TAG_FILE_BYTES + 1

    @property
    def members(self) -> tuple[Member, ...]:
        return (Member(layout.MANIFEST, self.size_bytes, None),)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return ()

    def chunks(self, member: Member):
        piece = bytes(1024 * 1024)
        for _ in range(member.size_bytes // len(piece)):
            yield piece
        yield bytes(member.size_bytes % len(piece))

    def digest(self, member: Member) -> Digest:
        return digest_chunks(self.chunks(member))


def test_a_list_that_is_far_too_large_is_not_held_in_memory() -> None:
    assert (ProblemKind.TOO_LARGE, layout.MANIFEST) in kinds(check(_HugeManifest()))


def test_content_that_ends_early_is_named() -> None:
    class Short(FilesInMemory):
        def chunks(self, member: Member):
            yield b""

    verdict = check(Short({"data/x": b"abc"}))
    assert (ProblemKind.SIZE_DIFFERS, "data/x") in kinds(verdict)


def test_the_sample_lies_where_the_layout_says(sample: Sample, tmp_path: Path) -> None:
    assert set(layout.REQUIRED) < sample.files.keys()
    assert {layout.INSTRUCTIONS, layout.CUSTODY, ITEM + layout.RECORD} < sample.files.keys()
