"""Where each browser looks for native hosts: one table, and the manifest's bytes. Pure.

Sources, read 2026-11: developer.chrome.com, "Native messaging"; learn.microsoft.com, Microsoft
Edge, "Native messaging"; MDN, "Native manifests"; chromium chrome/common/chrome_paths.cc and
launch_context_win.cc (browsers without a name of their own in there read Google Chrome's key and
system folder: Brave, Vivaldi, Opera); KeePassXC's table for LibreWolf. Firefox keeps reading
`~/.mozilla/native-messaging-hosts` where its profile is in `$XDG_CONFIG_HOME` (seen in ESR 153).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sharewise_host.identity import (
    CHROMIUM_IDS,
    DESCRIPTION,
    GECKO_IDS,
    HOST_NAME,
    ORIGIN,
    Family,
)


class System(StrEnum):
    """The systems in the table."""

    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"


@dataclass(frozen=True, slots=True)
class Bases:
    """What the first word of a template stands for; absolute paths."""

    home: str
    """`~`"""
    config: str
    """`$CONFIG`: `$XDG_CONFIG_HOME` or `~/.config`"""
    local: str
    """`$LOCAL`: `%LOCALAPPDATA%`"""
    roaming: str
    """`$ROAMING`: `%APPDATA%`"""

    def expand(self, template: str) -> str:
        """Return the template with its first word replaced."""
        words = {
            "~": self.home,
            "$CONFIG": self.config,
            "$LOCAL": self.local,
            "$ROAMING": self.roaming,
        }
        for word, base in words.items():
            if template.startswith(word):
                return base + template.removeprefix(word)
        return template


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser on one system."""

    name: str
    """What `--browser` takes."""
    title: str
    family: Family
    user: str
    """Folder of the manifests of one user, on Windows the registry key that holds ours; empty
    where the browser cannot start a program of this computer at all."""
    machine: str
    """The same for every user of the computer; empty where there is none."""
    evidence: tuple[str, ...] = ()
    """Files and folders of which one is there if this user has the browser."""
    programs: tuple[str, ...] = ()
    """Names on PATH of which one is there if the computer has the browser."""
    note: str = ""
    """What a person should know."""

    @property
    def is_reachable(self) -> bool:
        """Whether the browser can start our host."""
        return bool(self.user)


SANDBOXED = "kept by its sandbox from starting programs; use the version from the browser's maker"

LINUX = (
    Browser(
        "chrome",
        "Google Chrome",
        Family.CHROMIUM,
        "$CONFIG/google-chrome/NativeMessagingHosts",
        "/etc/opt/chrome/native-messaging-hosts",
        ("$CONFIG/google-chrome/Local State",),
        ("google-chrome", "google-chrome-stable"),
    ),
    Browser(
        "chromium",
        "Chromium",
        Family.CHROMIUM,
        "$CONFIG/chromium/NativeMessagingHosts",
        "/etc/chromium/native-messaging-hosts",
        ("$CONFIG/chromium/Local State",),
        ("chromium",),
    ),
    Browser(
        "edge",
        "Microsoft Edge",
        Family.CHROMIUM,
        "$CONFIG/microsoft-edge/NativeMessagingHosts",
        "/etc/opt/edge/native-messaging-hosts",
        ("$CONFIG/microsoft-edge/Local State",),
        ("microsoft-edge", "microsoft-edge-stable"),
    ),
    Browser(
        "brave",
        "Brave",
        Family.CHROMIUM,
        "$CONFIG/BraveSoftware/Brave-Browser/NativeMessagingHosts",
        "/etc/opt/chrome/native-messaging-hosts",
        ("$CONFIG/BraveSoftware/Brave-Browser/Local State",),
        ("brave-browser", "brave-browser-stable", "brave"),
    ),
    Browser(
        "vivaldi",
        "Vivaldi",
        Family.CHROMIUM,
        "$CONFIG/vivaldi/NativeMessagingHosts",
        "/etc/opt/chrome/native-messaging-hosts",
        ("$CONFIG/vivaldi/Local State",),
        ("vivaldi", "vivaldi-stable"),
    ),
    Browser(
        "opera",
        "Opera",
        Family.CHROMIUM,
        "$CONFIG/google-chrome/NativeMessagingHosts",
        "/etc/opt/chrome/native-messaging-hosts",
        ("$CONFIG/opera/Local State", "$CONFIG/opera/Default"),
        ("opera",),
        "reads Google Chrome's folder",
    ),
    Browser(
        "firefox",
        "Firefox",
        Family.GECKO,
        "~/.mozilla/native-messaging-hosts",
        "/usr/lib/mozilla/native-messaging-hosts",
        ("~/.mozilla/firefox", "$CONFIG/mozilla/firefox"),
        ("firefox", "firefox-esr"),
    ),
    Browser(
        "librewolf",
        "LibreWolf",
        Family.GECKO,
        "~/.librewolf/native-messaging-hosts",
        "/usr/lib/librewolf/native-messaging-hosts",
        ("~/.librewolf/profiles.ini",),
        ("librewolf",),
    ),
    Browser(
        "firefox-snap",
        "Firefox (Snap)",
        Family.GECKO,
        "~/.mozilla/native-messaging-hosts",
        "/usr/lib/mozilla/native-messaging-hosts",
        ("~/snap/firefox",),
        (),
        "asks once whether the extension may start Sharewise, where the desktop can ask at all",
    ),
    Browser(
        "chromium-snap",
        "Chromium (Snap)",
        Family.CHROMIUM,
        "",
        "",
        ("~/snap/chromium",),
        (),
        SANDBOXED,
    ),
    Browser(
        "firefox-flatpak",
        "Firefox (Flatpak)",
        Family.GECKO,
        "",
        "",
        ("~/.var/app/org.mozilla.firefox",),
        (),
        SANDBOXED,
    ),
    Browser(
        "chrome-flatpak",
        "Google Chrome (Flatpak)",
        Family.CHROMIUM,
        "",
        "",
        ("~/.var/app/com.google.Chrome",),
        (),
        SANDBOXED,
    ),
    Browser(
        "chromium-flatpak",
        "Chromium (Flatpak)",
        Family.CHROMIUM,
        "",
        "",
        ("~/.var/app/org.chromium.Chromium",),
        (),
        SANDBOXED,
    ),
    Browser(
        "brave-flatpak",
        "Brave (Flatpak)",
        Family.CHROMIUM,
        "",
        "",
        ("~/.var/app/com.brave.Browser",),
        (),
        SANDBOXED,
    ),
    Browser(
        "edge-flatpak",
        "Microsoft Edge (Flatpak)",
        Family.CHROMIUM,
        "",
        "",
        ("~/.var/app/com.microsoft.Edge",),
        (),
        SANDBOXED,
    ),
)

