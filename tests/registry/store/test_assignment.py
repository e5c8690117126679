"""A file has one helper at a time, and whose it was stays known."""

from datetime import timedelta

import pytest

from services.registry.store.assignment import HelperUnknown, assign, get_helper, list_assignments
from shared.security import Principal, Role
from tests.registry.conftest import LIBO, NOW, SANDU, Registry
from tests.registry.folk import add_folk, add_helper


def test_a_list_of_people_gets_a_helper_and_a_second_time_changes_nothing(empty_registry: Registry) -> None:
    parts = empty_registry.parts
    first, second = add_helper(parts, "one"), add_helper(parts, "two")
    ids = [one.id for one in add_folk(parts, [1, 2], helper_id=first)]
    with parts.database.session() as session:
        assert assign(session, [*ids, "nobody"], second, "clerk", NOW) == sorted(ids)
        assert assign(session, ids, second, "clerk", NOW + timedelta(days=1)) == []
        [told] = list_assignments(session, ids[0])
    assert (told.helper_id, told.by, told.since) == (second, "clerk", NOW)
    assert empty_registry.sql("SELECT DISTINCT helper_id FROM person_file") == [(second,)]


def test_another_countys_helper_is_answered_as_one_that_does_not_exist(empty_registry: Registry) -> None:
    helper = add_helper(empty_registry.parts, "one")
    with empty_registry.parts.database.session() as session:
        assert get_helper(session, Principal("a", frozenset({Role.BUREAU}), (SANDU,)), helper).id == helper
        with pytest.raises(HelperUnknown):
            get_helper(session, Principal("b", frozenset({Role.BUREAU}), (LIBO,)), helper)
