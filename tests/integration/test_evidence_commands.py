"""`sharewise case` with a real daemon: what was captured is listed, exported and deleted."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from sharewise.vault import age
from support.daemon import home_for_daemon, running_daemon
from support.evidence import Desk

CANARIES = ("A thread", "example.org", "Call the lawyer")


def case(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return sharewise(environment, "case", *words)


def sharewise(
    environment: dict[str, str], *words: str, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sharewise", *words],
        env=environment,
        input=typed,
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


def test_a_locked_vault_is_opened_and_a_case_goes_out_to_one_key(tmp_path: Path) -> None:
    theirs = age.new_identity()
    words = "four plain garden words"
    with home_for_daemon() as environment:
        desk = Desk(Path(environment["SHAREWISE_HOME"]))
        sealed = asyncio.run(desk.capture())
        desk.shelf.close()
        with running_daemon(environment) as daemon:
            daemon.ready()
            assert "no passphrase" in sharewise(environment, "vault", "status").stdout
            chosen = sharewise(environment, "vault", "passphrase", typed=f"{words}\n{words}\n")
            assert chosen.returncode == 0, chosen.stderr
            assert "is locked" in sharewise(environment, "vault", "lock").stdout
            assert case(environment, "show", sealed.case_id).returncode == 2
            wrong = sharewise(environment, "vault", "unlock", typed="other words\n")
            assert wrong.returncode == 2
            assert "is open" in sharewise(environment, "vault", "unlock", typed=words).stdout
            to = ("--recipient", str(theirs.to_public()))
            made = case(environment, "export", sealed.case_id, str(tmp_path), *to)
            assert made.returncode == 0, made.stderr
            assert "not encrypted" not in made.stdout
            assert daemon.stop() == 0
            assert words not in daemon.errors()
        content = (tmp_path / f"case-{sealed.case_id}.zip.age").read_bytes()
        assert age.decrypt(content, theirs).startswith(b"PK")
