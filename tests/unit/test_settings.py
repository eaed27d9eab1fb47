import stat

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.settings import FolderSetting, Mode, Settings, load_settings, save_settings

SOME = Settings(
    is_watching_paused=True, folders=(FolderSetting("/home/a/Fotos ä", "folder", Mode.CLEAN),)
)


def test_absent_file_is_a_new_installation(tmp_path):
    assert load_settings(tmp_path / "settings.json") == Settings()


def test_what_is_saved_is_loaded(tmp_path):
    path = tmp_path / "config" / "settings.json"
    save_settings(path, SOME)
    assert load_settings(path) == SOME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"version": 2}',
        b'{"version": 1, "unknown": 1}',
        b'{"version": 1, "folders": [{"path": "/a", "provider": "folder", "mode": "maybe"}]}',
        b"[" * 100_000,
    ],
)
def test_file_that_cannot_be_used_is_kept(tmp_path, content):
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    for action in (lambda: load_settings(path), lambda: save_settings(path, SOME)):
        with pytest.raises(SharewiseError) as caught:
            action()
        assert caught.value.code is ErrorCode.SETTINGS_UNREADABLE
    assert path.read_bytes() == content


def test_link_that_leads_nowhere_is_kept(tmp_path):
    path = tmp_path / "settings.json"
    path.symlink_to("nowhere")
    with pytest.raises(SharewiseError) as caught:
        save_settings(path, SOME)
    assert caught.value.code is ErrorCode.SETTINGS_UNREADABLE
    assert path.is_symlink()


def test_folder_in_place_of_the_file_is_an_error_with_a_way_out(tmp_path):
    (tmp_path / "settings.json").mkdir()
    with pytest.raises(SharewiseError) as caught:
        load_settings(tmp_path / "settings.json")
    assert "mend it, or move it away" in caught.value.message
