"""Which errors of a browser are left out: those of a tab that was closed, and no other."""

import pytest

from support.browsers.browser import LogEntry, is_of_closing

BASE = "moz-extension://0/content/"
CUT = LogEntry(
    "warning",
    f"Script terminated by timeout at:\nonFrame@{BASE}card_settling.js:43:11\n",
    f"{BASE}card_settling.js",
)


def missed(name: str) -> LogEntry:
    text = f"ReferenceError: can't access lexical declaration '{name}' before initialization"
    return LogEntry("error", text, f"{BASE}guard.js")


def test_what_a_script_that_was_cut_short_did_not_declare_is_of_closing() -> None:
    assert is_of_closing(missed("sharewiseCardSettling"), [CUT])


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (missed("sharewiseCardSettling"), []),
        (missed("sharewiseCard"), [CUT]),
        (missed("settling"), [CUT]),
        (LogEntry("error", "TypeError: card is null", f"{BASE}card_settling.js"), [CUT]),
    ],
    ids=["nothing was cut short", "another script was", "not of ours", "another error"],
)
def test_any_other_error_is_kept(error: LogEntry, logged: list[LogEntry]) -> None:
    assert not is_of_closing(error, logged)
