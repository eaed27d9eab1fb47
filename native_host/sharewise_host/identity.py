"""Who we are to a browser, and who may start us: the only place with these names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

HOST_NAME = "org.sharewise.host"
"""What the extension passes to `runtime.connectNative`."""
DESCRIPTION = "Sharewise: looks at photos on this computer before they are shared"

CHROMIUM_IDS = ("lkbpoljipomfgpekaoadmnpagopoknca",)
"""The ids that follow from the public key in the extension's manifest."""
GECKO_IDS = ("extension@sharewise",)
"""The ids in `browser_specific_settings` of the extension's manifest."""

ORIGIN = "chrome-extension://"


class Family(StrEnum):
    """The two ways in which browsers name an extension and start a host."""

    CHROMIUM = "chromium"
    GECKO = "gecko"


@dataclass(frozen=True, slots=True)
class Caller:
    """The extension for which a browser started us, as the browser says."""

    family: Family
    untrusted_id: str

    @property
    def is_ours(self) -> bool:
        """Whether this is our own extension; nothing is relayed for any other."""
        match self.family:
            case Family.CHROMIUM:
                return self.untrusted_id in CHROMIUM_IDS
            case Family.GECKO:
                return self.untrusted_id in GECKO_IDS


def caller_of(arguments: Sequence[str]) -> Caller | None:
    """Return the caller if these are the arguments of a browser, else None.

    Chromium passes the extension's origin (and switches such as `--parent-window=` on Windows);
    Firefox the path of the host's manifest and the id of the add-on.
    Source: developer.chrome.com and MDN, "Native messaging".
    """
    match list(arguments):
        case [origin, *_] if origin.startswith(ORIGIN):
            return Caller(Family.CHROMIUM, origin.removeprefix(ORIGIN).removesuffix("/"))
        case [manifest, add_on] if manifest.endswith(".json"):
            return Caller(Family.GECKO, add_on)
        case _:
            return None
