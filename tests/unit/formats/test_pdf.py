"""PDF: what says more than is shown goes, pages look and read the same, or it is refused."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from sharewise.base.errors import Malformed
from sharewise.formats import engine
from sharewise.formats.contract import AlreadyClean, Depth, Insert, Keep, Kind, Plan, Refused, Wish
from sharewise.formats.pdf import FILE_BYTES, inspect
from sharewise.formats.pdf import examine as examine_pdf
from sharewise.formats.pdf_inside import document
from sharewise.formats.pdf_inside.steps import steps_to
from support.formats import Samples, clean, examine, kinds
from support.images import jpeg
from support.pdfs import everything_in, pdf, shown
from support.profiles import own

TOKEN = b"SECRET-PLACE"
SECRET = TOKEN.decode()
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>'
    + TOKEN
    + b"</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def dirty_jpeg() -> bytes:
    data = jpeg()
    return data[:2] + b"\xff\xfe" + (2 + len(TOKEN)).to_bytes(2, "big") + TOKEN + data[2:]


def plain() -> bytes:
    """Return a document that says nothing, as every document is once it is cleaned."""
    return clean(pdf())


def with_info(made: pikepdf.Pdf) -> None:
    made.docinfo["/Author"] = SECRET
    made.docinfo["/CreationDate"] = "D:20250503140200+02'00'"


def with_xmp(made: pikepdf.Pdf) -> None:
    made.Root.Metadata = made.make_stream(XMP, Type=Name.Metadata, Subtype=Name.XML)


def with_attachment(made: pikepdf.Pdf) -> None:
    made.attachments[SECRET + ".txt"] = TOKEN * 4


def earlier_version() -> bytes:
    """Return a document whose Info was replaced in a later revision."""
    data = pdf(with_info)
    with pikepdf.open(io.BytesIO(data)) as opened:
        info = opened.trailer.Info.objgen[0]
        root = opened.Root.objgen[0]
        size = int(opened.trailer.Size)
    start = data.rindex(b"startxref")
    before = int(data[start:].split()[1])
    update = len(data)
    body = f"{info} 0 obj\n<<>>\nendobj\n".encode()
    table = (
        f"xref\n{info} 1\n{update:010} 00000 n \ntrailer\n<</Size {size}/Root {root} 0 R"
        f"/Info {info} 0 R/Prev {before}>>\nstartxref\n{update + len(body)}\n%%EOF\n"
    ).encode()
    return data + body + table


def with_profile(made: pikepdf.Pdf) -> None:
    colours = made.make_stream(own(TOKEN), N=3)
    picture = made.pages[0].obj["/Resources"]["/XObject"]["/I"]
    picture["/ColorSpace"] = Array([Name.ICCBased, colours])


def samples() -> Samples:
    return Samples(
        clean={"plain": plain()},
        dirty={
            "info": pdf(with_info),
            "xmp": pdf(with_xmp),
            "picture": pdf(picture=dirty_jpeg()),
            "profile": pdf(with_profile),
            "attachment": pdf(with_attachment),
            "earlier version": earlier_version(),
            "trailing": plain() + TOKEN,
        },
        secret=TOKEN,
        pixels=shown,
    )


def cleaned(data: bytes, wish: Wish | None = None) -> bytes:
    result = clean(data, wish or Wish())
    assert shown(result) == shown(data)
    return result


# --- what goes ----------------------------------------------------------------------------------


def mark(**more: object) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[5, 5, 20, 20], **more)
        made.pages[0].obj.Annots = Array([made.make_indirect(note)])

    return change


def on_page(key: str, value: object) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        made.pages[0].obj[key] = value

    return change


def on_root(key: str, value: object) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        made.Root[key] = value

    return change


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (with_info, Kind.PERSON),
        (with_info, Kind.TIME),
        (with_xmp, Kind.PERSON),
        (with_attachment, Kind.HIDDEN_MEDIA),
        (mark(T=String(SECRET)), Kind.PERSON),
        (mark(M=String("D:20250503140200Z"), NM=String(SECRET)), Kind.TIME),
        (on_page("/PieceInfo", Dictionary(A=Dictionary(Private=String(SECRET)))), Kind.HISTORY),
        (on_page("/LastModified", String("D:2025 " + SECRET)), Kind.TIME),
        (on_page("/Thumb", Array([String(SECRET)])), Kind.THUMBNAIL),
        (on_page("/VP", Array([Dictionary(Name=String(SECRET))])), Kind.LOCATION),
        (on_page("/Own", String(SECRET)), Kind.OTHER),
        (on_root("/Own", Dictionary(Own=String(SECRET))), Kind.OTHER),
        (on_root("/OCProperties", Dictionary(CreatorInfo=String(SECRET))), Kind.SOFTWARE),
        (
            on_root("/OpenAction", Dictionary(S=Name.Launch, F=String(f"/home/{SECRET}/a.pdf"))),
            Kind.IDENTIFIER,
        ),
        (on_page("/Group", Dictionary({"/PTEX.FileName": String(SECRET)})), Kind.IDENTIFIER),
    ],
)
def test_what_says_more_than_is_shown_goes(
    change: Callable[[pikepdf.Pdf], None], kind: Kind
) -> None:
    data = pdf(change)
    assert kind in kinds(data)
    result = cleaned(data)
    assert TOKEN not in everything_in(result)
    assert kind not in kinds(result)


def test_picture_inside_loses_its_notes_and_no_pixel() -> None:
    result = cleaned(pdf(picture=dirty_jpeg()))
    assert TOKEN not in result
    assert jpeg() in result


def test_numbers_that_tie_copies_together_are_the_same_in_every_file() -> None:
    assert Kind.IDENTIFIER in kinds(pdf())
    with pikepdf.open(io.BytesIO(plain())) as opened:
        assert bytes(opened.trailer.ID[0]).hex().startswith("31415926")


def test_earlier_versions_are_gone() -> None:
    data = earlier_version()
    assert Kind.HISTORY in kinds(data)
    assert TOKEN not in cleaned(data)


def test_unused_objects_are_leftovers() -> None:
    data = plain()
    start = data.rindex(b"xref\n", 0, data.rindex(b"startxref"))
    hidden = data[:start] + b"% " + TOKEN + b"\n" + data[start:]
    hidden = hidden.replace(b"startxref\n%d" % start, b"startxref\n%d" % (start + len(TOKEN) + 3))
    assert kinds(hidden) == {Kind.OTHER}
    assert clean(hidden) == data


def test_what_stands_before_a_document_goes() -> None:
    assert clean(b"\n\n" + plain()) == plain()


def test_wish_keeps_author_and_time_and_nothing_else() -> None:
    wish = Wish(frozenset({Kind.PERSON, Kind.TIME}))
    result = cleaned(pdf(with_info), wish)
    with pikepdf.open(io.BytesIO(result)) as opened:
        info = {key: str(value) for key, value in opened.docinfo.items()}
    assert info == {"/Author": SECRET, "/CreationDate": "D:20250503140200+02'00'"}
    examined = examine(result, wish)
    assert isinstance(examined.cleaning, AlreadyClean)
    assert examined.cleaning.kept == ("time", "person")


def test_cleaning_is_the_same_every_time() -> None:
    data = pdf(with_info, picture=dirty_jpeg())
    assert clean(data) == clean(data)


def test_picture_that_did_not_change_is_kept_from_the_original() -> None:
    plan = examine(pdf(with_info)).cleaning
    assert isinstance(plan, Plan)
    assert max(step.length for step in plan.steps if isinstance(step, Keep)) >= len(jpeg())


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        mark(V=Dictionary(Type=Name.Sig, ByteRange=[0, 1, 2, 3], Contents=String("x"))),
        on_root("/Collection", Dictionary()),
        on_root("/AcroForm", Dictionary(XFA=String("x"))),
        lambda made: made.pages[0].obj.update(
            {"/Annots": Array([Dictionary(Subtype=Name.RichMedia, Rect=[0, 0, 9, 9])])}
        ),
    ],
)
def test_what_cannot_be_cleaned_is_refused_with_a_reason(
    change: Callable[[pikepdf.Pdf], None],
) -> None:
    data = pdf(change)
    cleaning = examine(data).cleaning
    assert isinstance(cleaning, Refused)
    assert cleaning.reason.endswith(".")
    assert examine(data).report.findings


def test_locked_document_is_refused() -> None:
    for password in ("", "secret"):
        sink = io.BytesIO()
        with pikepdf.open(io.BytesIO(pdf())) as opened:
            opened.save(sink, encryption=pikepdf.Encryption(user=password, owner="owner"))
        assert isinstance(examine(sink.getvalue()).cleaning, Refused)


@pytest.mark.parametrize("picture", [b"BM" + bytes(90), jpeg()[:200]])
def test_document_with_a_picture_that_cannot_be_cleaned_is_refused(picture: bytes) -> None:
    assert isinstance(examine(pdf(picture=picture)).cleaning, Refused)


def test_jpeg_among_the_words_of_a_page_is_refused() -> None:
    def change(made: pikepdf.Pdf) -> None:
        inline = b"BI /W 48 /H 32 /CS /RGB /BPC 8 /F [/DCT] ID " + dirty_jpeg() + b" EI"
        made.pages[0].obj.Contents = made.make_stream(b"q 40 0 0 40 9 9 cm " + inline + b" Q")

    assert isinstance(examine(pdf(change)).cleaning, Refused)


def test_document_over_the_bound_is_refused_unread() -> None:
    source = engine.source_of(plain())
    huge = type(source)(FILE_BYTES + 1, source.head, b"%%EOF")
    with pytest.raises(StopIteration) as ended:
        next(examine_pdf(huge, Wish()))
    assert isinstance(ended.value.value.cleaning, Refused)


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.7\n%%EOF",
        plain()[:-40],
        b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000 + b"\ntrailer<</Root 1 0 R>>\n%%EOF",
        b"%PDF-1.7\nxref\n0 1000000000\ntrailer<</Size 1000000000>>\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\nxref\n0 0\ntrailer<</Size 1/Prev 9>>\nstartxref\n9\n%%EOF",
    ],
)
def test_damaged_document_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        examine(data)


def bomb(inflated: int) -> bytes:
    """Return a document whose objects lie in a stream that inflates to much more than it is."""
    stream = zlib.compressobj(1)
    packed = b"".join(stream.compress(bytes(1 << 20)) for _ in range(inflated >> 20))
    packed += stream.flush()
    head = b"%PDF-1.5\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length "
    body = head + b"%d>>stream\n" % len(packed) + packed + b"\nendstream\nendobj\n"
    rows = b"\0\0\0\0\0\0" + b"\1\0\0\0\x09\0" + b"\2\0\0\0\1\0"
    at = len(body)
    rows += b"\1" + at.to_bytes(4, "big") + b"\0"
    return (
        body
        + b"3 0 obj\n<</Type/XRef/Size 4/Root 2 0 R/W[1 4 1]/Length %d>>stream\n" % len(rows)
        + rows
        + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % at
    )


def test_bomb_is_inflated_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bomb(document.INFLATED_BYTES + (8 << 20))
    assert len(data) < 2 << 20
    with pytest.raises(Malformed):
        examine(data)


def test_quick_look_writes_nothing_anew() -> None:
    data = pdf(with_info)
    report = engine.run(inspect(engine.source_of(data), Depth.QUICK), data)
    assert Kind.PERSON in {finding.kind for finding in report.findings}


# --- parts --------------------------------------------------------------------------------------


@given(
    before=st.lists(st.binary(max_size=900), max_size=5),
    after=st.lists(st.integers(0, 6), max_size=6),
)
def test_steps_give_what_was_written(before: list[bytes], after: list[int]) -> None:
    original = b"".join(b"x stream\n" + one + b"\nendstream " for one in before)
    pieces = [*before, b"new" * 400]
    written = b"".join(
        b"y %d stream\n" % n + pieces[n % len(pieces)] + b"\nendstream" for n in after
    )
    steps = steps_to(original, written)
    assert engine.apply(Plan(steps, (), ()), original) == written
    assert all(step.data for step in steps if isinstance(step, Insert)) or not written


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(
        st.text("abcXYZ:._", min_size=1, max_size=9), st.text(min_size=1, max_size=30), max_size=5
    )
)
def test_no_note_of_any_name_survives(notes: dict[str, str]) -> None:
    def change(made: pikepdf.Pdf) -> None:
        for key, value in notes.items():
            made.docinfo[f"/{key}"] = String(value + SECRET)

    assert TOKEN not in everything_in(clean(pdf(change)))
