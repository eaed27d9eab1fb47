"""`sharewise case` with a real daemon: what was captured is listed, exported and deleted."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from support.daemon import home_for_daemon, running_daemon
from support.evidence import Desk

CANARIES = ("A thread", "example.org", "Call the lawyer")


def case(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sharewise", "case", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_case_is_listed_noted_exported_and_deleted(tmp_path: Path) -> None:
    with home_for_daemon() as environment:
        home = Path(environment["SHAREWISE_HOME"])
        desk = Desk(home)
        sealed = asyncio.run(desk.capture())
        desk.shelf.close()
        with running_daemon(environment) as daemon:
            assert daemon.ready().capture_count == 1
            assert sealed.case_id in case(environment, "list").stdout
            assert "A thread" in case(environment, "show", sealed.case_id).stdout
            noted = case(environment, "note", sealed.case_id, "Call the lawyer")
            assert "Call the lawyer" in noted.stdout
            made = case(environment, "export", sealed.case_id, str(tmp_path))
            assert made.returncode == 0, made.stderr
            assert (tmp_path / f"case-{sealed.case_id}.zip").exists()
            again = case(environment, "export", sealed.case_id, str(tmp_path))
            assert again.returncode == 2
            assert "left as it is" in again.stderr
            assert case(environment, "delete", sealed.case_id).returncode == 1
            assert case(environment, "delete", sealed.case_id, "--yes").returncode == 0
            assert "no cases yet" in case(environment, "list").stdout
            unknown = case(environment, "show", sealed.case_id)
            assert unknown.returncode == 2
            assert unknown.stderr.startswith("sharewise: There is no such case.")
            assert daemon.stop() == 0
            written = daemon.errors() + "".join(
                file.read_text() for file in (home / "logs").rglob("*") if file.is_file()
            )
        assert not any(canary in written for canary in CANARIES)
