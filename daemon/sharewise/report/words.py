"""The words of the report that are the same for every case."""

from __future__ import annotations

METHOD = (
    (
        "Every capture in this report was made by a program on the person's own computer, from "
        "the page that was open in their browser, at the moment they asked for it. The page was"
        " not loaded again. First the visible window was taken as a picture, then the whole "
        "page, then the page's own content and its visible text. It was scrolled for it; "
        "nothing was typed, clicked or sent."
    ),
    (
        "The browser handed the parts to the program on the same computer. The program worked "
        "out the SHA-256 of every part, wrote them into a list together with the record of the "
        "capture (address, times, browser, what is missing), and signed the list with a key "
        "that lies on this computer (ECDSA, curve P-384, SHA-384). Then it read everything back"
        " and checked it. If somebody without that key changes a part or the list, the "
        "signature does not fit any more."
    ),
    (
        "Every capture, note, export and deletion is also an entry in a custody log. The "
        "entries form a Merkle tree (RFC 6962), so that one that was changed or taken out later"
        " shows."
    ),
    (
        "Times are those of the computer's own clock. Where a server told its time, or a time-"
        "stamping authority gave a time-stamp, the difference stands with the capture."
    ),
)
CERTIFICATION = (
    (
        "A person who made or handled these captures can describe in this form how they came "
        "about, for example under Federal Rules of Evidence 902(13) and 902(14) in the United "
        "States. It is no legal advice; a lawyer or the receiving office can say what is needed"
        " where you are."
    ),
    (
        "I made the captures listed in this report, or I am qualified to say how they were "
        "made. They were made by the process described above, which produces an accurate "
        "result. The files in the package were identified by comparing their SHA-256 values "
        "with those in the package's own lists, and they are the same. I declare that this is "
        "true."
    ),
)
SIGNATURE_LINES = ("Name", "Role", "Place and date", "Signature")

CHECKING = (
    (
        "The package that this report lies in can be checked by anybody, offline, without the "
        "program that made it: VERIFY.txt in the package has the exact commands for unzip, "
        "sha256sum and openssl. With Sharewise installed, 'sharewise verify' and the file's "
        "name do it all."
    ),
    (
        "The key that signed the package came with it. Compare its fingerprint with one that "
        "the person gave you another way, on paper or by telephone:"
    ),
)
PROVED = (
    (
        "What is proved: the files are, byte for byte, those that the holder of the key signed,"
        " and none was added, removed or changed since."
    ),
    (
        "A time-stamp of an authority that is not qualified under eIDAS has no legal "
        "presumption of its own; it is evidence like any other."
    ),
)
TEXT_ONLY = (
    "No pictures: someone in them is, or may be, under 18. Only text and addresses were kept."
)
BLURRED = "Pictures are blurred in this report. The files in the package are as they were sealed."
LACKING_CHARACTERS = (
    "� stands for characters that the fonts of this report lack, such as emoji, or that "
    "would change the order of letters. The exact text is in the files of the package."
)
