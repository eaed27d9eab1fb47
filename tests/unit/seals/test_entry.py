"""An entry reads back as it was written, and what is none is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.seals import entry
from sharewise.seals.entry import Entry

SALT = "ab" * entry.SALT_BYTES


@given(st.text(), st.text(), st.none() | st.text(), st.text())
def test_an_entry_reads_back(at: str, what: str, item: str | None, detail: str) -> None:
    made = Entry(at_utc=at, what=what, case_id="c", item_id=item, detail=detail, salt=SALT)
    assert entry.parse(entry.build(made)) == made


@pytest.mark.parametrize(
    "untrusted",
    [
        b"",
        b"{}",
        b"\xff",
        b'{"version":2,"at_utc":"","what":"","case_id":"","salt":"%s"}' % SALT.encode(),
        b'{"version":1,"at_utc":"","what":"","case_id":"","salt":"ab"}',
        b'{"version":1,"at_utc":"","what":"","case_id":"","salt":"zz"}',
        b'{"version":1,"at_utc":"","what":"","case_id":"","more":1,"salt":"%s"}' % SALT.encode(),
    ],
)
def test_what_is_no_entry_is_refused(untrusted: bytes) -> None:
    assert entry.parse(untrusted) is None
