"""Every call about the vault reaches its service, with the values that it carries."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image

from sharewise.api import vault_calls
from sharewise.api.calls import Calls
from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals.check import check
from sharewise.seals.unpacking import open_zip
from sharewise.services.fingerprints import Fingerprints
from sharewise.services.handing_over import HandingOver
from sharewise.services.intake import Intakes
from sharewise.services.items import Items
from sharewise.services.stamping import Stamping
from sharewise.services.tending import Tending
from sharewise.vault import age
from sharewise.wire import evidence as wire
from sharewise.wire import items as item_wire
from sharewise.wire import packages as package_wire
from sharewise.wire.messages import PART_BYTES, Call, Done
from support.evidence import BytesInMemory, Desk, picture, pieces, standard_parts

Result = TypeVar("Result")
WORDS = "correct horse battery"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def calls(desk: Desk) -> Calls:
    made = Calls()
    intakes, handing_over = Intakes(desk.shelf), HandingOver(desk.shelf, desk.cases)
    tending = Tending(desk.shelf, desk.cases, expire=(intakes.expire, handing_over.expire))
    items = Items(desk.shelf, desk.cases)
    vault_calls.register(
        made,
        vault_calls.Evidence(
            tending,
            desk.cases,
            items,
            intakes,
            handing_over,
            Stamping(desk.shelf, desk.cases),
            Fingerprints(desk.shelf, desk.cases, intakes),
        ),
    )
    return made


async def ask(calls: Calls, call: Call[Result]) -> Result:
    return await calls.answer(call)  # type: ignore[arg-type, return-value]  # one call for its own result


async def hand_in(calls: Calls, content: bytes) -> str:
    begun = await ask(calls, package_wire.IntakeBegin(size_bytes=len(content)))
    for sequence, data in enumerate(pieces(content, PART_BYTES)):
        await ask(calls, package_wire.IntakePart(begun.intake_id, sequence, data))
    return begun.intake_id


async def fetched(calls: Calls, made: package_wire.ExportMade) -> bytes:
    content = b""
    while piece := (await ask(calls, package_wire.ExportRead(made.export_id, len(content)))).data:
        content += piece
    assert len(content) == made.size_bytes
    return content


def test_every_call_about_the_vault_is_answered(calls: Calls) -> None:
    assert calls.kinds == frozenset((*wire.CALLS, *item_wire.CALLS, *package_wire.CALLS))


async def test_the_vault_is_locked_and_opened(calls: Calls, desk: Desk) -> None:
    await desk.capture()
    first = await ask(calls, wire.VaultStatus())
    assert (first.has_passphrase, first.is_locked, first.is_checked) == (False, False, False)
    assert first.log_size == 3
    assert (await ask(calls, wire.VaultSetPassphrase(new=WORDS))).has_passphrase
    assert (await ask(calls, wire.VaultLock())).is_locked
    with pytest.raises(SharewiseError) as refused:
        await ask(calls, wire.VaultUnlock(passphrase="wrong words"))
    assert refused.value.code is ErrorCode.WRONG_PASSPHRASE
    assert not (await ask(calls, wire.VaultUnlock(passphrase=WORDS))).is_locked
    assert (await ask(calls, wire.VaultSetAutoLock(minutes=5))).auto_lock_minutes == 5


async def test_a_case_is_made_changed_and_told(calls: Calls) -> None:
    made = await ask(calls, wire.CaseCreate(age_answer="adults", label=" The  one "))
    assert made.label == "The one"
    changed = await ask(
        calls, wire.CaseChange(made.case_id, label="Other", note="n", age_answer="minor_or_unsure")
    )
    assert (changed.label, changed.note, changed.age_answer) == ("Other", "n", "minor_or_unsure")
    assert (await ask(calls, wire.CaseSummaries())).cases == (changed,)
    events = (await ask(calls, wire.CustodyList(made.case_id))).events
    assert [one.what for one in events] == [
        "case created",
        "note changed",
        "case renamed",
        "age answered",
    ]
    assert (await ask(calls, wire.IncidentGet(made.case_id))).record is None


async def test_a_package_goes_out_and_comes_in_and_is_checked(calls: Calls, desk: Desk) -> None:
    sealed = await desk.capture()
    made = await ask(calls, package_wire.ExportMake(sealed.case_id))
    content = await fetched(calls, made)
    assert made.name == f"case-{sealed.case_id}.zip"
    verdict = await ask(calls, package_wire.PackageVerify(await hand_in(calls, content)))
    assert verdict.is_verified
    assert verdict.signed_by == made.key_fingerprint
    changed = bytearray(content)
    changed[len(content) // 2] ^= 1
    verdict = await ask(calls, package_wire.PackageVerify(await hand_in(calls, bytes(changed))))
    assert not verdict.is_verified
    assert verdict.problem_count == len(verdict.problems) > 0
    await ask(calls, package_wire.ExportClose(made.export_id))
    with pytest.raises(SharewiseError) as refused:
        await ask(calls, package_wire.ExportRead(made.export_id, 0))
    assert refused.value.code is ErrorCode.UNKNOWN_EXPORT
    assert desk.staged() == []


async def test_a_package_for_somebody_opens_with_their_key_alone(calls: Calls, desk: Desk) -> None:
    sealed = await desk.capture()
    lawyer = age.new_identity()
    recipient = str(lawyer.to_public())
    made = await ask(calls, package_wire.ExportMake(sealed.case_id, recipient=recipient))
    content = await fetched(calls, made)
    assert made.name.endswith(".zip.age")
    assert check(open_zip(BytesInMemory(age.decrypt(content, lawyer)))).is_verified
    with pytest.raises(SharewiseError):
        desk.vault.unseal(content)
    with pytest.raises(SharewiseError) as refused:
        await ask(calls, package_wire.ExportMake(sealed.case_id, recipient="age1nobody"))
    assert refused.value.code is ErrorCode.BAD_RECIPIENT
    events = (await ask(calls, wire.CustodyList(sealed.case_id))).events
    assert ("exported", "encrypted") in {(one.what, one.detail) for one in events}


async def test_what_is_handed_in_has_bounds(calls: Calls, desk: Desk) -> None:
    begun = await ask(calls, package_wire.IntakeBegin(size_bytes=10))
    for part, code in (
        (package_wire.IntakePart(begun.intake_id, 1, b"x"), ErrorCode.BAD_PART),
        (package_wire.IntakePart(begun.intake_id, 0, bytes(11)), ErrorCode.TOO_LARGE),
        (package_wire.IntakePart("unknown", 0, b"x"), ErrorCode.UNKNOWN_INTAKE),
        (package_wire.IntakeBegin(size_bytes=0), ErrorCode.TOO_LARGE),
        (package_wire.PackageVerify(begun.intake_id), ErrorCode.BAD_PART),
    ):
        with pytest.raises(SharewiseError) as refused:
            await ask(calls, part)
        assert refused.value.code is code
    assert await ask(calls, package_wire.IntakeCancel(begun.intake_id)) == Done()
    assert await ask(calls, package_wire.IntakeCancel(begun.intake_id)) == Done()
    left = await ask(calls, package_wire.IntakeBegin(size_bytes=10))
    desk.clock.pass_s(1000)
    await ask(calls, package_wire.IntakeBegin(size_bytes=10))
    with pytest.raises(SharewiseError) as refused:
        await ask(calls, package_wire.IntakePart(left.intake_id, 0, b"x"))
    assert refused.value.code is ErrorCode.UNKNOWN_INTAKE


async def test_a_capture_is_listed_read_noted_and_deleted(calls: Calls, desk: Desk) -> None:
    sealed = await desk.capture()
    listed = await ask(calls, item_wire.ItemList())
    assert [one.item_id for one in listed.items] == [sealed.item_id]
    assert (await ask(calls, item_wire.ItemSearch("thread"))).hits[0].item.item_id == sealed.item_id
    assert (await ask(calls, item_wire.ItemShow(sealed.item_id))).item == listed.items[0]
    assert (await ask(calls, item_wire.ItemRead(sealed.item_id, "text.txt", 0))).data.startswith(
        b"W"
    )
    assert (await ask(calls, item_wire.ItemThumbnail(sealed.item_id))).media_type == "image/webp"
    assert (await ask(calls, item_wire.ItemChange(sealed.item_id, note="n"))).note == "n"
    assert await ask(calls, item_wire.ItemDelete(sealed.item_id)) == Done()
    assert (await ask(calls, item_wire.ItemList())).items == ()


async def test_a_redacted_copy_is_sealed_beside_its_original(calls: Calls, desk: Desk) -> None:
    sealed = await desk.capture(standard_parts() | {"screenshot-window.png": picture(64, 48)})
    kept = desk.files(sealed)
    box = item_wire.Box(8, 8, 16, 16)
    copy = await ask(calls, item_wire.ItemRedact(sealed.item_id, "screenshot-window.png", (box,)))
    assert (copy.kind, copy.original_id, copy.case_id) == (
        "redacted",
        sealed.item_id,
        sealed.case_id,
    )
    assert copy.has_thumbnail
    assert desk.files(sealed) == kept, "the original stays as it is"
    opened = desk.shelf.opened(copy.item_id)
    assert check(opened).is_verified
    with opened.open("data/redacted/screenshot-window.png") as content:
        shown = Image.open(content).convert("RGB")
        assert shown.getpixel((10, 10)) == (0, 0, 0)
        assert shown.getpixel((40, 40)) == (200, 10, 30)
    events = (await ask(calls, wire.CustodyList(sealed.case_id))).events
    assert (events[-1].what, events[-1].item_id) == ("redacted copy sealed", copy.item_id)
    with pytest.raises(SharewiseError) as refused:
        await ask(calls, item_wire.ItemRedact(sealed.item_id, "text.txt", (box,)))
    assert refused.value.code is ErrorCode.BAD_PART
    assert desk.staged() == []


async def test_ones_own_picture_is_known_on_a_page_and_never_kept(calls: Calls, desk: Desk) -> None:
    noise = Image.effect_noise((160, 120), 90).resize((640, 480))
    output = io.BytesIO()
    noise.save(output, "PNG")
    mine = output.getvalue()
    intake_id = await hand_in(calls, mine)
    with pytest.raises(SharewiseError) as refused:
        await ask(calls, package_wire.FingerprintAdd(intake_id, "My picture"))
    assert refused.value.code is ErrorCode.PICTURES_REFUSED
    add = package_wire.FingerprintAdd(intake_id, " My  picture ", are_all_adults=True)
    made = await ask(calls, add)
    assert made.label == "My picture"
    assert (await ask(calls, package_wire.FingerprintList())).fingerprints == (made,)
    smaller = io.BytesIO()
    noise.resize((320, 240)).convert("RGB").save(smaller, "JPEG", quality=70)
    inline = base64.b64encode(smaller.getvalue()).decode()
    html = f'<!doctype html><img src="data:image/jpeg;base64,{inline}">'.encode()
    parts = standard_parts() | {"page.html": html}
    del parts["page.mhtml"]
    await desk.capture(parts)
    listed = await ask(calls, item_wire.ItemList())
    assert listed.items[0].matches == ("My picture",)
    for file in desk.root.rglob("*"):
        if file.is_file():
            assert mine[1000:1100] not in file.read_bytes(), file.name
    await ask(calls, package_wire.FingerprintRemove(made.fingerprint_id))
    assert (await ask(calls, package_wire.FingerprintList())).fingerprints == ()
    intake_id = await hand_in(calls, b"no picture")
    add = package_wire.FingerprintAdd(intake_id, "x", are_all_adults=True)
    with pytest.raises(SharewiseError) as refused:
        await ask(calls, add)
    assert refused.value.code is ErrorCode.BAD_PART
