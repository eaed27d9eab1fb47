"""The one error of Sharewise and the one error of the formats."""

from __future__ import annotations

from typing import final

from sharewise.base.codes import ErrorCode


class SharewiseError(Exception):
    """Something that a person or a caller can act on.

    The message is one sentence for people: what is wrong and what to do next. It never holds a
    file name, path, address, place or title: it may be logged and cross a border.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@final
class Malformed(SharewiseError):
    """A file breaks the rules of its format, so nothing can be promised about it.

    `path` is the place in the structure ("JPEG/APP1/IFD0"), `at_byte` the offset from the start
    of the file, `why` the broken rule. The only error that leaves the formats.
    """

    def __init__(self, *, path: str, at_byte: int, why: str) -> None:
        super().__init__(ErrorCode.MALFORMED, f"{path} at byte {at_byte}: {why}")
        self.path = path
        self.at_byte = at_byte
        self.why = why
