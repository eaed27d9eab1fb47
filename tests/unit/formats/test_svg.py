"""SVG: what says something besides the drawing goes; what is drawn stays as it is drawn."""

from __future__ import annotations

import base64
import gzip
import io
import zlib

import pytest
import resvg_py
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sharewise.base.errors import Malformed
from sharewise.formats import engine
from sharewise.formats.contract import Depth, Kind, Refused
from sharewise.formats.svg import FORMAT, inspect, recognises
from sharewise.formats.svg_inside import links, words
from support.formats import Samples, clean, examine, is_clean, kinds
from support.images import jpeg

TOKEN = b"SECRET-PLACE"
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
INK = 'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
CIRCLE = '<circle cx="20" cy="15" r="9" fill="#c33"/>'


def svg(inner: str = "", attributes: str = "", before: str = "", after: str = "") -> bytes:
    return f"{before}{HEAD} {attributes}>{CIRCLE}{inner}</svg>{after}".encode()


def drawn(data: bytes) -> bytes:
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16").replace("utf-16", "utf-8").encode()
    picture = bytes(resvg_py.svg_to_bytes(svg_string=data.decode(), zoom=3))
    with Image.open(io.BytesIO(picture)) as image:
        return image.convert("RGBA").tobytes()


def dirty_jpeg() -> bytes:
    data = jpeg()
    return data[:2] + b"\xff\xfe" + (2 + len(TOKEN)).to_bytes(2, "big") + TOKEN + data[2:]


def as_data(data: bytes, media_type: str = "image/jpeg") -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def image_of(href: str) -> str:
    return f'<image width="20" height="20" xlink:href="{href}"/>'


def samples() -> Samples:
    secret = TOKEN.decode()
    return Samples(
        clean={
            "plain": svg(),
            "prolog": svg(before='<?xml version="1.0" encoding="UTF-8"?>\n', after="\n"),
            "style": svg("<style>circle{fill:#0f0}</style><text x='1' y='9'>shown</text>"),
            "picture": svg(image_of(as_data(jpeg())), XLINK),
            "gzip": zlib_gzip(svg()),
        },
        dirty={
            "comment": svg(before=f"<!-- {secret} -->"),
            "metadata": svg(f"<metadata><x>{secret}</x></metadata>"),
            "title": svg(f"<g><title>{secret}</title>{CIRCLE}</g>"),
            "editor": svg(f'<g inkscape:label="{secret}">{CIRCLE}</g>', INK),
            "picture": svg(image_of(as_data(dirty_jpeg())), XLINK),
            "behind": svg(after=f"\n<!--{secret}-->"),
            "gzip": gzip.compress(svg(f"<desc>{secret}</desc>")),
            "utf-16": svg(f"<desc>{secret}</desc>").decode().encode("utf-16"),
        },
        secret=TOKEN,
        pixels=drawn,
    )


def zlib_gzip(data: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, 31)
    return stream.compress(data) + stream.flush()


def cleaned(data: bytes) -> bytes:
    result = clean(data)
    assert drawn(result) == drawn(data)
    assert is_clean(result)
    return result


# --- what it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    ["", "\ufeff", " \n", '<?xml version="1.0"?>', "<!-- a --> <!-- b -->", "<!DOCTYPE svg>"],
)
def test_drawing_is_known_by_its_first_tag(before: str) -> None:
    assert recognises(svg(before=before))


@pytest.mark.parametrize(
    "data",
    [
        b"<html><svg/></html>",
        b"<!DOCTYPE html><svg></svg>" + b"<",
        b"<svgx/>",
        b"\x1f\x8b\x08\0\0\0\0\0\0\0",
        gzip.compress(b"text", mtime=0),
        b"<" * 3000,
        b"<!--" * 3000,
    ],
)
def test_what_only_looks_like_a_drawing_is_none(data: bytes) -> None:
    assert recognises(data) is data.startswith(b"<!DOCTYPE html><svg")


def test_page_that_begins_with_another_tag_is_malformed_or_unknown() -> None:
    assert not recognises(b"<body>" + svg())


