"""The vault's key: whoever has it reads everything, and sealing needs only its public half.

`vault.json` (0600) holds the public key, and the secret one either as it is, as long as nobody
chose a passphrase, or wrapped: AES-256-GCM under a key that Argon2id makes of the passphrase
(RFC 9106, 4, the second recommended option). There is no recovery.

Rows of the index are encrypted twice over in kind: what is written while the vault is locked goes
to the public key by age; what is written while it is open goes under the index key, a symmetric one
that is itself kept by age, because ten thousand of those open in a few milliseconds.
"""

from __future__ import annotations

import os
import secrets
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.clock import Clock
from sharewise.disk.reading import open_flags, read_small
from sharewise.disk.writing import write_private
from sharewise.places import private_folder
from sharewise.vault import age

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from pyrage.x25519 import Identity, Recipient

VAULT_FILE = "vault.json"
MAX_FILE_BYTES = 64 * 1024
MIN_PASSPHRASE_CHARACTERS = 8
MAX_PASSPHRASE_CHARACTERS = 1024
AUTO_LOCK_MINUTES = 15
FREE_TRIES = 3
"""Wrong passphrases that cost nothing but their time; each further one doubles the wait."""
MAX_WAIT_S = 300.0


class Cost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a try costs. Source: RFC 9106, 4."""

    passes: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4


class PlainSecret(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="plain"):
    """The secret key as it is: nobody chose a passphrase."""

    identity: str


class WrappedSecret(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="wrapped"):
    """The secret key under a passphrase."""

    salt: bytes
    cost: Cost
    nonce: bytes
    wrapped: bytes


class VaultFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`vault.json`."""

    version: Literal[1] = 1
    recipient: str
    secret: PlainSecret | WrappedSecret
    index_key: bytes
    """An age file to the recipient."""
    auto_lock_minutes: int = AUTO_LOCK_MINUTES


class Form(IntEnum):
    """How a row of the index is encrypted."""

    AGE = 0
    INDEX_KEY = 1


@dataclass(slots=True)
class _Open:
    """What is in memory while the vault is open."""

    identity: Identity
    index: AESGCM


