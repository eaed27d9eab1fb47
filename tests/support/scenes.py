"""Pictures with something to see in them, drawn from a seed, and copies of them as people make."""

from __future__ import annotations

import io
import random

from PIL import Image


def scene(seed: int, width: int = 640, height: int = 480) -> Image.Image:
    """Return a picture of soft shapes; another seed shows another one."""
    chance = random.Random(seed)
    small = Image.frombytes("RGB", (12, 9), chance.randbytes(12 * 9 * 3))
    picture = small.resize((width, height), Image.Resampling.BICUBIC)
    for _ in range(12):
        colour = tuple(chance.randbytes(3))
        x, y = chance.randrange(width), chance.randrange(height)
        size = chance.randrange(width // 32, width // 4)
        picture.paste(colour, (x, y, x + size, y + size * 2 // 3))
    return picture


def saved(picture: Image.Image, form: str = "PNG", **settings: int) -> bytes:
    """Return a picture as a file, packed quickly rather than well."""
    content = io.BytesIO()
    if form == "PNG":
        settings.setdefault("compress_level", 1)
    picture.save(content, form, **settings)
    return content.getvalue()


def resized(picture: Image.Image, share: float) -> Image.Image:
    """Return a copy with its sides scaled."""
    size = (round(picture.width * share), round(picture.height * share))
    return picture.resize(size, Image.Resampling.LANCZOS)


def cropped(picture: Image.Image, share: float) -> Image.Image:
    """Return a copy that lacks this share of its width and height, half at each side."""
    x, y = round(picture.width * share / 2), round(picture.height * share / 2)
    return picture.crop((x, y, picture.width - x, picture.height - y))
