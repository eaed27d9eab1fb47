"""Which tags of a TIFF matter for how the picture looks, and how large their values may be.

Everything that is not in `KEPT` is metadata. Text is never kept. Sources: TIFF 6.0; TIFF Technical
Notes 1 and 2; TIFF/EP (ISO 12234-2); Adobe, Photoshop TIFF Technical Notes; Digital Negative (DNG)
Specification 1.7.1; the tags that libtiff's codecs need.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from sharewise.formats.contract import Kind

SIZE_OF_TYPE = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8)
"""Bytes of one value, by type; 0 is no type. 16 to 18 are BigTIFF's."""

SUBFILE, OLD_SUBFILE, WIDTH, HEIGHT, BITS = 254, 255, 256, 257, 258
COMPRESSION, PHOTOMETRIC = 259, 262
STRIP_OFFSETS, ORIENTATION, SAMPLES, ROWS, STRIP_COUNTS, PLANAR = 273, 274, 277, 278, 279, 284
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_COUNTS = 322, 323, 324, 325
SUB_DIRECTORIES, JPEG_TABLES, DEPTH = 330, 347, 32997
JPEG_AT, JPEG_BYTES = 513, 514
JPEG_QUANTISATION, JPEG_DC, JPEG_AC = 519, 520, 521
EXIF, GPS, INTEROP, MAKER_NOTE = 34665, 34853, 40965, 37500
XMP, C2PA, DNG_VERSION = 700, 52545, 50706
PROFILES = frozenset({34675, 50831, 50833})
SIGNATURES = (50931, 50932)
"""Of the camera's calibration, and of the profile that it is for."""
OPCODES = frozenset({51008, 51009, 51022})
POSITIONS = frozenset({STRIP_OFFSETS, STRIP_COUNTS, TILE_OFFSETS, TILE_COUNTS})
RAW_COMPRESSIONS = frozenset({32767, 32769, 32770, 34713, 65000, 65535})
"""Of Sony, Epson, Samsung, Nikon, Kodak and Pentax."""
RAW_PHOTOMETRICS = frozenset({32803, 34892})
"""A colour filter array, and its linear sequel."""


class Room(Enum):
    """What bounds the number of values."""

    FIXED = auto()
    """`most` is all there may be."""
    SAMPLES = auto()
    """As many as a pixel has samples, times `most`."""
    CURVE = auto()
    """One or three tables with an entry for every level of a sample."""
    PIECES = auto()
    """As many as there are strips or tiles."""
    BLOB = auto()
    """Bytes with a structure of their own, which is checked."""


class Rule(NamedTuple):
    """What a kept value must be like."""

    types: tuple[int, ...]
    most: int = 1
    room: Room = Room.FIXED


_WHOLE = (1, 3, 4, 16)
_SHORT = (3,)
_RATIO = (5,)
_REAL = (3, 4, 5, 8, 9, 10, 11, 12)
_BYTE = (1, 7)
_BLOB = Rule(_BYTE, 16 * 1024 * 1024, Room.BLOB)
_PIECES = Rule((3, 4, 16), 0, Room.PIECES)
_TABLE_VALUES = 1 << 20


def _real(most: int) -> Rule:
    return Rule(_REAL, most)


BASELINE: dict[int, Rule] = {
    **dict.fromkeys(
        (SUBFILE, OLD_SUBFILE, WIDTH, HEIGHT, COMPRESSION, PHOTOMETRIC, 263, 264), Rule(_WHOLE)
    ),
    **dict.fromkeys((265, 266, ORIENTATION, SAMPLES, ROWS, PLANAR, 290, 296), Rule(_WHOLE)),
    **dict.fromkeys((292, 293, 317, 332, 334, 346, 512, 531, 433), Rule(_WHOLE)),
    **dict.fromkeys((TILE_WIDTH, TILE_HEIGHT, 32995, 32996, DEPTH, 32998), Rule(_WHOLE)),
    **dict.fromkeys(POSITIONS, _PIECES),
    **dict.fromkeys((BITS, 280, 281, 338, 339), Rule(_WHOLE, 1, Room.SAMPLES)),
    **dict.fromkeys((340, 341), Rule((1, 6, *_REAL), 1, Room.SAMPLES)),
    336: Rule((1, 3), 2, Room.SAMPLES),
    **dict.fromkeys((282, 283, 286, 287), Rule(_RATIO)),
    **dict.fromkeys((291, 301, 320), Rule(_SHORT, 3 << 16, Room.CURVE)),
    **dict.fromkeys((297, 321, 530), Rule(_SHORT, 2)),
    300: Rule(_SHORT),
    318: Rule((5, 11), 2),
    **dict.fromkeys((319, 532), Rule((3, 4, 5, 11), 6)),
    342: Rule(_SHORT, 6),
    529: Rule((5, 11), 3),
    JPEG_TABLES: Rule(_BYTE, 64 * 1024, Room.BLOB),
    **dict.fromkeys((JPEG_AT, JPEG_BYTES), Rule((4, 16))),
    515: Rule(_SHORT),
    **dict.fromkeys((517, 518), Rule(_SHORT, 1, Room.SAMPLES)),
    **dict.fromkeys((JPEG_QUANTISATION, JPEG_DC, JPEG_AC), Rule((4, 16), 1, Room.SAMPLES)),
    37439: Rule((12,)),
    50674: Rule((4,), 2),
    34675: _BLOB,
}
"""How the picture is stored and drawn."""

