"""A real daemon goes through whole scenarios full of private words and writes none of them down."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sharewise.base.errors import SharewiseError
from sharewise.formats import engine
from sharewise.places import Endpoint, reach
from sharewise.wire.calls import CALLS
from sharewise.wire.captures import (
    CaptureBegin,
    CapturePart,
    CaptureSeal,
    CaseDelete,
    CaseExport,
    CaseList,
    CaseNote,
    CaseShow,
    Size,
)
from sharewise.wire.evidence import VaultUnlock
from sharewise.wire.messages import (
    DaemonStatus,
    Sender,
    WatchAdd,
    WatchList,
    WatchRemove,
    WatchSet,
    WatchUndo,
)
from sharewise.wire.photos import PhotoAnswer, PhotoNeeds, PhotoOpen, RangeRequest
from support.daemon import RunningDaemon, Talk, home_for_daemon, running_daemon, talking_to
from support.evidence import page, standard_parts
from support.pictures import DEVICE, gps_jpeg, put
from support.polling import wait_until

CANARY = "canary-5e1f"
"""Part of every private word below: paths, names, addresses, titles, notes, what a photo says."""
TELLTALES = (CANARY, DEVICE.decode(), "45.75,", "4.833333")


@pytest.fixture(params=["unix", "tcp"])
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningDaemon]:
    home = tmp_path / f"{CANARY}-home"
    home.mkdir()
    with (
        home_for_daemon(request.param) as environment,
        running_daemon({**environment, "HOME": str(home)}) as made,
    ):
        made.ready()
        yield made


def written(daemon: RunningDaemon) -> str:
    """Return all that the daemon wrote for somebody to read later."""
    files = [file for file in daemon.places.logs.rglob("*") if file.is_file()]
    return "".join(file.read_text(encoding="utf-8") for file in files) + daemon.errors()


def leaks(daemon: RunningDaemon) -> list[str]:
    text = written(daemon)
    assert '"what": "listening"' in text, "there is nothing to search"
    return [telltale for telltale in TELLTALES if telltale in text]


def look_at_photo(talk: Talk, data: bytes, goal: str) -> None:
    source = engine.source_of(data)
    step = talk.call(
        PhotoOpen(
            size_bytes=len(data),
            head=source.head,
            tail=source.tail,
            goal="plan" if goal == "plan" else "prove",
        ),
        Sender.CONTENT,
    )
    while isinstance(step, PhotoNeeds):
        answers = tuple(
            data[ask.offset : ask.offset + ask.length] if isinstance(ask, RangeRequest) else None
            for ask in step.requests
        )
        step = talk.call(PhotoAnswer(session_id=step.session_id, answers=answers), Sender.CONTENT)


def share_photos(talk: Talk) -> None:
    photo = gps_jpeg()
    for data in (photo, photo[: len(photo) // 2], CANARY.encode(), b""):
        for goal in ("plan", "prove"):
            look_at_photo(talk, data, goal)
    with pytest.raises(SharewiseError):
        talk.call(PhotoAnswer(session_id=CANARY, answers=(CANARY.encode(),)), Sender.CONTENT)


def watch_folders(daemon: RunningDaemon, talk: Talk, folder: Path) -> None:
    put(folder, f"{CANARY}-1.jpg", gps_jpeg())
    put(folder, f"{CANARY}-2.jpg", gps_jpeg()[:300])
    put(folder, f"{CANARY}-3.jpg", b"")
    talk.call(WatchAdd(path=str(folder), mode="clean"))
    wait_until(
        lambda: any(state.cleaned_count for state in daemon.ask(DaemonStatus()).folders),
        "a file of the folder is cleaned",
    )
    talk.call(WatchList())
    talk.call(WatchUndo(path=str(folder / f"{CANARY}-1.jpg")))
    talk.call(WatchSet(path=str(folder), mode="tell"))
    talk.call(WatchRemove(path=str(folder)))
    for wrong in (
        WatchAdd(path=str(folder / f"{CANARY}-absent")),
        WatchAdd(path=CANARY),
        WatchRemove(path=str(folder)),
        WatchUndo(path=str(folder / CANARY)),
    ):
        with contextlib.suppress(SharewiseError):
            talk.call(wrong)


def keep_evidence(daemon: RunningDaemon, talk: Talk, folder: Path) -> None:
    record = page(
        url=f"https://{CANARY}.example/?{CANARY}",
        final_url=f"https://{CANARY}.example/",
        title=f"Title {CANARY}",
        response_headers=(("x-secret", CANARY),),
        viewport=Size(8, 6),
    )
    capture_id = talk.call(CaptureBegin(age_answer="adults")).capture_id
    for name, data in standard_parts().items():
        talk.call(CapturePart(capture_id=capture_id, name=name, sequence=0, data=data))
    with pytest.raises(SharewiseError):
        talk.call(
            CapturePart(capture_id=capture_id, name=f"../{CANARY}.png", sequence=0, data=b"x")
        )
    sealed = talk.call(CaptureSeal(capture_id=capture_id, record=record))
    talk.call(CaseNote(case_id=sealed.case_id, text=f"Note {CANARY}"))
    talk.call(CaseShow(case_id=sealed.case_id))
    folder.mkdir(parents=True, exist_ok=True)
    daemon.ask(CaseExport(case_id=sealed.case_id, folder=str(folder)))
    for wrong in (
        CaseExport(case_id=sealed.case_id, folder=str(folder)),
        CaseExport(case_id=sealed.case_id, folder=str(folder / f"{CANARY}-absent")),
        CaseShow(case_id=CANARY),
        CaseDelete(case_id=f"../{CANARY}"),
        CaptureSeal(capture_id=CANARY, record=record),
    ):
        with pytest.raises(SharewiseError):
            talk.call(wrong, Sender.CLI if isinstance(wrong, CaseExport) else Sender.PAGE)
    every_call(talk, case_id=sealed.case_id, item_id=sealed.item_id)
    talk.call(VaultUnlock(passphrase=f"words {CANARY}"))
    with contextlib.suppress(SharewiseError):  # it may be deleted already
        talk.call(CaseDelete(case_id=sealed.case_id))
    assert sealed.case_id not in {case.case_id for case in talk.call(CaseList()).cases}


LAST = ("case.delete", "item.delete", "vault.")
"""What makes the calls after it fail early."""
NOT_ASKED = frozenset({"hello", "daemon.stop"})


def every_call(talk: Talk, **ids: str) -> None:
    """Make each call there is: with private words everywhere, then for a capture that is there."""
    calls = sorted(CALLS, key=lambda call: call.METHOD.startswith(LAST))
    answered = 0
    for known in ({}, ids):
        for call in calls:
            if call.METHOD in NOT_ASKED:
                continue
            fields = {
                field.name: known.get(field.name, filled(field.type))
                for field in msgspec.structs.fields(call)
            }
            with contextlib.suppress(SharewiseError):
                talk.call(call(**fields), min(call.SENDERS))
                answered += 1
    assert answered > len(CALLS) // 2, "most calls must get somewhere"


def filled(kind: object) -> object:
    """Return a value of a type with private words wherever words fit."""
    info = msgspec.inspect.type_info(kind) if not isinstance(kind, msgspec.inspect.Type) else kind
    match info:
        case msgspec.inspect.StrType():
            return f"words {CANARY}"
        case msgspec.inspect.BytesType():
            return CANARY.encode()
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            return 1
        case msgspec.inspect.BoolType():
            return False
        case msgspec.inspect.LiteralType(values=values):
            return values[0]
        case msgspec.inspect.VarTupleType(item_type=item):
            return (filled(item),)
        case msgspec.inspect.TupleType(item_types=items):
            return tuple(filled(item) for item in items)
        case msgspec.inspect.UnionType(types=types):
            return filled(types[0])
        case msgspec.inspect.StructType(cls=cls, fields=fields):
            return cls(**{field.name: filled(field.type) for field in fields})
        case msgspec.inspect.EnumType(cls=cls):
            return next(iter(cls))
        case msgspec.inspect.NoneType():
            return None
        case _:
            raise AssertionError(f"no value for {info}")


def speak_badly(talk: Talk) -> None:
    good = {"jsonrpc": "2.0", "id": 1, "sender": "page"}
    for frame in (
        CANARY,
        f'{{"id": "{CANARY}',
        json.dumps({**good, "method": CANARY}),
        json.dumps({**good, "method": "watch.add", CANARY: CANARY}),
        json.dumps({**good, "method": "watch.add", "params": {"path": "/", "mode": CANARY}}),
        json.dumps({**good, "method": "watch.add", "params": {CANARY: CANARY}}),
        json.dumps({**good, "method": "watch.list", "sender": CANARY}),
    ):
        assert b'"error"' in talk.exchange(frame)


def knock_badly(daemon: RunningDaemon) -> None:
    for request in (
        f"GET /{CANARY}?{CANARY} HTTP/1.1\r\nHost: {CANARY}\r\nOrigin: https://{CANARY}\r\n\r\n",
        f"GET /rpc HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {CANARY}\r\n\r\n",
        f"{CANARY} {CANARY}\r\n\r\n",
        f"GET /rpc HTTP/9.9\r\n{CANARY}\r\n\r\n",
    ):
        connection = reach(daemon.places, daemon.environment).connection
        with connection:
            connection.settimeout(10)
            connection.sendall(request.encode())
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass


def test_no_private_logs(daemon: RunningDaemon, tmp_path: Path) -> None:
    folder = tmp_path / f"{CANARY}-folder"
    with talking_to(daemon) as talk:
        share_photos(talk)
        watch_folders(daemon, talk, folder)
        keep_evidence(daemon, talk, tmp_path / f"{CANARY}-out")
        speak_badly(talk)
    knock_badly(daemon)
    token = (
        msgspec.json.decode(daemon.places.endpoint.read_bytes(), type=Endpoint).token
        if daemon.places.endpoint.exists()
        else CANARY
    )
    assert daemon.terminate() == 0
    assert leaks(daemon) == []
    assert token not in written(daemon)


FAULTY = """
import logging, sys
from sharewise.api import photo_calls
from sharewise.services.photos import Photos

async def open(self, call, owner):
    {fault}

Photos.open = open
from sharewise.cli.main import main
sys.exit(main(["daemon", "run"]))
"""


@pytest.mark.parametrize(
    ("fault", "is_leak"),
    [
        ('logging.getLogger("sharewise.x").warning("looked at %s", call.head.decode())', True),
        ("print(call.head.decode(), flush=True)", True),
        ("print(call.head.decode(), file=sys.stderr, flush=True)", True),
        ('logging.getLogger("library").warning("looked at %s", call.head.decode())', False),
        ("raise OSError(2, 'no such file', call.head.decode())", False),
    ],
)
def test_the_search_finds_what_a_careless_line_would_write(fault: str, *, is_leak: bool) -> None:
    command = [sys.executable, "-c", FAULTY.format(fault=fault)]
    with running_daemon(command=command) as daemon:
        daemon.ready()
        private = f"/home/{CANARY}.jpg".encode()
        call = PhotoOpen(size_bytes=len(private), head=private, tail=private, goal="plan")
        with talking_to(daemon) as talk, pytest.raises(SharewiseError):
            talk.call(call)
        assert leaks(daemon) == ([CANARY] if is_leak else [])
