"""Reads and checks the rows of a register a chunk ahead, and remembers who was met in which; refuses to write anything."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from services.registry.domain.fault import Fault
from services.registry.domain.identity import read_resident_id
from services.registry.domain.people.register import Entry, Places, check_entry
from services.registry.domain.row import Row
from shared.kernel.clock import Clock, local_date

Checked = tuple[Row, Entry | tuple[Fault, ...]]
"""A row, and its entry or everything that is wrong with it."""


def read_ahead(
    rows: Iterator[Row], places: Places, clock: Clock, chunk_rows: int
) -> Generator[list[Checked], None, None]:
    """Chunks of rows, each read and checked in a thread while the caller is busy with the one before."""

    def read() -> list[Checked]:
        today = local_date(clock.now())
        return [(row, check_entry(row, places, today)) for row in islice(rows, chunk_rows)]

    with ThreadPoolExecutor(1, "registry reading ahead") as thread:
        coming = thread.submit(read)
        while chunk := coming.result():
            coming = thread.submit(read)
            yield chunk


class Seen:
    """In which row of the file each person was met first."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}

    def pass_over(self, rows: Iterator[Row], done: int, refused: set[int]) -> list[Row]:
        """Note who is in the rows that are done; the first row that is not."""
        for row in rows:
            if row.number > done:
                return [row]
            resident_id = read_resident_id(str(row.values.get("resident_id", "")))
            if isinstance(resident_id, str) and row.number not in refused:
                self._rows[resident_id] = row.number
        return []

    def first_row(self, entry: Entry) -> int:
        """The row of the file in which this person was first met, be it this one."""
        return self._rows.setdefault(entry.resident_id, entry.row)

    def forget(self, entry: Entry) -> None:
        """A row that was refused does not stand in the way of a good one."""
        if self._rows.get(entry.resident_id) == entry.row:
            del self._rows[entry.resident_id]
