"""`sharewise verify`: what it prints, and for whom."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sharewise.cli.main import main
from sharewise.cli.verify import SHOWN_PROBLEMS, lines
from sharewise.seals import signatures
from sharewise.seals.problems import Problem, ProblemKind, Verdict
from support.evidence import exported


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    root = tmp_path_factory.mktemp("export")
    _, key = exported(root)
    return next(root.glob("case-*.zip")), signatures.fingerprint(key.public_key_pem)


def test_json_is_one_object_with_every_part_of_the_verdict(
    package: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    zipped, key = package
    assert main(["verify", "--json", str(zipped)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "verified"
    assert told["signed_by"] == key
    assert told["problems"] == []
    assert [capture["is_incomplete"] for capture in told["captures"]] == [False, True]
    assert told["limits"]


def test_json_names_each_problem(
    package: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = bytearray(package[0].read_bytes())
    content[-1000] ^= 1
    broken = tmp_path / "case.zip"
    broken.write_bytes(content)
    assert main(["verify", "--json", str(broken)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "problems"
    assert all(problem.keys() == {"kind", "member", "meaning"} for problem in told["problems"])
    assert told["proved"] == []


def test_a_key_can_be_given_as_people_write_it(
    package: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    zipped, key = package
    spaced = " ".join(key[at : at + 4] for at in range(0, 64, 4)).upper()
    assert main(["verify", str(zipped), "--key", spaced]) == 0
    assert "the one you expected" in capsys.readouterr().out
    assert main(["verify", str(zipped), "--key", "0" * 64]) == 1
    with pytest.raises(SystemExit) as refused:
        main(["verify", str(zipped), "--key", "12"])
    assert refused.value.code == 2


def verdict(count: int) -> Verdict:
    problem = Problem(ProblemKind.EXTRA_FILE, "x", "It was added.")
    return Verdict((problem,) * count, (), None, is_key_known=False, file_count=1, size_bytes=1)


def test_the_first_line_says_the_result() -> None:
    assert lines(verdict(1))[0].startswith("Not verified: 1 problem was found.")
    assert lines(verdict(2))[0].startswith("Not verified: 2 problems were found.")


def test_a_flood_of_problems_is_cut_on_a_terminal() -> None:
    told = lines(verdict(SHOWN_PROBLEMS + 7))
    assert sum("It was added." in line for line in told) == SHOWN_PROBLEMS
    assert any("and 7 more" in line for line in told)
