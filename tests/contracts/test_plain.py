"""Two counties' journeys have been lived by all four services: no worker of theirs lies in the open in any database's files."""

import mmap
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.browser.house import COUNTIES, House

FIELDS = ("name", "resident_id", "phone")


def values() -> list[bytes]:
    """What a few workers of each county are called, have for an ID, and are reached by."""
    return [str(row[field]).encode() for county in COUNTIES for row in county.rows(3) for field in FIELDS]


def data_folder(house: House) -> Path:
    with house.apps["registry"].state.parts.database.session() as session:
        session.connection().execute(text("CHECKPOINT"))
        [(folder,)] = session.connection().execute(text("SELECT current_setting('data_directory')"))
    return Path(folder)


def found_in(folder: Path, wanted: list[bytes]) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                yield from (f"{path.name}: {one.decode()}" for one in wanted if content.find(one) >= 0)


@pytest.fixture
def folder(house: House) -> Path:
    return data_folder(house)


def test_no_worker_lies_in_the_open_in_any_service_s_database(folder: Path) -> None:
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) > 10_000_000
    assert list(found_in(folder, values())) == []


def test_what_does_lie_in_the_open_is_found(folder: Path) -> None:
    """An enterprise's name is in the registry's table and in what the dispatcher was told."""
    assert len(set(found_in(folder, [COUNTIES[0].enterprise.encode()]))) >= 2
