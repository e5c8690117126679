"""What goes in and out as JSON about helpers."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from services.registry.api.incoming import Id, Incoming

PEOPLE_MAX = 5000


class HelperIn(Incoming):
    """A named helper, by the id with which they sign in, of a township or site."""

    helper_id: Annotated[str, StringConstraints(min_length=2, max_length=60, pattern=r"^[\w.@-]+$")]
    name: Annotated[str, StringConstraints(min_length=2, max_length=40)]
    phone: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    place_code: Id


class HelperOut(BaseModel):
    """A helper by name, as their office knows them; the phone is masked."""

    helper_id: str
    name: str
    phone: str
    place_code: str
    place_name: str
    people: int


class HelperPage(BaseModel):
    """A page of helpers."""

    items: list[HelperOut]
    total: int
    page: int
    size: int


class HandOverIn(Incoming):
    """To whom a list goes; without `person_ids` the whole of it."""

    to: Id
    person_ids: Annotated[list[Id], Field(min_length=1, max_length=PEOPLE_MAX)] | None = None


class HandedOverOut(BaseModel):
    """How many people went."""

    people: int
