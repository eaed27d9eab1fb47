"""What every format must hold to; runs by itself over each registered `FORMAT`.

A format brings its samples as `samples()` in tests/unit/formats/test_<module>.py.
"""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharewise.base.errors import Malformed
from sharewise.formats import engine, judge, registry
from sharewise.formats.contract import (
    HEAD_BYTES,
    PROOF_HEAD_BYTES,
    AlreadyClean,
    Depth,
    Examined,
    Format,
    Insert,
    Keep,
    Plan,
    Range,
    Refused,
    Report,
    Source,
    Steps,
    Unsupported,
    Wish,
)
from sharewise.formats.plans import Cut, assemble
from support.formats import Samples, Traffic, clean, converse, examine, is_clean
from support.images import jpeg

FORMATS = registry.formats()
INSERT_LIMIT = 64 * 1024
"""More than any block that is made anew; no picture fits into it by chance."""

each_format = pytest.mark.parametrize("name", FORMATS)


@cache
def samples_of(name: str) -> Samples:
    file = Path(__file__).with_name(f"test_{name}.py")
    spec = importlib.util.spec_from_file_location(f"samples_of_{name}", file)
    assert spec is not None, f"{file.name} is missing"
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    samples = module.samples()
    assert isinstance(samples, Samples)
    return samples


def dirty_samples() -> Iterator[tuple[str, str]]:
    for name in FORMATS:
        for sample in samples_of(name).dirty:
            yield name, sample


each_dirty = pytest.mark.parametrize(("name", "sample"), list(dirty_samples()))


def mutated(data: bytes, seed: int, count: int) -> bytes:
    """Return a file with some bytes changed, a stretch taken out, doubled or cut off."""
    choose = random.Random(seed)
    changed = bytearray(data)
    for _ in range(count):
        if not changed:
            break
        at = choose.randrange(len(changed))
        match choose.randrange(5):
            case 0:
                changed[at] = choose.randrange(256)
            case 1:
                changed[at] = choose.choice((0, 0xFF, 0x7F, 0x80))
            case 2:
                del changed[at : at + choose.randrange(1, 40)]
            case 3:
                changed[at:at] = changed[at : at + choose.randrange(1, 200)]
            case 4 if len(changed) > 64:
                del changed[max(64, at) :]
    return bytes(changed)


@each_format
def test_format_brings_clean_and_dirty_samples(name: str) -> None:
    samples = samples_of(name)
    assert samples.clean
    assert len(samples.dirty) >= 3


@each_format
def test_noise_and_text_are_not_of_the_format(name: str) -> None:
    for data in (b"", b"\0" * 64, b"A text about a holiday.\n" * 9, bytes(range(256))):
        assert not FORMATS[name].recognises(data)


@each_format
def test_its_files_are_recognised_by_content(name: str) -> None:
    samples = samples_of(name)
    for data in [*samples.clean.values(), *samples.dirty.values()]:
        assert registry.recognise(data) is FORMATS[name]


@each_format
def test_clean_file_is_left_as_it_is(name: str) -> None:
    for data in samples_of(name).clean.values():
        examined = examine(data)
        assert isinstance(examined.cleaning, AlreadyClean), examined.report.findings
        assert examined.report.findings == ()


@each_dirty
def test_dirty_file_is_cleaned(name: str, sample: str) -> None:
    samples = samples_of(name)
    data = samples.dirty[sample]
    assert_same_without_secret(samples, data, clean(data))


def assert_same_without_secret(samples: Samples, data: bytes, cleaned: bytes) -> None:
    assert samples.secret not in cleaned
    assert samples.pixels(cleaned) == samples.pixels(data)


@each_dirty
def test_second_clean_changes_nothing(name: str, sample: str) -> None:
    cleaned = clean(samples_of(name).dirty[sample])
    assert is_clean(cleaned)
    assert examine(cleaned).report.findings == ()
    quick = engine.run(judge.inspect(engine.source_of(cleaned), Depth.QUICK), cleaned)
    assert isinstance(quick, Report)
    assert quick.findings == ()


@each_dirty
def test_plan_keeps_in_order_and_inserts_little(name: str, sample: str) -> None:
    data = samples_of(name).dirty[sample]
    plan = examine(data).cleaning
    assert isinstance(plan, Plan)
    for step in plan.steps:
        if isinstance(step, Insert):
            assert 0 < len(step.data) <= INSERT_LIMIT
        else:
            assert 0 <= step.offset < step.offset + step.length <= len(data)
    assert plan.size_bytes == len(engine.apply(plan, data))
    assert plan.removed


@each_dirty
def test_every_finding_has_words_and_its_place(name: str, sample: str) -> None:
    data = samples_of(name).dirty[sample]
    report = examine(data).report
    assert report.findings
    for finding in report.findings:
        assert finding.where.startswith(FORMATS[name].name)
        assert finding.summary[0].isupper()
        assert len(finding.summary) < 400
        for span in finding.spans:
            assert 0 <= span.offset < span.offset + span.length <= len(data)


