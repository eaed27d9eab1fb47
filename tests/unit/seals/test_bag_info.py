"""The small text files of a bag."""

from __future__ import annotations

import pytest

from sharewise.seals import bag_info
from sharewise.seals.bag_info import Oxum


def test_the_oxum_that_is_written_is_read() -> None:
    written = bag_info.build([("Bagging-Date", "2026-03-05")], Oxum(1234, 5))
    assert written == b"Bagging-Date: 2026-03-05\nPayload-Oxum: 1234.5\n"
    assert bag_info.parse_oxum(written) == Oxum(1234, 5)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"Payload-Oxum: x.y\n",
        b"Payload-Oxum: 1.1\nPayload-Oxum: 2.2\n",
        b"\xff\xfe",
        b"a: 1.1",
    ],
)
def test_anything_but_exactly_one_oxum_is_none(text: bytes) -> None:
    assert bag_info.parse_oxum(text) is None


@pytest.mark.parametrize("field", [("a: b", "c"), ("Label", "one\ntwo"), ("", "x")])
def test_a_field_that_would_break_its_line_is_a_defect(field: tuple[str, str]) -> None:
    with pytest.raises(AssertionError):
        bag_info.build([field], Oxum(0, 0))
