"""The corpus stage bites: each thing that it promises to see, it sees."""

from __future__ import annotations

import base64
import io
import json
import zlib
from pathlib import Path

import pytest
from PIL import Image

from corpus.__main__ import verdict
from corpus.cases import Case, Outcome, cases_in, check_cleaned, run_case
from corpus.outside import is_private
from corpus.pixels import compare
from corpus.tiffs import are_developed_alike, is_drawing
from corpus.tokens import tokens_left
from support.images import (
    SECRET,
    apng,
    exif,
    exif_segment,
    icc_segments,
    jpeg,
    png,
    secret_exif,
    segment,
    srgb,
    with_second,
    with_segments,
)
from support.tiffs import Page, Tag, long, page, short, tiff

TOKEN = SECRET.decode()


@pytest.mark.parametrize(
    "hidden",
    [
        SECRET,
        TOKEN.encode("utf-16-le"),
        TOKEN.encode("utf-16-be"),
        SECRET.hex().encode(),
        SECRET.hex().upper().encode(),
        b"\n".join(SECRET.hex().encode()[at : at + 6] for at in range(0, 22, 6)),
        zlib.compress(b"before " + SECRET),
        zlib.compress(SECRET.hex().encode()),
        base64.b64encode(SECRET),
        base64.b64encode(b"1" + SECRET + b"behind"),
        base64.b64encode(b"12" + SECRET),
        base64.b64encode(zlib.compress(SECRET))[:0] + zlib.compress(base64.b64encode(SECRET)),
    ],
)
def test_token_is_seen_in_every_disguise(hidden: bytes) -> None:
    assert tokens_left(b"picture \x00\x01" + hidden + b"\x02 rest", [TOKEN]) == [TOKEN]


def test_no_token_is_seen_where_there_is_none() -> None:
    assert tokens_left(jpeg() + zlib.compress(b"nothing"), [TOKEN]) == []


def test_changed_pixel_is_seen() -> None:
    picture = Image.open(io.BytesIO(png()))
    picture.putpixel((3, 3), (1, 2, 3))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    assert compare(png(), buffer.getvalue()).are_pixels_changed
    assert not compare(png(), png(compress_level=1)).are_pixels_changed


def test_lost_frame_is_seen() -> None:
    assert compare(apng(), png()).are_pixels_changed
    assert compare(apng(), apng()).frame_count == 3


def test_second_picture_behind_a_jpeg_may_go() -> None:
    data = with_second(jpeg(), jpeg(20, 20), 0)
    assert not compare(data, jpeg()).are_pixels_changed


def test_turned_picture_is_seen() -> None:
    turned = with_segments(jpeg(), exif_segment(exif({274: 6})))
    assert compare(turned, jpeg()).is_turned
    assert not compare(turned, turned).is_turned


def test_lost_profile_is_seen() -> None:
    assert compare(with_segments(jpeg(), icc_segments(srgb())), jpeg()).is_icc_lost


def test_picture_that_can_no_longer_be_drawn_is_seen() -> None:
    assert compare(jpeg(), jpeg()[:100]).are_pixels_changed


@pytest.mark.parametrize(
    "tag",
    ["IFD0:Artist", "File:Comment", "XMP-dc:Creator", "GPS:GPSLatitude", "PNG:Author", "New:Any"],
)
def test_tag_that_is_not_listed_is_private(tag: str) -> None:
    assert is_private(tag)


@pytest.mark.parametrize("tag", ["SourceFile", "IFD0:Orientation", "ICC-header:ProfileClass"])
def test_tag_that_is_listed_is_not(tag: str) -> None:
    assert not is_private(tag)


def outcome_of(tmp_path: Path, data: bytes, **expected: object) -> Outcome:
    file = tmp_path / "sample.jpg"
    file.write_bytes(data)
    return run_case(Case(file, True, "jpg", **expected), tmp_path / "out.jpg")  # type: ignore[arg-type]  # fields by name


def test_dirty_file_is_cleaned_and_passes(tmp_path: Path) -> None:
    data = with_segments(jpeg(), exif_segment(secret_exif(6)))
    outcome = outcome_of(tmp_path, data, tokens=(TOKEN,))
    assert outcome.status == "cleaned"
    assert outcome.problems == []
    assert (tmp_path / "out.jpg").exists()


def test_token_that_is_left_fails(tmp_path: Path) -> None:
    outcome = Outcome(Case(tmp_path / "x.jpg", True, "jpg", tokens=(TOKEN,)))
    data = with_segments(jpeg(), segment(0xFE, SECRET))
    check_cleaned(outcome, data, data)
    assert outcome.tokens_left == 1
    assert any("token left" in problem for problem in outcome.problems)
    assert any("second cleaning" in problem for problem in outcome.problems)


def test_thing_to_keep_that_is_gone_fails(tmp_path: Path) -> None:
    data = with_segments(jpeg(), segment(0xFE, SECRET))
    outcome = outcome_of(tmp_path, data, keep=(TOKEN,))
    assert outcome.problems == [f"not kept: {TOKEN}"]


