"""The corpus stage lets other tools clean the files too, and judges them as it judges us."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from corpus.cases import Case, Outcome
from corpus.peers import Peer, Treated, print_peers, row, treat_all, treated_by_us
from support.images import SECRET, exif_segment, jpeg, secret_exif, with_segments

TOKEN = SECRET.decode()
COPY = "import sys; open(sys.argv[1], 'wb').write(open({!r}, 'rb').read())"


def peer(*command: str) -> Peer:
    return Peer("Tool, `do`", command, ("echo", "tool v1.2"))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    file = tmp_path / "a.jpg"
    file.write_bytes(with_segments(jpeg(), exif_segment(secret_exif(6))))
    return Case(file, is_canary=True, kind="jpg", tokens=(TOKEN,))


def test_tool_that_does_nothing_leaves_the_token(case: Case) -> None:
    assert treat_all(peer("true"), [case]) == [Treated(True, True, True, has_private_tags=True)]


def test_tool_that_fails_has_not_handled_the_file(case: Case) -> None:
    assert treat_all(peer("false"), [case]) == [Treated(True, is_handled=False)]


def test_tool_that_leaves_an_empty_file_has_not_handled_it(case: Case) -> None:
    empty = peer(sys.executable, "-c", "import sys; open(sys.argv[1], 'wb')")
    assert treat_all(empty, [case]) == [Treated(True, is_handled=False)]


def test_tool_that_turns_the_picture_is_seen(case: Case, tmp_path: Path) -> None:
    plain = tmp_path / "plain.jpg"
    plain.write_bytes(jpeg())
    turned = peer(sys.executable, "-c", COPY.format(str(plain)))
    assert treat_all(turned, [case]) == [Treated(True, True, is_turned=True)]
    assert case.file.read_bytes() != plain.read_bytes()


def test_tool_that_draws_something_else_is_seen(case: Case, tmp_path: Path) -> None:
    other = tmp_path / "other.jpg"
    other.write_bytes(jpeg(40, 24))
    drawn = peer(sys.executable, "-c", COPY.format(str(other)))
    assert treat_all(drawn, [case])[0].are_pixels_changed


def test_what_is_wrong_is_counted_among_what_was_handled() -> None:
    treated = [Treated(True, True, True), Treated(False, True, is_icc_lost=True)]
    counted = row("Tool", [*treated, Treated(True, is_handled=False)])
    assert counted == ["Tool", "2 of 3", "1 of 1", "0", "0", "0", "1", "1"]


def test_ours_is_counted_like_any_other(tmp_path: Path) -> None:
    outcome = Outcome(Case(tmp_path / "a.jpg", True, "jpg"), output=tmp_path, tokens_left=1)
    assert treated_by_us(outcome) == Treated(True, True, True)
    assert treated_by_us(Outcome(outcome.case)) == Treated(True, is_handled=False)


def test_table_has_a_line_for_each_and_the_versions(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    malformed = Case(case.file, False, "jpg", is_malformed=True)
    print_peers([case, malformed], [Outcome(case), Outcome(malformed)], [peer("true")])
    lines = capsys.readouterr().out.splitlines()
    assert "| **Sharewise** | 0 of 1 | 0 of 0 | 0 | 0 | 0 | 0 | 1 |" in lines
    assert "| Tool, `do` | 1 of 1 | 1 of 1 | 1 | 0 | 0 | 0 | 0 |" in lines
    assert "Versions: Tool v1.2." in lines
