from datetime import date

from services.registry.usecases.people.contacts import contacts_of
from tests.registry.conftest import Registry
from tests.registry.folk import add_folk, add_helper, add_household, reading


def test_people_of_a_test_have_names_and_phones_that_open(registry: Registry) -> None:
    h = add_household(registry.parts, "1")
    people = add_folk(
        registry.parts,
        [1, 2],
        household_id=h,
        helper_id=add_helper(registry.parts),
        employed_since=date(2020, 1, 1),
    )
    with reading(registry.parts) as session:
        contacts = contacts_of(session, registry.parts.vault, [one.id for one in people])
    assert [(contacts[one.id].name, contacts[one.id].phone) for one in people] == [
        (one.name, one.phone) for one in people
    ]
