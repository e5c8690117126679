"""Adds what lines of the provincial system say to the people they are about, a chunk at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session

from services.registry.domain.exchange.fields import SAID, Field
from services.registry.domain.exchange.incoming import FROM_PROVINCE, Outcome, month_in, says_more
from services.registry.domain.exchange.lines import BETWEEN, Line
from services.registry.domain.exchange.mapping import Sheet
from services.registry.domain.exchange.month import Month, differs, ours
from services.registry.domain.months import last_day, month_text
from services.registry.domain.people.columns import Relation
from services.registry.domain.privacy.retention import first_month_tracked
from services.registry.store.exchange.imports import (
    NewFile,
    NewState,
    conflicts_of,
    digests_sent,
    insert_classes,
    insert_memberships,
    insert_states,
    open_new_files,
    put_spells,
    put_spells_alone,
)
from services.registry.store.exchange.people import Known, read_these
from services.registry.store.people import Person
from services.registry.store.register import NewClass, NewMembership, find_households, make_households
from services.registry.store.tables import ProvinceImportRow
from services.registry.usecases.exchange.alone import known_alone, months_without_work
from services.registry.usecases.exchange.export import digest_of
from services.registry.usecases.exchange.facts import employer_context, said_of, their_month
from services.registry.usecases.exchange.receipts import read_token
from services.registry.usecases.people.register import household_fingerprint
from services.registry.usecases.people.say import Word, say
from shared.kernel.clock import local_date
from shared.kernel.ids import new_id
from shared.roster import Category
from shared.security import Vault

_NO_CLASS: Final = Category.ORDINARY


@dataclass(frozen=True, slots=True)
class Entry:
    """A good line, the code of its place, whose it is, and whether they had no file before."""

    line: Line
    place_code: str
    person: Person
    is_new: bool

    @property
    def month(self) -> date:
        """The first day of the month it speaks of."""
        return date.fromisoformat(f"{self.line.facts[Field.MONTH]}-01")


def apply(
    session: Session,
    vault: Vault,
    entries: Sequence[Entry],
    sheet: Sheet,
    row: ProvinceImportRow,
    touched: set[str],
) -> dict[int, Outcome]:
    """What each line did, by its row number; whose employment or household it was goes to `touched`. The caller holds the
    persons' rows."""
    if not entries:
        return {}
    source = f"{FROM_PROVINCE}{row.id}"
    _open_files(session, vault, [one for one in entries if one.is_new], source, row)
    told = _say(session, vault, entries, source, row)
    contested = conflicts_of(session, source, [one.person.id for one in entries])
    months: dict[str, Outcome] = {}
    for month in sorted({one.month for one in entries}):
        these = [one for one in entries if one.month == month]
        months |= _tell_month(session, vault, these, month, sheet, row, touched)
    return {
        one.line.row: _outcome(one, told, contested, months.get(one.person.id, Outcome.UNCHANGED))
        for one in entries
    }


def _outcome(one: Entry, told: set[str], contested: set[str], month: Outcome) -> Outcome:
    if one.is_new:
        return Outcome.FRESH
    if (one.person.id in contested and one.person.id in told) or month is Outcome.CONFLICT:
        return Outcome.CONFLICT
    return Outcome.CHANGED if one.person.id in told or month is Outcome.CHANGED else Outcome.UNCHANGED


def _say(
    session: Session, vault: Vault, entries: Sequence[Entry], source: str, row: ProvinceImportRow
) -> set[str]:
    """Of whom something was said that does not stand for their file already, by whichever of its IDs."""
    month = entries[0].month
    files = read_these(
        session, [one.person.file_id for one in entries if not one.is_new], month, last_day(month)
    )
    standing = {id_: said_of(file, vault) for id_, file in files.items()}
    words = [
        word
        for one in entries
        for word in _words(one, standing.get(one.person.file_id, {}), vault, local_date(row.imported_at))
    ]
    known = [one.person.id for one in entries if not one.person.is_fresh]
    return say(session, vault, words, source=source, known=known, at=row.imported_at)


def _words(one: Entry, standing: Mapping[Field, str], vault: Vault, today: date) -> Iterator[Word]:
    seal = vault.seal_of(one.person.wrapped_key)
    as_of = min(last_day(one.month), today)
    for field in SAID:
        value = one.line.facts.get(field)
        if value is not None and value != standing.get(field):
            yield Word(new_id(), one.person.id, seal, field.value, value, as_of)


# --- who is new -------------------------------------------------------------------------------------------------------


def _open_files(
    session: Session, vault: Vault, fresh: Sequence[Entry], source: str, row: ProvinceImportRow
) -> None:
    """Files, households and classes of those who had no file: of others, what we know of these is left as it is."""
    if not fresh:
        return
    households = _households(session, vault, fresh, source, row)
    open_new_files(
        session,
        [NewFile(one.person.file_id, one.place_code, households.get(one.person.id)) for one in fresh],
        row.imported_at,
        row.id,
    )
    unknown = [one for one in fresh if one.person.is_fresh]
    # The system is one of labour force, so everybody in it is some.
    insert_memberships(
        session,
        [
            NewMembership(
                one.person.id, one.month, None, households[one.person.id], Relation.OTHER, True, source
            )
            for one in unknown
            if one.person.id in households
        ],
    )
    insert_classes(
        session,
        [
            NewClass(one.person.id, category, one.month, None, source)
            for one in unknown
            for category in one.line.facts.get(Field.CATEGORY, "").split(BETWEEN)
            if category and category != _NO_CLASS
        ],
    )


