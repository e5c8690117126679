"""Looks for planted names, resident IDs and phones in bytes, in whatever way somebody may have written them there."""

import io
import mmap
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tests.registry.rosters import resident_id

SURNAME, AREA, DIALLED = "禤", "529900", "15470"
"""What all planted names, IDs and phones begin with, and nothing else does: it is looked for, and then what follows it."""
_WRITTEN: dict[str, Callable[[str], bytes]] = {
    "UTF-8": lambda text: text.encode("utf-8"),
    "GBK": lambda text: text.encode("gbk"),
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "UTF-16, the other way round": lambda text: text.encode("utf-16-be"),
    "JSON": lambda text: b"".join(b"\\u%04x" % ord(one) for one in text),
    "hexadecimal": lambda text: text.encode("utf-8").hex().encode(),
    "GBK in hexadecimal": lambda text: text.encode("gbk").hex().encode(),
    "percent": lambda text: b"".join(b"%%%02X" % one for one in text.encode("utf-8")),
}


@dataclass(frozen=True, slots=True)
class Planted:
    """One invented person: no two share a name, an ID or a phone."""

    name: str
    resident_id: str
    phone: str


def plant(count: int) -> list[Planted]:
    """So many people; names of three characters, as GBK has them."""
    signs = [bytes([high, low]).decode("gbk") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFA)]
    born = date(1960, 1, 1)
    return [
        Planted(
            f"{SURNAME}{signs[number // 100]}{signs[500 + number % 100]}",
            resident_id(number % 1000, born + timedelta(days=number // 1000 * 40 + 1)),
            f"{DIALLED}{number:06d}",
        )
        for number in range(count)
    ]


class Scanner:
    """Finds any of these people in bytes."""

    def __init__(self, people: Sequence[Planted]) -> None:
        kinds = {
            "name": (SURNAME, [one.name for one in people]),
            "resident ID": (AREA, [one.resident_id for one in people]),
            "phone": (DIALLED, [one.phone for one in people]),
        }
        self._needles = {
            (kind, how): (write(start), frozenset(map(write, values)))
            for kind, (start, values) in kinds.items()
            for how, write in _WRITTEN.items()
        }

    def find(self, content: bytes | mmap.mmap) -> Iterator[str]:
        """Kind and way of writing of each that is in it, once."""
        for (kind, how), (start, values) in self._needles.items():
            length = len(next(iter(values)))
            at = content.find(start)
            while at >= 0:
                if content[at : at + length] in values:
                    yield f"{kind} in {how}"
                    break
                at = content.find(start, at + 1)

    def find_in_answer(self, content: bytes) -> Iterator[str]:
        """The same of what was handed out, and of all that is packed in it: a workbook, an archive with workbooks."""
        yield from self.find(content)
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for name in archive.namelist():
                    yield from self.find_in_answer(archive.read(name))

    def find_in_files(self, paths: Iterable[Path]) -> list[str]:
        """The same of files, each by its name."""
        found = []
        for path in paths:
            with path.open("rb") as file:
                if path.stat().st_size:
                    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                        found += [f"{path.name}: {one}" for one in self.find(content)]
        return found
