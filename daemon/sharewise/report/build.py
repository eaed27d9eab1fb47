"""`REPORT.pdf`: PDF/A-3U, for a desk officer who reads one page and a court that reads all.

The same report makes the same bytes. Nothing in it can be clicked: an address may lead to what the
person fled from. The fonts come with the program; `fpdf2` and what it needs are imported here, so
import this module only when a report is made.
"""

from __future__ import annotations

import io
from datetime import datetime

from sharewise.report import words
from sharewise.report.content import Item, Report
from sharewise.report.pictures import NotShownError, Slice, Slices, slices_of
from sharewise.report.sheet import (
    ACCENT,
    ALARM,
    FOOT_MM,
    LINE,
    MARGIN_MM,
    PAPER_MM,
    QUIET,
    TEXT_MM,
    Sheet,
)
from sharewise.seals.problems import limits_of

CAPTION_MM = 8
PICTURE_MM = PAPER_MM[1] - FOOT_MM - 6 - MARGIN_MM - CAPTION_MM
"""The tallest picture: a page but for its caption."""
SMALLEST_FIRST_MM = 70
"""With less room a capture's first picture begins on a page of its own."""
NEXT_MM = 110
"""So much room a picture after the first one wants."""
MISSING_ON_FIRST_PAGE = 5


def build(report: Report) -> bytes:
    """Return the PDF."""
    sheet = Sheet(
        title=f"Evidence report {report.package}",
        foot=report.package,
        made_at=datetime.fromisoformat(report.made_at_utc),
        made_with=report.made_with,
    )
    sheet.add_page()
    _first_page(sheet, report)
    _timeline(sheet, report)
    for item in report.items:
        _item(sheet, item, is_blurred=report.are_pictures_blurred)
    _custody(sheet, report)
    _method(sheet)
    _checking(sheet, report)
    if sheet.lacks_characters:
        sheet.gap(3)
        sheet.paragraph(words.LACKING_CHARACTERS, size=8.5, colour=QUIET)
    return bytes(sheet.output())


def _first_page(sheet: Sheet, report: Report) -> None:
    sheet.font(8.5, is_bold=True, colour=ACCENT)
    sheet.text_at(MARGIN_MM, sheet.get_y(), TEXT_MM, 4.5, "EVIDENCE REPORT")
    sheet.gap(0.5)
    sheet.font(20, is_bold=True)
    sheet.text_at(MARGIN_MM, sheet.get_y(), TEXT_MM, 9.5, report.label or report.package)
    sheet.gap(0.5)
    made = f"{report.package}  ·  made {readable(report.made_at_utc)}  ·  {report.made_with}"
    sheet.paragraph(made, size=8.5, colour=QUIET, after_mm=4)
    _state(sheet, report)
    for line in report.summary:
        sheet.fact(line.label, line.text)
    sheet.rule(sheet.get_y())
    sheet.gap(3)
    if report.note:
        sheet.fact("The person's note", report.note)
    sheet.fact("Key fingerprint", in_groups(report.key), size=8.5)
    sheet.fact("To check it", "VERIFY.txt in the package has the commands. Nothing else is needed.")
    sheet.rule(sheet.get_y())


def _state(sheet: Sheet, report: Report) -> None:
    """Say first of all what is missing."""
    incomplete = report.incomplete
    if incomplete:
        count = f"{len(incomplete)} of {len(report.items)}"
        what = "captures lacks a part" if len(incomplete) == 1 else "captures lack a part"
        what = "capture lacks a part" if len(report.items) == 1 else what
        lines = [
            f"Item {item.number}: {line.label}: {line.text}"
            for item in incomplete
            for line in item.missing[:2]
        ]
        shown = lines[:MISSING_ON_FIRST_PAGE]
        if len(lines) > len(shown) or any(len(item.missing) > 2 for item in incomplete):
            shown.append("All that is missing stands with each item.")
        sheet.box(f"INCOMPLETE: {count} {what}", shown, is_alarm=True)
    if report.is_text_only:
        sheet.box("Text and addresses only", [words.TEXT_ONLY], is_alarm=False)
    elif report.are_pictures_blurred and any(item.pictures for item in report.items):
        sheet.box("Pictures are blurred", [words.BLURRED], is_alarm=False)


def _timeline(sheet: Sheet, report: Report) -> None:
    sheet.need(40 + 8 * min(len(report.timeline), 20))
    sheet.heading("Timeline")
    if not report.timeline:
        sheet.paragraph("Nothing is recorded.", colour=QUIET)
        return
    table = sheet.columns(("When", "What", "Details"), (44, 44, TEXT_MM - 88))
    for moment in sorted(report.timeline, key=lambda one: one.sort_key):
        table.row(moment.at, moment.what, moment.detail)


