"""Each thing that can be wrong with the time-stamp of a package is named; no authority is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sharewise.keys import DeviceKey
from sharewise.seals import layout, manifest
from sharewise.seals.check import check
from sharewise.seals.digests import digest_of
from sharewise.seals.problems import Verdict
from sharewise.services.contents import CaseContents
from support.evidence import FilesInMemory, unpacked
from support.packages import case_of_two, made, stamper_of, zipped
from support.stamping import Authority, authority

Case = tuple[CaseContents, DeviceKey]


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, tsa: Authority) -> Case:
    return case_of_two(tmp_path_factory.mktemp("case"), tsa)


@pytest.fixture(scope="module")
def good(case: Case, tsa: Authority) -> dict[str, bytes]:
    return unpacked(zipped(made(*case, stamper_of(tsa))))


def told(files: dict[str, bytes]) -> dict[str, str]:
    """Return what is wrong with each member."""
    verdict = check(FilesInMemory(files))
    return {problem.member: f"{problem.kind}: {problem.meaning}" for problem in verdict.problems}


def with_stamp(files: dict[str, bytes], key: DeviceKey, token: bytes) -> dict[str, bytes]:
    """Put in another time-stamp, as the holder of the key could."""
    return {**files, layout.STAMP: token, layout.STAMP_SIGNATURE: key.sign(token)}


def test_a_good_one_is_told_and_whose_word_it_is(good: dict[str, bytes]) -> None:
    verdict = check(FilesInMemory(good), checked_at_utc=datetime.now(UTC).isoformat())
    assert verdict.problems == ()
    assert verdict.package_stamp is not None
    assert verdict.package_stamp.authority == "CN=Root"
    assert len(verdict.stamps) == 2
    assert any("as a whole has a time-stamp" in sentence for sentence in verdict.proved)
    (limit,) = [one for one in verdict.limits if verdict.package_stamp.authority_sha256 in one]
    assert "their time is no proof" in limit
    assert not any("has ended since" in one for one in verdict.limits)
    assert not any("no outside time-stamp" in one for one in verdict.limits)


def test_one_whose_authority_has_ended_since_is_told(good: dict[str, bytes]) -> None:
    verdict: Verdict = check(FilesInMemory(good), checked_at_utc="2099-01-01T00:00:00Z")
    assert verdict.is_verified
    (limit,) = [one for one in verdict.limits if "has ended since" in one]
    assert "has ended since: 3" in limit


@pytest.mark.parametrize("name", [layout.STAMP, layout.STAMP_SIGNATURE])
def test_one_that_was_taken_out_is_missed(good: dict[str, bytes], name: str) -> None:
    left = {other: content for other, content in good.items() if other != name}
    assert told(left)[name].startswith("missing_file")


@pytest.mark.parametrize("name", [layout.STAMP, layout.STAMP_SIGNATURE])
def test_a_flipped_bit_anywhere_in_it_is_found(good: dict[str, bytes], name: str) -> None:
    for at in range(0, len(good[name]), 29):
        broken = bytearray(good[name])
        broken[at] ^= 1 << (at % 8)
        assert told({**good, name: bytes(broken)})[layout.STAMP_SIGNATURE].startswith(
            "signature_wrong"
        ), at


def test_one_that_was_put_in_afterwards_is_extra(case: Case, tsa: Authority) -> None:
    plain = unpacked(zipped(made(*case)))
    token = tsa.token(plain[layout.SIGNATURE])
    found = told(with_stamp(plain, case[1], token))
    assert found[layout.STAMP].startswith("extra_file")
    assert found[layout.STAMP_SIGNATURE].startswith("extra_file")


def test_the_stamp_of_something_else_is_named(
    good: dict[str, bytes], case: Case, tsa: Authority
) -> None:
    other = with_stamp(good, case[1], tsa.token(b"something else"))
    assert told(other) == {layout.STAMP: "stamp_wrong: It is the time-stamp of something else."}


def test_what_is_no_stamp_is_named(good: dict[str, bytes], case: Case) -> None:
    for token in (b"", b"noise", good[layout.STAMP][:-9]):
        found = told(with_stamp(good, case[1], token))
        assert found == {layout.STAMP: "stamp_wrong: It is no time-stamp, or was damaged."}


def test_one_with_a_signature_that_does_not_fit_is_named(
    good: dict[str, bytes], case: Case
) -> None:
    forged = bytearray(good[layout.STAMP])
    forged[-3] ^= 1  # the last bytes are those of the authority's signature
    found = told(with_stamp(good, case[1], bytes(forged)))
    assert found[layout.STAMP].startswith("stamp_wrong: Its signature does not fit")


def test_one_of_another_authority_of_the_same_name_is_not_believed(
    good: dict[str, bytes], case: Case, tmp_path: Path
) -> None:
    found = told(with_stamp(good, case[1], authority(tmp_path).token(good[layout.SIGNATURE])))
    assert found[layout.STAMP].startswith("stamp_wrong: Its signature does not fit")


def test_one_of_an_authority_that_nobody_vouches_for_is_named(
    good: dict[str, bytes], case: Case, tmp_path: Path
) -> None:
    stranger = authority(tmp_path, name="Stranger")
    found = told(with_stamp(good, case[1], stranger.token(good[layout.SIGNATURE])))
    assert found[layout.STAMP].startswith("stamp_wrong: Its authority is unknown")


@pytest.mark.parametrize("days", [-20, 10])
def test_a_certificate_that_was_not_valid_at_the_time_is_named(
    case: Case, tmp_path: Path, days: int
) -> None:
    old = authority(tmp_path)
    good = unpacked(zipped(made(*case, stamper_of(old))))
    begin = datetime.now(UTC) + timedelta(days=days)
    old.reissue(begin, begin + timedelta(days=5))
    found = told(with_stamp(good, case[1], old.token(good[layout.SIGNATURE])))
    assert "was not valid at the time" in found[layout.STAMP]


def test_a_captures_stamp_is_looked_into_as_well(
    good: dict[str, bytes], case: Case, tsa: Authority
) -> None:
    name = layout.stamp_names(2).token
    changed = {**good, name: tsa.token(b"another state")}
    tags = manifest.parse(good[layout.TAG_MANIFEST]).digests
    listed = manifest.build({tag: digest_of(changed[tag]).sha256 for tag in tags})
    signed = {**changed, layout.TAG_MANIFEST: listed, layout.SIGNATURE: case[1].sign(listed)}
    again = with_stamp(signed, case[1], tsa.token(signed[layout.SIGNATURE]))
    assert told(again) == {name: "stamp_wrong: It is the time-stamp of something else."}


def test_an_authority_that_does_not_answer_leaves_a_package_without_one(case: Case) -> None:
    package = made(*case, lambda _: None)
    assert not package.is_stamped
    assert zipped(package) == zipped(made(*case)), "the same bytes as if none was wanted"


def test_the_same_stamp_makes_the_same_bytes(case: Case, tsa: Authority) -> None:
    stamper = stamper_of(tsa)
    answers = {}

    def once(data: bytes) -> object:
        if data not in answers:
            answers[data] = stamper(data)
        return answers[data]

    assert zipped(made(*case, once)) == zipped(made(*case, once))  # type: ignore[arg-type]  # the library's answer, unseen


def test_an_authority_that_was_never_asked_before_is_asked_twice(tmp_path: Path) -> None:
    new = authority(tmp_path / "tsa")
    asked = []
    stamper = stamper_of(new)

    def counted(data: bytes) -> object:
        asked.append(data)
        return stamper(data)

    contents, key = case_of_two(tmp_path)
    files = unpacked(zipped(made(contents, key, counted)))  # type: ignore[arg-type]  # the library's answer, unseen
    assert len(asked) == 2
    assert files[layout.STAMP_ROOTS] == new.root_pem
    assert told(files) == {}
