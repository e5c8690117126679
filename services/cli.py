"""`zhida`: one command, one sub-command per job; imports a service only when it runs it."""

import json
import os
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.bench import commands as bench
from services.ledger import commands as ledger
from services.output import open_output
from services.policies import commands as policies
from services.privacy import commands as privacy
from shared.kernel.errors import Conflict, InvalidInput, ZhidaError

if TYPE_CHECKING:
    from shared.runtime import Service
    from shared.settings import ServiceSettings

app = typer.Typer(
    name="zhida",
    help="Zhida 直达: group, route, hand over and settle chartered coaches for returning workers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local values could show a key
)
app.add_typer(bench.app, name="bench")
app.add_typer(policies.app, name="policy")
app.add_typer(ledger.app, name="ledger")
app.add_typer(privacy.vault, name="vault")
app.command()(privacy.retention)
console = Console(stderr=True)


class ServiceName(StrEnum):
    """What can be served."""

    REGISTRY = "registry"
    DISPATCHER = "dispatcher"
    NOTIFIER = "notifier"
    PLANNER = "planner"


class RoleName(StrEnum):
    """Whom a token can be made for: `shared.security.Role` without the services' own."""

    BUREAU = "bureau"
    DISPATCHER = "dispatcher"
    ENTERPRISE = "enterprise"
    CARRIER = "carrier"
    FINANCE = "finance"
    AUDIT = "audit"
    OPERATOR = "operator"
    HELPER = "helper"
    RIGHTS = "rights"


class TimeUnclear(InvalidInput):
    """--since is {given}, which is no time with its offset. Write it as 2027-03-01T08:00+08:00."""

    zh = "--since 为 {given}，不是带时区偏移的时间。请写成 2027-03-01T08:00+08:00。"


class TwoBeginnings(InvalidInput):
    """--since and --from-sequence both say where to begin. Give only one of them."""

    zh = "--since 与 --from-sequence 都指定了起点。请只给其中一个。"


class NoWorkers(InvalidInput):
    """--workers is given for {service}, which plans nothing. Leave it out, or serve the planner."""

    zh = "为 {service} 指定了 --workers，而它不做规划。请去掉该选项，或运行 planner。"


class NoBroker(Conflict):
    """ZHIDA_BUS is embedded: the outbox itself is read, and there is no broker to fill again. Set the environment of the
    service that runs on kafka."""

    zh = "ZHIDA_BUS 为 embedded：直接读取发件表，没有需要重新填充的消息代理。请使用以 kafka 运行的服务的环境变量。"


