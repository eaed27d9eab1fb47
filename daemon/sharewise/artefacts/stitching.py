"""Puts shots of a scrolled page together into one picture, in bounded memory.

The picture is made from top to bottom in bands: only the tiles that touch a band are decoded, and
every band is written out before the next one begins. Pixels are copied, never scaled or blended.
That can begin while the page is still being scrolled: `Stitcher` packs what is behind the shots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

from sharewise.artefacts.png import sides_of_png
from sharewise.artefacts.png_writing import Packer, PngWriter
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals.digests import Digest

if TYPE_CHECKING:
    from PIL.Image import Image

BAND_ROWS = 256
MAX_CANVAS_PIXELS = 160_000_000
"""Below twice Pillow's own MAX_IMAGE_PIXELS, where it refuses to open a picture at all."""
MAX_OPEN_PIXELS = 60_000_000
"""Of the tiles that are decoded at one moment: 180 MB at three bytes each."""
MAX_SIDE = 100_000
PIECE_BYTES = 256 * 1024
GAP_COLOUR = (255, 0, 255)
"""Where no shot was taken: a colour that nobody takes for part of a page."""


class Picture(Protocol):
    """A file with a shot in it: a path, or what stands for one."""

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """Return its content, to be closed."""
        ...


@dataclass(frozen=True, slots=True)
class PlacedTile:
    """A shot and where it belongs; x and y in CSS pixels from the page's corner."""

    file: Picture
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Stitched:
    """The picture that was written."""

    width: int
    height: int
    has_gaps: bool
    """Whether some of it was in no shot; it is magenta there."""
    digest: Digest


@dataclass(frozen=True, slots=True)
class _Shot:
    file: Picture
    left: int
    top: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def right(self) -> int:
        return self.left + self.width


def stitch(tiles: Sequence[PlacedTile], *, device_pixel_ratio: float, output: BinaryIO) -> Stitched:
    """Write the picture as PNG and return what it is; later tiles lie over earlier ones.

    Raises SharewiseError: BAD_PART if a tile is no picture or too large a one, TOO_LARGE if the
    whole would be.
    """
    if not tiles:
        raise SharewiseError(ErrorCode.BAD_PART, "There are no shots of the page.")
    _must_be_plausible(device_pixel_ratio)
    shots = [_measured(tile, device_pixel_ratio) for tile in tiles]
    width, height = _size_of(shots)
    canvas = _Canvas(shots, width)
    writer = PngWriter(output)
    writer.begin(width, height, _profile(shots[0].file))
    packer = Packer(width)
    for rows in canvas.bands(0, height):
        writer.pixels(packer.packed(rows))
    writer.pixels(packer.rest())
    writer.end()
    return Stitched(width, height, canvas.has_gaps, writer.digester.digest())


class Stitcher:
    """Makes the picture while its shots come, row by row from the page's top.

    Whatever lies above the newest shot is packed at once, so that little is left to do after the
    last one. A shot that lies over rows which were packed already is an error: the picture then has
    to be made by `stitch`, which knows all of them.
    """

    def __init__(self, *, device_pixel_ratio: float, keep: Callable[[bytes], object]) -> None:
        """`keep` is given packed pixels in order: a PNG tells its size first, known only last.

        Raises SharewiseError(BAD_PART) if the ratio is impossible.
        """
        _must_be_plausible(device_pixel_ratio)
        self._ratio = device_pixel_ratio
        self._keep = keep
        self._shots: list[_Shot] = []
        self._rows = 0
        self._canvas: _Canvas | None = None
        self._packer: Packer | None = None

    def add(self, tile: PlacedTile) -> None:
        """Take the next shot and pack what lies above it.

        Raises SharewiseError: BAD_PART if it is no picture or lies where rows were packed,
        TOO_LARGE as `stitch` does.
        """
        shot = _measured(tile, self._ratio)
        is_wider = self._canvas is not None and shot.right > self._canvas.width
        if shot.top < self._rows or is_wider:
            raise SharewiseError(ErrorCode.BAD_PART, "A shot of the page came out of its order.")
        self._shots.append(shot)
        _size_of(self._shots)
        if shot.top > self._rows:
            self._pack(shot.top)

    def finish(self, open_kept: Callable[[], BinaryIO], output: BinaryIO) -> Stitched:
        """Write the picture as PNG and return what it is; `open_kept` opens what was kept.

        Raises SharewiseError as `stitch` does.
        """
        if not self._shots:
            raise SharewiseError(ErrorCode.BAD_PART, "There are no shots of the page.")
        width, height = _size_of(self._shots)
        canvas, packer = self._pack(height)
        self._keep(packer.rest())
        writer = PngWriter(output)
        writer.begin(width, height, _profile(self._shots[0].file))
        with open_kept() as packed:
            while piece := packed.read(PIECE_BYTES):
                writer.pixels(piece)
        writer.end()
        return Stitched(width, height, canvas.has_gaps, writer.digester.digest())

    def _pack(self, bottom: int) -> tuple[_Canvas, Packer]:
        """Pack the rows down to `bottom`; the first time, this says how wide the picture is."""
        if self._canvas is None or self._packer is None:
            width, _height = _size_of(self._shots)
            self._canvas, self._packer = _Canvas(self._shots, width), Packer(width)
        for rows in self._canvas.bands(self._rows, bottom):
            packed = self._packer.packed(rows)
            if packed:
                self._keep(packed)
        self._rows = bottom
        return self._canvas, self._packer


