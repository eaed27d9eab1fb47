"""Remove metadata as programs do that use a library; a process of its own, since some hang."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import piexif
from PIL import Image


def main(library: str, name: str) -> None:
    """Treat a file in place with one call of the library; what goes wrong ends the process."""
    match library:
        case "piexif":
            piexif.remove(name)
        case "pillow":
            save_again(Path(name))
        case "version":
            print(importlib.metadata.version(name))


def save_again(path: Path) -> None:
    """Open a picture and save it, with all its frames, at the quality that people choose."""
    with Image.open(path) as image:
        is_animated = getattr(image, "is_animated", False) and image.format != "MPO"
        options = {"save_all": True} if is_animated else {}
        drawn = path.with_name(f"again-{path.name}")
        image.save(drawn, image.format, quality=95, **options)
    drawn.replace(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
