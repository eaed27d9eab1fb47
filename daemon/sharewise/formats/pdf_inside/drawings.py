"""Read all that draws in a PDF and leave in it what is drawn."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf

from sharewise.formats.contract import Kind
from sharewise.formats.pdf_inside.content import Drawing, read_drawing
from sharewise.formats.pdf_inside.names import ResourceNames
from sharewise.formats.pdf_inside.result import Unsweepable
from sharewise.formats.pdf_inside.walk import Tell, Walk


class Drawings:
    """Everything that draws in one document, once it was walked through."""

    def __init__(
        self, document: pikepdf.Pdf, walk: Walk, names: ResourceNames, tell: Tell, *, wished: bool
    ) -> None:
        self._document = document
        self._walk = walk
        self._names = names
        self._tell = tell
        self._wished = wished

    def through(self) -> None:
        """Read everything that draws. Raises Unsweepable."""
        for page in self._walk.in_part("page"):
            self._page(page)
        for one in self._streams():
            data = one.read_bytes()
            drawing = self._read(data)
            if drawing.is_open:
                raise Unsweepable("What draws it breaks off in the middle.")
            self._write(one, data, drawing)
        for note in self._walk.in_part("annotation", "field", "form_fields"):
            appearance = note.get("/DA")
            if isinstance(appearance, pikepdf.String):
                data = bytes(appearance)
                drawing = self._read(data)
                self._told(drawing)
                if drawing.edits:
                    note["/DA"] = pikepdf.String(drawing.applied(data))

    def _streams(self) -> Iterator[pikepdf.Stream]:
        pages = {one.objgen for page in self._walk.in_part("page") for one in _contents(page)}
        for one in self._walk.in_part("content", "form", "tiling"):
            if isinstance(one, pikepdf.Stream) and one.objgen not in pages:
                yield one

    def _page(self, page: pikepdf.Object) -> None:
        """Read a page; streams that only together say something are put together."""
        streams = _contents(page)
        pieces = [one.read_bytes() for one in streams]
        try:
            drawings = [self._read(piece) for piece in pieces]
        except Unsweepable:
            if len(pieces) < 2:
                raise
            drawings = []
        if drawings and not any(one.is_open for one in drawings):
            for one, piece, drawing in zip(streams, pieces, drawings, strict=True):
                self._write(one, piece, drawing)
        elif pieces:
            data = b"\n".join(pieces)
            drawing = self._read(data)
            if drawing.is_open:
                raise Unsweepable("What draws it breaks off in the middle.")
            self._told(drawing)
            page["/Contents"] = self._document.make_stream(drawing.applied(data))

    def _read(self, data: bytes) -> Drawing:
        return read_drawing(data, self._names.of, keeps_words=self._wished)

    def _write(self, stream: pikepdf.Stream, data: bytes, drawing: Drawing) -> None:
        self._told(drawing)
        if drawing.edits:
            stream.write(drawing.applied(data))

    def _told(self, drawing: Drawing) -> None:
        if drawing.has_comments:
            self._tell(Kind.DESCRIPTION, "content", "Has comments among what draws it", None)
        if drawing.has_tags:
            self._tell(Kind.OTHER, "content", "Has marks that are not needed to show it", None)
        if drawing.says:
            self._walk.has_words = self._walk.has_words or self._wished
            self._tell(Kind.DESCRIPTION, "content", "Has words that stand for a part of it", None)


def _contents(page: pikepdf.Object) -> list[pikepdf.Stream]:
    contents = page.get("/Contents")
    every = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return [one for one in every if isinstance(one, pikepdf.Stream)]