def _households(
    session: Session, vault: Vault, fresh: Sequence[Entry], source: str, row: ProvinceImportRow
) -> dict[str, str]:
    """Person -> household, made where its number is unknown in the county."""
    marks = {
        one.person.id: (household_fingerprint(vault, one.place_code, number), number, one.place_code)
        for one in fresh
        if (number := one.line.facts.get(Field.HOUSEHOLD))
    }
    wanted = {mark: (number, place) for mark, number, place in marks.values()}
    homes = find_households(session, wanted)
    missing = {mark: wanted[mark] for mark in wanted if mark not in homes}
    if missing:
        make_households(session, vault, missing, source=source, at=row.imported_at)
        homes |= find_households(session, missing)
    return {person_id: homes[mark].id for person_id, (mark, _, _) in marks.items()}


# --- a month ----------------------------------------------------------------------------------------------------------


def _tell_month(
    session: Session,
    vault: Vault,
    entries: Sequence[Entry],
    month: date,
    sheet: Sheet,
    row: ProvinceImportRow,
    touched: set[str],
) -> dict[str, Outcome]:
    """What the lines say of the month: kept where it is more or other than we would tell, or where we know nothing ourselves."""
    known = read_these(session, [one.person.file_id for one in entries], month, last_day(month))
    files = {one.person.id: known[one.person.file_id] for one in entries}
    alone = known_alone(session, files, month)
    echoed = _echoed(session, vault, entries, sheet)
    states: list[NewState] = []
    heard: list[str] = []
    heard_alone: list[str] = []
    outcomes: dict[str, Outcome] = {}
    for one in entries:
        is_echo = one.line.row in echoed
        word = _weigh(vault, one, files[one.person.id], is_echo)
        own = _weigh(vault, one, alone[one.person.id], is_echo) if one.person.id in alone else None
        if not word.counts and not (own and own.counts):
            continue
        states.append(_state(vault, one, row.id, word, own))
        if word.is_more:
            outcomes[one.person.id] = Outcome.CONFLICT if word.is_other else Outcome.CHANGED
        if word.counts and word.is_only:
            heard.append(one.person.id)
        if own and own.counts and own.is_only:
            heard_alone.append(one.person.id)
    insert_states(session, states)
    since = first_month_tracked(row.imported_at)
    if heard:
        put_spells(session, heard, since)
    if heard_alone:
        put_spells_alone(session, heard_alone, months_without_work(session, heard_alone), since)
    touched.update(heard)
    return outcomes


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What a line says of a month beside what is known of it."""

    line: Month
    is_more: bool
    is_first: bool
    is_other: bool
    """It contradicts what we know ourselves."""
    is_only: bool
    """We know nothing ourselves."""

    @property
    def counts(self) -> bool:
        """Whether it is to be kept."""
        return self.is_more or self.is_first


def _weigh(vault: Vault, one: Entry, file: Known, is_echo: bool) -> _Weighed:
    line, mine = month_in(one.line.facts), ours(file.record, file.spell)
    own = ours(file.record, None if file.spell_is_theirs else file.spell)
    return _Weighed(
        line,
        is_more=one.is_new or says_more(line, mine, their_month(file, vault, month_text(one.month))),
        is_first=own is None and file.theirs is None and not is_echo,
        is_other=own is not None and differs(own, line),
        is_only=own is None,
    )


def _echoed(session: Session, vault: Vault, entries: Sequence[Entry], sheet: Sheet) -> set[int]:
    """Lines that are our own, word for word: the other system says nothing in them."""
    tokens = {one.line.row: read_token(one.line.facts.get(Field.TOKEN, "")) for one in entries}
    sent = digests_sent(session, sorted({one for one in tokens.values() if one}))
    return {
        one.line.row
        for one in entries
        if tokens[one.line.row]
        and sent.get(one.line.facts[Field.TOKEN]) == digest_of(vault, sheet, one.line.facts)
    }


def _state(vault: Vault, one: Entry, import_id: str, word: _Weighed, own: _Weighed | None) -> NewState:
    line = word.line
    context = employer_context(one.person.id, month_text(one.month), import_id)
    sealed = vault.seal(one.person.wrapped_key, line.employer, context) if line.employer else None
    return NewState(
        person_id=one.person.id,
        month=one.month,
        import_id=import_id,
        employed=bool(line.employed),
        outcome=line.outcome,
        enterprise_id=line.enterprise_id,
        area_code=line.area_code,
        wage_band=line.wage_band,
        employer_sealed=sealed,
        differs=word.is_other,
        counts_alone=own.counts if own else None,
        differs_alone=own.is_other if own else None,
    )