_SUPPORT = "~/Library/Application Support"
MACOS = (
    Browser(
        "chrome",
        "Google Chrome",
        Family.CHROMIUM,
        f"{_SUPPORT}/Google/Chrome/NativeMessagingHosts",
        "/Library/Google/Chrome/NativeMessagingHosts",
        (f"{_SUPPORT}/Google/Chrome/Local State", "/Applications/Google Chrome.app"),
    ),
    Browser(
        "chromium",
        "Chromium",
        Family.CHROMIUM,
        f"{_SUPPORT}/Chromium/NativeMessagingHosts",
        "/Library/Application Support/Chromium/NativeMessagingHosts",
        (f"{_SUPPORT}/Chromium/Local State", "/Applications/Chromium.app"),
    ),
    Browser(
        "edge",
        "Microsoft Edge",
        Family.CHROMIUM,
        f"{_SUPPORT}/Microsoft Edge/NativeMessagingHosts",
        "/Library/Microsoft/Edge/NativeMessagingHosts",
        (f"{_SUPPORT}/Microsoft Edge/Local State", "/Applications/Microsoft Edge.app"),
    ),
    Browser(
        "brave",
        "Brave",
        Family.CHROMIUM,
        f"{_SUPPORT}/BraveSoftware/Brave-Browser/NativeMessagingHosts",
        "/Library/Google/Chrome/NativeMessagingHosts",
        (
            f"{_SUPPORT}/BraveSoftware/Brave-Browser/Local State",
            "/Applications/Brave Browser.app",
        ),
    ),
    Browser(
        "vivaldi",
        "Vivaldi",
        Family.CHROMIUM,
        f"{_SUPPORT}/Vivaldi/NativeMessagingHosts",
        "/Library/Google/Chrome/NativeMessagingHosts",
        (f"{_SUPPORT}/Vivaldi/Local State", "/Applications/Vivaldi.app"),
    ),
    Browser(
        "opera",
        "Opera",
        Family.CHROMIUM,
        f"{_SUPPORT}/Google/Chrome/NativeMessagingHosts",
        "/Library/Google/Chrome/NativeMessagingHosts",
        (f"{_SUPPORT}/com.operasoftware.Opera/Local State", "/Applications/Opera.app"),
        (),
        "reads Google Chrome's folder",
    ),
    Browser(
        "firefox",
        "Firefox",
        Family.GECKO,
        f"{_SUPPORT}/Mozilla/NativeMessagingHosts",
        "/Library/Application Support/Mozilla/NativeMessagingHosts",
        (f"{_SUPPORT}/Firefox/profiles.ini", "/Applications/Firefox.app"),
    ),
    Browser(
        "librewolf",
        "LibreWolf",
        Family.GECKO,
        f"{_SUPPORT}/LibreWolf/NativeMessagingHosts",
        "",
        (f"{_SUPPORT}/LibreWolf/profiles.ini", "/Applications/LibreWolf.app"),
    ),
)

