"""What is on its way reads back at every place, and is noise to whoever looks at the disk."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.vault.scratch import BLOCK_BYTES, Scratch


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch(tmp_path)


def on_disk(scratch: Scratch) -> bytes:
    scratch._file.seek(0)
    return scratch._file.read()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.binary(max_size=3000), max_size=8),
    st.lists(st.tuples(st.integers(0, 25_000), st.integers(0, 5000)), max_size=8),
)
def test_any_place_reads_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory,
    pieces: list[bytes],
    places: list[tuple[int, int]],
) -> None:
    scratch = Scratch(tmp_path_factory.mktemp("scratch"))
    reference = io.BytesIO(b"".join(pieces))
    scratch.append("one", b"")
    for number, piece in enumerate(pieces):
        scratch.append("one", piece)
        scratch.append(f"other{number}", b"between")
    with scratch.open("one") as content:
        for offset, length in places:
            assert content.seek(offset) == reference.seek(offset)
            assert content.read(length) == reference.read(length)
    assert scratch.size_bytes("one") == len(reference.getvalue())
    scratch.close()


def test_what_is_larger_than_a_block_is_read_from_the_end_too(scratch: Scratch) -> None:
    data = os.urandom(BLOCK_BYTES * 2 + 77)
    with scratch.create("large") as output:
        output.write(data[:5])
        output.write(data[5:])
    with scratch.open("large") as content:
        content.seek(-100, os.SEEK_END)
        assert content.read() == data[-100:]
        content.seek(0)
        assert content.read() == data
    assert scratch.file("large").read(BLOCK_BYTES - 3, 9) == data[BLOCK_BYTES - 3 :][:9]
    scratch.close()


def test_nothing_plain_and_no_name_is_on_the_disk(scratch: Scratch, tmp_path: Path) -> None:
    scratch.append("screenshot-window.png", b"canary-in-a-picture" * 100)
    assert b"canary" not in on_disk(scratch)
    assert b"screenshot" not in on_disk(scratch)
    assert list(tmp_path.iterdir()) == [], "it has no name, so nothing stays after a crash"
    scratch.close()


def test_a_changed_byte_is_an_error_and_not_other_content(scratch: Scratch) -> None:
    scratch.append("one", b"words" * 1000)
    scratch._file.seek(500)
    scratch._file.write(b"\0\0\0\0")
    with scratch.open("one") as content, pytest.raises(SharewiseError) as refused:
        content.read()
    assert refused.value.code is ErrorCode.VERIFY_FAILED
    scratch.close()


def test_a_file_that_is_begun_again_is_new(scratch: Scratch) -> None:
    scratch.append("one", b"old")
    with scratch.create("one") as output:
        output.write(b"new")
    assert scratch.open("one").read() == b"new"
    scratch.drop("one")
    scratch.drop("never")
    assert scratch.names == frozenset()
    scratch.close()
