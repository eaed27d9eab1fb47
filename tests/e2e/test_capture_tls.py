"""How the connection was secured is kept where the browser tells it, else said to be missing."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from support.browsers import Kind, Settings, started
from support.browsers.firefox import Firefox
from support.browsers.installation import Installation
from support.capturing import control_page, record_of, running_pages, save, sealed_folder
from support.https import AUTHORITY, NAME, secured

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
TRUST = """Cc['@mozilla.org/security/x509certdb;1'].getService(Ci.nsIX509CertDB)
  .addCertFromBase64(%r, 'CT,,')"""


async def test_the_certificates_of_the_page_are_in_the_record_or_missing_by_name(
    kind: Kind, installation: Installation, tmp_path: Path
) -> None:
    made = secured(tmp_path)
    # Firefox tells the chain only of a certificate that it trusts itself.
    is_told = kind is Kind.FIREFOX
    settings = Settings(EXTENSION, host=installation.launcher(), trusts_any_site=not is_told)
    async with running_pages(made.context) as pages, started(kind, settings) as browser:
        if isinstance(browser, Firefox):
            authority = base64.b64encode(made.authority).decode()
            await browser.in_window(f"(() => {{ {TRUST % authority}; }})()")
        pages.html["page"] = "<!doctype html><title>T</title>words"
        pages.redirects["before"] = "/page"
        control = await control_page(browser)
        page = await browser.open(pages.url("before"))
        sealed = await save(control, page)
        errors = await browser.errors()
    record = record_of(sealed_folder(installation))
    said = record["page"]
    assert isinstance(said, dict)
    assert record["status"] == "COMPLETE"
    assert errors == []
    if not is_told:
        assert isinstance(sealed["missing"], list)
        assert [entry["name"] for entry in sealed["missing"]] == ["tls"]
        assert "tls" not in said
        return
    assert sealed["missing"] == []
    assert said["tls"]["state"] == "secure"
    assert said["tls"]["protocol"].startswith("TLSv1")
    site, authority_told = said["tls"]["certificates"]
    assert base64.b64decode(site["der"]) == made.site
    assert base64.b64decode(authority_told["der"]) == made.authority
    assert site["sha256"] == hashlib.sha256(made.site).hexdigest()
    assert NAME in site["subject"]
    assert AUTHORITY in site["issuer"]
    assert site["not_before_utc"] < said["clicked_at_utc"] < site["not_after_utc"]
