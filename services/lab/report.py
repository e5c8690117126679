"""Shows what came of the scenarios side by side, as tables, CSV, JSON and a picture; computes nothing but differences."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from services.dispatcher.lab.outcome import KINDS, Outcome, Shift, compare, kind_of, proven_change
from services.dispatcher.lab.picture import draw
from services.dispatcher.money.rules.words import BEARERS
from services.dispatcher.web.words import place_word
from services.lab.run import Answer
from shared.kernel.money import yuan

SHOWN = 5
"""Of those who gain and of those who lose."""

BOTH = {kind: f"{en} {zh}" for kind, (zh, en) in BEARERS.items()}


def print_answers(answers: Sequence[Answer], enterprises: Mapping[str, str], console: Console) -> None:
    """The scenarios beside each other, then who gains and who loses by each against the first."""
    console.print(_side_by_side(answers))
    for answer in answers[1:]:
        console.print(_who(answers[0], answer, enterprises))


def write_json(answers: Sequence[Answer]) -> dict[str, Any]:
    """Everything as plain values."""
    first = answers[0].outcome
    return {
        "scenarios": [
            answer.scenario.model_dump()
            | {"seconds": answer.seconds}
            | _figures(answer.outcome)
            | {"borne": answer.outcome.borne, "by_county": answer.outcome.by_county}
            | {"left": answer.outcome.left, "against_first": _against(first, answer.outcome)}
            | {
                "pools": [
                    {
                        "pool": proof.pool,
                        "workers": proof.workers,
                        "cost_fen": proof.cost_fen,
                        "bound_fen": proof.bound_fen,
                    }
                    for proof in answer.outcome.proofs
                ]
            }
            for answer in answers
        ]
    }


def write_csv(answers: Sequence[Answer], path: Path) -> None:
    """One line a figure: scenario, measure, whose, value (amounts in fen)."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # Excel asks for the mark
        writer = csv.writer(file)
        writer.writerow(("scenario", "measure", "who", "value"))
        for answer in answers:
            for measure, who, value in _lines(answer.outcome):
                writer.writerow((answer.scenario.name, measure, who, "" if value is None else value))


def write_picture(answers: Sequence[Answer], path: Path) -> None:
    """Who bears the cost under each scenario, as SVG; its text is text, in the fonts of whoever opens it."""
    title = "Who bears the charters, in 10,000 yuan 包车费用由谁承担（万元）"
    named = [(answer.scenario.zh, answer.outcome) for answer in answers]
    path.write_text(draw(named, title, list(BOTH.items())) + "\n", "utf-8")


def _figures(one: Outcome) -> dict[str, Any]:
    return {
        "coaches": one.coaches,
        "seats": one.seats,
        "carried": one.carried,
        "left_behind": len(one.left),
        "charter_fen": one.charter_fen,
        "public_fen": one.public_fen,
        "by_kind": one.by_kind,
        "unfunded_coaches": one.unfunded_coaches,
        "unfunded_workers": one.unfunded_workers,
        "unfunded_fen": one.unfunded_fen,
        "objective_fen": one.objective_fen,
        "planned_fen": one.planned_fen,
        "bound_fen": one.bound_fen,
        "gap": one.gap,
    }


def _lines(one: Outcome) -> Iterator[tuple[str, str, int | float | None]]:
    for measure, value in _figures(one).items():
        if measure == "by_kind":
            yield from (("borne_fen", kind, fen) for kind, fen in value.items())
        else:
            yield measure, "", value
    yield from (("borne_fen", account, fen) for account, fen in sorted(one.borne.items()))
    yield from (("carried", county, workers) for county, workers in sorted(one.by_county.items()))
    for proof in one.proofs:
        yield "planned_fen", proof.pool, proof.cost_fen
        yield "bound_fen", proof.pool, proof.bound_fen


def _against(first: Outcome, one: Outcome) -> dict[str, Any]:
    found = compare(first, one)

    def plain(shifts: Sequence[Shift]) -> list[dict[str, Any]]:
        return [{"who": one.who, "before": one.before, "after": one.after} for one in shifts]

    return {
        "payers": plain(found.payers),
        "enterprises": plain(found.enterprises),
        "workers": plain(found.workers),
        "counties": plain(found.counties),
        "seated": sorted(found.seated),
        "left": sorted(found.left),
        "objective_fen_proven": proven_change(first, one),
    }


