"""A day's sample for the services' doors, and what the world outside saw of it; refuses to judge what came of it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import openpyxl
import yaml

from services.sample import write_sample
from shared import roster
from shared.kernel.clock import SHANGHAI, SystemClock, local_date
from tests.journeys.parts import SERVICES, Parts
from tests.journeys.reckoning import Sendings

SAMPLE_SEED = 1
_MESSAGE_ID = re.compile(r"<(.+)@")


def tomorrow() -> date:
    """The services refuse a day that is over, and the clock of a real process is the real one."""
    return local_date(SystemClock().now()) + timedelta(days=1)


def all_arrived(day: date) -> datetime:
    """When the last coach has arrived: the longest way takes about 40 hours."""
    return datetime.combine(day + timedelta(days=2), time(20), SHANGHAI)


def write_season(folder: Path, people: int, day: date) -> dict[str, Any]:
    """Write about `people` workers who leave on `day`; gives the policy as its file says it."""
    write_sample(folder, people=people, start=day, seed=SAMPLE_SEED)
    policy: dict[str, Any] = yaml.safe_load((folder / "policy.yaml").read_text(encoding="utf-8"))
    return policy


def planted(folder: Path) -> set[str]:
    """Every name, resident ID and phone of a season's rosters. Names of two characters are left out: a township or
    a gate may be called so too."""
    columns = [number for number, column in enumerate(roster.COLUMNS) if column.key in _PERSONAL]
    assert len(columns) == len(_PERSONAL)
    found: set[str] = set()
    for path in (folder / "rosters").iterdir():
        book = openpyxl.load_workbook(path, read_only=True)
        for row in book.worksheets[0].iter_rows(min_row=2, values_only=True):
            found |= {str(row[number]) for number in columns if len(str(row[number])) > 2}
        book.close()
    return found


_PERSONAL = ("name", "resident_id", "phone")


def found_in_files(folder: Path, texts: Iterable[str]) -> set[str]:
    """Those of these texts that stand in a file below the folder, as they are or as JSON escapes them, with the file's name."""
    written = {form: text for text in texts for form in (text.encode(), json.dumps(text)[1:-1].encode())}
    either = re.compile(b"|".join(sorted(map(re.escape, written))))
    return {
        f"{path.name}: {written[found]}"
        for path in folder.rglob("*")
        if path.is_file()
        for found in either.findall(path.read_bytes())
    }


def leaks(parts: Parts, personal: Iterable[str]) -> list[str]:
    """The lines of the services' logs in which one of these texts stands."""
    either = re.compile("|".join(sorted(map(re.escape, personal))))
    return [
        f"{name}: {line}"
        for name in SERVICES
        for line in parts.log(name).read_text(encoding="utf-8").splitlines()
        if either.search(line)
    ]


def log_records(log: Path) -> Iterator[dict[str, Any]]:
    """The lines of a service's log, over all its lives."""
    for line in log.read_text(encoding="utf-8").splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def sendings(notifier_log: Path, mails: Iterable[EmailMessage]) -> Sendings:
    """What left the notifier, by idempotency key: texts from the console provider's lines, mails by Message-ID."""
    seen: dict[str, list[str]] = defaultdict(list)
    for record in log_records(notifier_log):
        if "idempotency_key" in record:
            seen[record["idempotency_key"]].append(record["message"])
    for mail in mails:
        key = _MESSAGE_ID.match(mail["Message-ID"])
        assert key is not None, mail["Message-ID"]
        seen[key.group(1)].append(f"{mail['To']} {mail['Subject']} {mail.get_content()}")
    return seen
