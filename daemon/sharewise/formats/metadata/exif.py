"""Read an EXIF block for people. Source: Exif 3.0 (CIPA DC-008-2023)."""

from __future__ import annotations

import math

from sharewise.formats.contract import Finding, Kind
from sharewise.formats.metadata import iptc, makernote, xmp
from sharewise.formats.metadata.block import Block
from sharewise.formats.metadata.facts import Facts
from sharewise.formats.metadata.tiff import SIZE_OF_TYPE, Tiff, read_tiff
from sharewise.formats.metadata.words import (
    amount,
    decode,
    location_finding,
    moment,
    tidy,
    time_finding,
)

ORIENTATION = 0x0112

_TEXTS: tuple[tuple[str, int, Kind, str], ...] = (
    ("IFD0", 0x013B, Kind.PERSON, "Names who made it"),
    ("IFD0", 0x8298, Kind.PERSON, "Names who holds the rights"),
    ("Exif", 0xA430, Kind.PERSON, "Names the camera's owner"),
    ("Exif", 0xA437, Kind.PERSON, "Names the photographer"),
    ("Exif", 0xA438, Kind.PERSON, "Names who edited it"),
    ("IFD0", 0x010E, Kind.DESCRIPTION, "Has a description"),
    ("IFD0", 0x010D, Kind.DESCRIPTION, "Has a document name"),
    ("IFD0", 0x011D, Kind.DESCRIPTION, "Has a page name"),
    ("Exif", 0xA436, Kind.DESCRIPTION, "Has a title"),
    ("Exif", 0xA431, Kind.SERIAL, "Has the camera's serial number"),
    ("Exif", 0xA435, Kind.SERIAL, "Has the lens's serial number"),
    ("IFD0", 0xA430, Kind.PERSON, "Names the camera's owner"),
    ("IFD0", 0xA431, Kind.SERIAL, "Has the camera's serial number"),
    ("IFD0", 0xA435, Kind.SERIAL, "Has the lens's serial number"),
    ("IFD0", 0xC62F, Kind.SERIAL, "Has the camera's serial number"),
    ("IFD0", 0xFDE9, Kind.SERIAL, "Has the camera's serial number"),
    ("Exif", 0xFDE9, Kind.SERIAL, "Has the camera's serial number"),
    ("Exif", 0xFDE8, Kind.PERSON, "Names the camera's owner"),
    ("IFD0", 0x0131, Kind.SOFTWARE, "Names the software"),
    ("IFD0", 0x000B, Kind.SOFTWARE, "Names the software"),
    ("IFD0", 0x013C, Kind.DEVICE, "Names the computer or phone"),
    ("Exif", 0xA434, Kind.DEVICE, "Names the lens"),
    ("Exif", 0xA439, Kind.SOFTWARE, "Names the camera's firmware"),
    ("Exif", 0xA43A, Kind.SOFTWARE, "Names the developing software"),
    ("Exif", 0xA43B, Kind.SOFTWARE, "Names the editing software"),
    ("Exif", 0xA43C, Kind.SOFTWARE, "Names the metadata software"),
    ("Exif", 0xA420, Kind.IDENTIFIER, "Has a number that is this picture's alone"),
    ("Exif", 0xA004, Kind.DESCRIPTION, "Names a sound file that belongs to it"),
)
_PLACE_IN_TEXTS = {
    name: {row[1]: place for place, row in enumerate(_TEXTS) if row[0] == name}
    for name in ("IFD0", "Exif")
}
"""{directory: {tag: where it stands in `_TEXTS`}}: few of them are in any one file."""
_WINDOWS_TEXTS = (
    (0x9C9B, Kind.DESCRIPTION, "Has a title"),
    (0x9C9C, Kind.DESCRIPTION, "Has a comment"),
    (0x9C9D, Kind.PERSON, "Names who made it"),
    (0x9C9E, Kind.DESCRIPTION, "Has keywords"),
    (0x9C9F, Kind.DESCRIPTION, "Has a subject"),
)
_TIMES = (
    ("Exif", 0x9003, 0x9011, "when it was taken"),
    ("Exif", 0x9004, 0x9012, "when it was digitised"),
    ("IFD0", 0x0132, 0x9010, "when it was last changed"),
)
_HARMLESS = frozenset(
    {
        *(0x0100, 0x0101, 0x0103, 0x0106, 0x0112, 0x0115, 0x011A, 0x011B, 0x011C, 0x0128, 0x0213),
        *(0x8769, 0xA005, 0x9000, 0x9101, 0xA000, 0xA001, 0xA002, 0xA003, 0x0001, 0x0002),
    }
)
"""Size, resolution, colour space, orientation and the pointers: numbers of a few bytes each."""
_QUIET = _HARMLESS | {0x0102, 0x8825, 0x014A, 0x0201, 0x0202, 0x0111, 0x0117, 0xEA1C}
_SPOKEN = (
    _QUIET
    | {tag for _, tag, _, _ in _TEXTS}
    | {tag for tag, _, _ in _WINDOWS_TEXTS}
    | {0x010F, 0x0110, 0x9003, 0x9004, 0x0132, 0x9010, 0x9011, 0x9012, 0x927C, 0x9286}
    | {0x02BC, 0x83BB, 0x8649}
)
"""What other findings speak for, and what says nothing."""


