"""Small films built in code: boxes, tracks with made-up frames, notes and telemetry.

The frames are no real pictures; what a film "shows" is the bytes that its tables point at.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

IDENTITY = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
TURNED = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
MADE = 3_834_000_000
"""A time in seconds since 1904: 28 June 2025."""


def box(kind: bytes, *parts: bytes, large: bool = False) -> bytes:
    """Return a box; `large` writes its size in 64 bits."""
    payload = b"".join(parts)
    if large:
        return struct.pack(">I4sQ", 1, kind, len(payload) + 16) + payload
    return struct.pack(">I4s", len(payload) + 8, kind) + payload


def full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """Return a box with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


@dataclass
class Track:
    """One track: its frames stand in `chunks`, each a list of samples."""

    handler: bytes = b"vide"
    format: bytes = b"avc1"
    chunks: Sequence[Sequence[bytes]] = ()
    name: bytes = b""
    made: int = 0
    matrix: bytes = IDENTITY
    version: int = 0
    refers: dict[bytes, tuple[int, ...]] = field(default_factory=dict)
    compressor: bytes = b""
    entry_boxes: bytes = b""
    table_boxes: bytes = b""
    extra: bytes = b""
    """Boxes at the end of the track."""
    uniform: int = 0
    """The one size of all samples, instead of a table."""
    sizes: Sequence[Sequence[int]] = ()
    """The sizes of the samples of each chunk, where the frames themselves are made elsewhere."""
    is_wide: bool = False
    """Whether chunk offsets have 64 bits."""


def _times(made: int, version: int) -> bytes:
    return struct.pack(">QQ" if version else ">II", made, made)


def _sample_entry(track: Track) -> bytes:
    fixed = bytes(6) + struct.pack(">H", 1)
    if track.handler == b"vide":
        compressor = bytes([len(track.compressor)]) + track.compressor
        fixed += bytes(16) + struct.pack(">HHII", 64, 48, 72 << 16, 72 << 16) + bytes(4)
        fixed += struct.pack(">H", 1) + compressor.ljust(32, b"\0") + struct.pack(">Hh", 24, -1)
    elif track.handler == b"soun":
        fixed += bytes(8) + struct.pack(">HHHHI", 2, 16, 0, 0, 44_100 << 16)
    return box(track.format, fixed, track.entry_boxes)


def _tables(track: Track, offsets: Sequence[int]) -> bytes:
    chunks = track.sizes or [[len(sample) for sample in chunk] for chunk in track.chunks]
    samples = [size for chunk in chunks for size in chunk]
    runs = b"".join(
        struct.pack(">III", index + 1, len(chunk), 1) for index, chunk in enumerate(chunks)
    )
    sizes = b"" if track.uniform else struct.pack(f">{len(samples)}I", *samples)
    each = b"".join(struct.pack(">Q" if track.is_wide else ">I", offset) for offset in offsets)
    return box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), _sample_entry(track)),
        full(b"stts", struct.pack(">III", 1, len(samples), 512)),
        full(b"stsc", struct.pack(">I", len(chunks)), runs),
        full(b"stsz", struct.pack(">II", track.uniform, len(samples)), sizes),
        full(b"co64" if track.is_wide else b"stco", struct.pack(">I", len(offsets)), each),
        track.table_boxes,
    )


def trak(track: Track, number: int, offsets: Sequence[int]) -> bytes:
    """Return a track whose chunks lie at these offsets."""
    wide = track.version
    header = full(
        b"tkhd",
        _times(track.made, wide),
        struct.pack(">IIQ" if wide else ">III", number, 0, 1000),
        bytes(16),
        track.matrix,
        struct.pack(">II", 64 << 16, 48 << 16),
        version=wide,
        flags=3,
    )
    media_header = full(
        b"mdhd",
        _times(track.made, wide),
        struct.pack(">IQ" if wide else ">II", 1000, 1000),
        b"\x55\xc4\0\0",
        version=wide,
    )
    references = b"".join(
        box(kind, *(struct.pack(">I", one) for one in numbers))
        for kind, numbers in track.refers.items()
    )
    general = full(b"vmhd", bytes(8), flags=1) if track.handler == b"vide" else full(b"nmhd")
    here = box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url ", flags=1)))
    return box(
        b"trak",
        header,
        box(b"tref", references) if references else b"",
        box(
            b"mdia",
            media_header,
            full(b"hdlr", bytes(4), track.handler, bytes(12), track.name + b"\0"),
            box(b"minf", general, here, _tables(track, offsets)),
        ),
        track.extra,
    )


