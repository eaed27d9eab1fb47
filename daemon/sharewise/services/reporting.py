"""Puts together what the report of a case tells, from its contents and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from urllib.parse import urlsplit

import sharewise
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.report import incident as incidents
from sharewise.report.content import (
    Custody,
    FileLine,
    Item,
    Line,
    Moment,
    Picture,
    Report,
)
from sharewise.seals import layout
from sharewise.services import record
from sharewise.services.contents import CaseContents, PackageOptions, SealedItem, Stamp
from sharewise.services.record import CaptureFile

MAX_RECORD_BYTES = 32 * 1024 * 1024
MAX_FRAMES = 60
PICTURES = ("screenshot-full.png", "screenshot-window.png")
"""The first of these that a capture has is shown."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """An item of a package with its number and record."""

    number: int
    item: SealedItem
    told: CaptureFile


def numbered(items: Sequence[SealedItem]) -> tuple[Numbered, ...]:
    """Return the items with what their records say.

    Raises SharewiseError: VERIFY_FAILED for a record that cannot be read, VAULT_LOCKED.
    """
    return tuple(
        Numbered(number, item, _record(item)) for number, item in enumerate(items, start=1)
    )


def report_of(
    contents: CaseContents,
    items: Sequence[Numbered],
    options: PackageOptions,
    *,
    package: str,
    key: str,
) -> Report:
    """Return everything that the report says; pictures are opened when they are drawn."""
    incident = incidents.parse(contents.incident) if contents.incident else None
    events = incidents.moments(incident) if incident else ()
    stamps = [(one, contents.stamps.get(one.item.item_id)) for one in items]
    return Report(
        package=package,
        label=contents.label,
        made_at_utc=contents.exported_at_utc,
        made_with=f"Sharewise {sharewise.__version__}",
        key=key,
        summary=_summary(contents, items, incident),
        is_text_only=contents.is_text_only,
        are_pictures_blurred=options.blur_pictures,
        timeline=(*events, *(_captured(one) for one in items)),
        items=tuple(
            _item(one, contents.item_notes.get(one.item.item_id, ""), stamp)
            for one, stamp in stamps
        ),
        custody=_custody(contents, items),
        note=contents.note,
        stamps=tuple(
            Line(f"Item {one.number}", f"{readable(stamp.stamped_at_utc)}, over the custody log")
            for one, stamp in stamps
            if stamp is not None
        ),
    )


def readable(at_utc: str) -> str:
    """Return a time of ours as people read it; another text as it is."""
    at = _time(at_utc)
    return at_utc if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _record(item: SealedItem) -> CaptureFile:
    with item.open(layout.PAYLOAD + layout.RECORD) as file:
        told = record.parse(file.read(MAX_RECORD_BYTES))
    if told is None:
        raise SharewiseError(
            ErrorCode.VERIFY_FAILED,
            "The record of a capture cannot be read, so nothing was exported. Put the case back "
            "from a backup, or delete that capture.",
        )
    return told


def _summary(
    contents: CaseContents, items: Sequence[Numbered], incident: incidents.Incident | None
) -> tuple[Line, ...]:
    """Return the first page: who, what, when, where, demand, and what is attached."""
    lines = list(incidents.summary(incident)) if incident else []
    if incident is None:
        lines.append(Line("What", "No incident record was filled in; see the items."))
    lines.insert(min(2, len(lines)), Line("When", _when(items, incident)))
    hosts = list(dict.fromkeys(filter(None, (_host(one.told.page.url) for one in items))))
    shown = ", ".join(hosts[:8]) + (f" and {len(hosts) - 8} more" if len(hosts) > 8 else "")
    lines.append(Line("Captured from", shown or "nothing"))
    file_count = sum(len(one.told.parts) + 1 for one in items)
    attached = f"{_count(len(items), 'item')} with {_count(file_count, 'file')}"
    lines.append(Line("Attached", f"{attached}, this report, the custody log and its proofs"))
    if contents.is_text_only:
        lines.append(Line("Left out", "Pictures: someone in them is, or may be, under 18"))
    return tuple(lines)


def _when(items: Sequence[Numbered], incident: incidents.Incident | None) -> str:
    events = [event.happened_at for event in incident.timeline] if incident else []
    dated = sorted(at for at in events if at[:4].isdigit())
    told = []
    if dated:
        told.append(f"Events: {dated[0]}" + (f" to {dated[-1]}" if len(dated) > 1 else ""))
    clicks = sorted(one.told.page.clicked_at_utc for one in items)
    if clicks:
        end = f" to {readable(clicks[-1])}" if len(clicks) > 1 else ""
        told.append(f"Captured: {readable(clicks[0])}{end}")
    return "\n".join(told) or "not known"


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _captured(one: Numbered) -> Moment:
    page = one.told.page
    what = "Redacted copy of" if one.item.original_id else "Captured"
    return Moment(
        readable(page.clicked_at_utc),
        page.clicked_at_utc,
        what,
        f"Item {one.number}: {page.title or page.url}",
        is_capture=True,
    )


def _item(one: Numbered, note: str, stamp: Stamp | None) -> Item:
    told, page = one.told, one.told.page
    pictures = _pictures(one)
    return Item(
        number=one.number,
        title=page.title,
        address=page.url,
        captured_at=_both_times(page.clicked_at_utc, page.utc_offset_minutes, page.time_zone),
        facts=tuple(_facts(one, stamp)),
        files=tuple(
            FileLine(name.removeprefix(layout.PAYLOAD), digest.size_bytes, digest.sha256)
            for name, digest in sorted(one.item.digests.items())
            if name.startswith(layout.PAYLOAD)
        ),
        missing=tuple(Line(missing.name, missing.why) for missing in told.missing),
        is_complete=told.status == "COMPLETE",
        note=note,
        pictures=pictures,
        no_picture_why="" if pictures else "There is no picture of this page.",
    )


def _pictures(one: Numbered) -> tuple[Picture, ...]:
    """Return the whole page, or what there is of it, and the steps through an inner pane."""
    names = [part.name for part in one.told.parts if part.media_type == "image/png"]
    shown = [name for name in names if name.startswith("redacted/")]
    shown += [name for name in PICTURES if name in names][:1]
    shown += sorted(name for name in names if name.startswith("frames/"))[:MAX_FRAMES]
    return tuple(Picture(name, partial(one.item.open, layout.PAYLOAD + name)) for name in shown)


def _both_times(at_utc: str, offset_minutes: int, zone: str) -> str:
    at = _time(at_utc)
    if at is None or abs(offset_minutes) > 14 * 60:
        return at_utc
    local = at.astimezone(timezone(timedelta(minutes=offset_minutes)))
    return f"{readable(at_utc)}, which was {local:%Y-%m-%d %H:%M:%S %z} for the person ({zone})"


def _facts(one: Numbered, stamp: Stamp | None) -> list[Line]:
    told, page = one.told, one.told.page
    lines = [Line("Sealed", readable(one.item.sealed_at_utc))]
    if told.redacted_from is not None:
        source = told.redacted_from
        lines.append(
            Line(
                "Redacted copy",
                f"Made of {source.name} of the capture {source.item_id}, whose SHA-256 is "
                f"{source.sha256}. Parts were blacked out; the original was not changed.",
            )
        )
    if page.final_url not in {None, page.url}:
        lines.append(Line("Final address", page.final_url or ""))
    if page.redirects:
        lines.append(Line("Redirected from", "\n".join(page.redirects)))
    if stamp is not None:
        lines.append(Line("Time-stamp", f"{readable(stamp.stamped_at_utc)} by an authority"))
    lines += [Line("Clocks", text) for text in _clocks(told)]
    server = [f"address {page.server_ip}" if page.server_ip else ""]
    server += [f"status {page.status_code}" if page.status_code is not None else ""]
    if any(server):
        lines.append(Line("Server", ", ".join(filter(None, server))))
    if page.tls is not None and page.tls.certificates:
        first = page.tls.certificates[0]
        lines.append(Line("Certificate", f"{first.subject}\nSHA-256 {first.sha256}"))
    made_with = f"{page.browser} on {page.operating_system}, extension {page.extension_version}"
    lines.append(Line("Made with", f"{made_with}, program {told.daemon_version}"))
    lines += [
        Line(
            "Own picture",
            f"“{match.label}” is shown: {match.address} (fingerprints differ in "
            f"{match.distance} of 256 bits)",
        )
        for match in told.matches
    ]
    return lines


def _clocks(told: CaptureFile) -> list[str]:
    lines = []
    difference_s = told.clock.server_difference_s
    if difference_s is not None:
        side = "ahead of" if difference_s >= 0 else "behind"
        lines.append(f"This computer's clock was {abs(difference_s):.0f} s {side} the server's.")
    if abs(told.clock.jump_s) >= 2:
        lines.append(f"The clock was set by {told.clock.jump_s:+.0f} s during the capture.")
    return lines


def _custody(contents: CaseContents, items: Sequence[Numbered]) -> tuple[Custody, ...]:
    numbers = {one.item.item_id: str(one.number) for one in items}
    return tuple(
        Custody(
            row.at_utc,
            row.what,
            "" if row.item_id is None else numbers.get(row.item_id, "not here"),
            row.detail,
            str(row.log_index),
        )
        for row in contents.custody
    )
