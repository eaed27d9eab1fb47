"""The keys of a PDF that mean something when it is shown.

Source: ISO 32000-2:2020, tables 15 (trailer), 29 (catalogue), 31 (page), 166 to 192 (annotations).
"""

from __future__ import annotations

TRAILER = frozenset(
    {
        *("/Root", "/Size", "/Prev", "/XRefStm", "/Encrypt", "/Info", "/ID"),
        *("/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms"),
    }
)
CATALOGUE = frozenset(
    {
        *("/Type", "/Version", "/Extensions", "/Pages", "/PageLabels", "/Names", "/Dests"),
        *("/ViewerPreferences", "/PageLayout", "/PageMode", "/Outlines", "/Threads", "/OpenAction"),
        *("/AA", "/URI", "/AcroForm", "/StructTreeRoot", "/MarkInfo", "/Lang", "/OutputIntents"),
        *("/OCProperties", "/Requirements", "/NeedsRendering"),
    }
)
PAGE = frozenset(
    {
        *("/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox"),
        *("/ArtBox", "/BoxColorInfo", "/Contents", "/Rotate", "/Group", "/B", "/Dur", "/Trans"),
        *("/Annots", "/AA", "/StructParents", "/PZ", "/SeparationInfo", "/Tabs"),
        *("/TemplateInstantiated", "/PresSteps", "/UserUnit", "/OutputIntents"),
    }
)
NAMES = frozenset({"/Dests", "/AP", "/JavaScript", "/Pages", "/Templates"})
MEDIA = frozenset({"/Screen", "/Movie", "/Sound", "/RichMedia", "/3D"})
"""Annotations that play something, which has notes of its own."""
MARKS = frozenset(
    {
        *("/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Stamp"),
        *("/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Caret", "/Ink", "/Popup"),
        *("/FileAttachment", "/Redact", "/Projection", "/Link", "/Watermark", "/PrinterMark"),
    }
)
"""Annotations whose title is the name of who made them."""
FILE_KEYS = ("/EF", "/RF", "/F", "/UF", "/DOS", "/Mac", "/Unix", "/Desc", "/ID", "/CI", "/Thumb")
