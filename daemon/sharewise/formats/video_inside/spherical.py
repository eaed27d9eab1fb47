"""How a spherical film is shown: Google's XML in a track, made anew without what else it says.

Source: Spherical Video RFC, Google, version 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sharewise.formats.contract import Steps
from sharewise.formats.isobmff import Box
from sharewise.formats.metadata.words import tidy
from sharewise.formats.metadata.xmp import properties
from sharewise.formats.video_inside.headers import unwanted
from sharewise.formats.video_inside.look import Look

TYPE = bytes.fromhex("ffcc8263f8554a938814587a02521fdd")
KEPT = "spherical view"

_XML_BYTES = 16 * 1024
_NUMBER = re.compile(r"[+-]?\d{1,7}")
_WORDS: Mapping[str, frozenset[str]] = {
    "Spherical": frozenset({"true", "false", "True", "False"}),
    "Stitched": frozenset({"true", "false", "True", "False"}),
    "ProjectionType": frozenset({"equirectangular", "cubemap"}),
    "StereoMode": frozenset({"mono", "left-right", "top-bottom"}),
}
_NUMBERS = (
    *("InitialViewHeadingDegrees", "InitialViewPitchDegrees", "InitialViewRollDegrees"),
    *("FullPanoWidthPixels", "FullPanoHeightPixels", "CroppedAreaImageWidthPixels"),
    *("CroppedAreaImageHeightPixels", "CroppedAreaLeftPixels", "CroppedAreaTopPixels"),
)
_PROPERTIES = frozenset(f"GSpherical:{name}" for name in (*_WORDS, *_NUMBERS, "StitchingSoftware"))
_START = (
    '<?xml version="1.0"?><rdf:SphericalVideo'
    ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:GSpherical="http://ns.google.com/videos/1.0/spherical/">'
)
_END = "</rdf:SphericalVideo>"


def clean_uuid(look: Look, box: Box, path: str) -> Steps[None]:
    """Keep what a player needs of the XML of a spherical film; any other `uuid` box goes."""
    wanted = b""
    if box.user_type == TYPE and box.size <= _XML_BYTES:
        data = yield from look.reader.read(box.start, box.size, path)
        values = properties(data, _PROPERTIES)
        wanted = minimal_xml(values).encode()
    if not wanted or len(wanted) > box.size:
        yield from unwanted(look, box, path.rpartition("/")[0])
        return
    look.kept += [] if KEPT in look.kept else [KEPT]
    if look.patch(box.start, data, wanted.ljust(box.size)):
        said = ", ".join(values.get("GSpherical:StitchingSoftware", ()))
        look.named(tidy(said), box.span)


def minimal_xml(values: Mapping[str, list[str]]) -> str:
    """Return XML that says how the film is shown and no more; empty if it is not spherical."""
    fields: list[str] = []
    for name in (*_WORDS, *_NUMBERS):
        value = next(iter(values.get(f"GSpherical:{name}", ())), "").strip()
        is_known = value in _WORDS[name] if name in _WORDS else _NUMBER.fullmatch(value)
        if is_known:
            fields.append(f"<GSpherical:{name}>{value}</GSpherical:{name}>")
    is_spherical = fields and "GSpherical:Spherical" in values
    return f"{_START}{''.join(fields)}{_END}" if is_spherical else ""