def progress_bar() -> Progress:
    """The bar that all long work shows, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="Folder to write to; made if missing.")],
    people: Annotated[int, typer.Option(min=1, help="Workers in all.")] = 6822,
    days: Annotated[int, typer.Option(min=1, help="Days of departure.")] = 1,
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day.")] = datetime(2020, 2, 24),  # noqa: DTZ001 - a calendar day
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 1,
) -> None:
    """Write a season as bureaus send it: rosters, enterprises, fleet, tariffs, policy. All people are invented."""
    from services.sample import write_sample

    with progress_bar() as bar:
        task = bar.add_task("rosters", total=None)
        summary = write_sample(
            out,
            people=people,
            days=days,
            start=start.date(),
            seed=seed,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    console.print(summary)


class FiguresName(StrEnum):
    """Whose published sums a population has."""

    OCT_2021 = "oct-2021"
    Q3_2024 = "q3-2024"


@app.command()
def population(
    out: Annotated[Path, typer.Option(help="Folder to write to; made if missing.")],
    share: Annotated[float, typer.Option(min=0.0001, max=1.0, help="Of the population; 1 is all.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 1,
    figures: Annotated[FiguresName, typer.Option(help="Whose published sums it has.")] = FiguresName.OCT_2021,
    workers_only: Annotated[bool, typer.Option("--workers-only", help="Leave out who cannot work.")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="XLSX in the place of CSV: for small shares.")] = False,
) -> None:
    """Write the registers of the relocated population, a file a county, with the published sums. All people are invented."""
    from services.sample.population import MARGINALS, write_population

    with progress_bar() as bar:
        task = bar.add_task("people", total=None)
        summary = write_population(
            out,
            MARGINALS[figures].of_share(share),
            seed,
            workers_only=workers_only,
            xlsx=xlsx,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    console.print(summary)


class EngineName(StrEnum):
    """What plans."""

    COLUMNS = "columns"
    ROUTING = "routing"
    FIRSTFIT = "firstfit"
    SEPARATE = "separate"


@app.command()
def plan(
    problem: Annotated[
        Path, typer.Argument(exists=True, help="A zhida.problem/1 file, or a folder of them.")
    ],
    out: Annotated[
        Path, typer.Option(help="The zhida.plan/1 file to write, or the folder for those of a folder.")
    ],
    seconds: Annotated[float | None, typer.Option(help="Seconds that each search may take.")] = None,
    work: Annotated[
        int | None, typer.Option(help="Work that each may do: the same work, the same plan.")
    ] = None,
    gap: Annotated[
        float | None,
        typer.Option(help="End as soon as a plan is proven to cost no more than 1 + gap times the least."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Steers what is left to chance.")] = 0,
    engine: Annotated[EngineName, typer.Option(help="The planning engine.")] = EngineName.COLUMNS,
) -> None:
    """Plan a problem file, or all of a folder on all cores; `zhida verify` says how good it is. Ctrl-C gives the best plan so far."""
    from services.dispatcher.planning import Params, Stop
    from services.plans import Search, plan_file, plan_folder

    search = Search(Stop(seconds, work, gap), seed, Params(engine))
    if not problem.is_dir():
        with console.status("planning ...") as status:

            def tell(cost_fen: int, bound_fen: int) -> None:
                above = f"{cost_fen / bound_fen - 1:.3%}" if bound_fen else "unknown"
                status.update(
                    f"cost {cost_fen / 100:,.2f} yuan, bound {bound_fen / 100:,.2f} yuan, gap {above}"
                )

            plan_file(problem, out, search, tell)
        return
    with progress_bar() as bar:
        task = bar.add_task("planned", total=None)
        plan_folder(problem, out, search, lambda done, total: bar.update(task, completed=done, total=total))


@app.command()
def verify(
    problem: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The zhida.problem/1 file.")],
    plan: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The zhida.plan/1 file.")],
) -> None:
    """Check a plan and its certificate independently: one JSON object, and status 1 unless both hold."""
    from services.plans import verify as check

    found = check(problem, plan)
    typer.echo(json.dumps(found, ensure_ascii=False))
    if not found["feasible"] or found["certificate"] != "valid":
        raise typer.Exit(1)


class ObjectiveName(StrEnum):
    """What a plan is judged by."""

    CHARTER = "charter"
    PUBLIC = "public"
    PUBLIC_THEN_CHARTER = "public, then charter"


@app.command()
def lab(
    season: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="A folder as `zhida sample` writes it.")
    ],
    scenarios: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="What to ask (YAML); without it the questions of services/lab/questions.yaml.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Instead: one change beside the rules as they are, such as min_passengers_vehicle=20, cap_vehicle_fen=null,"
            " load_factor_percent=100, provisions.0.rule.rate_percent=60, tariff_percent=110; may be given more than once.",
        ),
    ] = None,
    reprice: Annotated[
        bool,
        typer.Option(
            "--reprice", help="With --set: the same coaches at the changed rules, not planned again."
        ),
    ] = False,
    objective: Annotated[
        ObjectiveName, typer.Option(help="With --set: what plans are judged by.")
    ] = ObjectiveName.PUBLIC_THEN_CHARTER,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only who may leave from this day on; without it, all days."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.05, help="For the search of each pool.")] = 3.0,
    cores: Annotated[int, typer.Option(min=1, help="Processes.")] = os.cpu_count() or 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write everything here.")] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Also write every figure here, one a line.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Also draw who bears the cost here, as SVG.")] = None,
) -> None:
    """What another floor, cap, rate, load factor or tariff would cost whom: a season's files planned again under each, side by side."""
    from services.lab import report
    from services.lab.run import run_lab
    from services.lab.scenarios import QUESTIONS, ask, read_questions
    from services.lab.season import read_season

    asked = (
        ask(settings, objective.value, replan=not reprice)
        if settings
        else read_questions(scenarios or QUESTIONS)
    )
    with progress_bar() as bar:
        task = bar.add_task("pools 批次", total=None)
        read = read_season(season)
        read = read.only(day.date()) if day else read
        answers = run_lab(
            read, asked, seconds, cores, lambda done, total: bar.update(task, completed=done, total=total)
        )
    out = open_output(200)
    report.print_answers(answers, read.enterprises, out)
    if read.refused:
        console.print(f"{read.refused} rows of the rosters would be sent back 未通过校验的行")
    if json_file:
        text = json.dumps(report.write_json(answers), ensure_ascii=False, indent=2)
        json_file.write_text(text + "\n", "utf-8")
    if csv_file:
        report.write_csv(answers, csv_file)
    if plot:
        report.write_picture(answers, plot)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the summary.")] = False,
    year: Annotated[
        bool, typer.Option("--year", help="Live a smaller day, and the year after it in one county.")
    ] = False,
    people: Annotated[
        int | None, typer.Option(min=1, help="Workers of the day.", show_default="6822, of a year 300")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 1,
    port: Annotated[int, typer.Option(help="Port of the pages on 127.0.0.1; 0 takes a free one.")] = 8000,
    kafka: Annotated[
        str | None, typer.Option(help="Use this Apache Kafka instead of the embedded bus.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="Use this PostgreSQL server instead of the embedded one.")
    ] = None,
) -> None:
    """One day, 24 February 2020, from roster files to settled subsidies, in one process; or the year after it."""
    from services.demo import run_demo, run_year

    live, usual = (run_year, 300) if year else (run_demo, 6822)
    status = live(once=once, people=people or usual, seed=seed, port=port, kafka=kafka, database=database)
    raise typer.Exit(status)


@app.command()
def serve(
    service: Annotated[ServiceName, typer.Argument(help="Which service to run.")],
    workers: Annotated[
        int | None, typer.Option(min=1, help="Of the planner: processes that plan; one a core without.")
    ] = None,
) -> None:
    """Run one service for real, configured by the environment (deploy/examples has every setting).

    Without ZHIDA_DATABASE_URL it runs on the PostgreSQL that is embedded in .data, beside the other three.
    """
    from shared import logs
    from shared.runtime import serve as run

    if workers is not None:
        if service is not ServiceName.PLANNER:
            raise NoWorkers(service=service)
        os.environ["ZHIDA_WORKERS"] = str(workers)
    settings, built = _build(service)
    logs.configure(service, settings.log_level)
    run({"": built}, settings.host, settings.port)


def _build(service: str) -> tuple["ServiceSettings", "Service"]:
    """A service, wired by the environment, and its settings."""
    from importlib import import_module

    if "ZHIDA_DATABASE_URL" not in os.environ:
        _embed(service)
    settings_class = getattr(import_module(f"services.{service}.settings"), f"{service.capitalize()}Settings")
    settings: ServiceSettings = settings_class()
    built: Service = import_module(f"services.{service}.service").build(settings)
    return settings, built


def _embed(service: str) -> None:
    """Let the environment name the embedded databases, its own and those whose outboxes it may read."""
    from shared.embedded import EmbeddedPostgres

    server = EmbeddedPostgres(Path(".data"))
    os.environ["ZHIDA_DATABASE_URL"] = server.url(service)
    for name in ServiceName:
        os.environ.setdefault(f"ZHIDA_{name.upper()}_DATABASE_URL", server.url(name))


@app.command()
def deadletters(
    service: Annotated[ServiceName, typer.Argument(help="Whose.")],
    replay: Annotated[
        list[str] | None, typer.Option(help="Ids to take in again; `all` for every one.")
    ] = None,
) -> None:
    """List what a service could not use, with its cause; or take it in again once the cause is mended."""
    from shared.messaging import Consumer

    _, built = _build(service)
    consumer = next(worker for worker in built.workers if isinstance(worker, Consumer))
    try:
        letters = consumer.list_dead()
        if not replay:
            for letter in letters:
                typer.echo(
                    f"{letter.id}  {letter.at:%Y-%m-%d %H:%M}  {letter.message.coordinates}  {letter.cause}: {letter.detail}"
                )
            return
        result = consumer.replay([letter.id for letter in letters] if replay == ["all"] else replay)
        typer.echo(
            f"taken in {len(result.done)}, known already {len(result.duplicates)}, refused {len(result.refused)}"
        )
        for identity, cause in result.refused.items():
            typer.echo(f"{identity}  {cause}")
        if result.refused:
            raise typer.Exit(1)
    finally:
        built.close()


@app.command()
def tracking_months() -> None:
    """Make now the tasks of every month that has begun, instead of within the hour; a second time changes nothing."""
    from services.registry.usecases.tracking.months import Monthly

    _, built = _build(ServiceName.REGISTRY)
    try:
        monthly = next(worker for worker in built.workers if isinstance(worker, Monthly))
        for month, tasks in monthly.look().items():
            typer.echo(f"{month:%Y-%m}  {tasks}")
    finally:
        built.close()


@app.command()
def republish(
    service: Annotated[ServiceName, typer.Argument(help="Whose outbox.")],
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Only what was told from then on: 2027-03-01T08:00+08:00."),
    ] = None,
    from_sequence: Annotated[
        int | None, typer.Option(metavar="N", help="Only from this row of the outbox on.")
    ] = None,
) -> None:
    """Tell again what a service has told, all that its outbox keeps: for a broker that lost its log, or a service
    whose database was restored. Who has taken it in already drops it."""
    from shared.messaging import Relay

    if since is not None and from_sequence is not None:
        raise TwoBeginnings
    begin = _instant(since) if since is not None else None
    _, built = _build(service)
    try:
        relay = next((worker for worker in built.workers if isinstance(worker, Relay)), None)
        if relay is None:
            raise NoBroker
        typer.echo(f"told again {relay.republish(since=begin, from_seq=from_sequence or 0)}")
    finally:
        built.close()


