"""`zhida demo`: lives the day, or the year after it, prints its figures, says what did not come out, and serves the pages."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

from rich.console import Console

from services.day import PROVINCE, Day, Figures, Office, Outcome, claim_and_pay, live
from services.demo.report import table_of, trace_line
from services.demo.stage import progress_bars, set_stage
from services.demo.year import year_table
from services.sample import write_sample
from services.year import Outcome as YearOutcome
from services.year import live_year
from shared.kernel.clock import SHANGHAI, ReplayClock
from shared.kernel.errors import ZhidaError
from shared.security import Role

DAY = date(2020, 2, 24)
MORNING_BEFORE = datetime.combine(DAY - timedelta(days=1), time(9), SHANGHAI)
EVENING_AFTER = datetime.combine(DAY + timedelta(days=2), time(20), SHANGHAI)
"""When the last coach has arrived: the longest way takes about 40 hours."""
NOTICES_OVER = EVENING_AFTER + timedelta(days=13)
"""When the public notices of the claims, five working days, have run."""
console = Console()


class TraceBroken(ZhidaError):
    """Claim {claim_id} cannot be traced whole: {gap}"""

    zh = "申报 {claim_id} 的资金不能完整追溯：{gap}"


def run_demo(
    *, once: bool, people: int, seed: int, port: int, kafka: str | None, database: str | None
) -> int:
    """Live the day, print its figures, serve the pages until Ctrl-C unless `once`; gives the exit status.

    0 only if every stage came out; otherwise what did not is said, and the log is kept and named.
    """
    with set_stage(console, MORNING_BEFORE, port=port, kafka=kafka, database=database) as stage:
        day, batches, claims = _live(stage.office, stage.folder / "season", stage.clock, people, seed)
        figures = Figures.of(day)
        console.print(table_of(figures, DAY, batches, claims))
        faults = [*figures.list_faults(), *_trace(stage.office, claims)]
        for fault in faults:
            console.print(fault.message("zh"), fault.message("en"), sep="\n", style="red", markup=False)
        if not once:
            stage.end_on_signals()
            _print_links(stage.office, day)
            stage.run.wait()
        stage.came_out = not faults and not stage.run.failed
    return 0 if stage.came_out else 1


def run_year(
    *, once: bool, people: int, seed: int, port: int, kafka: str | None, database: str | None
) -> int:
    """Live a smaller day and the year after it in one county, print what it came to, serve the pages; gives the exit status."""
    with set_stage(console, MORNING_BEFORE, port=port, kafka=kafka, database=database) as stage:
        with progress_bars(console) as progress:
            day = Day(stage.office, stage.folder / "season", DAY, progress=progress)
            outcome = live_year(day, stage.clock, people=people, seed=seed)
        console.print(year_table(outcome, DAY, day.seconds))
        if not once:
            stage.end_on_signals()
            _print_year_links(stage.office, outcome)
            stage.run.wait()
        stage.came_out = not stage.run.failed
    return 0 if stage.came_out else 1


def _live(
    office: Office, season: Path, clock: ReplayClock, people: int, seed: int
) -> tuple[Day, int, Outcome]:
    """The day from its files to its money, how many batches the files have, and what became of the claims."""
    with progress_bars(console) as progress:
        day = Day(office, season, DAY, progress=progress)
        with day.stage("sample written"):
            sample = write_sample(season, people=people, start=DAY, seed=seed)
        live(day, lambda: clock.jump_to(EVENING_AFTER))
        with day.stage("claimed and paid"):
            claims = claim_and_pay(day, lambda: clock.jump_to(NOTICES_OVER))
    return day, sample.batches, claims


def _trace(office: Office, claims: Outcome) -> list[ZhidaError]:
    """Trace a claim that was paid, the one refused and the one clawed back to the rows of their files; a missing link is a fault."""
    audit, faults = office.token(Role.AUDIT, PROVINCE), list[ZhidaError]()
    for claim in (*claims.paid[:1], claims.rejected, claims.clawed_back):
        if claim is not None:
            answer = office.call(audit, "dispatcher", "GET", f"/api/trace/{claim['claim_id']}")
            console.print(trace_line(answer), highlight=False)
            faults += [TraceBroken(claim_id=claim["claim_id"], gap=gap["en"]) for gap in answer["gaps"]]
    return faults


def _print_links(office: Office, day: Day) -> None:
    """A sign-in link for each role, with something of this day to look at behind it."""
    trip = day.trips()[0]
    enterprise_id = day.riders(trip)[0]["enterprise_id"]
    county_code = trip["trip_id"].split("-")[1]
    audit = office.token(Role.AUDIT, PROVINCE)
    enterprises = office.call(audit, "registry", "GET", "/api/enterprises")
    enterprise = next(one["name"] for one in enterprises if one["enterprise_id"] == enterprise_id)
    links = (
        ("bureau 人社局", "registry", office.token(Role.BUREAU, county_code)),
        ("dispatcher 调度员", "dispatcher", office.token(Role.DISPATCHER, PROVINCE)),
        ("enterprise 企业", "notifier", office.token(Role.ENTERPRISE, "", enterprise_id, enterprise)),
        (
            "carrier 承运企业",
            "notifier",
            office.token(Role.CARRIER, "", trip["carrier_id"], trip["carrier_name"]),
        ),
        ("finance 财政", "dispatcher", office.token(Role.FINANCE, PROVINCE)),
        ("audit 审计", "dispatcher", audit),
        ("operator 运维", "notifier", office.token(Role.OPERATOR, PROVINCE)),
    )
    dispatcher = office.urls["dispatcher"]
    console.print(f"zhida trace C-... --url {dispatcher} --token {audit}", soft_wrap=True, highlight=False)
    for who, service, token in links:
        console.print(f"{who}: {office.urls[service]}/sign-in#token={token}", soft_wrap=True, highlight=False)
    console.print("Ctrl-C ends. 按 Ctrl-C 结束。")


def _print_year_links(office: Office, outcome: YearOutcome) -> None:
    """A sign-in link for each who has a part in the year."""
    county_code = outcome.county_code
    links = (
        ("bureau 人社局", office.token(Role.BUREAU, county_code)),
        ("helper 帮扶责任人", office.token(Role.HELPER, county_code, subject=outcome.helpers[0])),
        ("rights office 维权机构", office.token(Role.RIGHTS, outcome.work_area)),
        ("audit 审计", office.token(Role.AUDIT, PROVINCE)),
    )
    for who, token in links:
        address = f"{office.urls['registry']}/sign-in#token={token}"
        console.print(f"{who}: {address}", soft_wrap=True, highlight=False)
    console.print("Ctrl-C ends. 按 Ctrl-C 结束。")