def mvhd(made: int = 0, version: int = 0) -> bytes:
    """Return the header of a film."""
    return full(
        b"mvhd",
        _times(made, version),
        struct.pack(">IQ" if version else ">II", 1000, 1000),
        struct.pack(">IH", 1 << 16, 256),
        bytes(10),
        IDENTITY,
        bytes(24),
        struct.pack(">I", 9),
        version=version,
    )


@dataclass
class Movie:
    """A film; the media of its tracks lie interleaved, chunk by chunk."""

    tracks: Sequence[Track] = ()
    brand: bytes = b"isom"
    made: int = 0
    version: int = 0
    moov_boxes: bytes = b""
    """Boxes at the end of `moov`."""
    before: bytes = b""
    """Boxes between `ftyp` and the media."""
    between: bytes = b""
    """Bytes after each chunk in the media data."""
    after: bytes = b""
    """What follows the last box."""
    is_large: bool = False
    """Whether the media data have a 64-bit size."""

    def build(self) -> bytes:
        """Return the file."""
        start = b"" if not self.brand else box(b"ftyp", self.brand, bytes(4), b"isom", b"mp42")
        start += self.before
        at = len(start) + (16 if self.is_large else 8)
        media = b""
        offsets: list[list[int]] = [[] for _ in self.tracks]
        for index in range(max((len(track.chunks) for track in self.tracks), default=0)):
            for track, places in zip(self.tracks, offsets, strict=True):
                if index < len(track.chunks):
                    places.append(at + len(media))
                    media += b"".join(track.chunks[index]) + self.between
        traks = [
            trak(track, number + 1, places)
            for number, (track, places) in enumerate(zip(self.tracks, offsets, strict=True))
        ]
        moov = box(b"moov", mvhd(self.made, self.version), *traks, self.moov_boxes)
        return start + box(b"mdat", media, large=self.is_large) + moov + self.after


def frames(seed: int, chunks: int = 3, samples: int = 2) -> list[list[bytes]]:
    """Return made-up frames, each of other bytes and another size."""
    return [
        [
            bytes(
                (seed * 31 + chunk * 7 + sample * 3 + at) % 251 + 1 for at in range(20 + 3 * chunk)
            )
            for sample in range(samples)
        ]
        for chunk in range(chunks)
    ]


def picture(**changes: object) -> Track:
    """Return a video track."""
    track = Track(chunks=frames(1))
    for name, value in changes.items():
        assert hasattr(track, name)
        setattr(track, name, value)
    return track


def sound() -> Track:
    """Return a sound track."""
    return Track(handler=b"soun", format=b"mp4a", chunks=frames(2))


def movie(**changes: object) -> Movie:
    """Return a film with a picture and a sound track."""
    made = Movie([picture(), sound()])
    for name, value in changes.items():
        assert hasattr(made, name)
        setattr(made, name, value)
    return made


def text_note(kind: bytes, text: str) -> bytes:
    """Return a note of QuickTime's user data."""
    data = text.encode()
    return box(kind, struct.pack(">HH", len(data), 0x15C7), data)


def keyed_notes(**values: str) -> bytes:
    """Return a `meta` box of QuickTime; "_" in a name stands for "."."""
    names = [name.replace("_", ".").encode() for name in values]
    keys = b"".join(box(b"mdta", b"com.apple.quicktime." + name) for name in names)
    items = b"".join(
        box(struct.pack(">I", index + 1), box(b"data", struct.pack(">II", 1, 0), value.encode()))
        for index, value in enumerate(values.values())
    )
    handler = full(b"hdlr", bytes(4), b"mdta", bytes(12))
    return box(
        b"meta", handler, full(b"keys", struct.pack(">I", len(names)), keys), box(b"ilst", items)
    )


