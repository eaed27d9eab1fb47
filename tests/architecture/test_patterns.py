"""No regular expression needs what some supported Python gets wrong."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GROUP = re.compile(r"\)(?:[*+?]|\{[0-9,]*\})\+|\(\?>")
"""A group that is possessive, or atomic: before Python 3.11.5 such a one may match nothing and
still succeed (gh-106052). Of a single set of characters both are right."""


def words_in(source: str) -> str:
    """Return every text and byte string of a module, those that are joined as one."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            value = node.value
            found.append(value.decode("latin-1") if isinstance(value, bytes) else value)
    return "\n".join(found)


@pytest.mark.parametrize("folder", ["daemon", "native_host", "installers"])
def test_no_group_is_possessive_or_atomic(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    found = {file.name: GROUP.findall(words_in(file.read_text(encoding="utf-8"))) for file in files}
    assert {name: groups for name, groups in found.items() if groups} == {}


@pytest.mark.parametrize("pattern", ["(?:a|b)*+", "(?:a|b){1,3}+", "(?>a|b)", "(?:a)++"])
def test_one_would_be_found(pattern: str) -> None:
    assert GROUP.search(words_in(f"import re\nX = re.compile(rb'{pattern}')\n"))
