"""What the fuzzer looks for, it sees; and the words that it plays with come from the code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fuzz.invariant import Broken, hold
from fuzz.words import dictionary, magic_words
from sharewise.base.errors import Malformed
from sharewise.formats import judge, registry
from sharewise.formats.contract import (
    AlreadyClean,
    Depth,
    Examined,
    Finding,
    Insert,
    Keep,
    Kind,
    Plan,
    Range,
    Refused,
    Report,
    Request,
    Source,
    Span,
    Steps,
    Wish,
)
from support.images import SECRET, jpeg, segment, with_segments

FILE = with_segments(jpeg(), segment(0xFE, SECRET))
CLEAN = Report("JPEG", Depth.THOROUGH, ())
NOTHING_TO_DO = AlreadyClean(())
DIRTY = replace(CLEAN, findings=(Finding(Kind.OTHER, "JPEG/COM", "Says something"),))


def install(
    monkeypatch: pytest.MonkeyPatch,
    *,
    report: Report = CLEAN,
    cleaning: AlreadyClean | Plan | Refused = NOTHING_TO_DO,
    asks: tuple[tuple[Request, ...], ...] = (),
    error: Exception | None = None,
    is_checked: bool = True,
) -> None:
    """Put a format in the place of all others that says and asks this, whatever the file."""

    def talk() -> Steps[None]:
        for batch in asks:  # noqa: UP028  `yield from` would hand the answers to the tuple
            yield batch
        if error is not None:
            raise error

    def inspect(source: Source, depth: Depth) -> Steps[Report]:
        yield from talk()
        return report

    def examine(source: Source, wish: Wish) -> Steps[Examined]:
        yield from talk()
        return Examined(report, cleaning)

    format_ = replace(registry.formats()["jpeg"], inspect=inspect, examine=examine)
    monkeypatch.setattr(judge, "recognise", lambda head: format_)
    if not is_checked:
        monkeypatch.setattr(judge, "checked", lambda steps, size_bytes: steps)


def test_good_formats_hold() -> None:
    for data in (FILE, jpeg(), FILE[:300], b"", b"A text."):
        hold(data)


def test_exception_other_than_malformed_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, error=IndexError("index out of range"))
    with pytest.raises(IndexError):
        hold(FILE)


def test_malformed_past_the_end_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, error=Malformed(path="JPEG", at_byte=len(FILE) + 1, why="short"))
    with pytest.raises(Broken, match="does not have"):
        hold(FILE)


def test_malformed_inside_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, error=Malformed(path="JPEG", at_byte=len(FILE), why="short"))
    hold(FILE)


@pytest.mark.parametrize(
    ("asks", "why"),
    [
        (((Range(0, len(FILE) + 1),),), "past the end"),
        (((Range(0, len(FILE)),) * 200,), "bytes of"),
        (((Range(0, 1),),) * (200 + len(FILE) // 16), "times about"),
        (((Range(0, 0),) * (2_000 + len(FILE)),), "questions about"),
    ],
)
def test_asking_too_much_is_broken(
    monkeypatch: pytest.MonkeyPatch, asks: tuple[tuple[Request, ...], ...], why: str
) -> None:
    install(monkeypatch, asks=asks, is_checked=False)
    with pytest.raises(Broken, match=why):
        hold(FILE)


def test_clean_with_a_finding_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, report=DIRTY)
    with pytest.raises(Broken, match="called clean"):
        hold(FILE)


def test_finding_past_the_end_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = DIRTY.findings[0]._replace(spans=(Span(len(FILE), 1),))
    install(monkeypatch, report=replace(DIRTY, findings=(finding,)), cleaning=Refused("No."))
    with pytest.raises(Broken, match="past the end"):
        hold(FILE)


def test_refusal_without_a_reason_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, report=DIRTY, cleaning=Refused(""))
    with pytest.raises(Broken, match="without a reason"):
        hold(FILE)


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (Plan((Keep(1, len(FILE)),), (), ()), "keeps what is past"),
        (Plan((Keep(0, len(FILE) - 1),), (), ()), "not clean once"),
    ],
)
def test_plan_that_does_not_clean_is_broken(
    monkeypatch: pytest.MonkeyPatch, plan: Plan, why: str
) -> None:
    install(monkeypatch, report=DIRTY, cleaning=plan)
    monkeypatch.setattr(judge, "plan", lambda source, wish: given(Examined(DIRTY, plan)))
    with pytest.raises(Broken, match=why):
        hold(FILE)


def test_plan_that_blows_a_file_up_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan((Insert(bytes(len(FILE) + 65 * 1024)),), (), ())
    install(monkeypatch, report=DIRTY, cleaning=Refused("No."))

    def answers(source: Source, wish: Wish) -> Steps[Examined]:
        is_first = source.size_bytes == len(FILE)
        return given(Examined(DIRTY, plan) if is_first else Examined(CLEAN, AlreadyClean(())))

    monkeypatch.setattr(judge, "plan", answers)
    with pytest.raises(Broken, match="more than it had"):
        hold(FILE)


def given(examined: Examined) -> Steps[Examined]:
    return examined
    yield ()


def test_words_come_from_the_code_of_the_formats() -> None:
    words = magic_words()
    assert {b"Exif\0\0", b"tRNS", b"ICC_PROFILE\0"} <= set(words)
    assert all(2 <= len(word) <= 40 for word in words)


def test_dictionary_is_written_as_the_fuzzer_reads_it() -> None:
    assert dictionary([b'a"\\', b"\0\xff"]) == '"\\x61\\x22\\x5c"\n"\\x00\\xff"\n'
