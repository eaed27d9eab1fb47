"""What people and programs write about a video: `udta`, `meta` with `ilst` and `keys`, `uuid`.

Sources: QuickTime File Format Specification, "User Data Atoms" and "Metadata"; 3GPP TS 26.244, 8.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sharewise.formats.contract import Finding, Kind, Span, Steps
from sharewise.formats.isobmff import PADDING, Box, Boxes, shown, walk
from sharewise.formats.metadata import jumbf
from sharewise.formats.metadata.exif import read_exif
from sharewise.formats.metadata.facts import NO_FACTS, Facts
from sharewise.formats.metadata.words import (
    amount,
    decode,
    location_finding,
    moment,
    tidy,
    time_finding,
)
from sharewise.formats.metadata.xmp import READ_BYTES, read_xmp
from sharewise.formats.reading import Reader
from sharewise.formats.video_inside import positions

NOTES_LIMIT = 256
"""The most notes that are read of one box; all of them go."""
NOTE_BYTES = 2048
DEPTH_LIMIT = 3

XMP_TYPE = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA_TYPE = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
CANON_TYPE = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")

_LANGUAGES = 0x400
"""Language codes of QuickTime from here on mean UTF-8; smaller ones are of the Macintosh."""

_PERSON = (Kind.PERSON, "Names a person")
_RIGHTS = (Kind.PERSON, "Says who holds the rights")
_SOFTWARE = (Kind.SOFTWARE, "Names the program that made it")
_SAID = (Kind.DESCRIPTION, "Says")
_ID = (Kind.IDENTIFIER, "Has a number that ties it to other copies or to an account")
_TEXTS: dict[bytes, tuple[Kind, str]] = {
    **dict.fromkeys((b"\xa9ART", b"aART", b"\xa9aut", b"auth", b"perf", b"\xa9prf"), _PERSON),
    **dict.fromkeys((b"\xa9dir", b"\xa9wrt", b"\xa9com", b"\xa9prd", b"\xa9own", b"ownr"), _PERSON),
    **dict.fromkeys((b"soar", b"soaa", b"soco", b"\xa9cmp", b"\xa9arg", b"\xa9ope"), _PERSON),
    **dict.fromkeys((b"cprt", b"\xa9cpy"), _RIGHTS),
    b"apID": (Kind.PERSON, "Names the account that bought it"),
    **dict.fromkeys((b"\xa9swr", b"\xa9too", b"\xa9enc", b"tool", b"\xa9swf"), _SOFTWARE),
    **dict.fromkeys((b"\xa9nam", b"titl", b"\xa9des", b"dscp", b"\xa9cmt", b"desc"), _SAID),
    **dict.fromkeys((b"ldes", b"\xa9alb", b"albm", b"\xa9lyr", b"\xa9inf", b"\xa9gen"), _SAID),
    **dict.fromkeys((b"\xa9grp", b"catg", b"keyw", b"kywd", b"name", b"sonm", b"soal"), _SAID),
    **dict.fromkeys((b"sosn", b"tvsh", b"tvnn", b"tven", b"\xa9fmt", b"\xa9src"), _SAID),
    **dict.fromkeys((b"cnID", b"atID", b"plID", b"geID", b"cmID", b"xid ", b"sfID"), _ID),
    **dict.fromkeys((b"MUID", b"GUMI", b"BCID", b"akID"), _ID),
    b"FIRM": (Kind.SOFTWARE, "Names the camera's software"),
    b"LENS": (Kind.SERIAL, "Has the lens's serial number"),
    b"CAME": (Kind.SERIAL, "Has the camera's serial number"),
}
_PICTURES = frozenset({b"covr", b"thmb", b"CNTH", b"pict", b"snal", b"tnal", b"THMB"})
_TRACES: dict[bytes, tuple[Kind, str]] = {
    b"GPMF": (Kind.MAKER_NOTE, "Holds the camera's settings and numbers"),
    **dict.fromkeys(
        (b"SETT", b"AMBA", b"HMMT", b"TAGS", b"SDLN", b"smrd", b"smta", b"CNDA", b"MVTG", b"NCDT"),
        (Kind.MAKER_NOTE, "Holds the maker's own notes"),
    ),
    **dict.fromkeys((b"gps ", b"GPS "), (Kind.LOCATION, "Holds a list of places (GPS)")),
    b"chpl": (Kind.DESCRIPTION, "Holds the names of its chapters"),
    b"jumb": (Kind.PROVENANCE, "Holds a record of origin (JUMBF)"),
}
_KEYS: tuple[tuple[str, tuple[Kind, str]], ...] = (
    ("serial", (Kind.SERIAL, "Has a serial number")),
    ("identifier", _ID),
    ("signature", _ID),
    ("uuid", _ID),
    ("umid", _ID),
    ("artist", _PERSON),
    ("author", _PERSON),
    ("director", _PERSON),
    ("producer", _PERSON),
    ("person", _PERSON),
    ("owner", _PERSON),
    ("copyright", _RIGHTS),
    ("software", _SOFTWARE),
    ("encoder", _SOFTWARE),
    ("android.version", (Kind.SOFTWARE, "Names the phone's software")),
    ("location", (Kind.LOCATION, "Says something of the place")),
    ("gps", (Kind.LOCATION, "Says something of the place")),
    ("title", _SAID),
    ("description", _SAID),
    ("comment", _SAID),
    ("displayname", _SAID),
    ("keyword", _SAID),
    ("album", _SAID),
    ("information", _SAID),
)
_MAKES = (b"\xa9mak", b"manu", b"\xa9MAK")
_MODELS = (b"\xa9mod", b"modl", b"\xa9mdl")
_DAYS = (b"\xa9day", b"date", b"purd", b"\xa9dat", b"yrrc")


@dataclass(slots=True)
class Notes:
    """What the notes of one box say, as they are read."""

    findings: list[Finding] = field(default_factory=list)
    facts: Facts = NO_FACTS
    make: str = ""
    model: str = ""
    accuracy_m: float | None = None
    place: tuple[float, float] | None = None
    others: dict[str, None] = field(default_factory=dict)
    """The types of notes that say nothing to people, such as numbers of programs."""

    def add(self, kind: Kind, where: str, what: str, value: str | None = None) -> None:
        """Note one thing."""
        self.findings.append(Finding(kind, where, f"{what}: {value}" if value else what, value))

    def placed(self, place: Span) -> list[Finding]:
        """Return the findings, each with its place."""
        return [one._replace(spans=one.spans or (place,)) for one in self.findings]

    def settle(self, where: str) -> None:
        """Put together what several notes say of one thing."""
        if self.place is not None:
            self.findings.insert(0, location_finding(where, *self.place, self.accuracy_m))
            here = Facts(latitude=self.place[0], longitude=self.place[1])
            self.facts = self.facts.or_else(here)
        first = self.make.partition(" ")[0].lower()
        is_named = bool(first) and self.model.lower().startswith(first)
        device = self.model if is_named else f"{self.make} {self.model}".strip()
        if device:
            self.add(Kind.DEVICE, where, "Names the camera or phone", device)
            device_facts = Facts(make=self.make or None, model=self.model or None)
            self.facts = self.facts.or_else(device_facts)
        if self.others:
            names = tidy(", ".join(self.others))
            self.add(Kind.OTHER, where, f"Has notes of a program ({names})")


def read_notes(reader: Reader, box: Box, path: str) -> Steps[Notes]:
    """Return what a `udta`, `meta` or `uuid` box gives away; it never says nothing."""
    notes = Notes()
    where = f"{path}/{box.name}"
    if box.kind == b"uuid":
        yield from _uuid(reader, notes, box, where)
    elif box.kind == b"meta":
        yield from _meta(reader, notes, box, where, DEPTH_LIMIT)
    else:
        yield from _user_data(reader, notes, box, where, DEPTH_LIMIT)
    notes.settle(where)
    if not notes.findings:
        what = "Has a block for notes that says nothing"
        if box.kind == b"uuid":
            what = f"Holds data that is no part of the film ({amount(box.length)})"
        notes.add(Kind.OTHER, where, what)
    return notes


def _user_data(reader: Reader, notes: Notes, box: Box, where: str, depth: int) -> Steps[None]:
    inside = yield from walk(reader, box.start, box.end, where)
    for child in inside.boxes[:NOTES_LIMIT]:
        here = f"{where}/{child.name}"
        if child.kind == b"meta" and depth:
            yield from _meta(reader, notes, child, here, depth - 1)
        elif child.kind == b"uuid":
            yield from _uuid(reader, notes, child, here)
        elif child.kind == b"XMP_":
            yield from _xmp(reader, notes, child, here)
        elif child.kind not in PADDING:
            data = yield from _read(reader, child.start, child.size, where)
            _user_note(notes, child, data, here)
    _too_many(notes, inside, where)


def _user_note(notes: Notes, box: Box, data: bytes, where: str) -> None:
    if box.kind == b"loci":
        notes.place = notes.place or positions.in_loci(data)
        if notes.place is None:
            notes.add(Kind.LOCATION, where, "Says something of the place")
    elif box.kind in (b"FIRM", b"LENS"):
        _note(notes, box.kind, decode(data.partition(b"\0")[0]), box.size, where)
    elif box.kind in (b"MUID", b"GUMI", b"CAME", b"BCID"):
        if data.strip(b"\0"):
            _note(notes, box.kind, data[:32].hex(), box.size, where)
    elif box.kind[0] == 0xA9:
        _note(notes, box.kind, _quicktime_text(data), box.size, where)
    elif box.kind in _TEXTS and data[:4] == bytes(4):
        _note(notes, box.kind, _text_3gpp(data), box.size, where)
    else:
        text = decode(data).strip("\0 ") if data.isascii() else ""
        _note(notes, box.kind, text if text.isprintable() else "", box.size, where)


def _meta(reader: Reader, notes: Notes, box: Box, where: str, depth: int) -> Steps[None]:
    """Read `meta`, which is a full box in ISO files and a plain one in QuickTime."""
    start = box.start
    if box.size >= 8:
        head = yield from reader.read(box.start, 8, where)
        start += 0 if head[4:8] == b"hdlr" else 4
    inside = yield from walk(reader, min(start, box.end), box.end, where)
    keys: list[str] = []
    for child in inside.boxes[:NOTES_LIMIT]:
        here = f"{where}/{child.name}"
        if child.kind == b"keys":
            keys = yield from _keys(reader, child, here)
        elif child.kind == b"ilst":
            yield from _items(reader, notes, child, keys, here)
        elif child.kind == b"uuid":
            yield from _uuid(reader, notes, child, here)
        elif child.kind == b"udta" and depth:
            yield from _user_data(reader, notes, child, here, depth - 1)
        elif child.kind in (b"xml ", b"bxml"):
            data = yield from _read(reader, child.start, child.size, where, READ_BYTES)
            _xml(notes, data[4:], here)
        elif child.kind not in PADDING and child.kind not in (b"hdlr", b"ctry", b"lang"):
            _note(notes, child.kind, "", child.size, here)
    _too_many(notes, inside, where)


def _keys(reader: Reader, box: Box, where: str) -> Steps[list[str]]:
    inside = yield from walk(reader, min(box.start + 8, box.end), box.end, where)
    keys: list[str] = []
    for child in inside.boxes[:NOTES_LIMIT]:
        data = yield from _read(reader, child.start, child.size, where, 256)
        keys.append(decode(data))
    return keys


def _items(reader: Reader, notes: Notes, box: Box, keys: list[str], where: str) -> Steps[None]:
    inside = yield from walk(reader, box.start, box.end, where)
    for item in inside.boxes[:NOTES_LIMIT]:
        parts = yield from walk(reader, item.start, item.end, where)
        data = parts.first(b"data")
        name = parts.first(b"name")
        index = int.from_bytes(item.kind, "big")
        if data is None or data.size < 8:
            _note(notes, item.kind, "", item.size, f"{where}/{item.name}")
            continue
        payload = yield from _read(reader, data.start, data.size, where)
        kind = int.from_bytes(payload[1:4], "big")
        value = _item_text(payload[8:], kind)
        if 0 < index <= len(keys):
            key = keys[index - 1]
            _keyed(notes, key, value, data.size - 8, f"{where}/{tidy(key)}")
        elif item.kind == b"----" and name is not None:
            title = yield from _read(reader, name.start, name.size, where, 256)
            _keyed(notes, decode(title[4:]), value, data.size - 8, f"{where}/{item.name}")
        else:
            _note(notes, item.kind, value, data.size - 8, f"{where}/{item.name}")
    _too_many(notes, inside, where)


def _item_text(data: bytes, kind: int) -> str:
    """Return the text of a value; numbers and pictures have none."""
    if kind == 1:
        return decode(data)
    if kind == 2:
        return data.decode("utf-16-be", "replace")
    if kind in (21, 22, 65, 66, 67, 75, 76, 77, 78) and 0 < len(data) <= 8:
        return str(int.from_bytes(data, "big", signed=kind in (21, 65, 66, 67)))
    return ""


def _note(notes: Notes, kind: bytes, text: str, size: int, where: str) -> None:
    """Note what a user data type or an item of `ilst` says."""
    said = tidy(text)
    if kind == b"\xa9xyz" or (kind == b"\xa9loc" and positions.in_text(text)):
        notes.place = notes.place or positions.in_text(text)
        if notes.place is None:
            notes.add(Kind.LOCATION, where, "Says something of the place", said or None)
    elif kind in _MAKES and said:
        notes.make = notes.make or said
    elif kind in _MODELS and said:
        notes.model = notes.model or said
    elif kind in _DAYS:
        _time(notes, text, where)
    elif kind in _PICTURES:
        what = "Holds a small picture that may show what was cut off or changed"
        notes.add(Kind.THUMBNAIL, where, f"{what} ({amount(size)})")
    elif kind in _TEXTS and said:
        what_kind, what = _TEXTS[kind]
        notes.add(what_kind, where, what, said)
        _person(notes, kind, said)
    elif kind in _TRACES or kind in _TEXTS:
        what_kind, what = _TRACES.get(kind) or _TEXTS[kind]
        notes.add(what_kind, where, f"{what} ({amount(size)})")
    elif said and not said.isdigit():
        notes.add(Kind.OTHER, where, f"Has a note ({shown(kind)})", said)
    else:
        notes.others[shown(kind)] = None


def _person(notes: Notes, kind: bytes, said: str) -> None:
    if kind in (b"\xa9ART", b"\xa9aut", b"auth"):
        notes.facts = notes.facts.or_else(Facts(artist=said))
    elif kind in (b"\xa9cpy", b"cprt"):
        notes.facts = notes.facts.or_else(Facts(rights=said))


def _time(notes: Notes, text: str, where: str) -> None:
    iso = moment(text)
    if iso is None:
        said = tidy(text)
        notes.add(Kind.TIME, where, "Says something of the time", said or None)
        return
    notes.findings.append(time_finding(where, iso))
    if len(iso) > 10:
        notes.facts = notes.facts.or_else(Facts(taken_at=iso))


def _keyed(notes: Notes, key: str, text: str, size: int, where: str) -> None:
    """Note what a named item says; the names are like "com.apple.quicktime.make"."""
    name = key.lower()
    said = tidy(text)
    last = name.rpartition(".")[2]
    if "accuracy" in name:
        _accuracy(notes, text, where)
    elif "iso6709" in name:
        notes.place = notes.place or positions.in_text(text)
        if notes.place is None:
            notes.add(Kind.LOCATION, where, "Says something of the place", said or None)
    elif last in ("make", "manufacturer") and said:
        notes.make = notes.make or said
    elif last == "model" and said:
        notes.model = notes.model or said
    elif last in ("creationdate", "date", "year") or name.endswith("capture.time"):
        _time(notes, text, where)
    else:
        kind, what = next(
            (found for word, found in _KEYS if word in name), (Kind.OTHER, f"Has a note ({last})")
        )
        if last == "artwork" or (not said and size > NOTE_BYTES):
            kind, what = Kind.THUMBNAIL, f"Holds a small picture or other data ({amount(size)})"
        notes.add(kind, where, tidy(what), said or None)
        if kind is Kind.PERSON and said:
            is_rights = (kind, what) == _RIGHTS
            fact = Facts(rights=said) if is_rights else Facts(artist=said)
            notes.facts = notes.facts.or_else(fact)


def _accuracy(notes: Notes, text: str, where: str) -> None:
    try:
        metres = float(text)
    except ValueError:
        notes.add(Kind.LOCATION, where, "Says how exact the place is")
        return
    if 0 < metres < 1e7:
        notes.accuracy_m = metres


def _uuid(reader: Reader, notes: Notes, box: Box, where: str) -> Steps[None]:
    if box.user_type == XMP_TYPE:
        yield from _xmp(reader, notes, box, where)
    elif box.user_type == C2PA_TYPE:
        data = yield from _read(reader, box.start, box.size, where, READ_BYTES)
        notes.findings += jumbf.read_jumbf(data, box.size, where)
    elif box.user_type == CANON_TYPE:
        yield from _canon(reader, notes, box, where)
    else:
        what = f"Holds data that is no part of the film ({amount(box.length)})"
        notes.add(Kind.OTHER, where, what)


def _canon(reader: Reader, notes: Notes, box: Box, where: str) -> Steps[None]:
    """Read Canon's box: EXIF blocks in boxes CMT1 to CMT4, and thumbnails."""
    inside = yield from walk(reader, box.start, box.end, where)
    for child in inside.boxes[:NOTES_LIMIT]:
        here = f"{where}/{child.name}"
        if child.kind.startswith(b"CMT"):
            data = yield from _read(reader, child.start, child.size, where, READ_BYTES)
            block = read_exif(data, here)
            notes.findings += block.findings
            notes.facts = notes.facts.or_else(block.facts)
        elif child.kind in _PICTURES:
            _note(notes, child.kind, "", child.size, here)
    notes.add(Kind.MAKER_NOTE, where, f"Holds the maker's own notes ({amount(box.length)})")


