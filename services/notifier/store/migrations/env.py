"""Runs the notifier's migrations."""

from services.notifier.store.tables import Base
from shared.database import run_migrations
from shared.messaging import tables

run_migrations(Base.metadata, tables.METADATA)