def klv(key: bytes, kind: bytes, size: int, data: bytes) -> bytes:
    """Return an item of GoPro's telemetry."""
    return struct.pack(">4scBH", key, kind, size, len(data) // size) + data + bytes(-len(data) % 4)


def gpmf(latitude: float, longitude: float) -> bytes:
    """Return a sample of GoPro's telemetry with one place."""
    stream = klv(b"GPSF", b"L", 4, struct.pack(">I", 3))
    stream += klv(b"SCAL", b"l", 4, struct.pack(">5i", 10**7, 10**7, 1000, 1000, 100))
    place = struct.pack(">5i", round(latitude * 10**7), round(longitude * 10**7), 0, 0, 0)
    stream += klv(b"GPS5", b"l", 20, place)
    return klv(b"DEVC", b"\0", 1, klv(b"STRM", b"\0", 1, stream))


def played(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return (handler, bytes of its chunks) of each picture and sound track, by its tables."""
    found: list[tuple[bytes, bytes]] = []
    for track in _children(data, _payload(data, (0, len(data)), b"moov"), b"trak"):
        media = _payload(data, track, b"mdia")
        handler = _payload(data, media, b"hdlr")
        kind = data[handler[0] + 8 : handler[0] + 12]
        if kind in (b"vide", b"soun"):
            stbl = _payload(data, _payload(data, media, b"minf"), b"stbl")
            found.append((kind, b"".join(_samples(data, stbl))))
    return found


def _samples(data: bytes, stbl: tuple[int, int]) -> list[bytes]:
    sizes = _payload(data, stbl, b"stsz")[0]
    uniform, count = struct.unpack_from(">II", data, sizes + 4)
    runs = _payload(data, stbl, b"stsc")[0]
    each = [
        struct.unpack_from(">III", data, runs + 8 + 12 * index)
        for index in range(struct.unpack_from(">I", data, runs + 4)[0])
    ]
    places = _children(data, stbl, b"stco") or _children(data, stbl, b"co64")
    width = 4 if _children(data, stbl, b"stco") else 8
    (chunks,) = struct.unpack_from(">I", data, places[0][0] + 4)
    found: list[bytes] = []
    for index in range(chunks):
        at = places[0][0] + 8 + width * index
        offset = int.from_bytes(data[at : at + width], "big")
        samples = [run[1] for run in each if run[0] <= index + 1][-1]
        for _ in range(samples):
            number = len(found)
            size = uniform or struct.unpack_from(">I", data, sizes + 12 + 4 * number)[0]
            found.append(data[offset : offset + size])
            offset += size
    assert len(found) == count
    return found


def _children(data: bytes, span: tuple[int, int], kind: bytes) -> list[tuple[int, int]]:
    at, end = span
    found: list[tuple[int, int]] = []
    while end - at >= 8:
        length, name = struct.unpack_from(">I4s", data, at)
        header = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, at + 8)
            header = 16
        if name == kind:
            found.append((at + header, at + length))
        at += max(length, 8)
    return found


def _payload(data: bytes, span: tuple[int, int], kind: bytes) -> tuple[int, int]:
    return _children(data, span, kind)[0]


LONG_FILM_FRAMES = 32
LONG_FILM_CHUNK_BYTES = LONG_FILM_FRAMES * 20 * 1024


def long_film(file: Path, size_bytes: int, telemetry: bytes = b"") -> Path:
    """Write a film of about this size whose frames are holes; telemetry behind each chunk."""
    chunks = size_bytes // LONG_FILM_CHUNK_BYTES
    stride = LONG_FILM_CHUNK_BYTES + len(telemetry)
    start = box(b"ftyp", b"mp42", bytes(4), b"isom") + struct.pack(
        ">I4sQ", 1, b"mdat", 16 + chunks * stride
    )
    offsets = [len(start) + index * stride for index in range(chunks)]
    frames = [[LONG_FILM_CHUNK_BYTES // LONG_FILM_FRAMES] * LONG_FILM_FRAMES] * chunks
    tracks = [trak(Track(sizes=frames, is_wide=True, name=b"Camera"), 1, offsets)]
    if telemetry:
        places = [offset + LONG_FILM_CHUNK_BYTES for offset in offsets]
        metadata = Track(b"meta", b"gpmd", sizes=[[len(telemetry)]] * chunks, is_wide=True)
        tracks.append(trak(metadata, 2, places))
    notes = box(b"udta", text_note(b"\xa9xyz", "+45.7640+004.8357/"))
    with file.open("wb") as target:
        target.write(start)
        for offset in offsets if telemetry else ():
            target.seek(offset + LONG_FILM_CHUNK_BYTES)
            target.write(telemetry)
        target.seek(len(start) + chunks * stride)
        target.write(box(b"moov", mvhd(), *tracks, notes))
    return file