# --- what goes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inner", "attributes", "kind"),
    [
        ("<!-- SECRET-PLACE -->", "", Kind.DESCRIPTION),
        ("<title>SECRET-PLACE</title>", "", Kind.DESCRIPTION),
        ("<desc>SECRET-PLACE</desc>", "", Kind.DESCRIPTION),
        ("<g aria-label='SECRET-PLACE'/>", "", Kind.DESCRIPTION),
        ("<g>SECRET-PLACE</g>", "", Kind.DESCRIPTION),
        ("<g><![CDATA[SECRET-PLACE]]></g>", "", Kind.DESCRIPTION),
        ("<g data-name='SECRET-PLACE'/>", "", Kind.OTHER),
        ("<g author='SECRET-PLACE'/>", "", Kind.OTHER),
        ("<notes>SECRET-PLACE</notes>", "", Kind.OTHER),
        ("<x:y xmlns:x='urn:x'>SECRET-PLACE</x:y>", "", Kind.OTHER),
        ("<?program SECRET-PLACE?>", "", Kind.OTHER),
        ("<i:pgf xmlns:i='http://ns.adobe.com/ai/'>SECRET-PLACE</i:pgf>", "", Kind.HISTORY),
        ("<inkscape:grid id='SECRET-PLACE'/>", INK, Kind.OTHER),
        ("<g inkscape:label='SECRET-PLACE'/>", INK, Kind.DESCRIPTION),
        ("", INK + " inkscape:version='SECRET-PLACE'", Kind.SOFTWARE),
        ("", INK + " inkscape:export-filename='/home/SECRET-PLACE/a'", Kind.IDENTIFIER),
        ("<image xlink:href='file:///home/SECRET-PLACE/a.png'/>", XLINK, Kind.IDENTIFIER),
        (r"<image href='C:\Users\SECRET-PLACE\a.png'/>", "", Kind.IDENTIFIER),
        ("<g xml:base='file:///home/SECRET-PLACE/'/>", "", Kind.IDENTIFIER),
        ("<a xlink:title='SECRET-PLACE'/>", XLINK, Kind.DESCRIPTION),
        ("<style>/* SECRET-PLACE */circle{}</style>", "", Kind.DESCRIPTION),
        ("<style><![CDATA[circle{}/* SECRET-PLACE */]]></style>", "", Kind.DESCRIPTION),
        ("<g style='fill:red;/*SECRET-PLACE*/'/>", "", Kind.DESCRIPTION),
        ("<style>circle{src:url(file:///home/SECRET-PLACE/f.ttf)}</style>", "", Kind.IDENTIFIER),
        ("<metadata>SECRET-PLACE</metadata>", "", Kind.OTHER),
        ("<metadata/><title/><desc></desc><!--SECRET-PLACE-->", "", Kind.DESCRIPTION),
    ],
)
def test_what_says_more_than_is_drawn_goes(inner: str, attributes: str, kind: Kind) -> None:
    data = svg(inner, attributes)
    assert kind in kinds(data)
    assert TOKEN not in cleaned(data)


def test_bytes_behind_the_drawing_go() -> None:
    assert clean(svg(after="\0\1<SECRET-PLACE")) == svg()


def test_maker_is_named_once() -> None:
    data = svg("<inkscape:a/><inkscape:b inkscape:c='1'/>", INK)
    found = [one for one in examine(data).report.findings if one.kind is Kind.SOFTWARE]
    assert [one.value for one in found] == ["Inkscape"]


