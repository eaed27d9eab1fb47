"""Search in text as people mean it: whatever the case, every word, anywhere."""

from __future__ import annotations

AROUND_CHARACTERS = 60
MAX_WORDS = 16


def folded_words(words: str) -> tuple[str, ...]:
    """Return the words to look for, folded."""
    return tuple(dict.fromkeys(words.casefold().split()))[:MAX_WORDS]


def excerpt_of(wanted: tuple[str, ...], around: str, text: str) -> str | None:
    """Return the surroundings of the first word in the text, or else in what is around it.

    None if any word occurs in neither.
    """
    folded_around, folded_text = around.casefold(), text.casefold()
    if not all(word in folded_text or word in folded_around for word in wanted):
        return None
    for source, folded in ((text, folded_text), (around, folded_around)):
        places = [at for word in wanted if (at := folded.find(word)) >= 0]
        if places:
            # Folding may change lengths ("ß"), so the place is near, which is enough to show.
            start = max(0, min(places) - AROUND_CHARACTERS)
            end = min(places) + AROUND_CHARACTERS + len(wanted[0])
            return " ".join(source[start:end].split())
    return ""
