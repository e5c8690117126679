"""The exchange of files with the provincial system: mappings, what was sent and answered, what was taken in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "exchange_export",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("mapping_id", sa.String(), nullable=False),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("only_changed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("removals", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("withheld", sa.Integer(), nullable=False),
        sa.Column("exported_by", sa.String(), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("done_place", sa.String(), nullable=False),
        sa.Column("done_to", sa.String(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("export_by_area", "exchange_export", ["area_code", "id"], unique=False)
    op.create_index(
        "export_waits",
        "exchange_export",
        ["area_code", "month", "mapping_id", "only_changed", "reason"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL AND failure IS NULL"),
    )
    op.create_table(
        "exchange_mapping",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "version"),
    )
    op.create_table(
        "exchange_receipt",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("mapping_id", sa.String(), nullable=False),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("received_by", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("receipt_content", "exchange_receipt", ["area_code", "about", "stamp"], unique=True)
    op.create_table(
        "province_import",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("mapping_id", sa.String(), nullable=False),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("conflicts", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("imported_by", sa.String(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("province_content", "province_import", ["area_code", "mapping_id", "stamp"], unique=True)
    op.create_table(
        "exchange_row",
        sa.Column("export_id", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("mapping_id", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("place_code", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("prior_token", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["exchange_export.id"],
        ),
        sa.PrimaryKeyConstraint("export_id", "row"),
    )
    op.create_index(
        "sent_by_person", "exchange_row", ["person_id", "mapping_id", "month", "export_id"], unique=False
    )
    op.create_index("sent_by_place", "exchange_row", ["mapping_id", "month", "place_code"], unique=False)
    op.create_table(
        "province_refused",
        sa.Column("import_id", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["province_import.id"],
        ),
        sa.PrimaryKeyConstraint("import_id", "row"),
    )
    op.create_index("province_refused_by_fingerprint", "province_refused", ["fingerprint"], unique=False)
    op.create_table(
        "province_state",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("import_id", sa.String(), nullable=False),
        sa.Column("employed", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("area_code", sa.String(), nullable=True),
        sa.Column("wage_band", sa.String(), nullable=True),
        sa.Column("employer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("differs", sa.Boolean(), nullable=False),
        sa.Column("counts_alone", sa.Boolean(), nullable=True),
        sa.Column("differs_alone", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["province_import.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("person_id", "month", "import_id"),
    )
    op.create_index("state_by_month", "province_state", ["month", "differs"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("state_by_month", table_name="province_state")
    op.drop_table("province_state")
    op.drop_index("province_refused_by_fingerprint", table_name="province_refused")
    op.drop_table("province_refused")
    op.drop_index("sent_by_place", table_name="exchange_row")
    op.drop_index("sent_by_person", table_name="exchange_row")
    op.drop_table("exchange_row")
    op.drop_index("province_content", table_name="province_import")
    op.drop_table("province_import")
    op.drop_index("receipt_content", table_name="exchange_receipt")
    op.drop_table("exchange_receipt")
    op.drop_table("exchange_mapping")
    op.drop_index("export_by_area", table_name="exchange_export")
    op.drop_table("exchange_export")
