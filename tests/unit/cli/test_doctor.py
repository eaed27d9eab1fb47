"""Each thing that can be wrong is found, and how to mend it is said."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import sharewise
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.cli import doctor
from sharewise.cli.doctor import Symptom, Weight
from sharewise.cli.main import main
from sharewise.places import Places
from sharewise.wire.evidence import VaultStatusResult
from sharewise.wire.messages import PROTOCOL, DaemonStatusResult
from sharewise_host.browsers import Bases, System
from sharewise_host.register import Machine, register

HOST = "/opt/sharewise/bin/sharewise-host"
INSTALLED = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    time: datetime

    def now(self) -> datetime:
        return self.time

    def monotonic_s(self) -> float:
        return 0.0


@pytest.fixture
def where(tmp_path: Path) -> Places:
    return Places(tmp_path / "r", tmp_path / "d", tmp_path / "c", tmp_path / "l")


def status(version: str, *, extension_heard_s: float | None = None) -> DaemonStatusResult:
    return DaemonStatusResult(
        version=version,
        protocol=PROTOCOL,
        pid=7,
        uptime_s=1.0,
        is_watching_paused=False,
        folders=(),
        case_count=0,
        capture_count=0,
        extension_heard_s=extension_heard_s,
    )


def failing(code: ErrorCode) -> Callable[[], DaemonStatusResult]:
    def ask() -> DaemonStatusResult:
        raise SharewiseError(code, "Something is wrong.")

    return ask


def test_a_daemon_of_our_version_is_good() -> None:
    found = doctor.examine_daemon(lambda: status(sharewise.__version__))
    assert (found.weight, found.mend) == (Weight.GOOD, None)


@pytest.mark.parametrize(
    ("ask", "mend"),
    [
        (failing(ErrorCode.DAEMON_UNREACHABLE), "sharewise daemon start"),
        (failing(ErrorCode.PROTOCOL_MISMATCH), "sharewise daemon stop"),
        (failing(ErrorCode.CALLER_REFUSED), "sharewise daemon stop"),
        (lambda: status("0.0.1"), "sharewise daemon stop"),
    ],
)
def test_a_daemon_that_is_not_there_or_not_ours_is_a_problem(
    ask: Callable[[], DaemonStatusResult], mend: str
) -> None:
    found = doctor.examine_daemon(ask)
    assert found.weight is Weight.PROBLEM
    assert found.mend is not None
    assert mend in found.mend


@pytest.mark.parametrize(
    ("heard_s", "says"),
    [
        (3.2, "a moment ago"),
        (600.0, "10 minutes ago"),
        (9000.0, "2 hours ago"),
    ],
)
def test_it_is_told_roughly_when_the_extension_was_heard(heard_s: float, says: str) -> None:
    found = doctor.examine_extension(lambda: status("1", extension_heard_s=heard_s))
    assert (found.weight, found.mend) == (Weight.GOOD, None)
    assert found.says == f"It last asked for something {says}."


def test_an_extension_that_was_not_heard_is_no_defect_but_told() -> None:
    found = doctor.examine_extension(lambda: status("1"))
    assert found.weight is Weight.NOTE
    assert "popup" in str(found.mend)
    unknown = doctor.examine_extension(failing(ErrorCode.DAEMON_UNREACHABLE))
    assert (unknown.weight, unknown.mend) == (Weight.NOTE, None)


def vault(*, has_passphrase: bool = True, problems: tuple[str, ...] = ()) -> VaultStatusResult:
    return VaultStatusResult(
        has_passphrase=has_passphrase,
        is_locked=False,
        auto_lock_minutes=15,
        wait_s=0.0,
        is_checked=True,
        problems=problems,
        log_size=1,
    )


@pytest.mark.parametrize(
    ("found", "weight"),
    [
        (vault(), Weight.GOOD),
        (vault(has_passphrase=False), Weight.NOTE),
        (vault(problems=("The log is older.", "And more.")), Weight.PROBLEM),
    ],
)
def test_a_vault_without_a_passphrase_is_noted_and_one_that_is_not_whole_is_a_problem(
    found: VaultStatusResult, weight: Weight
) -> None:
    symptom = doctor.examine_vault(lambda: found)
    assert symptom.weight is weight
    assert bool(symptom.mend) is (weight is not Weight.GOOD)


@pytest.mark.parametrize(
    ("code", "weight"),
    [
        (ErrorCode.DAEMON_UNREACHABLE, Weight.NOTE),
        (ErrorCode.KEY_UNREADABLE, Weight.PROBLEM),
        (ErrorCode.BUSY, Weight.PROBLEM),
    ],
)
def test_a_vault_that_cannot_be_asked_for(code: ErrorCode, weight: Weight) -> None:
    def ask() -> VaultStatusResult:
        raise SharewiseError(code, "Something is wrong.")

    assert doctor.examine_vault(ask).weight is weight


def test_folders_that_are_not_there_yet_are_fine(where: Places) -> None:
    assert list(doctor.examine_folders(where)) == []


def test_a_folder_of_ones_own_is_good(where: Places) -> None:
    where.runtime.mkdir(mode=0o700)
    assert [one.weight for one in doctor.examine_folders(where)] == [Weight.GOOD]


@pytest.mark.skipif(os.name == "nt", reason="modes mean little there")
def test_a_folder_that_is_open_a_link_or_a_file_is_a_problem_and_is_not_changed(
    where: Places,
) -> None:
    where.runtime.mkdir()
    where.runtime.chmod(0o755)
    where.data.symlink_to(where.runtime)
    where.config.touch()
    where.logs.symlink_to(where.logs / "nowhere")
    found = list(doctor.examine_folders(where))
    assert [one.weight for one in found] == [Weight.PROBLEM] * 4
    assert found[0].mend == f'chmod 700 "{where.runtime}"'
    assert where.runtime.stat().st_mode & 0o777 == 0o755


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_a_folder_of_another_user_is_a_problem(where: Places) -> None:
    where.runtime.mkdir(mode=0o700)
    os.chown(where.runtime, 65534, 65534)
    (found,) = doctor.examine_folders(where)
    assert (found.weight, "another user" in found.says) == (Weight.PROBLEM, True)


def test_settings_that_cannot_be_read_are_a_problem(where: Places) -> None:
    assert doctor.examine_settings(where).weight is Weight.GOOD
    where.config.mkdir()
    where.settings.write_text("{")
    assert doctor.examine_settings(where).weight is Weight.PROBLEM
    assert where.settings.read_text() == "{"


@pytest.mark.parametrize(
    ("watches", "instances", "weights"),
    [
        ("1048576\n", "1024\n", [Weight.GOOD, Weight.GOOD]),
        ("8192\n", "1024\n", [Weight.NOTE, Weight.GOOD]),
        ("1048576\n", "1\n", [Weight.GOOD, Weight.NOTE]),
        ("many", None, []),
    ],
)
def test_low_watch_limits_are_noted(
    watches: str, instances: str | None, weights: list[Weight], tmp_path: Path
) -> None:
    (tmp_path / "max_user_watches").write_text(watches)
    if instances is not None:
        (tmp_path / "max_user_instances").write_text(instances)
    found = list(doctor.examine_watch_limits(tmp_path))
    assert [one.weight for one in found] == weights
    assert all(one.mend is None or "sudo sysctl" in one.mend for one in found)


@pytest.mark.parametrize(
    ("now", "weight"),
    [
        (INSTALLED + timedelta(days=100), Weight.GOOD),
        (INSTALLED - timedelta(hours=3), Weight.GOOD),
        (INSTALLED - timedelta(days=2), Weight.PROBLEM),
        (datetime(1970, 1, 1, tzinfo=UTC), Weight.PROBLEM),
        (datetime(2150, 1, 1, tzinfo=UTC), Weight.PROBLEM),
    ],
)
def test_a_time_that_cannot_be_is_a_problem(now: datetime, weight: Weight) -> None:
    assert doctor.examine_clock(FixedClock(now), INSTALLED).weight is weight


# --- browsers -----------------------------------------------------------------------------------


def machine(home: Path, *, for_everyone: bool = False) -> Machine:
    bases = Bases(str(home), str(home / ".config"), str(home), str(home))
    return Machine(
        System.LINUX, bases, home / "root", for_everyone, registry=None, which=lambda _name: None
    )


def install(home: Path, trace: str) -> None:
    file = home / trace
    file.parent.mkdir(parents=True)
    file.touch()


def browsers(home: Path) -> list[Symptom]:
    machines = (machine(home), machine(home, for_everyone=True))
    return list(doctor.examine_browsers(HOST, machines))


def test_no_browser_is_worth_a_note(tmp_path: Path) -> None:
    (found,) = browsers(tmp_path)
    assert found.weight is Weight.NOTE


@pytest.mark.parametrize("for_everyone", [False, True])
def test_a_browser_is_well_once_it_is_registered(tmp_path: Path, *, for_everyone: bool) -> None:
    install(tmp_path, ".config/chromium/Local State")
    (before,) = browsers(tmp_path)
    assert before.weight is Weight.PROBLEM
    assert before.mend == "sharewise-host register --browser chromium"

    here = machine(tmp_path, for_everyone=for_everyone)
    (chromium,) = [browser for browser in here.browsers if browser.name == "chromium"]
    register(chromium, HOST, here)
    (after,) = browsers(tmp_path)
    assert (after.weight, after.says) == (Weight.GOOD, "Chromium can start Sharewise.")


def test_a_registration_of_another_program_is_a_problem(tmp_path: Path) -> None:
    install(tmp_path, ".config/chromium/Local State")
    here = machine(tmp_path)
    (chromium,) = [browser for browser in here.browsers if browser.name == "chromium"]
    register(chromium, "/elsewhere/sharewise-host", here)
    (found,) = browsers(tmp_path)
    assert (found.weight, "older Sharewise" in found.says) == (Weight.PROBLEM, True)

    here.manifest_of(chromium).write_text("{}")
    (found,) = browsers(tmp_path)
    assert (found.weight, "did not write" in found.says) == (Weight.PROBLEM, True)


def test_a_browser_in_a_sandbox_is_worth_a_note(tmp_path: Path) -> None:
    install(tmp_path, "snap/chromium/x")
    (found,) = browsers(tmp_path)
    assert (found.weight, "sandbox" in found.says) == (Weight.NOTE, True)


# --- what is printed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("symptoms", "code"),
    [
        ((doctor.good("a", "Fine."), doctor.note("b", "Know this.")), 0),
        ((doctor.good("a", "Fine."), doctor.problem("b", "Bad.", "do this")), 1),
    ],
)
def test_only_a_problem_changes_the_exit_code(
    symptoms: tuple[Symptom, ...],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _where, _clock: iter(symptoms))
    assert main(["doctor"]) == code
    said = capsys.readouterr().out
    assert all(symptom.says in said for symptom in symptoms)
    assert ("→ do this" in said) is (code == 1)

    assert main(["doctor", "--json"]) == code
    found = json.loads(capsys.readouterr().out)
    assert found["is_well"] is (code == 0)
    assert [one["name"] for one in found["findings"]] == ["a", "b"]
    assert set(found["findings"][0]) == {"name", "weight", "says", "mend"}