def _xmp(reader: Reader, notes: Notes, box: Box, where: str) -> Steps[None]:
    data = yield from _read(reader, box.start, box.size, where, READ_BYTES)
    _xml(notes, data, where)


def _xml(notes: Notes, data: bytes, where: str) -> None:
    block = read_xmp(data, where)
    notes.findings += block.findings
    notes.facts = notes.facts.or_else(block.facts)


def _read(
    reader: Reader, start: int, size: int, where: str, most: int = NOTE_BYTES
) -> Steps[bytes]:
    return (yield from reader.read(start, min(size, most), where))


def _too_many(notes: Notes, inside: Boxes, where: str) -> None:
    unread = len(inside.boxes) - NOTES_LIMIT
    if unread > 0:
        notes.add(Kind.OTHER, where, f"Has {unread} more notes")
    if inside.rest.length > 8:
        notes.add(Kind.OTHER, where, f"Has {amount(inside.rest.length)} that belong to nothing")


def _quicktime_text(data: bytes) -> str:
    """Return a text with its length and language before it; several languages may follow."""
    length = int.from_bytes(data[:2], "big")
    language = int.from_bytes(data[2:4], "big")
    text = data[4 : 4 + length]
    if not 0 < length <= len(data) - 4:
        return decode(data.strip(b"\0"))
    if language >= _LANGUAGES or (language == 0 and _is_utf8(text)):
        return decode(text)
    return text.decode("mac-roman", "replace")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text_3gpp(data: bytes) -> str:
    text = data[6:]
    if text[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return text.decode("utf-16", "replace").partition("\0")[0]
    return decode(text.partition(b"\0")[0])
