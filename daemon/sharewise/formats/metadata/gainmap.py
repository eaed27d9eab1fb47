"""What an HDR screen needs of a gain map's metadata, checked value by value and written anew.

Source: Adobe, Gain Map Specification 1.0; Android, Ultra HDR Image Format 1.1; ISO 21496-1, C.
"""

from __future__ import annotations

import re
import struct

ISO_HEADER = b"urn:iso:std:iso:ts:21496:-1\0"

_NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d{1,18})?(?:[eE][+-]?\d{1,3})?")
_FIELDS = (
    *("Version", "BaseRenditionIsHDR", "GainMapMin", "GainMapMax", "Gamma", "OffsetSDR"),
    *("OffsetHDR", "HDRCapacityMin", "HDRCapacityMax"),
)
PROPERTIES = frozenset(f"hdrgm:{field}" for field in _FIELDS)
"""What is read of the XMP of a picture with a gain map, and of the map's own."""
APPLE_VERSION = "HDRGainMap:HDRGainMapVersion"
_RDF = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
    '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    ' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"{}</rdf:Description></rdf:RDF></x:xmpmeta>'
)
_CONTAINER = (
    ' xmlns:Container="http://ns.google.com/photos/1.0/container/"'
    ' xmlns:Item="http://ns.google.com/photos/1.0/container/item/" hdrgm:Version="{}">'
    '<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item'
    ' Item:Semantic="Primary" Item:Mime="image/jpeg"/></rdf:li><rdf:li rdf:parseType="Resource">'
    '<Container:Item Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="{}"/></rdf:li>'
    "</rdf:Seq></Container:Directory>"
)


def parameters_xmp(values: dict[str, list[str]]) -> bytes:
    """Return the packet of a gain map with its parameters only; empty if it is none."""
    if "hdrgm:GainMapMax" not in values or "hdrgm:Version" not in values:
        return b""
    attributes, elements = "", ""
    for field in _FIELDS:
        given = [value.strip() for value in values.get(f"hdrgm:{field}", ()) if value.strip()]
        if not given or not all(_is_plain(field, value) for value in given):
            continue
        if len(given) == 1:
            attributes += f' hdrgm:{field}="{given[0]}"'
        elif len(given) == 3:
            items = "".join(f"<rdf:li>{value}</rdf:li>" for value in given)
            elements += f"<hdrgm:{field}><rdf:Seq>{items}</rdf:Seq></hdrgm:{field}>"
    return _RDF.format(f"{attributes}>{elements}").encode()


def _is_plain(field: str, value: str) -> bool:
    if field == "BaseRenditionIsHDR":
        return value in ("True", "False")
    return _NUMBER.fullmatch(value) is not None


def directory_xmp(values: dict[str, list[str]], length_bytes: int) -> bytes:
    """Return the packet of the main picture that says where its gain map is, or nothing."""
    version = next(iter(values.get("hdrgm:Version", ())), "")
    if _NUMBER.fullmatch(version) is None:
        return b""
    return _RDF.format(_CONTAINER.format(version, length_bytes)).encode()


def is_exact_iso(body: bytes) -> bool:
    """Return whether an ISO 21496-1 segment holds the numbers that it has room for, no more."""
    data = body[len(ISO_HEADER) :]
    if len(data) == 4:
        return True
    if len(data) < 5:
        return False
    (flags,) = struct.unpack_from(">B", data, 4)
    channels = 3 if flags & 0x80 else 1
    has_common_denominator = bool(flags & 0x08)
    return len(data) == (17 + 20 * channels if has_common_denominator else 21 + 40 * channels)
