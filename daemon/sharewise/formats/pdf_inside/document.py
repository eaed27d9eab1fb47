"""Open a PDF and write it anew, always in the same way, with pikepdf.

pikepdf stands on qpdf, which is written in C++ and reads bytes that nobody has checked: it is the
only such code that the formats use. It draws nothing and runs nothing; what it may inflate is
bounded below. It opens only what needs no repair, for what it would repair, others may read
otherwise.
"""

from __future__ import annotations

import logging
from functools import cache
from io import BytesIO

import pikepdf
from pikepdf.settings import set_qpdf_limits

from sharewise.base.errors import Malformed

NAME = "PDF"
INFLATED_BYTES = 128 * 1024 * 1024
OBJECTS_LIMIT = 500_000
_PASSES = 4

FAILURES = (
    pikepdf.PikepdfError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What pikepdf raises where a document breaks its own rules."""


@cache
def _prepare() -> None:
    """Bound what the library may inflate, and keep its words about documents to itself."""
    set_qpdf_limits(
        flate_max_memory=INFLATED_BYTES,
        png_max_memory=INFLATED_BYTES,
        tiff_max_memory=INFLATED_BYTES,
        run_length_max_memory=INFLATED_BYTES,
        dct_max_memory=INFLATED_BYTES,
        doc_max_warnings=100,
    )
    its_words = logging.getLogger("pikepdf")
    its_words.addHandler(logging.NullHandler())
    its_words.propagate = False


class Locked(Exception):
    """A document cannot be opened without its password; caught by the format."""


def open_document(data: bytes) -> pikepdf.Pdf:
    """Return the document in these bytes. Raises Malformed and Locked."""
    _prepare()
    try:
        document = pikepdf.open(BytesIO(data), attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise Locked from None
    except FAILURES:
        raise Malformed(path=NAME, at_byte=0, why="it is damaged") from None
    if document.is_encrypted:
        raise Locked
    if len(document.objects) > OBJECTS_LIMIT:
        raise Malformed(path=NAME, at_byte=0, why="it has too many objects")
    return document


def rewritten(document: pikepdf.Pdf) -> bytes:
    """Return the document written anew: what nothing refers to is gone, and so are dates and ids.

    Streams stay as they are but for those that were not compressed. Written twice it is the same.
    """
    data = _saved(document)
    for _ in range(_PASSES):
        again = _saved(open_document(data))
        if again == data:
            return data
        data = again
    raise Malformed(path=NAME, at_byte=0, why="it cannot be written twice alike")


def _saved(document: pikepdf.Pdf) -> bytes:
    sink = BytesIO()
    try:
        for key in ("/ID", "/Prev", "/XRefStm"):
            if key in document.trailer:
                del document.trailer[key]
        document.save(
            sink,
            static_id=True,
            fix_metadata_version=False,
            preserve_pdfa=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.preserve,
        )
    except FAILURES:
        raise Malformed(path=NAME, at_byte=0, why="it is damaged") from None
    return sink.getvalue()
