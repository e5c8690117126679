"""Alembic's entry: what the planner's database is compared with and migrated by."""

from services.planner.store.tables import Base
from shared.database import run_migrations
from shared.messaging.tables import METADATA

run_migrations(Base.metadata, METADATA)
