"""What the daemon has loaded by the moment it listens: heavy things come later."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable

from support.daemon import home_for_daemon

HEAVY = ("PIL", "piexif", "cryptography", "watchdog", "sharewise.formats.judge", "websockets")
"""Each costs a noticeable part of the first answer, or draws in something that does."""

REPORT = """
import json, os, signal, sys
from sharewise import run
from sharewise.places import places

def load(*_):
    print(json.dumps(sorted(sys.modules)), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    return run.Loaded(run_forever=(), drop=lambda caller: None)

run._load = load
from sharewise.cli.main import main
sys.exit(main(["daemon", "run"]))
"""


def heavy_of(modules: Iterable[str]) -> list[str]:
    return [name for name in HEAVY if any(f"{one}.".startswith(f"{name}.") for one in modules)]


def test_nothing_heavy_is_loaded_before_the_daemon_listens() -> None:
    with home_for_daemon() as environment:
        ended = subprocess.run(
            [sys.executable, "-c", REPORT],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    modules = json.loads(ended.stdout)
    assert "aiohttp.web" in modules
    assert heavy_of(modules) == []


def test_a_heavy_module_would_be_noticed() -> None:
    assert heavy_of(["os", "PIL.Image", "piexifs"]) == ["PIL"]
