"""The error codes of Sharewise. Append only: a code is never renamed, reused or removed."""

from __future__ import annotations

from enum import StrEnum


class ErrorCode(StrEnum):
    """What went wrong, for programs; the message beside it is for people."""

    # wire
    PARSE_ERROR = "parse_error"
    INVALID_REQUEST = "invalid_request"
    UNKNOWN_METHOD = "unknown_method"
    INVALID_PARAMS = "invalid_params"
    SENDER_REFUSED = "sender_refused"
    TOO_LARGE = "too_large"
    PROTOCOL_MISMATCH = "protocol_mismatch"
    INTERNAL = "internal"
    # daemon and host
    DAEMON_UNREACHABLE = "daemon_unreachable"
    DAEMON_GONE = "daemon_gone"
    ALREADY_RUNNING = "already_running"
    UNSAFE_FOLDER = "unsafe_folder"
    CALLER_REFUSED = "caller_refused"
    BUSY = "busy"
    TIMED_OUT = "timed_out"
    # files and formats
    MALFORMED = "malformed"
    UNSUPPORTED = "unsupported"
    UNREADABLE = "unreadable"
    NOT_A_FILE = "not_a_file"
    REFUSED = "refused"
    VERIFY_FAILED = "verify_failed"
    FILE_CHANGED = "file_changed"
    OUTPUT_EXISTS = "output_exists"
    DISK_FULL = "disk_full"
    UNKNOWN_SESSION = "unknown_session"
    # settings
    SETTINGS_UNREADABLE = "settings_unreadable"
    # watching
    UNKNOWN_FOLDER = "unknown_folder"
    FOLDER_OVERLAP = "folder_overlap"
    NOTHING_TO_UNDO = "nothing_to_undo"
    WATCH_LIMIT = "watch_limit"
    # evidence
    UNKNOWN_CAPTURE = "unknown_capture"
    UNKNOWN_CASE = "unknown_case"
    BAD_PART = "bad_part"
    NOT_A_PACKAGE = "not_a_package"
    KEY_UNREADABLE = "key_unreadable"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_INTAKE = "unknown_intake"
    UNKNOWN_EXPORT = "unknown_export"
    VAULT_LOCKED = "vault_locked"
    WRONG_PASSPHRASE = "wrong_passphrase"  # noqa: S105  a code, no secret
    TOO_MANY_TRIES = "too_many_tries"
    VAULT_DAMAGED = "vault_damaged"
    PICTURES_REFUSED = "pictures_refused"
    BAD_RECORD = "bad_record"
    BAD_RECIPIENT = "bad_recipient"
    STAMP_FAILED = "stamp_failed"
