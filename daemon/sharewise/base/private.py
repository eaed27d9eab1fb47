"""A wrapper for values that must never reach a log: names, paths, addresses, places, titles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, repr=False)
class Private(Generic[Value]):
    """Holds a value and shows only that there is one, however it is printed or logged."""

    secret: Value

    def __repr__(self) -> str:
        return "<private>"

    def __str__(self) -> str:
        return "<private>"

    def __format__(self, spec: str) -> str:
        return "<private>"
