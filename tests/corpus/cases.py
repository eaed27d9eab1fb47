"""Clean one file of the corpus and say everything that went wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from corpus import streams
from corpus.pixels import compare, look
from corpus.tokens import tokens_left
from sharewise.base.errors import Malformed
from sharewise.formats import engine, judge
from sharewise.formats.contract import AlreadyClean, Finding, Plan, Refused, Unsupported

CHECKED = frozenset(
    {"orientation", "icc", "frames", "chunk_gone", "strict", "hexed", "b64", "mvhd_zero"}
)
"""What a manifest may ask beyond tokens; anything else must not be passed over in silence."""
NEEDS_MAKER_NOTES = frozenset({"CR2", "NEF", "ARW", "ORF", "RW2", "PEF", "raw"})
"""Raw files that no program can draw without what gives them away: refusing them is honest."""
NOT_SUPPORTED = frozenset({"cr3", "raf"})
"""The kinds that we do not claim to know; of any other kind a file must be recognised."""
_ALWAYS = frozenset({"file", "case", "fmt", "tokens", "keep", "classes", "note"})


@dataclass(frozen=True)
class Case:
    """A file and what is expected of it."""

    file: Path
    is_canary: bool
    kind: str
    is_malformed: bool = False
    tokens: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    demands: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Outcome:
    """What became of a file; any `problems` make it fail."""

    case: Case
    format: str = ""
    status: str = ""
    is_dirty: bool = False
    output: Path | None = None
    tokens_left: int = 0
    are_pixels_changed: bool = False
    is_turned: bool = False
    is_icc_lost: bool = False
    private_tags: list[str] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    is_place_missed: bool = False
    problems: list[str] = field(default_factory=list)


def cases_in(folder: Path) -> list[Case]:
    """Return every file that canaries/manifest.json and files.json name."""
    found: list[Case] = []
    manifest = folder / "canaries" / "manifest.json"
    if manifest.exists():
        for entry in json.loads(manifest.read_text(encoding="utf-8")):
            demands = {key: value for key, value in entry.items() if key not in _ALWAYS}
            found.append(
                Case(
                    manifest.parent / entry["file"],
                    is_canary=True,
                    kind=entry["fmt"],
                    tokens=tuple(entry["tokens"]),
                    keep=tuple(entry["keep"]),
                    demands=demands,
                )
            )
    listed = folder / "files.json"
    if listed.exists():
        for entry in json.loads(listed.read_text(encoding="utf-8")):
            file = folder / "files" / entry["file"]
            found.append(Case(file, False, entry["kind"], entry["malformed"]))
    return found


def run_case(case: Case, output: Path) -> Outcome:
    """Clean a file into `output` and check what can be seen without another program."""
    data = case.file.read_bytes()
    outcome = Outcome(case, format=case.kind)
    try:
        judged = engine.run(judge.plan(engine.source_of(data)), data)
    except Malformed as error:
        outcome.status = "malformed"
        if not case.is_malformed and look(data).error is None:
            outcome.problems.append(f"a program can draw it, yet: {error}")
        return outcome
    except Exception as error:  # noqa: BLE001  it must fail in the table, not end the run
        outcome.status = "malformed"
        outcome.problems.append(f"raised {type(error).__name__}: {error}")
        return outcome
    if isinstance(judged, Unsupported):
        outcome.status = "unsupported"
        if case.kind not in NOT_SUPPORTED and not case.is_malformed:
            outcome.problems.append("not recognised")
        return outcome
    outcome.format = judged.report.format
    outcome.is_dirty = bool(judged.report.findings)
    outcome.findings = judged.report.findings
    match judged.cleaning:
        case Refused():
            outcome.status = "refused"
            if not case.is_malformed and outcome.format not in NEEDS_MAKER_NOTES:
                outcome.problems.append("refused")
            return outcome
        case AlreadyClean():
            outcome.status, cleaned = "already clean", data
            if outcome.is_dirty:
                outcome.problems.append("called clean although something was found")
        case Plan() as plan:
            outcome.status, cleaned = "cleaned", engine.apply(plan, data)
            if not outcome.is_dirty:
                outcome.problems.append("changed although nothing was found")
    check_cleaned(outcome, data, cleaned)
    output.write_bytes(cleaned)
    outcome.output = output
    if outcome.format in streams.FORMATS:
        check_film(outcome, cleaned, output)
    return outcome


def check_film(outcome: Outcome, cleaned: bytes, output: Path) -> None:
    """Note what is wrong with a cleaned film."""
    before, after = streams.play(outcome.case.file), streams.play(output)
    if before.packets != after.packets:
        outcome.are_pixels_changed = True
        outcome.problems.append("pictures or sound changed")
    if before.turns != after.turns:
        outcome.is_turned = True
        outcome.problems.append("turned")
    if outcome.case.demands.get("mvhd_zero") and not streams.has_zero_times(cleaned):
        outcome.problems.append("its header still says when it was made")


def check_cleaned(outcome: Outcome, original: bytes, cleaned: bytes) -> None:
    """Note what is wrong with a cleaned file."""
    case, problems = outcome.case, outcome.problems
    left = tokens_left(cleaned, list(case.tokens))
    outcome.tokens_left = len(left)
    problems += [f"token left: {token}" for token in left]
    problems += [f"not kept: {text}" for text in case.keep if not tokens_left(cleaned, [text])]
    difference = compare(original, cleaned)
    outcome.are_pixels_changed = difference.are_pixels_changed
    outcome.is_turned = difference.is_turned
    outcome.is_icc_lost = difference.is_icc_lost
    problems += ["pixels changed"] if difference.are_pixels_changed else []
    problems += ["turned"] if difference.is_turned else []
    problems += ["colour profile changed"] if difference.is_icc_lost else []
    frames = case.demands.get("frames")
    if frames is not None and difference.frame_count != frames:
        problems.append(f"{difference.frame_count} frames")
    gone = case.demands.get("chunk_gone")
    if isinstance(gone, str) and gone.encode() in cleaned:
        problems.append(f"{gone} is left")
    unknown = sorted(set(case.demands) - CHECKED)
    problems += [f"nothing checks what the manifest asks: {name}" for name in unknown]
    again = engine.run(judge.plan(engine.source_of(cleaned)), cleaned)
    if isinstance(again, Unsupported) or not isinstance(again.cleaning, AlreadyClean):
        problems.append("a second cleaning would change it again")
