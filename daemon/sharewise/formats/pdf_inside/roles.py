"""Which keys an object of a PDF may have in its part, and what their values may be.

One line a key: `Key:` and what fits, separated by commas: `n` numbers, also in arrays; `s` a text;
`/A|B` one of these names, `/*` any; `@part` an object of that part or an array of such;
`{…}` a dictionary of any names with such values; `^` a page of the document; `!dest` a place in
it; `coding` how letters are numbered. A key with `?` says something to readers that is not drawn:
it stays only if that is wished.

Source: ISO 32000-2:2020, tables 29 to 400.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fit:
    """What the value of a key may be."""

    specs: tuple[str, ...]
    names: frozenset[str]
    """The names that fit, with the slash."""
    any_name: bool
    parts: tuple[str, ...]
    is_wished: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What an object may hold in one part of the document."""

    keys: Mapping[str, Fit]
    is_stream: bool | None
    """None where it may be a stream or none."""


def _any(names: str) -> str:
    return f"/{'|'.join(names.split())}"


_STREAM = "Length:n Filter:/* DecodeParms:@parameters"
_INTENTS = "/AbsoluteColorimetric|RelativeColorimetric|Saturation|Perceptual"
_BOXES = "/MediaBox|CropBox|BleedBox|TrimBox|ArtBox"
_RESOURCES = "Resources:@resources"
_LAYOUTS = _any("SinglePage OneColumn TwoColumnLeft TwoColumnRight TwoPageLeft TwoPageRight")
_MOVES = _any("Split Blinds Box Wipe Dissolve Glitter R Fly Push Cover Uncover Fade")
_BLENDS = _any(
    """
    Normal Compatible Multiply Screen Overlay Darken Lighten ColorDodge ColorBurn HardLight
    SoftLight Difference Exclusion Hue Saturation Color Luminosity
    """
)
_NOTE_BLENDS = _any(
    """
    Normal Multiply Screen Overlay Darken Lighten ColorDodge ColorBurn HardLight SoftLight
    Difference Exclusion Hue Saturation Color Luminosity
    """
)
_ICONS = _any(
    """
    Comment Key Note Help NewParagraph Paragraph Insert GraphPushPin PaperclipTag Graph
    PushPin Paperclip Tag Approved AsIs Confidential Departmental Draft Experimental Expired
    Final ForComment ForPublicRelease NotApproved NotForPublicRelease Sold TopSecret
    """
)
_ENDS = _any("Square Circle Diamond OpenArrow ClosedArrow None Butt ROpenArrow RClosedArrow Slash")
_INTENDED = _any(
    """
    FreeText FreeTextCallout FreeTextTypeWriter LineArrow LineDimension PolygonCloud
    PolyLineDimension PolygonDimension
    """
)
_DOTS = _any(
    """
    SimpleDot InvertedSimpleDot DoubleDot InvertedDoubleDot CosineDot Double InvertedDouble
    Line LineX LineY Round Ellipse EllipseA InvertedEllipseA EllipseB EllipseC
    InvertedEllipseC Square Cross Rhomboid Diamond
    """
)
_WIDTHS = _any(
    """
    UltraCondensed ExtraCondensed Condensed SemiCondensed Normal SemiExpanded Expanded
    ExtraExpanded UltraExpanded
    """
)
_NOTES = _any(
    """
    Text Link FreeText Line Square Circle Polygon PolyLine Highlight Underline Squiggly
    StrikeOut Stamp Caret Ink FileAttachment Widget PrinterMark TrapNet Watermark
    """
)

