"""A file that lies in the database in sealed pieces, to be read like any other; in plain it is only ever in memory."""

import io
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

from sqlmodel import Session

from services.registry.store.population import find_piece, insert_piece
from services.registry.store.tables import PopulationPieceRow
from shared.database import Database
from shared.security import Seal

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE_BYTES = 1 << 20


def pieces_of(content: BinaryIO) -> Iterator[bytes]:
    """The content in pieces of a fixed size, from its beginning."""
    content.seek(0)
    while piece := content.read(PIECE_BYTES):
        yield piece


def keep_file(session: Session, population_id: str, content: BinaryIO, seal: Seal) -> None:
    """Seal all pieces."""
    for number, piece in enumerate(pieces_of(content)):
        sealed = seal.seal_bytes(piece, _context(population_id, number))
        insert_piece(session, PopulationPieceRow(population_id=population_id, number=number, sealed=sealed))


def open_file(database: Database, population_id: str, size: int, seal: Seal) -> BinaryIO:
    """The file of an import. Reading raises FileGone once somebody has finished it."""
    return io.BufferedReader(_Pieces(database, population_id, size, seal), PIECE_BYTES)


class FileGone(Exception):
    """Another worker was faster and finished the import."""


class _Pieces(io.RawIOBase):
    def __init__(self, database: Database, population_id: str, size: int, seal: Seal) -> None:
        self._database, self._id, self._size, self._seal = database, population_id, size, seal
        self._at = 0
        self._piece = lru_cache(maxsize=4)(
            self._open
        )  # a workbook is read at its end, its strings and its sheet in turns

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        number, start = divmod(self._at, PIECE_BYTES)
        if self._at >= self._size:
            return 0
        part = self._piece(number)[start : start + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _open(self, number: int) -> bytes:
        with self._database.session() as session:
            sealed = find_piece(session, self._id, number)
        if sealed is None:
            raise FileGone(f"piece {number} of {self._id}")
        return self._seal.open_bytes(bytes(sealed), _context(self._id, number))


def _context(population_id: str, number: int) -> str:
    return f"population/{population_id}/piece/{number}"
