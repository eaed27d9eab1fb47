"""What was blacked out is gone: from the pixels, and from everything that lies around them."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.pictures.redaction import MAX_BOXES, Area, redacted
from support.scenes import saved, scene


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def test_areas_are_black_and_the_rest_is_as_it_was() -> None:
    picture = scene(1, 60, 40)
    made = opened(redacted(io.BytesIO(saved(picture)), [Area(10, 5, 20, 10), Area(50, 30, 99, 99)]))
    assert made.size == picture.size
    for x in range(60):
        for y in range(40):
            is_hidden = (10 <= x < 30 and 5 <= y < 15) or (x >= 50 and y >= 30)
            assert made.getpixel((x, y)) == ((0, 0, 0) if is_hidden else picture.getpixel((x, y)))


def test_nothing_but_pixels_is_in_it() -> None:
    picture = scene(2, 60, 40).convert("RGBA")
    picture.putalpha(0)  # hidden by transparency: the colours are still in the file
    notes = PngInfo()
    notes.add_text("Comment", "canary")
    content = io.BytesIO()
    picture.save(content, "PNG", pnginfo=notes, dpi=(300, 300), icc_profile=b"canary" * 50)
    made = redacted(io.BytesIO(content.getvalue()), [Area(0, 0, 10, 10)])
    assert b"canary" not in made
    chunks = {made[at - 4 : at] for at in range(8, len(made)) if made[at - 4 : at].isalpha()}
    assert chunks & {b"tEXt", b"iTXt", b"zTXt", b"iCCP", b"eXIf", b"pHYs", b"tIME"} == set()
    assert opened(made).mode == "RGB"
    assert opened(made).getpixel((30, 30)) == (255, 255, 255), "as it was seen, on white"


def test_the_same_areas_make_the_same_bytes() -> None:
    content = saved(scene(3, 60, 40))
    areas = [Area(1, 2, 3, 4)]
    assert redacted(io.BytesIO(content), areas) == redacted(io.BytesIO(content), areas)


@pytest.mark.parametrize(
    ("areas", "code"),
    [
        ([], ErrorCode.INVALID_PARAMS),
        ([Area(60, 0, 5, 5)], ErrorCode.INVALID_PARAMS),
        ([Area(0, 0, 5, 5), Area(-9, 0, 9, 5)], ErrorCode.INVALID_PARAMS),
        ([Area(5, 5, -3, -3)], ErrorCode.INVALID_PARAMS),
        ([Area(0, 0, 1, 1)] * (MAX_BOXES + 1), ErrorCode.INVALID_PARAMS),
    ],
)
def test_areas_that_hide_nothing_are_refused(areas: list[Area], code: ErrorCode) -> None:
    with pytest.raises(SharewiseError) as refused:
        redacted(io.BytesIO(saved(scene(1, 60, 40))), areas)
    assert refused.value.code is code


@pytest.mark.parametrize("content", [b"", b"noise", saved(scene(1, 60, 40))[:200]])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(SharewiseError) as refused:
        redacted(io.BytesIO(content), [Area(0, 0, 5, 5)])
    assert refused.value.code is ErrorCode.BAD_PART
