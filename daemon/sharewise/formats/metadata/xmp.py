"""Read XMP for people: by its tags, tolerant, without an XML parser.

No entity is ever defined or expanded but the characters that HTML names, so there is no bomb to
go off; text, tags and values are bounded. Source: ISO 16684-1:2019; the vocabularies as published.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from sharewise.formats.contract import Finding, Kind
from sharewise.formats.metadata.block import Block
from sharewise.formats.metadata.facts import Facts
from sharewise.formats.metadata.words import (
    amount,
    decode,
    location_finding,
    moment,
    tidy,
    time_finding,
)

READ_BYTES = 256 * 1024
TAGS_LIMIT = 8192
VALUES_LIMIT = 32
"""Values remembered of one property: keywords, steps of a history."""

_NO_ELEMENT = frozenset(("", ">", "!", "?", " ", "\t", "\n", "\r"))
_ATTRIBUTE = re.compile(r"""(?<![\w.\-:])([\w.\-]+:[\w.\-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_PREFIX_OF_NAMESPACE = {
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://ns.adobe.com/xap/1.0/g/img/": "xmpGImg",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://ns.adobe.com/hdr-gain-map/1.0/": "hdrgm",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
    "http://ns.microsoft.com/photo/1.2/t/Region#": "MPReg",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/depthmap/": "GDepth",
    "http://ns.google.com/photos/1.0/image/": "GImage",
    "http://ns.google.com/photos/1.0/audio/": "GAudio",
    "http://ns.google.com/photos/1.0/container/": "Container",
    "http://ns.google.com/photos/1.0/container/item/": "Item",
}

_TEXTS: tuple[tuple[str, Kind, str], ...] = (
    ("dc:creator", Kind.PERSON, "Names who made it"),
    ("tiff:Artist", Kind.PERSON, "Names who made it"),
    ("dc:rights", Kind.PERSON, "Names who holds the rights"),
    ("tiff:Copyright", Kind.PERSON, "Names who holds the rights"),
    ("xmpRights:Owner", Kind.PERSON, "Names who holds the rights"),
    ("photoshop:Credit", Kind.PERSON, "Names whom to credit"),
    ("photoshop:Source", Kind.PERSON, "Names its source"),
    ("photoshop:CaptionWriter", Kind.PERSON, "Names who wrote the caption"),
    ("aux:OwnerName", Kind.PERSON, "Names the camera's owner"),
    ("exifEX:CameraOwnerName", Kind.PERSON, "Names the camera's owner"),
    ("mwg-rs:Name", Kind.PERSON, "Puts names on faces or things"),
    ("MPReg:PersonDisplayName", Kind.PERSON, "Puts names on faces"),
    ("Iptc4xmpExt:PersonInImage", Kind.PERSON, "Names people in the picture"),
    ("Iptc4xmpCore:CiEmailWork", Kind.PERSON, "Has an e-mail address"),
    ("Iptc4xmpCore:CiTelWork", Kind.PERSON, "Has a telephone number"),
    ("Iptc4xmpCore:CiAdrExtadr", Kind.PERSON, "Has a postal address"),
    ("Iptc4xmpCore:CiUrlWork", Kind.PERSON, "Has a web address"),
    ("dc:title", Kind.DESCRIPTION, "Has a title"),
    ("dc:description", Kind.DESCRIPTION, "Has a description"),
    ("tiff:ImageDescription", Kind.DESCRIPTION, "Has a description"),
    ("photoshop:Headline", Kind.DESCRIPTION, "Has a headline"),
    ("photoshop:Instructions", Kind.DESCRIPTION, "Has instructions"),
    ("dc:subject", Kind.DESCRIPTION, "Has keywords"),
    ("exif:UserComment", Kind.DESCRIPTION, "Has a comment"),
    ("aux:SerialNumber", Kind.SERIAL, "Has the camera's serial number"),
    ("exifEX:BodySerialNumber", Kind.SERIAL, "Has the camera's serial number"),
    ("aux:LensSerialNumber", Kind.SERIAL, "Has the lens's serial number"),
    ("exifEX:LensSerialNumber", Kind.SERIAL, "Has the lens's serial number"),
    ("aux:Lens", Kind.DEVICE, "Names the lens"),
    ("exifEX:LensModel", Kind.DEVICE, "Names the lens"),
    ("xmp:CreatorTool", Kind.SOFTWARE, "Names the software"),
    ("tiff:Software", Kind.SOFTWARE, "Names the software"),
    ("dcterms:provenance", Kind.PROVENANCE, "Says where its record of origin lies"),
)
_COORDINATES = tuple(
    (f"{prefix}:GPSLatitude", f"{prefix}:GPSLongitude")
    for prefix in ("exif", "drone-dji", "Iptc4xmpExt")
)
_TIMES = ("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate", "xmp:ModifyDate")
_PLACES = (
    *("Iptc4xmpCore:Location", "Iptc4xmpExt:Sublocation", "photoshop:City", "Iptc4xmpExt:City"),
    *("photoshop:State", "Iptc4xmpExt:ProvinceState"),
    *("photoshop:Country", "Iptc4xmpExt:CountryName"),
)
_IDENTIFIERS = ("xmpMM:DocumentID", "xmpMM:InstanceID", "xmpMM:OriginalDocumentID")
_WANTED = frozenset(
    (
        *(name for name, _, _ in _TEXTS),
        *(name for pair in _COORDINATES for name in pair),
        *_TIMES,
        *_PLACES,
        *_IDENTIFIERS,
        *("tiff:Make", "tiff:Model", "stEvt:action", "photoshop:History", "xmpGImg:image"),
        *("Iptc4xmpExt:DigitalSourceType", "GCamera:MicroVideo", "GCamera:MotionPhoto"),
        *("GCamera:MicroVideoOffset", "Item:Semantic"),
    )
)
"""All that a reader of a packet looks at."""
_MADE_BY_AI = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")


@dataclass(slots=True)
class _Packet:
    """What was read of one packet."""

    values: dict[str, list[str]] = field(default_factory=dict)
    """{"prefix:name": its values} of the properties that were asked for, as `_PREFIX_OF_NAMESPACE`
    calls them."""
    prefixes: dict[str, str] = field(default_factory=dict)
    """{prefix of the packet's own choice: as it is called here}."""
    names: str = ""
    """The names of all properties, as the packet writes them, a space before each."""

    def has_any(self, *beginnings: str) -> bool:
        """Return whether any property has a name that begins so."""
        if any(f" {beginning}" in self.names for beginning in beginnings):
            return True
        return any(
            f" {own}{beginning[len(known) :]}" in self.names
            for own, known in self.prefixes.items()
            for beginning in beginnings
            if beginning.startswith(f"{known}:")
        )


def read_xmp(data: bytes, path: str) -> Block:
    """Return what an XMP packet gives away; one that says nothing is OTHER. Never raises."""
    packet = _read(data, _WANTED)
    findings: list[Finding] = []
    for read in _READERS:
        findings += read(packet, path)
    if not findings:
        findings.append(Finding(Kind.OTHER, path, "Holds notes of a program (XMP)"))
    return Block(tuple(findings), _facts(packet.values, findings))


def properties(data: bytes, wanted: frozenset[str]) -> dict[str, list[str]]:
    """Return {"prefix:name": its values} of what is wanted, whatever prefixes a packet declares."""
    return _read(data, wanted).values


def _read(data: bytes, wanted: frozenset[str]) -> _Packet:
    """Read the properties that are wanted. What is not costs little: most packets are full of it.

    Text is split and not matched: a tenth of the time of an expression, and never quadratic.
    """
    packet = _Packet()
    known = _same_names(wanted)
    open_names: list[str] = []
    all_names: list[str] = [""]
    for piece in _text(data[:READ_BYTES]).split("<", TAGS_LIMIT)[1:TAGS_LIMIT]:
        first = piece[:1]
        if first == "/":
            if open_names:
                open_names.pop()
            continue
        tag, is_closed, content = piece.partition(">")
        if first in _NO_ELEMENT or not is_closed:
            continue
        words = tag.split(None, 1)
        name = words[0]
        if len(words) > 1:
            names, values = _attributes(words[1])
            if "xmlns:" in tag:
                known = _renamed(packet, known, wanted, names, values)
            all_names += names
            if not known.keys().isdisjoint(names):
                for key, value in zip(names, values, strict=False):
                    if key in known:
                        _add(packet.values, known[key], value)
        elif tag[-1] == "/":
            name = name.rstrip("/")
        if name[:4] == "rdf:":
            name = open_names[-1] if open_names else ""
        if content and name and not content.isspace():
            all_names.append(name)
            if name in known:
                _add(packet.values, known[name], content)
        if tag[-1] != "/":
            open_names.append(name)
    packet.names = " ".join(all_names)
    return packet


def _attributes(text: str) -> tuple[list[str], list[str]]:
    """Return the names of attributes, and their values."""
    quote = '"' if '"' in text else "'"
    if quote == '"' and "'" in text:
        found = _ATTRIBUTE.findall(text)
        return [key for key, _, _ in found], [one or other for _, one, other in found]
    parts = text.split(quote)
    values = parts[1::2]
    names = " ".join(parts[:-1:2]).replace("=", " ").split()
    if len(names) != len(values):  # something stands before a name that is no part of it
        names = [part.strip(" =\t\n\r") for part in parts[:-1:2]]
    return names, values


@cache
def _same_names(wanted: frozenset[str]) -> dict[str, str]:
    return {name: name for name in wanted}


def _renamed(
    packet: _Packet,
    known: dict[str, str],
    wanted: frozenset[str],
    names: list[str],
    values: list[str],
) -> dict[str, str]:
    """Return what is known with the names that a packet's own prefixes give it added."""
    for name, value in zip(names, values, strict=False):
        if value in _PREFIX_OF_NAMESPACE and name[:6] == "xmlns:":
            own, prefix = name[6:], _PREFIX_OF_NAMESPACE[value]
            if own != prefix:
                packet.prefixes[own] = prefix
                known = known | _named_otherwise(wanted, own, prefix)
    return known


@lru_cache(64)
def _named_otherwise(wanted: frozenset[str], own: str, prefix: str) -> dict[str, str]:
    return {own + name[len(prefix) :]: name for name in wanted if name.partition(":")[0] == prefix}


def _add(found: dict[str, list[str]], key: str, value: str) -> None:
    values = found.get(key)
    if values is None:
        found[key] = [value]
    elif len(values) < VALUES_LIMIT:
        values.append(value)


def _text(data: bytes) -> str:
    if data[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return data.decode("utf-16", "replace")
    if data[:1] == b"\0":
        return data.decode("utf-16-be", "replace")
    if data[1:2] == b"\0":
        return data.decode("utf-16-le", "replace")
    # The mark that a packet begins with would have all of it take two bytes a character.
    return decode(data.replace(codecs.BOM_UTF8, b"", 1))


def _shown(values: dict[str, list[str]], key: str) -> str:
    found = values.get(key)
    if found is None:
        return ""
    if len(found) == 1:
        return tidy(_unescaped(found[0]))
    texts = (tidy(_unescaped(value)) for value in found)
    return tidy(", ".join(dict.fromkeys(text for text in texts if text)))


def _unescaped(value: str) -> str:
    if "&" not in value:
        return value[:1000]
    from html import unescape  # its table is slow to load

    return unescape(value[:1000])


def _facts(values: dict[str, list[str]], findings: list[Finding]) -> Facts:
    place = _coordinates(values)
    times = [finding.value for finding in findings if finding.kind is Kind.TIME]
    return Facts(
        taken_at=times[0] if times else None,
        artist=_shown(values, "dc:creator") or _shown(values, "tiff:Artist") or None,
        rights=_shown(values, "dc:rights") or _shown(values, "tiff:Copyright") or None,
        make=_shown(values, "tiff:Make") or None,
        model=_shown(values, "tiff:Model") or None,
        latitude=place[0] if place else None,
        longitude=place[1] if place else None,
    )


def _coordinates(values: dict[str, list[str]]) -> tuple[float, float] | None:
    for north_key, east_key in _COORDINATES:
        north, east = values.get(north_key), values.get(east_key)
        if north and east and north[0] and east[0]:
            latitude, longitude = _degrees(north[0]), _degrees(east[0])
            if latitude is not None and longitude is not None and abs(latitude) <= 90:
                return latitude, longitude
    return None


def _degrees(text: str) -> float | None:
    """Return the degrees of "45,45.84N", "45,45,50N" or "45.764"."""
    match = re.fullmatch(
        r"([+-]?\d{1,3}(?:\.\d{1,12})?)(?:,(\d{1,2}(?:\.\d{1,12})?))?(?:,(\d{1,2}(?:\.\d{1,9})?))?"
        r"\s*([NSEWnsew]?)",
        text.strip(),
    )
    if match is None:
        return None
    degrees = float(match[1]) + float(match[2] or 0) / 60 + float(match[3] or 0) / 3600
    degrees = -degrees if match[4].upper() in ("S", "W") else degrees
    return round(degrees, 7) if abs(degrees) <= 180 else None


def _location(packet: _Packet, path: str) -> list[Finding]:
    values = packet.values
    findings: list[Finding] = []
    place = _coordinates(values)
    if place is not None:
        findings.append(location_finding(path, *place))
    names = dict.fromkeys(name for key in _PLACES if (name := _shown(values, key)))
    if names:
        said = tidy(", ".join(names))
        findings.append(Finding(Kind.LOCATION, path, f"Names the place: {said}", said))
    if not findings and packet.has_any("exif:GPS"):
        what = "Says something of the place or the satellite fix, but no coordinates"
        findings.append(Finding(Kind.LOCATION, path, what))
    return findings


def _time(packet: _Packet, path: str) -> list[Finding]:
    values = packet.values
    for key in _TIMES:
        iso = moment(values[key][0]) if key in values else None
        if iso is not None:
            what = "when it was last changed" if key == "xmp:ModifyDate" else "when it was taken"
            return [time_finding(path, iso, what)]
    return []


def _device(packet: _Packet, path: str) -> list[Finding]:
    values = packet.values
    make, model = _shown(values, "tiff:Make"), _shown(values, "tiff:Model")
    first = make.split(" ")[0].lower()
    name = model if first and model.lower().startswith(first) else f"{make} {model}".strip()
    if not name:
        return []
    return [Finding(Kind.DEVICE, path, f"Names the camera or phone: {name}", name)]


def _written(packet: _Packet, path: str) -> list[Finding]:
    values = packet.values
    return [
        Finding(kind, path, f"{what}: {text}", text)
        for key, kind, what in _TEXTS
        if key in values and (text := _shown(values, key))
    ]


def _made(packet: _Packet, path: str) -> list[Finding]:
    values = packet.values
    findings: list[Finding] = []
    steps = len(values.get("stEvt:action", ()))
    is_developed = packet.has_any("crs:")
    if steps or "photoshop:History" in values or is_developed:
        counted = f" ({steps} steps)" if steps > 1 else ""
        what = f"Tells how it was edited{counted}"
        findings.append(Finding(Kind.HISTORY, f"{path}/History", what))
    if any(key in values for key in _IDENTIFIERS):
        value = next(_shown(values, key) for key in _IDENTIFIERS if key in values)
        what = "Has numbers that tie it to other copies and versions of it"
        findings.append(Finding(Kind.IDENTIFIER, path, what, value or None))
    source = _shown(values, "Iptc4xmpExt:DigitalSourceType")
    if source:
        name = source.rsplit("/", 1)[-1]
        said = "it was made with AI" if name in _MADE_BY_AI else f"how it came about: {name}"
        findings.append(Finding(Kind.PROVENANCE, path, f"Says {said}", name))
    return findings


def _hidden(packet: _Packet, path: str) -> list[Finding]:
    values = packet.values
    findings: list[Finding] = []
    if packet.has_any("GDepth:", "GImage:", "GAudio:"):
        what = "Holds a second picture, a depth map or sound"
        findings.append(Finding(Kind.HIDDEN_MEDIA, path, what))
    if is_motion_photo(values):
        what = "Says that a short video, maybe with sound, is hidden in the picture"
        findings.append(Finding(Kind.HIDDEN_MEDIA, path, what))
    pictures = values.get("xmpGImg:image", ())
    if pictures:
        size = sum(len(picture) for picture in pictures) * 3 // 4
        what = "Holds a small picture that may show what was cut off or changed"
        findings.append(Finding(Kind.THUMBNAIL, path, f"{what} ({amount(size)})"))
    if "mwg-rs:Name" not in values and packet.has_any("mwg-rs:"):
        findings.append(Finding(Kind.PERSON, path, "Marks where faces or things are"))
    return findings


def is_motion_photo(values: dict[str, list[str]]) -> bool:
    """Return whether the properties say that a video belongs to the picture."""
    return (
        "1" in values.get("GCamera:MicroVideo", ())
        or "1" in values.get("GCamera:MotionPhoto", ())
        or "GCamera:MicroVideoOffset" in values
        or "MotionPhoto" in values.get("Item:Semantic", ())
    )


_READERS: tuple[Callable[[_Packet, str], list[Finding]], ...] = (
    _location,
    _time,
    _device,
    _written,
    _made,
    _hidden,
)
