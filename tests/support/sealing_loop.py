"""Seals, notes, deletes and exports without end and tells what is done, until it is killed.

Run as `python -m support.sealing_loop HOME OUT`; every line on stdout is "ready" or the case and
item that were answered as sealed, an item that is deleted now, or the path of an export that was
answered.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path

from sharewise.clock import SystemClock
from sharewise.places import Places
from sharewise.services.capture import Captures
from sharewise.services.cases import Cases
from sharewise.services.items import Items
from sharewise.services.shelf import Shelf
from sharewise.vault.keeper import Vault
from sharewise.wire.captures import Tile
from support.evidence import page, picture, pieces, standard_parts


async def loop(home: Path, out: Path) -> None:
    """Never ends by itself."""
    places = Places(home / "run", home / "data", home / "config", home / "logs")
    shelf = Shelf(places, SystemClock(), Vault(places.keys, SystemClock()))
    cases = Cases(shelf)
    captures, items = Captures(shelf, cases), Items(shelf, cases)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(captures.run())
        await cases.list()
        print("ready", flush=True)
        for number in count():
            parts = standard_parts()
            del parts["screenshot-full.png"]
            parts |= {f"tiles/{at:04}.png": picture(64, 48, (at, 0, 0)) for at in range(3)}
            tiles = tuple(Tile(f"tiles/{at:04}.png", 0, at * 40) for at in range(3))
            capture_id = await captures.begin(None, "adults")
            for name, content in parts.items():
                for sequence, data in enumerate(pieces(content, 100)):
                    await captures.part(capture_id, name, sequence, data)
            sealed = await captures.seal(capture_id, page(tiles=tiles))
            print(f"sealed {sealed.case_id} {sealed.item_id}", flush=True)
            if number % 3 == 0:
                await cases.note(sealed.case_id, f"note {number}")
            if number % 5 == 4:
                print(f"deleting {sealed.item_id}", flush=True)
                await items.delete(sealed.item_id)
            if number == 2:
                made = await cases.export(sealed.case_id, out)
                print(f"exported {made.path}", flush=True)


if __name__ == "__main__":
    asyncio.run(loop(Path(sys.argv[1]), Path(sys.argv[2])))
