"""Where the pixels of a directory lie: strips, tiles, and JPEG streams of the old kind.

Source: TIFF 6.0, sections 3, 8, 15 and 22.
"""

from __future__ import annotations

from sharewise.formats.contract import Span, Steps
from sharewise.formats.reading import Reader
from sharewise.formats.tiff_inside import tags
from sharewise.formats.tiff_inside.walk import Directory, Scheme, numbers

PIECES_LIMIT = 1 << 19
"""Strips and tiles of one file; a picture of 4 GB has some ten thousand."""
_UNCOMPRESSED = 1
_YCBCR = 6
_ALL_ROWS = 0xFFFFFFFF


def pieces_of(directory: Directory) -> int:
    """Return how many strips and tiles a directory claims."""
    found = (directory.find(tag) for tag in (tags.STRIP_OFFSETS, tags.TILE_OFFSETS))
    return sum(entry.count for entry in found if entry is not None)


def pixels_of(
    reader: Reader, scheme: Scheme, directory: Directory, path: str
) -> Steps[list[Span] | None]:
    """Return the spans of the pixels, as far as the file goes; None if a size is not said."""
    spans: list[Span] = []
    for at, counted in (
        (tags.STRIP_OFFSETS, tags.STRIP_COUNTS),
        (tags.TILE_OFFSETS, tags.TILE_COUNTS),
    ):
        entry = directory.find(at)
        if entry is None:
            continue
        offsets = yield from numbers(reader, scheme, entry, path)
        sizes_entry = directory.find(counted)
        sizes: tuple[int, ...] = ()
        if sizes_entry is not None:
            sizes = yield from numbers(reader, scheme, sizes_entry, path)
        exact = yield from _exact_sizes(reader, scheme, directory, len(offsets), path)
        for index, offset in enumerate(offsets):
            size = exact[index] if exact else (sizes[index] if index < len(sizes) else 0)
            if not size and index >= len(sizes):
                return None
            if offset < reader.size:
                spans.append(Span(offset, min(size, reader.size - offset)))
    spans += yield from _old_jpeg(reader, scheme, directory, path)
    return [span for span in spans if span.length]


def _exact_sizes(
    reader: Reader, scheme: Scheme, directory: Directory, count: int, path: str
) -> Steps[list[int]]:
    """Return the size of each piece of an uncompressed picture, or nothing where it varies."""
    if directory.number(scheme, tags.COMPRESSION, 1) != _UNCOMPRESSED:
        return []
    return (yield from unpacked_sizes(reader, scheme, directory, count, path))


def unpacked_sizes(
    reader: Reader, scheme: Scheme, directory: Directory, count: int, path: str
) -> Steps[list[int]]:
    """Return the size of each piece once it is unpacked, or nothing where that is not said."""
    width = directory.number(scheme, tags.WIDTH, 0)
    height = directory.number(scheme, tags.HEIGHT, 0)
    # chroma may be subsampled, and cameras pad raw samples: there the stated sizes are believed
    photometric = directory.number(scheme, tags.PHOTOMETRIC, 0)
    is_regular = photometric != _YCBCR and photometric not in tags.RAW_PHOTOMETRICS
    if not (is_regular and width and height and count):
        return []
    if directory.find(tags.DEPTH) is not None:
        return []
    entry = directory.find(tags.BITS)
    bits: tuple[int, ...] = (1,)
    if entry is not None:
        bits = yield from numbers(reader, scheme, entry, path)
    samples = directory.number(scheme, tags.SAMPLES, 1)
    if not bits or not samples:
        return []
    planes = samples if directory.number(scheme, tags.PLANAR, 1) == 2 else 1
    if planes > 1 and len(set(bits)) > 1:
        return []
    per_pixel = bits[0] if planes > 1 else sum(bits) if len(bits) == samples else bits[0] * samples
    if directory.find(tags.TILE_OFFSETS) is not None:
        tile_width = directory.number(scheme, tags.TILE_WIDTH, 0)
        tile_height = directory.number(scheme, tags.TILE_HEIGHT, 0)
        return [_bytes(tile_width * per_pixel) * tile_height] * count
    rows = min(directory.number(scheme, tags.ROWS, _ALL_ROWS), height)
    if not rows:
        return []
    in_plane = -(-height // rows)
    if in_plane * planes != count:
        return []
    last = height - rows * (in_plane - 1)
    full = [rows] * (in_plane - 1) + [last]
    return [_bytes(width * per_pixel) * strip_rows for strip_rows in full] * planes


def _bytes(bits: int) -> int:
    return -(-bits // 8)


def _old_jpeg(reader: Reader, scheme: Scheme, directory: Directory, path: str) -> Steps[list[Span]]:
    """Return where the streams and tables of the JPEG of TIFF 6.0 lie."""
    spans: list[Span] = []
    start = directory.number(scheme, tags.JPEG_AT, 0)
    length = directory.number(scheme, tags.JPEG_BYTES, 0)
    if 0 < start < reader.size:
        spans.append(Span(start, min(length, reader.size - start)))
    for tag in (tags.JPEG_QUANTISATION, tags.JPEG_DC, tags.JPEG_AC):
        entry = directory.find(tag)
        if entry is None or entry.count > 16:
            continue
        offsets = yield from numbers(reader, scheme, entry, path)
        for offset in offsets:
            if tag == tags.JPEG_QUANTISATION:
                spans.append(Span(offset, 64))
            elif offset + 16 <= reader.size:
                lengths = yield from reader.read(offset, 16, path)
                spans.append(Span(offset, 16 + sum(lengths)))
    return [span for span in spans if span.offset + span.length <= reader.size]
