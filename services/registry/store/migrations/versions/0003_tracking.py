"""Monthly tracking: who is followed, their tasks, and what came of each try."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "tracking_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("month"),
    )
    op.create_table(
        "tracking_task",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("helper_id", sa.String(), nullable=True),
        sa.Column("place_code", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("record_id", sa.String(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("month", "person_id"),
    )
    op.create_index("task_by_helper", "tracking_task", ["helper_id", "month"], unique=False)
    op.create_index("task_by_place", "tracking_task", ["month", "place_code"], unique=False)
    op.create_index(
        "task_open",
        "tracking_task",
        ["month", "due_on"],
        unique=False,
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "tracking_record",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("area_code", sa.String(), nullable=True),
        sa.Column("wage_band", sa.String(), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "tracking_past",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("place_code", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("tasks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "place_code", "outcome", "due_on"),
    )
    op.create_index("record_by_task", "tracking_record", ["person_id", "month"], unique=False)
    op.create_index("record_by_age", "tracking_record", ["month", "id"], unique=False)
    op.create_table(
        "tracking",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("area_code", sa.String(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("displaced", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "displaced_alone",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["travel_request.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("tracking_by_person", "tracking", ["person_id", "opened_on"], unique=False)
    op.create_index("tracking_by_request", "tracking", ["request_id"], unique=True)
    op.create_index(
        "tracking_by_end",
        "tracking",
        ["closed_on", "id"],
        unique=False,
        postgresql_where=sa.text("closed_on IS NOT NULL"),
    )
    op.create_index(
        "tracking_taken_back",
        "tracking",
        ["taken_back_at", "id"],
        unique=False,
        postgresql_where=sa.text("taken_back_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index(
        "tracking_taken_back", table_name="tracking", postgresql_where=sa.text("taken_back_at IS NOT NULL")
    )
    op.drop_index("tracking_by_end", table_name="tracking", postgresql_where=sa.text("closed_on IS NOT NULL"))
    op.drop_index("tracking_by_request", table_name="tracking")
    op.drop_index("tracking_by_person", table_name="tracking")
    op.drop_table("tracking")
    op.drop_index("record_by_age", table_name="tracking_record")
    op.drop_index("record_by_task", table_name="tracking_record")
    op.drop_table("tracking_record")
    op.drop_index("task_open", table_name="tracking_task", postgresql_where=sa.text("outcome IS NULL"))
    op.drop_index("task_by_place", table_name="tracking_task")
    op.drop_index("task_by_helper", table_name="tracking_task")
    op.drop_table("tracking_task")
    op.drop_table("tracking_past")
    op.drop_table("tracking_month")
