"""A capture notes which of the person's own pictures the page shows."""

from __future__ import annotations

import base64
import io

from sharewise.pictures.pdq import fingerprint, known_hashes
from sharewise.services.own_pictures import INLINE, matches
from support.mhtml_pages import Part, mhtml
from support.scenes import resized, saved, scene


def hash_of(seed: int) -> bytes:
    made = known_hashes(io.BytesIO(saved(scene(seed))))
    assert made is not None
    return made


OWN = {"beach": hash_of(1), "party": hash_of(2)}
COPY = saved(resized(scene(1), 0.6), "JPEG", quality=60)
OTHER = saved(scene(5), "JPEG", quality=60)


def page(*pictures: Part) -> bytes:
    return mhtml(Part("text/html", b"<p>x</p>", "https://example.org/t"), *pictures)


def test_a_copy_on_the_page_is_told_with_its_address() -> None:
    saved_page = page(
        Part("image/jpeg", OTHER, "https://example.org/other.jpg"),
        Part("image/jpeg", COPY, "https://example.org/a.jpg"),
    )
    (found,) = matches(OWN, mhtml=saved_page, html=None)
    assert (found.label, found.address) == ("beach", "https://example.org/a.jpg")
    assert found.distance <= 31


def test_a_picture_inside_the_html_is_seen_too() -> None:
    html = b'<img src="data:image/jpeg;base64,' + base64.b64encode(COPY) + b'">'
    (found,) = matches(OWN, mhtml=None, html=html)
    assert (found.label, found.address) == ("beach", INLINE)


def test_nothing_is_told_without_a_match_a_picture_or_a_fingerprint() -> None:
    other = page(Part("image/jpeg", OTHER, "https://example.org/other.jpg"))
    assert matches(OWN, mhtml=other, html=None) == ()
    assert matches(OWN, mhtml=page(), html=None) == ()
    assert matches(OWN, mhtml=b"noise", html=None) == ()
    copy = page(Part("image/jpeg", COPY, "https://example.org/a.jpg"))
    assert matches({}, mhtml=copy, html=None) == ()


def test_a_plain_picture_matches_nothing() -> None:
    plain = saved(scene(1).crop((0, 0, 1, 1)).resize((400, 300)))
    known = fingerprint(io.BytesIO(plain))
    assert known is not None
    saved_page = page(Part("image/png", plain, "https://example.org/a.png"))
    assert matches({"plain": known.hash}, mhtml=saved_page, html=None) == ()
