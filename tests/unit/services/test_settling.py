from pathlib import Path

from sharewise.disk.reading import Stamp
from sharewise.services.settling import QUIET_S, Settling
from support.by_hand import HandClock

FILE = Path("/a/b.jpg")


class Disk:
    """The states of files, as a test says."""

    def __init__(self) -> None:
        self.sizes: dict[Path, int] = {}

    def look(self, path: Path) -> Stamp | None:
        size = self.sizes.get(path)
        return None if size is None else Stamp(1, 2, size, 0, 0)


def test_file_settles_once_it_stayed_the_same_for_a_while():
    clock, disk = HandClock(), Disk()
    settling = Settling(clock)
    disk.sizes[FILE] = 1
    assert settling.add(FILE)
    assert settling.settled(disk.look) == []
    clock.turn(QUIET_S - 0.1)
    assert settling.settled(disk.look) == []
    clock.turn(0.1)
    assert settling.settled(disk.look) == [FILE]
    assert settling.settled(disk.look) == []
    assert len(settling) == 0


def test_file_that_grows_is_waited_for():
    clock, disk = HandClock(), Disk()
    settling = Settling(clock)
    settling.add(FILE)
    for size in range(10):
        disk.sizes[FILE] = size
        assert settling.settled(disk.look) == []
        settling.add(FILE)
        clock.turn(QUIET_S * 0.9)
    settling.settled(disk.look)
    clock.turn(QUIET_S)
    assert settling.settled(disk.look) == [FILE]


def test_file_that_goes_away_is_forgotten():
    settling = Settling(HandClock())
    settling.add(FILE)
    assert settling.settled(Disk().look) == []
    assert len(settling) == 0


def test_no_more_than_the_limit_are_waited_for():
    settling = Settling(HandClock(), limit=2)
    assert settling.add(Path("/1"))
    assert settling.add(Path("/2"))
    assert settling.add(Path("/1"))
    assert not settling.add(Path("/3"))
    settling.clear()
    assert settling.add(Path("/3"))
