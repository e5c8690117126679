"""The migrations make the tables of the models, and the ledger that they make only grows."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.dispatcher.store.tables import Base, TransferRow
from shared.database import list_differences, migrate
from shared.messaging.tables import METADATA
from tests.dispatcher.dispatch import Dispatch, submitted


def test_migrations_make_exactly_what_the_models_say(make_database: Callable[[str], str]) -> None:
    url = make_database("dispatcher")
    migrate(url, "dispatcher")
    migrate(url, "dispatcher")
    assert list_differences(url, Base.metadata, METADATA) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transfer SET amount_fen = amount_fen + 1",
        "DELETE FROM transfer",
        "TRUNCATE transfer CASCADE",
    ],
)
def test_no_transfer_is_changed_or_removed(dispatch: Dispatch, statement: str) -> None:
    dispatch.tell(submitted(1))
    dispatch.approve(dispatch.propose())
    before = dispatch.transfers()
    assert before
    with (
        pytest.raises(DBAPIError, match="the ledger only grows"),
        dispatch.database.session() as session,
    ):
        session.execute(text(statement))
    assert dispatch.transfers() == before


def test_the_same_transfer_is_not_written_twice(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    dispatch.approve(dispatch.propose())
    copy = dispatch.transfers()[0].model_dump()

    def write_again() -> None:
        with dispatch.database.session() as session:
            session.add(TransferRow(**copy))

    with pytest.raises(IntegrityError):
        write_again()
