"""The vault's key: seals while it is locked, opens only for the passphrase, is never lost."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.vault import keeper
from sharewise.vault.keeper import Form, Vault
from support.evidence import CHEAP, SetClock

WORDS = "correct horse battery"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def vault(tmp_path: Path, clock: SetClock) -> Vault:
    return opened(tmp_path, clock)


def opened(folder: Path, clock: SetClock) -> Vault:
    vault = Vault(folder / "keys", clock, cost=CHEAP)
    vault.prepare()
    return vault


def code_of(work: object, *arguments: object) -> ErrorCode:
    assert callable(work)
    with pytest.raises(SharewiseError) as refused:
        work(*arguments)
    return refused.value.code


def test_without_a_passphrase_it_is_open_and_says_so(vault: Vault, tmp_path: Path) -> None:
    assert not vault.has_passphrase
    assert not vault.is_locked
    assert vault.unseal(vault.seal(b"words")) == b"words"
    assert stat.S_IMODE((tmp_path / "keys/vault.json").stat().st_mode) == 0o600
    assert code_of(vault.lock) is ErrorCode.INVALID_PARAMS


def test_locked_it_seals_and_does_not_open(vault: Vault, tmp_path: Path, clock: SetClock) -> None:
    vault.set_passphrase(None, WORDS)
    row_open = vault.seal_row(b"row", "item:1")
    vault.lock()
    sealed = vault.seal(b"words")
    row_locked = vault.seal_row(b"row", "item:2")
    assert [form for form, _ in (row_open, row_locked)] == [Form.INDEX_KEY, Form.AGE]
    assert code_of(vault.unseal, sealed) is ErrorCode.VAULT_LOCKED
    assert code_of(vault.unseal_row, *row_locked, "item:2") is ErrorCode.VAULT_LOCKED
    again = opened(tmp_path, clock)
    assert again.is_locked, "and after a restart too"
    assert code_of(again.unlock, "wrong passphrase") is ErrorCode.WRONG_PASSPHRASE
    again.unlock(WORDS)
    assert again.unseal(sealed) == b"words"
    assert again.unseal_row(*row_open, "item:1") == b"row"
    assert again.unseal_row(*row_locked, "item:2") == b"row"


def test_a_row_in_another_place_or_changed_is_damaged(vault: Vault) -> None:
    form, content = vault.seal_row(b"row", "item:1")
    assert code_of(vault.unseal_row, form, content, "item:2") is ErrorCode.VAULT_DAMAGED
    assert code_of(vault.unseal_row, form, content[:-1], "item:1") is ErrorCode.VAULT_DAMAGED
    assert code_of(vault.unseal_row, Form.AGE, b"x", "item:1") is ErrorCode.VAULT_DAMAGED


def test_the_secret_key_is_nowhere_on_the_disk_once_a_passphrase_is_set(
    vault: Vault, tmp_path: Path
) -> None:
    file = tmp_path / "keys/vault.json"
    before = file.read_bytes()
    secret = before[before.index(b"AGE-SECRET-KEY-1") :][:74]
    kept = file.open("rb")  # the old blocks, which a search of the disk would find
    vault.set_passphrase(None, WORDS)
    with kept:
        assert secret not in kept.read(), "overwritten before it was let go"
    assert secret not in file.read_bytes()
    assert WORDS.encode() not in file.read_bytes()
    assert [one.name for one in (tmp_path / "keys").iterdir()] == ["vault.json"]


def test_the_passphrase_is_changed_only_with_the_old_one(vault: Vault) -> None:
    sealed = vault.seal(b"words")
    vault.set_passphrase(None, WORDS)
    other = "another good one"
    assert code_of(vault.set_passphrase, None, other) is ErrorCode.WRONG_PASSPHRASE
    assert code_of(vault.set_passphrase, "wrong one", other) is ErrorCode.WRONG_PASSPHRASE
    vault.set_passphrase(WORDS, other)
    vault.lock()
    assert code_of(vault.unlock, WORDS) in {
        ErrorCode.WRONG_PASSPHRASE,
        ErrorCode.TOO_MANY_TRIES,
    }
    vault._clock.pass_s(1000)
    vault.unlock(other)
    assert vault.unseal(sealed) == b"words"


def test_a_passphrase_that_is_too_short_is_refused(vault: Vault) -> None:
    assert code_of(vault.set_passphrase, None, "short") is ErrorCode.INVALID_PARAMS
    assert not vault.has_passphrase


def test_the_same_letters_typed_in_another_way_open_it(vault: Vault) -> None:
    vault.set_passphrase(None, "caf\u00e9 und Stra\u00dfe")
    vault.lock()
    vault.unlock("cafe\u0301 und Stra\u00dfe")


def test_wrong_passphrases_slow_down_and_the_right_one_ends_it(
    vault: Vault, clock: SetClock
) -> None:
    vault.set_passphrase(None, WORDS)
    vault.lock()
    for _ in range(keeper.FREE_TRIES):
        assert vault.wait_s == 0
        assert code_of(vault.unlock, "wrong words here") is ErrorCode.WRONG_PASSPHRASE
    waits = []
    for _ in range(12):
        waits.append(vault.wait_s)
        assert code_of(vault.unlock, WORDS) is ErrorCode.TOO_MANY_TRIES, "not even the right one"
        clock.pass_s(vault.wait_s)
        assert code_of(vault.unlock, "wrong words here") is ErrorCode.WRONG_PASSPHRASE
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == keeper.MAX_WAIT_S
    clock.pass_s(vault.wait_s)
    vault.unlock(WORDS)
    vault.lock()
    assert vault.wait_s == 0


def test_it_locks_itself_when_nobody_uses_it(vault: Vault, clock: SetClock) -> None:
    forgotten: list[bool] = []
    vault.on_lock.append(lambda: forgotten.append(True))
    vault.set_passphrase(None, WORDS)
    vault.set_auto_lock(10)
    clock.pass_s(9 * 60)
    assert not vault.lock_if_idle()
    vault.must_be_open()
    clock.pass_s(9 * 60)
    assert not vault.lock_if_idle(), "it was used"
    clock.pass_s(61)
    assert vault.lock_if_idle()
    assert vault.is_locked
    assert forgotten == [True]


def test_without_a_passphrase_it_never_locks_itself(vault: Vault, clock: SetClock) -> None:
    clock.pass_s(1_000_000)
    assert not vault.lock_if_idle()
    assert not vault.is_locked


@pytest.mark.parametrize("minutes", [0, -1, 241])
def test_idle_minutes_have_bounds(vault: Vault, minutes: int) -> None:
    assert code_of(vault.set_auto_lock, minutes) is ErrorCode.INVALID_PARAMS


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"version": 2}'])
def test_a_key_file_that_cannot_be_used_is_told_and_stays(
    tmp_path: Path, clock: SetClock, content: bytes
) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    file = tmp_path / "keys/vault.json"
    file.write_bytes(content)
    assert code_of(Vault(tmp_path / "keys", clock).prepare) is ErrorCode.KEY_UNREADABLE
    assert file.read_bytes() == content


def test_a_public_key_that_was_exchanged_is_found_when_it_is_unlocked(
    vault: Vault, tmp_path: Path, clock: SetClock
) -> None:
    vault.set_passphrase(None, WORDS)
    other = Vault(tmp_path / "other", clock)
    other.prepare()
    file = tmp_path / "keys/vault.json"
    exchanged = file.read_text().replace(vault._known.recipient, other._known.recipient)
    file.write_text(exchanged)
    again = opened(tmp_path, clock)
    assert code_of(again.unlock, WORDS) is ErrorCode.WRONG_PASSPHRASE
    assert again.is_locked


def test_a_lost_key_is_not_replaced_when_there_is_something_to_open(
    tmp_path: Path, clock: SetClock
) -> None:
    vault = Vault(tmp_path / "keys", clock)
    with pytest.raises(SharewiseError) as refused:
        vault.prepare(may_make=False)
    assert refused.value.code is ErrorCode.KEY_UNREADABLE
    assert not os.path.lexists(tmp_path / "keys/vault.json")
