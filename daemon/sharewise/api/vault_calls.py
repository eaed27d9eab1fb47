"""The calls about the vault and what lies in it."""

from __future__ import annotations

from dataclasses import dataclass

from sharewise.api.calls import Calls
from sharewise.services.cases import Cases
from sharewise.services.contents import PackageOptions
from sharewise.services.fingerprints import Fingerprints
from sharewise.services.handing_over import HandingOver
from sharewise.services.intake import Intakes
from sharewise.services.items import Items
from sharewise.services.moments import local_day
from sharewise.services.stamping import Stamping
from sharewise.services.tending import Tending
from sharewise.wire import evidence as wire
from sharewise.wire import items as item_wire
from sharewise.wire import packages as package_wire
from sharewise.wire.messages import Done

MAX_PROBLEMS = 500


@dataclass(frozen=True, slots=True)
class Evidence:
    """The services that answer."""

    tending: Tending
    cases: Cases
    items: Items
    intakes: Intakes
    handing_over: HandingOver
    stamping: Stamping
    fingerprints: Fingerprints


def register(calls: Calls, evidence: Evidence) -> None:
    """Answer every call about the vault."""
    _vault(calls, evidence.tending)
    _cases(calls, evidence.cases)
    _items(calls, evidence.items)
    _intakes(calls, evidence.intakes)
    _exports(calls, evidence.handing_over)
    _stamps(calls, evidence.stamping)
    _fingerprints(calls, evidence.fingerprints)


def _vault(calls: Calls, tending: Tending) -> None:
    async def status(_: wire.VaultStatus) -> wire.VaultStatusResult:
        return await tending.status()

    async def set_passphrase(call: wire.VaultSetPassphrase) -> wire.VaultStatusResult:
        return await tending.set_passphrase(call.current, call.new)

    async def unlock(call: wire.VaultUnlock) -> wire.VaultStatusResult:
        return await tending.unlock(call.passphrase)

    async def lock(_: wire.VaultLock) -> wire.VaultStatusResult:
        return await tending.lock()

    async def set_auto_lock(call: wire.VaultSetAutoLock) -> wire.VaultStatusResult:
        return await tending.set_auto_lock(call.minutes)

    calls.on(wire.VaultStatus, status)
    calls.on(wire.VaultSetPassphrase, set_passphrase)
    calls.on(wire.VaultUnlock, unlock)
    calls.on(wire.VaultLock, lock)
    calls.on(wire.VaultSetAutoLock, set_auto_lock)


def _cases(calls: Calls, cases: Cases) -> None:
    async def summaries(_: wire.CaseSummaries) -> wire.CaseSummariesResult:
        return wire.CaseSummariesResult(await cases.summaries())

    async def create(call: wire.CaseCreate) -> wire.CaseSummary:
        return await cases.create(call.label, local_day(), call.age_answer)

    async def change(call: wire.CaseChange) -> wire.CaseSummary:
        return await cases.change(
            call.case_id, label=call.label, note=call.note, answer=call.age_answer
        )

    async def custody(call: wire.CustodyList) -> wire.CustodyListResult:
        return wire.CustodyListResult(await cases.custody(call.case_id))

    async def incident(call: wire.IncidentGet) -> wire.IncidentResult:
        return wire.IncidentResult(await cases.incident(call.case_id))

    async def put_incident(call: wire.IncidentPut) -> Done:
        await cases.put_incident(call.case_id, call.record)
        return Done()

    calls.on(wire.CaseSummaries, summaries)
    calls.on(wire.CaseCreate, create)
    calls.on(wire.CaseChange, change)
    calls.on(wire.CustodyList, custody)
    calls.on(wire.IncidentGet, incident)
    calls.on(wire.IncidentPut, put_incident)


