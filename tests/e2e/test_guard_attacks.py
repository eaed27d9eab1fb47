"""What a hostile page does about the card: it must not get the file as it is, read what the card
says, answer for the person, or make the person press what cannot be seen.

Each attempt is one row of the table: was the file held until the person chose, did the page get
nothing meanwhile, and did what the person chose in the end happen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.browsers import Browser, Kind, Page
from support.pictures import DEVICE, gps_jpeg, pixels, put
from support.sites import Site

REMOVE = "Remove and share"
SHARE = "Share as it is"
OUTPUT = Path(__file__).parent / "output"
COLUMNS = ("held", "page got nothing", "person decided")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, by its name in attacks.js."""

    name: str
    is_covered: bool = False
    """The person sees something else where the card is: no press there may share."""
    is_ended: bool = False
    """It ends as if the person had cancelled."""

    def __str__(self) -> str:
        return self.name


ATTEMPTS = (
    Attempt("listeners that stop everything"),
    Attempt("a dialog over the card, deaf to presses", is_covered=True),
    Attempt("a popover over the card, deaf to presses", is_covered=True),
    Attempt("a popover in a closed shadow tree", is_covered=True),
    Attempt("a picture of the page over the card", is_covered=True),
    Attempt("a sheet of the highest z-index"),
    Attempt("the card taken away again and again", is_ended=True),
    Attempt("the document replaced under the card"),
    Attempt("styles that hide the card"),
    Attempt("clicks and keys that nobody made"),
    Attempt("reading the card"),
    Attempt("natives of frames"),
    Attempt("pictures that have the names of methods"),
    Attempt("prototypes patched before the pick"),
    Attempt("prototypes patched under the card"),
    Attempt("raw files by every reader"),
)
ROWS: dict[tuple[str, str], dict[str, bool]] = {}


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """Print the attempts when all is done, and keep the table beside the pictures."""
    yield
    lines = [f"{'attempt':44}{'browser':10}{'held':6}{'page got nothing':18}person decided"]
    for (name, kind), row in ROWS.items():
        marks = ["yes" if row.get(column) else "NO" for column in COLUMNS]
        lines.append(f"{name:44}{kind:10}{marks[0]:6}{marks[1]:18}{marks[2]}")
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / "guard-attacks.txt").write_text("\n".join(lines) + "\n")
    print("\n" + "\n".join(lines))


async def two_frames(page: Page) -> None:
    """Let the page draw what it has changed."""
    await page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
async def test_attempt(
    browser: Browser, kind: Kind, site: Site, tmp_path: Path, attempt: Attempt
) -> None:
    row = ROWS.setdefault((str(attempt), kind), {})
    name = json.dumps(attempt.name)
    photo = put(tmp_path, "beach.jpg", gps_jpeg())
    page = await browser.open(site.page("attack.html"))
    await page.evaluate(f"attacks.before({name})")
    await page.pick_files("#file", [photo])
    card = await page.card()
    row["held"] = not site.files and not await page.evaluate("seen.length")
    x, y = card.button(SHARE).middle
    await page.evaluate(f"attacks.during({name}, {x}, {y})")
    if attempt.is_covered:
        await two_frames(page)
        await page.press_between((x, y), (x, y), times=4)
    row["page got nothing"] = not site.files
    if attempt.is_ended:
        await page.card_gone()
        await page.until_true("seen.at(-1)?.type === 'cancel'")
        row["person decided"] = not site.files
    else:
        if attempt.is_covered:
            # What was pressed has been dealt with once a later answer is there.
            assert await page.card_now() is not None, "a press nobody could aim answered the card"
        await page.evaluate("attacks.stop()")
        await page.choose(REMOVE)
        (received, *more) = await site.wait_for_files(1)
        is_cleaned = DEVICE not in received.data and not more
        row["person decided"] = is_cleaned and pixels(received.data) == pixels(photo.read_bytes())
    won = await page.evaluate("attacks.won()")
    row["page got nothing"] = row["page got nothing"] and won == []
    assert won == []
    assert row == dict.fromkeys(COLUMNS, True)
