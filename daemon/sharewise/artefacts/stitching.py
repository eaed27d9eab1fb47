"""Puts shots of a scrolled page together into one picture, in bounded memory.

The picture is made from top to bottom in bands: only the tiles that touch a band are decoded, and
every band is written out before the next one begins. Pixels are copied, never scaled or blended.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

from sharewise.artefacts.png import SIGNATURE, sides_of_png
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals.digests import Digest, Digester

if TYPE_CHECKING:
    from PIL.Image import Image

BAND_ROWS = 256
COMPRESSION = 2
"""Of zlib: screenshots get hardly smaller beyond it, and the person is waiting."""
MAX_CANVAS_PIXELS = 160_000_000
"""Below twice Pillow's own MAX_IMAGE_PIXELS, where it refuses to open a picture at all."""
MAX_OPEN_PIXELS = 60_000_000
"""Of the tiles that are decoded at one moment: 180 MB at three bytes each."""
MAX_SIDE = 100_000
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


def stitch(tiles: Sequence[PlacedTile], *, device_pixel_ratio: float, output: BinaryIO) -> Stitched:
    """Write the picture as PNG and return what it is; later tiles lie over earlier ones.

    Raises SharewiseError: BAD_PART if a tile is no picture or too large a one, TOO_LARGE if the
    whole would be.
    """
    if not tiles:
        raise SharewiseError(ErrorCode.BAD_PART, "There are no shots of the page.")
    if not 0.1 <= device_pixel_ratio <= 16:
        raise SharewiseError(ErrorCode.BAD_PART, "The screen's pixel ratio is impossible.")
    shots = [_measured(tile, device_pixel_ratio) for tile in tiles]
    width = max(shot.left + shot.width for shot in shots)
    height = max(shot.bottom for shot in shots)
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_CANVAS_PIXELS:
        raise SharewiseError(
            ErrorCode.TOO_LARGE, "The page is too large for one picture, so its shots were kept."
        )
    canvas = _Canvas(shots, width, height)
    writer = _PngWriter(output)
    writer.begin(width, height, _profile(shots[0].file))
    for rows in canvas.bands():
        writer.rows(rows)
    writer.end()
    return Stitched(width, height, canvas.has_gaps, writer.digester.digest())


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
    """Gives the rows of the whole picture, band by band."""

    def __init__(self, shots: Sequence[_Shot], width: int, height: int) -> None:
        self._shots = shots
        self._width = width
        self._height = height
        self._open: dict[int, Image] = {}
        self.has_gaps = False

    def bands(self) -> Iterator[bytes]:
        """Yield the pixels of each band, three bytes each; rows follow each other."""
        from PIL import Image

        for top in range(0, self._height, BAND_ROWS):
            rows = min(BAND_ROWS, self._height - top)
            touching = self._touching(top, top + rows)
            self._load(touching)
            band = Image.new("RGB", (self._width, rows), GAP_COLOUR)
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
        return reached >= self._width


class _PngWriter:
    """Writes a PNG of eight-bit RGB while its rows come. Source: ISO/IEC 15948:2004."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._stream = zlib.compressobj(COMPRESSION)
        self._row_bytes = 0
        self.digester = Digester()

    def begin(self, width: int, height: int, profile: bytes | None) -> None:
        """Write what stands before the pixels."""
        self._row_bytes = width * 3
        self._put(SIGNATURE)
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        if profile is not None:
            self._chunk(b"iCCP", b"Screen\0\0" + zlib.compress(profile))

    def rows(self, pixels: bytes) -> None:
        """Write rows; each is stored unfiltered, which suits text on flat ground."""
        view = memoryview(pixels)
        step = self._row_bytes
        filtered = b"".join(
            part for at in range(0, len(view), step) for part in (b"\0", view[at : at + step])
        )
        packed = self._stream.compress(filtered)
        if packed:
            self._chunk(b"IDAT", packed)

    def end(self) -> None:
        """Write what is left and the end."""
        self._chunk(b"IDAT", self._stream.flush())
        self._chunk(b"IEND", b"")

    def _chunk(self, kind: bytes, data: bytes) -> None:
        check_sum = zlib.crc32(data, zlib.crc32(kind))
        self._put(len(data).to_bytes(4, "big") + kind + data + check_sum.to_bytes(4, "big"))

    def _put(self, data: bytes) -> None:
        self._output.write(data)
        self.digester.update(data)
