"""The notifier's tables, and those of delivery."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.messaging import tables as messaging

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cancellation",
        sa.Column("trip_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("trip_id"),
    )
    op.create_table(
        "notice",
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("trip_id", sa.String(), nullable=False),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("recipient_ref", sa.String(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("known_before", sa.Boolean(), nullable=False),
        sa.Column("handed_over", sa.Boolean(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("cause_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("notice_id"),
    )
    op.create_index(
        "notice_due", "notice", ["medium", "next_at"], postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index("notice_recipient", "notice", ["recipient_ref"])
    op.create_index("notice_newest", "notice", ["created_at", "notice_id"])
    op.create_index("notice_trip", "notice", ["trip_id"])
    op.create_table(
        "opened_link",
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("trip_id", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("jti"),
    )
    op.create_table(
        "organisation",
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("audience", "ref"),
    )
    op.create_table(
        "subscription",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("generation", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation"),
    )
    op.create_table(
        "trip",
        sa.Column("trip_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("prefecture_code", sa.String(), nullable=False),
        sa.Column("carrier_id", sa.String(), nullable=False),
        sa.Column("carrier_name", sa.String(), nullable=False),
        sa.Column("coach_type", sa.String(), nullable=False),
        sa.Column("seats_approved", sa.Integer(), nullable=False),
        sa.Column("drivers", sa.Integer(), nullable=False),
        sa.Column("stops", postgresql.JSONB(), nullable=False),
        sa.Column("departs_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("departed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("trip_id"),
    )
    op.create_index("ix_trip_carrier_id", "trip", ["carrier_id"])
    op.create_index("ix_trip_county_code", "trip", ["county_code"])
    op.create_index("ix_trip_day", "trip", ["day"])
    op.create_table(
        "withdrawal",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_table(
        "rider",
        sa.Column("trip_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("stop_code", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("gate_id", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("riding", sa.Boolean(), nullable=False),
        sa.Column("presence", sa.String(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.Column("first_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.trip_id"]),
        sa.PrimaryKeyConstraint("trip_id", "request_id"),
    )
    op.create_index("rider_enterprise", "rider", ["enterprise_id", "trip_id"])
    op.create_index("rider_request", "rider", ["request_id"])
    messaging.create(op)


def downgrade() -> None:
    messaging.drop(op)
    for table in (
        "rider",
        "withdrawal",
        "trip",
        "subscription",
        "organisation",
        "opened_link",
        "notice",
        "cancellation",
    ):
        op.drop_table(table)
