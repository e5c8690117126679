"""Privacy: whose data an access was to, and by whom, so that its subject can ask for it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

_TEXTS = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    """Add the columns, empty for what was logged before, and the ways to find by them."""
    for name in ("person_ids", "roles", "fields"):
        op.add_column("access_log", sa.Column(name, _TEXTS, nullable=False, server_default="{}"))
        op.alter_column("access_log", name, server_default=None)
    op.add_column("access_log", sa.Column("reference_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("access_log", sa.Column("place_code", sa.String(), nullable=True))
    op.create_index("access_by_person", "access_log", ["person_ids"], postgresql_using="gin")
    op.create_index("access_by_request", "access_log", ["request_ids"], postgresql_using="gin")
    op.create_index("access_by_time", "access_log", ["at"])


def downgrade() -> None:
    """Take them away."""
    for name in ("access_by_time", "access_by_request", "access_by_person"):
        op.drop_index(name, table_name="access_log")
    for name in ("place_code", "reference_sealed", "fields", "roles", "person_ids"):
        op.drop_column("access_log", name)
