"""Containers: what Sharewise writes is read, and every other zip is told apart."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals import container
from sharewise.seals.check import check
from sharewise.seals.container import Stored
from sharewise.seals.problems import ProblemKind
from sharewise.seals.unpacking import ZipReader, open_zip
from support.evidence import BytesInMemory, exported


def built(files: dict[str, bytes], *, between: bytes = b"") -> bytes:
    """Return a zip as Sharewise writes it; `between` is put before each member."""
    out = b""
    stored = []
    for name, content in files.items():
        out += between
        one = Stored(name, zlib.crc32(content), len(content), len(out))
        out += container.local_header(name, one.crc32, one.size_bytes) + content
        stored.append(one)
    directory = b"".join(container.central_entry(one) for one in stored)
    end = container.end_records(
        count=len(stored), directory_offset=len(out), directory_bytes=len(directory)
    )
    return out + directory + end


def opened(content: bytes) -> ZipReader:
    return open_zip(BytesInMemory(content))


def opened_if_it_is_one(content: bytes) -> ZipReader | None:
    try:
        return opened(content)
    except SharewiseError as error:
        code = error.code
    assert code is ErrorCode.NOT_A_PACKAGE
    return None


def kinds(reader: ZipReader) -> set[ProblemKind]:
    return {problem.kind for problem in reader.problems}


FILES = {"base/a.txt": b"alpha", "base/data/b.bin": bytes(300), "base/empty": b""}


def test_what_is_written_is_read_without_a_problem() -> None:
    reader = opened(built(FILES))
    assert reader.problems == ()
    assert {m.name: b"".join(reader.chunks(m)) for m in reader.members} == {
        "a.txt": b"alpha",
        "data/b.bin": bytes(300),
        "empty": b"",
    }


def test_other_programs_read_what_is_written() -> None:
    with zipfile.ZipFile(io.BytesIO(built(FILES))) as other:
        assert other.testzip() is None
        assert {name: other.read(name) for name in other.namelist()} == FILES


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return exported(tmp_path_factory.mktemp("export"))[0]


def test_every_flipped_bit_of_the_container_shows() -> None:
    small = built({"base/a": b"1", "base/b": b"22"})
    for at in range(len(small)):
        for bit in range(8):
            broken = bytearray(small)
            broken[at] ^= 1 << bit
            reader = opened_if_it_is_one(bytes(broken))
            if reader is None:
                continue
            contents = {m.name: b"".join(reader.chunks(m)) for m in reader.members}
            assert reader.problems or contents != {"a": b"1", "b": b"22"}, (at, bit)


def test_flipped_bits_all_over_a_package_show(package: bytes) -> None:
    for at in range(3, len(package), 1597):
        broken = bytearray(package)
        broken[at] ^= 1 << (at % 8)
        reader = opened_if_it_is_one(bytes(broken))
        assert reader is None or not check(reader).is_verified, at


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 10**6), noise=st.binary(min_size=1, max_size=40))
def test_noise_anywhere_is_never_verified_and_never_a_defect(
    package: bytes, at: int, noise: bytes
) -> None:
    at %= len(package)
    broken = (package[:at] + noise + package[at + len(noise) :])[: len(package)]
    reader = opened_if_it_is_one(broken)
    assert reader is None or check(reader).is_verified == (broken == package)


def test_a_package_cut_anywhere_is_never_verified(package: bytes) -> None:
    for at in range(0, len(package), 997):
        reader = opened_if_it_is_one(package[:at])
        assert reader is None or not check(reader).is_verified


@given(st.binary(max_size=200))
def test_noise_is_no_package(noise: bytes) -> None:
    with pytest.raises(SharewiseError, match="no package"):
        opened(noise.replace(b"PK", b"--"))


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_overwritten_bytes_never_crash_the_reader(at: int, noise: bytes) -> None:
    content = built(FILES)
    at %= len(content)
    broken = content[:at] + noise + content[at + len(noise) :]
    reader = opened_if_it_is_one(broken[: len(content)])
    for member in reader.members if reader else ():
        assert sum(map(len, reader.chunks(member))) <= len(content)


def test_data_behind_the_end_is_told() -> None:
    assert ProblemKind.DATA_OUTSIDE in kinds(opened(built(FILES) + b"hidden"))


def test_data_before_the_start_is_told() -> None:
    found = kinds(opened(b"#!/bin/sh\n" + built(FILES)))
    assert found & {ProblemKind.MALFORMED_CONTAINER, ProblemKind.DATA_OUTSIDE}


def test_data_between_files_is_told() -> None:
    assert ProblemKind.DATA_OUTSIDE in kinds(opened(built(FILES, between=b"gap")))


def test_a_second_end_behind_the_first_is_told() -> None:
    content = built(FILES)
    assert opened(content + content[-22:]).problems


def rezipped(*entries: tuple[zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        for info, content in entries:
            info.compress_type = method
            target.writestr(info, content)
    return out.getvalue()


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def test_a_link_is_told_and_not_read() -> None:
    reader = opened(rezipped((entry("base/x", stat.S_IFLNK | 0o777), b"/etc/passwd")))
    assert ProblemKind.NOT_A_FILE in kinds(reader)
    assert reader.members == ()


def test_a_folder_entry_is_told() -> None:
    reader = opened(rezipped((entry("base/"), b""), (entry("base/x"), b"x")))
    assert ProblemKind.CHANGED_CONTAINER in kinds(reader)
    assert [member.name for member in reader.members] == ["x"]


def test_a_bomb_is_told_and_never_inflated() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr(entry("base/x"), bytes(50_000_000), zipfile.ZIP_DEFLATED)
        target.writestr(entry("base/y"), b"y")
    reader = opened(out.getvalue())
    assert reader.source.size_bytes < 100_000
    assert ProblemKind.COMPRESSED in kinds(reader)
    assert [member.name for member in reader.members] == ["y"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_who_has_a_repacked_zip_is_told_what_to_do(method: int) -> None:
    entries = []
    for name in ("base/x", "base/y"):
        info = entry(name)
        info.date_time = (2026, 3, 5, 10, 0, 0)
        entries.append((info, b"content"))
    with pytest.raises(SharewiseError, match="Unpack it") as refused:
        opened(rezipped(*entries, method=method))
    assert refused.value.code is ErrorCode.NOT_A_PACKAGE


def test_one_repacked_entry_is_told_and_still_read() -> None:
    info = entry("base/x")
    info.date_time = (2026, 3, 5, 10, 0, 0)
    info.extra = b"\x99\x99\x02\x00ab"
    reader = opened(rezipped((info, b"x"), (entry("base/y"), b"y")))
    assert kinds(reader) >= {ProblemKind.CHANGED_CONTAINER}
    assert [b"".join(reader.chunks(member)) for member in reader.members] == [b"x", b"y"]


def test_a_name_that_is_not_ascii_is_not_read() -> None:
    reader = opened(rezipped((entry("base/ü"), b"x")))
    assert ProblemKind.UNSAFE_NAME in kinds(reader)
    assert reader.members == ()


def test_the_same_name_twice_is_told() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = rezipped((entry("base/x"), b"1"), (entry("base/x"), b"2"))
    verdict = check(opened(content))
    assert ProblemKind.DUPLICATE_NAME in {problem.kind for problem in verdict.problems}


def test_a_name_that_climbs_out_keeps_its_steps_and_is_told() -> None:
    verdict = check(opened(built({"../../x": b"1"})))
    assert ProblemKind.UNSAFE_NAME in {problem.kind for problem in verdict.problems}


def test_entries_that_share_their_bytes_are_not_read() -> None:
    content = bytes(1000)
    one = Stored("base/a", zlib.crc32(content), len(content), 0)
    local = container.local_header(one.name, one.crc32, one.size_bytes)
    directory = container.central_entry(one) * 50
    body = local + content + directory
    end = container.end_records(
        count=50, directory_offset=len(local) + len(content), directory_bytes=len(directory)
    )
    reader = opened(body + end)
    assert kinds(reader) >= {ProblemKind.TOO_LARGE, ProblemKind.DATA_OUTSIDE}
    assert reader.members == ()


@pytest.mark.parametrize(
    "count", [container.LIMIT_16 - 1, 5], ids=["more than there are", "some that are not"]
)
def test_a_count_that_is_not_true_is_told(count: int) -> None:
    content = bytearray(built(FILES))
    struct.pack_into("<HH", content, len(content) - 14, count, count)
    assert ProblemKind.MALFORMED_CONTAINER in kinds(opened(bytes(content)))


def test_a_wrong_check_sum_in_both_places_is_found_by_reading() -> None:
    one = Stored("base/a", 123, 5, 0)
    local = container.local_header(one.name, one.crc32, 5) + b"alpha"
    directory = container.central_entry(one)
    end = container.end_records(
        count=1, directory_offset=len(local), directory_bytes=len(directory)
    )
    reader = opened(local + directory + end)
    assert reader.problems == ()
    found = {(p.kind, p.member) for p in check(reader).problems}
    assert (ProblemKind.HASH_DIFFERS, "a") in found


class Sparse:
    """A zip of more than 4 GB: three real pieces, and nothing between them."""

    def __init__(self, pieces: dict[int, bytes], size_bytes: int) -> None:
        self.pieces = pieces
        self.size_bytes = size_bytes

    def read(self, offset: int, length: int) -> bytes:
        end = min(offset + length, self.size_bytes)
        out = bytearray(max(0, end - offset))
        for start, piece in self.pieces.items():
            first, last = max(start, offset), min(start + len(piece), end)
            if first < last:
                out[first - offset : last - offset] = piece[first - start : last - start]
        return bytes(out)


def test_a_package_of_more_than_four_gigabytes_has_the_longer_records() -> None:
    size = 3 * 2**30
    pieces: dict[int, bytes] = {}
    stored = []
    at = 0
    for name in ("base/a", "base/b", "base/c"):
        header = container.local_header(name, 0, size)
        pieces[at] = header
        stored.append(Stored(name, 0, size, at))
        at += len(header) + size
    directory = b"".join(container.central_entry(one) for one in stored)
    end = container.end_records(count=3, directory_offset=at, directory_bytes=len(directory))
    pieces[at] = directory + end
    reader = open_zip(Sparse(pieces, at + len(directory) + len(end)))
    assert reader.problems == ()
    assert [member.size_bytes for member in reader.members] == [size] * 3
    with zipfile.ZipFile(_Readable(Sparse(pieces, at + len(directory) + len(end)))) as other:
        assert [info.file_size for info in other.infolist()] == [size] * 3


class _Readable(io.RawIOBase):
    def __init__(self, sparse: Sparse) -> None:
        self.sparse = sparse
        self.at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        base = {0: 0, 1: self.at, 2: self.sparse.size_bytes}[whence]
        self.at = base + offset
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int = -1) -> bytes:
        data = self.sparse.read(self.at, self.sparse.size_bytes if size < 0 else size)
        self.at += len(data)
        return data


def test_a_broken_pointer_to_the_longer_records_is_told() -> None:
    content = bytearray(built(FILES))
    locator = container.LOCATOR_64.pack(container.LOCATOR_64_SIGNATURE, 0, 2**63, 1)
    broken = bytes(content[:-22]) + locator + bytes(content[-22:])
    assert ProblemKind.MALFORMED_CONTAINER in kinds(opened(broken))


def test_a_whole_package_is_verified(package: bytes) -> None:
    assert check(opened(package)).is_verified
