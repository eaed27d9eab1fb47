"""`sharewise case`: asks the daemon, prints for people, deletes only when it is sure."""

from __future__ import annotations

from pathlib import Path

import pytest

from sharewise.cli import case
from sharewise.cli.main import main
from sharewise.wire.captures import (
    CaseDelete,
    CaseExport,
    CaseExported,
    CaseList,
    CaseListResult,
    CaseNote,
    CaseShow,
    CaseState,
    ItemState,
    Missing,
)
from sharewise.wire.items import ItemMove
from sharewise.wire.messages import Done

CASE = CaseState(
    "0123456789abcdef",
    "2026-03-05",
    "2026-03-05T10:00:00.000Z",
    "First line\nsecond\x1b[2J line",
    (
        ItemState(
            "fedcba9876543210",
            "2026-03-05T10:00:01.000Z",
            "A title\x1b]0;evil\x07",
            "https://example.org/",
            1234,
            (Missing("text.txt", "The browser did not send it."),),
        ),
    ),
)


class Daemon:
    """Answers as the daemon would and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.cases: tuple[CaseState, ...] = (CASE,)

    def ask(self, call: object, *, start: bool = True) -> object:
        self.asked.append(call)
        match call:
            case CaseList():
                return CaseListResult(self.cases)
            case CaseExport(folder=folder):
                return CaseExported(f"{folder}/case.zip", 5, "ab")
            case CaseDelete():
                return Done()
            case ItemMove():
                return CASE  # of what is answered, only the case's id is looked at
            case _:
                return CASE


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Daemon:
    made = Daemon()
    monkeypatch.setattr(case, "ask", made.ask)
    return made


def test_list_shows_each_case_on_a_line(daemon: Daemon, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["case", "list"]) == 0
    assert capsys.readouterr().out == "0123456789abcdef  2026-03-05  1 capture\n"
    daemon.cases = ()
    assert main(["case", "list"]) == 0
    assert "no cases yet" in capsys.readouterr().out


def test_show_tells_what_is_missing_and_a_title_cannot_steer_the_terminal(
    daemon: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["case", "show", CASE.case_id]) == 0
    told = capsys.readouterr().out
    assert "missing: text.txt" in told
    assert "\x1b" not in told
    assert "\x07" not in told
    assert daemon.asked == [CaseShow(case_id=CASE.case_id)]


def test_note_sends_the_text(daemon: Daemon) -> None:
    assert main(["case", "note", CASE.case_id, "new words"]) == 0
    assert daemon.asked == [CaseNote(case_id=CASE.case_id, text="new words")]


def test_move_shows_the_case_that_it_went_to(
    daemon: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    item_id = CASE.items[0].item_id
    assert main(["case", "move", item_id, CASE.case_id]) == 0
    assert daemon.asked == [ItemMove(item_id, CASE.case_id), CaseShow(case_id=CASE.case_id)]
    assert item_id in capsys.readouterr().out


def test_export_sends_a_whole_path(
    daemon: Daemon,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["case", "export", CASE.case_id]) == 0
    assert main(["case", "export", CASE.case_id, "sub"]) == 0
    folders = [call.folder for call in daemon.asked if isinstance(call, CaseExport)]
    assert folders == [str(tmp_path.resolve()), str(tmp_path.resolve() / "sub")]
    assert "not encrypted" in capsys.readouterr().out
    options = ["--recipient", "age1x", "--originals", "--show-pictures"]
    assert main(["case", "export", CASE.case_id, *options]) == 0
    assert daemon.asked[-1] == CaseExport(
        CASE.case_id,
        str(tmp_path.resolve()),
        blur_pictures=False,
        include_originals=True,
        recipient="age1x",
    )
    assert "not encrypted" not in capsys.readouterr().out


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed on a terminal; there is none as long as it is empty."""
    words: list[str] = []
    monkeypatch.setattr("builtins.input", lambda _: words.pop())
    monkeypatch.setattr("sys.stdin.isatty", lambda: bool(words))
    return words


@pytest.mark.parametrize("word", ["delete", " DELETE "])
def test_delete_goes_on_when_it_is_told(daemon: Daemon, typed: list[str], word: str) -> None:
    typed.append(word)
    assert main(["case", "delete", CASE.case_id]) == 0
    assert daemon.asked[-1] == CaseDelete(case_id=CASE.case_id)


def test_delete_with_yes_asks_nobody(daemon: Daemon, typed: list[str]) -> None:
    assert main(["case", "delete", CASE.case_id, "--yes"]) == 0
    assert daemon.asked[-1] == CaseDelete(case_id=CASE.case_id)


@pytest.mark.parametrize("word", ["yes", "", None])
def test_delete_does_nothing_otherwise(daemon: Daemon, typed: list[str], word: str | None) -> None:
    typed += [] if word is None else [word]
    assert main(["case", "delete", CASE.case_id]) == 1
    assert daemon.asked == [CaseShow(case_id=CASE.case_id)]
