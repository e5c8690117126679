"""What people send with an act on a claim, by a form as by a program."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

DocumentKind = Literal["contract", "invoice", "voucher", "roster", "agreement", "other"]


class Why(BaseModel):
    """The reason of an act, for whoever reads it later."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field(min_length=2, max_length=500)


class Number(BaseModel):
    """The number of a payment or receipt."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=1, max_length=60)


class Clawback(Why):
    """Whose money is asked back, and why; of nobody in particular: what the bills do not owe any more."""

    request_ids: list[str] = []


class Words(BaseModel):
    """An objection, or the answer to one."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(min_length=2, max_length=2000)
