"""The example photo: a drawn landscape that says as much about itself as one from a phone."""

from __future__ import annotations

import io
import itertools
import math
import random
from dataclasses import dataclass

import piexif
from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (1600, 1200)
HORIZON = 640
NAME = "IMG_2041.jpg"
LATITUDE = ((45, 1), (53, 1), (5784, 100))
LONGITUDE = ((6, 1), (7, 1), (4452, 100))
"""The shore of a lake in Savoy, in degrees, minutes and seconds."""
SERIAL = "NL3-7719-0426"
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Ridge:
    """One line of hills; nearer ones are darker and lower."""

    height: int
    roughness: float
    colour: Colour


RIDGES = (
    Ridge(250, 1.0, (139, 141, 168)),
    Ridge(170, 0.8, (102, 110, 143)),
    Ridge(95, 0.6, (66, 80, 108)),
    Ridge(40, 0.4, (40, 56, 74)),
)


def photo() -> bytes:
    """Return the JPEG: location, device, serial number, time, and a thumbnail that differs."""
    picture = landscape()
    before = picture.resize((160, 120)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90, subsampling="4:2:0", exif=piexif.dump(exif(before)))
    return out.getvalue()


def clean_photo() -> bytes:
    """Return the same picture as a JPEG that says nothing."""
    out = io.BytesIO()
    landscape().save(out, "JPEG", quality=90, subsampling="4:2:0")
    return out.getvalue()


def exif(thumbnail: Image.Image) -> dict[str, object]:
    """Return what the photo tells, in piexif's shape."""
    small = io.BytesIO()
    thumbnail.save(small, "JPEG", quality=80)
    main, detail, gps = piexif.ImageIFD, piexif.ExifIFD, piexif.GPSIFD
    taken = b"2026:05:09 20:41:17"
    return {
        "0th": {
            main.Make: b"Northlight",
            main.Model: b"Northlight N3",
            main.Software: b"N3 Camera 14.2",
            main.DateTime: taken,
            main.Orientation: 1,
        },
        "Exif": {
            detail.DateTimeOriginal: taken,
            detail.OffsetTimeOriginal: b"+02:00",
            detail.BodySerialNumber: SERIAL.encode(),
            detail.LensModel: b"N3 back camera 5.6mm f/1.8",
            detail.ExposureTime: (1, 120),
            detail.FNumber: (18, 10),
            detail.ISOSpeedRatings: 160,
        },
        "GPS": {
            gps.GPSVersionID: (2, 3, 0, 0),
            gps.GPSLatitudeRef: b"N",
            gps.GPSLatitude: LATITUDE,
            gps.GPSLongitudeRef: b"E",
            gps.GPSLongitude: LONGITUDE,
            gps.GPSHPositioningError: (5, 1),
        },
        "1st": {main.Compression: 6},
        "thumbnail": small.getvalue(),
    }


def landscape() -> Image.Image:
    """Draw an evening over a lake; the same picture every time."""
    chance = random.Random(2041)
    picture = sky()
    sun(picture)
    draw = ImageDraw.Draw(picture)
    for ridge in RIDGES:
        draw.polygon(outline(ridge, chance), fill=ridge.colour)
    water(picture, chance)
    shore(picture, chance)
    grain = Image.effect_noise(SIZE, 9).convert("RGB")
    return Image.blend(picture, grain, 0.035)


def sky() -> Image.Image:
    """Return the gradient of the sky."""
    stops: tuple[tuple[float, Colour], ...] = (
        (0.0, (70, 92, 140)),
        (0.4, (146, 148, 178)),
        (0.75, (238, 186, 152)),
        (1.0, (250, 214, 160)),
    )
    column = Image.new("RGB", (1, SIZE[1]))
    for y in range(SIZE[1]):
        column.putpixel((0, y), between(stops, min(1.0, y / HORIZON)))
    return column.resize(SIZE)


def between(stops: tuple[tuple[float, Colour], ...], at: float) -> Colour:
    """Return the colour at a place between the stops of a gradient."""
    for (start, low), (end, high) in itertools.pairwise(stops):
        if at <= end:
            share = (at - start) / (end - start)
            red, green, blue = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
            return red, green, blue
    return stops[-1][1]


def sun(picture: Image.Image) -> None:
    """Put a low sun with a glow behind the hills."""
    glow = Image.new("L", SIZE, 0)
    draw = ImageDraw.Draw(glow)
    for radius, light in ((300, 46), (170, 80), (90, 130)):
        draw.ellipse((1080 - radius, 430 - radius, 1080 + radius, 430 + radius), fill=light)
    glow = glow.filter(ImageFilter.GaussianBlur(70))
    picture.paste(Image.new("RGB", SIZE, (255, 236, 190)), mask=glow)
    ImageDraw.Draw(picture).ellipse((1038, 388, 1122, 472), fill=(255, 243, 214))


def outline(ridge: Ridge, chance: random.Random) -> list[tuple[float, float]]:
    """Return the outline of a line of hills, down to the water."""
    waves = [(chance.uniform(0.5, 1), chance.uniform(0, 6.3), 2**n) for n in range(7)]
    points = [
        (
            float(x),
            HORIZON
            - ridge.height
            * (
                0.62
                + ridge.roughness
                * sum(a * math.sin(x / 330 * f + shift) / f**1.15 for a, shift, f in waves)
                / 2.6
            ),
        )
        for x in range(0, SIZE[0] + 4, 4)
    ]
    return [*points, (SIZE[0], HORIZON + 6.0), (0.0, HORIZON + 6.0)]


def water(picture: Image.Image, chance: random.Random) -> None:
    """Mirror what is above the shore, darker and rippled."""
    height = SIZE[1] - HORIZON
    mirror = picture.crop((0, HORIZON - height, SIZE[0], HORIZON))
    mirror = mirror.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    mirror = Image.blend(mirror, Image.new("RGB", mirror.size, (46, 62, 92)), 0.30)
    for y in range(height):
        row = mirror.crop((0, y, SIZE[0], y + 1))
        shift = round(math.sin(y / (2 + y / 60)) * (1 + y / 90) + chance.uniform(-1, 1))
        picture.paste(ImageChops.offset(row, shift, 0), (0, HORIZON + y))
    draw = ImageDraw.Draw(picture, "RGBA")
    for _ in range(240):
        depth = chance.random() ** 1.6
        y = HORIZON + 8 + depth * height * 0.8
        middle = 1080 + chance.gauss(0, 34 + depth * 90)
        half = 6 + depth * 46
        draw.line((middle - half, y, middle + half, y), fill=(255, 232, 186, 90), width=2)


def shore(picture: Image.Image, chance: random.Random) -> None:
    """Put dark grass in front."""
    draw = ImageDraw.Draw(picture)
    line = [
        (float(x), 1118 + 26 * math.sin(x / 210) + 12 * math.sin(x / 47))
        for x in range(0, SIZE[0] + 10, 10)
    ]
    draw.polygon([*line, (SIZE[0], SIZE[1]), (0, SIZE[1])], fill=(24, 32, 34))
    for _ in range(900):
        x = chance.uniform(0, SIZE[0])
        y = 1124 + 26 * math.sin(x / 210) + chance.uniform(0, 40)
        tall = chance.uniform(14, 70) * (1.3 if x < 420 else 0.8)
        lean = chance.gauss(0, 9)
        draw.line((x, y, x + lean, y - tall), fill=(20, 28, 30), width=2)
