"""Stitches the shots of a page while others are still to come: its seal then waits for little.

It is a courtesy: at the first thing that is not as expected it stops, and the seal makes the whole
picture of the shots, as it does for one that was told nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import BinaryIO

from sharewise.artefacts.stitching import PlacedTile, Stitched, Stitcher
from sharewise.artefacts.tiles import ARTEFACT as TILES
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.vault.scratch import Scratch
from sharewise.wire.captures import Tile

PACKED = "packed-pixels"
"""In the scratch of a capture; no part may be called so, and it is in no seal."""


class Ahead:
    """The whole picture of one open capture, as far as its shots are there. Blocking."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._stitcher: Stitcher | None = None
        self._ratio = 0.0
        self._placed: list[Tile] = []
        self._is_off = False

    def place(self, tile: Tile, device_pixel_ratio: float) -> None:
        """Take a shot that has arrived whole; none of its bytes may change any more.

        Raises SharewiseError for what the disk refuses, OSError as the system gives it.
        """
        if self._is_off:
            return
        try:
            stitcher = self._stitcher_for(device_pixel_ratio)
            with self._scratch.open(tile.name) as content:
                if TILES.why_not(content) is not None:
                    self.stop()
                    return
            stitcher.add(PlacedTile(self._scratch.file(tile.name), tile.x, tile.y))
        except SharewiseError as error:
            _must_be_about_shots(error)
            self.stop()
        else:
            self._placed.append(tile)

    def finish(
        self, tiles: Sequence[Tile], device_pixel_ratio: float, output: BinaryIO
    ) -> Stitched | None:
        """Write the picture, or return None if these are not the shots that were placed.

        Raises SharewiseError for what the disk refuses.
        """
        is_same = [*tiles] == self._placed and device_pixel_ratio == self._ratio
        if self._is_off or self._stitcher is None or not is_same:
            return None
        try:
            return self._stitcher.finish(partial(self._scratch.open, PACKED), output)
        except SharewiseError as error:
            _must_be_about_shots(error)
            return None

    def stop(self) -> None:
        """Leave the picture to the seal."""
        self._is_off = True
        self._stitcher = None
        self._scratch.drop(PACKED)

    def _stitcher_for(self, device_pixel_ratio: float) -> Stitcher:
        if self._stitcher is None:
            keep = partial(self._scratch.append, PACKED)
            self._stitcher = Stitcher(device_pixel_ratio=device_pixel_ratio, keep=keep)
            self._ratio = device_pixel_ratio
        return self._stitcher


def _must_be_about_shots(error: SharewiseError) -> None:
    """Raise it again unless it says that these shots make no picture: the seal will say so."""
    if error.code not in {ErrorCode.BAD_PART, ErrorCode.TOO_LARGE}:
        raise error
