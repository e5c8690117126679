"""Knows what a payer may spend: a budget by its document, and how far somebody lets it go beyond it, and why."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from services.dispatcher.money.rules.policy import Payer

Document = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
"""A number of a document; without the characters that part the fields of a page of the books."""
_ORIGINS = {
    Payer.ORIGIN_COUNTY: ("520101-529999", lambda code: code[4:] != "00"),
    Payer.ORIGIN_PREFECTURE: ("520100-529900", lambda code: code[2:4] != "00" and code[4:] == "00"),
    Payer.ORIGIN_PROVINCE: ("520000", lambda code: code == "520000"),
}
"""What the code of each payer of the origin is like: no trip would ever be charged to another, and books only grow."""


class Purse(BaseModel):
    """One payer's money of a season. `code` is its division's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    payer: Payer
    code: str = Field(pattern=r"^\d{6}$")
    season: str = Field(min_length=1, max_length=40, pattern=r"^[^:\s]+$")

    @property
    def account(self) -> str:
        """Its name in the books."""
        return f"payer:{self.payer}:{self.code}:{self.season}"

    @field_validator("code")
    @classmethod
    def _is_of_that_level(cls, code: str, known: ValidationInfo) -> str:
        payer: Any = known.data.get("payer")
        codes, is_right = _ORIGINS.get(payer, ("", lambda _: True))
        if not (is_right(code) and (not codes or code.startswith("52"))):
            raise ValueError(f"{payer} 的代码应在 {codes} 之内 / The code of {payer} is one of {codes}.")
        return code


class Granted(Purse):
    """So much for it."""

    amount_fen: int = Field(gt=0, le=10**15)


class Budget(Granted):
    """What a payer may spend in a season, by one document; a second document adds to it."""

    document: Document
    """The number of the budget's document; the same one again adds nothing."""


class Override(Granted):
    """How far a payer may go beyond its budget, and why."""

    reason: str = Field(min_length=4, max_length=500)
