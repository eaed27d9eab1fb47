"""Stitching: every pixel where it belongs, in bounded memory, and bombs refused."""

from __future__ import annotations

import io
import tracemalloc
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from sharewise.artefacts import stitching
from sharewise.artefacts.png import why_not_png
from sharewise.artefacts.stitching import GAP_COLOUR, PlacedTile, Stitched, Stitcher, stitch
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from support.evidence import bomb


def shown(width: int, height: int) -> Image.Image:
    """Return a page on which every pixel is another colour."""
    page = Image.new("RGB", (width, height))
    page.putdata(
        [(x % 256, y % 256, (x * 7 + y * 13) % 256) for y in range(height) for x in range(width)]
    )
    return page


def stitched(placed: list[PlacedTile], ratio: float = 1.0) -> tuple[Image.Image, Stitched, bytes]:
    output = io.BytesIO()
    made = stitch(placed, device_pixel_ratio=ratio, output=output)
    content = output.getvalue()
    return Image.open(io.BytesIO(content)), made, content


def shots(folder: Path, page: Image.Image, boxes: list[tuple[int, int, int, int]]) -> list[Path]:
    files = []
    for number, box in enumerate(boxes):
        file = folder / f"{number:04}.png"
        page.crop(box).save(file)
        files.append(file)
    return files


def test_overlapping_shots_become_the_page_to_the_pixel(tmp_path: Path) -> None:
    page = shown(30, 700)
    tops = [0, 80, 160, 300, 390, 480, 600]
    files = shots(tmp_path, page, [(0, top, 30, min(top + 150, 700)) for top in tops])
    placed = [PlacedTile(file, 0, top) for file, top in zip(files, tops, strict=True)]
    picture, made, content = stitched(placed)
    assert picture.tobytes() == page.tobytes()
    assert (made.width, made.height, made.has_gaps) == (30, 700, False)
    assert made.digest.size_bytes == len(content)
    assert made.digest.crc32 == zlib.crc32(content)
    assert why_not_png(io.BytesIO(content)) is None


@pytest.mark.parametrize("ratio", [1.25, 1.5, 2.0, 3.0])
def test_css_pixels_are_scaled_to_the_screen(tmp_path: Path, ratio: float) -> None:
    tops = [0, 100, 200]
    edges = [round(top * ratio) for top in tops]
    height = edges[-1] + round(100 * ratio)
    page = shown(20, height)
    files = shots(tmp_path, page, [(0, e, 20, min(e + round(120 * ratio), height)) for e in edges])
    placed = [PlacedTile(file, 0, top) for file, top in zip(files, tops, strict=True)]
    picture, made, _ = stitched(placed, ratio)
    assert picture.tobytes() == page.tobytes()
    assert made.height == height


def test_shots_beside_each_other_are_placed_by_x(tmp_path: Path) -> None:
    page = shown(50, 40)
    files = shots(tmp_path, page, [(0, 0, 30, 40), (25, 0, 50, 40)])
    picture, made, _ = stitched([PlacedTile(files[0], 0, 0), PlacedTile(files[1], 25, 0)])
    assert picture.tobytes() == page.tobytes()
    assert not made.has_gaps


def test_the_later_shot_lies_over_the_earlier(tmp_path: Path) -> None:
    first, second = tmp_path / "1.png", tmp_path / "2.png"
    Image.new("RGB", (4, 10), (1, 1, 1)).save(first)
    Image.new("RGB", (4, 10), (2, 2, 2)).save(second)
    picture, _, _ = stitched([PlacedTile(first, 0, 0), PlacedTile(second, 0, 5)])
    assert [picture.getpixel((0, y))[0] for y in (4, 5, 14)] == [1, 2, 2]


@pytest.mark.parametrize("places", [[(0, 0), (0, 20)], [(0, 0), (5, 0), (0, 10)], [(3, 0)]])
def test_what_no_shot_shows_is_magenta_and_told(
    tmp_path: Path, places: list[tuple[int, int]]
) -> None:
    file = tmp_path / "1.png"
    Image.new("RGB", (4, 10)).save(file)
    picture, made, _ = stitched([PlacedTile(file, x, y) for x, y in places])
    assert made.has_gaps
    assert GAP_COLOUR in {colour for _, colour in picture.getcolors() or ()}


