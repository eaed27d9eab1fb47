import json

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.cli import watch
from sharewise.cli.main import main
from sharewise.wire.messages import (
    Call,
    Done,
    FolderState,
    WatchAdd,
    WatchList,
    WatchListResult,
    WatchPause,
    WatchRemove,
    WatchSet,
    WatchUndo,
)

STATE = FolderState(
    path="/home/a/Fotos\n",
    provider="dropbox",
    mode="clean",
    is_reachable=False,
    private_count=1204,
    cleaned_count=1200,
    problem="watch_limit",
)
LISTED = WatchListResult(is_paused=True, folders=(STATE,))
ANSWERS: dict[type[Call[object]], object] = {
    WatchList: LISTED,
    WatchAdd: STATE,
    WatchSet: STATE,
    WatchRemove: Done(),
    WatchPause: LISTED,
    WatchUndo: Done(),
}


@pytest.fixture
def asked(tmp_path, monkeypatch):
    calls: list[Call[object]] = []

    def ask(call):
        calls.append(call)
        return ANSWERS[type(call)]

    monkeypatch.setattr(watch, "ask", ask)
    monkeypatch.chdir(tmp_path)
    return calls


def test_words_become_calls_with_whole_paths(asked, tmp_path):
    lines = (
        ["list"],
        ["add", "f"],
        ["add", "--clean", "f"],
        ["set", "f", "off"],
        ["remove", "f"],
        ["pause"],
        ["resume"],
        ["undo", "f/../a.jpg"],
    )
    for words in lines:
        assert main(["watch", *words]) == 0
    folder = str(tmp_path / "f")
    assert asked == [
        WatchList(),
        WatchAdd(path=folder, mode="tell"),
        WatchAdd(path=folder, mode="clean"),
        WatchSet(path=folder, mode="off"),
        WatchRemove(path=folder),
        WatchPause(is_paused=True),
        WatchPause(is_paused=False),
        WatchUndo(path=str(tmp_path / "a.jpg")),
    ]


def test_person_reads_how_each_folder_is(asked, capsys):
    main(["watch", "list"])
    shown = capsys.readouterr().out
    assert "cleans  /home/a/Fotos\\n  (dropbox)" in shown
    assert "not there at the moment" in shown
    assert "max_user_watches" in shown
    assert "1,204 private files seen, 1,200 cleaned" in shown
    assert "Watching is paused" in shown


def test_json_is_one_object_a_line(asked, capsys):
    for words in (["list"], ["add", "f"], ["remove", "f"], ["undo", "f"], ["pause"]):
        assert main(["watch", words[0], "--json", *words[1:]]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["path"] == "/home/a/Fotos\n"
    assert lines[0]["problem"] == "watch_limit"
    assert lines[2] == {"status": "done"}


def test_nothing_watched_says_how_to_begin(asked, capsys, monkeypatch):
    monkeypatch.setattr(watch, "ask", lambda _: WatchListResult(is_paused=False, folders=()))
    main(["watch", "list"])
    assert "sharewise watch add DIR" in capsys.readouterr().out


def test_refusal_is_a_sentence_and_2(asked, capsys, monkeypatch):
    def refuse(_: Call[object]) -> None:
        raise SharewiseError(ErrorCode.FOLDER_OVERLAP, "A watched folder lies in this one.")

    monkeypatch.setattr(watch, "ask", refuse)
    assert main(["watch", "add", "f"]) == 2
    assert capsys.readouterr().err == "sharewise: A watched folder lies in this one.\n"


def test_name_that_is_no_text_is_refused_here(asked, capsys):
    assert main(["watch", "add", "odd\udcff"]) == 2
    assert asked == []
    assert "Rename it first" in capsys.readouterr().err