_PARTS: dict[str, str] = {
    "catalog": f"""Type:/Catalog Version:/1.0|1.1|1.2|1.3|1.4|1.5|1.6|1.7|2.0 Pages:@pages
        PageLabels:@labels PageLayout:{_LAYOUTS}
        PageMode:/UseNone|UseOutlines|UseThumbs|FullScreen|UseOC ViewerPreferences:@viewer
        ?Outlines:@outlines OpenAction:!dest,@action AcroForm:@form_fields StructTreeRoot:@tree
        MarkInfo:@marked Lang:lang OutputIntents:@intent OCProperties:@layers""",
    "viewer": f"""HideToolbar:n HideMenubar:n HideWindowUI:n FitWindow:n CenterWindow:n
        DisplayDocTitle:n NonFullScreenPageMode:/UseNone|UseOutlines|UseThumbs|UseOC
        Direction:/L2R|R2L ViewArea:{_BOXES} ViewClip:{_BOXES} PrintArea:{_BOXES}
        PrintClip:{_BOXES} PrintScaling:/None|AppDefault
        Duplex:/Simplex|DuplexFlipShortEdge|DuplexFlipLongEdge PickTrayByPDFSize:n
        PrintPageRange:n NumCopies:n""",
    "marked": "Marked:n UserProperties:n Suspects:n",
    "labels": "Nums:@label,n Kids:@labels Limits:n",
    "label": "Type:/PageLabel S:/D|R|r|A|a St:n ?P:s",
    "intent": """Type:/OutputIntent S:/GTS_PDFX|GTS_PDFA1|ISO_PDFE1 OutputConditionIdentifier:print
        DestOutputProfile:@profile""",
    "pages": f"""Type:/Pages Parent:@pages Kids:@node Count:n {_RESOURCES} MediaBox:n CropBox:n
        Rotate:n""",
    "page": f"""Type:/Page Parent:@pages {_RESOURCES} MediaBox:n CropBox:n BleedBox:n TrimBox:n
        ArtBox:n Contents:@content Rotate:n Group:@group Dur:n Trans:@transition Annots:@annotation
        StructParents:n PZ:n Tabs:/R|C|S|A|W UserUnit:n OutputIntents:@intent""",
    "transition": f"""Type:/Trans S:{_MOVES}
        D:n Dm:/H|V M:/I|O Di:n,/None SS:n B:n""",
    "resources": """ExtGState:{@state} ColorSpace:{!colour} Pattern:{@pattern} Shading:{@shading}
        XObject:{@xobject} Font:{@font} Properties:{@properties}
        ProcSet:/PDF|Text|ImageB|ImageC|ImageI""",
    "content": _STREAM,
    "data": _STREAM,
    "fontfile": f"{_STREAM} Length1:n Length2:n Length3:n Subtype:/Type1C|CIDFontType0C|OpenType",
    "profile": f"{_STREAM} N:n Alternate:!colour Range:n",
    "form": f"""{_STREAM} Type:/XObject Subtype:/Form FormType:n BBox:n Matrix:n {_RESOURCES}
        Group:@group StructParent:n StructParents:n OC:@properties""",
    "group": "Type:/Group S:/Transparency CS:!colour I:n K:n",
    "image": f"""{_STREAM} Type:/XObject Subtype:/Image Width:n Height:n ColorSpace:!colour
        BitsPerComponent:n Intent:{_INTENTS} ImageMask:n Mask:n,@image Decode:n Interpolate:n
        SMask:@image SMaskInData:n StructParent:n OC:@properties Matte:n""",
    "parameters": """Predictor:n Colors:n BitsPerComponent:n Columns:n EarlyChange:n K:n EndOfLine:n
        EncodedByteAlign:n Rows:n EndOfBlock:n BlackIs1:n DamagedRowsBeforeError:n
        ColorTransform:n JBIG2Globals:@data""",
    "state": f"""Type:/ExtGState LW:n LC:n LJ:n ML:n D:n RI:{_INTENTS} OP:n op:n OPM:n Font:@font,n
        BG:@function BG2:/Default,@function UCR:@function UCR2:/Default,@function
        TR:/Identity,@function TR2:/Identity|Default,@function HT:/Default,@halftone FL:n SM:n SA:n
        BM:{_BLENDS}
        SMask:/None,@mask CA:n ca:n AIS:n TK:n UseBlackPtComp:/ON|OFF|Default HTO:n""",
    "mask": "Type:/Mask S:/Alpha|Luminosity G:@xobject BC:n TR:/Identity,@function",
    "function": f"""{_STREAM} FunctionType:n Domain:n Range:n Size:n BitsPerSample:n Order:n
        Encode:n Decode:n C0:n C1:n N:n Functions:@function Bounds:n""",
    "halftone": f"""{_STREAM} Type:/Halftone HalftoneType:n Frequency:n Angle:n
        SpotFunction:{_DOTS},@function
        AccurateScreens:n TransferFunction:/Identity,@function Width:n Height:n Width2:n Height2:n
        Xsquare:n Ysquare:n Default:@halftone Cyan:@halftone Magenta:@halftone Yellow:@halftone
        Black:@halftone Gray:@halftone Red:@halftone Green:@halftone Blue:@halftone""",
    "calibrated": "WhitePoint:n BlackPoint:n Gamma:n Matrix:n Range:n",
    "inks": "Subtype:/DeviceN|NChannel Process:@process Colorants:{!colour}",
    "process": "ColorSpace:!colour Components:/*",
    "tiling": f"""{_STREAM} Type:/Pattern PatternType:n PaintType:n TilingType:n BBox:n XStep:n
        YStep:n {_RESOURCES} Matrix:n""",
    "gradient": "Type:/Pattern PatternType:n Shading:@shading Matrix:n ExtGState:@state",
    "shading": f"""{_STREAM} ShadingType:n ColorSpace:!colour Background:n BBox:n AntiAlias:n
        Function:@function Coords:n Domain:n Extend:n Matrix:n BitsPerCoordinate:n
        BitsPerComponent:n BitsPerFlag:n Decode:n VerticesPerRow:n""",
    "font": f"""Type:/Font Subtype:/Type0|Type1|MMType1|Type3|TrueType|CIDFontType0|CIDFontType2
        BaseFont:/* FirstChar:n LastChar:n Widths:n FontDescriptor:@descriptor
        Encoding:coding,@encoding,@map ToUnicode:coding,@map DescendantFonts:@font
        CIDSystemInfo:@collection DW:n W:n DW2:n W2:n CIDToGIDMap:/Identity,@data
        FontBBox:n FontMatrix:n CharProcs:{{@content}} {_RESOURCES}""",
    "descriptor": f"""Type:/FontDescriptor FontName:/* FontFamily:s
        FontStretch:{_WIDTHS}
        FontWeight:n Flags:n FontBBox:n ItalicAngle:n Ascent:n Descent:n Leading:n CapHeight:n
        XHeight:n StemV:n StemH:n AvgWidth:n MaxWidth:n MissingWidth:n FontFile:@fontfile
        FontFile2:@fontfile FontFile3:@fontfile""",
    "encoding": """Type:/Encoding Differences:/*,n
        BaseEncoding:/MacRomanEncoding|WinAnsiEncoding|MacExpertEncoding|StandardEncoding""",
    "map": f"""{_STREAM} Type:/CMap CMapName:coding CIDSystemInfo:@collection WMode:n
        UseCMap:coding,@map""",
    "collection": "Registry:s Ordering:s Supplement:n",
    "layer": "Type:/OCG Name:s Intent:/View|Design|All Usage:@usage",
    "layerset": "Type:/OCMD OCGs:@layer P:/AllOn|AnyOn|AnyOff|AllOff VE:@layer,/And|Or|Not",
    "property": "MCID:n",
    "usage": "Print:@usage Export:@usage View:@usage Zoom:@usage PrintState:/ON|OFF "
    "ExportState:/ON|OFF ViewState:/ON|OFF min:n max:n",
    "layers": "OCGs:@layer D:@shownlayers",
    "shownlayers": """BaseState:/ON|OFF|Unchanged ON:@layer OFF:@layer Intent:/View|Design|All
        AS:@automatic RBGroups:@layer Locked:@layer""",
    "automatic": "Event:/View|Print|Export OCGs:@layer Category:/View|Print|Export|Zoom",
    "annotation": f"""Type:/Annot
        Subtype:{_NOTES}
        Rect:n P:^ AP:@appearance AS:/* F:n Border:n BS:@border C:n BE:@border OC:@properties
        StructParent:n H:/N|I|O|P|T A:@action Dest:!dest QuadPoints:n CA:n ca:n Lang:lang
        BM:{_NOTE_BLENDS}
        Name:{_ICONS}
        ?Contents:s L:n LE:{_ENDS}
        LL:n LLE:n LLO:n Cap:n IC:n CP:/Inline|Top CO:n Vertices:n InkList:n CL:n RD:n Sy:/P|None
        Q:n DA:da IT:{_INTENDED}
        MK:@characteristics Open:n FixedPrint:@fixed Parent:@field""",
    "fixed": "Type:/FixedPrint Matrix:n H:n V:n",
    "border": "Type:/Border W:n S:/S|D|B|I|U|C D:n I:n",
    "appearance": "N:@xobject,{@xobject} R:@xobject,{@xobject} D:@xobject,{@xobject}",
    "characteristics": "R:n BC:n BG:n CA:s I:@xobject RI:@xobject IX:@xobject IF:@icon TP:n",
    "icon": "SW:/A|B|S|N S:/A|P A:n FB:n",
    "uri": "Type:/Action S:/URI URI:s IsMap:n",
    "goto": "Type:/Action S:/GoTo D:!dest",
    "named": "Type:/Action S:/Named N:/NextPage|PrevPage|FirstPage|LastPage|Print",
    "form_fields": "Fields:^ NeedAppearances:n DR:@resources DA:da Q:n",
    "field": """FT:/Btn|Tx|Ch|Sig Parent:@field Kids:^ T:s ?TU:s Ff:n V:s,/*,@data,n Opt:s
        TI:n I:n MaxLen:n Q:n DA:da""",
    "outlines": "Type:/Outlines First:@bookmark Last:@bookmark Count:n",
    "bookmark": """Title:s Parent:@outlines,@bookmark Prev:@bookmark Next:@bookmark First:@bookmark
        Last:@bookmark Count:n Dest:!dest A:@action C:n F:n""",
    "tree": """Type:/StructTreeRoot K:@kid ParentTree:@parents ParentTreeNextKey:n""",
    "parents": "Nums:@kid,n Kids:@parents Limits:n",
    "element": """Type:/StructElem S:/* P:@kid,@tree Pg:^ K:@kid,n A:@table,n R:n Lang:lang ?Alt:s
        ?ActualText:s ?E:s ?T:s""",
    "table": "O:/Table RowSpan:n ColSpan:n Scope:/Row|Column|Both",
    "marked_reference": "Type:/MCR Pg:^ Stm:^ MCID:n",
    "object_reference": "Type:/OBJR Pg:^ Obj:^",
}  # fmt: skip
_CHOICES: dict[str, tuple[str, dict[str, str]]] = {
    "node": ("/Type", {"/Pages": "pages", "/Page": "page"}),
    "xobject": ("/Subtype", {"/Form": "form", "/Image": "image"}),
    "pattern": ("/PatternType", {"1": "tiling", "2": "gradient"}),
    "properties": ("/Type", {"/OCG": "layer", "/OCMD": "layerset", "": "property"}),
    "action": ("/S", {"/URI": "uri", "/GoTo": "goto", "/Named": "named"}),
    "kid": (
        "/Type",
        {
            "/StructElem": "element",
            "": "element",
            "/MCR": "marked_reference",
            "/OBJR": "object_reference",
        },
    ),
}

_EITHER = frozenset({"function", "halftone", "shading"})


def fit_of(said: str, *, is_wished: bool = False) -> Fit:
    """Return what the words of one key say that fits."""
    specs = tuple(said.split(","))
    names = frozenset(
        f"/{name}" for spec in specs if spec[0] == "/" for name in spec[1:].split("|")
    )
    parts = tuple(spec[1:] for spec in specs if spec[0] == "@")
    return Fit(specs, names, "/*" in names, parts, is_wished)


def _part(name: str, said: str) -> Part:
    keys: dict[str, Fit] = {}
    for word in said.split():
        key, _, fits = word.partition(":")
        keys[f"/{key.removeprefix('?')}"] = fit_of(fits, is_wished=key.startswith("?"))
    is_stream: bool | None = "/Length" in keys
    return Part(keys, None if name in _EITHER else is_stream)


PARTS = {name: _part(name, said) for name, said in _PARTS.items()}
CHOICES = _CHOICES
"""Parts that one key of the object tells apart."""