@pytest.mark.parametrize("mode", ["RGBA", "L", "P", "LA", "1"])
def test_every_kind_of_png_keeps_its_colours(tmp_path: Path, mode: str) -> None:
    file = tmp_path / "1.png"
    source = shown(16, 16).convert(mode)
    source.save(file)
    picture, _, _ = stitched([PlacedTile(file, 0, 0)])
    assert picture.tobytes() == source.convert("RGB").tobytes()


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    file = tmp_path / "1.png"
    Image.new("RGBA", (2, 2), (0, 0, 0, 0)).save(file)
    assert stitched([PlacedTile(file, 0, 0)])[0].getpixel((0, 0)) == (255, 255, 255)


def test_the_screens_colour_profile_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "1.png"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (2, 2)).save(file, icc_profile=profile)
    assert stitched([PlacedTile(file, 0, 0)])[0].info["icc_profile"] == profile


def refusal(placed: list[PlacedTile], ratio: float = 1.0) -> ErrorCode:
    with pytest.raises(SharewiseError) as refused:
        stitch(placed, device_pixel_ratio=ratio, output=io.BytesIO())
    return refused.value.code


def test_a_bomb_is_refused_with_a_code(tmp_path: Path) -> None:
    file = tmp_path / "1.png"
    for side in (8_000, 10_000, 30_000):
        file.write_bytes(bomb(side, side))
        assert refusal([PlacedTile(file, 0, 0)]) is ErrorCode.BAD_PART


def test_pillows_own_bound_is_respected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "1.png"
    Image.new("RGB", (20, 20)).save(file)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert refusal([PlacedTile(file, 0, 0)]) is ErrorCode.BAD_PART


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n", None])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "1.png"
    if content is None:
        shown(90, 90).save(file)
        content = file.read_bytes()[:-2000]
    file.write_bytes(content)
    assert refusal([PlacedTile(file, 0, 0)]) is ErrorCode.BAD_PART


def test_impossible_places_and_ratios_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "1.png"
    Image.new("RGB", (4, 4)).save(file)
    assert refusal([]) is ErrorCode.BAD_PART
    assert refusal([PlacedTile(file, -1, 0)]) is ErrorCode.BAD_PART
    assert refusal([PlacedTile(file, 0, 10**9)]) is ErrorCode.BAD_PART
    assert refusal([PlacedTile(file, 0, 0)], ratio=0.0) is ErrorCode.BAD_PART
    assert refusal([PlacedTile(file, 0, 0)], ratio=1e300) is ErrorCode.BAD_PART
    assert refusal([PlacedTile(file, 90_000, 90_000)]) is ErrorCode.TOO_LARGE


def test_too_many_shots_in_one_place_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "1.png"
    Image.new("RGB", (10, 10)).save(file)
    monkeypatch.setattr(stitching, "MAX_OPEN_PIXELS", 450)
    assert refusal([PlacedTile(file, 0, 0)] * 5) is ErrorCode.TOO_LARGE
    assert stitched([PlacedTile(file, 0, y * 300) for y in range(5)])[1].height == 1210


def test_memory_does_not_grow_with_the_page(tmp_path: Path) -> None:
    file = tmp_path / "1.png"
    Image.new("RGB", (400, 300)).save(file)

    def peak(count: int) -> int:
        with (tmp_path / "out.png").open("wb") as output:
            tracemalloc.start()
            stitch(
                [PlacedTile(file, 0, y * 300) for y in range(count)],
                device_pixel_ratio=1.0,
                output=output,
            )
            _, highest = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return highest

    peak(2)
    assert peak(20) < peak(4) * 1.5