def test_names_behind_entities_are_understood_and_go_with_what_used_them() -> None:
    before = (
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [\n'
        '<!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/">\n'
        "<!ENTITY colour '#00ff00'> <!-- SECRET-PLACE -->]>\n"
    )
    inner = "<i:pgf>SECRET-PLACE</i:pgf><rect width='9' height='9' fill='&colour;'/>"
    result = cleaned(svg(inner, 'xmlns:i="&ns_ai;"', before))
    assert TOKEN not in result
    assert b"adobe" not in result
    assert b"ENTITY colour" in result
    assert b"DTD SVG 1.1" in result


def test_link_to_a_description_on_a_computer_goes() -> None:
    data = svg(before='<!DOCTYPE svg SYSTEM "file:///home/SECRET-PLACE/a.dtd">')
    assert TOKEN not in cleaned(data)


def test_structure_that_styles_count_stays() -> None:
    style = "<style>g :nth-child(2){fill:#00f}</style>"
    data = svg(f"{style}<g><title>SECRET-PLACE</title><rect width='9' height='9'/></g>")
    result = cleaned(data)
    assert TOKEN not in result
    assert b"<g><metadata/><rect" in result


def test_attribute_that_a_style_selects_stays() -> None:
    assert is_clean(svg("<style>[data-a]{fill:#00f}</style><g data-a='1'/>"))


def test_empty_comment_stays_between_parts_of_a_style() -> None:
    result = clean(svg("<style>svg/*SECRET-PLACE*/ circle{fill:url(/*no*/)}</style>"))
    assert b"svg/**/ circle" in result


@pytest.mark.parametrize(
    "inner",
    [
        "<g id='SECRET-PLACE'/>",
        "<g class='SECRET-PLACE'/>",
        "<style>.a{fill:red}</style><g class='SECRET-PLACE a'/>",
        "<style>.SECRET-PLACE{fill:red}</style>",
        "<style>/* a */ .b, #SECRET-PLACE > g{fill:red}circle{fill:#00f}</style>",
        "<style>.SECRET-PLACE #a{fill:red}</style><g id='a'/>",
        "<style>g{--a:'SECRET-PLACE';fill:#00f}</style>",
        "<g xml:id='SECRET-PLACE'/>",
        "<g style='--a:SECRET-PLACE;fill:red'/>",
        "<g onclick='SECRET-PLACE'/>",
        "<g aria-SECRET-PLACE='1'/>",
        "<script>SECRET-PLACE</script>",
        "<script href='https://example.org/SECRET-PLACE'/>",
        "<handler>SECRET-PLACE</handler>",
        f"<foreignObject><p {XHTML} onclick='SECRET-PLACE'>a</p></foreignObject>",
        f"<foreignObject><script {XHTML}>SECRET-PLACE</script></foreignObject>",
        f"<foreignObject><p {XHTML}><a href='SECRET-PLACE.html'>a</a></p></foreignObject>",
        "<a href='https://example.org/SECRET-PLACE'><circle r='4'/></a>",
        "<metadata><a href='#SECRET-PLACE'/></metadata><g id='SECRET-PLACE'/>",
    ],
)
def test_what_nothing_that_is_drawn_needs_goes(inner: str) -> None:
    data = svg(inner)
    assert not is_clean(data)
    assert TOKEN not in cleaned(data)


@pytest.mark.parametrize(
    "inner",
    [
        (
            "<linearGradient id='SECRET-PLACE'><stop stop-color='red'/></linearGradient>"
            "<rect width='9' style='fill:url(#SECRET-PLACE)' stroke='url(#SECRET-PLACE)'/>"
        ),
        "<g id='SECRET-PLACE'><rect width='9' height='9'/></g><use href='#SECRET-PLACE' x='9'/>",
        (
            "<style>.SECRET-PLACE,#SECRET-B>rect{fill:#00f}</style>"
            "<rect class='a SECRET-PLACE' width='9' height='9'/><g id='SECRET-B'><rect/></g>"
        ),
        (
            "<style>@keyframes SECRET-PLACE{from{fill:red}}rect{animation:1s SECRET-PLACE}</style>"
            "<rect width='9' height='9'/>"
        ),
        (
            "<style>rect{--SECRET-PLACE:#00f;fill:var(--SECRET-PLACE)}</style>"
            "<rect width='9' height='9'/>"
        ),
        (
            "<style>@font-face{font-family:'SECRET-PLACE';src:local(x)}</style>"
            "<text font-family='SECRET-PLACE, serif'>a</text>"
        ),
        (
            "<style>@font-face{font-family:SECRET-PLACE;src:local(x)}text{font:9px SECRET-PLACE}"
            "</style><text>a</text>"
        ),
        "<g id='SECRET-PLACE'/><set attributeName='x' to='1' begin='0s;SECRET-PLACE.click+1s'/>",
        (
            "<g id='SECRET-PLACE'/><use href='#SECRET-PLACE'>"
            "<set attributeName='href' to='#SECRET-PLACE'/></use>"
        ),
        "<rect width='9' height='9' style='-inkscape-font-specification:SECRET-PLACE;fill:red'/>",
        "<style>rect{SECRET-PLACE:1;fill:#00f;SECRET-PLACE}</style><rect width='9' height='9'/>",
        "<style>SECRET-PLACE{fill:red}rect{fill:#00f}</style><rect width='9' height='9'/>",
        "<g display='none'><text>SECRET-PLACE</text></g>",
        "<g style='fill:red;display:none'><text>SECRET-PLACE</text></g>",
        "<defs><g id='SECRET-PLACE'><text>SECRET-PLACE</text></g></defs>",
        (
            "<symbol id='a'><text>SECRET-PLACE</text><use href='#b'/></symbol>"
            "<defs><g id='b'/></defs>"
        ),
        f"<foreignObject><p {XHTML} title='SECRET-PLACE'>a</p></foreignObject>",
    ],
)
def test_names_and_parts_that_are_not_drawn_go(inner: str) -> None:
    data = svg(inner)
    assert not is_clean(data)
    assert b"SECRET" not in cleaned(data)


def test_part_that_styles_count_leaves_an_empty_one_once() -> None:
    style = "<style>g:nth-child(2){fill:#00f}@keyframes a{from{fill:red}}</style>"
    inner = f"{style}<g/><defs><g id='a'>SECRET-PLACE<text>a</text></g></defs>"
    result = cleaned(svg(f"{inner}<g display='none'><text>SECRET-PLACE</text></g>"))
    assert TOKEN not in result
    assert b"<defs><metadata/></defs><metadata/></svg>" in result


def test_new_name_is_none_that_is_there_already() -> None:
    inner = "<g id='SECRET-PLACE'/><g id='i0'/><use href='#SECRET-PLACE'/><use href='#i0'/>"
    result = cleaned(svg(inner))
    assert b"<g id='i1'/><g id='i0'/><use href='#i1'/>" in result


@pytest.mark.parametrize(
    "inner",
    [
        "<g id='SECRET PLACE'/><use href='#SECRET%20PLACE'/>",
        "<style>[id^=SECRET]{fill:#00f}</style><g id='SECRET-PLACE'/>",
        "<style>.\\53 ECRET{fill:#00f}</style><g class='SECRET'/>",
        "<g class='SECRET'/><set attributeName='class' to='b'/><style>.SECRET{fill:red}</style>",
    ],
)
def test_names_that_cannot_be_replaced_for_sure_are_refused(inner: str) -> None:
    refused = examine(svg(inner)).cleaning
    assert isinstance(refused, Refused)
    assert "names" in refused.reason


@pytest.mark.parametrize(
    "inner",
    [
        ("<g><defs><clipPath id='a'><rect width='9' height='9'/></clipPath></defs>"
        "<circle r='9' clip-path='url(#a)'/></g>"),
        "<defs><style>circle{fill:#00f}</style></defs>",
        "<style>g{display:inline}</style><g display='none'><circle r='4'/></g>",
        "<g display='none'><set attributeName='display' to='inline'/><circle r='4'/></g>",
        "<switch><g display='none'/><circle r='4'/></switch>",
        "<linearGradient id='a' href='#b'/><linearGradient id='b'/><circle r='9' fill='url(#a)'/>",
        "<style>@media print{circle{fill:#00f}}</style>",
        "<circle r='9' style='font-family:&quot;a;b&quot;;fill:#00f'/>",
    ],
)  # fmt: skip
def test_parts_that_may_be_drawn_stay(inner: str) -> None:
    assert is_clean(svg(inner))


@pytest.mark.parametrize(
    "inner",
    [
        "<linearGradient id='a'/><rect width='9' height='9' fill='url(#a)'/>",
        "<g id='a'/><use href='#%61'/>",
        "<style>.a,#b{fill:#00f}</style><rect class='a' width='9' height='9'/><g id='b'/>",
        "<style>.\\61 {fill:#00f}</style><rect class='a' width='9' height='9'/>",
        "<style>[id^=a]{fill:#00f}</style><rect id='ab' width='9' height='9'/>",
        "<style>circle{--a:#00f;fill:var(--a)}</style>",
        "<style>@keyframes k{from{fill:red}to{fill:blue}}g:not(.x){fill:red}</style>",
        "<g id='a'/><set attributeName='x' to='1' begin='a.click+1s'/>",
        "<set attributeName='class' to='a'/><style>.a{fill:red}</style>",
        "<style>@namespace url(http://www.w3.org/2000/svg);circle{fill:#00f}</style>",
    ],
)
def test_what_the_drawing_refers_to_stays(inner: str) -> None:
    assert is_clean(svg(inner))


@pytest.mark.parametrize(
    "inner",
    [
        "<image href='https://example.org/a.png' width='9' height='9'/>",
        "<image href='SECRET-PLACE.png' width='9' height='9'/>",
        "<use href='//example.org/a.svg#b'/>",
        "<rect fill='url(https://example.org/a.svg#b)'/>",
        "<rect style='fill:url(a.svg#b)'/>",
        "<style>@import 'a.css';</style>",
        "<style>circle{background:image-set('https://example.org/a.png' 1x)}</style>",
        "<style>circle{background:image-set(url(#a) 1x, 'https://example.org/a.png' 2x)}</style>",
        r"<style>circle{background:\75 rl(https://example.org/a.png)}</style>",
        r"<circle style='background:u\72l(//example.org/a.png)'/>",
        f"<foreignObject><img {XHTML} srcset='https://example.org/a.png 2x'/></foreignObject>",
        f"<foreignObject><video {XHTML} poster='a.png'/></foreignObject>",
        "<image><set attributeName='href' to='https://example.org/a.png'/></image>",
        "<use href='#a'><animate attributeName='xlink:href' values='#a;a.svg#b'/></use>",
        "<style>@font-face{src:url(&quot;https://example.org/a.woff&quot;)}</style>",
    ],
)
def test_what_loads_from_elsewhere_is_refused_with_the_reason(inner: str) -> None:
    refused = examine(svg(inner)).cleaning
    assert isinstance(refused, Refused)
    assert "loads something" in refused.reason


@pytest.mark.parametrize(
    ("entity", "inner"),
    [
        ("https://example.org/a.png", "<image href='&e;'/>"),
        ("url(https://example.org/a.svg#b)", "<rect fill='&e;'/>"),
        ("rl(https://example.org/a.svg#b)", "<rect style='fill:u&e;'/>"),
        ("@import 'a.css';", "<style>&e;</style>"),
        ("a" * 50_000, "<rect fill='" + "&e;" * 21 + "'/>"),
    ],
)
def test_what_loads_by_a_name_for_a_text_is_refused(entity: str, inner: str) -> None:
    before = f'<!DOCTYPE svg [<!ENTITY e "{entity}">]>'
    assert isinstance(examine(svg(inner, before=before)).cleaning, Refused)


def test_style_sheet_of_another_file_is_refused() -> None:
    data = svg(before="<?xml-stylesheet href='https://example.org/a.css'?>")
    assert isinstance(examine(data).cleaning, Refused)


# --- pictures inside ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inner",
    [
        image_of(as_data(dirty_jpeg())),
        image_of(as_data(dirty_jpeg()).replace("base64,", "base64,&#10; \n")),
        f"<style>circle{{background:url({as_data(dirty_jpeg())})}}</style>",
        f"<style>circle{{background:url('{as_data(dirty_jpeg())}')}}</style>",
        f'<foreignObject><img {XHTML} src="{as_data(dirty_jpeg())}"/></foreignObject>',
        image_of(as_data(svg("<desc>SECRET-PLACE</desc>"), "image/svg+xml")),
        image_of("data:image/svg+xml,%3Csvg%3E%3Cdesc%3ESECRET-PLACE%3C/desc%3E%3C/svg%3E"),
    ],
)
def test_picture_inside_is_cleaned(inner: str) -> None:
    data = svg(inner, XLINK)
    assert Kind.DESCRIPTION in kinds(data)
    result = cleaned(data)
    for form in (TOKEN, base64.b64encode(TOKEN)[:12], base64.b64encode(b"_" + TOKEN)[4:12]):
        assert form not in result