def _instant(text: str) -> datetime:
    """`--since` as it was typed. Raises TimeUnclear."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise TimeUnclear(given=text) from None
    if instant.tzinfo is None:
        raise TimeUnclear(given=text)
    return instant


@app.command()
def trace(
    key: Annotated[str, typer.Argument(help="Id of a trip, a claim, a transfer, a voucher or a request.")],
    url: Annotated[str, typer.Option(help="The dispatcher's address.")] = "http://127.0.0.1:8000/dispatcher",
    token: Annotated[
        str | None,
        typer.Option(envvar="ZHIDA_TOKEN", help="Whose trace it is: zhida token --role audit --area 52."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as it is, every digit.")] = False,
) -> None:
    """From any fen back to the row of the roster's file, and from any worker to every fen spent. Status 1 where a link is missing
    or does not agree."""
    from services.trace import ask, render

    answer = ask(url, token, key)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        open_output(200).print(render(answer))
    if not answer["whole"]:
        raise typer.Exit(1)


@app.command()
def docs(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where one has drifted.")
    ] = False,
) -> None:
    """Write the documents that come from the code: OpenAPI, AsyncAPI, example settings."""
    from services.docs import check_documents, write_documents

    root = Path(__file__).parent.parent
    if check:
        check_documents(root)
    else:
        for path in write_documents(root):
            typer.echo(str(path.relative_to(root)))


@app.command()
def token(
    role: Annotated[list[RoleName], typer.Option(help="May be given more than once.")],
    area: Annotated[
        list[str] | None, typer.Option(help="Area code or its beginning: 522732, 5227, 52.")
    ] = None,
    organisation: Annotated[
        str | None, typer.Option(help="Enterprise's social credit code, or carrier id.")
    ] = None,
    name: Annotated[str, typer.Option(help="Who it is for; shown on pages.")] = "",
    hours: Annotated[int, typer.Option(min=1, max=24 * 90)] = 12,
    link: Annotated[
        str | None, typer.Option(help="A service's address: print a sign-in link instead of the bare token.")
    ] = None,
) -> None:
    """Print a bearer token that expires. The signing key is that of ZHIDA_SIGNING_KEY_FILE."""
    from shared.kernel.clock import SystemClock
    from shared.security import Keyring, Principal, Role, tokens

    principal = Principal(
        subject=name or role[0],
        roles=frozenset(Role(r) for r in role),
        areas=tuple(area or ()),
        organisation=organisation,
        name=name or role[0],
    )
    keyring = Keyring.from_file(Path(os.environ.get("ZHIDA_SIGNING_KEY_FILE", ".data/keys/signing.key")))
    text = tokens.issue(keyring, principal, timedelta(hours=hours), SystemClock())
    typer.echo(f"{link.rstrip('/')}/sign-in#token={text}" if link else text)


@app.command()
def keys(
    out: Annotated[Path, typer.Option(help="Folder for the key files.")] = Path(".data/keys"),
) -> None:
    """Make the two secrets of an installation; refuses to overwrite one, for what it sealed would be lost."""
    from shared.security import write_keys

    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in write_keys(out):
        typer.echo(str(path))


def main() -> None:
    """Run the command; an error of ours is told in both languages, without a traceback."""
    try:
        app()
    except ZhidaError as error:
        console.print(f"{error.message('zh')}\n{error.message('en')}", style="red", markup=False)
        raise SystemExit(1) from None