def read_exif(data: bytes, path: str) -> Block:
    """Return what an EXIF block (from its TIFF header on) gives away. Never raises."""
    tiff = read_tiff(data)
    if not tiff.directories:
        return Block((_broken(path),))
    place = _coordinates(tiff)
    make, model = tidy(tiff.text("IFD0", 0x010F)), tidy(tiff.text("IFD0", 0x0110))
    findings = [
        *_location(tiff, place, path),
        *_times(tiff, path),
        *_device(make, model, path),
        *_texts(tiff, path),
        *_thumbnails(tiff, path),
        *makernote.read_maker_note(tiff, f"{path}/Exif/MakerNote"),
        *_embedded(tiff, path),
    ]
    is_harmless = not findings and _is_harmless(tiff)
    if not is_harmless and not findings and tiff.faults:
        findings.append(_broken(path))
    elif not is_harmless and _has_settings(tiff):
        what = "Tells how the camera was set (exposure, lens, flash and the like)"
        findings.append(Finding(Kind.OTHER, path, what))
    elif not is_harmless and not findings:
        what = "Has technical details that are not needed to show it"
        findings.append(Finding(Kind.OTHER, path, what))
    taken = next((one.value for one in findings if one.kind is Kind.TIME), None)
    facts = Facts(
        _orientation(tiff),
        taken,
        tidy(tiff.text("IFD0", 0x013B)) or None,
        tidy(tiff.text("IFD0", 0x8298)) or None,
        make or None,
        model or None,
        *(place or (None, None)),
    )
    return Block(tuple(findings), facts, is_harmless)


def _broken(path: str) -> Finding:
    what = "Has a block of details (EXIF) that is damaged and cannot be fully read"
    return Finding(Kind.OTHER, path, what)


def _orientation(tiff: Tiff) -> int | None:
    """Return how the picture is turned, 2 to 8, or None: upright is not worth saying."""
    orientation = tiff.number("IFD0", ORIENTATION)
    return orientation if orientation is not None and 2 <= orientation <= 8 else None


def orientation_of(data: bytes) -> int | None:
    """Return the orientation that a block says, 1 to 8, or None."""
    orientation = read_tiff(data).number("IFD0", ORIENTATION)
    return orientation if orientation is not None and 1 <= orientation <= 8 else None


def _coordinates(tiff: Tiff) -> tuple[float, float] | None:
    if "GPS" not in tiff.directories:
        return None
    latitude, longitude = tiff.numbers("GPS", 2), tiff.numbers("GPS", 4)
    if not latitude or not longitude:
        return None
    north, east = _degrees(latitude), _degrees(longitude)
    if tiff.text("GPS", 1).upper().startswith("S"):
        north = -north
    if tiff.text("GPS", 3).upper().startswith("W"):
        east = -east
    if not (abs(north) <= 90 and abs(east) <= 180):
        return None
    return round(north, 7), round(east, 7)


def _degrees(parts: tuple[float, ...]) -> float:
    return math.fsum(part / 60**index for index, part in enumerate(parts[:3]))


def _location(tiff: Tiff, place: tuple[float, float] | None, path: str) -> list[Finding]:
    gps = tiff.directories.get("GPS")
    if not gps:
        return []
    where = f"{path}/GPS"
    findings: list[Finding] = []
    if place is not None:
        accuracy = tiff.numbers("GPS", 0x1F)
        findings.append(location_finding(where, *place, accuracy[0] if accuracy else None))
    elif set(gps) - {0}:
        what = "Says something of the place or the satellite fix, but no coordinates"
        findings.append(Finding(Kind.LOCATION, where, what))
    area = tidy(_charset_text(tiff, "GPS", 0x1C))
    if area:
        findings.append(Finding(Kind.LOCATION, where, f"Names the area: {area}", area))
    return findings


def _times(tiff: Tiff, path: str) -> list[Finding]:
    for name, tag, offset_tag, what in _TIMES:
        iso = moment(tiff.text(name, tag), tiff.text("Exif", offset_tag))
        if iso is not None:
            return [time_finding(f"{path}/{name}", iso, what)]
    day = moment(tiff.text("GPS", 0x1D))
    if day is None:
        return []
    clock = tiff.numbers("GPS", 7)
    if len(clock) == 3 and clock[0] < 24 and clock[1] < 60 and clock[2] < 60:
        hour, minute, second = (int(part) for part in clock)
        day = f"{day[:10]}T{hour:02}:{minute:02}:{second:02}+00:00"
    return [time_finding(f"{path}/GPS", day)]


