"""Reads budgets.csv as finance offices send it, and what they write into a form; allocates nothing."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from services.dispatcher.intake.form import read_form
from services.dispatcher.intake.terms import read_lines
from services.dispatcher.intake.yuan import Yuan, at_most
from services.dispatcher.money.books.budget import Budget, Document, Override, Purse

AMOUNT_MAX_FEN = 10**15


class _Sum(Purse):
    amount_yuan: Annotated[Yuan, at_most(AMOUNT_MAX_FEN)]


class _Line(_Sum):
    document: Document

    def budget(self) -> Budget:
        return Budget(amount_fen=self.amount_yuan, **self.model_dump(exclude={"amount_yuan"}))


class _Beyond(_Sum):
    reason: str = Field(min_length=4, max_length=500)


def read_budgets(content: bytes) -> list[Budget]:
    """The budgets of a CSV, one line a payer, season and document. Raises what `read_lines` does."""
    return [line.budget() for line in read_lines(content, _Line)]


def read_budget(fields: Mapping[str, Any]) -> Budget:
    """The budget of a form, with the CSV's columns as fields. Raises FieldsInvalid."""
    return read_form(_Line, fields).budget()


def read_override(fields: Mapping[str, Any]) -> Override:
    """How far a payer may go beyond its budget, and why, of a form. Raises FieldsInvalid."""
    given = read_form(_Beyond, fields)
    return Override(amount_fen=given.amount_yuan, **given.model_dump(exclude={"amount_yuan"}))
