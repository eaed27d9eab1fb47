"""What very large videos cost: the bytes read for a quick look, and the memory held.

The films are sparse, their frames are holes; what is written out is 4 GB all the same.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from support.movies import long_film

GIGABYTE = 1024**3
MEASURE = """
import json, sys, time
from pathlib import Path
from sharewise.formats import registry
from sharewise.formats.contract import NOTHING_KEPT, Depth
from sharewise.services.cleaning import IntoFolder, clean_file, inspect_file

def held(name):
    # Not ru_maxrss: a child's begins with what its parent held.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))

path, folder = Path(sys.argv[1]), Path(sys.argv[2])
idle = held("VmRSS:")
registry.formats()
loaded = held("VmRSS:")
quick = inspect_file(path, Depth.QUICK)
thorough = inspect_file(path, Depth.THOROUGH)
looked = held("VmHWM:")
begun = time.monotonic()
outcome = clean_file(path, NOTHING_KEPT, IntoFolder(folder))
print(json.dumps({
    "read": quick.bytes_read, "formats": loaded - idle, "looked": looked - loaded,
    "outcome": type(outcome).__name__, "cleaned": held("VmHWM:") - loaded,
    "seconds": time.monotonic() - begun,
}))
"""


def measure(work: Path) -> list[str]:
    """Return a line for each film."""
    return [_of_film(work / "large", gigabytes) for gigabytes in (1, 4)]


def _of_film(folder: Path, gigabytes: int) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    film = long_film(folder / "film.mp4", gigabytes * GIGABYTE)
    command = [sys.executable, "-c", MEASURE, str(film), str(folder / "out")]
    ended = subprocess.run(command, capture_output=True, check=True)
    shutil.rmtree(folder)
    found = json.loads(ended.stdout)
    megabytes = {key: found[key] / 1e6 for key in ("formats", "looked", "cleaned")}
    return (
        f"{gigabytes} GB film: quick look reads {found['read'] / 1000:.0f} kB; memory above the "
        f"interpreter with all formats loaded (they hold {megabytes['formats']:.0f} MB): "
        f"{megabytes['looked']:.0f} MB for both looks, {megabytes['cleaned']:.0f} MB with cleaning "
        f"into a folder ({found['outcome']}, {found['seconds']:.1f} s)"
    )