def _item(sheet: Sheet, item: Item, *, is_blurred: bool) -> None:
    sheet.add_page()
    sheet.font(8.5, is_bold=True, colour=ACCENT)
    sheet.text_at(MARGIN_MM, sheet.get_y(), TEXT_MM, 4.5, f"ITEM {item.number}")
    sheet.heading(item.title or "(no title)", size=14, before_mm=0.5)
    if not item.is_complete:
        lines = [f"{line.label}: {line.text}" for line in item.missing[:12]]
        sheet.box("INCOMPLETE: this capture lacks a part", lines, is_alarm=True)
    sheet.fact("Address", item.address or "not known")
    sheet.fact("Captured", item.captured_at)
    for fact in item.facts:
        sheet.fact(fact.label, fact.text, size=8.5)
    if item.is_complete:
        for line in item.missing:
            sheet.fact("Not recorded", f"{line.label}: {line.text}", size=8.5)
    if item.note:
        sheet.fact("The person's note", item.note)
    sheet.gap(2)
    _files(sheet, item)
    _pictures(sheet, item, is_blurred=is_blurred)


def _files(sheet: Sheet, item: Item) -> None:
    table = sheet.columns(("File", "Bytes", "SHA-256"), (44, 22, TEXT_MM - 66), size=7.5)
    for file in item.files:
        table.row(file.name, f"{file.size_bytes:,}", file.sha256)
    sheet.gap(4)


def _pictures(sheet: Sheet, item: Item, *, is_blurred: bool) -> None:
    if not item.pictures and item.no_picture_why:
        sheet.paragraph(item.no_picture_why, size=8.5, colour=QUIET)
    for number, picture in enumerate(item.pictures):
        if sheet.left_mm < (SMALLEST_FIRST_MM if number == 0 else NEXT_MM):
            sheet.add_page()
        try:
            with picture.open() as file:
                cut = slices_of(
                    file,
                    tallest=PICTURE_MM / TEXT_MM,
                    first_tallest=(sheet.left_mm - CAPTION_MM) / TEXT_MM,
                    is_blurred=is_blurred,
                )
        except NotShownError as error:
            sheet.paragraph(f"{picture.name} is not shown: {error}.", colour=ALARM)
            continue
        for part in cut.slices:
            _slice(sheet, picture.name, cut, part, is_blurred=is_blurred)
        if cut.is_cut_off:
            more = "The picture goes on; the whole of it is in the package."
            sheet.paragraph(more, size=8.5, colour=QUIET)


def _slice(sheet: Sheet, name: str, cut: Slices, part: Slice, *, is_blurred: bool) -> None:
    height_mm = TEXT_MM * part.height / part.width
    if part.number > 1:
        sheet.add_page()
    caption = f"{name}, {cut.width} × {cut.height} pixels"
    if is_blurred:
        caption += ", blurred"
    elif part.count > 1:
        caption += f", part {part.number} of {part.count}"
    sheet.font(7.5, colour=QUIET)
    y = sheet.text_at(MARGIN_MM, sheet.get_y(), TEXT_MM, 4, caption) + 1
    sheet.image(io.BytesIO(part.jpeg), MARGIN_MM, y, TEXT_MM, height_mm)
    sheet.set_draw_color(*LINE)
    sheet.rect(MARGIN_MM, y, TEXT_MM, height_mm)
    sheet.set_y(y + height_mm + 2.5)


def _custody(sheet: Sheet, report: Report) -> None:
    sheet.add_page()
    sheet.heading("Custody", before_mm=0)
    sheet.paragraph("What happened to this case, oldest first, as the custody log has it.")
    table = sheet.columns(
        ("UTC", "Event", "Item", "Details", "Log entry"), (40, 42, 18, TEXT_MM - 118, 18), size=8
    )
    for row in report.custody:
        table.row(readable(row.at_utc), row.what, row.item, row.detail, row.log_index)
    sheet.heading("Time-stamps by others")
    if report.stamps:
        for stamp in report.stamps:
            sheet.fact(stamp.label, stamp.text)
    else:
        sheet.paragraph("There are none: every time is that of the person's own computer.")


def _method(sheet: Sheet) -> None:
    sheet.heading("How this was made")
    for text in words.METHOD:
        sheet.paragraph(text)
    sheet.heading("Certification")
    sheet.paragraph(words.CERTIFICATION[0], colour=QUIET, size=8.5)
    sheet.paragraph(words.CERTIFICATION[1])
    for label in words.SIGNATURE_LINES:
        sheet.need(12)
        sheet.gap(8)
        y = sheet.get_y()
        sheet.font(8, colour=QUIET)
        sheet.text_at(MARGIN_MM, y - 4, 30, 4, label)
        sheet.line(MARGIN_MM + 32, y, MARGIN_MM + 120, y)
        sheet.set_y(y)


def _checking(sheet: Sheet, report: Report) -> None:
    sheet.heading("How to check it")
    sheet.paragraph(words.CHECKING[0])
    sheet.paragraph(words.CHECKING[1], after_mm=1)
    sheet.paragraph(in_groups(report.key), is_bold=True)
    sheet.heading("What is proved, and what is not")
    for limit in (*words.PROVED, *limits_of(is_stamped=bool(report.stamps))):
        sheet.paragraph(limit, after_mm=1.4)


def readable(at_utc: str) -> str:
    """Return "2026-03-05T10:00:00.000Z" as people read it; another text as it is."""
    try:
        at = datetime.fromisoformat(at_utc)
    except ValueError:
        return at_utc
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def in_groups(digits: str) -> str:
    """Return hexadecimal digits in fours, so that two people can compare them aloud."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
