"""`sharewise daemon`: what it says and which exit code it gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.cli import client, daemon
from sharewise.cli.main import main
from sharewise.wire.messages import PROTOCOL, DaemonStatusResult, FolderState

FOLDERS = tuple(
    FolderState(
        path=f"/home/x/{mode}",
        provider="folder",
        mode=mode,
        is_reachable=True,
        private_count=1,
        cleaned_count=0,
    )
    for mode in ("off", "tell", "clean")
)


def status(**changed: object) -> DaemonStatusResult:
    fields: dict[str, object] = {
        "version": "1.2.3",
        "protocol": PROTOCOL,
        "pid": 7,
        "uptime_s": 30.0,
        "is_watching_paused": False,
        "folders": FOLDERS,
        "case_count": 2,
        "capture_count": 5,
        **changed,
    }
    return DaemonStatusResult(**fields)  # type: ignore[arg-type]  # the defaults above fit


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAREWISE_HOME", str(tmp_path))


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Callable[[DaemonStatusResult | ErrorCode], None]:
    """Let the daemon answer with a status, or not at all."""

    def put(answer: DaemonStatusResult | ErrorCode) -> None:
        def ask_once(*_arguments: object) -> DaemonStatusResult:
            if isinstance(answer, ErrorCode):
                raise SharewiseError(answer, "Something is wrong.")
            return answer

        monkeypatch.setattr(client, "ask_once", ask_once)

    return put


Answered = Callable[[DaemonStatusResult | ErrorCode], None]


def test_a_running_daemon_is_0_and_described(
    answered: Answered, capsys: pytest.CaptureFixture[str]
) -> None:
    answered(status(is_watching_paused=True))
    assert main(["daemon", "status"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "The daemon is running: version 1.2.3, process 7, for 30 seconds.",
        "Watched folders: 2 (paused).",
        "Cases: 2, with 5 sealed pages.",
    ]


def test_a_daemon_that_has_just_begun_claims_no_counts(
    answered: Answered, capsys: pytest.CaptureFixture[str]
) -> None:
    answered(status(is_ready=False, folders=(), case_count=0, capture_count=0))
    assert main(["daemon", "status"]) == 0
    said = capsys.readouterr().out
    assert "still loading" in said
    assert "Cases" not in said


@pytest.mark.parametrize(
    ("problem", "words"), [("busy", "Another Sharewise daemon"), ("key_unreadable", "doctor")]
)
def test_a_vault_that_cannot_be_had_is_told_in_place_of_counts(
    answered: Answered, capsys: pytest.CaptureFixture[str], problem: str, words: str
) -> None:
    answered(status(vault_problem=problem))
    assert main(["daemon", "status"]) == 0
    said = capsys.readouterr().out
    assert words in said
    assert "Cases: 2" not in said


def test_no_daemon_is_3(answered: Answered, capsys: pytest.CaptureFixture[str]) -> None:
    answered(ErrorCode.DAEMON_UNREACHABLE)
    assert main(["daemon", "status"]) == 3
    assert "sharewise daemon start" in capsys.readouterr().out
    assert main(["daemon", "status", "--json"]) == 3
    assert json.loads(capsys.readouterr().out) == {"is_running": False}


def test_a_daemon_that_answers_wrongly_is_an_error(
    answered: Answered, capsys: pytest.CaptureFixture[str]
) -> None:
    answered(ErrorCode.PROTOCOL_MISMATCH)
    assert main(["daemon", "status"]) == 2
    assert capsys.readouterr().err == "sharewise: Something is wrong.\n"


def test_json_holds_every_field(answered: Answered, capsys: pytest.CaptureFixture[str]) -> None:
    answered(status())
    assert main(["daemon", "status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["is_running"] is True
    assert set(found) == {"is_running", *DaemonStatusResult.__struct_fields__}
    assert [folder["mode"] for folder in found["folders"]] == ["off", "tell", "clean"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 seconds"), (119, "119 seconds"), (600, "10 minutes"), (90000, "25 hours")],
)
def test_a_duration_is_told_in_the_unit_that_fits(seconds: float, words: str) -> None:
    assert daemon._duration(seconds) == words


def test_an_action_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["daemon"])
    assert caught.value.code == 2
    assert "ACTION" in capsys.readouterr().err
