"""Tell the raw files of cameras from other TIFFs, and say what they give away.

A raw file other than DNG cannot be drawn without the camera's name and its maker's notes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum

from sharewise.formats.contract import Finding, Kind, Steps
from sharewise.formats.metadata.exif import read_exif
from sharewise.formats.metadata.words import merged
from sharewise.formats.reading import Reader
from sharewise.formats.tiff_inside import tags
from sharewise.formats.tiff_inside.findings import describe, read_values
from sharewise.formats.tiff_inside.walk import Directory, Scheme, read_subs

_MAKE, _MODEL, _JPEG_FROM_RAW = 271, 272, 46
_SENSOR = "Holds the picture as the camera's sensor saw it, which can tell one camera from others"
_HEADER_BYTES = 16
_EMBEDDED_BYTES = 64 * 1024
_EXIF_MARK = b"Exif\0\0"


class Family(StrEnum):
    """What a file of this structure is; the words for the format in reports."""

    TIFF = "TIFF"
    DNG = "DNG"
    CR2 = "CR2"
    NEF = "NEF"
    ARW = "ARW"
    ORF = "ORF"
    RW2 = "RW2"
    PEF = "PEF"
    RAW = "raw"


_MAKERS = (
    (b"nikon", Family.NEF),
    (b"sony", Family.ARW),
    (b"pentax", Family.PEF),
    (b"ricoh", Family.PEF),
    (b"olympus", Family.ORF),
    (b"om digital", Family.ORF),
    (b"panasonic", Family.RW2),
    (b"canon", Family.CR2),
)


def family_of(
    reader: Reader,
    scheme: Scheme,
    pages: Sequence[Directory],
    subs: Sequence[Directory],
    path: str,
) -> Steps[Family]:
    """Return what a file is, by its header and by how its pictures are stored."""
    head = yield from reader.read(0, min(_HEADER_BYTES, reader.size), path)
    if head[:4] in (b"IIRO", b"IIRS", b"MMOR"):
        return Family.ORF
    if head[:4] == b"IIU\0":
        return Family.RW2
    if head[8:11] == b"CR\2":
        return Family.CR2
    if pages[0].find(tags.DNG_VERSION) is not None:
        return Family.DNG
    if head[8:12] in (b"IIII", b"MMMM"):
        return Family.RAW
    is_raw = any(
        one.number(scheme, tags.COMPRESSION, 1) in tags.RAW_COMPRESSIONS
        or one.number(scheme, tags.PHOTOMETRIC, 0) in tags.RAW_PHOTOMETRICS
        for one in (*pages, *subs)
    )
    has_page, has_sub = (
        any(not one.number(scheme, tags.SUBFILE, 0) & 1 for one in some) for some in (pages, subs)
    )
    if not is_raw and (has_page or not has_sub):
        return Family.TIFF
    entry = pages[0].find(_MAKE)
    found = yield from read_values(reader, () if entry is None else (entry,), path)
    maker = found[0].data.lower() if found else b""
    return next((family for name, family in _MAKERS if maker.startswith(name)), Family.RAW)


def raw_findings(
    reader: Reader, scheme: Scheme, every: Sequence[Directory], path: str
) -> Steps[list[Finding]]:
    """Return what a raw file gives away."""
    findings: list[Finding] = []
    for directory in every:
        others = {}
        for tag, name in ((tags.EXIF, "Exif"), (tags.GPS, "GPS")):
            if directory.find(tag) is None:
                continue
            found = yield from read_subs(reader, scheme, directory, tag, path)
            entries = [entry for one in found for entry in one.entries]
            others[name] = yield from read_values(reader, entries, path)
        spoken = [
            entry
            for entry in directory.entries
            if (entry.tag in tags.TEXT_TAGS and entry.tag > 255)
            or entry.tag in tags.EXIF_TAGS
            or entry.tag in tags.MEANINGS
        ]
        values = yield from read_values(reader, spoken, path)
        findings += describe(scheme, values, others, path).findings
        findings += yield from _embedded(reader, directory, path)
        if directory.number(scheme, tags.SUBFILE, 0) & 1 or directory.find(tags.JPEG_AT):
            what = "Holds a small picture that may show what was cut off or changed"
            findings.append(Finding(Kind.THUMBNAIL, f"{path}/{directory.name}", what))
    findings.append(Finding(Kind.DEVICE, path, _SENSOR))
    return list(merged(findings))


def needed_findings(
    reader: Reader, scheme: Scheme, page: Directory, needs: Collection[Kind], path: str
) -> Steps[list[Finding]]:
    """Return what a raw file gives away of which everything is gone that can go."""
    names = [entry for entry in page.entries if entry.tag in (_MAKE, _MODEL)]
    values = yield from read_values(reader, names, path)
    findings = list(describe(scheme, values, {}, path).findings) if values else []
    findings.append(Finding(Kind.DEVICE, path, _SENSOR))
    if Kind.SERIAL in needs:
        what = "Has the camera's serial number, which its colours are enciphered with"
        findings.append(Finding(Kind.SERIAL, f"{path}/Exif/MakerNote", what))
    return list(merged(findings))


def _embedded(reader: Reader, directory: Directory, path: str) -> Steps[list[Finding]]:
    """Return what the JPEG inside a raw of Panasonic gives away."""
    entry = directory.find(_JPEG_FROM_RAW)
    if entry is None or entry.at is None or entry.at + entry.size > reader.size:
        return []
    length = min(entry.size, _EMBEDDED_BYTES)
    data = yield from reader.read(entry.at, length, path)
    at = data.find(_EXIF_MARK)
    if not data.startswith(b"\xff\xd8") or at < 0:
        return []
    return list(read_exif(data[at + len(_EXIF_MARK) :], f"{path}/JPEG").findings)
