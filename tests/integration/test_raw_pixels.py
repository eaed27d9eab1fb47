"""A raw file is developed to the same pixels once it was cleaned: LibRaw (rawpy) is the judge.

No whole raw file of a camera may be passed on with the project: these have the structure of the
makers' files, header, directories, notes and mosaic, but no camera made them.
"""

from __future__ import annotations

import io
import json
import struct
import subprocess
from pathlib import Path

import pytest
import rawpy

from sharewise.formats.contract import Kind, Wish
from support.formats import clean, is_clean
from support.images import SECRET
from support.raws import RAWS, SERIAL, enciphered_balance, nef, noise
from support.tiffs import Page, Tag, blob, long, rational, short, text, tiff

WIDTH, HEIGHT = 64, 48
NAMED = Wish(frozenset({Kind.DEVICE}))
NUMBERED = Wish(frozenset({Kind.DEVICE, Kind.SERIAL}))
each_raw = pytest.mark.parametrize("name", list(RAWS))


def developed(data: bytes) -> tuple[bytes, bytes, tuple[int, ...]]:
    """Return the pixels of the sensor, those of the picture, and its turn and size."""
    with rawpy.imread(io.BytesIO(data)) as raw:
        sensor = raw.raw_image.tobytes()
        picture = raw.postprocess(use_camera_wb=True, output_bps=16)
        return sensor, picture.tobytes(), (raw.sizes.flip, *picture.shape)


def raw_photo(order: str, make: bytes = b"Maker", model: bytes = SECRET) -> bytes:
    """Return a DNG with a mosaic, a preview, and much that gives somebody away."""
    mosaic = struct.pack(
        f"{order}{WIDTH * HEIGHT}H",
        *(200 + (x * 37 + y * 11 + x * y) % 3700 for y in range(HEIGHT) for x in range(WIDTH)),
    )
    matrix = [(value, 10) for value in (8, -2, -1, -4, 12, 2, 0, 1, 7)]
    raw = Page(
        {
            254: long(0),
            256: short(WIDTH),
            257: short(HEIGHT),
            258: short(16),
            259: short(1),
            262: short(32803),
            277: short(1),
            278: short(HEIGHT),
            33421: short(2, 2),
            33422: Tag(1, b"\0\1\1\2"),
            50713: short(1, 1),
            50714: short(128),
            50717: short(4000),
        },
        [mosaic],
    )
    preview = {254: long(1), 256: short(8), 257: short(6), 258: short(8, 8, 8), 259: short(1)}
    more = {
        262: short(2),
        277: short(3),
        278: short(6),
        271: text(make),
        272: text(model),
        274: short(6),
        315: text(SECRET),
        50706: Tag(1, b"\1\4\0\0"),
        50707: Tag(1, b"\1\1\0\0"),
        50708: text(model),
        50721: Tag(10, matrix),
        50728: rational((5, 10), (1, 1), (6, 10)),
        50735: text(SECRET),
        50740: blob(SECRET * 9),
        50778: short(21),
    }
    place = Page({1: text(b"N"), 2: rational((45, 1), (45, 1), (0, 1)), 29: text(b"2025:05:03")})
    page = Page({**preview, **more}, [bytes(range(144))], {330: [raw], 34853: [place]})
    return tiff(page, order=order)


def test_a_cleaned_dng_is_developed_to_the_same_pixels() -> None:
    for order in "<>":
        data = raw_photo(order)
        result = clean(data)
        assert SECRET not in result
        assert is_clean(result)
        assert developed(result) == developed(data)


def test_a_camera_that_the_developer_knows_by_name_makes_no_difference() -> None:
    data = raw_photo("<", b"Canon", b"Canon EOS 350D DIGITAL")
    assert developed(clean(data)) == developed(data)


def test_the_judge_sees_a_changed_pixel_and_a_changed_white_balance() -> None:
    data = raw_photo("<")
    at = data.index(struct.pack("<3H", 200, 237, 274))
    changed = data[:at] + b"\x10\x01" + data[at + 2 :]
    assert developed(changed) != developed(data)
    balance = struct.pack("<2I", 6, 10)
    assert developed(data.replace(balance, struct.pack("<2I", 9, 10))) != developed(data)


@each_raw
def test_a_cleaned_raw_of_a_camera_is_developed_to_the_same_pixels(name: str) -> None:
    data = RAWS[name](SECRET)
    result = clean(data, NAMED)
    assert developed(result) == developed(data)
    assert balance(result) == balance(data)
    assert max(balance(data)) > 1.1


@pytest.mark.parametrize(("version", "place"), [(b"0204", 6), (b"0205", 14), (b"0209", 10)])
def test_enciphered_colours_are_developed_alike_without_the_serial_number(
    version: bytes, place: int
) -> None:
    data = nef(SECRET, enciphered_balance(version, place))
    result = clean(data, NAMED)
    assert sorted(balance(data)) == [256, 256, 340, 478]
    assert balance(result) == balance(data)
    assert developed(result) == developed(data)


def test_colours_enciphered_in_another_way_are_developed_alike() -> None:
    data = nef(b"", b"0219" + noise(700))
    assert developed(clean(data, NUMBERED)) == developed(data)


@each_raw
def test_exiftool_sees_nothing_private_in_a_cleaned_raw(name: str, tmp_path: Path) -> None:
    before, after = tmp_path / "before.raw", tmp_path / "after.raw"
    before.write_bytes(RAWS[name](SECRET))
    after.write_bytes(clean(before.read_bytes(), NAMED))
    assert seen(before) & {"Artist", "Copyright", "DateTimeOriginal", "OwnerName", "GPSLatitude"}
    assert "SerialNumber" in seen(before)
    private = ("Serial", "Owner", "Artist", "Copyright", "GPS", "Date", "Software", "Lens", "Name")
    assert not [tag for tag in seen(after) if any(word in tag for word in private)]
    shown = exiftool(after)
    assert SECRET.decode() not in shown
    assert SERIAL.decode() not in shown


def test_exiftool_deciphers_the_same_colours_without_the_serial_number(tmp_path: Path) -> None:
    before, after = tmp_path / "before.nef", tmp_path / "after.nef"
    before.write_bytes(nef(SECRET, enciphered_balance(b"0204", 6)))
    after.write_bytes(clean(before.read_bytes(), NAMED))
    was, is_now = (json.loads(exiftool(path))[0] for path in (before, after))
    assert was["Nikon:WB_RGGBLevels"] == is_now["Nikon:WB_RGGBLevels"] == "478 256 256 340"
    assert was["Nikon:SerialNumber"] == int(SERIAL)
    assert is_now["Nikon:SerialNumber"] == is_now["Nikon:ShutterCount"] == 0


def seen(path: Path) -> set[str]:
    """Return the names of what ExifTool sees in a file, but for what it says of the file."""
    found = json.loads(exiftool(path))[0]
    return {tag.partition(":")[2] for tag in found if not tag.startswith(("System:", "ExifTool:"))}


def exiftool(path: Path) -> str:
    options = ("-json", "-G1", "-a", "-ee", "-u")
    return subprocess.run(
        ["exiftool", *options, "--FileName", "--Directory", str(path)],
        capture_output=True,
        check=True,
        text=True,
    ).stdout


def balance(data: bytes) -> tuple[float, ...]:
    """Return the white balance that the camera wrote."""
    with rawpy.imread(io.BytesIO(data)) as raw:
        return tuple(raw.camera_whitebalance)
