import json
import os

import pytest

from sharewise.cli import inspect
from sharewise.cli.main import main
from support.pictures import gps_jpeg, plain_jpeg, put


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def inspect_json(capsys, *words: str) -> tuple[int, list[dict[str, object]]]:
    code = main(["inspect", "--json", *words])
    captured = capsys.readouterr()
    assert captured.err == ""
    return code, [json.loads(line) for line in captured.out.splitlines()]


def test_private_photo_is_one_object_with_the_documented_fields(here, capsys):
    put(here, "a.jpg", gps_jpeg())
    code, (record,) = inspect_json(capsys, "a.jpg")
    assert code == 1
    assert list(record) == ["path", "format", "size_bytes", "bytes_read", "status", "findings"]
    assert record["path"] == "a.jpg"
    assert record["format"] == "JPEG"
    assert record["size_bytes"] == len(gps_jpeg())
    assert record["status"] == "private"
    location = record["findings"][0]
    assert list(location) == ["kind", "where", "summary", "value"]
    assert location["kind"] == "location"
    assert location["value"].startswith("45.75,4.83")


def test_clean_photo_ends_with_0(here, capsys):
    put(here, "a.jpg", plain_jpeg())
    code, (record,) = inspect_json(capsys, "a.jpg")
    assert (code, record["status"], record["findings"]) == (0, "clean", [])


@pytest.mark.parametrize(
    ("data", "status"),
    [(gps_jpeg()[:300], "malformed"), (b"text", "unsupported"), (b"", "unsupported")],
)
def test_file_that_cannot_be_judged_ends_with_2(here, capsys, data, status):
    put(here, "a.jpg", data)
    put(here, "b.jpg", gps_jpeg())
    code, (first, second) = inspect_json(capsys, "a.jpg", "b.jpg")
    assert code == 2
    assert (first["status"], second["status"]) == (status, "private")
    assert first["reason"].endswith(".")


def test_what_is_no_file_is_reported_and_the_rest_goes_on(here, capsys):
    os.mkfifo(here / "pipe.jpg")
    (here / "folder").mkdir()
    put(here, "b.jpg", gps_jpeg())
    code, records = inspect_json(capsys, "pipe.jpg", "nothing.jpg", "folder", "b.jpg")
    assert code == 2
    assert [record.get("code") for record in records] == [
        "not_a_file",
        "unreadable",
        "not_a_file",
        None,
    ]


def test_folder_is_gone_through_where_asked(here, capsys):
    put(here, "f/b.jpg", gps_jpeg())
    put(here, "f/a/c.jpg", plain_jpeg())
    os.mkfifo(here / "f" / "pipe")
    (here / "f" / "link").symlink_to("/")
    code, records = inspect_json(capsys, "--recursive", "f")
    assert [record["path"] for record in records] == ["f/b.jpg", "f/pipe", "f/a/c.jpg"]
    assert code == 2


def test_sparse_file_of_3_gb_is_answered(here, capsys):
    for name, head in (("with.jpg", gps_jpeg()), ("without.jpg", b"")):
        os.truncate(put(here, name, head), 3 << 30)
    code, (head, bare) = inspect_json(capsys, "with.jpg", "without.jpg")
    assert code == 2
    assert (head["status"], bare["status"]) == ("private", "unsupported")
    assert head["bytes_read"] + bare["bytes_read"] < 8 * 1024 * 1024


def test_path_with_a_dash_and_odd_bytes_comes_back_unharmed(here, capsys):
    odd = os.fsdecode(b"-odd\xff\n\x1b[31m.jpg")
    put(here, odd, gps_jpeg())
    code, (record,) = inspect_json(capsys, "--", odd)
    assert code == 1
    assert os.fsencode(record["path"]) == b"-odd\xff\n\x1b[31m.jpg"


def test_person_reads_plain_words(here, capsys):
    put(here, "a.jpg", gps_jpeg())
    put(here, "b.jpg", plain_jpeg())
    put(here, "c.jpg", b"text")
    assert main(["inspect", "a.jpg", "b.jpg", "c.jpg"]) == 2
    captured = capsys.readouterr()
    assert "a.jpg (JPEG," in captured.out
    assert "location" in captured.out
    assert "b.jpg (JPEG, 942 bytes): nothing private" in captured.out
    assert captured.out.endswith(
        "3 files: 1 with something private, 1 with nothing, 1 that could not be judged.\n"
    )
    assert captured.err.startswith("sharewise: c.jpg: ")


def test_terminal_is_safe_from_names(here, capsys):
    put(here, "a\x1b[31m\n.jpg", gps_jpeg())
    put(here, "b\x1b[31m\n.jpg", b"text")
    main(["inspect", "a\x1b[31m\n.jpg", "b\x1b[31m\n.jpg"])
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    assert "a\\x1b[31m\\n.jpg" in captured.out


def test_thorough_looks_at_every_byte(here, capsys, monkeypatch):
    depths = []
    real = inspect.inspect_file
    monkeypatch.setattr(
        inspect, "inspect_file", lambda path, depth: depths.append(depth) or real(path, depth)
    )
    put(here, "a.jpg", gps_jpeg())
    inspect_json(capsys, "a.jpg")
    inspect_json(capsys, "--thorough", "a.jpg")
    assert depths == ["quick", "thorough"]
