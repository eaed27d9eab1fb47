"""The hash tree of the custody log: append-only, with short proofs of what is in it.

Source: RFC 6962, 2.1 (the tree, audit paths, consistency proofs); the checks are those of RFC 9162,
2.1.3.2 and 2.1.4.2, whose tree is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of an entry."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees beside each other."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The tree of leaf hashes in memory: 64 bytes an entry, every answer in O(log n) hashes."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, leaf: bytes) -> int:
        """Add a leaf hash and return its index."""
        index = len(self)
        for level in self._levels:
            level.append(leaf)
            if len(level) % 2:
                return index
            leaf = node_hash(level[-2], level[-1])
        self._levels.append([leaf])
        return index

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first `size` leaves, of all if None."""
        count = len(self) if size is None else size
        assert 0 <= count <= len(self)
        return self._hash(0, count) if count else EMPTY_ROOT

    def roots(self) -> list[bytes]:
        """Return the root over each beginning of the log, from one leaf on."""
        found: list[bytes] = []
        peaks: list[bytes] = []
        for count, leaf in enumerate(self._levels[0], start=1):
            whole = leaf
            level = count
            while not level & 1:  # two whole subtrees of one size become one
                whole = node_hash(peaks.pop(), whole)
                level >>= 1
            peaks.append(whole)
            root = whole
            for peak in reversed(peaks[:-1]):
                root = node_hash(peak, root)
            found.append(root)
        return found

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the audit path of a leaf towards the root over the first `size` leaves."""
        assert 0 <= index < size <= len(self)
        path: list[bytes] = []
        start, end = 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._hash(middle, end))
                end = middle
            else:
                path.append(self._hash(start, middle))
                start = middle
        return tuple(reversed(path))

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `new` leaves continues that of `old` leaves."""
        assert 0 < old <= new <= len(self)
        proof: list[bytes] = []
        start, end, is_old_root = 0, new, True
        while old != end:
            middle = start + _split(end - start)
            if old <= middle:
                proof.append(self._hash(middle, end))
                end = middle
            else:
                proof.append(self._hash(start, middle))
                start = middle
                is_old_root = False
        if not is_old_root:
            proof.append(self._hash(start, end))
        return tuple(reversed(proof))

    def _hash(self, start: int, end: int) -> bytes:
        """Return the hash over the leaves [start, end), a subtree of RFC 6962's shape."""
        count = end - start
        if count & (count - 1) == 0 and start % count == 0:
            return self._levels[count.bit_length() - 1][start // count]
        middle = start + _split(count)
        return node_hash(self._hash(start, middle), self._hash(middle, end))


def _split(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


@dataclass(frozen=True, slots=True)
class Step:
    """One step from a leaf to the root: the other subtree, and on which side it stands."""

    side: Literal["left", "right"]
    sibling: bytes


def steps(index: int, size: int, proof: Sequence[bytes]) -> tuple[Step, ...] | None:
    """Return how a proof is followed by hand, or None if it has not the length that it must."""
    if not 0 <= index < size:
        return None
    found: list[Step] = []
    node, last = index, size - 1
    for sibling in proof:
        if last == 0:
            return None
        if node % 2 or node == last:
            found.append(Step("left", sibling))
            while not node % 2 and node:
                node, last = node // 2, last // 2
        else:
            found.append(Step("right", sibling))
        node, last = node // 2, last // 2
    return tuple(found) if last == 0 else None


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that a proof leads to, or None if it cannot be one."""
    path = steps(index, size, proof)
    if path is None:
        return None
    reached = leaf
    for step in path:
        if step.side == "left":
            reached = node_hash(step.sibling, reached)
        else:
            reached = node_hash(reached, step.sibling)
    return reached


def is_consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Return whether the proof shows that the tree of `new` leaves continues that of `old`."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    hashes = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not hashes:
        return False
    node, last = old - 1, new - 1
    while node % 2:
        node, last = node // 2, last // 2
    reached_old = reached_new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if node % 2 or node == last:
            reached_old = node_hash(sibling, reached_old)
            reached_new = node_hash(sibling, reached_new)
            while not node % 2 and node:
                node, last = node // 2, last // 2
        else:
            reached_new = node_hash(reached_new, sibling)
        node, last = node // 2, last // 2
    return last == 0 and reached_old == old_root and reached_new == new_root


def inclusion_text(data: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return a proof as lines that a shell can follow, hexadecimal:

    "leaf HASH", then from the leaf up "left HASH" or "right HASH" for the other subtree, then
    "root HASH". The next hash is SHA-256 of a byte 01, the left one and the right one.
    Raises ValueError if the proof is none.
    """
    path = steps(index, size, proof)
    leaf = leaf_hash(data)
    root = root_of_inclusion(leaf, index, size, proof)
    if path is None or root is None:
        raise ValueError("no proof of this place in a tree of this size")
    lines = [f"leaf {leaf.hex()}", *(f"{step.side} {step.sibling.hex()}" for step in path)]
    return "\n".join([*lines, f"root {root.hex()}", ""]).encode()
