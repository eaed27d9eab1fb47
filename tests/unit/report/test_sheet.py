"""What the layout decides from a text alone."""

from __future__ import annotations

import pytest

from sharewise.report.sheet import is_right_to_left, needs_shaping


@pytest.mark.parametrize("text", ["", "Saved – “now” …", "žluťoučký", "12:30"])
def test_latin_stands_as_it_comes(text: str) -> None:
    assert not needs_shaping(text)


@pytest.mark.parametrize("text", ["رسالة", "धमकी", "a\u0301", "שלום", "脅迫"])
def test_letters_that_join_move_or_turn_are_shaped(text: str) -> None:
    assert needs_shaping(f"from {text}")


def test_the_first_letter_with_a_direction_decides() -> None:
    assert is_right_to_left("1. رسالة from")
    assert not is_right_to_left("from رسالة")
    assert not is_right_to_left("123 …")
