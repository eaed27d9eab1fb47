"""One process at a time holds a vault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.vault.hold import Hold

HOLD = """
import sys
from pathlib import Path
from sharewise.vault.hold import Hold
hold = Hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_another_process_is_kept_out_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "vault.lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(SharewiseError) as refused:
            Hold(path)
        assert refused.value.code is ErrorCode.BUSY
        other.kill()
    hold = Hold(path)
    hold.close()
    Hold(path).close()


def test_a_folder_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(SharewiseError) as refused:
        Hold(tmp_path / "absent" / "vault.lock")
    assert refused.value.code is ErrorCode.UNREADABLE
