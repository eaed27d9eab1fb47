"""What a package shows of the custody log is held against the log's signed state."""

from __future__ import annotations

from pathlib import Path

import pytest

from sharewise.seals import check as checking
from sharewise.seals import layout, manifest
from sharewise.seals.digests import digest_of
from sharewise.seals.problems import ProblemKind
from support.evidence import FilesInMemory, unpacked
from support.packages import MemoryVault, case_of_two, made, zipped


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return unpacked(zipped(made(*case_of_two(tmp_path_factory.mktemp("case")))))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A package of another case, of another key."""
    vault = MemoryVault(tmp_path_factory.mktemp("other"))
    vault.seal({"text.txt": b"other words"})
    return unpacked(zipped(made(vault.contents(), vault.key)))


def problems(files: dict[str, bytes]) -> set[tuple[str, str]]:
    """Return kind and member of what is wrong with the log; the lists are made to fit first."""
    tags = manifest.parse(files[layout.TAG_MANIFEST]).digests
    listed = {name: digest_of(files[name]).sha256 for name in tags if name in files}
    files = {**files, layout.TAG_MANIFEST: manifest.build(listed)}
    verdict = checking.check(FilesInMemory(files))
    return {
        (problem.kind.value, problem.member)
        for problem in verdict.problems
        if problem.member not in {layout.SIGNATURE, layout.CUSTODY}
        or problem.kind is ProblemKind.LOG_DIFFERS
    }


def test_a_good_package_has_no_problem(good: dict[str, bytes]) -> None:
    assert problems(good) == set()
    assert checking.check(FilesInMemory(good)).log_entries == 4


@pytest.mark.parametrize("name", [layout.ENTRY, layout.PROOF, *layout.entry_names(2)])
def test_an_entry_or_proof_that_is_missing_is_named(good: dict[str, bytes], name: str) -> None:
    files = {other: content for other, content in good.items() if other != name}
    entry = name.replace("inclusion.txt", "entry.json").replace(".txt", ".json")
    assert ("log_differs", entry) in problems(files)


def test_an_entry_that_is_not_the_logs_is_named(good: dict[str, bytes]) -> None:
    name, proof = layout.entry_names(2)
    changed = good[name].replace(b"capture sealed", b"capture sealed ")
    assert ("log_differs", proof) in problems({**good, name: changed})
    assert ("log_differs", name) in problems({**good, name: b"{}"})


@pytest.mark.parametrize(
    "change",
    [
        lambda proof: proof.replace(b"left", b"right").replace(b"right", b"left", 1),
        lambda proof: proof[:-20] + b"\n",
        lambda proof: b"\n".join(proof.split(b"\n")[1:]),
        lambda proof: proof.rsplit(b"root", 1)[0],
        lambda proof: proof.upper(),
        lambda proof: b"",
    ],
)
def test_a_proof_that_leads_elsewhere_is_named(good: dict[str, bytes], change: object) -> None:
    _, proof = layout.entry_names(2)
    changed = change(good[proof])  # type: ignore[operator]  # a function of the parameters
    assert changed != good[proof]
    assert ("log_differs", proof) in problems({**good, proof: changed})


def test_the_state_of_another_log_is_named(good: dict[str, bytes], other: dict[str, bytes]) -> None:
    found = problems({**good, layout.CHECKPOINT: other[layout.CHECKPOINT]})
    assert ("signature_wrong", layout.CHECKPOINT) in found
    assert ("log_differs", layout.PROOF) in found
    assert ("log_differs", layout.CHECKPOINT) in problems({**good, layout.CHECKPOINT: b"x\n"})


def test_custody_that_tells_another_story_than_the_log_is_named(good: dict[str, bytes]) -> None:
    custody = good[layout.CUSTODY]
    shorter = b"\r\n".join(custody.split(b"\r\n")[:2]) + b"\r\n"
    assert ("log_differs", layout.ENTRY) in problems({**good, layout.CUSTODY: shorter})
    later = custody.replace(b"2026-03-05T10:01", b"2026-03-04T10:01")
    name, _ = layout.entry_names(2)
    assert ("log_differs", name) in problems({**good, layout.CUSTODY: later})
    assert ("log_differs", layout.CUSTODY) in problems({**good, layout.CUSTODY: b""})


def test_a_capture_that_was_never_logged_is_named(tmp_path: Path) -> None:
    vault = MemoryVault(tmp_path)
    vault.seal({"text.txt": b"words"})
    logged = vault.contents()
    vault.items.clear()
    vault.seal({"text.txt": b"other words"})
    unlogged = vault.items[0]
    from dataclasses import replace

    files = unpacked(zipped(made(replace(logged, items=(unlogged,)), vault.key)))
    name = "data/items/0001/seal/manifest-sha256.txt"
    assert problems(files) == {("log_differs", name)}
