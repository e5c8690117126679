"""Files of people, households, classes, employment, helpers, consent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "helper",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("place_code", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("helper_by_place", "helper", ["place_code"], unique=False)
    op.create_table(
        "household",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("place_code", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fingerprint"),
    )
    op.create_index(
        "household_by_place",
        "household",
        ["place_code"],
        unique=False,
        postgresql_ops={"place_code": "text_pattern_ops"},
    )
    op.create_index(
        "merged_person", "person", ["file_id"], unique=False, postgresql_where=sa.text("id <> file_id")
    )
    op.create_table(
        "assignment",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("helper_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["helper_id"],
            ["helper.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("person_id", "since"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("notice_version", sa.String(), nullable=False),
        sa.Column("purposes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("obtained_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("consent_by_person", "consent", ["person_id"], unique=False)
    op.create_table(
        "employment",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("person_id", "valid_from"),
    )
    op.create_index(
        "one_employment_goes_on",
        "employment",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "employment_alone",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("person_id", "valid_from"),
    )
    op.create_table(
        "membership",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("household_id", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("has_labour", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("person_id", "valid_from"),
    )
    op.create_index(
        "membership_by_household",
        "membership",
        ["household_id", "valid_from"],
        unique=False,
        postgresql_include=["valid_to", "person_id", "has_labour"],
    )
    op.create_table(
        "person_class",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("person_id", "category", "valid_from"),
    )
    op.create_table(
        "person_file",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("place_code", sa.String(), nullable=False),
        sa.Column("household_id", sa.String(), nullable=True),
        sa.Column("helper_id", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("known_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["helper_id"],
            ["helper.id"],
        ),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index("file_by_helper", "person_file", ["helper_id"], unique=False)
    op.create_index("file_by_household", "person_file", ["household_id"], unique=False)
    op.create_index("file_by_place", "person_file", ["place_code", "person_id"], unique=False)
    op.create_table(
        "person_merge",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("into_id", sa.String(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("merged_by", sa.String(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["into_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "one_standing_merge",
        "person_merge",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index("merge_by_into", "person_merge", ["into_id"], unique=False)
    op.create_table(
        "statement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value_fingerprint", sa.String(), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("statement_by_person", "statement", ["person_id"], unique=False)
    op.create_index(
        "one_stands", "statement", ["person_id", "kind"], unique=True, postgresql_where=sa.text("stands")
    )
    op.create_index(
        "sought_by",
        "statement",
        ["value_fingerprint"],
        unique=False,
        postgresql_where=sa.text("kind IN ('name', 'phone')"),
    )
    op.create_table(
        "population",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("file_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("layout_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("loaded_by", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "population_content",
        "population",
        ["area_code", "sha256"],
        unique=True,
        postgresql_where=sa.text("failure IS NULL"),
    )
    op.create_table(
        "population_outcome",
        sa.Column("population_id", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("population_id", "row"),
    )
    op.create_table(
        "population_piece",
        sa.Column("population_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["population_id"],
            ["population.id"],
        ),
        sa.PrimaryKeyConstraint("population_id", "number"),
    )
    op.create_table(
        "population_refused",
        sa.Column("population_id", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["population_id"],
            ["population.id"],
        ),
        sa.PrimaryKeyConstraint("population_id", "row"),
    )
    op.create_index("population_refused_by_fingerprint", "population_refused", ["fingerprint"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("population_refused_by_fingerprint", table_name="population_refused")
    op.drop_table("population_refused")
    op.drop_table("population_piece")
    op.drop_table("population_outcome")
    op.drop_index("population_content", table_name="population", postgresql_where=sa.text("failure IS NULL"))
    op.drop_table("population")
    op.drop_index("sought_by", table_name="statement", postgresql_where=sa.text("kind IN ('name', 'phone')"))
    op.drop_index("one_stands", table_name="statement", postgresql_where=sa.text("stands"))
    op.drop_index("statement_by_person", table_name="statement")
    op.drop_table("statement")
    op.drop_index(
        "one_standing_merge", table_name="person_merge", postgresql_where=sa.text("undone_at IS NULL")
    )
    op.drop_index("merge_by_into", table_name="person_merge")
    op.drop_table("person_merge")
    op.drop_index("file_by_place", table_name="person_file")
    op.drop_index("file_by_household", table_name="person_file")
    op.drop_index("file_by_helper", table_name="person_file")
    op.drop_table("person_file")
    op.drop_table("person_class")
    op.drop_index("membership_by_household", table_name="membership")
    op.drop_table("membership")
    op.drop_index(
        "one_employment_goes_on", table_name="employment", postgresql_where=sa.text("valid_to IS NULL")
    )
    op.drop_table("employment")
    op.drop_table("employment_alone")
    op.drop_index("consent_by_person", table_name="consent")
    op.drop_table("consent")
    op.drop_table("assignment")
    op.drop_index("merged_person", table_name="person", postgresql_where=sa.text("id <> file_id"))
    op.drop_index("household_by_place", table_name="household")
    op.drop_table("household")
    op.drop_index("helper_by_place", table_name="helper")
    op.drop_table("helper")
