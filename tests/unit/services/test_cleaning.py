import os
import stat

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.disk import reading
from sharewise.formats.contract import NOTHING_KEPT, Depth, Kind, Wish
from sharewise.services import cleaning
from sharewise.services.cleaning import (
    Cleaned,
    InPlace,
    Inspected,
    IntoFolder,
    NotCleaned,
    NotJudged,
    WasClean,
    clean_file,
    inspect_file,
)
from support.pictures import DEVICE, gps_jpeg, large_jpeg, names, pixels, plain_jpeg, put

TRUNCATED = gps_jpeg()[:400]


def test_location_and_device_are_found(tmp_path):
    inspected = inspect_file(put(tmp_path, "a.jpg", gps_jpeg()), Depth.QUICK)
    assert isinstance(inspected, Inspected)
    assert {Kind.LOCATION, Kind.DEVICE} <= {finding.kind for finding in inspected.findings}
    assert inspected.is_private


def test_quick_look_that_finds_nothing_is_followed_by_a_thorough_one(tmp_path):
    path = put(tmp_path, "a.jpg", large_jpeg())
    proved = inspect_file(path, Depth.QUICK)
    assert isinstance(proved, Inspected)
    assert proved.depth is Depth.THOROUGH
    assert not proved.is_private
    hasty = inspect_file(path, Depth.QUICK, is_clean_to_be_proved=False)
    assert isinstance(hasty, Inspected)
    assert hasty.depth is Depth.QUICK


def test_name_that_tells_makes_a_file_private(tmp_path):
    inspected = inspect_file(put(tmp_path, "IMG_20250503_140200.jpg", plain_jpeg()), Depth.QUICK)
    assert isinstance(inspected, Inspected)
    assert [finding.kind for finding in inspected.findings] == [Kind.FILENAME]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ErrorCode.UNSUPPORTED),
        (b"just some text\n", ErrorCode.UNSUPPORTED),
        (TRUNCATED, ErrorCode.MALFORMED),
    ],
)
def test_file_that_cannot_be_judged_is_left_as_it_is(tmp_path, data, code):
    path = put(tmp_path, "in/a.jpg", data)
    inspected = inspect_file(path, Depth.QUICK)
    assert isinstance(inspected, NotJudged)
    assert inspected.code is code
    for target in (InPlace(), IntoFolder(tmp_path / "out")):
        outcome = clean_file(path, NOTHING_KEPT, target)
        assert isinstance(outcome, NotCleaned)
        assert outcome.code is code
        assert outcome.reason.endswith(".")
    assert path.read_bytes() == data
    assert names(tmp_path) == ["in", "in/a.jpg"]


@pytest.mark.parametrize("head", [gps_jpeg(), b""])
def test_sparse_file_of_3_gb_is_judged_at_once(tmp_path, head):
    path = put(tmp_path, "a.jpg", head)
    os.truncate(path, 3 << 30)
    inspected = inspect_file(path, Depth.QUICK)
    assert inspected.size_bytes == 3 << 30
    assert inspected.bytes_read < 8 * 1024 * 1024
    assert isinstance(inspected, Inspected if head else NotJudged)


def test_cleaned_copy_shows_the_same_and_tells_nothing(tmp_path):
    path = put(tmp_path, "a.jpg", gps_jpeg())
    os.utime(path, ns=(10**18, 10**18))
    outcome = clean_file(path, NOTHING_KEPT, IntoFolder(tmp_path / "new" / "out"))
    assert isinstance(outcome, Cleaned)
    cleaned = outcome.output.read_bytes()
    assert DEVICE not in cleaned
    assert pixels(cleaned) == pixels(gps_jpeg())
    assert path.read_bytes() == gps_jpeg()
    assert outcome.output.stat().st_mtime_ns == 10**18
    again = clean_file(outcome.output, NOTHING_KEPT, InPlace())
    assert isinstance(again, WasClean)


def test_clean_file_is_copied_as_it_is(tmp_path):
    path = put(tmp_path, "a.jpg", plain_jpeg())
    outcome = clean_file(path, NOTHING_KEPT, IntoFolder(tmp_path / "out"))
    assert isinstance(outcome, WasClean)
    assert outcome.output.read_bytes() == plain_jpeg()


def test_clean_file_in_place_is_not_touched(tmp_path):
    path = put(tmp_path, "a.jpg", plain_jpeg())
    before = path.stat()
    assert isinstance(clean_file(path, NOTHING_KEPT, InPlace()), WasClean)
    assert path.stat().st_ino == before.st_ino
    assert path.stat().st_ctime_ns == before.st_ctime_ns


def test_name_that_is_taken_gets_a_number(tmp_path):
    path = put(tmp_path, "a.jpg", gps_jpeg())
    outputs = []
    for _ in range(3):
        outcome = clean_file(path, NOTHING_KEPT, IntoFolder(tmp_path / "out"))
        assert isinstance(outcome, Cleaned)
        outputs.append(outcome.output.name)
    assert outputs == ["a.jpg", "a (2).jpg", "a (3).jpg"]


def test_backup_holds_the_original(tmp_path):
    path = put(tmp_path, "a.jpg", gps_jpeg())
    outcome = clean_file(path, NOTHING_KEPT, InPlace(tmp_path / "backup"))
    assert isinstance(outcome, Cleaned)
    assert (tmp_path / "backup/a.jpg").read_bytes() == gps_jpeg()
    assert DEVICE not in path.read_bytes()


