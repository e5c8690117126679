"""Invented people with files, households and helpers, put straight into the registry's tables for tests of what comes after."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlmodel import Session

from services.registry.store.files import open_files
from services.registry.store.people import hold_people
from services.registry.store.tables import (
    FileRow,
    HelperRow,
    HouseholdRow,
    MembershipRow,
    StatementRow,
)
from services.registry.usecases.parts import Parts
from shared.kernel.ids import new_id
from tests.registry.employed import begin_employment
from tests.registry.rosters import resident_id

AT = datetime(2020, 1, 1, tzinfo=UTC)
SINCE = date(2019, 1, 1)
TOWNSHIP = "522732103"
SOURCE = "import/folk"


@dataclass(frozen=True)
class Folk:
    """Somebody and what is known of them in plain."""

    id: str
    name: str
    phone: str
    resident_id: str


def add_helper(parts: Parts, helper_id: str = "helper-1", place_code: str = TOWNSHIP) -> str:
    """A helper with a name and a phone."""
    key = parts.vault.new_person_key()
    with parts.database.session() as session:
        session.add(
            HelperRow(
                id=helper_id,
                place_code=place_code,
                wrapped_key=key,
                name_sealed=parts.vault.seal(key, "帮扶甲", f"helper/{helper_id}/name"),
                phone_sealed=parts.vault.seal(key, "15500000001", f"helper/{helper_id}/phone"),
                registered_at=AT,
            )
        )
    return helper_id


def add_household(parts: Parts, number: str, place_code: str = TOWNSHIP) -> str:
    """A household without anybody yet."""
    key, household_id = parts.vault.new_person_key(), new_id()
    with parts.database.session() as session:
        session.add(
            HouseholdRow(
                id=household_id,
                fingerprint=parts.vault.fingerprint(number),
                wrapped_key=key,
                number_sealed=parts.vault.seal(key, number, f"household/{household_id}/number"),
                place_code=place_code,
                source=SOURCE,
                created_at=AT,
            )
        )
    return household_id


def add_folk(
    parts: Parts,
    numbers: Sequence[int],
    *,
    place_code: str = TOWNSHIP,
    household_id: str | None = None,
    helper_id: str | None = None,
    employed_since: date | None = None,
    enterprise_id: str | None = None,
) -> list[Folk]:
    """People of one household and helper, all in the labour force; employed since then at that enterprise, if a day is given."""
    made = [_folk(number) for number in numbers]
    with parts.database.session() as session:
        ids = {parts.vault.fingerprint(one[2]): one[2] for one in made}
        people = hold_people(session, parts.vault, ids, AT)
        found = []
        for name, phone, number in made:
            person = people[parts.vault.fingerprint(number)]
            found.append(Folk(person.id, name, phone, number))
            _say(session, parts, person.id, person.wrapped_key, {"name": name, "phone": phone})
        open_files(
            session,
            [
                FileRow(
                    person_id=one.id,
                    place_code=place_code,
                    household_id=household_id,
                    helper_id=helper_id,
                    opened_at=AT,
                    opened_by=SOURCE,
                )
                for one in found
            ],
        )
        for one in found:
            if household_id:
                session.add(
                    MembershipRow(
                        person_id=one.id,
                        valid_from=SINCE,
                        household_id=household_id,
                        relation="member",
                        has_labour=True,
                        source=SOURCE,
                    )
                )
            if employed_since:
                begin_employment(
                    session,
                    one.id,
                    employed_since,
                    enterprise_id=enterprise_id,
                    area_code="441900",
                    source=SOURCE,
                )
    return found


def _folk(number: int) -> tuple[str, str, str]:
    name = f"样本{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{'子丑寅卯辰巳午未申酉戌亥'[number % 12]}"
    return name, f"1560000{number % 10000:04d}", resident_id(number, date(1980 + number // 1000 % 20, 6, 1))


def _say(session: Session, parts: Parts, person_id: str, key: bytes, said: dict[str, str]) -> None:
    for kind, value in said.items():
        session.add(
            StatementRow(
                id=new_id(),
                person_id=person_id,
                kind=kind,
                value_fingerprint=parts.vault.fingerprint(f"{kind}:{value}"),
                value_sealed=parts.vault.seal(key, value, f"person/{person_id}/{kind}"),
                source=SOURCE,
                as_of=SINCE,
                stands=True,
                recorded_at=AT,
            )
        )
    session.flush()


@contextmanager
def reading(parts: Parts) -> Iterator[Session]:
    """A session to look with."""
    with parts.database.session() as session:
        yield session
