"""`sharewise case`: the sealed captures on this computer."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from sharewise.cli.client import ask
from sharewise.cli.command import Command
from sharewise.seals.names import printable
from sharewise.wire.captures import (
    CaseDelete,
    CaseExport,
    CaseList,
    CaseNote,
    CaseShow,
    CaseState,
    ItemState,
)
from sharewise.wire.items import ItemMove

EXIT_KEPT = 1
STAMPS = {
    "stamped": "It has a time-stamp of the service that you chose, over its signature.",
    "failed": "It has no time-stamp: the service that you chose did not give one now.",
}


def _configure(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True)

    listing = actions.add_parser("list", help="list the cases, newest first")
    listing.set_defaults(action=_list)

    show = actions.add_parser("show", help="show a case and its captures")
    show.add_argument("case_id", metavar="ID")
    show.set_defaults(action=_show)

    note = actions.add_parser("note", help="replace the note of a case")
    note.add_argument("case_id", metavar="ID")
    note.add_argument("text", metavar="TEXT")
    note.set_defaults(action=_note)

    move = actions.add_parser("move", help="put a capture into another case")
    move.add_argument("item_id", metavar="CAPTURE", help="as 'case show' lists it")
    move.add_argument("case_id", metavar="ID", help="the case that it goes to")
    move.set_defaults(action=_move)

    export = actions.add_parser("export", help="write a case as one file that anybody can check")
    export.add_argument("case_id", metavar="ID")
    export.add_argument(
        "folder", metavar="DIR", nargs="?", type=Path, default=Path(), help="default: here"
    )
    export.add_argument("--recipient", metavar="KEY", help="encrypt it to this age key (age1...)")
    export.add_argument(
        "--originals", action="store_true", help="with the originals of redacted copies"
    )
    export.add_argument(
        "--show-pictures", action="store_true", help="do not blur the pictures in the report"
    )
    export.set_defaults(action=_export)

    delete = actions.add_parser("delete", help="delete a case and its captures")
    delete.add_argument("case_id", metavar="ID")
    delete.add_argument("--yes", action="store_true", help="do not ask")
    delete.set_defaults(action=_delete)


def _run(chosen: Namespace) -> int:
    code: int = chosen.action(chosen)
    return code


def _list(_: Namespace) -> int:
    cases = ask(CaseList()).cases
    if not cases:
        print("There are no cases yet. A capture in the browser makes the first one.")
    for case in cases:
        print(f"{case.case_id}  {printable(case.label)}  {_captures(len(case.items))}")
    return 0


def _show(chosen: Namespace) -> int:
    _print_case(ask(CaseShow(case_id=chosen.case_id)))
    return 0


def _note(chosen: Namespace) -> int:
    _print_case(ask(CaseNote(case_id=chosen.case_id, text=chosen.text)))
    return 0


def _move(chosen: Namespace) -> int:
    moved = ask(ItemMove(item_id=chosen.item_id, case_id=chosen.case_id))
    _print_case(ask(CaseShow(case_id=moved.case_id)))
    return 0


def _export(chosen: Namespace) -> int:
    folder: Path = chosen.folder
    made = ask(
        CaseExport(
            case_id=chosen.case_id,
            folder=str(folder.resolve()),
            blur_pictures=not chosen.show_pictures,
            include_originals=chosen.originals,
            recipient=chosen.recipient,
        )
    )
    print(f"{printable(made.path)} ({made.size_bytes:,} bytes)")
    print(f"SHA-256 {made.sha256}")
    print("It was read back and checked. VERIFY.txt inside tells how anybody can check it again.")
    print("'sharewise verify' shows the key's fingerprint: give it to the receiver another way.")
    if made.stamp != "off":
        print(STAMPS[made.stamp])
    if chosen.recipient is None:
        print("It is not encrypted: whoever gets this file can see what is in it.")
    else:
        print("It is encrypted: only the holder of that key can open it, with 'age -d'.")
    return 0


def _delete(chosen: Namespace) -> int:
    case = ask(CaseShow(case_id=chosen.case_id))
    if not chosen.yes and not _is_sure(case):
        print("Nothing was deleted.")
        return EXIT_KEPT
    ask(CaseDelete(case_id=case.case_id))
    print("The case is gone from here. Exports of it, backups and copies made by a sync program")
    print("stay where they are, and a disk may keep traces of deleted files for a while.")
    return 0


def _is_sure(case: CaseState) -> bool:
    print(f"Case {case.case_id} has {_captures(len(case.items))}. This cannot be undone.")
    if not sys.stdin.isatty():
        print("Add --yes to delete it without being asked.", file=sys.stderr)
        return False
    return input("Type 'delete' to go on: ").strip().lower() == "delete"


def _print_case(case: CaseState) -> None:
    print(f"Case {case.case_id}  {printable(case.label)}  made {case.created_at_utc}")
    if case.note:
        print("\n".join(f"  {printable(line)}" for line in case.note.splitlines()))
    print(_captures(len(case.items)))
    for item in case.items:
        _print_item(item)


def _print_item(item: ItemState) -> None:
    print(f"\n{item.item_id}  sealed {item.sealed_at_utc}  {item.size_bytes:,} bytes")
    print(f"  {printable(item.title)}")
    print(f"  {printable(item.url)}")
    for missing in item.missing:
        print(f"  missing: {printable(missing.name)}: {printable(missing.why)}")


def _captures(count: int) -> str:
    return "1 capture" if count == 1 else f"{count} captures"


COMMAND = Command(
    name="case",
    help="list, show, note, move, export or delete sealed captures",
    description="The sealed captures on this computer. 'export' writes a package that a stranger "
    "can check without this program. Exit codes: 0 done, 1 not deleted, 2 an error.",
    configure=_configure,
    run=_run,
)
