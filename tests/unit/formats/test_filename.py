from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.formats.contract import Kind
from sharewise.formats.filename import inspect_name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IMG_20250503_140200.jpg", "2025-05-03T14:02:00"),
        ("PXL_20250503_140200123.jpg", "2025-05-03T14:02:00"),
        ("Screenshot 2025-05-03 at 14.02.00.png", "2025-05-03T14:02:00"),
        ("2025-05-03.jpg", "2025-05-03"),
        ("WhatsApp Image 2025-05-03 at 14.02.00.jpeg", "2025-05-03T14:02:00"),
        ("IMG-20250503-WA0007.jpg", "2025-05-03"),
        ("photo_2025-05-03_14-02-00.jpg", "2025-05-03T14:02:00"),
    ],
)
def test_date_in_a_name_is_found(name: str, value: str) -> None:
    found = inspect_name(name)
    assert found[0].kind is Kind.FILENAME
    assert found[0].value == value


@pytest.mark.parametrize("name", ["IMG-20250503-WA0007.jpg", "WhatsApp Image.jpeg"])
def test_program_that_sent_it_is_found(name: str) -> None:
    assert "WhatsApp" in [finding.value for finding in inspect_name(name)]


def test_screenshot_is_called_one() -> None:
    assert "screenshot" in inspect_name("Screenshot_home.png")[0].summary


def test_count_of_a_camera_is_found() -> None:
    (finding,) = inspect_name("DSC01234.JPG")
    assert finding.value == "DSC01234"


def test_moment_as_a_number_is_found() -> None:
    (finding,) = inspect_name("1746280920000.jpg")
    assert "moment" in finding.summary


@pytest.mark.parametrize("name", ["picture.jpg", "holiday.png", "photo", "", ".jpg", "v1.2.3.png"])
def test_neutral_name_gives_nothing_away(name: str) -> None:
    assert inspect_name(name) == ()


@given(st.text(max_size=300))
def test_any_name_is_read(name: str) -> None:
    assert all(finding.kind is Kind.FILENAME for finding in inspect_name(name))