def _must_be_plausible(device_pixel_ratio: float) -> None:
    if not 0.1 <= device_pixel_ratio <= 16:
        raise SharewiseError(ErrorCode.BAD_PART, "The screen's pixel ratio is impossible.")


def _size_of(shots: Sequence[_Shot]) -> tuple[int, int]:
    """Return width and height of the picture that these shots make."""
    width = max(shot.right for shot in shots)
    height = max(shot.bottom for shot in shots)
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_CANVAS_PIXELS:
        raise SharewiseError(
            ErrorCode.TOO_LARGE, "The page is too large for one picture, so its shots were kept."
        )
    return width, height


def _measured(tile: PlacedTile, ratio: float) -> _Shot:
    with tile.file.open("rb") as file:
        sides = sides_of_png(file)
    if sides is None:
        raise SharewiseError(ErrorCode.BAD_PART, "A shot of the page is no picture.")
    width, height = sides
    if not 0 < width * height <= _tile_limit():
        raise SharewiseError(ErrorCode.BAD_PART, "A shot of the page has far too many pixels.")
    if tile.x < 0 or tile.y < 0 or max(tile.x, tile.y) > MAX_SIDE:
        raise SharewiseError(ErrorCode.BAD_PART, "A shot of the page lies outside of it.")
    return _Shot(tile.file, round(tile.x * ratio), round(tile.y * ratio), width, height)


def _tile_limit() -> int:
    from PIL import Image

    return min(Image.MAX_IMAGE_PIXELS or MAX_OPEN_PIXELS, MAX_OPEN_PIXELS)


def _opened(content: BinaryIO) -> Image:
    """Open a tile that was measured, without decoding it.

    Pillow costs a start that only stitching should pay.
    """
    from PIL import Image

    try:
        return Image.open(content, formats=("PNG",))
    except (OSError, SyntaxError, ValueError) as error:
        raise SharewiseError(ErrorCode.BAD_PART, "A shot of the page is no picture.") from error


def _decoded(shot: _Shot) -> Image:
    from PIL import Image

    try:
        with shot.file.open("rb") as content, _opened(content) as picture:
            if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
                solid = picture if picture.mode == "RGBA" else picture.convert("RGBA")
                if solid.getchannel("A").getextrema() == (255, 255):
                    return solid.convert("RGB")  # as a browser's shots are: nothing shines through
                ground = Image.new("RGBA", solid.size, (255, 255, 255, 255))
                return Image.alpha_composite(ground, solid).convert("RGB")
            return picture.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise SharewiseError(ErrorCode.BAD_PART, "A shot of the page is damaged.") from error


def _profile(file: Picture) -> bytes | None:
    """Return the colour profile of a shot: all come from one screen."""
    with file.open("rb") as content, _opened(content) as picture:
        profile = picture.info.get("icc_profile")
    return profile if isinstance(profile, bytes) and profile else None


class _Canvas:
    """Gives the rows of the whole picture, band by band; shots may be added behind those given."""

    def __init__(self, shots: Sequence[_Shot], width: int) -> None:
        self._shots = shots
        self.width = width
        self._open: dict[int, Image] = {}
        self.has_gaps = False

    def bands(self, first: int, end: int) -> Iterator[bytes]:
        """Yield the pixels of each band of these rows, three bytes each; rows follow each other."""
        from PIL import Image

        for top in range(first, end, BAND_ROWS):
            rows = min(BAND_ROWS, end - top)
            touching = self._touching(top, top + rows)
            self._load(touching)
            band = Image.new("RGB", (self.width, rows), GAP_COLOUR)
            for number in touching:
                shot = self._shots[number]
                first = max(top, shot.top) - shot.top
                last = min(top + rows, shot.bottom) - shot.top
                piece = self._open[number].crop((0, first, shot.width, last))
                band.paste(piece, (shot.left, shot.top + first - top))
            self.has_gaps = self.has_gaps or not self._is_covered(touching, top, top + rows)
            yield band.tobytes()

    def _touching(self, top: int, bottom: int) -> list[int]:
        return [
            number
            for number, shot in enumerate(self._shots)
            if shot.top < bottom and shot.bottom > top
        ]

    def _load(self, touching: list[int]) -> None:
        for number in self._open.keys() - set(touching):
            del self._open[number]
        pixels = sum(self._shots[number].width * self._shots[number].height for number in touching)
        if pixels > MAX_OPEN_PIXELS:
            raise SharewiseError(ErrorCode.TOO_LARGE, "Too many shots of the page overlap.")
        for number in touching:
            if number not in self._open:
                self._open[number] = _decoded(self._shots[number])

    def _is_covered(self, touching: list[int], top: int, bottom: int) -> bool:
        shots = [self._shots[number] for number in touching]
        edges = {top, bottom}
        for shot in shots:
            edges |= {edge for edge in (shot.top, shot.bottom) if top < edge < bottom}
        ordered = sorted(edges)
        return all(
            self._is_row_covered([s for s in shots if s.top <= start and s.bottom >= end])
            for start, end in pairwise(ordered)
        )

    def _is_row_covered(self, shots: list[_Shot]) -> bool:
        reached = 0
        for shot in sorted(shots, key=lambda one: one.left):
            if shot.left > reached:
                return False
            reached = max(reached, shot.left + shot.width)
        return reached >= self.width
