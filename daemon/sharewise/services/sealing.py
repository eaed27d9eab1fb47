"""Makes a bag of a folder whose payload is complete: lists, signs, and reads everything back."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.disk.reading import open_flags
from sharewise.disk.writing import sync_folder
from sharewise.keys import DeviceKey
from sharewise.seals import bag_info, layout, manifest
from sharewise.seals.check import check
from sharewise.seals.digests import Digest, digest_of
from sharewise.services.verification import open_folder


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


def seal_folder(folder: Path, bag: Bag) -> None:
    """Write the tag files beside the payload, have all on the disk, read all back and check it.

    Raises SharewiseError(VERIFY_FAILED) if what is on the disk is not what was meant, and OSError
    as the system gives it; the caller then throws the folder away.
    """
    for name, content in bag.tag_files.items():
        write_new(folder / name, content)
    sync_tree(folder)
    verdict = check(open_folder(folder))
    if not verdict.is_verified:
        kinds = ", ".join(sorted({problem.kind.value for problem in verdict.problems}))
        raise SharewiseError(
            ErrorCode.VERIFY_FAILED,
            f"What was written could not be read back as it was meant ({kinds}), so nothing was "
            "sealed. Check the disk, then capture again.",
        )


def write_new(path: Path, content: bytes) -> None:
    """Write a small file that is not there yet; 0600 in folders of 0700."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | open_flags("O_NOFOLLOW")
    write_all(os.open(path, flags, 0o600), content)


def append(path: Path, content: bytes) -> None:
    """Write at the end of a file of ours, made if need be; 0600 in folders of 0700."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | open_flags("O_NOFOLLOW")
    write_all(os.open(path, flags, 0o600), content)


def write_all(descriptor: int, content: bytes) -> None:
    """Write everything, then close."""
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Have every file and every name in a folder on the disk."""
    for below in folder.iterdir():
        if below.is_dir():
            sync_tree(below)
            continue
        descriptor = os.open(below, os.O_RDWR | open_flags("O_NOFOLLOW"))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    sync_folder(folder)