def _items(calls: Calls, items: Items) -> None:
    async def list_items(call: item_wire.ItemList) -> item_wire.ItemListResult:
        return await items.list(call.case_id, call.tag, call.after, call.limit)

    async def search(call: item_wire.ItemSearch) -> item_wire.ItemSearchResult:
        return await items.search(call.words, call.case_id, call.limit)

    async def show(call: item_wire.ItemShow) -> item_wire.ItemDetail:
        return await items.show(call.item_id)

    async def read(call: item_wire.ItemRead) -> item_wire.Piece:
        return await items.read(call.item_id, call.name, call.offset)

    async def thumbnail(call: item_wire.ItemThumbnail) -> item_wire.Thumbnail:
        return await items.thumbnail(call.item_id)

    async def change(call: item_wire.ItemChange) -> item_wire.ItemSummary:
        return await items.change(call.item_id, call.note, call.tags)

    async def move(call: item_wire.ItemMove) -> item_wire.ItemSummary:
        return await items.move(call.item_id, call.case_id)

    async def delete(call: item_wire.ItemDelete) -> Done:
        await items.delete(call.item_id)
        return Done()

    async def redact(call: item_wire.ItemRedact) -> item_wire.ItemSummary:
        return await items.redact(call.item_id, call.name, call.boxes)

    calls.on(item_wire.ItemList, list_items)
    calls.on(item_wire.ItemSearch, search)
    calls.on(item_wire.ItemShow, show)
    calls.on(item_wire.ItemRead, read)
    calls.on(item_wire.ItemThumbnail, thumbnail)
    calls.on(item_wire.ItemChange, change)
    calls.on(item_wire.ItemMove, move)
    calls.on(item_wire.ItemDelete, delete)
    calls.on(item_wire.ItemRedact, redact)


def _intakes(calls: Calls, intakes: Intakes) -> None:
    async def begin(call: package_wire.IntakeBegin) -> package_wire.IntakeBegun:
        return package_wire.IntakeBegun(await intakes.begin(call.size_bytes))

    async def part(call: package_wire.IntakePart) -> Done:
        await intakes.part(call.intake_id, call.sequence, call.data)
        return Done()

    async def cancel(call: package_wire.IntakeCancel) -> Done:
        await intakes.cancel(call.intake_id)
        return Done()

    async def verify(call: package_wire.PackageVerify) -> package_wire.PackageVerifyResult:
        verdict = await intakes.verify(call.intake_id, call.expected_key)
        return package_wire.PackageVerifyResult(
            is_verified=verdict.is_verified,
            problems=tuple(
                package_wire.PackageProblem(one.kind.value, one.member, one.meaning)
                for one in verdict.problems[:MAX_PROBLEMS]
            ),
            problem_count=len(verdict.problems),
            proved=verdict.proved,
            limits=verdict.limits,
            signed_by=verdict.signed_by,
            file_count=verdict.file_count,
            size_bytes=verdict.size_bytes,
        )

    calls.on(package_wire.IntakeBegin, begin)
    calls.on(package_wire.IntakePart, part)
    calls.on(package_wire.IntakeCancel, cancel)
    calls.on(package_wire.PackageVerify, verify)


def _exports(calls: Calls, handing_over: HandingOver) -> None:
    async def make(call: package_wire.ExportMake) -> package_wire.ExportMade:
        options = PackageOptions(call.blur_pictures, call.include_originals, call.recipient)
        return await handing_over.make(call.case_id, options)

    async def read(call: package_wire.ExportRead) -> item_wire.Piece:
        return await handing_over.read(call.export_id, call.offset)

    async def close(call: package_wire.ExportClose) -> Done:
        await handing_over.close(call.export_id)
        return Done()

    calls.on(package_wire.ExportMake, make)
    calls.on(package_wire.ExportRead, read)
    calls.on(package_wire.ExportClose, close)


def _stamps(calls: Calls, stamping: Stamping) -> None:
    async def status(_: wire.StampStatus) -> wire.StampStatusResult:
        return await stamping.status()

    async def choose(call: wire.StampSet) -> wire.StampStatusResult:
        return await stamping.choose(is_on=call.is_on, url=call.url)

    async def now(_: wire.StampNow) -> wire.StampStatusResult:
        await stamping.stamp_all()
        return await stamping.status()

    calls.on(wire.StampStatus, status)
    calls.on(wire.StampSet, choose)
    calls.on(wire.StampNow, now)


def _fingerprints(calls: Calls, fingerprints: Fingerprints) -> None:
    async def list_all(_: package_wire.FingerprintList) -> package_wire.FingerprintListResult:
        return package_wire.FingerprintListResult(await fingerprints.list())

    async def add(call: package_wire.FingerprintAdd) -> package_wire.Fingerprint:
        return await fingerprints.add(
            call.intake_id, call.label, are_all_adults=call.are_all_adults
        )

    async def remove(call: package_wire.FingerprintRemove) -> Done:
        await fingerprints.remove(call.fingerprint_id)
        return Done()

    calls.on(package_wire.FingerprintList, list_all)
    calls.on(package_wire.FingerprintAdd, add)
    calls.on(package_wire.FingerprintRemove, remove)
