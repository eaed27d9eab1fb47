"""VERIFY.txt: plain, complete, and its commands can be taken out of it."""

from __future__ import annotations

from sharewise.seals import instructions
from sharewise.seals.problems import LIMITS

KEY = "ab" * 32


def built(*, has_captures: bool = True) -> str:
    return instructions.build(package="case-1", key=KEY, has_captures=has_captures).decode()


def test_its_commands_use_only_what_every_linux_has() -> None:
    programs = {command.split()[0] for command in instructions.commands(built())}
    assert programs == {"unzip", "cd", "sha256sum", "!", "openssl", "("}


def test_it_speaks_of_captures_only_if_there_are_some() -> None:
    assert "data/items/*/" in built()
    assert "data/items/*/" not in "".join(instructions.commands(built(has_captures=False)))


def test_it_names_the_key_and_every_limit() -> None:
    text = " ".join(built().split())
    assert KEY in text
    assert all(limit in text for limit in LIMITS)


def test_it_is_ascii_and_its_prose_fits_a_terminal() -> None:
    text = built()
    assert text.isascii()
    assert max(len(line) for line in text.splitlines() if not line.startswith("  $ ")) <= 100
