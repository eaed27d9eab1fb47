"""A package: the same bytes for the same case, everything in its place, and nothing else."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from sharewise.keys import DeviceKey
from sharewise.seals.check import check
from sharewise.seals.unpacking import open_zip
from sharewise.services.contents import CaseContents
from sharewise.services.record import RedactedFrom
from support.evidence import BytesInMemory, picture, unpacked
from support.packages import CASE_ID, MemoryVault, case_of_two, made, zipped


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[CaseContents, DeviceKey]:
    return case_of_two(tmp_path_factory.mktemp("case"))


@pytest.fixture(scope="module")
def files(case: tuple[CaseContents, DeviceKey]) -> dict[str, bytes]:
    return unpacked(zipped(made(*case)))


def words_of(report: bytes) -> str:
    document = pypdfium2.PdfDocument(report)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def test_the_same_case_makes_the_same_bytes(case: tuple[CaseContents, DeviceKey]) -> None:
    assert zipped(made(*case)) == zipped(made(*case))


def test_it_is_verified_before_and_after_it_is_written(
    case: tuple[CaseContents, DeviceKey],
) -> None:
    package = made(*case)
    assert package.verdict().problems == ()
    verdict = check(open_zip(BytesInMemory(zipped(package))))
    assert verdict.problems == ()
    assert verdict.log_entries == 4
    assert [one.is_incomplete for one in verdict.captures] == [False, True]


def test_everything_lies_where_the_specification_has_it(files: dict[str, bytes]) -> None:
    assert next(iter(files)) == "VERIFY.txt"
    assert files.keys() >= {
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
        "tagmanifest-sha256.txt.sig",
        "keys/device.pub.pem",
        "keys/device.crt",
        "log/checkpoint",
        "log/entry.json",
        "log/inclusion.txt",
        "log/check_inclusion.sh",
        "data/REPORT.pdf",
        "data/CUSTODY.csv",
        "data/items/0001/capture.json",
        "data/items/0002/seal/tagmanifest-sha256.txt.sig",
    }
    assert "data/incident.json" not in files, "none was filled in"
    assert "keys/tsa-root.pem" not in files, "there is no time-stamp"


def test_the_first_page_says_incomplete_and_what_is_missing(files: dict[str, bytes]) -> None:
    first = words_of(files["data/REPORT.pdf"]).partition("1 / ")[0]
    assert "INCOMPLETE: 1 of 2 captures lacks a part" in first
    assert "screenshot-full.png: The browser did not send it." in first


def test_an_incident_record_goes_along_and_onto_the_first_page(
    case: tuple[CaseContents, DeviceKey],
) -> None:
    contents, key = case
    record = b"""{"other_party": [{"account_id": "a", "username": "night_owl"}],
        "demands": [{"type": "money", "amount": "500", "currency": "EUR"}]}"""
    files = unpacked(zipped(made(replace(contents, incident=record), key)))
    assert files["data/incident.json"] == record
    assert "night_owl" in words_of(files["data/REPORT.pdf"])
    assert "Money: 500 EUR" in words_of(files["data/REPORT.pdf"])


def test_an_original_stays_behind_unless_it_is_chosen(tmp_path: Path) -> None:
    vault = MemoryVault(tmp_path)
    original = vault.seal({"screenshot-full.png": picture(), "text.txt": b"words"})
    copy = {"redacted/screenshot-full.png": picture(8, 6, (0, 0, 0))}
    source = RedactedFrom(original.item_id, "screenshot-full.png", "ab" * 32, 1)
    vault.seal(copy, original_id=original.item_id, redacted_from=source)
    contents = vault.contents()
    files = unpacked(zipped(made(contents, vault.key)))
    assert "data/items/0001/redacted/screenshot-full.png" in files
    assert not any(name.startswith("data/items/0002/") for name in files)
    assert picture() not in files.values()
    words = words_of(files["data/REPORT.pdf"])
    assert source.sha256 in "".join(words.split()), "linked to the original by its hash"
    assert "not here" in words, "the log still tells of the original"
    both = unpacked(zipped(made(contents, vault.key, include_originals=True)))
    assert both["data/items/0001/screenshot-full.png"] == picture()


def test_without_captures_it_is_still_a_package(tmp_path: Path) -> None:
    vault = MemoryVault(tmp_path)
    package = made(vault.contents(), vault.key)
    assert package.name == f"case-{CASE_ID}"
    assert package.verdict().problems == ()


def test_content_is_read_in_pieces_and_only_when_it_is_written(
    case: tuple[CaseContents, DeviceKey],
) -> None:
    contents, key = case
    opened: list[str] = []

    class Watched:
        def __init__(self, item: object) -> None:
            self._item = item

        def __getattr__(self, name: str) -> object:
            return getattr(self._item, name)

        def open(self, name: str) -> io.BytesIO:
            opened.append(name)
            return self._item.open(name)  # type: ignore[attr-defined, no-any-return]  # of what it stands for

    watched = replace(contents, items=tuple(map(Watched, contents.items)))  # type: ignore[arg-type]  # stands in for an item
    package = made(watched, key)
    assert "data/page.mhtml" not in opened
    assert zipped(package) == zipped(made(contents, key))
    assert opened.count("data/page.mhtml") == 1
