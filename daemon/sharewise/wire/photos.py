"""The messages about a photo that stays where it is: what is asked of it and what it gives away."""

from __future__ import annotations

from typing import Literal, TypeAlias

from sharewise.wire.messages import Call, Done, Message, Sender


class RangeRequest(Message, frozen=True, tag="range", tag_field="ask"):
    """Send these bytes of the file."""

    offset: int
    length: int


class FindRequest(Message, frozen=True, tag="find", tag_field="ask"):
    """Send the offset of the first `needle` that lies wholly in [start, end), or null."""

    needle: bytes
    start: int
    end: int


class FindMarkersRequest(Message, frozen=True, tag="find_markers", tag_field="ask"):
    """Send the offsets of the first `limit` JPEG markers in [start, end), 8 bytes each.

    `sharewise.formats.contract.FindMarkers` has the exact meaning.
    """

    start: int
    end: int
    limit: int


class WireSpan(Message, frozen=True):
    """Bytes of the file, `length` from `offset`."""

    offset: int
    length: int


class InflateRequest(Message, frozen=True, tag="inflate", tag_field="ask"):
    """Send the inflated size of the zlib stream that these spans are exactly, or null.

    `sharewise.formats.contract.Inflate` has the exact meaning.
    """

    spans: tuple[WireSpan, ...]
    limit: int


class FindNonzeroRequest(Message, frozen=True, tag="find_nonzero", tag_field="ask"):
    """Send the offset of the first byte in [start, end) that is not zero, or null."""

    start: int
    end: int


class GifBlocksRequest(Message, frozen=True, tag="gif_blocks", tag_field="ask"):
    """Send the boundaries of at most `limit` GIF blocks from `start` on, 8 bytes each.

    `sharewise.formats.contract.GifBlocks` has the exact meaning.
    """

    start: int
    end: int
    limit: int


PhotoRequest: TypeAlias = (
    RangeRequest
    | FindRequest
    | FindMarkersRequest
    | InflateRequest
    | FindNonzeroRequest
    | GifBlocksRequest
)


class NearTown(Message, frozen=True):
    """The town nearest to a location."""

    name: str
    country_code: str
    """ISO 3166-1 alpha-2; the browser knows the country's name in the person's language."""
    distance_km: float


class WireFinding(Message, frozen=True):
    """One thing that a file gives away; fields as in `sharewise.formats.contract.Finding`."""

    kind: str
    where: str
    summary: str
    value: str | None
    near: NearTown | None = None


class KeepStep(Message, frozen=True, tag="keep", tag_field="step"):
    """Copy these bytes of the original."""

    offset: int
    length: int


class InsertStep(Message, frozen=True, tag="insert", tag_field="step"):
    """Put these bytes."""

    data: bytes


class ZerosStep(Message, frozen=True, tag="zeros", tag_field="step"):
    """Put this many zero bytes: what a long stretch is overwritten with."""

    length: int


WireStep: TypeAlias = KeepStep | InsertStep | ZerosStep


class PhotoVerdict(Message, frozen=True, tag="verdict", tag_field="state"):
    """What the file gives away and how it is cleaned; the session is over.

    private: `plan` removes it, or is null and `reason` says why that cannot be done.
    clean: every byte was accounted for and nothing was found.
    unsupported, malformed: nothing can be promised; `reason` says why.
    """

    status: Literal["private", "clean", "unsupported", "malformed"]
    format: str | None
    findings: tuple[WireFinding, ...]
    kept: tuple[str, ...]
    plan: tuple[WireStep, ...] | None
    reason: str | None


class Foretold(Message, frozen=True):
    """The verdict that exactly these answers lead to: a page that has them need not send them.

    It is computed from them as from those of a page, and always "clean". The session stays open.
    """

    answers: tuple[bytes | int | None, ...]
    verdict: PhotoVerdict


class PhotoNeeds(Message, frozen=True, tag="needs", tag_field="state"):
    """The inspector asks for more; answer with `photo.answer`, in this order."""

    session_id: str
    requests: tuple[PhotoRequest, ...]
    found: tuple[WireFinding, ...] = ()
    """What head and tail alone give away for certain, in the first answer to a goal "plan": enough
    to ask the person, while the verdict, which may name more, still comes."""
    foretold: Foretold | None = None
    """Where the answers are likely to be those of a sound file: what then comes of it."""


PhotoStep: TypeAlias = PhotoNeeds | PhotoVerdict


class PhotoOpen(Call[PhotoStep], frozen=True):
    """Begin to look at a file that stays where it is.

    `head` and `tail` are its first `HEAD_BYTES` and last `TAIL_BYTES` (or all of it, if shorter).
    goal "plan": say what it gives away and plan its cleaning. goal "prove": only look, thoroughly.
    """

    METHOD = "photo.open"
    SENDERS = frozenset({Sender.CONTENT, Sender.PAGE, Sender.BACKGROUND})
    RESULT = PhotoStep
    size_bytes: int
    head: bytes
    tail: bytes
    goal: Literal["plan", "prove"]
    markers: bytes | None = None
    """Unasked, where the page has them by then: the offsets of all JPEG markers from the last byte
    of `head` to the end of the file, as in an answer to `FindMarkersRequest`. Spares a round."""


class PhotoAnswer(Call[PhotoStep], frozen=True):
    """Answer the requests of a session, in their order: bytes, an offset, or null."""

    METHOD = "photo.answer"
    SENDERS = PhotoOpen.SENDERS
    RESULT = PhotoStep
    session_id: str
    answers: tuple[bytes | int | None, ...]


class PhotoClose(Call[Done], frozen=True):
    """Give a session up; an unknown one is no error."""

    METHOD = "photo.close"
    SENDERS = PhotoOpen.SENDERS
    RESULT = Done
    session_id: str


CALLS: tuple[type[Call[object]], ...] = (
    PhotoOpen,
    PhotoAnswer,
    PhotoClose,
)
