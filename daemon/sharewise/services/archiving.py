"""Makes the web archive of a capture out of the page that came with it."""

from __future__ import annotations

from collections.abc import Mapping

import sharewise
from sharewise.artefacts.contract import MEGABYTE
from sharewise.seals.digests import Digest, digest_of
from sharewise.vault.scratch import Parts
from sharewise.webarchive.build import SavedPage, build
from sharewise.wire.captures import CaptureRecord, Missing

ARCHIVE = "page.wacz"
MEDIA_TYPE = "application/wacz"
MHTML, HTML = "page.mhtml", "page.html"
MAX_SOURCE_BYTES = 100 * MEGABYTE
"""A larger page is not taken into memory for it."""


def archive(
    payload: Parts, kept: Mapping[str, Digest], page: CaptureRecord
) -> Digest | Missing | None:
    """Add the archive to the payload and return its figures, or why there is none.

    None if there is no page to make it of: that is told already.
    """
    name = next((name for name in (MHTML, HTML) if name in kept), None)
    if name is None:
        return None
    if kept[name].size_bytes > MAX_SOURCE_BYTES:
        return Missing(ARCHIVE, "The page is too large to be made into an archive.")
    with payload.open(name) as file:
        source = file.read()
    saved = SavedPage(
        page.url,
        page.title,
        page.clicked_at_utc,
        f"Sharewise {sharewise.__version__}",
        mhtml=source if name == MHTML else None,
        html=source if name == HTML else None,
    )
    try:
        content = build(saved)
    except ValueError as error:
        return Missing(ARCHIVE, f"It could not be made: {error}.")
    with payload.create(ARCHIVE) as output:
        output.write(content)
    return digest_of(content)
