"""Lists of other offices for tests, as files."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import httpx
import openpyxl

from services.registry.domain.outside import LIST_COLUMNS, OutsideKind
from shared.security import Role
from tests.registry.conftest import SANDU, Registry
from tests.registry.rosters import save

SOURCE = "三都县乡村振兴局"


def list_xlsx(kind: OutsideKind, *lines: Sequence[Any]) -> bytes:
    """A workbook with the kind's headings above these lines."""
    book = openpyxl.Workbook()
    book.active.append([column.zh for column in LIST_COLUMNS[kind]])
    for line in lines:
        book.active.append(list(line))
    return save(book)


def list_csv(kind: OutsideKind, *lines: Sequence[Any]) -> bytes:
    """The same as CSV, in English, as GB18030."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([column.en for column in LIST_COLUMNS[kind]])
    writer.writerows(lines)
    return file.getvalue().encode("gb18030")


def load(
    registry: Registry,
    kind: OutsideKind,
    content: bytes,
    *,
    role: Role = Role.BUREAU,
    areas: tuple[str, ...] = (SANDU,),
    area_code: str | None = None,
) -> httpx.Response:
    """Send a file as an office."""
    data = {"kind": str(kind)} | ({"area_code": area_code} if area_code else {})
    client = registry.client(role, areas=areas)
    return client.post("/api/outside-lists", data=data, files={"file": ("名单.xlsx", content)})


def load_lines(registry: Registry, kind: OutsideKind, *lines: Sequence[Any], **more: Any) -> dict[str, Any]:
    """Lines that are all accepted."""
    answer = load(registry, kind, list_xlsx(kind, *lines), **more)
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["accepted"], told["errors"]) == (201, len(lines), []), told
    return told
