"""`sharewise watch`: the folders that the daemon watches."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from typing import Literal

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.cli.client import ask
from sharewise.cli.command import Command
from sharewise.cli.showing import Json, count_in_words, print_json, say
from sharewise.seals.names import printable
from sharewise.wire.messages import (
    FolderState,
    WatchAdd,
    WatchList,
    WatchListResult,
    WatchPause,
    WatchRemove,
    WatchSet,
    WatchUndo,
)

MODES = {"off": "off", "tell": "tells", "clean": "cleans"}
PROBLEMS = {
    ErrorCode.WATCH_LIMIT: "the system allows no more watches, so new files are found late: "
    "raise fs.inotify.max_user_watches ('sharewise doctor' says how)",
    ErrorCode.DISK_FULL: "the disk is full, so nothing can be cleaned: make room",
    ErrorCode.TIMED_OUT: "it takes too long to answer: is its disk or server connected?",
    ErrorCode.UNREADABLE: "it cannot be read: look at its permissions",
}


def configure(parser: ArgumentParser) -> None:
    """Add the actions."""
    parser.set_defaults(json=False)
    actions = parser.add_subparsers(metavar="ACTION", required=True)

    def action(name: str, run_action: object, words: str) -> ArgumentParser:
        sub = actions.add_parser(name, help=words, description=words)
        sub.add_argument("--json", action="store_true", help="print JSON objects, one a line")
        sub.set_defaults(action=run_action)
        return sub

    action("list", list_folders, "show watched folders, and those of sync programs")
    adding = action("add", add, "watch a folder")
    how = adding.add_mutually_exclusive_group()
    how.add_argument("--tell", action="store_true", help="only count private files (default)")
    how.add_argument(
        "--clean", action="store_true", help="clean files; untouched originals are kept"
    )
    adding.add_argument("folder", metavar="DIR")
    setting = action("set", choose, "choose what is done in a folder")
    setting.add_argument("folder", metavar="DIR")
    setting.add_argument("mode", choices=sorted(MODES))
    action("remove", remove, "forget a folder; its files stay as they are").add_argument(
        "folder", metavar="DIR"
    )
    action("pause", pause, "stop watching until 'sharewise watch resume'")
    action("resume", resume, "go on watching, also over what came meanwhile")
    action("undo", undo, "put the original of a cleaned file back").add_argument(
        "file", metavar="FILE"
    )


def run(chosen: Namespace) -> int:
    """Do the action that was chosen."""
    code: int = chosen.action(chosen)
    return code


def list_folders(chosen: Namespace) -> int:
    """Show every folder."""
    _show_all(ask(WatchList()), is_json=chosen.json)
    return 0


def add(chosen: Namespace) -> int:
    """Watch a folder."""
    mode: Literal["tell", "clean"] = "clean" if chosen.clean else "tell"
    _show(ask(WatchAdd(path=_absolute(chosen.folder), mode=mode)), is_json=chosen.json)
    return 0


def choose(chosen: Namespace) -> int:
    """Choose what is done in a folder."""
    _show(ask(WatchSet(path=_absolute(chosen.folder), mode=chosen.mode)), is_json=chosen.json)
    return 0


def remove(chosen: Namespace) -> int:
    """Forget a folder."""
    ask(WatchRemove(path=_absolute(chosen.folder)))
    _done("The folder is no longer watched. Its files and kept originals stay.", chosen)
    return 0


def pause(chosen: Namespace) -> int:
    """Stop watching for now."""
    _show_all(ask(WatchPause(is_paused=True)), is_json=chosen.json)
    return 0


def resume(chosen: Namespace) -> int:
    """Go on watching."""
    _show_all(ask(WatchPause(is_paused=False)), is_json=chosen.json)
    return 0


def undo(chosen: Namespace) -> int:
    """Put an original back."""
    ask(WatchUndo(path=_absolute(chosen.file)))
    _done("The untouched original is back, and is left alone from now on.", chosen)
    return 0


def _absolute(untrusted: str) -> str:
    path = os.path.abspath(untrusted)  # noqa: PTH100  the daemon, not we, resolves links
    try:
        path.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SharewiseError(
            ErrorCode.INVALID_PARAMS,
            "The name holds bytes that are no text, so it cannot be watched. Rename it first.",
        ) from error
    return path


def _done(text: str, chosen: Namespace) -> None:
    if chosen.json:
        print_json({"status": "done"})
    else:
        say(text)


def _show_all(result: WatchListResult, *, is_json: bool) -> None:
    for folder in result.folders:
        _show(folder, is_json=is_json)
    if is_json:
        return
    if not result.folders:
        say("No folder is watched, and no folder of a sync program was found.")
        say("'sharewise watch add DIR' watches one.")
    if result.is_paused:
        say("Watching is paused. 'sharewise watch resume' goes on.")


def _show(folder: FolderState, *, is_json: bool) -> None:
    if is_json:
        print_json(_record(folder))
        return
    provider = "" if folder.provider == "folder" else f"  ({folder.provider})"
    say(f"{MODES[folder.mode]:<6}  {printable(folder.path)}{provider}")
    if not folder.is_reachable:
        say("        not there at the moment; watched again as soon as it is")
    if folder.problem is not None:
        words = {code.value: text for code, text in PROBLEMS.items()}
        say(f"        {words.get(folder.problem, folder.problem)}")
    if folder.private_count:
        private = count_in_words(folder.private_count, "private file", "private files")
        say(f"        {private} seen, {folder.cleaned_count:,} cleaned since the daemon started")


def _record(folder: FolderState) -> dict[str, Json]:
    return {
        "path": folder.path,
        "provider": folder.provider,
        "mode": folder.mode,
        "is_reachable": folder.is_reachable,
        "private_count": folder.private_count,
        "cleaned_count": folder.cleaned_count,
        "problem": folder.problem,
    }


COMMAND = Command(
    name="watch",
    help="watch folders for private photos",
    description="Watches folders, such as those of sync programs: counts photos with something "
    "private in them, or cleans them and keeps the untouched originals outside of every watched "
    "folder. Exit code: 0 done, 2 not done.",
    configure=configure,
    run=run,
)
