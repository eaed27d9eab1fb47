"""Say what lies behind the end of a picture, where most programs do not look."""

from __future__ import annotations

from sharewise.formats.contract import Find, Finding, Kind, Span, Steps
from sharewise.formats.metadata.words import amount
from sharewise.formats.reading import Reader

_LOOK_BYTES = 64 << 20
"""How far is looked for a video's beginning: all of it goes anyway, this only says what it is."""
_GLANCE_BYTES = 512

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "An archive (ZIP) of {} is hidden behind the picture"),
    (b"Rar!", "An archive (RAR) of {} is hidden behind the picture"),
    (b"%PDF", "A document (PDF) of {} is hidden behind the picture"),
)
_ENDINGS: tuple[tuple[bytes, str], ...] = (
    (b"SEFT", "The phone (Samsung) put {} of its own data behind the picture"),
    (b"cbipcbbl", "A program (Photo Mechanic) put {} of notes behind the picture"),
    (b"\xa1\xb2\xc3\xd4", "A program (FotoStation) put {} of notes behind the picture"),
)
_AFCP = (b"AXS!", b"AXS*")
_PNG_END = b"IEND"
"""What is left of a larger file that was written over in place (aCropalypse) ends so."""
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF")


def read_trailer(reader: Reader, start: int, end: int, path: str) -> Steps[list[Finding]]:
    """Return the finding of the bytes in [start, end), which belong to no picture."""
    if start >= end:
        return []
    place = Span(start, end - start)
    size = amount(place.length)
    where = f"{path}/after the picture"
    head = yield from reader.read(start, min(_GLANCE_BYTES, place.length), path)
    last = min(12, place.length)
    tail = yield from reader.read(end - last, last, path)
    video = yield from _video_at(start, end, head)
    if video is not None:
        what = f"A short video, maybe with sound ({amount(end - video)}), is hidden in the picture"
        return [Finding(Kind.HIDDEN_MEDIA, where, what, spans=(place,))]
    if head.startswith(_PICTURES):
        what = f"Another picture ({size}) is hidden behind the picture"
        return [Finding(Kind.HIDDEN_MEDIA, where, what, spans=(place,))]
    for beginning, what in _BEGINNINGS:
        if head.startswith(beginning):
            return [Finding(Kind.HIDDEN_MEDIA, where, what.format(size), spans=(place,))]
    if tail.startswith(_AFCP):
        what = f"A program (AFCP) put {size} of notes behind the picture"
        return [Finding(Kind.OTHER, where, what, spans=(place,))]
    if _PNG_END in tail and path == "PNG":
        what = f"The rest of an earlier version of the picture ({size}) can be brought back"
        return [Finding(Kind.HIDDEN_MEDIA, where, what, spans=(place,))]
    for ending, what in _ENDINGS:
        if tail.endswith(ending):
            return [Finding(Kind.OTHER, where, what.format(size), spans=(place,))]
    is_padding = place.length <= _GLANCE_BYTES and not head.strip(b"\0\xff")
    kind = "empty bytes stand" if is_padding else "unknown data stands"
    return [Finding(Kind.OTHER, where, f"Behind the picture {kind} ({size})", spans=(place,))]


def _video_at(start: int, end: int, head: bytes) -> Steps[int | None]:
    """Return where a video (ISO base media) begins in these bytes, or None."""
    if head[4:8] == b"ftyp":
        return start
    near = head.find(b"ftyp")
    if near >= 4:
        return start + near - 4
    if start + len(head) >= end:
        return None
    (place,) = yield (Find(b"ftyp", start, min(end, start + _LOOK_BYTES)),)
    return place - 4 if isinstance(place, int) and place - 4 >= start else None
