"""A person's copy of their own data, as they are handed it."""

import io
from zipfile import ZipFile

import openpyxl

from tests.registry.conftest import Registry


def archive_of(registry: Registry, person_id: str) -> ZipFile:
    """The workbook, and the files beside it."""
    answer = registry.client().get(f"/api/people/{person_id}/copy.zip")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return ZipFile(io.BytesIO(answer.content))


def book_in(archive: ZipFile) -> openpyxl.Workbook:
    """The workbook."""
    return openpyxl.load_workbook(io.BytesIO(archive.read("copy.xlsx")))