RENDERING: dict[int, Rule] = {
    SUB_DIRECTORIES: Rule((4, 13, 16, 18), 32),
    33421: Rule(_SHORT, 2),
    33422: Rule(_BYTE, 64),
    37398: Rule((1,), 4),
    **dict.fromkeys((DNG_VERSION, 50707), Rule((1,), 4)),
    50710: Rule(_BYTE, 16),
    50711: Rule(_SHORT),
    50712: Rule(_SHORT, 1 << 16),
    50713: Rule(_SHORT, 2),
    50714: Rule(_REAL, 64, Room.SAMPLES),
    **dict.fromkeys((50715, 50716), _real(1 << 16)),
    50717: Rule((3, 4), 1, Room.SAMPLES),
    **dict.fromkeys((50718, 50719, 50720, 50729, 50738, 50780), _real(4)),
    **dict.fromkeys((50721, 50722, 52531, 50723, 50724, 52530, 50725, 50726, 52538), _real(32)),
    **dict.fromkeys((50964, 50965, 52532, 50832, 50834), _real(32)),
    **dict.fromkeys((50727, 50728), _real(8)),
    **dict.fromkeys((50730, 50731, 50732, 50733, 50734, 50737, 50739, 51109), _real(1)),
    **dict.fromkeys(
        (50778, 50779, 52529, 50879, 50970, 50974, 50975, 52546, 52547), Rule(_WHOLE, 2)
    ),
    **dict.fromkeys((50941, 51107, 51108, 51110), Rule((4,))),
    50829: Rule((3, 4), 4),
    50830: Rule((3, 4), 16),
    **dict.fromkeys((50937, 50981), Rule((4,), 3)),
    **dict.fromkeys((50938, 50939, 52537, 50982, 50940), Rule((11,), _TABLE_VALUES)),
    51041: Rule((12,), 8),
    **dict.fromkeys((51089, 51090, 51091, 51112, 51125), _real(4)),
    **dict.fromkeys((50831, 50833), _BLOB),
    **dict.fromkeys(OPCODES, _BLOB),
    **dict.fromkeys((52525, 52544), Rule((7,), 4 * _TABLE_VALUES)),
    **dict.fromkeys((52533, 52534, 52535), Rule((7,), 4096)),
    52551: Rule((7,), 8),
    **dict.fromkeys((52553, 52554, 52555), _real(1)),
}
"""What a developer of raw pictures needs of a DNG besides."""

ESSENTIAL = frozenset(
    {
        *(WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, SAMPLES, ROWS, PLANAR, 317, 320, 338, 339),
        *(TILE_WIDTH, TILE_HEIGHT, 530, 512, JPEG_AT, JPEG_BYTES, JPEG_TABLES, 519, 520, 521),
        *(*POSITIONS, SUBFILE, 266, 292, 50674, *RENDERING),
    }
)
"""Without these the picture looks different: one that breaks its rule is no reason to drop it."""

TEXT_TAGS = frozenset(
    {
        *(269, 270, 271, 272, 285, 305, 306, 315, 316, 11, 33432, XMP, 33723, 34377),
        *(40091, 40092, 40093, 40094, 40095, 50735, 65001),
    }
)
"""Tags of the first directory that the EXIF reader has words for."""
EXIF_TAGS = frozenset(
    {
        *(33434, 33437, 34850, 34852, 34855, 34856, MAKER_NOTE, 42240, 65000),
        *range(34864, 34870),
        *range(36864, 37397),
        *range(37510, 37523),
        *range(40960, 42081),
    }
) - {INTEROP}
"""Tags of an EXIF directory, which some programs put into the first one."""

MEANINGS: dict[int, tuple[Kind, str]] = {
    **dict.fromkeys(
        (33550, 33920, 33922, 34264, 34735, 34736, 34737),
        (Kind.LOCATION, "Says where on Earth the picture lies (map data)"),
    ),
    **dict.fromkeys((42112, 50844), (Kind.LOCATION, "Holds notes of a map program")),
    37724: (Kind.HISTORY, "Holds the layers of the editing program (Photoshop), hidden ones too"),
    50255: (Kind.HISTORY, "Holds notes of the editing program (Photoshop)"),
    50740: (Kind.MAKER_NOTE, "Holds the maker's own notes on camera and picture"),
    50828: (Kind.HIDDEN_MEDIA, "Holds the camera's original file as a whole"),
    50827: (Kind.FILENAME, "Names the original file"),
    **dict.fromkeys(
        (50781, 50972, 51111), (Kind.IDENTIFIER, "Has a number that is this picture's alone")
    ),
    37393: (Kind.IDENTIFIER, "Has the number that the camera counted"),
    **dict.fromkeys((50708, 50709), (Kind.DEVICE, "Names the camera or phone")),
    50736: (Kind.DEVICE, "Tells what lens it was"),
    **dict.fromkeys((50966, 50967), (Kind.SOFTWARE, "Names the software of its preview")),
    50968: (Kind.SOFTWARE, "Names the settings of its preview"),
    50971: (Kind.TIME, "Says when its preview was made"),
    **dict.fromkeys((50934, 50936, 52552), (Kind.SOFTWARE, "Names a colour profile")),
    50942: (Kind.PERSON, "Names who holds the rights in its colour profile"),
    52526: (Kind.DESCRIPTION, "Names a part of the picture"),
    **dict.fromkeys(SIGNATURES, (Kind.SOFTWARE, "Names a colour calibration")),
    333: (Kind.DESCRIPTION, "Names its inks"),
    50341: (Kind.OTHER, "Holds settings for printing"),
}
"""What other tags give away; the rest is data of a program."""