def test_original_that_cannot_be_kept_stays_in_its_place(tmp_path):
    path = put(tmp_path, "a.jpg", gps_jpeg())
    put(tmp_path, "backup", b"a file, not a folder")
    outcome = clean_file(path, NOTHING_KEPT, InPlace(tmp_path / "backup"))
    assert isinstance(outcome, NotCleaned)
    assert path.read_bytes() == gps_jpeg()
    assert names(tmp_path) == ["a.jpg", "backup"]


def test_what_is_not_clean_when_looked_at_again_replaces_nothing(tmp_path, monkeypatch):
    path = put(tmp_path, "a.jpg", gps_jpeg())
    real = cleaning.replace_file

    def leave_it_in(file, path, steps, **others):
        return real(file, path, cleaning.whole(file), **others)

    monkeypatch.setattr(cleaning, "replace_file", leave_it_in)
    outcome = clean_file(path, NOTHING_KEPT, InPlace())
    assert isinstance(outcome, NotCleaned)
    assert outcome.code is ErrorCode.VERIFY_FAILED
    assert path.read_bytes() == gps_jpeg()
    assert names(tmp_path) == ["a.jpg"]


def test_what_is_too_large_to_be_held_is_looked_at_again(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "HOLD_BYTES", 0)
    path = put(tmp_path, "a.jpg", gps_jpeg())
    held = clean_file(path, NOTHING_KEPT, IntoFolder(tmp_path / "out"))
    assert isinstance(held, Cleaned)
    assert DEVICE not in held.output.read_bytes()
    test_what_is_not_clean_when_looked_at_again_replaces_nothing(tmp_path / "in", monkeypatch)


@pytest.mark.parametrize("hold_bytes", [0, reading.HOLD_BYTES])
def test_picture_data_that_is_written_wrong_replaces_nothing(tmp_path, monkeypatch, hold_bytes):
    monkeypatch.setattr(reading, "HOLD_BYTES", hold_bytes)
    path = put(tmp_path, "a.jpg", gps_jpeg())
    real = os.fsync

    def spoil_first(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.pwrite(descriptor, b"\xff\xfe\0\x04me", 2)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", spoil_first)
    outcome = clean_file(path, NOTHING_KEPT, InPlace())
    assert isinstance(outcome, NotCleaned)
    assert outcome.code is ErrorCode.VERIFY_FAILED
    assert path.read_bytes() == gps_jpeg()
    assert names(tmp_path) == ["a.jpg"]


def test_what_another_program_writes_after_the_judgement_is_not_published(tmp_path, monkeypatch):
    path = put(tmp_path, "a.jpg", gps_jpeg())
    real = cleaning.publish_file

    def write_between(file, free, steps, **others):
        found = path.stat()
        path.write_bytes(gps_jpeg()[::-1])
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
        return real(file, free, steps, **others)

    monkeypatch.setattr(cleaning, "publish_file", write_between)
    outcome = clean_file(path, NOTHING_KEPT, IntoFolder(tmp_path / "out"))
    assert isinstance(outcome, NotCleaned)
    assert names(tmp_path / "out") == []


def test_neutral_name_replaces_one_that_tells(tmp_path):
    path = put(tmp_path, "IMG_20250503_140200.JPG", plain_jpeg())
    outcome = clean_file(path, NOTHING_KEPT, IntoFolder(tmp_path), neutral_name="photo-0001")
    assert isinstance(outcome, Cleaned)
    assert outcome.output.name == "photo-0001.jpg"
    assert outcome.removed == (Kind.FILENAME,)
    put(tmp_path, "photo-0002.jpg", b"taken")
    outcome = clean_file(path, NOTHING_KEPT, InPlace(), neutral_name="photo-0002")
    assert isinstance(outcome, Cleaned)
    assert outcome.output.name == "photo-0002 (2).jpg"
    assert not path.exists()
    assert (tmp_path / "photo-0002.jpg").read_bytes() == b"taken"


def test_name_that_tells_and_stays_is_said_to_be_kept(tmp_path):
    path = put(tmp_path, "IMG_20250503_140200.jpg", gps_jpeg())
    outcome = clean_file(path, NOTHING_KEPT, IntoFolder(tmp_path / "out"))
    assert isinstance(outcome, Cleaned)
    assert Kind.FILENAME in outcome.kept


def test_name_that_tells_nothing_stays(tmp_path):
    path = put(tmp_path, "beach.jpg", gps_jpeg())
    outcome = clean_file(path, NOTHING_KEPT, IntoFolder(tmp_path / "o"), neutral_name="photo-0001")
    assert isinstance(outcome, Cleaned)
    assert outcome.output.name == "beach.jpg"


def test_link_is_refused_in_place_and_followed_into_a_folder(tmp_path):
    put(tmp_path, "real.jpg", gps_jpeg())
    link = tmp_path / "link.jpg"
    link.symlink_to("real.jpg")
    outcome = clean_file(link, NOTHING_KEPT, InPlace())
    assert isinstance(outcome, NotCleaned)
    assert outcome.code is ErrorCode.NOT_A_FILE
    assert link.is_symlink()
    assert isinstance(clean_file(link, NOTHING_KEPT, IntoFolder(tmp_path / "out")), Cleaned)


def test_kept_kind_stays_and_the_rest_goes(tmp_path):
    path = put(tmp_path, "a.jpg", gps_jpeg())
    wish = Wish(keep=frozenset({Kind.DEVICE}))
    outcome = clean_file(path, wish, IntoFolder(tmp_path / "out"))
    assert isinstance(outcome, Cleaned)
    assert outcome.removed == (Kind.LOCATION,)
    assert Kind.DEVICE in outcome.kept
    left = inspect_file(outcome.output, Depth.THOROUGH)
    assert isinstance(left, Inspected)
    assert {finding.kind for finding in left.findings} == {Kind.DEVICE}
