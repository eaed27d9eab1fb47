"""A page saved as MHTML is whole or it is none."""

from __future__ import annotations

import io

import pytest

from sharewise.artefacts.mhtml import why_not_mhtml
from support.mhtml_pages import Part, mhtml

PAGE = mhtml(Part("text/html", b"<p>Words</p>"))
LONG = mhtml(Part("text/html", b"<p>Words</p>\n" * 200_000))


@pytest.mark.parametrize("page", [PAGE, LONG, PAGE.rstrip(), PAGE.replace(b"\r\n", b"\n")])
def test_a_whole_page_is_taken(page: bytes) -> None:
    assert why_not_mhtml(io.BytesIO(page)) is None


@pytest.mark.parametrize("page", [PAGE, LONG])
@pytest.mark.parametrize("lost", [3, 20, 60])
def test_a_page_that_was_cut_off_is_not(page: bytes, lost: int) -> None:
    assert why_not_mhtml(io.BytesIO(page[:-lost])) == "it ends before the page does"


def test_what_has_no_boundary_is_no_page() -> None:
    assert why_not_mhtml(io.BytesIO(PAGE.replace(b"boundary", b"boundery"))) is not None
