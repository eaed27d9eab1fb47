"""The tree is that of RFC 6962, held against its definition written down naively."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewise.seals import merkle
from sharewise.seals.merkle import Tree, is_consistent, leaf_hash, root_of_inclusion

SIZES = st.integers(1, 70)


def entries(count: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(count)]


def naive_root(data: list[bytes]) -> bytes:
    """RFC 6962, 2.1."""
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return hashlib.sha256(b"\0" + data[0]).digest()
    k = naive_split(len(data))
    return hashlib.sha256(b"\1" + naive_root(data[:k]) + naive_root(data[k:])).digest()


def naive_split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def naive_path(index: int, data: list[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1."""
    if len(data) == 1:
        return []
    k = naive_split(len(data))
    if index < k:
        return [*naive_path(index, data[:k]), naive_root(data[k:])]
    return [*naive_path(index - k, data[k:]), naive_root(data[:k])]


def naive_consistency(old: int, data: list[bytes], *, is_whole: bool = True) -> list[bytes]:
    """RFC 6962, 2.1.2."""
    if old == len(data):
        return [] if is_whole else [naive_root(data)]
    k = naive_split(len(data))
    if old <= k:
        return [*naive_consistency(old, data[:k], is_whole=is_whole), naive_root(data[k:])]
    return [*naive_consistency(old - k, data[k:], is_whole=False), naive_root(data[:k])]


def tree(count: int) -> Tree:
    return Tree(map(leaf_hash, entries(count)))


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert Tree().root() == merkle.EMPTY_ROOT == naive_root([])


@given(SIZES)
def test_every_root_on_the_way_is_that_of_the_definition(count: int) -> None:
    grown = tree(count)
    assert len(grown) == count
    for size in range(count + 1):
        assert grown.root(size) == naive_root(entries(size))
    assert grown.roots() == [grown.root(size) for size in range(1, count + 1)]


@given(SIZES, st.data())
@settings(max_examples=60)
def test_a_path_is_that_of_the_definition_and_leads_to_the_root(
    count: int, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, count))
    index = data.draw(st.integers(0, size - 1))
    path = tree(count).inclusion(index, size)
    assert list(path) == naive_path(index, entries(size))
    leaf = leaf_hash(entries(count)[index])
    assert root_of_inclusion(leaf, index, size, path) == naive_root(entries(size))


@given(SIZES, st.data())
@settings(max_examples=60)
def test_a_path_proves_no_other_entry_place_or_size(count: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, count - 1))
    grown = tree(count)
    path = grown.inclusion(index, count)
    leaf = leaf_hash(entries(count)[index])
    assert root_of_inclusion(leaf_hash(b"another"), index, count, path) != grown.root()
    other = data.draw(st.integers(0, 80))
    if other != index:
        assert root_of_inclusion(leaf, other, count, path) != grown.root()
    for broken in (path[:-1], (*path, bytes(32))):
        if broken != path:
            assert root_of_inclusion(leaf, index, count, broken) != grown.root()


@given(SIZES, st.data())
@settings(max_examples=60)
def test_growing_is_proved_and_a_changed_past_is_not(count: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, count))
    grown = tree(count)
    proof = grown.consistency(old, count)
    assert list(proof) == naive_consistency(old, entries(count))
    old_root = naive_root(entries(old))
    assert is_consistent(old, old_root, count, grown.root(), proof)
    rewritten = entries(count)
    rewritten[data.draw(st.integers(0, old - 1))] = b"other"
    changed = Tree(map(leaf_hash, rewritten))
    forged = changed.consistency(old, count)
    assert not is_consistent(old, old_root, count, changed.root(), forged)
    assert not is_consistent(old, old_root, count, grown.root(), (*proof, bytes(32)))
    if proof:
        assert not is_consistent(old, old_root, count, grown.root(), proof[:-1])


@given(SIZES, st.data())
@settings(max_examples=30)
def test_the_lines_of_a_proof_can_be_followed_by_hand(count: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, count - 1))
    entry = entries(count)[index]
    grown = tree(count)
    lines = merkle.inclusion_text(entry, index, count, grown.inclusion(index, count)).decode()
    first, *middle, last = (line.split(" ") for line in lines.splitlines())
    assert first == ["leaf", hashlib.sha256(b"\0" + entry).hexdigest()]
    reached = first[1]
    for side, other in middle:
        pair = other + reached if side == "left" else reached + other
        reached = hashlib.sha256(b"\1" + bytes.fromhex(pair)).hexdigest()
    assert last == ["root", reached] == ["root", grown.root().hex()]


def test_a_proof_of_another_length_is_no_text() -> None:
    with pytest.raises(ValueError, match="no proof"):
        merkle.inclusion_text(b"x", 0, 3, ())
