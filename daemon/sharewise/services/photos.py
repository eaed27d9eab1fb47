"""Looks at files that stay in a web page: a conversation of ranges, one session a file."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import Malformed, SharewiseError
from sharewise.clock import Clock
from sharewise.formats.contract import (
    HEAD_BYTES,
    NOTHING_KEPT,
    PROOF_HEAD_BYTES,
    TAIL_BYTES,
    AlreadyClean,
    Answer,
    Depth,
    Examined,
    Finding,
    Plan,
    Refused,
    Report,
    Source,
    Steps,
    Unsupported,
    Wish,
)
from sharewise.services import photo_wire
from sharewise.services.looks import Look
from sharewise.wire.photos import PhotoAnswer, PhotoOpen, PhotoStep, PhotoVerdict

MAX_SESSIONS = 256
IDLE_LIMIT_S = 60.0
SESSION_ID_BYTES = 18


class Judge(Protocol):
    """Recognises a file and drives its format; `sharewise.formats.judge` is one."""

    def inspect(self, source: Source, depth: Depth) -> Steps[Report | Unsupported]:
        """Say what the file gives away. Raises Malformed."""
        ...

    def plan(self, source: Source, wish: Wish) -> Steps[Examined | Unsupported]:
        """Say that, and how it is removed. Raises Malformed."""
        ...


@dataclass(slots=True)
class _Session:
    owner: int
    look: Look
    used_at_s: float
    is_busy: bool = True
    """Whether a step of it is being computed; a second answer meanwhile is refused."""


@dataclass(slots=True)
class Photos:
    """The open sessions. `owner` is the connection that a session belongs to and dies with."""

    judge: Judge
    clock: Clock
    _sessions: dict[str, _Session] = field(default_factory=dict)

    async def open(self, call: PhotoOpen, owner: int) -> PhotoStep:
        """Begin to look at a file. Raises SharewiseError: INVALID_PARAMS or BUSY."""
        source = _source_of(call)
        self._expire()
        if len(self._sessions) >= MAX_SESSIONS:
            raise SharewiseError(
                ErrorCode.BUSY, "Too many files are looked at already. Try again in a moment."
            )
        known = None
        if call.markers is not None:
            known = photo_wire.foreseen(source.head, call.markers, source.size_bytes)
        judged = planned if call.goal == "plan" else proved
        look = Look(lambda: photo_wire.in_parts(judged(self.judge, source), known), source)
        session = _Session(owner, look, self.clock.monotonic_s())
        session_id = secrets.token_urlsafe(SESSION_ID_BYTES)
        self._sessions[session_id] = session
        unseen = source if call.goal == "plan" else None
        return await self._advance(session_id, session, None, unseen)

    async def answer(self, call: PhotoAnswer, owner: int) -> PhotoStep:
        """Go on with the bytes that were asked for; answers that do not fit end the session.

        Raises SharewiseError: UNKNOWN_SESSION or INVALID_PARAMS.
        """
        self._expire()
        session = self._sessions.get(call.session_id)
        if session is None or session.owner != owner or session.is_busy:
            raise SharewiseError(
                ErrorCode.UNKNOWN_SESSION,
                "This look at a file is over, or took too long. Pick the file again.",
            )
        return await self._advance(call.session_id, session, call.answers)

    def close(self, session_id: str, owner: int) -> None:
        """Give a session up; an unknown one, or somebody else's, is left alone."""
        session = self._sessions.get(session_id)
        if session is not None and session.owner == owner:
            del self._sessions[session_id]

    def drop_owner(self, owner: int) -> None:
        """Give up every session of a connection that is gone."""
        for session_id, session in list(self._sessions.items()):
            if session.owner == owner:
                del self._sessions[session_id]

    @property
    def session_count(self) -> int:
        """How many files are being looked at."""
        return len(self._sessions)

    async def _advance(
        self,
        session_id: str,
        session: _Session,
        answers: tuple[Answer, ...] | None,
        unseen: Source | None = None,
    ) -> PhotoStep:
        session.is_busy = True
        is_over = True
        try:
            # In a thread: accounting for every byte of a large header takes its time.
            step = await asyncio.to_thread(self._step, session_id, session, answers, unseen)
            is_over = isinstance(step, PhotoVerdict)
            return step
        finally:
            session.is_busy = False
            session.used_at_s = self.clock.monotonic_s()
            if is_over:
                self._sessions.pop(session_id, None)

    def _step(
        self,
        session_id: str,
        session: _Session,
        answers: tuple[Answer, ...] | None,
        unseen: Source | None,
    ) -> PhotoStep:
        look = session.look
        step = look.start() if answers is None else look.go_on(answers)
        if isinstance(step, PhotoVerdict):
            return step
        known = () if unseen is None else at_once(self.judge, unseen)
        foretold = None if known else look.foretell()
        return photo_wire.needs(session_id, step, known, foretold)

    def _expire(self) -> None:
        oldest_s = self.clock.monotonic_s() - IDLE_LIMIT_S
        for session_id, session in list(self._sessions.items()):
            if not session.is_busy and session.used_at_s < oldest_s:
                del self._sessions[session_id]


