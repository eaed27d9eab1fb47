from pathlib import PurePath

import pytest

from sharewise.disk.writing import Draft
from sharewise.providers.registry import providers
from sharewise.services.leaving_alone import LeftAlone

LEFT_ALONE = LeftAlone(providers().values())


@pytest.mark.parametrize(
    "name",
    [
        ".~photo.jpg",
        "~$photo.jpg",
        "photo.jpg.tmp",
        "photo.jpg.part",
        "photo.jpg.crdownload",
        "Photo.JPG.CRDOWNLOAD",
        ".syncthing.photo.jpg.tmp",
        "~syncthing~photo.jpg.tmp",
        ".sync_abc.db-wal",
        ".owncloudsync.log",
        ".stversions/photo.jpg",
        ".dropbox.cache/2025/photo.jpg",
        "deep/.StFolder/photo.jpg",
        ".Trash-1000/files/photo.jpg",
        "photo.jpg.nextcloud",
    ],
)
def test_what_programs_write_for_themselves_is_left_alone(name):
    assert LEFT_ALONE.is_below(PurePath(name))


@pytest.mark.parametrize("name", ["photo.jpg", ".hidden.jpg", "temp/part.jpg", "a~b/tmp.png"])
def test_what_people_put_there_is_not(name):
    assert not LEFT_ALONE.is_below(PurePath(name))


def test_what_we_write_beside_a_file_is_left_alone_by_every_client(tmp_path):
    draft = Draft(tmp_path)
    draft.discard()
    for provider in providers().values():
        assert LeftAlone([provider]).is_file(draft.path.name), provider.name
    own = [provider for provider in providers().values() if provider.name != "syncthing"]
    assert LeftAlone(own).is_file(draft.path.name)
