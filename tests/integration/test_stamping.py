"""Captures get time-stamps of a real authority, over HTTP on this computer, once it can be had."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.seals import checkpoint, merkle
from sharewise.seals.instructions import commands
from sharewise.services.contents import PackageOptions
from sharewise.services.handing_over import HandingOver
from sharewise.services.items import Items
from sharewise.services.stamping import Stamping
from sharewise.services.verification import verify
from support.evidence import Desk
from support.stamping import Authority, authority


@dataclass(slots=True)
class Service:
    """The authority's little web server."""

    authority: Authority
    url: str = ""
    asked: int = 0
    status: int = 200
    garbage: bytes = b""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        body = await request.read()
        assert request.content_type == "application/timestamp-query"
        reply = self.garbage or await asyncio.to_thread(self.authority.answer, body)
        return web.Response(
            status=self.status, body=reply, content_type="application/timestamp-reply"
        )


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    folder = tmp_path / "tsa"
    folder.mkdir()
    made = Service(await asyncio.to_thread(authority, folder))
    application = web.Application()
    application.router.add_post("/tsr", made.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/tsr"
    yield made
    await runner.cleanup()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


def openssl_agrees(package: Path) -> int:
    """Run the commands of VERIFY.txt about time-stamps; return how many there are."""
    subprocess.run(["unzip", "-q", package.name], cwd=package.parent, check=True)
    folder = package.with_suffix("")
    lines = [one for one in commands((folder / "VERIFY.txt").read_text()) if "ts -verify" in one]
    for line in lines:
        subprocess.run(["sh", "-c", line], cwd=folder, check=True, capture_output=True)
    return len(lines)


async def test_nothing_is_asked_before_it_is_turned_on(desk: Desk, service: Service) -> None:
    stamping = Stamping(desk.shelf, desk.cases)
    assert not (await stamping.status()).is_on
    await desk.capture()
    await stamping.stamp_all()
    await stamping.choose(is_on=False, url=service.url)
    await desk.capture()
    await stamping.stamp_all()
    assert service.asked == 0
    assert (await stamping.status()).queued == 0


async def test_a_capture_is_stamped_and_openssl_agrees(
    desk: Desk, service: Service, tmp_path: Path
) -> None:
    stamping = Stamping(desk.shelf, desk.cases)
    await stamping.choose(is_on=True, url=service.url)
    sealed = await desk.capture()
    await desk.capture()
    assert (await stamping.status()).queued == 2
    await stamping.stamp_all()
    told = await stamping.status()
    assert (told.queued, told.stamped, told.last_problem) == (0, 2, None)
    contents = await desk.cases.contents(sealed.case_id, PackageOptions())
    stamp = contents.stamps[sealed.item_id]
    service.authority.must_verify(stamp.token, stamp.checkpoint)
    said = checkpoint.parse(stamp.checkpoint)
    assert said is not None
    data = next(one.data for one in contents.entries if one.index == stamp.index)
    leaf = merkle.leaf_hash(data)
    assert merkle.root_of_inclusion(leaf, stamp.index, said.size, stamp.proof) == said.root
    assert contents.stamp_roots == service.authority.root_pem
    items = Items(desk.shelf, desk.cases)
    assert (await items.summary(sealed.item_id)).stamp == "stamped"
    assert (await items.show(sealed.item_id)).stamped_at_utc == stamp.stamped_at_utc
    made = await desk.cases.export(sealed.case_id, tmp_path)
    assert verify(Path(made.path)).is_verified


async def test_an_export_is_stamped_as_a_whole(
    desk: Desk, service: Service, tmp_path: Path
) -> None:
    stamping = Stamping(desk.shelf, desk.cases)
    sealed = await desk.capture()
    out = [tmp_path / name for name in ("off", "on", "away")]
    for folder in out:
        folder.mkdir()
    made = await desk.cases.export(sealed.case_id, out[0])
    assert (made.stamp, service.asked) == ("off", 0)
    await stamping.choose(is_on=True, url=service.url)
    made = await desk.cases.export(sealed.case_id, out[1])
    assert (made.stamp, service.asked) == ("stamped", 2), "once to learn whose word it is"
    verdict = verify(Path(made.path))
    assert verdict.problems == ()
    assert verdict.package_stamp is not None
    assert verdict.package_stamp.authority == "CN=Root"
    service.status = 503
    made = await desk.cases.export(sealed.case_id, out[2])
    assert made.stamp == "failed"
    verdict = verify(Path(made.path))
    assert verdict.problems == ()
    assert verdict.package_stamp is None


async def test_an_authority_that_sends_no_root_is_taken_if_the_system_knows_it(
    desk: Desk, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.authority.send_no_root()
    stamping = Stamping(desk.shelf, desk.cases)
    await stamping.choose(is_on=True, url=service.url)
    sealed = await desk.capture()
    await stamping.stamp_all()
    assert (await stamping.status()).last_problem is not None, "nobody vouches for it"
    monkeypatch.setenv("SSL_CERT_FILE", str(service.authority.folder / "root.pem"))
    await stamping.stamp_all()
    assert (await stamping.status()).stamped == 1
    made = await desk.cases.export(sealed.case_id, tmp_path)
    assert made.stamp == "stamped"
    verdict = verify(Path(made.path))
    assert verdict.problems == ()
    assert {one.authority for one in verdict.stamps} == {"CN=Root"}
    assert await asyncio.to_thread(openssl_agrees, Path(made.path)) == 2


async def test_a_page_is_told_of_the_stamp(desk: Desk, service: Service) -> None:
    await Stamping(desk.shelf, desk.cases).choose(is_on=True, url=service.url)
    sealed = await desk.capture()
    handing_over = HandingOver(desk.shelf, desk.cases)
    made = await handing_over.make(sealed.case_id, PackageOptions())
    assert made.stamp == "stamped"
    await handing_over.close(made.export_id)


async def test_offline_it_is_queued_and_stamped_later(desk: Desk, service: Service) -> None:
    stamping = Stamping(desk.shelf, desk.cases)
    await stamping.choose(is_on=True, url="http://127.0.0.1:9/nobody")
    sealed = await desk.capture()
    await stamping.stamp_all()
    told = await stamping.status()
    assert (told.queued, told.stamped) == (1, 0)
    assert told.last_problem is not None
    assert "could not be reached" in told.last_problem
    assert "127.0.0.1" not in told.last_problem
    desk.restart()
    stamping = Stamping(desk.shelf, desk.cases)
    await stamping.choose(is_on=True, url=service.url)
    await stamping.stamp_all()
    assert (await stamping.status()).stamped == 1
    assert (await Items(desk.shelf, desk.cases).summary(sealed.item_id)).stamp == "stamped"


async def test_a_locked_vault_is_stamped_all_the_same(desk: Desk, service: Service) -> None:
    stamping = Stamping(desk.shelf, desk.cases)
    await stamping.choose(is_on=True, url=service.url)
    desk.vault.set_passphrase(None, "correct horse battery")
    desk.vault.lock()
    await desk.capture()
    await stamping.stamp_all()
    assert (await stamping.status()).stamped == 1


@pytest.mark.parametrize("wrong", ["status", "garbage", "old reply"])
async def test_an_answer_that_is_no_good_is_not_kept(
    desk: Desk, service: Service, wrong: str
) -> None:
    stamping = Stamping(desk.shelf, desk.cases)
    await stamping.choose(is_on=True, url=service.url)
    if wrong == "status":
        service.status = 503
    elif wrong == "garbage":
        service.garbage = b"<html>a captive portal</html>"
    else:
        service.garbage = service.authority.token(b"another checkpoint")
    await desk.capture()
    await stamping.stamp_all()
    told = await stamping.status()
    assert (told.queued, told.stamped) == (1, 0)
    assert told.last_problem


@pytest.mark.parametrize("url", ["", "ftp://a.example", "file:///etc/passwd", "https://", "x" * 9])
async def test_an_address_that_is_none_is_refused(desk: Desk, url: str) -> None:
    stamping = Stamping(desk.shelf, desk.cases)
    with pytest.raises(SharewiseError) as refused:
        await stamping.choose(is_on=True, url=url)
    assert refused.value.code is ErrorCode.INVALID_PARAMS
