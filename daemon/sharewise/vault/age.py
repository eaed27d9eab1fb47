"""age encryption (age-encryption.org/v1) to one X25519 key; `age -d` reads what this writes.

`pyrage` is imported where it is used: the daemon's start must not pay for it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Protocol

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError

if TYPE_CHECKING:
    from pyrage.x25519 import Identity, Recipient


class Readable(Protocol):
    """What is read from its place on."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


class Writable(Protocol):
    """What is written to."""

    def write(self, data: bytes, /) -> int:
        """Take all of them and return how many."""
        ...


def new_identity() -> Identity:
    """Return a new secret key; `str` of it is what age calls an identity."""
    from pyrage import x25519

    return x25519.Identity.generate()


def identity_of(secret: str) -> Identity:
    """Return the key of "AGE-SECRET-KEY-1…". Raises ValueError if it is none."""
    from pyrage import IdentityError, x25519

    try:
        return x25519.Identity.from_str(secret)
    except IdentityError as error:
        raise ValueError("no age identity") from error


def recipient_of(public: str) -> Recipient:
    """Return the public key of "age1…". Raises ValueError if it is none."""
    from pyrage import RecipientError, x25519

    try:
        return x25519.Recipient.from_str(public)
    except RecipientError as error:
        raise ValueError("no age recipient") from error


def encrypt(plain: bytes, recipient: Recipient) -> bytes:
    """Return the age file of a small content."""
    import pyrage

    encrypted: bytes = pyrage.encrypt(plain, [recipient])
    return encrypted


def encrypt_stream(source: Readable, target: Writable, recipient: Recipient) -> None:
    """Write the age file of what `source` holds from here on; memory does not grow with it.

    What `source` or `target` raises comes as it is.
    """
    import pyrage

    guarded = _Guarded(source, target)
    try:
        pyrage.encrypt_io(guarded, guarded, [recipient])
    except (pyrage.EncryptError, OSError):
        if guarded.error is not None:
            raise guarded.error from None
        raise


def decrypt(encrypted: bytes, identity: Identity) -> bytes:
    """Return the content. Raises SharewiseError(VERIFY_FAILED) if anything of it was changed."""
    output = io.BytesIO()
    decrypt_stream(io.BytesIO(encrypted), output, identity)
    return output.getvalue()


def decrypt_stream(source: Readable, target: Writable, identity: Identity) -> None:
    """Write the content. Raises SharewiseError(VERIFY_FAILED) if anything of it was changed.

    Some may have been written by then: the caller throws `target` away. What `source` or `target`
    raises comes as it is.
    """
    import pyrage

    guarded = _Guarded(source, target)
    try:
        pyrage.decrypt_io(guarded, guarded, [identity])
    except (pyrage.DecryptError, OSError) as error:
        if guarded.error is not None:
            raise guarded.error from None
        raise SharewiseError(
            ErrorCode.VERIFY_FAILED,
            "Something in the vault is not what was sealed: it was changed, or the disk is "
            "damaged. Look for a backup.",
        ) from error


class _Guarded:
    """Passes both streams on and keeps what they raise: the library would hide it in its own."""

    def __init__(self, source: Readable, target: Writable) -> None:
        self._source = source
        self._target = target
        self.error: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._source.read(size)
        except Exception as error:  # raised on, as what it is, once the library is left
            self.error = error
            raise

    def write(self, data: bytes) -> int:
        try:
            return self._target.write(data)
        except Exception as error:  # raised on, as above
            self.error = error
            raise

    def flush(self) -> None:
        """Nothing is held back here."""
