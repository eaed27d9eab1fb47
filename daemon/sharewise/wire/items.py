"""The messages about what was sealed: listed, searched, read, changed."""

from __future__ import annotations

from typing import Literal

from sharewise.wire.captures import CaptureRecord, Missing
from sharewise.wire.messages import PAGES, PEOPLE, Call, Done, Message

MAX_ITEMS_AT_ONCE = 200
"""The most captures in one answer to `item.list` or `item.search`."""
MAX_TAGS = 32
MAX_TAG_CHARACTERS = 64


class ItemSummary(Message, frozen=True):
    """One sealed capture or redacted copy, as a timeline shows it."""

    item_id: str
    case_id: str
    kind: Literal["capture", "redacted"]
    original_id: str | None
    """Of a redacted copy: what it is a copy of. That may be deleted by now."""
    sealed_at_utc: str
    title: str
    url: str
    size_bytes: int
    is_complete: bool
    missing: tuple[Missing, ...]
    has_thumbnail: bool
    tags: tuple[str, ...]
    note: str
    stamp: Literal["none", "queued", "stamped"]
    """Of the RFC 3161 time-stamp."""
    matches: tuple[str, ...] = ()
    """Labels of the person's own pictures that the page shows."""


class ItemListResult(Message, frozen=True):
    """Captures, newest first."""

    items: tuple[ItemSummary, ...]
    total: int
    """How many there are with the same case and tag."""
    next: str | None
    """What to pass as `after` for those that follow; null at the end."""


class ItemList(Call[ItemListResult], frozen=True):
    """List captures of one case, or of all (`case_id` null), a page at a time."""

    METHOD = "item.list"
    SENDERS = PEOPLE
    RESULT = ItemListResult
    case_id: str | None = None
    tag: str | None = None
    after: str | None = None
    limit: int = MAX_ITEMS_AT_ONCE


class ItemHit(Message, frozen=True):
    """A capture in which the words stand, and the first place where they do."""

    item: ItemSummary
    excerpt: str


class ItemSearchResult(Message, frozen=True):
    """What was found, newest first."""

    hits: tuple[ItemHit, ...]
    is_complete: bool
    """False: there are more than were asked for."""


class ItemSearch(Call[ItemSearchResult], frozen=True):
    """Search titles, addresses, tags, notes and visible text; every word must occur."""

    METHOD = "item.search"
    SENDERS = PEOPLE
    RESULT = ItemSearchResult
    words: str
    case_id: str | None = None
    limit: int = MAX_ITEMS_AT_ONCE


class ItemFile(Message, frozen=True):
    """One file of a capture."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str


class ItemDetail(Message, frozen=True):
    """Everything about one capture but the content of its files."""

    item: ItemSummary
    files: tuple[ItemFile, ...]
    record: CaptureRecord
    manifest_sha256: str
    begun_at_utc: str
    server_difference_s: float | None
    """The click by this computer's clock minus the server's date; null if not known."""
    clock_jump_s: float
    log_index: int
    stamped_at_utc: str | None
    """The time in the time-stamp, which may be later than the sealing."""


class ItemShow(Call[ItemDetail], frozen=True):
    """Show one capture."""

    METHOD = "item.show"
    SENDERS = PEOPLE
    RESULT = ItemDetail
    item_id: str


class Piece(Message, frozen=True):
    """At most `PART_BYTES` bytes of something longer; empty at its end."""

    data: bytes
    size_bytes: int
    """Of the whole."""


class ItemRead(Call[Piece], frozen=True):
    """Read a file of a capture from `offset` on; it is decrypted in memory for it."""

    METHOD = "item.read"
    SENDERS = PEOPLE
    RESULT = Piece
    item_id: str
    name: str
    offset: int


class Thumbnail(Message, frozen=True):
    """A small picture of a capture, made when it was sealed."""

    media_type: str
    data: bytes
    width: int
    height: int


class ItemThumbnail(Call[Thumbnail], frozen=True):
    """Get the small picture of a capture whose `has_thumbnail` is true."""

    METHOD = "item.thumbnail"
    SENDERS = PEOPLE
    RESULT = Thumbnail
    item_id: str


class ItemChange(Call[ItemSummary], frozen=True):
    """Replace the note or the tags of a capture; what is null stays."""

    METHOD = "item.change"
    SENDERS = PEOPLE
    RESULT = ItemSummary
    item_id: str
    note: str | None = None
    tags: tuple[str, ...] | None = None


class ItemMove(Call[ItemSummary], frozen=True):
    """Put a capture into another case; its redacted copies go with it, or a copy's original.

    One with pictures goes only to a case of which it was said that all are adults.
    """

    METHOD = "item.move"
    SENDERS = PEOPLE
    RESULT = ItemSummary
    item_id: str
    case_id: str


class ItemDelete(Call[Done], frozen=True):
    """Delete a capture from this computer; the log keeps a hash that tells nothing of it."""

    METHOD = "item.delete"
    SENDERS = PEOPLE
    RESULT = Done
    item_id: str


class Box(Message, frozen=True):
    """A rectangle in pixels of the picture itself, from its upper left corner."""

    x: int
    y: int
    width: int
    height: int


class ItemRedact(Call[ItemSummary], frozen=True):
    """Make a copy of a capture's picture with the boxes blacked out, sealed beside the original."""

    METHOD = "item.redact"
    SENDERS = PAGES
    RESULT = ItemSummary
    item_id: str
    name: str
    boxes: tuple[Box, ...]


CALLS: tuple[type[Call[object]], ...] = (
    ItemList,
    ItemSearch,
    ItemShow,
    ItemRead,
    ItemThumbnail,
    ItemChange,
    ItemMove,
    ItemDelete,
    ItemRedact,
)
