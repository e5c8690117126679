"""Opens what is known of people's months, each key once; whoever asks writes down who saw it and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import NamedTuple

from sqlmodel import Session

from services.registry.domain.exchange.fields import Change, Field
from services.registry.domain.exchange.lines import BETWEEN
from services.registry.domain.exchange.month import Month, ours, told
from services.registry.domain.exchange.rules import ExchangeRule, withhold
from services.registry.domain.months import month_text
from services.registry.store.exchange.people import (
    Head,
    Known,
    enterprise_names,
    helper_seals,
    household_seals,
)
from services.registry.store.people import resident_id_context
from services.registry.usecases.people.say import value_context
from shared.reference import UnknownStop, find_county, get_stop
from shared.security import Vault


class Opened(NamedTuple):
    """What is told of a person's month; `is_withheld`: something of it is not, for want of their consent."""

    known: Known
    facts: dict[Field, str]
    is_withheld: bool


class Opener:
    """Opens a chunk of people; the names of helpers and enterprises, which many share, are asked for once."""

    def __init__(self, session: Session, vault: Vault, month: date, rule: ExchangeRule) -> None:
        self._session = session
        self._vault = vault
        self._month = month_text(month)
        self._rule = rule
        self._helpers: dict[str, str] = {}
        self._enterprises: dict[str, str] = {}

    def open(self, chunk: Sequence[Known]) -> Iterator[Opened]:
        """What of each may be told, by field."""
        months = {one.head.person_id: self._months(one) for one in chunk}
        self._learn_helpers({one.head.helper_id for one in chunk if one.head.helper_id})
        told_of = [one for pair in months.values() for one in pair if one and one.enterprise_id]
        self._learn_enterprises({one.enterprise_id for one in told_of if one.enterprise_id})
        households = self._open_households({one.head.household_id for one in chunk if one.head.household_id})
        for one in chunk:
            facts = self._facts(one, months[one.head.person_id])
            if one.head.household_id in households:
                facts[Field.HOUSEHOLD] = households[one.head.household_id]
            told_facts = withhold(facts, self._rule, one.agreed)
            yield Opened(one, told_facts, len(told_facts) < len(facts))

    def _facts(self, one: Known, months: tuple[Month | None, Month | None]) -> dict[Field, str]:
        head = one.head
        facts = {
            Field.CHANGE: str(Change.REPORT),
            Field.MONTH: self._month,
            Field.RESIDENT_ID: resident_id_of(head, self._vault),
            **place_fields(head.place_code),
            **told(*months),
        }
        seals = {head.person_id: self._vault.seal_of(head.wrapped_key)}
        for kind, (person_id, key, sealed) in one.said.items():
            seal = seals.get(person_id) or seals.setdefault(person_id, self._vault.seal_of(key))
            facts[Field(kind)] = seal.open(sealed, value_context(person_id, kind))
        if one.categories:
            facts[Field.CATEGORY] = BETWEEN.join(one.categories)
        if head.helper_id in self._helpers:
            facts[Field.HELPER] = self._helpers[head.helper_id]
        code = facts.get(Field.EMPLOYER_CODE)
        if code in self._enterprises:
            facts[Field.EMPLOYER] = self._enterprises[code]
        return facts

    def _months(self, one: Known) -> tuple[Month | None, Month | None]:
        return ours(one.record, one.spell), their_month(one, self._vault, self._month)

    def _learn_helpers(self, ids: set[str]) -> None:
        found = helper_seals(self._session, sorted(ids)) if ids else {}
        self._helpers = {
            id_: self._vault.open(key, name, f"helper/{id_}/name") for id_, (key, name) in found.items()
        }

    def _learn_enterprises(self, ids: set[str]) -> None:
        self._enterprises = enterprise_names(self._session, sorted(ids)) if ids else {}

    def _open_households(self, ids: set[str]) -> dict[str, str]:
        found = household_seals(self._session, sorted(ids))
        return {
            id_: self._vault.open(key, number, f"household/{id_}/number")
            for id_, (key, number) in found.items()
        }


def resident_id_of(head: Head, vault: Vault) -> str:
    """A person's number in full."""
    return vault.open(head.wrapped_key, head.resident_id_sealed, resident_id_context(head.person_id))


@cache
def place_fields(place_code: str) -> Mapping[Field, str]:
    """Where somebody belongs, in names and codes; a code that the tables do not have stands for its name."""
    try:
        stop = get_stop(place_code)
    except UnknownStop:
        county_code, name = place_code[:6], place_code
    else:
        county_code, name = stop.county_code, stop.name
    county = find_county(county_code)
    return {
        Field.COUNTY: county.name if county else county_code,
        Field.COUNTY_CODE: county_code,
        Field.PLACE: name,
        Field.PLACE_CODE: place_code,
    }


def their_month(one: Known, vault: Vault, month: str) -> Month | None:
    """The other system's own word on the month, its employer's name opened."""
    found = one.theirs
    if found is None or found.employer_sealed is None or found.wrapped_key is None:
        return None if found is None else found.month
    context = employer_context(found.person_id, month, found.import_id)
    return replace(found.month, employer=vault.open(found.wrapped_key, found.employer_sealed, context))


def said_of(one: Known, vault: Vault) -> Mapping[Field, str]:
    """What is said of a person and stands, by field."""
    return {
        Field(kind): vault.open(key, sealed, value_context(person_id, kind))
        for kind, (person_id, key, sealed) in one.said.items()
    }


def employer_context(person_id: str, month: str, import_id: str) -> str:
    """What the sealed name of an employer is bound to."""
    return f"person/{person_id}/province/{month}/{import_id}"
