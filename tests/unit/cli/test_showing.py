import io
import os
import sys

import pytest

from sharewise.cli.showing import WORDS, complain, count_in_words, in_words, say, size_in_words
from sharewise.formats.contract import Kind


def test_each_kind_has_its_words():
    assert set(WORDS) == set(Kind)
    assert in_words([Kind.LOCATION, Kind.SERIAL, Kind.LOCATION]) == "location, serial number"


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (3_221_225_472, "3.2 GB")],
)
def test_sizes_are_in_words(size, words):
    assert size_in_words(size) == words


def test_counts_have_their_noun():
    assert count_in_words(1, "file", "files") == "1 file"
    assert count_in_words(1204, "file", "files") == "1,204 files"


def test_terminal_without_unicode_is_no_error(monkeypatch):
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", screen)
    say("a → b …")
    complain(os.fsdecode(b"odd\xff"), "reason…")
    screen.flush()
    shown = screen.buffer.getvalue()
    assert b"a \\u2192 b" in shown
    assert b"odd\\udcff: reason\\u2026" in shown