@dataclass(slots=True)
class Ahead:
    """A picture that is made while its shots come."""

    ratio: float = 1.0
    kept: bytearray = field(default_factory=bytearray)
    stitcher: Stitcher = field(init=False)

    def __post_init__(self) -> None:
        self.stitcher = Stitcher(device_pixel_ratio=self.ratio, keep=self.kept.extend)

    def finish(self) -> tuple[Image.Image, Stitched, bytes]:
        output = io.BytesIO()
        made = self.stitcher.finish(lambda: io.BytesIO(self.kept), output)
        content = output.getvalue()
        return Image.open(io.BytesIO(content)), made, content


@pytest.mark.parametrize(
    ("places", "ratio"),
    [
        ([(0, 0)], 1.0),
        ([(0, 0), (0, 90), (0, 180), (0, 190)], 1.0),
        ([(0, 0), (25, 0), (0, 90), (25, 90), (0, 120), (25, 120)], 1.0),
        ([(0, 0), (0, 300), (0, 900)], 1.25),
        ([(0, 0), (0, 0), (0, 100), (0, 100)], 2.0),
        ([(3, 5), (3, 95)], 1.0),
    ],
)
def test_a_picture_made_while_its_shots_come_is_the_same(
    tmp_path: Path, places: list[tuple[int, int]], ratio: float
) -> None:
    files = []
    for number in range(len(places)):
        files.append(tmp_path / f"{number}.png")
        shown(30, 100 + number).point(lambda value, by=number * 9: value ^ by).save(files[-1])
    tiles = [PlacedTile(file, x, y) for file, (x, y) in zip(files, places, strict=True)]
    ahead = Ahead(ratio)

    for tile in tiles:
        ahead.stitcher.add(tile)

    picture, made, content = ahead.finish()
    whole, expected, _ = stitched(tiles, ratio)
    assert picture.tobytes() == whole.tobytes()
    figures = (expected.width, expected.height, expected.has_gaps)
    assert (made.width, made.height, made.has_gaps) == figures
    assert (made.digest.size_bytes, made.digest.crc32) == (len(content), zlib.crc32(content))
    assert why_not_png(io.BytesIO(content)) is None


def test_what_lies_above_the_newest_shot_is_packed_when_it_comes(tmp_path: Path) -> None:
    ahead = Ahead()
    sizes = []
    for number in range(4):
        file = tmp_path / f"{number}.png"
        Image.effect_noise((300, 400), 200).convert("RGB").save(file)
        ahead.stitcher.add(PlacedTile(file, 0, number * 400))
        sizes.append(len(ahead.kept))
    packed = sizes[-1]
    *_, content = ahead.finish()
    assert sizes == sorted(set(sizes))
    assert len(content) / 4 * 2.8 < packed < len(content) / 4 * 3.2


@pytest.mark.parametrize("place", [(0, 89), (0, 0), (1, 200)])
def test_a_shot_over_what_was_packed_is_refused(tmp_path: Path, place: tuple[int, int]) -> None:
    file = tmp_path / "1.png"
    Image.new("RGB", (30, 100)).save(file)
    ahead = Ahead()
    ahead.stitcher.add(PlacedTile(file, 0, 0))
    ahead.stitcher.add(PlacedTile(file, 0, 90))
    with pytest.raises(SharewiseError) as refused:
        ahead.stitcher.add(PlacedTile(file, *place))
    assert refused.value.code is ErrorCode.BAD_PART


def test_a_picture_made_ahead_has_the_same_bounds(tmp_path: Path) -> None:
    file = tmp_path / "1.png"
    Image.new("RGB", (90_000, 4)).save(file)
    with pytest.raises(SharewiseError) as refused:
        Ahead(1e300)
    assert refused.value.code is ErrorCode.BAD_PART
    ahead = Ahead()
    with pytest.raises(SharewiseError) as refused:
        ahead.finish()
    assert refused.value.code is ErrorCode.BAD_PART
    with pytest.raises(SharewiseError) as refused:
        ahead.stitcher.add(PlacedTile(file, 0, 90_000))
    assert refused.value.code is ErrorCode.TOO_LARGE
