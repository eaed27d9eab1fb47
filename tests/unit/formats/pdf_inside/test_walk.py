"""Nothing that is not known to be needed stays in a PDF: a mark in every place, none is left."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from sharewise.formats.contract import AlreadyClean, Kind, Refused, Wish
from support.formats import clean, examine, is_clean, kinds
from support.pdfs import TEXT, everything_in, pdf, shown

MARK = re.compile(rb"MARK\d+")


class Marks:
    """Marks to hide in a document, each another one."""

    def __init__(self) -> None:
        self.count = 0

    def text(self) -> String:
        return String(self.word())

    def name(self) -> Name:
        return Name(f"/{self.word()}")

    def word(self) -> str:
        self.count += 1
        return f"MARK{self.count}"


def _pages(made: pikepdf.Pdf, m: Marks) -> None:
    page = made.pages[0].obj
    script = Dictionary(S=Name.JavaScript, JS=m.text())
    page.update(
        {
            "/AA": Dictionary(O=script),
            "/B": Array([Dictionary(T=m.text())]),
            "/ID": m.text(),
            "/PZ": m.text(),
            "/PresSteps": Dictionary(NA=script),
            "/SeparationInfo": Dictionary(DeviceColorant=m.name()),
            "/BoxColorInfo": Dictionary(CropBox=Dictionary(Own=m.text())),
            "/Group": Dictionary(S=Name.Transparency, Own=m.text()),
            "/Trans": Dictionary(S=m.name()),
            "/Tabs": m.name(),
        }
    )
    page.Resources[m.word().join(("/", ""))] = m.text()
    page.Resources.ProcSet = Array([Name.PDF, m.name()])
    hidden = made.make_stream(m.word().encode())
    page.Resources.XObject[m.word().join(("/", ""))] = made.make_stream(
        b"0 0 1 rg", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 1, 1], Name=m.name(),
        Ref=Dictionary(F=m.text()), Own=hidden, LastModified=m.text(), PieceInfo=m.text(),
    )  # fmt: skip
    page.Resources.Properties = Dictionary(
        {f"/{m.word()}": Dictionary(MCID=0, ActualText=m.text(), Own=m.name())}
    )
    picture = page.Resources.XObject.I
    picture.update(
        {
            "/Alternates": Array([Dictionary(Image=made.make_stream(m.word().encode()))]),
            "/ID": m.text(),
            "/OPI": Dictionary({"/2.0": Dictionary(F=m.text())}),
            "/Own": m.text(),
            "/Name": m.name(),
            "/Measure": Dictionary(R=m.text()),
            "/Intent": m.name(),
            "/AF": Array([Dictionary(F=m.text())]),
            "/Metadata": made.make_stream(b"<x/>" + m.word().encode()),
        }
    )
    font = page.Resources.Font.F
    font.Name = m.name()
    font.Own = m.text()
    other = Dictionary(Type=Name.Font, Subtype=Name.Type0, BaseFont=Name.Helvetica)
    other.DescendantFonts = Array(
        [
            Dictionary(
                Type=Name.Font,
                Subtype=Name.CIDFontType2,
                CIDSystemInfo=Dictionary(Registry=m.text(), Ordering=m.text(), Supplement=0),
            )
        ]
    )
    other.Encoding = made.make_stream(
        b"begincmap endcmap", Type=Name.CMap, CMapName=m.name(), UseCMap=m.name()
    )
    other.ToUnicode = m.name()
    page.Resources.Font.F2 = other
    font.Encoding = Dictionary(BaseEncoding=Name.WinAnsiEncoding, Own=m.text())


def _notes(made: pikepdf.Pdf, m: Marks) -> None:
    page = made.pages[0].obj
    note = made.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Text, Rect=[5, 5, 6, 6], Contents=m.text(), T=m.text(),
            Subj=m.text(), RC=m.text(), NM=m.text(), M=m.text(), CreationDate=m.text(),
            IRT=Dictionary(Contents=m.text()), ExData=Dictionary(A=m.text()), F=30,
            State=m.text(), Name=m.name(),
        )
    )  # fmt: skip
    popup = Dictionary(Subtype=Name.Popup, Rect=[5, 5, 6, 6], Contents=m.text(), Parent=note)
    hidden = Dictionary(Subtype=Name.Square, Rect=[5, 5, 6, 6], F=2, DA=m.text())
    place = Array([made.pages[0].obj, Name.Fit])
    links = [
        Dictionary(Subtype=Name.Link, Rect=[1, 1, 2, 2], Border=[0, 0, 0], **more)
        for more in (
            {"Dest": m.text()},
            {"Dest": String("SECRET")},
            {"A": Dictionary(S=Name.GoTo, D=String("SECRET"), Next=Dictionary(JS=m.text()))},
            {"A": Dictionary(S=Name.Launch, F=m.text())},
            {"A": Dictionary(S=Name.SubmitForm, F=m.text())},
            {"A": Dictionary(S=Name.GoToR, F=m.text())},
            {"A": Dictionary(S=Name.URI, URI=String("https://seen.example/"), Own=m.text())},
            {"PA": Dictionary(S=Name.URI, URI=m.text()), "Contents": m.text()},
        )
    ]
    made.Root.Names = Dictionary(
        Dests=Dictionary(Names=Array([String("SECRET"), place, m.text(), place])),
        JavaScript=Dictionary(Names=Array([m.text(), Dictionary(S=Name.JavaScript, JS=m.text())])),
        Templates=Dictionary(Names=Array([m.text(), Dictionary(Own=m.text())])),
    )
    made.Root.Dests = Dictionary({f"/{m.word()}": place})
    page.Annots = Array([note, popup, hidden, *links])


def _form(made: pikepdf.Pdf, m: Marks) -> None:
    shown_field = made.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, Rect=[1, 1, 2, 2], V=String("seen"),
            T=m.text(), TU=m.text(), TM=m.text(), DV=m.text(), RV=m.text(), Own=m.text(),
            DA=String(f"/Helv 9 Tf % {m.word()}"), MK=Dictionary(RC=m.text(), AC=m.text()),
            AA=Dictionary(K=Dictionary(S=Name.JavaScript, JS=m.text())),
        )
    )  # fmt: skip
    made.pages[0].obj.Annots.append(shown_field)
    unseen = made.make_indirect(Dictionary(FT=Name.Tx, T=m.text(), V=m.text()))
    made.Root.AcroForm = Dictionary(
        Fields=Array([shown_field, unseen]), CO=Array([unseen]), Own=m.text()
    )


def _catalogue(made: pikepdf.Pdf, m: Marks) -> None:
    root = made.Root
    unseen = made.make_indirect(
        Dictionary(Type=Name.Page, Contents=made.make_stream(m.word().encode()))
    )
    layer = made.make_indirect(
        Dictionary(
            Type=Name.OCG, Name=m.text(), Intent=m.name(),
            Usage=Dictionary(
                CreatorInfo=Dictionary(Creator=m.text()),
                User=Dictionary(Type=Name.Ind, Name=m.text()),
                View=Dictionary(ViewState=Name.ON, Own=m.text()),
            ),
        )
    )  # fmt: skip
    item = made.make_indirect(Dictionary(Title=m.text(), Dest=Array([unseen, Name.Fit])))
    element = made.make_indirect(
        Dictionary(
            Type=Name.StructElem, S=m.name(), Alt=m.text(), ActualText=m.text(), E=m.text(),
            T=m.text(), ID=m.text(), Lang=m.text(), C=m.name(), Pg=unseen, K=0,
            A=Dictionary(O=Name.Layout, Own=m.text()), Phoneme=m.text(),
        )
    )  # fmt: skip
    root.update(
        {
            "/OpenAction": Dictionary(S=Name.JavaScript, JS=m.text()),
            "/AA": Dictionary(WC=Dictionary(S=Name.JavaScript, JS=m.text())),
            "/SpiderInfo": Dictionary(C=Array([m.text()])),
            "/URI": Dictionary(Base=m.text()),
            "/Threads": Array([Dictionary(I=Dictionary(Title=m.text()))]),
            "/Lang": m.text(),
            "/PageMode": m.name(),
            "/Extensions": Dictionary({f"/{m.word()}": Dictionary(BaseVersion=Name("/1.7"))}),
            "/Perms": Dictionary(Own=m.text()),
            "/Legal": Dictionary(Attestation=m.text()),
            "/PageLabels": Dictionary(Nums=Array([0, Dictionary(S=Name.D, P=m.text())])),
            "/ViewerPreferences": Dictionary(HideMenubar=True, Own=m.text()),
            "/OutputIntents": Array(
                [
                    Dictionary(S=Name.GTS_PDFA1, OutputConditionIdentifier=m.text()),
                    Dictionary(S=Name.GTS_PDFA1, Info=m.text(), RegistryName=m.text()),
                ]
            ),
            "/OCProperties": Dictionary(
                OCGs=Array([layer]),
                D=Dictionary(Name=m.text(), Creator=m.text(), Order=Array([m.text(), layer])),
                Configs=Array([Dictionary(Name=m.text())]),
            ),
            "/Outlines": Dictionary(First=item, Last=item),
            "/StructTreeRoot": Dictionary(
                Type=Name.StructTreeRoot,
                K=element,
                RoleMap=Dictionary({f"/{m.word()}": Name.P}),
                ClassMap=Dictionary({f"/{m.word()}": Dictionary(O=Name.Layout)}),
                IDTree=Dictionary(Names=Array([m.text(), element])),
            ),
        }
    )


def marked() -> tuple[bytes, int]:
    """Return a document with a mark in every place that is not needed, and how many there are."""
    marks = Marks()

    def change(made: pikepdf.Pdf) -> None:
        for part in (_pages, _notes, _form, _catalogue):
            part(made, marks)
        words = (
            f"% {marks.word()}\n/{marks.word()} <</MCID 1/ActualText ({marks.word()})>> BDC EMC\n"
        )
        page = made.pages[0].obj
        page.Contents = Array([made.make_stream(words.encode()), made.make_stream(TEXT)])

    return pdf(change), marks.count


def test_no_mark_is_left_in_any_place_that_is_not_needed() -> None:
    data, count = marked()
    assert len(set(MARK.findall(everything_in(data)))) == count
    result = clean(data)
    assert MARK.findall(everything_in(result)) == []
    assert b"SECRET" not in everything_in(result)
    assert is_clean(result)
    assert shown(result) == shown(data)


def test_what_a_reader_sees_stays() -> None:
    data, _ = marked()
    with pikepdf.open(io.BytesIO(clean(data))) as opened:
        notes = list(opened.pages[0].Annots)
        places = [one.get("/Dest") for one in notes if "/Dest" in one]
        actions = [one.A for one in notes if "/A" in one]
        fields = list(opened.Root.AcroForm.Fields)
        assert [str(place[1]) for place in places] == ["/Fit"]
        assert {str(one.S) for one in actions} == {"/GoTo", "/URI"}
        assert [str(one.URI) for one in actions if "/URI" in one] == ["https://seen.example/"]
        assert [(str(one.T), str(one.V)) for one in fields] == [("f0", "seen")]
        assert opened.Root.StructTreeRoot.K.S == "/NonStruct"


def test_words_for_readers_stay_if_that_is_wished() -> None:
    data, _ = marked()
    wish = Wish(frozenset({Kind.DESCRIPTION}))
    result = clean(data, wish)
    with pikepdf.open(io.BytesIO(result)) as opened:
        assert opened.Root.Outlines.First.Title is not None
        assert "/Alt" in opened.Root.StructTreeRoot.K
    assert b"ActualText" in everything_in(result)
    assert examine(result, wish).cleaning == AlreadyClean(("description",))
    assert Kind.DESCRIPTION in kinds(data)


def _hidden_layer(made: pikepdf.Pdf) -> None:
    layer = made.make_indirect(Dictionary(Type=Name.OCG, Name=String("a")))
    made.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))


def _redaction(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.Redact, Rect=[1, 1, 9, 9])])


def _other_file(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.Resources.XObject.I.F = String("a.jpg")


def _odd_colours(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.Resources.XObject.I.ColorSpace = Array([Name.Own, String("a")])


@pytest.mark.parametrize("change", [_hidden_layer, _redaction, _other_file, _odd_colours])
def test_what_is_hidden_or_not_understood_is_refused(
    change: Callable[[pikepdf.Pdf], None],
) -> None:
    assert isinstance(examine(pdf(change)).cleaning, Refused)


def test_page_that_is_in_no_tree_is_gone_also_where_something_points_at_it() -> None:
    def change(made: pikepdf.Pdf) -> None:
        page = made.make_indirect(
            Dictionary(Type=Name.Page, Contents=made.make_stream(b"BT (MARK1) Tj ET"))
        )
        made.Root.OpenAction = Array([page, Name.Fit])

    assert MARK.search(everything_in(pdf(change)))
    assert not MARK.search(everything_in(clean(pdf(change))))


def test_objects_in_a_circle_end() -> None:
    def change(made: pikepdf.Pdf) -> None:
        form = made.make_stream(b"/X0 Do", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
        form.Resources = Dictionary(XObject=Dictionary(X0=form))
        made.pages[0].obj.Resources.XObject.X0 = form

    assert is_clean(clean(pdf(change)))
