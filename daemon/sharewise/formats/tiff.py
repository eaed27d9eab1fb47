"""TIFF, BigTIFF, DNG, and the raw files of cameras that are built like them.

Nothing moves: directories are written anew in their place without what is metadata, and every
byte that neither they nor the pixels need becomes zero. Source: TIFF 6.0; BigTIFF; DNG 1.7.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sharewise.formats.contract import (
    AlreadyClean,
    Cleaning,
    Depth,
    Examined,
    Finding,
    Format,
    Kind,
    Plan,
    Refused,
    Report,
    Source,
    Span,
    Steps,
    Wish,
)
from sharewise.formats.metadata import icc
from sharewise.formats.metadata.words import amount, merged
from sharewise.formats.plans import Cut, assemble
from sharewise.formats.reading import Reader
from sharewise.formats.tiff_inside import jpegs, packbits, tags
from sharewise.formats.tiff_inside.account import (
    Account,
    Leftovers,
    leftovers,
    share_bytes,
    zeroed,
)
from sharewise.formats.tiff_inside.develop import choose
from sharewise.formats.tiff_inside.findings import describe, read_values
from sharewise.formats.tiff_inside.keep import Kept, rewritten, sort_entries, values_of, written
from sharewise.formats.tiff_inside.pictures import (
    PIECES_LIMIT,
    pieces_of,
    pixels_of,
    unpacked_sizes,
)
from sharewise.formats.tiff_inside.raws import (
    Family,
    family_of,
    needed_findings,
    raw_findings,
)
from sharewise.formats.tiff_inside.strips import hides_bytes
from sharewise.formats.tiff_inside.walk import (
    Directory,
    Entry,
    Scheme,
    is_tiff,
    read_scheme,
    read_subs,
    walk_pages,
)
from sharewise.formats.trailing import read_trailer

NAME = "TIFF"
ZEROED_BYTES = 256 * 1024 * 1024
"""The most that is overwritten with zeros."""

_NEEDS_NOTES = (
    "This raw file needs the camera's name and its maker's notes to be shown, and they give away "
    "the camera, so it was not cleaned. Share a JPEG made from it instead."
)
_NEEDS_NAME = (
    "This raw file cannot be shown without the camera's name, which gives away the camera, so it "
    "was not cleaned. Share a JPEG made from it instead, or let the name stay (on the command "
    "line: --keep device)."
)
_NEEDS_SERIAL = (
    "This raw file cannot be shown in its colours without the camera's name and serial number, so "
    "it was not cleaned. Share a JPEG made from it instead, or let both stay (on the command line: "
    "--keep device,serial)."
)
_UNUSUAL = (
    "The picture in this file is described in an unusual way, so it cannot be shown that cleaning "
    "leaves it as it is. Share a JPEG or PNG made from it instead."
)
_SHARED = (
    "In this file private details and the picture lie in the same place, so they cannot be taken "
    "apart. Share a JPEG or PNG made from it instead."
)
_TOO_MUCH = (
    "More of this file is hidden data than can be cleaned in place. Share a JPEG or PNG made from "
    "it instead."
)
_TOO_MANY = (
    "The picture in this file is stored in more pieces than can be looked through. Share a JPEG or "
    "PNG made from it instead."
)
_HIDDEN = (
    "In the data of the picture stand bytes that no program draws, so it was not cleaned. Share a "
    "JPEG or PNG made from it instead."
)
_KEPT_SUBS = frozenset({0, 4, 16})
"""Kinds of pictures in a DNG that are needed: the picture, its mask, its enhanced version."""


@dataclass(slots=True)
class _Survey:
    """What one look finds, as it grows."""

    scheme: Scheme
    depth: Depth
    format: str = NAME
    findings: list[Finding] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    gone: list[Directory] = field(default_factory=list)
    account: Account = field(default_factory=lambda: Account(0))
    edits: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    left: Leftovers | None = None
    words: list[str] = field(default_factory=list)
    refusal: str | None = None
    needs: frozenset[Kind] = frozenset()
    """What stays although it gives somebody away: only where a wish keeps it."""
    header_bytes: int = 0


def inspect(source: Source, depth: Depth) -> Steps[Report]:
    """Say what the file gives away."""
    survey = yield from _look(source, depth)
    return _report(survey)


def examine(source: Source, wish: Wish) -> Steps[Examined]:
    """Say what the file gives away and how to clean it.

    Of what a wish names nothing is kept but what a raw file cannot be shown without.
    """
    survey = yield from _look(source, Depth.THOROUGH)
    report = _report(survey)
    return Examined(report, _cleaning(source, survey, report, wish))


def _report(survey: _Survey) -> Report:
    words = tuple(dict.fromkeys(survey.words))
    return Report(survey.format, survey.depth, merged(survey.findings), words)


def _cleaning(source: Source, survey: _Survey, report: Report, wish: Wish) -> Cleaning:
    left = survey.left
    if survey.refusal is not None or left is None:
        return Refused(survey.refusal or _UNUSUAL)
    if not survey.needs <= wish.keep:
        return Refused(_NEEDS_SERIAL if Kind.SERIAL in survey.needs else _NEEDS_NAME)
    kept = (*report.kept, *sorted(kind.value for kind in survey.needs))
    waste = [*left.removed, *left.strays]
    inside = [span for span in waste if span.offset < left.end]
    if not waste and not survey.edits:
        return AlreadyClean(kept)
    if sum(span.length for span in inside) > ZEROED_BYTES:
        return Refused(_TOO_MUCH)
    cuts = [Cut(offset, len(new), new) for offset, _, new in survey.edits]
    cuts += [cut for span in inside for cut in zeroed(span)]
    if len(inside) < len(waste):
        cuts.append(Cut(left.end, source.size_bytes - left.end))
    found = dict.fromkeys(finding.kind for finding in report.findings)
    removed = tuple(kind for kind in found if kind not in survey.needs)
    return Plan(assemble(0, source.size_bytes, cuts), removed, kept)


def _look(source: Source, depth: Depth) -> Steps[_Survey]:
    reader = Reader(source)
    if source.size_bytes <= len(source.head):
        depth = Depth.THOROUGH
    scheme, first = yield from read_scheme(reader, NAME)
    survey = _Survey(scheme, depth, account=Account(source.size_bytes))
    pages = yield from walk_pages(reader, scheme, first, NAME)
    subs: dict[int, list[Directory]] = {}
    seen = {page.offset for page in pages}
    for page in pages:
        if page.find(tags.SUB_DIRECTORIES) is not None:
            found = yield from read_subs(reader, scheme, page, tags.SUB_DIRECTORIES, NAME)
            subs[page.offset] = [one for one in found if one.offset not in seen]
            seen.update(one.offset for one in found)
    inner = [one for found in subs.values() for one in found]
    family = yield from family_of(reader, scheme, pages, inner, NAME)
    survey.format = family.value
    if family not in (Family.TIFF, Family.DNG):
        yield from _look_into_raw(reader, survey, pages, subs, family)
        return survey
    yield from _choose(reader, survey, pages, subs, is_dng=family is Family.DNG)
    yield from _say(reader, survey)
    if depth is Depth.THOROUGH:
        yield from _account(reader, survey)
    return survey


def _look_into_raw(
    reader: Reader,
    survey: _Survey,
    pages: Sequence[Directory],
    subs: dict[int, list[Directory]],
    family: Family,
) -> Steps[None]:
    """Say what a raw file gives away, and what can go so that it is developed as before."""
    chosen = yield from choose(reader, survey.scheme, pages, subs, family)
    every = [*pages, *(one for found in subs.values() for one in found)]
    if chosen is None:
        survey.refusal = _NEEDS_NOTES
        survey.findings += yield from raw_findings(reader, survey.scheme, every, NAME)
        return
    survey.kept, survey.gone = chosen.kept, chosen.gone
    survey.needs, survey.header_bytes = frozenset(chosen.needs), chosen.header_bytes
    yield from _say(reader, survey)
    del survey.findings[:]
    _name_what_stays(survey)
    if survey.depth is Depth.THOROUGH:
        yield from _account(reader, survey)
    if survey.gone or any(one.dropped for one in survey.kept) or survey.refusal is not None:
        survey.findings[:0] = yield from raw_findings(reader, survey.scheme, every, NAME)
    else:
        survey.findings[:0] = yield from needed_findings(
            reader, survey.scheme, pages[0], chosen.needs, NAME
        )


def _choose(
    reader: Reader,
    survey: _Survey,
    pages: Sequence[Directory],
    subs: dict[int, list[Directory]],
    *,
    is_dng: bool,
) -> Steps[None]:
    """Decide which directories stay, and of each what stays."""
    scheme = survey.scheme
    is_thorough = survey.depth is Depth.THOROUGH
    rules = {**tags.BASELINE, **tags.RENDERING} if is_dng else tags.BASELINE
    of_subs = {tag: rule for tag, rule in rules.items() if tag != tags.SUB_DIRECTORIES}
    previous: Kept | None = None
    for index, page in enumerate(pages):
        if index and not _is_page(scheme, page):
            survey.gone += [page, *subs.get(page.offset, ())]
            continue
        kept = yield from sort_entries(reader, scheme, page, rules, NAME, is_thorough=is_thorough)
        if previous is not None:
            previous.following = page.offset
        previous = kept
        survey.kept.append(kept)
        needed = [
            sub
            for sub in subs.get(page.offset, ())
            if is_dng and sub.number(scheme, tags.SUBFILE, 0) in _KEPT_SUBS
        ]
        survey.gone += [sub for sub in subs.get(page.offset, ()) if sub not in needed]
        kept.keep_subs(needed)
        for sub in needed:
            survey.kept.append(
                (
                    yield from sort_entries(
                        reader, scheme, sub, of_subs, NAME, is_thorough=is_thorough
                    )
                )
            )
    _name_what_stays(survey)


def _is_page(scheme: Scheme, page: Directory) -> bool:
    """Return whether a directory behind the first is a page, not a small copy of one."""
    return not _is_reduced(scheme, page) and pieces_of(page) > 0


def _is_reduced(scheme: Scheme, directory: Directory) -> bool:
    kind = directory.number(scheme, tags.SUBFILE, 0)
    return bool(kind & 1) or directory.number(scheme, tags.OLD_SUBFILE, 1) == 2


def _name_what_stays(survey: _Survey) -> None:
    for one in survey.kept:
        if 2 <= one.directory.number(survey.scheme, tags.ORIENTATION, 1) <= 8:
            survey.words.append("orientation")
    for one in survey.kept:
        if one.directory.number(survey.scheme, tags.SUBFILE, 0) & 1:
            survey.words.append("preview")
        if one.profile is not None:
            survey.words.append(one.profile)
        for at, looked in one.profiles:
            place = (Span(at, len(looked.neutral)),)
            what = icc.note_of(looked)
            survey.findings.append(Finding(Kind.OTHER, f"{NAME}/ICC", what, spans=place))
        if one.broken is not None:
            survey.refusal = _UNUSUAL


def _say(reader: Reader, survey: _Survey) -> Steps[None]:
    """Add the findings of what goes, and note where it lies."""
    for one in survey.kept:
        if one.scheme is None:  # a maker's notes go as a whole, but for what stays of them
            yield from _say_entries(reader, survey, one.directory, one.dropped)
    for directory in survey.gone:
        survey.findings.append(_small_picture(survey.scheme, directory))
        survey.account.drop(directory.span)
        entries = [one for one in directory.entries if one.tag not in tags.BASELINE]
        yield from _say_entries(reader, survey, directory, entries)
        survey.account.drop(*(one.span(reader.size) for one in directory.entries))


def _say_entries(
    reader: Reader, survey: _Survey, directory: Directory, entries: Sequence[Entry]
) -> Steps[None]:
    if not entries:
        return
    others: dict[str, list[Directory]] = {}
    for tag, name in ((tags.EXIF, "Exif"), (tags.GPS, "GPS")):
        if any(entry.tag == tag for entry in entries):
            others[name] = yield from read_subs(reader, survey.scheme, directory, tag, NAME)
    for exif in others.get("Exif", ()):
        found = yield from read_subs(reader, survey.scheme, exif, tags.INTEROP, NAME)
        for inner in found:
            survey.account.drop(inner.span, *(one.span(reader.size) for one in inner.entries))
    values = {}
    for name, found in others.items():
        inside = [entry for one in found for entry in one.entries]
        values[name] = yield from read_values(reader, inside, NAME)
        survey.account.drop(*(one.span for one in found))
        survey.account.drop(*(entry.span(reader.size) for entry in inside))
    survey.account.drop(*(entry.span(reader.size) for entry in entries))
    page = yield from read_values(
        reader, [one for one in entries if one.tag != tags.SUB_DIRECTORIES], NAME
    )
    survey.findings += describe(survey.scheme, page, values, _where(directory)).findings


def _where(directory: Directory) -> str:
    """Return the place of a directory in words of the structure."""
    if directory.name == "IFD0":
        return NAME
    if "/" in directory.name or not directory.name.startswith("IFD"):
        return f"{NAME}/{directory.name}"
    return f"{NAME}/page {int(directory.name[3:]) + 1}"


def _small_picture(scheme: Scheme, directory: Directory) -> Finding:
    width = directory.number(scheme, tags.WIDTH, 0)
    height = directory.number(scheme, tags.HEIGHT, 0)
    size = f" ({width} × {height})" if width and height else ""
    where = f"{NAME}/{directory.name}"
    if _is_reduced(scheme, directory) or directory.find(tags.JPEG_AT) is not None:
        what = f"Holds a small picture that may show what was cut off or changed{size}"
        return Finding(Kind.THUMBNAIL, where, what, spans=(directory.span,))
    if pieces_of(directory):
        what = f"Holds another picture that is not shown{size}"
        return Finding(Kind.HIDDEN_MEDIA, where, what, spans=(directory.span,))
    what = "Holds a page that is no picture"
    return Finding(Kind.OTHER, where, what, spans=(directory.span,))


def _account(reader: Reader, survey: _Survey) -> Steps[None]:
    """Account for every byte: what stays, what goes, and what belongs to nothing."""
    scheme, account = survey.scheme, survey.account
    every = [*(one.directory for one in survey.kept), *survey.gone]
    if sum(pieces_of(one) for one in every) > PIECES_LIMIT:
        survey.refusal = _UNUSUAL
        return
    streams = 0
    account.header.append(Span(0, max(scheme.header_bytes, survey.header_bytes)))
    for one in survey.kept:
        data = written(scheme, one)
        account.header += [Span(one.directory.offset, len(data)), *values_of(scheme, one)]
        account.removed.append(one.directory.span)
        account.removed += [
            span for entry in one.entries if (span := entry.span(reader.size)) is not None
        ]
        pixels = yield from pixels_of(reader, scheme, one.directory, NAME)
        if pixels is None:
            survey.refusal = _UNUSUAL
            return
        if (yield from hides_bytes(reader, scheme, one.directory, pixels, NAME)):
            survey.refusal = _HIDDEN
            what = "Bytes are hidden in the data of the picture"
            survey.findings.append(Finding(Kind.OTHER, f"{NAME}/{one.directory.name}", what))
            return
        if one.directory.number(scheme, tags.COMPRESSION, 1) == packbits.COMPRESSION:
            sizes = yield from unpacked_sizes(reader, scheme, one.directory, len(pixels), NAME)
            pixels = yield from packbits.shortened(reader, pixels, sizes, NAME)
            if pixels is None:
                survey.refusal = _HIDDEN
                return
        pixels += one.pixels
        if jpegs.may_be_in(scheme, one.directory):
            streams += len(pixels)
            if streams > jpegs.STREAMS_LIMIT:
                survey.refusal = _TOO_MANY
                return
            found = yield from jpegs.look_into(reader, pixels, NAME)
            survey.findings += yield from jpegs.read_notes(reader, found.notes, NAME)
            account.removed += found.notes
            pixels = found.pixels
        account.picture += pixels
    for directory in survey.gone:
        account.removed += (yield from pixels_of(reader, scheme, directory, NAME)) or ()
    survey.edits = yield from rewritten(reader, scheme, survey.kept, NAME)
    if share_bytes(account, [Span(offset, len(new)) for offset, _, new in survey.edits]):
        survey.refusal = _SHARED
        return
    survey.left = yield from leftovers(reader, account)
    yield from _say_strays(reader, survey, survey.left)


def _say_strays(reader: Reader, survey: _Survey, left: Leftovers) -> Steps[None]:
    behind = [span for span in left.strays if span.offset >= left.end]
    if behind:
        start = behind[0].offset
        survey.findings += yield from read_trailer(reader, start, reader.size, NAME)
    between = tuple(span for span in left.strays if span.offset < left.end)
    if between:
        size = amount(sum(span.length for span in between))
        what = f"Has bytes between its parts that belong to nothing ({size})"
        survey.findings.append(Finding(Kind.OTHER, f"{NAME}/between", what, spans=between[:8]))
    if (survey.edits or left.removed) and not survey.findings:
        what = "Has stray bytes in its directories"
        places = tuple(Span(offset, len(new)) for offset, _, new in survey.edits)
        survey.findings.append(Finding(Kind.OTHER, f"{NAME}/IFD0", what, spans=places[:8]))


FORMAT = Format(
    name=NAME,
    media_types=("image/tiff", "image/x-adobe-dng"),
    extensions=(
        ".tif",
        ".tiff",
        ".btf",
        ".tf8",
        ".dng",
        ".cr2",
        ".nef",
        ".arw",
        ".orf",
        ".rw2",
        ".pef",
    ),
    recognises=is_tiff,
    inspect=inspect,
    examine=examine,
)
