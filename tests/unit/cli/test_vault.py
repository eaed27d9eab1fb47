"""`sharewise vault`: says who can read what was saved, and never shows a passphrase."""

from __future__ import annotations

import io

import pytest

from sharewise.cli import vault
from sharewise.cli.main import main
from sharewise.wire.evidence import (
    VaultLock,
    VaultSetPassphrase,
    VaultStatus,
    VaultStatusResult,
    VaultUnlock,
)

NEW = "four plain garden words"


def status(*, has_passphrase: bool = True, is_locked: bool = False, **more: object) -> object:
    told: dict[str, object] = {"is_checked": True, "problems": ()} | more
    return VaultStatusResult(
        has_passphrase=has_passphrase,
        is_locked=is_locked,
        auto_lock_minutes=15,
        wait_s=0.0,
        log_size=3,
        **told,  # type: ignore[arg-type]  # fields by name
    )


class Daemon:
    """Answers as the daemon would and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.answer = status()

    def ask(self, call: object, *, start: bool = True) -> object:
        self.asked.append(call)
        return self.answer


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Daemon:
    made = Daemon()
    monkeypatch.setattr(vault, "ask", made.ask)
    return made


@pytest.mark.parametrize(
    ("answer", "said", "code"),
    [
        (status(), "is open", 0),
        (status(is_locked=True), "is locked", 0),
        (status(has_passphrase=False), "no passphrase", 0),
        (status(is_checked=False), "still being checked", 0),
        (status(problems=("The log is older.\x1b[2J",)), "problem: The log is older.", 1),
    ],
)
def test_status_says_who_can_read(
    daemon: Daemon, capsys: pytest.CaptureFixture[str], answer: object, said: str, code: int
) -> None:
    daemon.answer = answer
    assert main(["vault", "status"]) == code
    told = capsys.readouterr().out
    assert said in told
    assert "\x1b" not in told
    assert ("nothing wrong" in told) is (code == 0 and "still" not in told)
    assert daemon.asked == [VaultStatus()]


def test_lock_and_unlock(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NEW}\n"))
    assert main(["vault", "lock"]) == 0
    assert main(["vault", "unlock"]) == 0
    assert daemon.asked == [VaultLock(), VaultUnlock(passphrase=NEW)]


@pytest.mark.parametrize("has_passphrase", [False, True])
def test_a_passphrase_is_asked_for_twice_and_never_shown(
    daemon: Daemon,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    has_passphrase: bool,
) -> None:
    daemon.answer = status(has_passphrase=has_passphrase)
    before = "old words\n" if has_passphrase else ""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{before}{NEW}\n{NEW}\n"))
    assert main(["vault", "passphrase"]) == 0
    current = "old words" if has_passphrase else None
    assert daemon.asked[-1] == VaultSetPassphrase(new=NEW, current=current)
    told = capsys.readouterr()
    assert NEW not in told.out + told.err
    assert "no way to recover" in told.out


def test_two_that_differ_change_nothing(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon.answer = status(has_passphrase=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NEW}\nother\n"))
    assert main(["vault", "passphrase"]) == 1
    assert daemon.asked == [VaultStatus()]