def _source_of(untrusted: PhotoOpen) -> Source:
    """Return the source, once head and tail are as long as the size says."""
    size = untrusted.size_bytes
    is_short = untrusted.goal == "prove" and size > HEAD_BYTES
    is_whole = (
        size >= 0
        and len(untrusted.head) == (PROOF_HEAD_BYTES if is_short else min(size, HEAD_BYTES))
        and len(untrusted.tail) == min(size, TAIL_BYTES)
    )
    if not is_whole:
        raise SharewiseError(
            ErrorCode.INVALID_PARAMS, "Head and tail of the file do not fit its size."
        )
    return Source(size, untrusted.head, untrusted.tail)


def at_once(judge: Judge, source: Source) -> tuple[Finding, ...]:
    """Return what head and tail alone give away; nothing where more would have to be read.

    Only findings are taken from so short a look, never that there are none.
    """
    steps = judge.inspect(source, Depth.QUICK)
    try:
        next(steps)
    except StopIteration as end:
        report: Report | Unsupported = end.value
        return () if isinstance(report, Unsupported) else report.findings
    except Malformed:
        return ()
    steps.close()
    return ()


def planned(judge: Judge, source: Source) -> Steps[PhotoVerdict]:
    """Judge a file and plan its cleaning."""
    try:
        examined = yield from judge.plan(source, NOTHING_KEPT)
    except Malformed as error:
        return _malformed(error)
    if isinstance(examined, Unsupported):
        return photo_wire.undecided("unsupported", examined.reason)
    match examined.cleaning:
        case Plan() as plan:
            return photo_wire.private(examined.report, plan)
        case Refused(reason=reason):
            return photo_wire.private(examined.report, None, reason)
        case AlreadyClean():
            return _judged(examined.report, "What was found in this file cannot be removed.")
        case unreachable:
            assert_never(unreachable)


def proved(judge: Judge, source: Source) -> Steps[PhotoVerdict]:
    """Look at a file thoroughly and plan nothing: is it clean now?"""
    try:
        report = yield from judge.inspect(source, Depth.THOROUGH)
    except Malformed as error:
        return _malformed(error)
    if isinstance(report, Unsupported):
        return photo_wire.undecided("unsupported", report.reason)
    return _judged(report, "Something private is still in this file.")


def _judged(report: Report, why_not_clean: str) -> PhotoVerdict:
    """Return clean only for a report that accounts for every byte and finds nothing."""
    if report.findings:
        return photo_wire.private(report, None, why_not_clean)
    if report.depth is not Depth.THOROUGH:
        return photo_wire.undecided("unsupported", "Not every byte of this file was looked at.")
    return PhotoVerdict(
        status="clean", format=report.format, findings=(), kept=report.kept, plan=None, reason=None
    )


def _malformed(error: Malformed) -> PhotoVerdict:
    return photo_wire.undecided("malformed", f"This file is damaged: {error.message}.")
