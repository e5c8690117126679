"""Reads contracts.csv as carriers and bureaus send it, and a contract of a form; signs nothing."""

from collections.abc import Mapping
from typing import Annotated, Any

from services.dispatcher.domain.contract import PRICE_MAX_FEN, Agreed, Contract
from services.dispatcher.intake.form import read_form
from services.dispatcher.intake.terms import read_lines
from services.dispatcher.intake.yuan import Yuan, at_most


class _Line(Agreed):
    price_yuan: Annotated[Yuan, at_most(PRICE_MAX_FEN, ("一趟包车", "one charter costs "))]

    def contract(self) -> Contract:
        return Contract(price_fen=self.price_yuan, **self.model_dump(exclude={"price_yuan"}))


def read_contracts(content: bytes) -> list[Contract]:
    """The contracts of a CSV, one line a trip. Raises what `read_lines` does."""
    return [line.contract() for line in read_lines(content, _Line)]


def read_contract(fields: Mapping[str, Any]) -> Contract:
    """The contract of a form, with its columns as fields. Raises FieldsInvalid."""
    return read_form(_Line, fields).contract()
