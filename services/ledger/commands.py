"""`zhida ledger` and its sub-commands; reads the books only when it runs."""

import os
from pathlib import Path
from typing import Annotated

import typer

from services.output import open_output

app = typer.Typer(help="The books: audit them.", no_args_is_help=True)


@app.callback()
def ledger() -> None:
    """The books: audit them."""


@app.command()
def audit(
    season: Annotated[str | None, typer.Option(help="One season's book; without it, every one.")] = None,
    head: Annotated[
        str | None,
        typer.Option(
            metavar="POSITION:DIGEST",
            help="The head that an earlier audit of this --season printed, as it was noted down outside of the database: it must"
            " still be in the chain. Who may write the whole database can write the whole chain anew with sums that add up, and"
            " only a head that is kept elsewhere tells.",
        ),
    ] = None,
) -> None:
    """Work every transfer of the dispatcher's books out again and compare. Status 1 where something is found.

    Checks the chain of vouchers, each one's money against its facts and policy, budgets, balances, and the books against
    riders and contracts. Reads the database of ZHIDA_DATABASE_URL, or the embedded one in .data; changes nothing.
    """
    from services.ledger.audit import audit as run
    from services.ledger.audit import print_audited
    from shared.database import Database

    database = Database(os.environ.get("ZHIDA_DATABASE_URL") or _embedded(), application_name="zhida-audit")
    try:
        audited = run(database, season, head)
    finally:
        database.dispose()
    out = open_output(160)
    for one in audited:
        print_audited(one, out)
    if any(one.findings for one in audited):
        raise typer.Exit(1)


def _embedded() -> str:
    from shared.embedded import EmbeddedPostgres

    return EmbeddedPostgres(Path(".data")).url("dispatcher")
