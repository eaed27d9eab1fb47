import json
import os

import pytest

from sharewise.cli.main import EXIT_INTERRUPTED, main
from sharewise.cli.progress import Progress
from sharewise.services import cleaning
from support.pictures import DEVICE, gps_jpeg, names, plain_jpeg, put


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def clean_json(capsys, *words: str) -> tuple[int, list[dict[str, object]]]:
    code = main(["clean", "--json", *words])
    captured = capsys.readouterr()
    assert captured.err == ""
    return code, [json.loads(line) for line in captured.out.splitlines()]


def test_cleaned_photo_is_one_object_with_the_documented_fields(here, capsys):
    put(here, "a.jpg", gps_jpeg())
    code, (record,) = clean_json(capsys, "--output", "out", "a.jpg")
    assert code == 0
    assert list(record) == [
        "path",
        "output",
        "status",
        "removed",
        "kept",
        "bytes_read",
        "bytes_written",
        "reason",
    ]
    assert (record["path"], record["output"], record["status"]) == ("a.jpg", "out/a.jpg", "cleaned")
    assert {"location", "device"} <= set(record["removed"])
    assert record["bytes_written"] == (here / "out/a.jpg").stat().st_size
    assert record["reason"] is None
    assert (here / "a.jpg").read_bytes() == gps_jpeg()


def test_clean_photo_is_copied(here, capsys):
    put(here, "a.jpg", plain_jpeg())
    code, (record,) = clean_json(capsys, "--output", "out", "a.jpg")
    assert (code, record["status"], record["output"]) == (0, "already_clean", "out/a.jpg")


@pytest.mark.parametrize("data", [gps_jpeg()[:300], b"text", b""])
@pytest.mark.parametrize("where", [["--output", "out"], ["--in-place"]])
def test_refused_file_is_left_and_no_output_made(here, capsys, data, where):
    put(here, "a.jpg", data)
    put(here, "b.jpg", gps_jpeg())
    code, (refused, cleaned) = clean_json(capsys, *where, "a.jpg", "b.jpg")
    assert code == 2
    assert (refused["status"], cleaned["status"]) == ("refused", "cleaned")
    assert refused["output"] is None
    assert refused["reason"].endswith(".")
    assert (here / "a.jpg").read_bytes() == data
    assert not (here / "out/a.jpg").exists()


def test_in_place_leaves_one_clean_file(here, capsys):
    put(here, "a.jpg", gps_jpeg())
    assert main(["clean", "--in-place", "a.jpg"]) == 0
    assert DEVICE not in (here / "a.jpg").read_bytes()
    assert names(here) == ["a.jpg"]
    assert "a.jpg: removed location, device" in capsys.readouterr().out


def test_backup_keeps_originals(here, capsys):
    put(here, "x/a.jpg", gps_jpeg())
    put(here, "y/a.jpg", gps_jpeg())
    assert main(["clean", "--in-place", "--backup", "old", "--recursive", "x", "y"]) == 0
    assert names(here / "old") == ["a (2).jpg", "a.jpg"]
    assert (here / "old/a.jpg").read_bytes() == gps_jpeg()


def test_backup_belongs_to_in_place(here, capsys):
    assert main(["clean", "--output", "out", "--backup", "old", "a.jpg"]) == 2
    assert "--in-place" in capsys.readouterr().err


def test_folders_keep_their_shape(here, capsys):
    for name in ("f/a.jpg", "f/deep/a.jpg", "g/a.jpg"):
        put(here, name, gps_jpeg())
    code, records = clean_json(capsys, "--recursive", "--output", "f/out", "f", "g")
    assert code == 0
    assert [record["output"] for record in records] == [
        "f/out/a.jpg",
        "f/out/deep/a.jpg",
        "f/out/a (2).jpg",
    ]
    code, records = clean_json(capsys, "--recursive", "--output", "f/out", "f")
    assert len(records) == 2, "what was written there is not cleaned again"


def test_neutral_names_have_numbers(here, capsys):
    put(here, "IMG_20250503_140200.jpg", gps_jpeg())
    put(here, "beach.jpg", gps_jpeg())
    code, records = clean_json(
        capsys, "--neutral-names", "--output", "out", "IMG_20250503_140200.jpg", "beach.jpg"
    )
    assert code == 0
    assert [record["output"] for record in records] == ["out/photo-0001.jpg", "out/beach.jpg"]
    assert "filename" in records[0]["removed"]


@pytest.mark.parametrize(
    "words",
    [
        ["a.jpg"],
        ["--output", "out", "--in-place", "a.jpg"],
        ["--keep", "everything", "--in-place", "a.jpg"],
        ["--in-place"],
    ],
)
def test_unclear_wish_changes_nothing(here, capsys, words):
    put(here, "a.jpg", gps_jpeg())
    with pytest.raises(SystemExit) as caught:
        main(["clean", *words])
    assert caught.value.code == 2
    assert names(here) == ["a.jpg"]
    assert (here / "a.jpg").read_bytes() == gps_jpeg()


def test_what_is_no_file_is_refused_and_the_rest_goes_on(here, capsys):
    os.mkfifo(here / "pipe.jpg")
    put(here, "b.jpg", gps_jpeg())
    code, records = clean_json(capsys, "--in-place", "pipe.jpg", "nothing", "b.jpg")
    assert code == 2
    assert [record["status"] for record in records] == ["refused", "refused", "cleaned"]


def test_folder_without_recursive_is_refused(here, capsys):
    put(here, "f/a.jpg", gps_jpeg())
    code, (record,) = clean_json(capsys, "--in-place", "f")
    assert (code, record["code"]) == (2, "not_a_file")
    assert "--recursive" in record["reason"]


def test_person_reads_what_was_not_cleaned(here, capsys):
    put(here, "a.jpg", b"text")
    put(here, "b.jpg", plain_jpeg())
    assert main(["clean", "--output", "out", "a.jpg", "b.jpg"]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("sharewise: a.jpg: not cleaned. ")
    assert "b.jpg: nothing to remove, copied to out/b.jpg" in captured.out
    assert "1 not cleaned and left as they were" in captured.out


def test_names_of_clean_files_are_on_the_disk_once_it_ends(here, capsys, monkeypatch):
    synced: list[str] = []
    monkeypatch.setattr(cleaning, "sync_folder", lambda folder: synced.append(str(folder)))
    for name in ("in/a.jpg", "in/b.jpg", "in/below/c.jpg"):
        put(here, name, gps_jpeg())
    code, _ = clean_json(capsys, "--recursive", "--output", "out", "in")
    assert code == 0
    assert synced == ["out", "out/below"]


def test_names_are_on_the_disk_even_if_it_is_stopped(here, monkeypatch):
    synced: list[str] = []
    monkeypatch.setattr(cleaning, "sync_folder", lambda folder: synced.append(str(folder)))
    monkeypatch.setattr(Progress, "step", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    put(here, "a.jpg", gps_jpeg())
    assert main(["clean", "--output", "out", "a.jpg"]) == EXIT_INTERRUPTED
    assert synced == ["out"]