_CHROME_KEY = rf"Software\Google\Chrome\NativeMessagingHosts\{HOST_NAME}"
_CHROMIUM_KEY = rf"Software\Chromium\NativeMessagingHosts\{HOST_NAME}"
_EDGE_KEY = rf"Software\Microsoft\Edge\NativeMessagingHosts\{HOST_NAME}"
_MOZILLA_KEY = rf"Software\Mozilla\NativeMessagingHosts\{HOST_NAME}"
WINDOWS = (
    Browser(
        "chrome",
        "Google Chrome",
        Family.CHROMIUM,
        rf"HKCU\{_CHROME_KEY}",
        rf"HKLM\{_CHROME_KEY}",
        (r"$LOCAL\Google\Chrome\User Data\Local State",),
    ),
    Browser(
        "chromium",
        "Chromium",
        Family.CHROMIUM,
        rf"HKCU\{_CHROMIUM_KEY}",
        rf"HKLM\{_CHROMIUM_KEY}",
        (r"$LOCAL\Chromium\User Data\Local State",),
    ),
    Browser(
        "edge",
        "Microsoft Edge",
        Family.CHROMIUM,
        rf"HKCU\{_EDGE_KEY}",
        rf"HKLM\{_EDGE_KEY}",
        (r"$LOCAL\Microsoft\Edge\User Data\Local State",),
    ),
    Browser(
        "brave",
        "Brave",
        Family.CHROMIUM,
        rf"HKCU\{_CHROME_KEY}",
        rf"HKLM\{_CHROME_KEY}",
        (r"$LOCAL\BraveSoftware\Brave-Browser\User Data\Local State",),
        (),
        "reads Google Chrome's key",
    ),
    Browser(
        "vivaldi",
        "Vivaldi",
        Family.CHROMIUM,
        rf"HKCU\{_CHROME_KEY}",
        rf"HKLM\{_CHROME_KEY}",
        (r"$LOCAL\Vivaldi\User Data\Local State",),
        (),
        "reads Google Chrome's key",
    ),
    Browser(
        "opera",
        "Opera",
        Family.CHROMIUM,
        rf"HKCU\{_CHROME_KEY}",
        rf"HKLM\{_CHROME_KEY}",
        (r"$ROAMING\Opera Software\Opera Stable\Local State",),
        (),
        "reads Google Chrome's key",
    ),
    Browser(
        "firefox",
        "Firefox",
        Family.GECKO,
        rf"HKCU\{_MOZILLA_KEY}",
        rf"HKLM\{_MOZILLA_KEY}",
        (r"$ROAMING\Mozilla\Firefox\profiles.ini",),
    ),
    Browser(
        "librewolf",
        "LibreWolf",
        Family.GECKO,
        rf"HKCU\{_MOZILLA_KEY}",
        rf"HKLM\{_MOZILLA_KEY}",
        (r"$ROAMING\librewolf\profiles.ini",),
        (),
        "reads Firefox's key",
    ),
)

TABLE: Mapping[System, tuple[Browser, ...]] = {
    System.LINUX: LINUX,
    System.MACOS: MACOS,
    System.WINDOWS: WINDOWS,
}


def render(family: Family, host: str) -> bytes:
    """Return the manifest for browsers of this family; `host` is the program's absolute path."""
    manifest: dict[str, str | list[str]] = {
        "name": HOST_NAME,
        "description": DESCRIPTION,
        "path": host,
        "type": "stdio",
    }
    match family:
        case Family.CHROMIUM:
            manifest["allowed_origins"] = [f"{ORIGIN}{an_id}/" for an_id in CHROMIUM_IDS]
        case Family.GECKO:
            manifest["allowed_extensions"] = list(GECKO_IDS)
    return json.dumps(manifest, indent=2).encode() + b"\n"


def host_in(family: Family, untrusted: bytes) -> str | None:
    """Return the program that a manifest starts if it is ours, also an older one, else None.

    Ours carries our name and lets one of our extensions in.
    """
    member, ours = {
        Family.CHROMIUM: ("allowed_origins", [f"{ORIGIN}{an_id}/" for an_id in CHROMIUM_IDS]),
        Family.GECKO: ("allowed_extensions", list(GECKO_IDS)),
    }[family]
    try:
        manifest = json.loads(untrusted)
    except (ValueError, RecursionError):
        return None
    match manifest:
        case {"name": name, "path": str(host), **rest} if name == HOST_NAME:
            allowed = rest.get(member)
            is_ours = isinstance(allowed, list) and any(entry in ours for entry in allowed)
            return host if is_ours else None
        case _:
            return None
