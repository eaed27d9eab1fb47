"""The incident record is held against the guide's own schema before it is kept."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.services.incident import MAX_RECORD_BYTES, check_incident
from support.evidence import Desk

RECORD: dict[str, object] = {
    "schema": "incident-record/1",
    "case_id": "0123456789abcdef",
    "created_at": "2026-03-05T10:00:00Z",
    "situation": {
        "stage": "threat_only",
        "subject_age_group": "adult",
        "other_party_kind": "stranger",
        "country": "FR",
    },
    "timeline": [
        {
            "event_id": "1",
            "kind": "threat",
            "summary": "A threat by message",
            "recorded_at": "2026-03-05T10:00:00+01:00",
        }
    ],
}


def changed(**fields: object) -> str:
    return json.dumps(RECORD | fields)


def test_a_good_record_is_kept_as_json() -> None:
    assert json.loads(check_incident(changed())) == RECORD


def test_the_schema_is_whole() -> None:
    schema = json.loads(
        resources.files("sharewise.services").joinpath("incident.schema.json").read_bytes()
    )
    assert schema["$id"] == "urn:local:incident-record:1"


@pytest.mark.parametrize(
    "record",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        changed(created_at="yesterday"),
        changed(created_at="2026-03-05T10:00:00"),
        changed(more="unknown"),
        changed(timeline=[{"kind": "threat"}]),
        changed(situation={"stage": "threat_only", "subject_age_group": "maybe"}),
        changed(
            situation={
                "stage": "threat_only",
                "subject_age_group": "under_18_now",
                "other_party_kind": "stranger",
            },
            fingerprints=[{"algorithm": "pdq", "value": "00"}],
        ),
    ],
)
def test_a_record_that_breaks_the_schema_is_refused(record: str) -> None:
    with pytest.raises(SharewiseError) as refused:
        check_incident(record)
    assert refused.value.code is ErrorCode.BAD_RECORD


def test_the_error_says_where_and_not_what() -> None:
    with pytest.raises(SharewiseError) as refused:
        check_incident(changed(label=["secret words"]))
    assert "'label'" in refused.value.message
    assert "secret" not in refused.value.message


def test_a_record_that_is_too_long_is_refused() -> None:
    with pytest.raises(SharewiseError) as refused:
        check_incident(changed(label="x" * MAX_RECORD_BYTES))
    assert refused.value.code is ErrorCode.TOO_LARGE


async def test_it_is_kept_encrypted_and_its_change_is_an_event(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    sealed = await desk.capture()
    assert await desk.cases.incident(sealed.case_id) is None
    await desk.cases.put_incident(sealed.case_id, changed(impact="canary-impact"))
    desk.restart()
    kept = await desk.cases.incident(sealed.case_id)
    assert kept is not None
    assert json.loads(kept)["impact"] == "canary-impact"
    assert (await desk.cases.custody(sealed.case_id))[-1].what == "incident record changed"
    (case,) = await desk.cases.summaries()
    assert case.has_incident
    assert b"canary-impact" not in (desk.places.vault / "index.db").read_bytes()