@pytest.mark.parametrize(
    "address",
    [
        as_data(b"BM" + bytes(60), "image/bmp"),
        as_data(jpeg()[:300]),
        "data:image/png;base64,%%%",
        as_data(gzip.compress(svg(), mtime=0), "image/svg+xml"),
    ],
)
def test_picture_inside_that_cannot_be_cleaned_is_refused(address: str) -> None:
    assert isinstance(examine(svg(image_of(address), XLINK)).cleaning, Refused)


@pytest.mark.parametrize("media_type", ["a/b", "image/\u00e4", "", "image/jpeg;charset=utf-8"])
def test_picture_of_an_odd_kind_is_known_by_its_bytes(media_type: str) -> None:
    result = clean(svg(image_of(as_data(dirty_jpeg(), media_type)), XLINK)).decode()
    assert base64.b64decode(result.partition("base64,")[2].partition('"')[0]) == jpeg()


@pytest.mark.parametrize(
    "address",
    [
        *("data:SECRET-PLACE", "data:,SECRET-PLACE", "data:;base64", "data:text/css,SECRET-PLACE"),
        *("data:font/woff,SECRET-PLACE", "data:text/javascript,SECRET-PLACE"),
        as_data(b"wOF2" + bytes(4) + (48).to_bytes(4) + bytes(36) + TOKEN, "font/woff2"),
        as_data(b"wOFF" + bytes(4) + (44).to_bytes(4) + bytes(15) + b"\1" * 17, "font/woff"),
    ],
)
def test_data_that_is_no_picture_is_refused(address: str) -> None:
    assert isinstance(examine(svg(image_of(address), XLINK)).cleaning, Refused)


