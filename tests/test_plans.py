"""`zhida plan` and `zhida verify` as somebody types them: files in, files out, and a status that a script can trust."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.cli import app
from services.dispatcher.planning import Params, Stop
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.problem_format import write_problem
from services.plans import Search, plan_file
from shared.kernel.errors import ZhidaError


def type_in(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "n8.json"
    path.write_text(write_problem(invent_corridor(8, 2, gates=3, workers=120)))
    return path


def test_a_plan_is_written_and_verified(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    assert type_in("plan", problem, "--out", out, "--work", "100").exit_code == 0
    verified = type_in("verify", problem, out)
    found = json.loads(verified.stdout)
    assert verified.exit_code == 0
    assert (found["feasible"], found["violations"], found["certificate"]) == (True, [], "valid")
    assert found["gap"] == (found["cost_fen"] - found["bound_fen"]) / found["bound_fen"]
    assert 0 <= found["gap"] < 0.05


def test_the_same_work_writes_the_same_bytes(problem: Path, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        assert (
            type_in("plan", problem, "--out", tmp_path / name, "--work", "50", "--seed", "3").exit_code == 0
        )
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_plan_that_lost_a_trip_is_refused_with_both_reasons(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    type_in("plan", problem, "--out", out, "--work", "50")
    written = json.loads(out.read_text())
    written["trips"].pop()
    out.write_text(json.dumps(written))
    verified = type_in("verify", problem, out)
    found = json.loads(verified.stdout)
    assert verified.exit_code == 1
    assert not found["feasible"]
    assert "party-once" in {violation["rule"] for violation in found["violations"]}
    assert "claims a bound" in found["certificate"]


def test_a_plan_without_a_proof_is_not_verified(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    type_in("plan", problem, "--out", out, "--engine", "firstfit")
    verified = type_in("verify", problem, out)
    found = json.loads(verified.stdout)
    assert verified.exit_code == 1
    assert (found["feasible"], found["bound_fen"], found["gap"]) == (True, None, None)
    assert "no certificate" in found["certificate"]


def test_a_certificate_that_is_none_is_refused_where_it_is_wrong(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    type_in("plan", problem, "--out", out, "--work", "20")
    written = json.loads(out.read_text())
    proof = {"workers": {}, "cuts": [], "splits": [], "dues": [{"coach": 7, "day": 0, "owed": 1}]}
    written["certificate"]["proof"] = proof
    out.write_text(json.dumps(written))
    refused = type_in("verify", problem, out).exception
    assert isinstance(refused, ZhidaError)
    assert "certificate.proof.dues[0].coach" in refused.message("en")
    assert "certificate.proof.dues[0].coach" in refused.message("zh")


def test_good_enough_ends_a_search_that_has_all_day(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    assert type_in("plan", problem, "--out", out, "--seconds", "36000", "--gap", "0.1").exit_code == 0
    found = json.loads(type_in("verify", problem, out).stdout)
    assert found["certificate"] == "valid"
    assert 0 <= found["gap"] <= 0.1


def test_ctrl_c_gives_the_best_plan_so_far(tmp_path: Path) -> None:
    problem, out = tmp_path / "large.json", tmp_path / "plan.json"
    problem.write_text(write_problem(invent_corridor(30, 1)))
    heard = []

    def press(cost_fen: int, bound_fen: int) -> None:
        if not heard:
            os.kill(os.getpid(), signal.SIGINT)
        heard.append((cost_fen, bound_fen))

    before = signal.getsignal(signal.SIGINT)
    plan_file(problem, out, Search(Stop(seconds=36000), 0, Params()), press)
    assert signal.getsignal(signal.SIGINT) == before
    found = json.loads(type_in("verify", problem, out).stdout)
    assert (found["feasible"], found["certificate"]) == (True, "valid")
    assert heard[-1] == (found["cost_fen"], found["bound_fen"])


def test_a_folder_is_planned_whole(tmp_path: Path) -> None:
    folder, out = tmp_path / "pools", tmp_path / "plans"
    folder.mkdir()
    for seed in range(3):
        pool = replace(invent_corridor(4, seed, gates=2, workers=60), name=f"pool-{seed}")
        (folder / f"pool-{seed}.json").write_text(write_problem(pool))
    assert type_in("plan", folder, "--out", out, "--work", "20").exit_code == 0
    for seed in range(3):
        assert type_in("verify", folder / f"pool-{seed}.json", out / f"pool-{seed}.json").exit_code == 0


def test_a_folder_without_problems_says_what_to_name(tmp_path: Path) -> None:
    refused = type_in("plan", tmp_path, "--out", tmp_path / "out")
    assert isinstance(refused.exception, ZhidaError)
    assert str(tmp_path) in refused.exception.message("zh")
    assert "Name a problem file" in refused.exception.message("en")
    assert not (tmp_path / "out").exists()
