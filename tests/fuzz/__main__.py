"""`python3 tests fuzz [FORMAT …] [--seconds N]`: look for a file that breaks a format.

Starts from the samples that each format brings for its tests. A file that breaks something is
kept in .build/fuzz/FORMAT; `--file` judges it again, without the fuzzer.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fuzz.invariant import hold
from fuzz.words import dictionary, magic_words
from sharewise.formats import registry

TESTS = Path(__file__).resolve().parent.parent
FOLDER = TESTS.parent / ".build" / "fuzz"
SECONDS = 60
FILE_BYTES = 64 * 1024
FILE_TIMEOUT_S = 20
MEMORY_MB = 1024
SHOWN_LINES = 40
FIGURES = ("stat::number_of_executed_units", "stat::peak_rss_mb", "stat::slowest_unit")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 tests fuzz", description=__doc__)
    known = registry.formats()
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help=f"of {', '.join(known)}")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for each format")
    parser.add_argument("--file", type=Path, help="only judge this file, as the fuzzer would")
    chosen = parser.parse_args(arguments)
    if chosen.file is not None:
        hold(chosen.file.read_bytes())
        return 0
    if unknown := [name for name in chosen.formats if name not in known]:
        parser.error(f"no format called {', '.join(unknown)}; there are {', '.join(known)}")
    if importlib.util.find_spec("atheris") is None:
        print(
            "The fuzzer atheris is not there: it exists for Linux and macOS, Python 3.11 to 3.13."
        )
        return 1
    names = chosen.formats or list(known)
    broken = [name for name in names if not fuzz(name, chosen.seconds)]
    for name in broken:
        print(f"FAILED {name}: see {FOLDER / name}")
    print(f"{len(names) - len(broken)} passed, {len(broken)} failed")
    return 1 if broken else 0


def fuzz(name: str, seconds: int) -> bool:
    """Fuzz one format for so long; return whether nothing broke it."""
    folder = FOLDER / name
    found, seeds = folder / "found", folder / "seeds"
    for each in (found, seeds):
        each.mkdir(parents=True, exist_ok=True)
    for index, data in enumerate(samples_of(name)):
        (seeds / f"{index:03}").write_bytes(data)
    words = folder / "words.dict"
    words.write_text(dictionary(magic_words()), encoding="ascii")
    print(f"{name}: {seconds} s", flush=True)
    options = (
        f"-max_total_time={seconds}",
        f"-max_len={FILE_BYTES}",
        f"-timeout={FILE_TIMEOUT_S}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-dict={words}",
        f"-artifact_prefix={folder}/broken-",
        "-print_final_stats=1",
        "-verbosity=0",
    )
    command = [sys.executable, str(TESTS / "fuzz" / "target.py"), *options, str(found), str(seeds)]
    with (folder / "log.txt").open("w+b") as log:
        ended = subprocess.run(command, check=False, stdout=log, stderr=subprocess.STDOUT)
        log.seek(0)
        lines = log.read().decode(errors="replace").splitlines()
    is_whole = ended.returncode == 0
    for line in lines[-SHOWN_LINES:] if not is_whole else lines:
        if not is_whole or line.startswith(FIGURES):
            print(f"  {line}", flush=True)
    return is_whole


def samples_of(name: str) -> list[bytes]:
    """Return the files that a format brings for its tests, those that are small enough."""
    file = TESTS / "unit" / "formats" / f"test_{name}.py"
    spec = importlib.util.spec_from_file_location(f"samples_of_{name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    samples = module.samples()
    files = [*samples.clean.values(), *samples.dirty.values(), *samples.refused.values()]
    return [data for data in files if len(data) <= FILE_BYTES]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
