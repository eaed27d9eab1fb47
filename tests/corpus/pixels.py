"""Compare how two files look, with Pillow: every frame, as displayed, with its colour profile."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import pillow_heif
import pillow_jxl  # noqa: F401  registers its decoder
from PIL import Image, ImageCms, ImageOps, ImageSequence

from corpus import documents, tiffs

PIXELS_LIMIT = 120_000_000

pillow_heif.register_heif_opener()


@dataclass(frozen=True)
class Look:
    """How a file looks; `error` where Pillow cannot draw it."""

    frames: tuple[tuple[str, tuple[int, int], bytes, object], ...] = ()
    displayed: bytes = b""
    icc: bytes | None = None
    nclx: str = ""
    """The colours that a HEIC names by numbers."""
    error: str | None = None


@dataclass(frozen=True)
class Difference:
    """What changed between an original and its cleaned copy."""

    is_drawable: bool
    are_pixels_changed: bool = False
    is_turned: bool = False
    is_icc_lost: bool = False
    frame_count: int = 0


def look(data: bytes) -> Look:
    """Return how a file looks."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if documents.is_document(data):
                pages = documents.drawn(data)
                return Look(pages, b"".join(page[2] for page in pages))
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > PIXELS_LIMIT:
                    return Look(error="too large")
                frames = _frames(image)
            with Image.open(io.BytesIO(data)) as image:
                icc = image.info.get("icc_profile")
                # a JPEG XL says in its codestream how it is turned; EXIF does not count
                displayed = image if image.format == "JXL" else ImageOps.exif_transpose(image)
                shape = f"{displayed.mode} {displayed.size} ".encode()
                nclx = str(image.info.get("nclx_profile"))
                return Look(frames, shape + displayed.tobytes(), icc, nclx)
    except Exception as error:  # noqa: BLE001  Pillow raises whatever a broken file makes it
        return Look(error=type(error).__name__)


def _frames(image: Image.Image) -> tuple[tuple[str, tuple[int, int], bytes, object], ...]:
    """Return the frames up to the first that cannot be drawn; the first one must be."""
    frames: list[tuple[str, tuple[int, int], bytes, object]] = []
    try:
        for frame in ImageSequence.Iterator(image):
            if frames and tiffs.is_small_copy(frame):
                continue
            pixels = frame.tobytes()
            frames.append((frame.mode, frame.size, pixels, frame.info.get("duration")))
    except Exception:  # Pillow raises whatever a broken file makes it
        if not frames:
            raise
    return tuple(frames)


def are_alike(before: bytes | None, after: bytes | None) -> bool:
    """Return whether two colour profiles show every colour alike; texts in them may differ."""
    if before == after or before is None or after is None:
        return before == after
    try:
        return _shown_with(before) == _shown_with(after)
    except ImageCms.PyCMSError:
        return False


def _shown_with(profile: bytes) -> bytes:
    """Return a set of colours as they are shown with a profile."""
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    mode = {"GRAY": "L", "CMYK": "CMYK", "RGB ": "RGB"}[opened.profile.xcolor_space]
    count = {"L": 1, "RGB": 3, "CMYK": 4}[mode]
    samples = bytes((at * 37 + at // 5) % 256 for at in range(4096 * count))
    colours = Image.frombytes(mode, (64, 64), samples)
    shown = ImageCms.profileToProfile(
        colours, opened, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert shown is not None
    return shown.tobytes()


def compare(original: bytes, cleaned: bytes) -> Difference:
    """Return what changed. A second picture behind a JPEG is no frame of it: it may go."""
    before, after = look(original), look(cleaned)
    if tiffs.is_dng(original) and (
        tiffs.are_pieces_changed(original, cleaned)
        or not tiffs.are_developed_alike(original, cleaned)
    ):
        return Difference(is_drawable=True, are_pixels_changed=True)
    if before.error is not None and after.error is not None:
        are_changed = tiffs.is_tiff(original) and tiffs.are_pieces_changed(original, cleaned)
        return Difference(is_drawable=False, are_pixels_changed=are_changed)
    if before.error is not None or after.error is not None:
        return Difference(is_drawable=before.error is None, are_pixels_changed=True)
    is_jpeg = original.startswith(b"\xff\xd8")
    count = len(after.frames) if is_jpeg and after.frames else len(before.frames)
    are_changed = before.frames[:count] != after.frames
    is_turned = not are_changed and before.displayed != after.displayed
    return Difference(
        is_drawable=True,
        are_pixels_changed=are_changed,
        is_turned=is_turned,
        is_icc_lost=before.nclx != after.nclx or not are_alike(before.icc, after.icc),
        frame_count=len(after.frames),
    )
