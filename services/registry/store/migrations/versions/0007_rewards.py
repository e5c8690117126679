"""Rules of rewards in force, lists made by them, and whom a list holds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "reward_rule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("loaded_by", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("area_code", "rule_id", "version", name="reward_rule_version"),
    )
    op.create_table(
        "reward_list",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("reward_rule_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("claimant_id", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("counted_lists", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("before_heads", sa.Integer(), nullable=False),
        sa.Column("before_fen", sa.BigInteger(), nullable=False),
        sa.Column("difference_fen", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_by", sa.String(), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["reward_rule_id"],
            ["reward_rule.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "one_standing_reward_list",
        "reward_list",
        ["reward_rule_id", "area_code", "claimant_id", "first_day", "last_day", "as_of"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_index("reward_list_by_area", "reward_list", ["area_code", "id"], unique=False)
    op.create_table(
        "reward_entry",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("is_earned", sa.Boolean(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["reward_list.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("list_id", "person_id", "period", "part"),
    )
    op.create_table(
        "reward_hold",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("claimant_id", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["reward_list.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("person_id", "purpose", "period", "part"),
    )
    op.create_index("hold_by_list", "reward_hold", ["list_id"], unique=False)
    op.create_index(
        "employment_by_enterprise",
        "employment",
        ["enterprise_id", "valid_from"],
        unique=False,
        postgresql_where=sa.text("enterprise_id IS NOT NULL"),
    )
    op.create_index(
        "request_by_organiser",
        "travel_request",
        ["organiser_id"],
        unique=False,
        postgresql_where=sa.text("organiser_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("request_by_organiser", table_name="travel_request")
    op.drop_index("employment_by_enterprise", table_name="employment")
    op.drop_index("hold_by_list", table_name="reward_hold")
    op.drop_table("reward_hold")
    op.drop_table("reward_entry")
    op.drop_index("reward_list_by_area", table_name="reward_list")
    op.drop_index(
        "one_standing_reward_list", table_name="reward_list", postgresql_where=sa.text("state <> 'withdrawn'")
    )
    op.drop_table("reward_list")
    op.drop_table("reward_rule")
