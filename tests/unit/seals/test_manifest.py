"""Manifests: what is written is read, and what is broken is told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sharewise.seals import manifest

DIGEST = "0123456789abcdef" * 4


NAMES = st.text(st.characters(codec="utf-8"), max_size=20)


@given(st.dictionaries(NAMES, st.just(DIGEST), max_size=5))
def test_what_is_built_is_parsed(digests: dict[str, str]) -> None:
    digests = {f"data/{name}": sha256 for name, sha256 in digests.items()}
    assert manifest.parse(manifest.build(digests)) == manifest.Manifest(digests, (), ())


@given(st.binary())
def test_noise_never_raises(noise: bytes) -> None:
    manifest.parse(noise)


def test_lines_are_sorted_by_name() -> None:
    assert manifest.build({"b": DIGEST, "a": DIGEST}) == f"{DIGEST}  a\n{DIGEST}  b\n".encode()


def test_a_line_that_is_none_is_named_by_its_number() -> None:
    found = manifest.parse(f"{DIGEST}  a\nnonsense\n{DIGEST}\n\xff".encode("latin-1"))
    assert found.digests == {"a": DIGEST}
    assert found.bad_lines == (2, 3, 4)


def test_a_name_that_stands_twice_is_told_and_the_first_counts() -> None:
    found = manifest.parse(f"{DIGEST}  a\n{'f' * 64}  a\n".encode())
    assert found.repeated == ("a",)
    assert found.digests == {"a": DIGEST}


def test_capitals_stars_and_line_ends_of_other_tools_are_read() -> None:
    found = manifest.parse(f"{DIGEST.upper()} *data/a\r\n".encode())
    assert found.digests == {"data/a": DIGEST}
    assert found.bad_lines == ()
