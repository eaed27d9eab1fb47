"""age files: only whole and unchanged ones open, and what a disk says is told as it is."""

from __future__ import annotations

import errno
import io
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.vault import age

IDENTITY = age.new_identity()
OTHER = age.new_identity()
LARGE = os.urandom(200_000)
SEALED = age.encrypt(LARGE, IDENTITY.to_public())


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=200_000))
def test_what_was_encrypted_is_read_back(plain: bytes) -> None:
    output = io.BytesIO()
    age.encrypt_stream(io.BytesIO(plain), output, IDENTITY.to_public())
    assert age.decrypt(output.getvalue(), IDENTITY) == plain
    assert age.decrypt(age.encrypt(plain, IDENTITY.to_public()), IDENTITY) == plain


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SEALED) * 8 - 1))
def test_a_flipped_bit_is_an_error(bit: int) -> None:
    changed = bytearray(SEALED)
    changed[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(SharewiseError) as refused:
        age.decrypt(bytes(changed), IDENTITY)
    assert refused.value.code is ErrorCode.VERIFY_FAILED


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(SEALED) - 1))
def test_a_file_that_is_cut_off_is_an_error(length: int) -> None:
    with pytest.raises(SharewiseError) as refused:
        age.decrypt(SEALED[:length], IDENTITY)
    assert refused.value.code is ErrorCode.VERIFY_FAILED


def test_another_key_opens_nothing() -> None:
    with pytest.raises(SharewiseError) as refused:
        age.decrypt(SEALED, OTHER)
    assert refused.value.code is ErrorCode.VERIFY_FAILED


class Full:
    def write(self, _: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Broken:
    def read(self, _: int = -1) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_full_disk_is_told_as_such() -> None:
    for work in (
        lambda: age.encrypt_stream(io.BytesIO(LARGE), Full(), IDENTITY.to_public()),
        lambda: age.decrypt_stream(io.BytesIO(SEALED), Full(), IDENTITY),
    ):
        with pytest.raises(OSError, match="No space") as refused:
            work()
        assert refused.value.errno == errno.ENOSPC


def test_a_disk_that_cannot_be_read_is_told_as_such() -> None:
    for work in (
        lambda: age.encrypt_stream(Broken(), io.BytesIO(), IDENTITY.to_public()),
        lambda: age.decrypt_stream(Broken(), io.BytesIO(), IDENTITY),
    ):
        with pytest.raises(OSError, match="output error") as refused:
            work()
        assert refused.value.errno == errno.EIO


@pytest.mark.parametrize("text", ["", "age1", "AGE-SECRET-KEY-1", "age1" + "q" * 58])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no age"):
        age.recipient_of(text)
    with pytest.raises(ValueError, match="no age"):
        age.identity_of(text)
