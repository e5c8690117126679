"""The registry's tables as they first were."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.messaging import tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, and those that delivery needs."""
    op.create_table(
        "access_log",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("request_ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "enterprise",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "idempotent_answer",
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body_fingerprint", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key"),
    )
    op.create_table(
        "outside_list",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("known_to", sa.String(), nullable=True),
        sa.Column("loaded_by", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "outside_content",
        "outside_list",
        ["kind", "area_code", "sha256"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "outside_fact",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("amount_fen", sa.Integer(), nullable=True),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["outside_list.id"],
        ),
        sa.PrimaryKeyConstraint("list_id", "row"),
    )
    op.create_index("outside_by_fingerprint", "outside_fact", ["fingerprint"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("resident_id_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fingerprint"),
    )
    op.create_index("person_by_file", "person", ["file_id"], unique=False)
    op.create_table(
        "roster",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("file_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("roster_content", "roster", ["county_code", "sha256"], unique=True)
    op.create_table(
        "gate",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("town_code", sa.String(), nullable=False),
        sa.Column("prefecture_code", sa.String(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("gate_name", "gate", ["enterprise_id", "name"], unique=True)
    op.create_table(
        "refused_row",
        sa.Column("roster_id", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["roster_id"],
            ["roster.id"],
        ),
        sa.PrimaryKeyConstraint("roster_id", "row"),
    )
    op.create_index("refused_by_fingerprint", "refused_row", ["fingerprint"], unique=False)
    op.create_table(
        "travel_request",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_fingerprint", sa.String(), nullable=True),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("stop_code", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("gate_id", sa.String(), nullable=False),
        sa.Column("earliest", sa.Date(), nullable=False),
        sa.Column("latest", sa.Date(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("organising_mode", sa.String(), nullable=False),
        sa.Column("organiser_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("roster_id", sa.String(), nullable=True),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("trip_id", sa.String(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        sa.Column("submitted_by", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["roster_id"],
            ["roster.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "one_active_request",
        "travel_request",
        ["person_id", "season"],
        unique=True,
        postgresql_where=sa.text("status <> 'withdrawn'"),
    )
    op.create_index("request_by_county", "travel_request", ["county_code", "id"], unique=False)
    op.create_index("request_by_party", "travel_request", ["party_id"], unique=False)
    op.create_index("request_by_person", "travel_request", ["person_id"], unique=False)
    op.create_index("request_by_phone", "travel_request", ["season", "phone_fingerprint"], unique=False)
    op.create_index("request_by_roster", "travel_request", ["roster_id", "row"], unique=False)
    op.create_index("request_by_trip", "travel_request", ["trip_id"], unique=False)
    op.create_table(
        "request_fact",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("order", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["travel_request.id"],
        ),
        sa.PrimaryKeyConstraint("request_id", "kind", "about"),
    )
    op.create_index("fact_by_about", "request_fact", ["about", "kind"], unique=False)
    tables.create(op)


def downgrade() -> None:
    """Undo it all."""
    tables.drop(op)
    op.drop_index("fact_by_about", table_name="request_fact")
    op.drop_table("request_fact")
    op.drop_index("request_by_trip", table_name="travel_request")
    op.drop_index("request_by_phone", table_name="travel_request")
    op.drop_index("request_by_person", table_name="travel_request")
    op.drop_index("request_by_roster", table_name="travel_request")
    op.drop_index("request_by_party", table_name="travel_request")
    op.drop_index("request_by_county", table_name="travel_request")
    op.drop_index(
        "one_active_request", table_name="travel_request", postgresql_where=sa.text("status <> 'withdrawn'")
    )
    op.drop_table("travel_request")
    op.drop_index("refused_by_fingerprint", table_name="refused_row")
    op.drop_table("refused_row")
    op.drop_index("gate_name", table_name="gate")
    op.drop_table("gate")
    op.drop_index("roster_content", table_name="roster")
    op.drop_table("roster")
    op.drop_index("person_by_file", table_name="person")
    op.drop_table("person")
    op.drop_index("outside_by_fingerprint", table_name="outside_fact")
    op.drop_table("outside_fact")
    op.drop_index(
        "outside_content", table_name="outside_list", postgresql_where=sa.text("withdrawn_at IS NULL")
    )
    op.drop_table("outside_list")
    op.drop_table("idempotent_answer")
    op.drop_table("enterprise")
    op.drop_table("access_log")