@each_format
def test_every_truncation_is_malformed_or_never_called_clean_with_the_secret(name: str) -> None:
    samples = samples_of(name)
    for data in samples.dirty.values():
        for end in range(16, len(data) - 1, max(1, len(data) // 40)):
            cleaned = holds_in_bounds(data[:end])
            assert cleaned is None or samples.secret not in cleaned


@each_format
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(choice=st.integers(0, 99), seed=st.integers(0, 2**32), count=st.integers(1, 12))
def test_damaged_file_is_judged_or_malformed(name: str, choice: int, seed: int, count: int) -> None:
    samples = samples_of(name)
    files = [*samples.clean.values(), *samples.dirty.values()]
    # Damage may make picture data of a secret; what is called clean must still be so twice.
    holds_in_bounds(mutated(files[choice % len(files)], seed, count))


def holds_in_bounds(data: bytes) -> bytes | None:
    """The invariant: a judgement or Malformed, at a bounded cost; what is called clean is.

    Returns the file that is called clean, or None if none is.
    """
    for steps in (
        judge.inspect(engine.source_of(data), Depth.QUICK),
        judge.inspect(engine.source_of(data), Depth.THOROUGH),
    ):
        traffic = Traffic()
        broken_at = None
        try:
            converse(steps, data, traffic)
        except Malformed as error:
            broken_at = error.at_byte
        assert broken_at is None or 0 <= broken_at <= len(data)
        assert traffic.bytes <= 2 * len(data) + 16 * 1024
        assert traffic.batches <= 64 + len(data) // 64
    try:
        judged = engine.run(judge.plan(engine.source_of(data)), data)
    except Malformed:
        return None
    if isinstance(judged, Unsupported) or isinstance(judged.cleaning, Refused):
        return None
    cleaned = data
    if isinstance(judged.cleaning, Plan):
        cleaned = engine.apply(judged.cleaning, data)
    assert is_clean(cleaned)
    return cleaned


@each_format
def test_a_shorter_head_changes_no_judgement(name: str) -> None:
    samples = samples_of(name)
    for data in [*samples.clean.values(), *samples.dirty.values()]:
        long = data + bytes(HEAD_BYTES)
        whole = engine.source_of(long)
        short = replace(whole, head=long[:PROOF_HEAD_BYTES])
        assert judged(short, long) == judged(whole, long)


def judged(source: Source, data: bytes) -> object:
    try:
        return engine.run(judge.inspect(source, Depth.THOROUGH), data)
    except Malformed as error:
        return (error.at_byte, str(error))


# --- the suite bites ----------------------------------------------------------------------------


def broken(report: Report, cleaning: AlreadyClean | Plan) -> Format:
    """Return a format that says the same of every JPEG, right or wrong."""

    def inspect(source: Source, depth: Depth) -> Steps[Report]:
        return report
        yield ()

    def examine_(source: Source, wish: Wish) -> Steps[Examined]:
        return Examined(report, cleaning)
        yield ()

    return replace(FORMATS["jpeg"], inspect=inspect, examine=examine_)


def install(monkeypatch: pytest.MonkeyPatch, format_: Format) -> None:
    monkeypatch.setattr(judge, "recognise", lambda head: format_)


def test_format_that_overlooks_the_secret_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report("JPEG", Depth.THOROUGH, ())
    install(monkeypatch, broken(report, AlreadyClean(())))
    with pytest.raises(AssertionError):
        test_dirty_file_is_cleaned("jpeg", next(iter(samples_of("jpeg").dirty)))


def test_format_whose_plan_leaves_something_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = samples_of("jpeg").dirty["exif"]
    report = examine(data).report
    everything = Plan(assemble(0, len(data), ()), (), ())
    install(monkeypatch, broken(report, everything))
    assert examine(data).cleaning == judge.UNPROVEN


def test_format_that_asks_past_the_end_is_malformed() -> None:
    data = jpeg()

    def greedy(source: Source, depth: Depth) -> Steps[Report]:
        yield (Range(source.size_bytes - 1, 2),)
        raise AssertionError

    with pytest.raises(Malformed):
        engine.run(engine.checked(greedy(engine.source_of(data), Depth.QUICK), len(data)), data)


def test_format_that_asks_for_ever_is_malformed() -> None:
    data = jpeg()

    def endless() -> Steps[None]:
        while True:
            yield (Range(0, 1),)

    with pytest.raises(Malformed):
        engine.run(engine.checked(endless(), len(data)), data)


def test_plan_that_loses_picture_data_or_keeps_the_secret_is_caught() -> None:
    samples = samples_of("jpeg")
    data = next(data for data in samples.dirty.values() if samples.secret in data)
    with pytest.raises(AssertionError):
        assert_same_without_secret(samples, data, data)
    cleaned = clean(data)
    assert_same_without_secret(samples, data, cleaned)
    scan = cleaned.index(b"\xff\xda") + 14
    lossy = Plan((Keep(0, scan), Insert(b"\0\0"), Keep(scan + 2, len(cleaned) - scan - 2)), (), ())
    with pytest.raises(AssertionError):
        assert_same_without_secret(samples, data, engine.apply(lossy, cleaned))


def test_cut_that_overlaps_another_is_a_defect() -> None:
    with pytest.raises(AssertionError):
        assemble(0, 100, [Cut(10, 20), Cut(20, 5)])


def test_secret_is_in_no_clean_sample() -> None:
    for name in FORMATS:
        samples = samples_of(name)
        assert not any(samples.secret in data for data in samples.clean.values())


@each_format
def test_the_short_cut_to_a_format_is_the_answer_of_all_of_them(name: str) -> None:
    samples = samples_of(name)
    for data in [*samples.clean.values(), *samples.dirty.values()]:
        claiming = [one for one in FORMATS.values() if one.recognises(data)]
        assert registry.recognise(data) is claiming[0]