class Vault:
    """Seals always, opens while it is unlocked. Blocking; may be used from several threads."""

    def __init__(self, folder: Path, clock: Clock, *, cost: Cost | None = None) -> None:
        """`folder` is where keys lie; nothing is read or made before `prepare`."""
        self._folder = folder
        self._clock = clock
        self._cost = Cost() if cost is None else cost
        self._file: VaultFile | None = None
        self._recipient: Recipient | None = None
        self._open: _Open | None = None
        self._used_s = clock.monotonic_s()
        self._wrong_tries = 0
        self._next_try_s = 0.0
        self._lock = threading.RLock()
        self.on_lock: list[Callable[[], None]] = []
        """Called whenever the vault locks: who keeps plain content in memory drops it."""

    def prepare(self, *, may_make: bool = True) -> None:
        """Load the key, or make one at the first use.

        Raises SharewiseError(KEY_UNREADABLE) for one that cannot be used, which is never replaced,
        and if there is none and `may_make` is false; DISK_FULL and UNSAFE_FOLDER as they are.
        """
        with self._lock:
            if self._file is not None:
                return
            private_folder(self._folder)
            path = self._folder / VAULT_FILE
            if not os.path.lexists(path):
                if not may_make:
                    raise _unreadable()
                write_private(path, msgspec.json.encode(_new_file()))
            self._load(path)

    @property
    def has_passphrase(self) -> bool:
        """Whether the secret key is wrapped."""
        return isinstance(self._known.secret, WrappedSecret)

    @property
    def is_locked(self) -> bool:
        """Whether nothing can be read now."""
        return self._open is None

    @property
    def auto_lock_minutes(self) -> int:
        """Idle minutes after which it locks itself."""
        return self._known.auto_lock_minutes

    @property
    def wait_s(self) -> float:
        """Seconds until a passphrase may be tried again."""
        return max(0.0, round(self._next_try_s - self._clock.monotonic_s(), 1))

    def unlock(self, passphrase: str) -> None:
        """Open the vault. Raises SharewiseError: WRONG_PASSPHRASE, TOO_MANY_TRIES."""
        with self._lock:
            secret = self._known.secret
            if isinstance(secret, WrappedSecret):
                self._enter(age.identity_of(self._unwrapped(secret, passphrase)))
            self.touch()

    def lock(self) -> None:
        """Forget the key. Raises SharewiseError(INVALID_PARAMS) if no passphrase is set."""
        with self._lock:
            if not self.has_passphrase:
                raise SharewiseError(
                    ErrorCode.INVALID_PARAMS, "Choose a passphrase first: then it can be locked."
                )
            self._open = None
        for forget in self.on_lock:
            forget()

    def touch(self) -> None:
        """Note that a person uses the vault."""
        self._used_s = self._clock.monotonic_s()

    def lock_if_idle(self) -> bool:
        """Lock if a passphrase is set and nobody used the vault for long; return whether it did."""
        with self._lock:
            if self._file is None or self.is_locked or not self.has_passphrase:
                return False
            if self._clock.monotonic_s() - self._used_s < self.auto_lock_minutes * 60:
                return False
            self.lock()
            return True

    def set_passphrase(self, current: str | None, new: str) -> None:
        """Wrap the key under another passphrase; the old form is overwritten on the disk.

        Raises SharewiseError: WRONG_PASSPHRASE, TOO_MANY_TRIES, INVALID_PARAMS, DISK_FULL.
        """
        with self._lock:
            if not MIN_PASSPHRASE_CHARACTERS <= len(new) <= MAX_PASSPHRASE_CHARACTERS:
                raise SharewiseError(
                    ErrorCode.INVALID_PARAMS,
                    f"A passphrase needs at least {MIN_PASSPHRASE_CHARACTERS} characters; four or "
                    "five random words are good.",
                )
            secret = self._known.secret
            if isinstance(secret, WrappedSecret):
                identity = self._unwrapped(secret, current or "")
            else:
                identity = secret.identity
            wrapped = _wrap(identity, new, self._cost, self._known.recipient)
            self._replace(msgspec.structs.replace(self._known, secret=wrapped))
            self._enter(age.identity_of(identity))
            self.touch()

    def set_auto_lock(self, minutes: int) -> None:
        """Choose the idle minutes. Raises SharewiseError(INVALID_PARAMS) out of 1 to 240."""
        if not 1 <= minutes <= 240:
            raise SharewiseError(ErrorCode.INVALID_PARAMS, "Choose between 1 and 240 minutes.")
        with self._lock:
            self._replace(msgspec.structs.replace(self._known, auto_lock_minutes=minutes))

    def must_be_open(self) -> None:
        """Raise SharewiseError(VAULT_LOCKED) if nothing can be read now; else note the use."""
        self._opened()
        self.touch()

    def seal(self, plain: bytes) -> bytes:
        """Return an age file to the vault's key; works while it is locked."""
        return age.encrypt(plain, self._to)

    def seal_stream(self, source: age.Readable, target: age.Writable) -> None:
        """As `seal`, for what may be large."""
        age.encrypt_stream(source, target, self._to)

    def unseal(self, encrypted: bytes) -> bytes:
        """Return the content of an age file. Raises SharewiseError: VAULT_LOCKED, VERIFY_FAILED."""
        return age.decrypt(encrypted, self._opened().identity)

    def unseal_stream(self, source: age.Readable, target: age.Writable) -> None:
        """As `unseal`, for what may be large; after an error `target` is to be thrown away."""
        age.decrypt_stream(source, target, self._opened().identity)

    def seal_row(self, plain: bytes, place: str) -> tuple[Form, bytes]:
        """Return a row of the index as it lies on the disk; `place` says which row it is."""
        opened = self._open
        if opened is None:
            return Form.AGE, self.seal(plain)
        nonce = secrets.token_bytes(12)
        return Form.INDEX_KEY, nonce + opened.index.encrypt(nonce, plain, place.encode())

    def unseal_row(self, form: int, encrypted: bytes, place: str) -> bytes:
        """Return a row's content. Raises SharewiseError: VAULT_LOCKED, VAULT_DAMAGED."""
        from cryptography.exceptions import InvalidTag

        opened = self._opened()
        try:
            if form == Form.AGE:
                return age.decrypt(encrypted, opened.identity)
            return opened.index.decrypt(encrypted[:12], encrypted[12:], place.encode())
        except (InvalidTag, ValueError, SharewiseError) as error:
            raise SharewiseError(
                ErrorCode.VAULT_DAMAGED,
                "A part of the vault's index is not what was written. The captures themselves "
                "are untouched; look for a backup of the data folder.",
            ) from error

    @property
    def _known(self) -> VaultFile:
        assert self._file is not None, "prepared before anything else"
        return self._file

    @property
    def _to(self) -> Recipient:
        assert self._recipient is not None, "prepared before anything else"
        return self._recipient

    def _opened(self) -> _Open:
        opened = self._open
        if opened is None:
            raise SharewiseError(
                ErrorCode.VAULT_LOCKED,
                "The vault is locked. Unlock it with your passphrase; capturing works meanwhile.",
            )
        return opened

    def _load(self, path: Path) -> None:
        try:
            if os.name != "nt" and path.lstat().st_mode & 0o077 and not path.is_symlink():
                path.chmod(0o600)
            found = msgspec.json.decode(read_small(path, MAX_FILE_BYTES), type=VaultFile)
            self._recipient = age.recipient_of(found.recipient)
            self._file = found
            if isinstance(found.secret, PlainSecret):
                self._enter(age.identity_of(found.secret.identity))
        except (OSError, ValueError, SharewiseError) as error:
            self._file = None
            raise _unreadable() from error

    def _enter(self, identity: Identity) -> None:
        """Open the vault with its key. Raises SharewiseError(KEY_UNREADABLE) if it is another's."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if str(identity.to_public()) != self._known.recipient:
            raise _unreadable()
        self._open = _Open(identity, AESGCM(age.decrypt(self._known.index_key, identity)))

    def _unwrapped(self, secret: WrappedSecret, passphrase: str) -> str:
        if self.wait_s:
            raise SharewiseError(
                ErrorCode.TOO_MANY_TRIES,
                f"Too many wrong passphrases. Wait {self.wait_s:.0f} seconds, then try again.",
            )
        identity = _unwrap(secret, passphrase, self._known.recipient)
        if identity is not None:
            self._wrong_tries = 0
            return identity
        self._wrong_tries += 1
        if self._wrong_tries >= FREE_TRIES:
            wait_s = min(MAX_WAIT_S, 2.0 ** (self._wrong_tries - FREE_TRIES))
            self._next_try_s = self._clock.monotonic_s() + wait_s
        raise SharewiseError(
            ErrorCode.WRONG_PASSPHRASE, "This is not the passphrase. Nothing was changed."
        )

    def _replace(self, changed: VaultFile) -> None:
        """Put the new file in place, then overwrite what the old one held.

        A disk that writes elsewhere (SSD, copy-on-write) may keep the old blocks all the same.
        """
        path = self._folder / VAULT_FILE
        descriptor = os.open(path, os.O_RDWR | open_flags("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))
        try:
            if os.name == "nt":  # replaces no file that is open
                os.close(descriptor)
                descriptor = -1
            write_private(path, msgspec.json.encode(changed))
            self._file = changed
            if descriptor >= 0:
                os.write(descriptor, bytes(os.fstat(descriptor).st_size))
                os.fsync(descriptor)
        finally:
            if descriptor >= 0:
                os.close(descriptor)


def _new_file() -> VaultFile:
    identity = age.new_identity()
    recipient = identity.to_public()
    return VaultFile(
        recipient=str(recipient),
        secret=PlainSecret(str(identity)),
        index_key=age.encrypt(secrets.token_bytes(32), recipient),
    )


def _wrap(identity: str, passphrase: str, cost: Cost, recipient: str) -> WrappedSecret:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    cipher = AESGCM(_stretched(passphrase, salt, cost))
    wrapped = cipher.encrypt(nonce, identity.encode(), recipient.encode())
    return WrappedSecret(salt, cost, nonce, wrapped)


def _unwrap(secret: WrappedSecret, passphrase: str, recipient: str) -> str | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(_stretched(passphrase, secret.salt, secret.cost))
    try:
        return cipher.decrypt(secret.nonce, secret.wrapped, recipient.encode()).decode()
    except InvalidTag:
        return None


def _stretched(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    """Return the key for a passphrase; the same letters count the same however they were typed."""
    from argon2.exceptions import HashingError
    from argon2.low_level import Type, hash_secret_raw

    text = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    try:
        return hash_secret_raw(text, salt, cost.passes, cost.memory_kib, cost.lanes, 32, Type.ID)
    except HashingError as error:
        raise _unreadable() from error


def _unreadable() -> SharewiseError:
    return SharewiseError(
        ErrorCode.KEY_UNREADABLE,
        "The vault's key cannot be read, so nothing can be sealed or opened; it was left as it "
        "is. Put 'vault.json' back from a backup, or move it and the folder 'vault' to a safe "
        "place so that new ones are made.",
    )
