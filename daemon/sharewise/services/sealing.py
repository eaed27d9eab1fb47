"""Makes a bag of a payload whose digests are known: lists it and signs the list."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.keys import DeviceKey
from sharewise.seals import bag_info, layout, manifest
from sharewise.seals.check import Reader, check
from sharewise.seals.digests import Digest, digest_of
from sharewise.vault.items import Source


@dataclass(frozen=True, slots=True)
class Bag:
    """The files that make a payload into a sealed bag, in no order."""

    tag_files: Mapping[str, bytes]

    @property
    def manifest_sha256(self) -> str:
        """The digest of the payload's list: what a receipt names."""
        return digest_of(self.tag_files[layout.MANIFEST]).sha256


def bag_of(
    payload: Mapping[str, Digest],
    key: DeviceKey,
    *,
    info: Sequence[tuple[str, str]],
    more: Mapping[str, bytes],
) -> Bag:
    """Return the tag files for a payload whose names begin with `data/`, signed.

    `more` are tag files of the caller's, covered by the signature too.
    """
    oxum = bag_info.Oxum(sum(one.size_bytes for one in payload.values()), len(payload))
    tags = {
        layout.DECLARATION: bag_info.DECLARATION_TEXT,
        layout.INFO: bag_info.build(info, oxum),
        layout.MANIFEST: manifest.build({name: one.sha256 for name, one in payload.items()}),
        layout.PUBLIC_KEY: key.public_key_pem,
        layout.CERTIFICATE: key.certificate_pem,
        **more,
    }
    listed = manifest.build({name: digest_of(content).sha256 for name, content in tags.items()})
    return Bag({**tags, layout.TAG_MANIFEST: listed, layout.SIGNATURE: key.sign(listed)})


def in_memory(content: bytes) -> Source:
    """Return a small file that is to be sealed."""
    return Source(digest_of(content), lambda: io.BytesIO(content))


def must_check(reader: Reader) -> None:
    """Read everything back from the disk and check it.

    Raises SharewiseError(VERIFY_FAILED) if what is there is not what was meant.
    """
    verdict = check(reader)
    if not verdict.is_verified:
        kinds = ", ".join(sorted({problem.kind.value for problem in verdict.problems}))
        raise SharewiseError(
            ErrorCode.VERIFY_FAILED,
            f"What was written could not be read back as it was meant ({kinds}), so nothing was "
            "sealed. Check the disk, then capture again.",
        )