@pytest.mark.parametrize("media_type", ["font/woff2", "application/octet-stream", ""])
def test_fonts_inside_stay(media_type: str) -> None:
    address = as_data(b"wOF2" + bytes(4) + (48).to_bytes(4) + bytes(36), media_type)
    assert is_clean(svg(f"<style>@font-face{{src:url({address})}}</style>"))


def test_drawings_in_drawings_end() -> None:
    data = svg("<desc>SECRET-PLACE</desc>")
    for _ in range(2):
        data = svg(image_of(as_data(data, "image/svg+xml")), XLINK)
    assert is_clean(clean(data))
    data = svg(image_of(as_data(data, "image/svg+xml")), XLINK)
    assert isinstance(examine(data).cleaning, Refused)


# --- encodings, gzip, size ----------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_marked_encodings_are_read(encoding: str) -> None:
    text = svg("<desc>Caf\u00e9 \U0001f600 SECRET-PLACE</desc><text>\U0001f600</text>").decode()
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    data = (mark + text).encode(encoding)
    (finding,) = examine(data).report.findings
    assert finding.value == "Caf\u00e9 \U0001f600 SECRET-PLACE"
    result = clean(data)
    assert result.decode(encoding) == mark + svg("<text>\U0001f600</text>").decode()


def test_declared_encoding_is_read() -> None:
    before = '<?xml version="1.0" encoding="ISO-8859-1"?>'
    data = svg("<desc>Caf\u00e9</desc>", before=before).decode().encode("latin-1")
    (finding,) = examine(data).report.findings
    assert finding.value == "Caf\u00e9"


