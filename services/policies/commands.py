"""`zhida policy` and its sub-commands; what they find is told in Chinese and English. Imports the rules only when it runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from services.output import open_output
from shared.kernel.money import yuan

if TYPE_CHECKING:
    from services.dispatcher.money.rules.policy import Policy
    from services.dispatcher.money.rules.review import Remark
    from services.policies.compare import Effect
    from services.registry.domain.rewards.rule import Rule

app = typer.Typer(
    help="Policies, tariffs and rules of rewards as files: check, compare, list the presets.",
    no_args_is_help=True,
)

HOW = (
    "政府支付金额（元），旧 → 新；整车为一家企业的人员，班次的日期和目的地均符合该政策；超员：载客率上限不允许。\n"
    "What government pays, yuan, old → new: a coach of one enterprise's workers, on a day and to a place that the policy pays "
    "for; 超员: more than its load factor allows."
)

Named = Annotated[str, typer.Argument(help="A file, FILE#id@version, or the name of a preset.")]


@app.command("list")
def show() -> None:
    """List the policies and rules of rewards that come with Zhida, with their source."""
    from services.dispatcher.intake.presets import list_presets, read_preset
    from services.registry.intake.reward_presets import presets

    for name in list_presets():
        policy = read_preset(name)
        typer.echo(f"{name}  {policy.name}  {policy.valid_from} – {policy.valid_to or ''}")
        typer.echo(f"  {policy.source}")
    for name, rule in presets().items():
        typer.echo(f"{name}  {rule.name.zh}  {rule.valid_from} – {rule.valid_to or ''}")
        typer.echo(f"  {rule.source.en}")


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="YAML files.")],
) -> None:
    """Check files of policies, tariffs or rules of rewards: every fault with its line and mend, and what is hardly meant. Status 1 on a fault."""
    from services.policies.check import check_files

    checked, remarks = check_files(files)
    for file in checked:
        found = (
            f"政策 {len(file.policies)} policies",
            f"价目 {len(file.tariffs)} tariffs",
            f"奖补规则 {len(file.rewards)} rules of rewards",
            f"错误 {len(file.faults)} faults",
        )
        typer.echo(f"{file.path}: {', '.join(found)}")
        for fault in file.faults:
            _tell(fault)
    if remarks:
        typer.echo(f"提醒 {len(remarks)} warnings")
    for remark in remarks:
        _tell(remark)
    if any(file.faults for file in checked):
        raise typer.Exit(1)


@app.command()
def diff(old: Named, new: Named) -> None:
    """Tell two policies or rules of rewards apart: each field that changed, and what is paid for the same before and after."""
    from services.policies.compare import list_changes
    from services.policies.words import label

    before, after = _find(old, new)
    changes = list_changes(before, after)
    if not changes:
        typer.echo("没有改动。 Nothing changed.")
        return
    out = open_output(140)
    heads = ("项目", "field", before.key, after.key)
    table = Table(*(Column(head, overflow="fold") for head in heads), title="改动 What changed")
    for change in changes:
        table.add_row(
            *label(type(before), change.path), *(escape(said or "—") for said in (change.old, change.new))
        )
    out.print(table)
    for effect in _effects(before, after):
        out.print(effect)


def _effects(before: "Policy | Rule", after: "Policy | Rule") -> "Iterator[Table | str]":
    """What both pay for the same, as tables, and how to read them."""
    from services.dispatcher.money.rules.policy import Policy
    from services.policies.compare import list_effects, list_rewards
    from services.registry.domain.rewards.rule import Rule

    if isinstance(before, Policy) and isinstance(after, Policy):
        effects = list_effects(before, after)
        yield from (_effects_table(effect, alone=len(effects) == 1) for effect in effects)
        yield HOW
    if isinstance(before, Rule) and isinstance(after, Rule) and (paid := list_rewards(before, after)):
        table = Table(
            "符合条件的人数 workers who qualify",
            title="每家合计奖补（元），旧 → 新 A claimant's reward, yuan",
        )
        table.add_column("旧 → 新 old → new", justify="right")
        for heads, *pair in paid:
            table.add_row(str(heads), _pair(*pair))
        yield table


def _effects_table(effect: "Effect", *, alone: bool) -> Table:
    from services.policies.compare import CHARTERS_FEN, COACHES
    from services.policies.words import say

    who = "; ".join(f"{say((), mode)} / {say((), category)}" for mode, category in effect.who)
    table = Table("包车费用 charter", title="全体人员 everybody" if alone else f"如 such as: {who}")
    for heads, seats in COACHES:
        table.add_column(f"{heads} 人 / {seats} 座 seats", justify="right")
    for charter_fen, row in zip(CHARTERS_FEN, effect.fen, strict=True):
        table.add_row(yuan(charter_fen), *(_pair(*cell) for cell in row))
    return table


def _pair(before: int | None, after: int | None) -> str:
    old, new = ("超员" if fen is None else yuan(fen) for fen in (before, after))
    return old if old == new else f"{old} → {new}"


def _find(old: str, new: str) -> "tuple[Policy, Policy] | tuple[Rule, Rule]":
    """The two of those names; a file's faults are told one by one."""
    from services.policies.check import list_faults
    from services.policies.compare import find_two
    from shared.rules.versions import LinesInvalid

    try:
        return find_two(old, new)
    except LinesInvalid as error:
        for fault in list_faults(error):
            _tell(fault)
        raise


def _tell(remark: "Remark") -> None:
    lines = (remark.key, f"  {remark.zh}", f"  {remark.en}")
    typer.echo("".join(f"  {line}\n" for line in lines if line).rstrip("\n"))
