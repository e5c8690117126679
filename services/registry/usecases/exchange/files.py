"""Reads a file of the other system by a mapping: columns that it must have, and those that it may have.

It is held at once, and so are its lines: the same person twice in one file is told by them all, and it is taken in one
transaction, all of it or nothing. That is what its limit of rows is for.
"""

from services.registry.domain.exchange.mapping import Sheet
from services.registry.domain.row import Row
from services.registry.intake.errors import FileTooLarge
from services.registry.intake.roster import read_rows
from services.registry.usecases.exchange.errors import ExchangeFileTooLarge


def read_mapped(content: bytes, file: str, sheet: Sheet) -> list[Row]:
    """The filled rows. Raises the errors of `intake.errors`, and ExchangeFileTooLarge in the place of FileTooLarge."""
    try:
        return read_rows(content, file, sheet.title, sheet.needed, sheet.more)
    except FileTooLarge as error:
        raise ExchangeFileTooLarge(**error.data) from error
