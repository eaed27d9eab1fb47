"""What holds for every artefact, found by itself: a new one needs no case here, only a sample."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from sharewise.artefacts import window
from sharewise.artefacts.catalogue import artefact_for, artefacts
from sharewise.artefacts.contract import Artefact, Role
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals.check import check
from sharewise.seals.problems import ProblemKind, Verdict
from sharewise.services.capture import Limits
from sharewise.wire.captures import Missing, Tile
from support.evidence import HTML, MHTML, Desk, FilesInMemory, page, picture


@dataclass(frozen=True)
class Sample:
    name: str
    content: bytes


SAMPLES = {
    "frames": Sample("frames/0001.png", picture()),
    "full": Sample("screenshot-full.png", picture()),
    "html": Sample("page.html", HTML),
    "mhtml": Sample("page.mhtml", MHTML),
    "text": Sample("text.txt", b"words"),
    "tiles": Sample("tiles/0001.png", picture()),
    "window": Sample("screenshot-window.png", picture()),
}
EVERY = {
    next(name for name, sample in SAMPLES.items() if one.accepts.fullmatch(sample.name)): one
    for one in artefacts()
}
each = pytest.mark.parametrize("which", EVERY)


async def sealed_with(desk: Desk, sample: Sample, content: bytes) -> dict[str, bytes]:
    """Seal a capture of this part alone and return its files, decrypted."""
    tiles = (Tile(sample.name, 0, 0),) if "/" in sample.name else ()
    return desk.files(await desk.capture({sample.name: content}, page(tiles=tiles)))


def verdict_on(files: dict[str, bytes]) -> Verdict:
    """Check a capture as it is handed out."""
    return check(FilesInMemory(files))


def breaches(artefact: Artefact, sample: Sample) -> list[str]:
    """Return the rules of the contract that an artefact breaks by itself."""
    rules = {
        "takes its own sample": artefact.accepts.fullmatch(sample.name) is not None,
        "finds its sample right": artefact.why_not(io.BytesIO(sample.content)) is None,
        "finds other content wrong": artefact.why_not(io.BytesIO(b"\xff\x00\xfe" * 9)) is not None,
        "has a bound": 0 < artefact.max_bytes <= Limits().capture_bytes // 2,
        "takes no path": not any(
            artefact.accepts.fullmatch(name)
            for name in (
                "../" + sample.name,
                "/" + sample.name,
                sample.name + "/..",
                sample.name + "\n",
                sample.name.upper(),
                "capture.json",
                "seal/" + sample.name,
                "",
            )
        ),
        "has a media type": re.fullmatch(r"[a-z]+/[a-z.+-]+", artefact.media_type) is not None,
    }
    return [rule for rule, holds in rules.items() if not holds]


def test_every_artefact_has_a_sample_and_every_role_an_artefact() -> None:
    assert EVERY.keys() == SAMPLES.keys()
    assert {one.role for one in artefacts()} == set(Role)


@each
def test_the_contract_holds(which: str) -> None:
    assert breaches(EVERY[which], SAMPLES[which]) == []


def test_the_contract_bites() -> None:
    loose = Artefact(
        role=Role.TEXT,
        name="anything",
        accepts=re.compile("(?s).*"),
        media_type="anything",
        max_bytes=10**12,
        why_not=lambda _: None,
    )
    assert breaches(loose, SAMPLES["text"]) == [
        "finds other content wrong",
        "has a bound",
        "takes no path",
        "has a media type",
    ]
    picky = Artefact(
        role=Role.TEXT,
        name="nothing",
        accepts=re.compile("nothing"),
        media_type="text/plain",
        max_bytes=1,
        why_not=lambda _: "it never is",
    )
    assert breaches(picky, SAMPLES["text"]) == ["takes its own sample", "finds its sample right"]


@each
async def test_it_is_sealed_and_verified_and_one_flipped_bit_is_found(
    which: str, tmp_path: Path
) -> None:
    sample = SAMPLES[which]
    files = await sealed_with(Desk(tmp_path), sample, sample.content)
    name = "data/" + (EVERY[which].name if EVERY[which].is_material else sample.name)
    assert verdict_on(files).is_verified
    kept = files[name]
    if not EVERY[which].is_material:
        assert kept == sample.content
    broken = files | {name: bytes([kept[0] ^ 1]) + kept[1:]}
    found = {(problem.kind, problem.member) for problem in verdict_on(broken).problems}
    assert (ProblemKind.HASH_DIFFERS, name) in found


@each
async def test_more_than_its_bound_is_refused_and_listed(
    which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = SAMPLES[which]
    desk = Desk(tmp_path, Limits(capture_bytes=len(sample.content) - 1))
    capture_id = await desk.captures.begin(None, "adults")
    with pytest.raises(SharewiseError) as refused:
        await desk.captures.part(capture_id, sample.name, 0, sample.content)
    assert refused.value.code is ErrorCode.TOO_LARGE
    sealed = await desk.captures.seal(capture_id, page())
    assert sample.name not in sealed.parts
    assert sample.name in {missing.name for missing in sealed.missing}
    assert verdict_on(desk.files(sealed)).captures[0].is_incomplete


@each
async def test_other_content_is_left_out_and_listed(which: str, tmp_path: Path) -> None:
    sample = SAMPLES[which]
    desk = Desk(tmp_path)
    sealed = await desk.capture({sample.name: b"\xff\x00 is nothing of the kind"})
    assert sample.name not in sealed.parts
    assert sample.name in {missing.name for missing in sealed.missing}
    assert verdict_on(desk.files(sealed)).is_verified


@pytest.mark.parametrize(
    ("lacking", "status"),
    [
        ((), "COMPLETE"),
        (("frames",), "INCOMPLETE"),
        (("frames/0002.png",), "INCOMPLETE"),
        (("server_ip",), "COMPLETE"),
    ],
)
async def test_a_capture_needs_no_frames_but_is_incomplete_where_some_are_missing(
    lacking: tuple[str, ...], status: str, tmp_path: Path
) -> None:
    desk = Desk(tmp_path)
    parts = {sample.name: sample.content for which, sample in SAMPLES.items() if which != "frames"}
    told = page(
        tiles=(Tile("tiles/0001.png", 0, 0),),
        missing=tuple(Missing(name, "of a reason") for name in lacking),
    )
    files = desk.files(await desk.capture(parts, told))
    record = json.loads(files["data/capture.json"])
    assert record["status"] == status


@pytest.mark.parametrize(
    "name",
    [
        "",
        "capture.json",
        "../screenshot-full.png",
        "tiles/../../x.png",
        "tiles/1.png",
        "tiles/00001.png",
        "tiles/٠٠٠١.png",
        "/etc/passwd",
        "manifest-sha256.txt",
        "page.html\0",
        "PAGE.HTML",
    ],
)
def test_an_unknown_name_belongs_to_no_artefact(name: str) -> None:
    assert artefact_for(name) is None


@pytest.mark.parametrize("at", ["head", "tail", "middle"])
def test_a_damaged_picture_is_no_picture(at: str) -> None:
    content = picture(40, 40)
    broken = {
        "head": b"\x88" + content[1:],
        "tail": content[:-5],
        "middle": content[:60] + bytes([content[60] ^ 4]) + content[61:],
    }[at]
    assert window.ARTEFACT.why_not(io.BytesIO(broken)) is not None


def test_a_picture_with_data_behind_it_is_no_picture() -> None:
    assert window.ARTEFACT.why_not(io.BytesIO(picture() + b"x")) is not None