def _side_by_side(answers: Sequence[Answer]) -> Table:
    table = Table(title="What each rule comes to, yuan 各方案对比（元）")
    table.add_column()
    for answer in answers:
        scenario = answer.scenario
        table.add_column(f"{scenario.name}\n{scenario.zh}\n{scenario.en}", justify="right")
    outcomes = [answer.outcome for answer in answers]
    first = outcomes[0]
    kinds = [kind for kind in KINDS if any(one.by_kind[kind] for one in outcomes)]
    rows: dict[str, list[str]] = {
        "workers carried 已安排": [f"{one.carried:,}" for one in outcomes],
        "left behind 未安排": [f"{len(one.left):,}" for one in outcomes],
        "coaches 车次": [f"{one.coaches:,}" for one in outcomes],
        "seats used 座位利用": [f"{one.carried / one.seats:.1%}" if one.seats else "-" for one in outcomes],
        "charters 包车费用": [yuan(one.charter_fen) for one in outcomes],
        **{f"  {BOTH[kind]}": [yuan(one.by_kind[kind]) for one in outcomes] for kind in kinds},
        "without subsidy: coaches 无补贴车次": [f"{one.unfunded_coaches:,}" for one in outcomes],
        "  workers on them 其乘客": [f"{one.unfunded_workers:,}" for one in outcomes],
        "  their charters 其费用": [yuan(one.unfunded_fen) for one in outcomes],
        "by the objective 按编排目标": [
            "-" if one.objective_fen is None else yuan(one.objective_fen) for one in outcomes
        ],
        "  proven bound 已证下界": [
            "-" if one.bound_fen is None else yuan(one.bound_fen) for one in outcomes
        ],
        "  gap 差距": ["-" if one.gap is None else f"{one.gap:.2%}" for one in outcomes],
        "against the first: charters 与首列相比": [
            _signed(one.charter_fen - first.charter_fen) for one in outcomes
        ],
        **{
            f"  {BOTH[kind]} ±": [_signed(one.by_kind[kind] - first.by_kind[kind]) for one in outcomes]
            for kind in kinds
        },
    }
    rows["  by the objective, proven 按编排目标，已证范围"] = [
        "-",
        *(_range(first, one) for one in outcomes[1:]),
    ]
    against = [compare(first, one) for one in outcomes]
    rows["payers that bear less / more 出资方减负/增负"] = [_split(one.payers) for one in against]
    rows["enterprises that bear less / more 企业减负/增负"] = [_split(one.enterprises) for one in against]
    rows["workers who gain / lose a seat 新增/失去座位"] = [
        f"{len(one.seated)} / {len(one.left)}" for one in against
    ]
    for name, cells in rows.items():
        table.add_row(name, *cells)
    return table


def _range(first: Outcome, one: Outcome) -> str:
    found = proven_change(first, one)
    return "-" if found is None else f"{_signed(found[0])}\n… {_signed(found[1])}"


def _split(shifts: Sequence[Shift]) -> str:
    return f"{sum(one.change < 0 for one in shifts)} / {sum(one.change > 0 for one in shifts)}"


def _signed(fen: int) -> str:
    return f"+{yuan(fen)}" if fen > 0 else yuan(fen) if fen else "0"


def _who(first: Answer, answer: Answer, enterprises: Mapping[str, str]) -> Table:
    found = compare(first.outcome, answer.outcome)
    title = (
        f"{answer.scenario.name} against {first.scenario.name}: who bears less and more 谁减负、谁增负（元）"
    )
    table = Table(title=title)
    table.add_column("who 承担方")
    for heading in ("before 原", "after 现", "change 变化"):
        table.add_column(heading, justify="right")
    for shifts in (found.payers, found.enterprises, found.workers):
        for part in ([s for s in shifts if s.change < 0], [s for s in shifts if s.change > 0]):
            for one in part[:SHOWN]:
                name = name_of(one.who, enterprises)
                table.add_row(name, yuan(one.before), yuan(one.after), _signed(one.change))
            if len(part) > SHOWN:
                rest = sum(one.change for one in part[SHOWN:])
                table.add_row(f"… {len(part) - SHOWN} more 其余", "", "", _signed(rest), style="dim")
    return table


def name_of(account: str, enterprises: Mapping[str, str]) -> str:
    """Whose account it is, as people say it."""
    kind, _, rest = account.partition(":")
    if kind == "enterprise":
        return enterprises.get(rest.rpartition(":")[0], rest)
    code = rest.removeprefix(f"{kind_of(account)}:").partition(":")[0]
    return f"{place_word(code)} {BOTH[kind_of(account)]}"
