"""Asks a time-stamping authority, over HTTP, for what the person turned on."""

from __future__ import annotations

import asyncio
import logging
import ssl
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals import timestamp
from sharewise.seals.timestamp import Stamped
from sharewise.services.blocking import to_the_end
from sharewise.services.contents import Stamper
from sharewise.services.shelf import STAMP_ON, Shelf

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

STAMP_URL = "stamp_url"
"""The fact that holds the authority's address."""
TIMEOUT_S = 20.0

log = logging.getLogger(__name__)


def asking() -> aiohttp.ClientSession:
    """Return a session to ask in; close it."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))


async def stamper_of(shelf: Shelf) -> Stamper | None:
    """Return what asks the chosen authority from another thread; None if that is turned off.

    It needs the loop that runs now, until it has answered.
    """
    url = await to_the_end(lambda: _chosen(shelf))
    if not url:
        return None
    loop = asyncio.get_running_loop()

    def stamped(data: bytes) -> Stamped | None:
        try:
            return asyncio.run_coroutine_threadsafe(_once(url, data), loop).result()
        except SharewiseError as error:
            log.info("the time-stamp of a package: %s", error.code)
            return None

    return stamped


def _chosen(shelf: Shelf) -> str:
    is_on = shelf.index.fact(STAMP_ON) == "yes"
    return (shelf.index.fact(STAMP_URL) or "") if is_on else ""


async def _once(url: str, data: bytes) -> Stamped:
    async with asking() as session:
        return await ask(session, url, data)


async def ask(session: aiohttp.ClientSession, url: str, data: bytes) -> Stamped:
    """Ask for a time-stamp of these bytes. Raises SharewiseError(STAMP_FAILED)."""
    request = timestamp.query(data)
    headers = {"Content-Type": timestamp.QUERY_TYPE, "Accept": timestamp.REPLY_TYPE}
    try:
        async with session.post(
            url, data=request, headers=headers, allow_redirects=False
        ) as response:
            if response.status != 200:
                raise _failed(f"it answered with status {response.status}")
            reply = await response.content.read(timestamp.MAX_REPLY_BYTES + 1)
            while not response.content.at_eof() and len(reply) <= timestamp.MAX_REPLY_BYTES:
                reply += await response.content.read(timestamp.MAX_REPLY_BYTES + 1)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise _failed("it could not be reached") from error
    try:
        nonce = timestamp.nonce_of(request)
        return await to_the_end(
            lambda: timestamp.check(reply, data=data, nonce=nonce, known_roots=_roots_here)
        )
    except ValueError as error:
        raise _failed("its answer is no good time-stamp") from error


def _failed(why: str) -> SharewiseError:
    return SharewiseError(
        ErrorCode.STAMP_FAILED,
        f"The time-stamping service gave no time-stamp: {why}. It stays queued and is tried again.",
    )


def _roots_here() -> list[Certificate]:
    """Return the root certificates that this system comes with. Blocking.

    Most authorities send the certificates of their chain but for the root.
    """
    from cryptography import x509
    from cryptography.utils import CryptographyDeprecationWarning

    context = ssl.create_default_context()
    folder = ssl.get_default_verify_paths().capath
    if not context.get_ca_certs() and folder:  # OpenSSL looks into it only when it needs to
        for file in Path(folder).glob("*.pem"):
            with suppress(OSError):
                context.load_verify_locations(file)
    roots = []
    for der in context.get_ca_certs(binary_form=True):
        # An old root may be written in a way that is frowned upon or refused today.
        with suppress(ValueError), warnings.catch_warnings():
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            roots.append(x509.load_der_x509_certificate(der))
    return roots
