"""Real Syncthing clients on this machine, that know only each other."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

QUIET = {
    "globalAnnounceEnabled": "false",
    "localAnnounceEnabled": "false",
    "relaysEnabled": "false",
    "natEnabled": "false",
    "urAccepted": "-1",
    "startBrowser": "false",
    "crashReportingEnabled": "false",
    "autoUpgradeIntervalH": "0",
    "reconnectionIntervalS": "1",
    "stunKeepaliveStartS": "0",
}
STOP_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Client:
    """One installation, in the place where Syncthing keeps it under a home folder."""

    home: Path
    folder: Path
    device_id: str
    listens_at: str

    @property
    def configuration(self) -> Path:
        return self.home / ".config" / "syncthing"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self.home), "STNODEFAULTFOLDER": "1"}


def make_client(home: Path, folder: Path) -> Client:
    """Have Syncthing make its own settings and key."""
    home.mkdir()
    folder.mkdir()
    configuration = home / ".config" / "syncthing"
    generated = subprocess.run(
        [
            "syncthing",
            "generate",
            f"--home={configuration}",
            "--no-default-folder",
            "--skip-port-probing",
        ],
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert generated.returncode == 0, generated.stdout + generated.stderr
    said = re.search(r"[A-Z2-7]{7}(?:-[A-Z2-7]{7}){7}", generated.stdout + generated.stderr)
    assert said is not None, generated.stdout
    return Client(home, folder, said.group(), f"tcp://127.0.0.1:{free_port()}")


def share(client: Client, others: list[Client]) -> None:
    """Let a client sync its folder with the others, over loopback and nothing else."""
    file = client.configuration / "config.xml"
    tree = ET.parse(file)
    root = tree.getroot()
    gui = root.find("gui")
    options = root.find("options")
    assert gui is not None
    assert options is not None
    _set(gui, "address", f"127.0.0.1:{free_port()}")
    for listen in options.findall("listenAddress"):
        options.remove(listen)
    _set(options, "listenAddress", client.listens_at)
    for name, value in QUIET.items():
        _set(options, name, value)
    for old in root.findall("device"):
        root.remove(old)
    folder = ET.SubElement(
        root,
        "folder",
        id="photos",
        label="",
        path=str(client.folder),
        type="sendreceive",
        rescanIntervalS="3600",
        fsWatcherEnabled="true",
        fsWatcherDelayS="1",
    )
    for each in [client, *others]:
        ET.SubElement(folder, "device", id=each.device_id)
        device = ET.SubElement(root, "device", id=each.device_id, name=each.home.name)
        ET.SubElement(device, "address").text = each.listens_at
    tree.write(file)


@contextmanager
def running(client: Client) -> Iterator[None]:
    """Run a client until the block ends."""
    with (client.home / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                "syncthing",
                "serve",
                f"--home={client.configuration}",
                "--no-browser",
                "--no-restart",
                "--no-upgrade",
            ],
            env=client.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _set(parent: ET.Element, name: str, value: str) -> None:
    element = parent.find(name)
    if element is None:
        element = ET.SubElement(parent, name)
    element.text = value
