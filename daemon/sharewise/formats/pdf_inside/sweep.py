"""Go through the objects of a PDF, take out what says more than is shown, and tell what it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pikepdf

from sharewise.formats.contract import Finding, Kind, Wish
from sharewise.formats.embedded import Uncleanable, clean_embedded
from sharewise.formats.metadata import icc
from sharewise.formats.metadata.facts import NO_FACTS, TEXT_CHARACTERS, Facts
from sharewise.formats.metadata.words import moment, tidy, time_finding
from sharewise.formats.metadata.xmp import READ_BYTES, read_xmp
from sharewise.formats.pdf_inside import words
from sharewise.formats.pdf_inside.document import NAME
from sharewise.formats.pdf_inside.drawings import Drawings
from sharewise.formats.pdf_inside.jpx import without_notes
from sharewise.formats.pdf_inside.names import (
    ResourceNames,
    kinds_of,
    places_of,
    rename_fields,
    rename_layers,
    settle_collections,
    settle_kinds,
)
from sharewise.formats.pdf_inside.result import Unsweepable
from sharewise.formats.pdf_inside.streams import Streams
from sharewise.formats.pdf_inside.walk import Walk

_INFO: dict[str, tuple[Kind, str]] = {
    "/Author": (Kind.PERSON, "Names who made it"),
    "/Title": (Kind.DESCRIPTION, "Has a title"),
    "/Subject": (Kind.DESCRIPTION, "Has a subject"),
    "/Keywords": (Kind.DESCRIPTION, "Has keywords"),
    "/AAPL:Keywords": (Kind.DESCRIPTION, "Has keywords"),
    "/Creator": (Kind.SOFTWARE, "Names the software"),
    "/Producer": (Kind.SOFTWARE, "Names the software"),
    "/Company": (Kind.PERSON, "Names a company"),
    "/Manager": (Kind.PERSON, "Names a person"),
}
_LOCAL = re.compile(
    r"(?i)file:|/?[a-z]:[\\/]|/[a-z]/|\\\\|/(?:home|users|private|var|tmp|mnt|media|volumes)/"
)
_JPEG_NAME = re.compile(rb"/DCT(?:Decode)?\b")
_INLINE_BYTES = 400
"""The most between the beginning of a picture among the words of a page and its filter."""
_FILE_ADDRESSES = ("/F", "/UF", "/URI", "/DOS", "/Unix", "/Mac")

NESTING_LIMIT = 1_000_000
NAMES_SHOWN = 12


class Sweep:
    """One sweep through one document, which it changes."""

    def __init__(self, document: pikepdf.Pdf, wish: Wish) -> None:
        self.findings: list[Finding] = []
        self.facts: Facts = NO_FACTS
        self._document = document
        self._wish = wish
        self._has_words = False

    def through(self) -> None:
        """Sweep everything. Raises Unsweepable, and what pikepdf raises."""
        self._trailer()
        self._catalogue()
        for thing in self._things():
            self._sweep(thing)
        self._walk()
        self._write_info()

    def _walk(self) -> None:
        """Leave only what is known to be needed to show the document."""
        root = self._document.Root
        is_wished = Kind.DESCRIPTION in self._wish.keep
        walk = Walk(self._document, self._find, places_of(root), wished=is_wished)
        kinds = kinds_of(root)
        walk.through()
        if settle_kinds(kinds, walk.in_part("element")):
            self._find(Kind.OTHER, "StructTreeRoot", "Has its own words for parts of the text")
        if settle_collections(walk.in_part("collection")):
            self._find(Kind.OTHER, "CIDSystemInfo", "Has its own names for sets of letters")
        if rename_fields(walk.in_part("field")):
            self._find(Kind.DESCRIPTION, "AcroForm", "Has names for the fields of its form")
        layers = rename_layers(walk.in_part("layer"))
        if layers:
            said = tidy(", ".join(layers[:NAMES_SHOWN]))
            self._find(Kind.DESCRIPTION, "OCProperties", f"Names its layers: {said}", said)
        Streams(walk, self._find).through()
        names = ResourceNames(walk.resources)
        Drawings(self._document, walk, names, self._find, wished=is_wished).through()
        self._has_words = walk.has_words
        if names.rename():
            self._find(Kind.OTHER, "Resources", "Has names for pictures, fonts and colours in it")

    def _find(self, kind: Kind, where: str, what: str, value: str | None = None) -> None:
        self.findings.append(Finding(kind, f"{NAME}/{where}", what, value))

    def _things(self) -> Iterator[pikepdf.Object]:
        """Yield every dictionary and stream once; what is inside another one too."""
        seen = 0
        for top in self._document.objects:
            stack = [top]
            while stack:
                seen += 1
                if seen > NESTING_LIMIT:
                    raise Unsweepable("It has too many parts to be looked through.")
                thing = stack.pop()
                if isinstance(thing, pikepdf.Array):
                    stack += _inside(thing)
                elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
                    yield thing
                    stack += _inside(value for _, value in thing.items())

    # --- the document ---------------------------------------------------------------------------

    def _trailer(self) -> None:
        trailer = self._document.trailer
        if "/Prev" in trailer and not self._document.is_linearized:
            what = "Holds earlier versions of itself that can be brought back"
            self._find(Kind.HISTORY, "revisions", what)
        if "/ID" in trailer and not _is_static_id(trailer["/ID"]):
            what = "Has numbers that tie it to other copies and versions of it"
            self._find(Kind.IDENTIFIER, "ID", what)
        info = trailer.get("/Info")
        if isinstance(info, pikepdf.Dictionary):
            self._info(info)
        if "/Info" in trailer:
            del trailer["/Info"]
        self._only(trailer, words.TRAILER, "trailer")

    def _info(self, info: pikepdf.Object) -> None:
        taken: str | None = None
        author: str | None = None
        for key, value in info.items():
            text = _text(value)
            if key in ("/CreationDate", "/ModDate"):
                iso = _moment(text)
                if iso is not None and (taken is None or key == "/CreationDate"):
                    taken = iso
            elif text:
                kind, what = _INFO.get(key, (Kind.OTHER, f"Has a note called {tidy(key[1:])}"))
                self._find(kind, "Info", f"{what}: {text}", text)
                author = text if key == "/Author" else author
        if taken is not None:
            self.findings.append(time_finding(f"{NAME}/Info", taken, "when it was made"))
        self.facts = self.facts.or_else(Facts(taken_at=taken, artist=author))

    def _write_info(self) -> None:
        """Say what the wish keeps in a block made anew."""
        facts = self.facts.wished(self._wish)
        kept: dict[str, pikepdf.Object] = {}
        if facts.artist is not None:
            kept["/Author"] = pikepdf.String(facts.artist[:TEXT_CHARACTERS])
        if facts.taken_at is not None:
            kept["/CreationDate"] = pikepdf.String(_date(facts.taken_at))
        if kept:
            info = self._document.make_indirect(pikepdf.Dictionary(kept))
            self._document.trailer["/Info"] = info

    def kept(self) -> tuple[str, ...]:
        """Return the words for what the wish keeps."""
        facts = self.facts.wished(self._wish)
        said = Facts(taken_at=facts.taken_at, artist=facts.artist)
        names = said.names(self._wish)
        return (*names, "description") if self._has_words else names

    def _catalogue(self) -> None:
        root = self._document.Root
        if "/Collection" in root:
            raise Unsweepable("It is a collection of other files.")
        form = root.get("/AcroForm")
        if isinstance(form, pikepdf.Dictionary) and "/XFA" in form:
            raise Unsweepable("It holds a form (XFA) that cannot be looked through.")
        names = root.get("/Names")
        if isinstance(names, pikepdf.Dictionary) and "/JavaScript" in names:
            self._find(Kind.OTHER, "Names/JavaScript", "Holds a script")
        layers = root.get("/OCProperties")
        shown = layers.get("/D") if isinstance(layers, pikepdf.Dictionary) else None
        if isinstance(shown, pikepdf.Dictionary):
            off = shown.get("/OFF")
            is_hidden = isinstance(off, pikepdf.Array) and len(off) > 0
            if is_hidden or str(shown.get("/BaseState", "/ON")) != "/ON":
                raise Unsweepable("It has layers that are not shown.")

    def _only(self, thing: pikepdf.Object, wanted: frozenset[str], where: str) -> None:
        """Take out the keys that mean nothing when it is shown."""
        for key in sorted(set(thing.keys()) - wanted):
            what = "Holds data that is not needed to show it"
            self._find(Kind.OTHER, f"{where}/{tidy(key[1:])}", what)
            del thing[key]

    # --- one object -----------------------------------------------------------------------------

    def _sweep(self, thing: pikepdf.Object) -> None:
        keys = set(thing.keys())
        subtype = _name(thing, "/Subtype") if "/Subtype" in keys else ""
        type_ = _name(thing, "/Type") if "/Type" in keys else ""
        if type_ in ("/Sig", "/DocTimeStamp") or {"/ByteRange", "/Contents"} <= keys:
            raise Unsweepable("It is signed, and a signature does not outlive a change.")
        self._notes(thing, keys)
        if "/EF" in keys or type_ == "/EmbeddedFile":
            self._embedded_file(thing, keys)
        if "/Rect" in keys and subtype:
            self._annotation(thing, subtype)
        self._drawing(thing, keys, subtype)
        if type_ == "/Thread" and "/I" in keys:
            self._find(Kind.DESCRIPTION, "Thread", "Has notes about a part of the text")
            del thing["/I"]
        self._addresses(thing, keys)
        if subtype == "/Image" and isinstance(thing, pikepdf.Stream):
            self._picture(thing)
        elif "/N" in keys and isinstance(thing, pikepdf.Stream):
            self._profile(thing)

    def _profile(self, stream: pikepdf.Stream) -> None:
        """Leave of a colour profile what colours hang on."""
        data = stream.read_bytes()
        size = icc.size_of_profile(data, len(data))
        looked = None if size is None else icc.look_at(data[:size])
        if looked is not None and looked.neutral != data:
            self._find(Kind.OTHER, "ICC", icc.note_of(looked))
            stream.write(looked.neutral)

    def _notes(self, thing: pikepdf.Object, keys: set[str]) -> None:
        """Take out what may stand in any object."""
        if "/Metadata" in keys:
            packet = thing["/Metadata"]
            if isinstance(packet, pikepdf.Stream):
                block = read_xmp(packet.read_bytes()[:READ_BYTES], f"{NAME}/XMP")
                self.findings += block.findings
                self.facts = self.facts.or_else(block.facts)
            else:
                self._find(Kind.OTHER, "Metadata", "Holds notes of a program")
            del thing["/Metadata"]
        for key, kind, what in _NOTES:
            if key in keys and key in thing:
                self._find(kind, key[1:], what)
                del thing[key]
        for key in sorted(keys):
            if key.startswith("/PTEX."):
                text = _text(thing[key])
                what = "Names a file or a program that it was made with"
                self._find(Kind.IDENTIFIER, "PTEX", f"{what}: {text}" if text else what)
                del thing[key]

    def _embedded_file(self, thing: pikepdf.Object, keys: set[str]) -> None:
        if isinstance(thing, pikepdf.Stream):
            if "/Params" in keys:
                del thing["/Params"]
            return
        name = _text(thing.get("/UF")) or _text(thing.get("/F"))
        what = f"Holds another file: {name}" if name else "Holds another file"
        self._find(Kind.HIDDEN_MEDIA, "EmbeddedFiles", what, name or None)
        for key in words.FILE_KEYS:
            if key in thing:
                del thing[key]

    def _annotation(self, thing: pikepdf.Object, subtype: str) -> None:
        if subtype in words.MEDIA:
            raise Unsweepable("It plays a sound, a video or a model, which cannot be cleaned.")
        for key in ("/M", "/CreationDate"):
            if key in thing:
                iso = _moment(_text(thing[key]))
                what = "when a note was made"
                if iso is not None:
                    self.findings.append(time_finding(f"{NAME}/Annots", iso, what))
                else:
                    self._find(Kind.TIME, "Annots", f"Says {what}")
                del thing[key]
        if "/NM" in thing:
            self._find(Kind.IDENTIFIER, "Annots", "Has a number that is a note's alone")
            del thing["/NM"]
        if subtype in words.MARKS and "/T" in thing:
            name = _text(thing["/T"])
            self._find(Kind.PERSON, "Annots", f"Names who made a note: {name}", name or None)
            del thing["/T"]
        if subtype == "/FileAttachment":
            for key in ("/FS", "/Contents"):
                if key in thing:
                    del thing[key]

    def _addresses(self, thing: pikepdf.Object, keys: set[str]) -> None:
        """Leave of a place on a computer only the name of the file."""
        for key in _FILE_ADDRESSES:
            if key not in keys or key not in thing or not isinstance(thing[key], pikepdf.String):
                continue
            address = str(thing[key])
            if _LOCAL.match(address):
                what = "Says where a file lies on a computer"
                self._find(Kind.IDENTIFIER, "link", f"{what}: {tidy(address)}", tidy(address))
                thing[key] = pikepdf.String(re.split(r"[\\/]", address)[-1])

    def _drawing(self, thing: pikepdf.Object, keys: set[str], subtype: str) -> None:
        """Refuse what draws a JPEG that stands among its own words: it cannot be taken out."""
        drawings: list[pikepdf.Object] = []
        if "/Contents" in keys and "/Rect" not in keys:
            contents = thing["/Contents"]
            drawings = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        elif subtype == "/Form" or "/PatternType" in keys:
            drawings = [thing]
        for one in drawings:
            if isinstance(one, pikepdf.Stream) and _has_inline_jpeg(one.read_bytes()):
                raise Unsweepable("A picture in it cannot be cleaned.")

    def _picture(self, picture: pikepdf.Stream) -> None:
        filters = picture.get("/Filter")
        names = [str(one) for one in filters] if isinstance(filters, pikepdf.Array) else []
        name = names[0] if len(names) == 1 else str(filters) if not names else ""
        if name == "/JPXDecode":
            raw = picture.read_raw_bytes()
            cleaned = without_notes(raw)
            if cleaned is None:
                raise Unsweepable("A picture in it cannot be cleaned.")
            if cleaned != raw:
                self._find(Kind.OTHER, "image/JPX", "Holds notes in a picture")
                picture.write(cleaned, filter=pikepdf.Name.JPXDecode)
        elif name == "/DCTDecode":
            given = picture.get("/DecodeParms")
            parameters = given if isinstance(given, pikepdf.Dictionary | pikepdf.Array) else None
            try:
                embedded = clean_embedded(picture.read_raw_bytes(), self._wish, NAME)
            except Uncleanable:
                raise Unsweepable("A picture in it cannot be cleaned.") from None
            if embedded.data is not None:
                self.findings += embedded.findings
                picture.write(embedded.data, filter=pikepdf.Name.DCTDecode, decode_parms=parameters)
        elif names and names[-1] in ("/DCTDecode", "/JPXDecode"):
            raise Unsweepable("A picture in it is packed twice and cannot be cleaned.")


_NOTES: tuple[tuple[str, Kind, str], ...] = (
    ("/PieceInfo", Kind.HISTORY, "Holds notes of the program that it was made with"),
    ("/Thumb", Kind.THUMBNAIL, "Holds a small picture that may show what was changed since"),
    ("/LastModified", Kind.TIME, "Says when it was last changed"),
    ("/CreatorInfo", Kind.SOFTWARE, "Names the software that made its layers"),
    ("/OPI", Kind.IDENTIFIER, "Names the files of its pictures"),
    ("/Measure", Kind.LOCATION, "Says how what it shows is measured, maybe on Earth"),
    ("/PtData", Kind.LOCATION, "Says how what it shows is measured, maybe on Earth"),
    ("/VP", Kind.LOCATION, "Says which part of the Earth a map in it shows"),
    ("/LGIDict", Kind.LOCATION, "Says which part of the Earth a map in it shows"),
)


def _inside(values: Iterable[pikepdf.Object]) -> list[pikepdf.Object]:
    """Return the containers among these that are no objects of their own."""
    return [
        value
        for value in values
        if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect
    ]


def _has_inline_jpeg(drawing: bytes) -> bool:
    return any(
        b"BI" in drawing[max(0, found.start() - _INLINE_BYTES) : found.start()]
        for found in _JPEG_NAME.finditer(drawing)
    )


def _name(thing: pikepdf.Object, key: str) -> str:
    value = thing.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _text(value: object) -> str:
    return tidy(str(value)) if isinstance(value, pikepdf.String | pikepdf.Name) else ""


def _moment(text: str) -> str | None:
    """Return a date as PDF writes it ("D:20250503140200+02'00'") as ISO 8601."""
    return moment(text.removeprefix("D:").replace("'", ""))


def _date(iso: str) -> str:
    digits = re.sub(r"[-:T]", "", iso[:19])
    zone = iso[19:]
    return f"D:{digits}{zone[:3]}'{zone[4:6]}'" if zone else f"D:{digits}"


def _is_static_id(value: object) -> bool:
    """Return whether the numbers are those that every file gets that is written anew."""
    if not isinstance(value, pikepdf.Array):
        return False
    return all(
        isinstance(one, pikepdf.String) and bytes(one).hex() == "31415926535897932384626433832795"
        for one in value
    )
