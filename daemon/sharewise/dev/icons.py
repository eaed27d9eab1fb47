"""Draw the extension's icons: `python -m sharewise.dev.icons`. The same pixels on every run.

A photograph with its corner turned over: it says "pictures" and nothing of what the program is for.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageDraw

ICONS = Path(__file__).resolve().parents[3] / "extension" / "icons"
SIZES = (16, 32, 48, 128)
GRID = 128
"""The drawing's own units, a side."""
FINE = 8
"""Drawn so many times larger, then made small: smooth edges."""

GROUND_TOP = (47, 125, 125)
GROUND_BOTTOM = (31, 88, 99)
PAPER = (255, 255, 255)
FOLD = (190, 222, 217)
SUN = (244, 190, 92)
HILL_FAR = (125, 184, 175)
HILL_NEAR = (47, 125, 125)


def draw() -> Image.Image:
    """Return the drawing at its finest."""
    side = GRID * FINE
    ground = Image.linear_gradient("L").resize((side, side))
    picture = Image.composite(
        Image.new("RGB", (side, side), GROUND_BOTTOM),
        Image.new("RGB", (side, side), GROUND_TOP),
        ground,
    ).convert("RGBA")
    picture.putalpha(_rounded(side, (2, 2, 126, 126), 28))
    pen = ImageDraw.Draw(picture)
    pen.polygon(_points((26, 26), (82, 26), (102, 46), (102, 102), (26, 102)), fill=PAPER)
    pen.ellipse(_points((40, 40), (58, 58)), fill=SUN)
    pen.polygon(_points((52, 94), (77, 60), (94, 83), (94, 94)), fill=HILL_FAR)
    pen.polygon(_points((34, 94), (34, 86), (51, 68), (74, 94)), fill=HILL_NEAR)
    pen.polygon(_points((82, 26), (82, 46), (102, 46)), fill=FOLD)
    return picture


def write(folder: Path) -> None:
    """Write one PNG for each size."""
    folder.mkdir(parents=True, exist_ok=True)
    fine = draw()
    for size in SIZES:
        small = fine.resize((size, size), Image.Resampling.LANCZOS)
        small.save(folder / f"{size}.png", optimize=True)


def _points(*corners: tuple[int, int]) -> list[tuple[int, int]]:
    return [(x * FINE, y * FINE) for x, y in corners]


def _rounded(side: int, box: tuple[int, int, int, int], radius: int) -> Image.Image:
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).rounded_rectangle(
        tuple(edge * FINE for edge in box), radius * FINE, fill=255
    )
    return mask


def main() -> None:
    """Write the icons where the extension has them, or elsewhere."""
    parser = argparse.ArgumentParser(prog="python -m sharewise.dev.icons", description=__doc__)
    parser.add_argument("--into", type=Path, default=ICONS, help="folder (default: %(default)s)")
    write(parser.parse_args().into)


if __name__ == "__main__":
    main()
