"""Draw a picture anew: a process of its own, since the decoders get untrusted bytes.

`python -P -m sharewise.services.drawing`: the file comes on standard input, the drawn copy goes
to standard output, and the exit code is a `Verdict`. Nothing is said in words: those might hold
what the file holds.
"""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, unique
from typing import TypeAlias, TypedDict

from PIL import Image, ImageOps, ImageSequence

FILE_BYTES = 256 * 1024 * 1024
"""The largest file that is drawn, and the largest copy that is taken back."""
PIXELS_LIMIT = 16_384 * 12_288
"""The most pixels of one picture: what the largest phone cameras make."""
ANIMATION_PIXELS_LIMIT = 300_000_000
"""The most pixels of all pictures of an animation."""
MEMORY_BYTES = 3 * 1024**3
CPU_S = 120
QUALITY = 95

DRAWN_FORMATS = (
    *("JPEG", "MPO", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"),
    *("JPEG2000", "BMP", "ICO", "PPM", "PSD", "QOI"),
)
"""What may be decoded; none of them starts another program, as Pillow does for PostScript."""
ANIMATED_FORMATS = frozenset({"PNG", "WEBP", "GIF"})
HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2"}
)


@unique
class Verdict(IntEnum):
    """How it went; an exit code. Others are left to the interpreter and the system."""

    DRAWN = 0
    NO_PICTURE = 10
    TOO_LARGE = 11
    NEEDS_HEIF = 12
    SEVERAL_PICTURES = 13


class _Kept(TypedDict, total=False):
    """All that is given to an encoder beside the pixels."""

    icc_profile: bytes
    quality: int
    subsampling: int
    lossless: bool
    save_all: bool
    append_images: list[Image.Image]
    duration: list[int]
    loop: int
    disposal: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a picture may cost."""

    pixels: int = PIXELS_LIMIT
    animation_pixels: int = ANIMATION_PIXELS_LIMIT
    file_bytes: int = FILE_BYTES


LIMITS = Limits()
Drawing: TypeAlias = bytes | Verdict


def main() -> int:
    """Draw the file on standard input; return a `Verdict`."""
    _bind_resources()
    drawn = draw(sys.stdin.buffer.read(FILE_BYTES + 1))
    if isinstance(drawn, Verdict):
        return drawn
    sys.stdout.buffer.write(drawn)
    sys.stdout.buffer.flush()
    return Verdict.DRAWN


def _bind_resources() -> None:
    """Have the system end this process before it hurts others, where a system can."""
    if sys.platform != "win32":
        import resource  # not on every system

        bounds: tuple[tuple[int, int], ...]
        bounds = ((resource.RLIMIT_CPU, CPU_S), (resource.RLIMIT_CORE, 0))
        if sys.platform == "linux":  # macOS knows the limit and refuses to set it
            bounds = (*bounds, (resource.RLIMIT_AS, MEMORY_BYTES))
        for name, wanted in bounds:
            _, most = resource.getrlimit(name)
            bound = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
            resource.setrlimit(name, (bound, bound))


def draw(untrusted: bytes, limits: Limits = LIMITS) -> Drawing:
    """Return a file that shows the same and holds nothing but the picture and its colours.

    JPEG stays JPEG; PNG, WebP and GIF keep their format and animation; others become PNG.
    Orientation goes into the pixels, the ICC profile stays.
    """
    if len(untrusted) > limits.file_bytes:
        return Verdict.TOO_LARGE
    if untrusted[4:8] == b"ftyp" and untrusted[8:12] in HEIF_BRANDS and not _can_draw_heif():
        return Verdict.NEEDS_HEIF
    Image.init()
    known = [name for name in DRAWN_FORMATS if name in Image.OPEN]
    Image.MAX_IMAGE_PIXELS = limits.pixels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(untrusted), formats=known) as image:
                return _draw(image, untrusted, limits)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
            return Verdict.TOO_LARGE
        except Exception:  # noqa: BLE001  the edge: Pillow raises whatever a broken file makes it
            return Verdict.NO_PICTURE


def _can_draw_heif() -> bool:
    try:
        import pillow_heif  # an extra: only there if a person chose it
    except ImportError:
        return False
    pillow_heif.register_heif_opener(thumbnails=False)
    return True


def _draw(image: Image.Image, untrusted: bytes, limits: Limits) -> Drawing:
    format_ = image.format or ""
    # The other pictures of an MPO are views and previews of the first, or hidden ones.
    is_single = format_ in ("JPEG", "MPO")
    target = "JPEG" if is_single else format_ if format_ in ANIMATED_FORMATS else "PNG"
    count = 1 if is_single or format_ == "ICO" else getattr(image, "n_frames", 1)
    kept: _Kept = {}
    if target == "JPEG":
        kept = {"quality": QUALITY, "subsampling": 0}
    elif target == "WEBP":
        is_lossless = b"VP8L" in untrusted
        kept = {"lossless": True} if is_lossless else {"quality": QUALITY}
    if count == 1 or format_ == "PSD":  # of which the first picture is all layers together
        first = _bare(ImageOps.exif_transpose(image), target)
    elif format_ not in ANIMATED_FORMATS:
        return Verdict.SEVERAL_PICTURES
    elif count * image.width * image.height > limits.animation_pixels:
        return Verdict.TOO_LARGE
    else:
        loop = image.info.get("loop")
        frames = list(_frames(image, target))
        first = frames[0].image
        kept["save_all"] = True
        kept["append_images"] = [frame.image for frame in frames[1:]]
        kept["duration"] = [frame.duration_ms for frame in frames]
        if isinstance(loop, int):
            kept["loop"] = loop
        if target == "GIF":
            kept["disposal"] = 2
    profile = image.info.get("icc_profile")
    if isinstance(profile, bytes) and _colours(image.mode) == _colours(first.mode):
        kept["icc_profile"] = profile
    out = io.BytesIO()
    first.save(out, target, **kept)
    return out.getvalue() if out.tell() <= limits.file_bytes else Verdict.TOO_LARGE


@dataclass(frozen=True, slots=True)
class _Frame:
    image: Image.Image
    duration_ms: int


def _frames(image: Image.Image, target: str) -> Iterator[_Frame]:
    for frame in ImageSequence.Iterator(image):
        frame.load()  # the duration of a WebP frame is known only then
        duration_ms = int(frame.info.get("duration", 0))
        yield _Frame(_bare(frame.convert("RGBA"), target), duration_ms)


def _colours(mode: str) -> str:
    """Return what kind of colours a profile for this mode describes."""
    if mode in ("1", "L", "LA", "La") or mode.startswith("I"):
        return "grey"
    return "RGB" if mode in ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX") else mode


def _bare(image: Image.Image, target: str) -> Image.Image:
    """Return the pixels and nothing else, in a mode that the format can hold."""
    image.load()
    can_hold = {
        "JPEG": ("L", "RGB", "CMYK"),
        "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
        "GIF": ("1", "L", "P", "RGB", "RGBA"),
        "WEBP": ("RGB", "RGBA"),
    }[target]
    transparency = image.info.get("transparency")
    if image.mode not in can_hold:
        has_alpha = image.mode in ("PA", "La", "RGBa", "LA") or transparency is not None
        image = image.convert("RGBA" if has_alpha and "RGBA" in can_hold else "RGB")
        transparency = None
    bare = image.copy()
    bare.info = {} if transparency is None else {"transparency": transparency}
    return bare


if __name__ == "__main__":
    sys.exit(main())
