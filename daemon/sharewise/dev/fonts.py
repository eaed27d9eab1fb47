"""Cut the report's fonts out of Noto: python -m sharewise.dev.fonts FOLDER

FOLDER is where Debian's package fonts-noto-core (20201225-1) puts them
(`usr/share/fonts/truetype/noto`). Only the scripts that the report promises are kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parents[1] / "report" / "fonts"
LATIN_GREEK_CYRILLIC = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x250),
    *range(0x2B0, 0x370),
    *range(0x370, 0x530),
    *range(0x1E00, 0x2000),
    *range(0x2000, 0x2070),
    *range(0x2070, 0x20C1),
    *range(0x2100, 0x2190),
    0x2212,
    0x25CC,
    0xFFFD,
)
FONTS = {
    "NotoSans-Regular": LATIN_GREEK_CYRILLIC,
    "NotoSans-Bold": LATIN_GREEK_CYRILLIC,
    "NotoSansArabic-Regular": (
        *range(0x600, 0x700),
        *range(0x750, 0x780),
        *range(0x8A0, 0x900),
        0x200C,
        0x200D,
        0x25CC,
    ),
    "NotoSansHebrew-Regular": (*range(0x590, 0x600), 0x25CC),
    "NotoSansDevanagari-Regular": (
        *range(0x900, 0x980),
        *range(0xA8E0, 0xA900),
        0x200C,
        0x200D,
        0x20B9,
        0x25CC,
    ),
}
KEPT_NAMES = (0, 1, 2, 4, 6, 13, 14)
"""Copyright, family, style, full and PostScript name, licence and its address."""


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    for name, characters in FONTS.items():
        options = Options()
        options.hinting = False
        options.name_IDs = list(KEPT_NAMES)
        options.drop_tables += ["DSIG"]
        # The report's own words are plain: small capitals and other figures are not asked for.
        font = TTFont(Path(arguments[0]) / f"{name}.ttf", recalcTimestamp=False)
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=characters)
        subsetter.subset(font)
        target = TARGET / f"{name}.ttf"
        font.save(target)
        print(f"{name}: {len(font.getBestCmap())} characters, {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
