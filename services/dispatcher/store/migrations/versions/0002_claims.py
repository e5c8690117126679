"""Claims: their lines, seats, flags, steps and papers, and the seasons that finance has closed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("claimant", sa.String(), nullable=False),
        sa.Column("claimant_id", sa.String(), nullable=False),
        sa.Column("claimant_name", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("ownership", sa.String(), nullable=True),
        sa.Column("bank_account", sa.LargeBinary(), nullable=True),
        sa.Column("bank_account_tail", sa.String(), nullable=False),
        sa.Column("notice_first", sa.Date(), nullable=True),
        sa.Column("notice_last", sa.Date(), nullable=True),
        sa.Column("payment_no", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("claimed_fen", sa.BigInteger(), nullable=False),
        sa.Column("payable_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("clawback_fen", sa.BigInteger(), nullable=False),
        sa.Column("recovered_fen", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("claim_id"),
    )
    op.create_index("claim_claimant", "claim", ["claimant", "policy_id"], unique=False)
    op.create_index("claim_county", "claim", ["county_code", "state"], unique=False)
    op.create_table(
        "closed_period",
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "season"),
    )
    op.create_table(
        "claim_flag",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("trip_id", sa.String(), nullable=True),
        sa.Column("request_ids", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("evidence", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("zh", sa.String(), nullable=False),
        sa.Column("en", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_by", sa.String(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_why", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["claim.claim_id"],
        ),
        sa.PrimaryKeyConstraint("claim_id", "number"),
    )
    op.create_table(
        "claim_seat",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("trip_id", sa.String(), nullable=False),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["claim.claim_id"],
        ),
        sa.PrimaryKeyConstraint("claim_id", "request_id"),
    )
    op.create_index("claim_seat_request", "claim_seat", ["request_id"], unique=False)
    op.create_index("claim_seat_trip", "claim_seat", ["trip_id"], unique=False)
    op.create_index(
        "one_subsidy_a_season",
        "claim_seat",
        ["season", "person"],
        unique=True,
        postgresql_where=sa.text("holds AND person IS NOT NULL"),
    )
    op.create_table(
        "claim_step",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["claim.claim_id"],
        ),
        sa.PrimaryKeyConstraint("claim_id", "number"),
    )
    op.create_table(
        "evidence",
        sa.Column("evidence_id", sa.String(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["claim.claim_id"],
        ),
        sa.PrimaryKeyConstraint("evidence_id"),
    )
    op.create_index(op.f("ix_evidence_claim_id"), "evidence", ["claim_id"], unique=False)
    op.create_table(
        "objection",
        sa.Column("objection_id", sa.String(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("filed_by", sa.String(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["claim.claim_id"],
        ),
        sa.PrimaryKeyConstraint("objection_id"),
    )
    op.create_index(op.f("ix_objection_claim_id"), "objection", ["claim_id"], unique=False)
    op.create_table(
        "claim_line",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("trip_id", sa.Text(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("invoice_no", sa.String(), nullable=True),
        sa.Column("invoice_issuer", sa.String(), nullable=True),
        sa.Column("invoice_fen", sa.BigInteger(), nullable=True),
        sa.Column("invoice_on", sa.Date(), nullable=True),
        sa.Column("payable_fen", sa.BigInteger(), nullable=False),
        sa.Column("parts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("workings", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["claim.claim_id"],
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trip.trip_id"],
        ),
        sa.PrimaryKeyConstraint("claim_id", "trip_id"),
    )
    op.create_index(op.f("ix_claim_line_invoice_no"), "claim_line", ["invoice_no"], unique=False)
    op.create_index(op.f("ix_claim_line_trip_id"), "claim_line", ["trip_id"], unique=False)
    op.execute(
        "CREATE TRIGGER claim_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_step"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()"
    )


def downgrade() -> None:
    for table in (
        "closed_period", "objection", "evidence", "claim_step", "claim_flag", "claim_seat", "claim_line", "claim",
    ):  # fmt: skip
        op.drop_table(table)
