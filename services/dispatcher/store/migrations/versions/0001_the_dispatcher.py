"""The dispatcher's tables, the messaging tables, and the trigger that keeps the ledger append-only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.messaging import tables as messaging

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_REFUSE = """
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger only grows: add a transfer that corrects the one that is wrong';
END $$
"""

# Every voucher gets its place and digest when its transaction ends: the book's head is then the last lock that is taken,
# so that no two transactions wait for each other, and nothing that writes a voucher can leave it out.
_SEAL = """
CREATE FUNCTION seal_voucher() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head book%ROWTYPE;
    page text;
BEGIN
    INSERT INTO book (season, position, digest) VALUES (NEW.season, 0, '') ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM book WHERE season = NEW.season FOR UPDATE;
    SELECT coalesce(string_agg(concat_ws(E'\\x1f', t.id, t.kind, t.debit, t.credit, t.amount_fen,
               coalesce(t.trip_id, ''), t.number, t.season, t.rule, t.cause, coalesce(t.answers, ''),
               coalesce(t.corrects, ''), coalesce(t.source, ''), t.county_code), E'\\x1e' ORDER BY t.position), '')
        INTO page FROM transfer t WHERE t.voucher_id = NEW.id;
    page := concat_ws(E'\\x1e', head.digest, concat_ws(E'\\x1f', NEW.id, NEW.act, NEW.season,
        coalesce(NEW.trip_id, ''), coalesce(NEW.claim_id, ''), NEW.county_code, NEW.cause, NEW.actor,
        extract(epoch FROM NEW.recorded_at), NEW.facts::text), page);
    head.position := head.position + 1;
    head.digest := encode(sha256(convert_to(page, 'UTF8')), 'hex');
    INSERT INTO seal VALUES (NEW.id, NEW.season, head.position, head.digest);
    UPDATE book SET position = head.position, digest = head.digest WHERE season = NEW.season;
    INSERT INTO account SELECT account, 0, 0, 0, 0, 0
        FROM (SELECT debit AS account FROM transfer WHERE voucher_id = NEW.id
              UNION SELECT credit FROM transfer WHERE voucher_id = NEW.id) AS ends
        ON CONFLICT DO NOTHING;
    BEGIN
        UPDATE account AS a SET
            limit_fen = a.limit_fen + e.limited,
            reserved_fen = a.reserved_fen + e.reserved,
            committed_fen = a.committed_fen + e.committed,
            settled_fen = a.settled_fen + e.settled,
            paid_fen = a.paid_fen + e.paid
            FROM (SELECT account,
                      sum(CASE WHEN kind IN ('allocate', 'override') THEN fen ELSE 0 END) AS limited,
                      sum(CASE WHEN kind = 'reserve' THEN fen WHEN source = 'reserved' THEN -fen ELSE 0 END) AS reserved,
                      sum(CASE WHEN kind = 'commit' THEN fen WHEN source = 'committed' THEN -fen ELSE 0 END) AS committed,
                      sum(CASE kind WHEN 'settle' THEN fen WHEN 'correct' THEN -fen ELSE 0 END) AS settled,
                      sum(CASE kind WHEN 'pay' THEN fen WHEN 'recover' THEN -fen ELSE 0 END) AS paid
                  FROM (SELECT debit AS account, kind, source, amount_fen AS fen FROM transfer WHERE voucher_id = NEW.id
                        UNION ALL
                        SELECT credit, kind, source, amount_fen FROM transfer WHERE voucher_id = NEW.id) AS ends
                  GROUP BY account) AS e
            WHERE a.account = e.account;
    EXCEPTION WHEN check_violation THEN
        -- Each looked before it wrote, and only together do they pass the limit: who does it again sees what is left.
        RAISE EXCEPTION 'another transaction has used up a budget' USING ERRCODE = 'serialization_failure';
    END;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "demand",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("stop_code", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("gate_id", sa.String(), nullable=False),
        sa.Column("pool_id", sa.String(), nullable=True),
        sa.Column("earliest", sa.Date(), nullable=False),
        sa.Column("latest", sa.Date(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("organising_mode", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=True),
        sa.Column("trip_id", sa.String(), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index("demand_party", "demand", ["party_id"], unique=False)
    op.create_index("demand_pool", "demand", ["pool_id", "state"], unique=False)
    op.create_index("demand_window", "demand", ["state", "earliest", "latest"], unique=False)
    op.create_index(op.f("ix_demand_county_code"), "demand", ["county_code"], unique=False)
    op.create_index(op.f("ix_demand_gate_id"), "demand", ["gate_id"], unique=False)
    op.create_index(op.f("ix_demand_round_id"), "demand", ["round_id"], unique=False)
    op.create_index(op.f("ix_demand_trip_id"), "demand", ["trip_id"], unique=False)
    op.create_table(
        "enterprise",
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id"),
    )
    op.create_table(
        "fleet",
        sa.Column("carrier_id", sa.String(), nullable=False),
        sa.Column("coach_type", sa.String(), nullable=False),
        sa.Column("carrier_name", sa.String(), nullable=False),
        sa.Column("contact_email", sa.String(), nullable=True),
        sa.Column("home_prefecture_code", sa.String(), nullable=False),
        sa.Column("seats_approved", sa.Integer(), nullable=False),
        sa.Column("coaches_per_day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("carrier_id", "coach_type"),
    )
    op.create_index(op.f("ix_fleet_home_prefecture_code"), "fleet", ["home_prefecture_code"], unique=False)
    op.create_table(
        "gate",
        sa.Column("gate_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("town_code", sa.String(), nullable=False),
        sa.Column("prefecture_code", sa.String(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("gate_id"),
    )
    op.create_index(op.f("ix_gate_enterprise_id"), "gate", ["enterprise_id"], unique=False)
    op.create_table(
        "policy",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "version"),
    )
    op.create_table(
        "round",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("tariffs", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("round_id"),
    )
    op.create_index(op.f("ix_round_area"), "round", ["area"], unique=False)
    op.create_index(op.f("ix_round_day"), "round", ["day"], unique=False)
    op.create_index(op.f("ix_round_state"), "round", ["state"], unique=False)
    op.create_table(
        "tariff",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "version"),
    )
    op.create_table(
        "pool_plan",
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("workers", sa.Integer(), nullable=False),
        sa.Column("families", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("members", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("fleet", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("job_id", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("bound_fen", sa.BigInteger(), nullable=True),
        sa.Column("first_fit_fen", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.round_id"],
        ),
        sa.PrimaryKeyConstraint("round_id", "pool_id"),
        sa.UniqueConstraint("job_id"),
    )
    op.create_table(
        "amendment",
        sa.Column("amendment_id", sa.String(), nullable=False),
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.String(), nullable=False),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("members", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("fleet", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("base", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("steps", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("difference", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.round_id"],
        ),
        sa.PrimaryKeyConstraint("amendment_id"),
    )
    op.create_index(op.f("ix_amendment_round_id"), "amendment", ["round_id"], unique=False)
    op.create_table(
        "mark",
        sa.Column("mark_id", sa.String(), nullable=False),
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.String(), nullable=False),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("trip_id", sa.String(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("other_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.round_id"],
        ),
        sa.PrimaryKeyConstraint("mark_id"),
    )
    op.create_index(op.f("ix_mark_round_id"), "mark", ["round_id"], unique=False)
    op.create_table(
        "lab_run",
        sa.Column("lab_id", sa.String(), nullable=False),
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("objective", sa.String(), nullable=False),
        sa.Column("outcomes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.round_id"],
        ),
        sa.PrimaryKeyConstraint("lab_id"),
    )
    op.create_index(op.f("ix_lab_run_area"), "lab_run", ["area"], unique=False)
    op.create_index(op.f("ix_lab_run_round_id"), "lab_run", ["round_id"], unique=False)
    op.create_index(op.f("ix_lab_run_state"), "lab_run", ["state"], unique=False)
    op.create_table(
        "lab_pool",
        sa.Column("lab_id", sa.Text(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("pool_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("members", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("fleet", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("job_id", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("bound_fen", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lab_id"],
            ["lab_run.lab_id"],
        ),
        sa.PrimaryKeyConstraint("lab_id", "variant", "pool_id"),
        sa.UniqueConstraint("job_id"),
    )
    op.create_table(
        "trip",
        sa.Column("trip_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.String(), nullable=False),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("prefecture_code", sa.String(), nullable=False),
        sa.Column("destination_county_code", sa.String(), nullable=False),
        sa.Column("carrier_id", sa.String(), nullable=False),
        sa.Column("carrier_name", sa.String(), nullable=False),
        sa.Column("carrier_email", sa.String(), nullable=True),
        sa.Column("coach_type", sa.String(), nullable=False),
        sa.Column("seats_approved", sa.Integer(), nullable=False),
        sa.Column("seats_max", sa.Integer(), nullable=False),
        sa.Column("drivers", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("planned_fen", sa.BigInteger(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("tariff", sa.String(), nullable=False),
        sa.Column("price", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("heads", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("cuts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("waits_for", sa.String(), nullable=True),
        sa.Column("lines", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("timetable", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("departed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.round_id"],
        ),
        sa.PrimaryKeyConstraint("trip_id"),
    )
    op.create_index(op.f("ix_trip_carrier_id"), "trip", ["carrier_id"], unique=False)
    op.create_index(op.f("ix_trip_pool_id"), "trip", ["pool_id"], unique=False)
    op.create_index(op.f("ix_trip_round_id"), "trip", ["round_id"], unique=False)
    op.create_index(op.f("ix_trip_season"), "trip", ["season"], unique=False)
    op.create_index(op.f("ix_trip_state"), "trip", ["state"], unique=False)
    op.create_index(op.f("ix_trip_waits_for"), "trip", ["waits_for"], unique=False)
    op.create_index("trip_day", "trip", ["day", "county_code"], unique=False)
    op.create_table(
        "unserved",
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("pool_id", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("limit", sa.String(), nullable=False),
        sa.Column("figure", sa.String(), nullable=False),
        sa.Column("mend_zh", sa.String(), nullable=False),
        sa.Column("mend_en", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.round_id"],
        ),
        sa.PrimaryKeyConstraint("round_id", "request_id"),
    )
    op.create_index(op.f("ix_unserved_county_code"), "unserved", ["county_code"], unique=False)
    op.create_table(
        "rider",
        sa.Column("trip_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("stop_code", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("gate_id", sa.String(), nullable=False),
        sa.Column("organising_mode", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("earliest", sa.Date(), nullable=False),
        sa.Column("latest", sa.Date(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("riding", sa.Boolean(), nullable=False),
        sa.Column("boarding", sa.String(), nullable=True),
        sa.Column("boarding_version", sa.Integer(), nullable=False),
        sa.Column("boarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("outcome_version", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trip.trip_id"],
        ),
        sa.PrimaryKeyConstraint("trip_id", "request_id"),
    )
    op.create_index(op.f("ix_rider_enterprise_id"), "rider", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_rider_request_id"), "rider", ["request_id"], unique=False)
    op.create_table(
        "contract",
        sa.Column("trip_id", sa.Text(), nullable=False),
        sa.Column("contract_no", sa.String(), nullable=False),
        sa.Column("charterer_id", sa.String(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("tariff_fen", sa.BigInteger(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("plate_prefecture_code", sa.String(), nullable=False),
        sa.Column("seats_approved", sa.Integer(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("emergency_order", sa.String(), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.trip_id"]),
        sa.PrimaryKeyConstraint("trip_id"),
    )
    op.create_index(op.f("ix_contract_contract_no"), "contract", ["contract_no"], unique=False)
    op.create_index(op.f("ix_contract_plate"), "contract", ["plate"], unique=False)
    op.create_table(
        "voucher",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("trip_id", sa.Text(), nullable=True),
        sa.Column("claim_id", sa.String(), nullable=True),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.trip_id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("season", "trip_id", "claim_id", "county_code"):
        op.create_index(op.f(f"ix_voucher_{name}"), "voucher", [name], unique=False)
    op.create_table(
        "seal",
        sa.Column("voucher_id", sa.String(), nullable=False),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"]),
        sa.PrimaryKeyConstraint("voucher_id"),
    )
    op.create_index("seal_place", "seal", ["season", "position"], unique=True)
    op.create_table(
        "book",
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("season"),
    )
    op.create_table(
        "account",
        sa.Column("account", sa.String(), nullable=False),
        *(
            sa.Column(f"{name}_fen", sa.BigInteger(), nullable=False)
            for name in ("limit", "reserved", "committed", "settled", "paid")
        ),
        sa.CheckConstraint(
            "account NOT LIKE 'payer:%' OR limit_fen >= reserved_fen + committed_fen + settled_fen",
            name="account_within_budget",
        ),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("voucher_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Text(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("debit", sa.String(), nullable=False),
        sa.Column("credit", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("answers", sa.String(), nullable=True),
        sa.Column("corrects", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name="transfer_amount"),
        sa.CheckConstraint("debit <> credit", name="transfer_ends"),
        sa.ForeignKeyConstraint(
            ["answers"],
            ["transfer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["corrects"],
            ["transfer.id"],
        ),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"]),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trip.trip_id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_transfer_county_code"), "transfer", ["county_code"], unique=False)
    op.create_index(op.f("ix_transfer_season"), "transfer", ["season"], unique=False)
    op.create_index(op.f("ix_transfer_trip_id"), "transfer", ["trip_id"], unique=False)
    op.create_index(op.f("ix_transfer_voucher_id"), "transfer", ["voucher_id"], unique=False)
    op.create_index("transfer_credit", "transfer", ["credit"], unique=False)
    op.create_index("transfer_debit", "transfer", ["debit"], unique=False)
    op.create_table(
        "trip_stop",
        sa.Column("trip_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("arrive_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("depart_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trip.trip_id"],
        ),
        sa.PrimaryKeyConstraint("trip_id", "position"),
    )
    op.execute(_REFUSE)
    op.execute(_SEAL)
    for table in ("transfer", "voucher", "seal", "policy", "tariff"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()"
        )
    op.execute(
        "CREATE CONSTRAINT TRIGGER voucher_sealed AFTER INSERT ON voucher"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION seal_voucher()"
    )
    messaging.create(op)


def downgrade() -> None:
    messaging.drop(op)
    for table in (
        "trip_stop",
        "transfer",
        "account",
        "book",
        "seal",
        "voucher",
        "contract",
        "rider",
        "unserved",
        "trip",
        "lab_pool",
        "lab_run",
        "mark",
        "amendment",
        "pool_plan",
        "tariff",
        "round",
        "policy",
        "gate",
        "fleet",
        "enterprise",
        "demand",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_ledger_change()")
    op.execute("DROP FUNCTION seal_voucher()")