def _device(make: str, model: str, path: str) -> list[Finding]:
    first = make.split(" ", maxsplit=1)[0].lower()
    name = model if first and model.lower().startswith(first) else f"{make} {model}".strip()
    if not name:
        return []
    return [Finding(Kind.DEVICE, f"{path}/IFD0", f"Names the camera or phone: {name}", name)]


def _texts(tiff: Tiff, path: str) -> list[Finding]:
    findings: list[Finding] = []
    zeroth, exif = tiff.directories.get("IFD0", {}), tiff.directories.get("Exif", {})
    places = [_PLACE_IN_TEXTS["IFD0"][tag] for tag in zeroth.keys() & _PLACE_IN_TEXTS["IFD0"]]
    places += [_PLACE_IN_TEXTS["Exif"][tag] for tag in exif.keys() & _PLACE_IN_TEXTS["Exif"]]
    for name, tag, kind, what in [_TEXTS[place] for place in sorted(places)]:
        text = tidy(tiff.text(name, tag))
        if text:
            findings.append(Finding(kind, f"{path}/{name}", f"{what}: {text}", text))
    for tag, kind, what in _WINDOWS_TEXTS:
        if tag in zeroth:
            raw = tiff.raw("IFD0", tag)
            text = tidy(raw[: len(raw) & ~1].decode("utf-16-le", "replace").rstrip("\0"))
            if text:
                findings.append(Finding(kind, f"{path}/IFD0", f"{what}: {text}", text))
    comment = tidy(_charset_text(tiff, "Exif", 0x9286))
    if comment:
        where = f"{path}/Exif/UserComment"
        findings.append(Finding(Kind.DESCRIPTION, where, f"Has a comment: {comment}", comment))
    return findings


def _charset_text(tiff: Tiff, name: str, tag: int) -> str:
    """Return a text that begins with eight bytes that name its encoding."""
    if tag not in tiff.directories.get(name, {}):
        return ""
    raw = tiff.raw(name, tag)
    charset, text = raw[:8], raw[8:]
    if charset == b"UNICODE\0":
        wide = "utf-16-le" if tiff.order == "<" else "utf-16-be"
        return text[: len(text) & ~1].decode(wide, "replace").rstrip("\0")
    if charset == b"JIS\0\0\0\0\0":
        return text.decode("iso2022_jp", "replace").rstrip("\0")
    if charset in (b"ASCII\0\0\0", b"\0\0\0\0\0\0\0\0"):
        return decode(text.rstrip(b"\0 "))
    return decode(raw.rstrip(b"\0 "))


def _thumbnails(tiff: Tiff, path: str) -> list[Finding]:
    findings: list[Finding] = []
    for name, directory in tiff.directories.items():
        is_jpeg = 0x0201 in directory and 0x0202 in directory
        if is_jpeg or (name == "IFD1" and 0x0111 in directory):
            size = tiff.number(name, 0x0202 if is_jpeg else 0x0117) or 0
            what = "Holds a small picture that may show what was cut off or changed"
            findings.append(Finding(Kind.THUMBNAIL, f"{path}/{name}", f"{what} ({amount(size)})"))
    return findings


def _embedded(tiff: Tiff, path: str) -> list[Finding]:
    findings: list[Finding] = []
    if 0x02BC in tiff.directories.get("IFD0", {}):
        findings += xmp.read_xmp(tiff.raw("IFD0", 0x02BC), f"{path}/XMP").findings
    if 0x83BB in tiff.directories.get("IFD0", {}):
        findings += iptc.read_iim(tiff.raw("IFD0", 0x83BB), f"{path}/IPTC").findings
    if 0x8649 in tiff.directories.get("IFD0", {}):
        findings += iptc.read_photoshop(tiff.raw("IFD0", 0x8649), f"{path}/Photoshop").findings
    return findings


def _has_settings(tiff: Tiff) -> bool:
    """Return whether there are tags that no other finding speaks for."""
    zeroth, exif = tiff.directories.get("IFD0", {}), tiff.directories.get("Exif", {})
    return not (zeroth.keys() <= _SPOKEN and exif.keys() <= _SPOKEN)


def _is_harmless(tiff: Tiff) -> bool:
    """Return whether every byte is a header, a directory or a short number that says nothing."""
    if tiff.faults or set(tiff.directories) - {"IFD0", "Exif", "Interop"}:
        return False
    size = 8
    for name, directory in tiff.directories.items():
        size += 2 + 12 * len(directory) + 4
        for tag, entry in directory.items():
            _, type_, values, _ = entry
            if tag not in _HARMLESS or values > 4 or type_ >= len(SIZE_OF_TYPE):
                return False
            if type_ == 2 and tiff.text(name, tag) not in ("R98", "R03", "THM"):
                return False
            value = tiff.size(entry)
            size += value + (value & 1) if value > 4 else 0
    return len(tiff.data) <= size
