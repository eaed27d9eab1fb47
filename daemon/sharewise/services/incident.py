"""The incident record of a case: held against its schema before it is kept.

`incident.schema.json` is the schema of the guide, word for word; jsonschema is imported where it is
used.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

MAX_RECORD_BYTES = 512 * 1024
"""So that it fits into one message."""


def check_incident(untrusted: str) -> bytes:
    """Return the record as it is kept. Raises SharewiseError: BAD_RECORD, TOO_LARGE.

    The error says where the record breaks the schema, not what stands there.
    """
    if len(untrusted.encode("utf-8", "surrogatepass")) > MAX_RECORD_BYTES:
        raise SharewiseError(ErrorCode.TOO_LARGE, "The incident record is too long to keep.")
    try:
        record = json.loads(untrusted)
        kept = json.dumps(record, ensure_ascii=False, indent=2).encode()
    except (ValueError, RecursionError) as error:
        raise _bad("it is no JSON") from error
    errors = sorted(_validator().iter_errors(record), key=lambda error: list(map(str, error.path)))
    if errors:
        where = "/".join(str(step) for step in errors[0].absolute_path) or "the record itself"
        raise _bad(f"'{where}' breaks the rule '{errors[0].validator}'")
    return kept + b"\n"


def _bad(why: str) -> SharewiseError:
    return SharewiseError(
        ErrorCode.BAD_RECORD,
        f"The incident record was not kept: {why}. What was kept before stays.",
    )


@cache
def _validator() -> Validator:
    from jsonschema import Draft202012Validator, FormatChecker

    formats = FormatChecker(formats=())
    formats.checks("date-time", raises=ValueError)(_is_moment)
    schema = json.loads(resources.files(__package__).joinpath("incident.schema.json").read_bytes())
    return Draft202012Validator(schema, format_checker=formats)


def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None
