"""What a look at a photo and its cleaning hold in memory, whatever the size of the file.

The files are sparse: their segments are real, their picture data is a hole.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sharewise.disk.reading import HOLD_BYTES
from support.pictures import DEVICE, gps_jpeg

MEGABYTE = 1024**2
MEMORY_BYTES = 64 * MEGABYTE
TIMEOUT_S = 120

MEASURE = """
import json, sys
from pathlib import Path
from sharewise.disk.reading import converse, open_file
from sharewise.formats import judge, registry
from sharewise.formats.contract import NOTHING_KEPT, Depth
from sharewise.services.cleaning import IntoFolder, clean_file, inspect_file

def held(name):
    # Not ru_maxrss: a child's begins with what its parent held.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))

path, folder = Path(sys.argv[1]), Path(sys.argv[2])
registry.formats()
idle = held("VmRSS:")
quick = inspect_file(path, Depth.QUICK)
thorough = inspect_file(path, Depth.THOROUGH)
with open_file(path) as file:
    converse(judge.plan(file.source()), file)
done = []
if sys.argv[3] == "clean":
    done = [type(clean_file(path, NOTHING_KEPT, IntoFolder(folder))).__name__]
print(json.dumps({
    "looked": [type(quick).__name__, type(thorough).__name__],
    "depths": [quick.depth, thorough.depth],
    "read": quick.bytes_read,
    "cleaned": done,
    "memory": held("VmHWM:") - idle,
}))
"""


pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is measured as Linux tells it"
)


def sparse_jpeg(path: Path, size_bytes: int) -> None:
    data = gps_jpeg()
    with path.open("wb") as file:
        file.write(data[:-2])
        file.truncate(size_bytes - 2)
        file.seek(0, 2)
        file.write(b"\xff\xd9")


@pytest.mark.parametrize(
    ("size_bytes", "what"),
    [
        (4096 * MEGABYTE, "look"),
        (160 * MEGABYTE, "clean"),
        (HOLD_BYTES, "clean"),
    ],
)
def test_memory_stays_small_whatever_the_size(tmp_path, size_bytes, what):
    path = tmp_path / "photo.jpg"
    sparse_jpeg(path, size_bytes)
    command = [sys.executable, "-c", MEASURE, str(path), str(tmp_path / "out"), what]
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=True)
    told = json.loads(done.stdout)
    assert told["looked"] == ["Inspected", "Inspected"]
    assert told["depths"] == ["quick", "thorough"]
    assert told["read"] < 128 * 1024
    assert told["memory"] < MEMORY_BYTES
    if what == "clean":
        assert told["cleaned"] == ["Cleaned"]
        with (tmp_path / "out/photo.jpg").open("rb") as cleaned:
            assert DEVICE not in cleaned.read(128 * 1024)
