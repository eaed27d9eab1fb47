"""One look at a file that stays in a web page, led on by guesses where they are likely to be right.

What takes a page longest is searched from end to end: a JPEG for markers, a PNG to be inflated. The
answer is nearly always that of a sound file, so the verdict is computed while the page still
searches, and goes along with the question: a page whose answers are those guessed has the verdict
at once, and another round trip is saved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sharewise.formats.contract import Answer, FindMarkers, Source
from sharewise.formats.engine import find_markers, offsets_of
from sharewise.services import photo_wire
from sharewise.services.photo_wire import Conversation, Foreseen
from sharewise.wire.photos import (
    FindMarkersRequest,
    Foretold,
    InflateRequest,
    PhotoRequest,
    PhotoVerdict,
)

MAX_REPEATED_BYTES = 1 << 20
"""Answers that are held so that a look can begin again after a wrong guess; with more of them
nothing is guessed any more."""

Asks = tuple[PhotoRequest, ...]
Answers = tuple[Answer, ...]


@dataclass(slots=True)
class Look:
    """A conversation that can be begun anew, which gives the same asks to the same answers."""

    begin: Callable[[], Conversation]
    source: Source
    _conversation: Conversation | None = None
    """None where it was used up by a guess."""
    _asks: Asks = ()
    _given: list[Answers] = field(default_factory=list)
    _given_bytes: int = 0

    def start(self) -> Asks | PhotoVerdict:
        """Return the first asks, or the verdict."""
        self._conversation = self.begin()
        return self._on(photo_wire.advance(self._conversation, None))

    def go_on(self, untrusted_answers: Answers) -> Asks | PhotoVerdict:
        """Return the next asks, or the verdict.

        Raises SharewiseError(INVALID_PARAMS) where an answer is not what was asked for.
        """
        conversation = self._conversation or self._begun_again()
        self._conversation = conversation
        step = photo_wire.advance(conversation, untrusted_answers)
        self._given.append(untrusted_answers)
        self._given_bytes += sum(len(one) for one in untrusted_answers if isinstance(one, bytes))
        if self._given_bytes > MAX_REPEATED_BYTES:
            self._given.clear()
        return self._on(step)

    def foretell(self) -> Foretold | None:
        """Return the answers of a sound file to what is asked now, if with them it is clean."""
        answers = tuple(likely(ask, self.source) for ask in self._asks)
        conversation = self._conversation
        is_repeatable = self._given_bytes <= MAX_REPEATED_BYTES
        if conversation is None or None in answers or not is_repeatable:
            return None
        self._conversation = None
        step = photo_wire.advance(conversation, answers)
        if isinstance(step, PhotoVerdict) and step.status == "clean":
            return Foretold(answers, step)
        return None

    def _begun_again(self) -> Conversation:
        conversation = self.begin()
        photo_wire.advance(conversation, None)
        for answers in self._given:
            photo_wire.advance(conversation, answers)
        return conversation

    def _on(self, step: Asks | PhotoVerdict) -> Asks | PhotoVerdict:
        self._asks = () if isinstance(step, PhotoVerdict) else step
        return step


def likely(ask: PhotoRequest, source: Source) -> Answer:
    """Return what a sound file answers; None where that cannot be guessed."""
    match ask:
        case InflateRequest(limit=limit):
            return limit
        case FindMarkersRequest(start=start, end=end, limit=limit) if end == source.size_bytes:
            shift = source.size_bytes - len(source.tail)
            in_tail = offsets_of(find_markers(source.tail, 0, len(source.tail), limit))
            later = tuple(shift + at for at in in_tail if shift + at >= len(source.head) - 1)
            return Foreseen(source.head, later).answer(FindMarkers(start, end, limit))
        case _:
            return None
