"""Alembic's entry: what the dispatcher's database is compared with and migrated by."""

from services.dispatcher.store.tables import Base
from shared.database import run_migrations
from shared.messaging.tables import METADATA

run_migrations(Base.metadata, METADATA)
