"""What each client writes, as it writes it."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewise.base.codes import ErrorCode
from sharewise.providers import dropbox, nextcloud, syncthing
from sharewise.providers.contract import Environment, Found, Platform, folder_of

HOME = Path("/home/a")


def environment(platform: Platform = Platform.LINUX, home: Path = HOME) -> Environment:
    return Environment(
        platform=platform,
        home=home,
        config_home=home / ".config",
        state_home=home / ".local/state",
        roaming=home / "AppData/Roaming",
        local=home / "AppData/Local",
    )


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


ACCOUNTS = {
    "personal": {"path": "/home/a/Dropbox", "host": 1, "is_team": False},
    "business": {"path": "/home/a/Dropbox (Work)", "host": 2, "is_team": True},
}


def test_dropbox_has_a_folder_for_each_account(tmp_path):
    put(tmp_path / ".dropbox/info.json", json.dumps(ACCOUNTS))
    found = dropbox.find(environment(home=tmp_path))
    assert found == Found((HOME / "Dropbox", HOME / "Dropbox (Work)"))


@pytest.mark.parametrize("place", ["AppData/Roaming", "AppData/Local"])
def test_dropbox_on_windows_is_found_in_both_places(tmp_path, place):
    put(tmp_path / place / "Dropbox/info.json", '{"personal": {"path": "C:\\\\Users\\\\a\\\\Box"}}')
    found = dropbox.find(environment(Platform.WINDOWS, tmp_path))
    assert found == Found((Path("C:\\Users\\a\\Box"),))


@pytest.mark.parametrize(
    "untrusted", ['{"personal": {}}', '{"personal": 1}', "[]", '{"personal": {"path": 1}}']
)
def test_dropbox_settings_of_another_shape_give_a_code(untrusted):
    parsed = dropbox.parse(untrusted.encode(), environment())
    assert parsed == Found(problem=ErrorCode.UNREADABLE)


def test_relative_folder_is_left_out_with_a_code():
    parsed = dropbox.parse(b'{"a": {"path": "Dropbox"}, "b": {"path": "/b"}}', environment())
    assert parsed == Found((Path("/b"),), ErrorCode.UNREADABLE)


NEXTCLOUD = r"""[General]
clientVersion=3.7.3
0\Folders\9\localPath=/not/an/account

[Accounts]
0\Folders\1\ignoreHiddenFiles=false
0\Folders\1\localPath=/home/a/Nextcloud/
0\Folders\1\targetPath=/
0\FoldersWithPlaceholders\2\localPath="/home/a/Wolke, \x4e2d\"x\""
1\Multifolders\1\localPath=/home/a/Work/
1\url=https://cloud.example
version=2
"""


def test_nextcloud_has_a_folder_for_each_connection(tmp_path):
    put(tmp_path / ".config/Nextcloud/nextcloud.cfg", NEXTCLOUD)
    found = nextcloud.find(environment(home=tmp_path))
    assert found == Found((HOME / "Nextcloud", HOME / 'Wolke, 中"x"', HOME / "Work"))


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        (Platform.MACOS, "Library/Preferences/Nextcloud"),
        (Platform.WINDOWS, "AppData/Roaming/Nextcloud"),
        (Platform.LINUX, nextcloud.FLATPAK),
    ],
)
def test_nextcloud_is_found_where_each_system_puts_it(tmp_path, platform, place):
    put(tmp_path / place / "nextcloud.cfg", NEXTCLOUD)
    assert len(nextcloud.find(environment(platform, tmp_path)).folders) == 3


def test_nextcloud_without_accounts_is_no_problem():
    assert nextcloud.parse(b"[General]\nclientVersion=3\n", environment()) == Found()


SYNCTHING = """<configuration version="37">
    <folder id="a" label="Fotos" path="/home/a/Fotos" type="sendreceive" paused="false">
        <filesystemType>basic</filesystemType>
        <folder path="/deeper"></folder>
    </folder>
    <folder id="b" label="" path="~/Sync" type="receiveonly"></folder>
    <folder id="c" label="" path="/home/a/Sealed" type="receiveencrypted"></folder>
    <defaults><folder id="" label="" path="~" type="sendreceive"></folder></defaults>
</configuration>
"""


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        (Platform.LINUX, ".local/state/syncthing"),
        (Platform.LINUX, ".config/syncthing"),
        (Platform.MACOS, "Library/Application Support/Syncthing"),
        (Platform.WINDOWS, "AppData/Local/Syncthing"),
    ],
)
def test_syncthing_folders_stand_directly_below_the_root(tmp_path, platform, place):
    put(tmp_path / place / "config.xml", SYNCTHING)
    found = syncthing.find(environment(platform, tmp_path))
    assert found == Found((HOME / "Fotos", tmp_path / "Sync"))


def test_old_and_new_place_are_both_read_once(tmp_path):
    for place in (".local/state/syncthing", ".config/syncthing"):
        put(tmp_path / place / "config.xml", SYNCTHING)
    assert len(syncthing.find(environment(home=tmp_path)).folders) == 2


BOMB = """<!DOCTYPE configuration [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<configuration><folder path="/home/a/&b;"/></configuration>"""
OUTSIDE = """<!DOCTYPE configuration [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<configuration><folder path="/&x;"/></configuration>"""


@pytest.mark.parametrize(
    "untrusted",
    [
        BOMB,
        OUTSIDE,
        '<!DOCTYPE configuration><configuration><folder path="/a"/></configuration>',
        "<configuration>" * 1000,
        '<configuration><folder path="/a"/>',
        '<other><folder path="/a"/></other>',
        "",
    ],
)
def test_syncthing_settings_that_no_client_writes_give_a_code(untrusted):
    parsed = syncthing.parse(untrusted.encode(), environment())
    assert parsed == Found(problem=ErrorCode.UNREADABLE)


@settings(max_examples=40)
@given(untrusted=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode()))
@pytest.mark.parametrize("parse", [dropbox.parse, nextcloud.parse, syncthing.parse])
def test_settings_give_absolute_folders_or_a_code_whatever_they_hold(parse, untrusted):
    found = parse(untrusted, environment())
    assert all(folder.is_absolute() for folder in found.folders)


@settings(max_examples=40)
@given(st.text())
def test_folder_is_absolute_and_can_be_written_as_text(untrusted):
    folder = folder_of(untrusted, environment())
    if folder is not None:
        assert folder.is_absolute()
        assert str(folder).encode("utf-8")


@settings(max_examples=40)
@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: text.isprintable()))
def test_nextcloud_undoes_the_escapes_of_qt(name):
    # As QSettings writes them: quoted, with backslash, quote and all beyond ASCII escaped.
    written = "".join(
        f"\\x{ord(letter):x}" if 127 < ord(letter) < 0x10000 else letter
        for letter in name.replace("\\", "\\\\").replace('"', '\\"')
    )
    followed_by_hex = any(
        127 < ord(one) < 0x10000 and other in "0123456789abcdefABCDEF"
        for one, other in pairwise(name)
    )
    if not followed_by_hex:
        assert nextcloud.unquoted(f'"{written}"') == name
