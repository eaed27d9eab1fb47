"""A web archive before the tools of others: `wacz validate` and `warcio check`."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sharewise.webarchive.build import SavedPage, build
from support.mhtml_pages import secret_page

PAGE = SavedPage("https://example.org/t/7", "T", "2026-03-05T09:59:58Z", "Sharewise", secret_page())


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    file = tmp_path / "page.wacz"
    file.write_bytes(build(PAGE))
    return file


def tool(module: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    start = f"from {module} import main; import sys; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", start, *map(str, words)], capture_output=True, text=True, check=False
    )


def test_wacz_calls_it_valid_and_a_changed_one_not(archive: Path, tmp_path: Path) -> None:
    good = tool("wacz.main", "validate", "-f", archive)
    assert (good.returncode, "passed WACZ is valid" in good.stdout) == (0, True), good.stderr
    with zipfile.ZipFile(archive) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    changed = tmp_path / "changed.wacz"
    with zipfile.ZipFile(changed, "w") as written:
        for name, content in files.items():
            written.writestr(name, content + b"\n" if name.endswith(".cdx") else content)
    assert tool("wacz.main", "validate", "-f", changed).returncode != 0


def test_warcio_reads_every_record_and_finds_every_digest_right(
    archive: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(archive) as opened:
        opened.extract("archive/data.warc.gz", tmp_path)
    warc = tmp_path / "archive/data.warc.gz"
    good = tool("warcio.cli", "check", "-v", warc)
    assert good.returncode == 0, good.stdout
    assert good.stdout.count("digest pass") == 5
    assert "fail" not in good.stdout
