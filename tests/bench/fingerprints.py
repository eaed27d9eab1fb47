"""How near fingerprints of copies are, and how often pictures that are not the same match.

With `pip install pdqhash numpy` beside it, the bits are held against the reference's as well.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import statistics
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

from PIL import Image, ImageOps

from sharewise.pictures.pdq import (
    MAX_DISTANCE,
    MIN_SIDE,
    Fingerprint,
    distance,
    fingerprint,
    known_hashes,
    nearest,
)
from support.scenes import cropped, resized, saved, scene

COPIES: dict[str, Callable[[Image.Image], bytes]] = {
    "half the size": lambda one: saved(resized(one, 0.5)),
    "a quarter, JPEG 70": lambda one: saved(resized(one, 0.25), "JPEG", quality=70),
    "JPEG 40": lambda one: saved(one, "JPEG", quality=40),
    "WebP 40": lambda one: saved(one, "WEBP", quality=40),
    "grey": lambda one: saved(one.convert("L")),
    "cropped by 2 %": lambda one: saved(cropped(one, 0.02)),
    "below cut by 7 %": lambda one: saved(one.crop((0, 0, one.width, round(one.height * 0.93)))),
    "cropped by 5 %": lambda one: saved(cropped(one, 0.05)),
    "cropped by 10 %": lambda one: saved(cropped(one, 0.10)),
    "cropped by 25 %": lambda one: saved(cropped(one, 0.25)),
}
"""As people and sites make them."""
COPIED = 60
"""Pictures of which copies are made, evenly among all: it ends in a minute or two."""
SIDE_PIXELS = 800


def measure(folder: Path | None) -> Iterator[str]:
    """Yield lines of a table; `folder` has real pictures, None: those drawn from seeds."""
    pictures = list(_pictures(folder))
    known = [
        (name, picture, _of(saved(picture)), known_hashes(io.BytesIO(saved(picture))))
        for name, picture in pictures
    ]
    telling = [
        (name, picture, one, hashes) for name, picture, one, hashes in known if one and hashes
    ]
    where = f"files of {folder.name}" if folder else "drawn pictures"
    yield f"{where}: {len(pictures)} pictures, {len(telling)} that tell enough"
    copied = telling[:: max(1, len(telling) // COPIED)][:COPIED]
    for copy, make in COPIES.items():
        # Thumbnails of a corpus have copies of a few pixels, of which no fingerprint is taken.
        seen = [(hashes, _of(make(picture))) for _, picture, _, hashes in copied]
        distances = [nearest(hashes, made.hash) for hashes, made in seen if made is not None]
        small = len(seen) - len(distances)
        note = f"; {small} copies are below {MIN_SIDE} pixels" if small else ""
        yield f"  {copy:22} {_row(distances)}{note}"
    yield from _false_matches([(name, one, hashes) for name, _, one, hashes in telling])
    if importlib.util.find_spec("pdqhash"):
        off = [_off(picture, one) for _, picture, one, _ in telling]
        yield f"  {'against pdqhash':22} {_row(off)}"


def _row(distances: Sequence[int]) -> str:
    found = sum(one <= MAX_DISTANCE for one in distances)
    share = found / max(1, len(distances))
    middle = statistics.median(distances) if distances else 0
    worst = max(distances, default=0)
    return f"{found} of {len(distances)} found ({share:.1%}), median {middle:.0f}, worst {worst}"


def _false_matches(known: Sequence[tuple[str, Fingerprint, bytes]]) -> Iterator[str]:
    """Yield how many pairs of files match, and the groups that they make.

    A person has to say which of them show the same: those of the shared corpus were looked at,
    and each of its groups is one picture in several files.
    """
    pairs = list(combinations(range(len(known)), 2))
    near = [
        (one, other)
        for one, other in pairs
        if nearest(known[one][2], known[other][1].hash) <= MAX_DISTANCE
    ]
    group_of = list(range(len(known)))
    for one, other in near:
        joined, gone = group_of[one], group_of[other]
        group_of = [joined if group == gone else group for group in group_of]
    groups: dict[int, list[str]] = {}
    for at, group in enumerate(group_of):
        groups.setdefault(group, []).append(known[at][0])
    several = [names for names in groups.values() if len(names) > 1]
    yield f"  {'pairs that match':22} {len(near)} of {len(pairs):,}, in {len(several)} groups"
    for names in several:
        yield f"      {' = '.join(names)}"


def _of(content: bytes) -> Fingerprint | None:
    return fingerprint(io.BytesIO(content))


def _pictures(folder: Path | None) -> Iterator[tuple[str, Image.Image]]:
    if folder is None:
        yield from ((f"scene {seed}", scene(seed)) for seed in range(100))
        return
    for file in sorted(folder.rglob("*")):
        try:
            with Image.open(file, formats=("JPEG", "PNG", "WEBP", "GIF", "AVIF")) as opened:
                if min(opened.size) < 64 or opened.width * opened.height > 30_000_000:
                    continue
                upright = ImageOps.exif_transpose(opened).convert("RGB")
                upright.thumbnail((SIDE_PIXELS, SIDE_PIXELS))
                yield file.name, upright
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            continue  # many a file of a corpus is broken on purpose


def _off(picture: Image.Image, ours: Fingerprint) -> int:
    numpy = importlib.import_module("numpy")
    bits, _ = importlib.import_module("pdqhash").compute(numpy.asarray(picture))
    return distance(ours.hash, numpy.packbits(bits[::-1]).tobytes())
