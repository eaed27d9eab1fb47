"""Turns what the browser sent into the payload of a capture: checked, stitched and recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import BinaryIO, Literal

from sharewise.artefacts.catalogue import artefacts
from sharewise.artefacts.contract import REQUIRED, Artefact
from sharewise.artefacts.stitching import PlacedTile, Stitched, stitch
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals.digests import Digest
from sharewise.seals.record import PartRecord
from sharewise.services.ahead import Ahead
from sharewise.services.archiving import ARCHIVE, MEDIA_TYPE, archive
from sharewise.services.record import Stitching
from sharewise.vault.scratch import Parts
from sharewise.wire.captures import CaptureRecord, Missing, Tile

WHOLE_PICTURE = "screenshot-full.png"
NOT_SENT = "The browser did not send it."
NOT_TOLD = "The browser did not tell it."


@dataclass(frozen=True, slots=True)
class Received:
    """A part as it arrived: what the bytes came to on their way in."""

    artefact: Artefact
    digest: Digest


@dataclass(frozen=True, slots=True)
class Assembled:
    """The payload but for its record."""

    parts: tuple[PartRecord, ...]
    digests: Mapping[str, Digest]
    """By the name of the part."""
    missing: tuple[Missing, ...]
    is_complete: bool
    stitching: Stitching | None


def assemble(
    payload: Parts,
    received: Mapping[str, Received],
    page: CaptureRecord,
    refused: Sequence[Missing],
    ahead: Ahead | None = None,
) -> Assembled:
    """Check every part, make pictures of material, and say what is missing.

    `payload` holds the parts, readable at any place, and takes those that are made of them; `ahead`
    is what was stitched of them already.

    A part that is not what its name says is taken out and listed: the rest is worth keeping.
    Raises SharewiseError for what the disk refuses.
    """
    missing = [*page.missing, *refused]
    kept = dict(received)
    for name, one in received.items():
        reason = _why_not(payload, name, one.artefact)
        if reason is not None:
            payload.drop(name)
            del kept[name]
            missing.append(Missing(name, f"It was left out: {reason}."))
    stitching = _stitch_material(payload, kept, page, missing, ahead)
    lacking = list(_lacking_roles(kept, missing))
    missing += lacking
    digests = {name: one.digest for name, one in kept.items()}
    media_types = {name: one.artefact.media_type for name, one in kept.items()}
    archived = archive(payload, digests, page)
    if isinstance(archived, Missing):
        missing.append(archived)
    elif archived is not None:
        digests[ARCHIVE], media_types[ARCHIVE] = archived, MEDIA_TYPE
    is_complete = _is_complete(kept, missing)
    missing += _untold_fields(page, missing)
    parts = tuple(
        PartRecord(name, media_types[name], digest.size_bytes, digest.sha256)
        for name, digest in sorted(digests.items())
    )
    return Assembled(
        parts,
        digests,
        tuple(dict.fromkeys(missing)),
        is_complete,
        stitching,
    )


def server_difference_s(page: CaptureRecord) -> float | None:
    """Return the click by this computer's clock minus the server's `Date`, None if not known."""
    dates = [value for name, value in page.response_headers if name.lower() == "date"]
    if len(dates) != 1:
        return None
    try:
        server = parsedate_to_datetime(dates[0])
        clicked = datetime.fromisoformat(page.clicked_at_utc)
    except ValueError:
        return None
    if server.tzinfo is None:
        server = server.replace(tzinfo=UTC)
    if clicked.tzinfo is None:
        clicked = clicked.replace(tzinfo=UTC)
    return (clicked - server).total_seconds()


def _why_not(payload: Parts, name: str, artefact: Artefact) -> str | None:
    with payload.open(name) as content:
        return artefact.why_not(content)


@dataclass(frozen=True, slots=True)
class _Part:
    """One part as something that opens."""

    payload: Parts
    name: str

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        assert mode == "rb"
        return self.payload.open(self.name)


def _stitch_material(
    payload: Parts,
    kept: dict[str, Received],
    page: CaptureRecord,
    missing: list[Missing],
    ahead: Ahead | None,
) -> Stitching | None:
    """Make the whole picture of the tiles; they stay only if that cannot be done."""
    material = [name for name, one in kept.items() if one.artefact.is_material]
    if not material:
        return None
    artefact = next(one for one in artefacts() if one.name == WHOLE_PICTURE and not one.is_material)
    tiles = [tile for tile in page.tiles if tile.name in material]
    missing += (
        Missing(tile.name, NOT_SENT)
        for tile in page.tiles
        if tile.name not in kept and tile.name not in {item.name for item in missing}
    )
    stitched = None
    if WHOLE_PICTURE not in kept:
        try:
            stitched = _stitched(payload, tiles, page.device_pixel_ratio, ahead)
        except SharewiseError as error:
            if error.code not in {ErrorCode.BAD_PART, ErrorCode.TOO_LARGE}:
                raise
            missing.append(Missing(WHOLE_PICTURE, f"{error.message} The shots are in 'tiles'."))
            return None
        kept[WHOLE_PICTURE] = Received(artefact, stitched.digest)
        if stitched.has_gaps:
            why = "Some of the page is in no shot; the picture is magenta there."
            missing.append(Missing(WHOLE_PICTURE, why))
    for name in material:
        payload.drop(name)
        del kept[name]
    if stitched is None:
        return None
    return Stitching(len(tiles), stitched.width, stitched.height, stitched.has_gaps)


def _stitched(payload: Parts, tiles: Sequence[Tile], ratio: float, ahead: Ahead | None) -> Stitched:
    """Write the whole picture; at once, as far as it was not made while the shots came."""
    is_done = False
    try:
        stitched = None
        if ahead is not None:
            with payload.create(WHOLE_PICTURE) as output:
                stitched = ahead.finish(tiles, ratio, output)
        if stitched is None:
            placed = [PlacedTile(_Part(payload, tile.name), tile.x, tile.y) for tile in tiles]
            with payload.create(WHOLE_PICTURE) as output:
                stitched = stitch(placed, device_pixel_ratio=ratio, output=output)
        is_done = True
        return stitched
    finally:
        if not is_done:
            payload.drop(WHOLE_PICTURE)


def _is_complete(kept: Mapping[str, Received], missing: Sequence[Missing]) -> bool:
    """Whether every part is there and whole; a page without a pane lacks no frames."""
    lacking = {item.name for item in missing}
    has_all = all(
        any(
            one.artefact.role is role and name not in lacking
            for name, one in kept.items()
            if not one.artefact.is_material
        )
        for role in REQUIRED
    )
    others = [one for one in artefacts() if one.role not in REQUIRED]
    return (
        has_all
        and ARCHIVE not in lacking
        and not any(
            one.name == name or one.accepts.fullmatch(name) for one in others for name in lacking
        )
    )


def _lacking_roles(kept: Mapping[str, Received], missing: Iterable[Missing]) -> Iterable[Missing]:
    """Yield an entry for each role that no part has and that nobody explained yet."""
    explained = {item.name for item in missing}
    for role in sorted(REQUIRED):
        names = {one.name for one in artefacts() if one.role is role}
        has_part = any(
            one.artefact.role is role and not one.artefact.is_material for one in kept.values()
        )
        if not has_part and not names & explained:
            yield Missing(min(names), NOT_SENT)


def _untold_fields(page: CaptureRecord, missing: Iterable[Missing]) -> Iterable[Missing]:
    explained = {item.name for item in missing}
    told = {
        "final_url": page.final_url is not None,
        "status_code": page.status_code is not None,
        "response_headers": bool(page.response_headers),
        "server_ip": page.server_ip is not None,
    }
    return [
        Missing(name, NOT_TOLD)
        for name, is_told in told.items()
        if not is_told and name not in explained
    ]
