"""What lists say of the people on them: a contact, and where they work now; a file is read with all its persons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from services.registry.domain.tracking.spells import Place
from services.registry.store.files import file_of
from services.registry.store.tables import PersonRow
from services.registry.store.tracking.places import names_of_enterprises
from services.registry.store.tracking.spells import spells_of
from services.registry.usecases.people.contacts import Contact, contacts_of
from services.registry.usecases.place_names import place_name
from shared.security import Vault


@dataclass(frozen=True, slots=True)
class Tracked:
    """Somebody on a list, in full; whoever shows them to others than their helper masks them."""

    contact: Contact
    place: Place | None
    """Where they work now, or did last."""
    is_employed: bool
    enterprise_name: str
    area_name: str


def tracked_of(
    session: Session, vault: Vault, families: Mapping[str, Iterable[PersonRow]], today: date
) -> Mapping[str, Tracked]:
    """Each of these files: who it is, and where they work."""
    whose = file_of(families)
    contacts = contacts_of(session, vault, whose)
    last = {whose[spell.person_id]: spell for spell in spells_of(session, whose) if spell.valid_from <= today}
    names = names_of_enterprises(session, {one.enterprise_id for one in last.values() if one.enterprise_id})
    found = {}
    for file_id, family in families.items():
        spell = last.get(file_id)
        said = [contacts[person.id] for person in family]
        found[file_id] = Tracked(
            Contact(
                *(
                    next(filter(None, values), "")
                    for values in zip(*((c.name, c.phone) for c in said), strict=True)
                )
            ),
            spell.place if spell else None,
            bool(spell and spell.holds(today)),
            names.get(spell.enterprise_id or "", "") if spell else "",
            place_name(spell.area_code) if spell else "",
        )
    return found
