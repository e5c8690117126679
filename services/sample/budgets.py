"""Knows how to invent the counties' budgets; refuses to know what a trip costs. No budget of a county was found: all is assumed."""

import csv
import io
from datetime import date

from shared import reference
from shared.kernel.season import season_of

AMOUNT_YUAN = "50000000.00"
"""Assumed: more than any county's part of a season of 45,000 trips at 10,000 yuan a trip."""


def budgets_csv(start: date, last: date) -> str:
    """One budget for every county of Guizhou and every season in which somebody leaves between the days."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("payer", "code", "season", "amount_yuan", "document"))
    for season in sorted({season_of(start), season_of(last)}):
        for county in reference.list_counties():
            document = f"示例财预〔{season[:4]}〕{county.code}号（金额为假定）"
            writer.writerow(("origin_county", county.code, season, AMOUNT_YUAN, document))
    return text.getvalue()