def test_encoding_that_hides_tags_is_refused() -> None:
    data = svg(before='<?xml version="1.0" encoding="UTF-7"?>')
    assert not recognises(data) or isinstance(examine(data).cleaning, Refused)


def test_gzip_name_and_time_go() -> None:
    sink = io.BytesIO()
    with gzip.GzipFile("SECRET-PLACE.svg", "wb", fileobj=sink, mtime=1_600_000_000) as file:
        file.write(svg())
    data = sink.getvalue()
    assert {Kind.IDENTIFIER, Kind.TIME} <= kinds(data)
    result = cleaned(data)
    assert gzip.decompress(result) == svg()
    assert result[3:8] == bytes(5)


def test_what_stands_behind_a_gzip_member_goes() -> None:
    assert clean(zlib_gzip(svg()) + TOKEN) == zlib_gzip(svg())


def test_gzip_bomb_is_refused() -> None:
    bomb = zlib_gzip(svg(after=" " * (33 << 20)))
    assert len(bomb) < 100_000
    assert isinstance(examine(bomb).cleaning, Refused)


def test_file_over_the_bound_is_refused_unread() -> None:
    data = svg(after=" " * (33 << 20))
    source = engine.source_of(data)
    steps = inspect(source, Depth.THOROUGH)
    with pytest.raises(StopIteration) as ended:
        next(steps)
    assert ended.value.value.findings
    assert isinstance(examine(data).cleaning, Refused)


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        svg()[:-6],
        svg("<g>"),
        svg("</g>"),
        svg("<g x=1/>"),
        svg("<g x='1/>"),
        svg("<!-- "),
        svg("< >"),
        svg("<![CDATA["),
        svg(before='<!DOCTYPE svg [<!ENTITY a "&b;">]>'),
        svg(before='<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
        svg(before='<!DOCTYPE svg [<!ENTITY % a "b"> %a;]>'),
        svg("<g>" * 5000),
    ],
)
def test_broken_or_scheming_text_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed) as raised:
        examine(data)
    assert 0 <= raised.value.at_byte <= len(data)


