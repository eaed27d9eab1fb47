import io

from sharewise.cli import progress as module
from sharewise.cli.progress import CLEAR, Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_sees_a_line_that_goes_away(monkeypatch):
    monkeypatch.setattr(module, "REDRAW_S", 0.0)
    terminal = Terminal()
    with Progress(stream=terminal) as progress:
        for _ in range(1204):
            progress.step()
    assert f"{CLEAR}1,204 files …" in terminal.getvalue()
    assert terminal.getvalue().endswith(CLEAR)


def test_line_is_not_drawn_for_each_file():
    terminal = Terminal()
    with Progress(stream=terminal) as progress:
        for _ in range(5):
            progress.step()
    assert terminal.getvalue() == ""


def test_pipe_and_json_stay_clean(monkeypatch):
    monkeypatch.setattr(module, "REDRAW_S", 0.0)
    for stream, is_wanted in ((io.StringIO(), True), (Terminal(), False)):
        with Progress(stream=stream, is_wanted=is_wanted) as progress:
            progress.step()
        assert stream.getvalue() == ""