def test_demand_that_nothing_checks_fails(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, jpeg(), demands={"unheard_of": True})
    assert any("nothing checks" in problem for problem in outcome.problems)


def test_good_file_that_is_called_malformed_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outcome_of(tmp_path, jpeg()[:-2]).status == "malformed"
    outcome = outcome_of(tmp_path, jpeg()[:-2])
    assert outcome.problems == [] or "a program can draw it" in outcome.problems[0]
    monkeypatch.setattr("corpus.cases.look", lambda data: type("Look", (), {"error": None}))
    assert "a program can draw it" in outcome_of(tmp_path, jpeg()[:300]).problems[0]


def test_file_of_a_kind_that_we_do_not_claim_neither_passes_nor_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "in.raf"
    file.write_bytes(b"FUJIFILMCCD-RAW " + bytes(64))
    unknown = run_case(Case(file, False, "raf"), tmp_path / "out.raf")
    good = outcome_of(tmp_path, jpeg())
    assert unknown.status == "unsupported"
    assert verdict([unknown, good], is_verbose=True) == 0
    shown = capsys.readouterr().out
    assert "not supported, so not cleaned: 1" in shown
    assert shown.splitlines()[-1] == "1 passed, 0 failed"
    assert verdict([unknown], is_verbose=False) == 1


def test_file_of_a_kind_that_we_claim_must_be_recognised(tmp_path: Path) -> None:
    assert outcome_of(tmp_path, b"some text").problems == ["not recognised"]


def test_problem_makes_the_stage_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = outcome_of(tmp_path, jpeg())
    bad = outcome_of(tmp_path, jpeg())
    bad.problems.append("pixels changed")
    assert verdict([good, bad], is_verbose=False) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 1 failed"


def test_folder_is_read_from_its_lists(tmp_path: Path) -> None:
    (tmp_path / "canaries").mkdir()
    entry = {
        "file": "a.jpg",
        "case": "a",
        "fmt": "jpg",
        "tokens": [TOKEN],
        "keep": [],
        "classes": [],
        "note": "",
        "frames": 3,
    }
    (tmp_path / "canaries" / "manifest.json").write_text(json.dumps([entry]))
    listed = {"file": "b.png", "licence": "", "kind": "png", "malformed": True, "classes": []}
    (tmp_path / "files.json").write_text(json.dumps([listed]))
    first, second = cases_in(tmp_path)
    assert first.tokens == (TOKEN,)
    assert first.demands == {"frames": 3}
    assert second.is_malformed
    assert second.file == tmp_path / "files" / "b.png"


def raw(seed: int) -> Page:
    return Page(
        {**page(seed, 1, t254=long(1)).tags, 50706: Tag(1, b"\1\4\0\0")},
        page(seed, 1).strips,
        {330: [page(seed + 1, 1, t254=long(0))]},
    )


def test_changed_raw_picture_behind_a_preview_is_seen() -> None:
    data = tiff(raw(1))
    at = data.index(page(2, 1).strips[0])
    assert compare(data, data[:at] + b"\0" + data[at + 1 :]).are_pixels_changed
    assert not compare(data, data).are_pixels_changed


def test_what_libraw_makes_of_memory_is_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    made = iter([b"picture", b"memory", b"picture", b"picture"])
    monkeypatch.setattr("corpus.tiffs.developed", lambda data: next(made))
    assert are_developed_alike(b"before", b"after")
    monkeypatch.setattr("corpus.tiffs.developed", lambda data: data)
    assert not are_developed_alike(b"before", b"after")


def test_changed_strip_that_pillow_cannot_decode_is_seen() -> None:
    data = tiff(page(1, t259=short(50002)))
    at = data.index(page(1).strips[0])
    assert not compare(data, data).is_drawable
    assert compare(data, data[:at] + b"\7" + data[at + 1 :]).are_pixels_changed


def test_small_copy_may_go_but_no_page_of_a_tiff() -> None:
    data = tiff(page(1), page(2, t254=long(1)), page(3))
    assert not compare(data, tiff(page(1), page(3))).are_pixels_changed
    assert compare(data, tiff(page(1))).are_pixels_changed


@pytest.mark.parametrize(
    "tag", ["IFD0:Artist", "SubIFD:UniqueCameraModel", "ExifIFD:BitsPerSample"]
)
def test_tag_that_draws_no_tiff_is_private(tag: str) -> None:
    assert not is_drawing(tag)
    assert is_drawing("SubIFD1:WhiteLevel")


def test_refused_raw_is_honest(tmp_path: Path) -> None:
    file = tmp_path / "sample.cr2"
    file.write_bytes(tiff(page(t262=short(32803))))
    outcome = run_case(Case(file, False, "raw"), tmp_path / "out")
    assert outcome.status == "refused"
    assert outcome.problems == []
