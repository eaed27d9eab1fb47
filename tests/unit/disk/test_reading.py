import os
import socket
import stat
import struct
import tracemalloc
import zlib
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import Malformed, SharewiseError
from sharewise.disk import reading
from sharewise.disk.reading import OpenFile, Stamp, converse, has_writer, open_file, read_small
from sharewise.formats.contract import (
    HEAD_BYTES,
    TAIL_BYTES,
    Answer,
    Find,
    FindMarkers,
    FindNonzero,
    GifBlocks,
    Inflate,
    Range,
    Request,
    Span,
)

GIGABYTE = 1 << 30


def file_of(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(data)
    return path


def ask(path: Path, request: Request) -> Answer:
    with open_file(path) as file:
        return file.answer(request)


def test_source_holds_head_tail_and_size(tmp_path):
    data = bytes(range(256)) * 1024
    with open_file(file_of(tmp_path, data)) as file:
        source = file.source()
        assert source.size_bytes == len(data)
        assert source.head == data[:HEAD_BYTES]
        assert source.tail == data[-TAIL_BYTES:]
        assert file.bytes_read == HEAD_BYTES + TAIL_BYTES


@pytest.mark.parametrize("size", [0, 1, TAIL_BYTES, TAIL_BYTES + 1, HEAD_BYTES])
def test_short_file_is_head_and_tail_at_once(tmp_path, size):
    data = os.urandom(size)
    with open_file(file_of(tmp_path, data)) as file:
        source = file.source()
    assert source.head == data
    assert source.tail == data[-TAIL_BYTES:]


def test_conversation_is_answered_in_order(tmp_path):
    def steps() -> Generator[tuple[Request, ...], tuple[Answer, ...], tuple[Answer, ...]]:
        first = yield Range(0, 2), Find(b"c", 0, 6)
        second = yield (Range(4, 2),)
        return (*first, *second)

    with open_file(file_of(tmp_path, b"abcdef")) as file:
        assert converse(steps(), file) == (b"ab", 2, b"ef")


PARTS = b"\xff\xe1\0\0" + zlib.compress(b"word") + b"\xff\xd9\x3b"


@pytest.mark.parametrize(
    "request_",
    [
        Range(1, 3),
        Find(b"\xff\xd9", 0, len(PARTS)),
        Find(b"\xff\xd9", 0, len(PARTS) - 2),
        FindMarkers(0, len(PARTS), 9),
        FindNonzero(2, len(PARTS)),
        Inflate((Span(4, len(PARTS) - 7),), 9),
        GifBlocks(len(PARTS) - 1, len(PARTS), 9),
    ],
)
def test_held_file_answers_as_it_was_when_it_was_read(tmp_path, request_):
    path = file_of(tmp_path, PARTS)
    expected = ask(path, request_)
    with open_file(path) as file:
        file.hold()
        path.write_bytes(b"another")
        assert file.answer(request_) == expected
        assert file.bytes_read == len(PARTS)


def test_range_outside_of_a_held_file_is_malformed(tmp_path):
    with open_file(file_of(tmp_path, PARTS)) as file:
        file.hold()
        with pytest.raises(Malformed):
            file.answer(Range(len(PARTS) - 1, 2))


def test_file_that_is_too_large_is_not_held(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "HOLD_BYTES", len(PARTS) - 1)
    with open_file(file_of(tmp_path, PARTS)) as file:
        file.hold()
        assert file.held is None
        assert file.bytes_read == 0


@pytest.mark.parametrize("request_", [Range(-1, 1), Range(0, 7), Range(6, 1), Range(2, -1)])
def test_range_outside_of_the_file_is_malformed(tmp_path, request_):
    with pytest.raises(Malformed):
        ask(file_of(tmp_path, b"abcdef"), request_)


def test_range_that_would_fill_the_memory_is_malformed(tmp_path):
    path = tmp_path / "sparse"
    path.touch()
    os.truncate(path, 3 * GIGABYTE)
    with pytest.raises(Malformed):
        ask(path, Range(0, 2 * GIGABYTE))


@settings(max_examples=60)
@given(
    data=st.binary(max_size=64),
    needle=st.binary(min_size=1, max_size=3),
    start=st.integers(0, 70),
    end=st.integers(0, 70),
)
def test_find_is_that_of_bytes_whatever_the_block(tmp_path_factory, data, needle, start, end):
    path = file_of(tmp_path_factory.mktemp("find"), data)
    expected = data.find(needle, start, min(end, len(data))) if start <= end else -1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BLOCK_BYTES", 4)
        assert ask(path, Find(needle, start, end)) == (None if expected < 0 else expected)


@settings(max_examples=60)
@given(data=st.lists(st.sampled_from([0xFF, 0x00, 0xD3, 0xE1, 0x41]), max_size=40).map(bytes))
def test_markers_are_found_across_blocks(tmp_path_factory, data):
    path = file_of(tmp_path_factory.mktemp("markers"), data)
    expected = [
        at
        for at in range(len(data) - 1)
        if data[at] == 0xFF and data[at + 1] not in (0x00, 0xD3, 0xFF)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BLOCK_BYTES", 3)
        found = ask(path, FindMarkers(0, len(data), 1000))
        some = ask(path, FindMarkers(0, len(data), 2))
    assert found == struct.pack(f">{len(expected)}Q", *expected)
    assert isinstance(found, bytes)
    assert some == found[:16]


def test_inflate_counts_a_stream_that_lies_in_pieces(tmp_path):
    stream = zlib.compress(b"x" * 5000)
    path = file_of(tmp_path, b"ab" + stream[:4] + b"cd" + stream[4:])
    spans = (Span(2, 4), Span(8, len(stream) - 4))
    assert ask(path, Inflate(spans, 5000)) == 5000
    assert ask(path, Inflate(spans, 4999)) is None
    assert ask(path, Inflate(spans[:1], 5000)) is None
    with pytest.raises(Malformed):
        ask(path, Inflate((Span(0, 1 << 40),), 5000))


@pytest.mark.parametrize(
    "request_",
    [
        Find(b"\xff\xd9", 0, 4 * GIGABYTE),
        FindMarkers(0, 4 * GIGABYTE, 100),
        FindNonzero(4096, 4 * GIGABYTE),
        Range(4 * GIGABYTE - 4096, 4096),
    ],
)
def test_sparse_file_of_4_gb_costs_nothing(tmp_path, request_):
    path = file_of(tmp_path, b"\xff\xd8" + b"x" * 1000)
    os.truncate(path, 4 * GIGABYTE)
    tracemalloc.start()
    with open_file(path) as file:
        file.source()
        file.answer(request_)
        assert file.bytes_read < 4 * 1024 * 1024
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


@given(data=st.lists(st.sampled_from([0, 0, 0, 7]), max_size=20).map(bytes))
@settings(max_examples=30)
def test_first_byte_that_is_not_zero_is_found_across_blocks(tmp_path_factory, data):
    path = file_of(tmp_path_factory.mktemp("nonzero"), data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BLOCK_BYTES", 3)
        found = ask(path, FindNonzero(0, len(data)))
    assert found == (data.index(7) if 7 in data else None)


def test_blocks_of_a_gif_are_found_and_stay_inside_the_file(tmp_path):
    comment = b"\x21\xfe\x02ab\x00"
    path = file_of(tmp_path, b"head" + comment + b"\x3b" + b"rest")
    ends = (4, 4 + len(comment), 5 + len(comment))
    assert ask(path, GifBlocks(4, 15, 10)) == struct.pack(">3Q", *ends)
    with pytest.raises(Malformed):
        ask(path, GifBlocks(4, 1000, 10))


def test_needle_at_the_edge_of_a_hole_is_found(tmp_path):
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
        file.seek(32 * 1024 * 1024)
        file.write(b"\x01")
    assert ask(path, Find(b"\x00\x00\x01", 0, 64 * 1024 * 1024)) == 32 * 1024 * 1024 - 2
    assert ask(path, Find(b"\x01\x00", 0, 64 * 1024 * 1024)) == 32 * 1024 * 1024


def test_file_that_shrinks_while_it_is_read_has_changed(tmp_path):
    path = file_of(tmp_path, b"x" * 100)
    with open_file(path) as file:
        os.truncate(path, 10)
        with pytest.raises(SharewiseError) as caught:
            file.answer(Range(0, 100))
    assert caught.value.code is ErrorCode.FILE_CHANGED


def test_fifo_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", ErrorCode.NOT_A_FILE)


def test_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        refused(tmp_path / "socket", ErrorCode.NOT_A_FILE)


@pytest.mark.parametrize("place", ["/dev/null", "."])
def test_device_and_folder_are_refused(tmp_path, place):
    refused(tmp_path / place, ErrorCode.NOT_A_FILE)


def test_absent_file_is_unreadable(tmp_path):
    refused(tmp_path / "nothing", ErrorCode.UNREADABLE)


def test_link_is_followed_only_where_asked(tmp_path):
    file_of(tmp_path, b"abc")
    link = tmp_path / "link"
    link.symlink_to("file")
    with open_file(link) as file:
        assert file.source().head == b"abc"
    with pytest.raises(SharewiseError) as caught, open_file(link, follow=False):
        pass
    assert caught.value.code is ErrorCode.NOT_A_FILE


def test_file_exchanged_for_a_fifo_after_the_look_is_refused(tmp_path, monkeypatch):
    # The look says regular, what is opened is a pipe: only the second look notices.
    os.mkfifo(tmp_path / "pipe")
    regular = file_of(tmp_path, b"").stat()
    monkeypatch.setattr(Path, "stat", lambda *_, **__: regular)
    refused(tmp_path / "pipe", ErrorCode.NOT_A_FILE)


def test_errors_hold_no_name(tmp_path):
    with pytest.raises(SharewiseError) as caught, open_file(tmp_path / "canary-name"):
        pass
    assert "canary-name" not in caught.value.message


def test_read_small_refuses_a_large_file(tmp_path):
    with pytest.raises(SharewiseError) as caught:
        read_small(file_of(tmp_path, b"x" * 11), 10)
    assert caught.value.code is ErrorCode.TOO_LARGE
    assert read_small(tmp_path / "file", 11) == b"x" * 11


def test_writer_is_noticed_on_linux(tmp_path):
    path = file_of(tmp_path, b"abc")
    with open_file(path) as file:
        assert not has_writer(file)
        with path.open("ab"):
            assert has_writer(file)
        assert not has_writer(file)


def test_stamp_tells_a_rename_from_a_change(tmp_path):
    path = file_of(tmp_path, b"abc")
    before = Stamp.of(path.stat())
    path.chmod(stat.S_IRUSR)
    assert Stamp.of(path.stat()).is_same_but_for_ctime(before)
    os.utime(path, ns=(1, 1))
    assert not Stamp.of(path.stat()).is_same_but_for_ctime(before)


def refused(path: Path, code: ErrorCode) -> None:
    with pytest.raises(SharewiseError) as caught, open_file(path) as file:
        assert isinstance(file, OpenFile)
    assert caught.value.code is code