def test_entity_bomb_is_not_expanded() -> None:
    lines = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)
    )
    with pytest.raises(Malformed):
        examine(svg("<text>&a11;</text>", before=f"<!DOCTYPE svg [{lines}]>"))


def test_many_tags_take_linear_time() -> None:
    data = svg("<g a='1'/><!--x-->" * 6_000)
    assert b"x" not in clean(data).replace(b"xmlns", b"").replace(b"cx", b"")


def test_many_comments_are_told_of_shortly() -> None:
    findings = examine(svg("".join(f"<!--{n}-->" for n in range(500)))).report.findings
    assert len(findings) == 101
    assert findings[-1].summary == "Has 400 more comments"
    assert sum(len(finding.spans) for finding in findings) == 500


@pytest.mark.parametrize(
    "data",
    [b"<!---->" * 9000 + b"<b>", b"<?a?>" * 9000, b"<!DOCTYPE a[" * 5000, b"<!DOCTYPE a[]>" * 4000],
)
def test_what_begins_like_a_drawing_is_passed_over_once(data: bytes) -> None:
    assert not recognises(data)


def test_words_of_drawing_are_no_editors_words() -> None:
    assert not words.is_drawing_attribute("author")
    assert not words.is_drawing_attribute("onclick")
    assert words.is_drawing_attribute("stroke-width")
    assert not links.is_local("homepage.png")
    assert FORMAT.extensions == (".svg", ".svgz")


@settings(max_examples=60, deadline=None)
@given(
    inner=st.lists(
        st.sampled_from(
            [
                "<g>", "</g>", "<title>", "</title>", "<!--", "-->", "SECRET-PLACE", " ", "<x:y/>",
                "<style>", "</style>", "/*", "*/", "<![CDATA[", "]]>", "<text>", "</text>", "é",
                "<g a='", "'/>", "<g data-x='1'/>", "&lt;", "<metadata>", "</metadata>",
            ]
        ),
        max_size=14,
    ).map("".join)
)  # fmt: skip
def test_any_mix_of_tags_is_judged_or_malformed(inner: str) -> None:
    data = svg(inner)
    try:
        cleaning = examine(data).cleaning
    except Malformed:
        return
    result = engine.apply(cleaning, data) if hasattr(cleaning, "steps") else data
    assert is_clean(result)
    assert "<!--SECRET" not in result.decode()
