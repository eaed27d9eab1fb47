"""What the host reads of a message that it only carries: never more than its envelope."""

from __future__ import annotations

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.wire.messages import Hello, Sender

FROM_BROWSER = frozenset({Sender.PAGE, Sender.CONTENT, Sender.BACKGROUND})
"""Who may speak through a browser; the others are other programs."""


NOTHING = msgspec.Raw()


class Envelope(msgspec.Struct, frozen=True):
    """The members that matter to a relay; anything else in the message is skipped."""

    id: int | None = None
    method: str | None = None
    sender: str | None = None
    error: msgspec.Raw = NOTHING

    @property
    def is_refusal(self) -> bool:
        """Whether this answers a call that did not work."""
        return self.error != NOTHING

    @property
    def is_hello(self) -> bool:
        """Whether this is the first call of the extension."""
        return self.method == Hello.METHOD


_envelopes = msgspec.json.Decoder(Envelope)
UNKNOWN = Envelope()


def request(untrusted: bytes) -> Envelope:
    """Return the envelope of a message from the browser.

    Raises SharewiseError: PARSE_ERROR if it is not JSON in UTF-8, SENDER_REFUSED if it claims to
    come from another program. What else is wrong with it the daemon says.
    """
    try:
        untrusted.decode()
        envelope = _envelopes.decode(untrusted)
    except msgspec.ValidationError:
        return UNKNOWN
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SharewiseError(ErrorCode.PARSE_ERROR, "This is not JSON.") from error
    if envelope.sender is not None and envelope.sender not in FROM_BROWSER:
        raise SharewiseError(ErrorCode.SENDER_REFUSED, "This sender does not come from a browser.")
    return envelope


def answer(message: bytes) -> Envelope:
    """Return the envelope of a message from the daemon; UNKNOWN if it has none."""
    try:
        return _envelopes.decode(message)
    except msgspec.DecodeError:
        return UNKNOWN
