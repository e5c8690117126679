"""How alembic reaches the registry's database."""

from services.registry.store.tables import Base
from shared.database import run_migrations
from shared.messaging import tables

run_migrations(Base.metadata, tables.METADATA)
