"""Who may know whom: the tree keeps every import contract, and each contract is seen to fail on a copy that breaks it."""

import ast
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
ROUTING = "ortools.constraint_solver"
ROUTING_MODULE = "services/dispatcher/planning/routing.py"

BREACHES = [
    ("The services know each other", "services/registry/domain/breach.py", "import services.notifier.domain"),
    ("The services know each other", "services/breach.py", ""),
    ("What is shared knows no service", "shared/kernel/breach.py", "import services.registry"),
    ("Inside a service", "services/dispatcher/domain/breach.py", "import services.dispatcher.planning"),
    ("Inside a service", "services/dispatcher/money/breach.py", "import services.dispatcher.planning"),
    ("Inside a service", "services/registry/store/breach.py", "import services.registry.usecases"),
    ("Inside a service", "services/notifier/usecases/breach.py", "import services.notifier.reactions"),
    ("Inside a service", "services/notifier/breach.py", ""),
    ("The planner knows of", "services/planner/usecases/breach.py", "import services.dispatcher.store"),
    ("built upwards from the kernel", "shared/kernel/breach.py", "import shared.events"),
    ("built upwards from the kernel", "shared/breach.py", ""),
    ("are pure", "services/registry/domain/breach.py", "import sqlmodel"),
    ("are pure", "services/dispatcher/planning/breach.py", "import os"),
    ("are pure", "services/dispatcher/money/breach.py", "import shared.database"),
    ("are pure", "services/dispatcher/lab/breach.py", "import services.dispatcher.store.tables"),
    ("are pure", "shared/kernel/breach.py", "from pydantic_settings import BaseSettings"),
    (
        "The audit of the books",
        "services/dispatcher/money/books/findings.py",
        "import shared.kernel.money",
    ),
    ("One module speaks to Kafka", "services/notifier/breach.py", "import kafka"),
    (
        "Only the planner knows OR-Tools",
        "services/dispatcher/usecases/breach.py",
        "from ortools.sat.python import cp_model",
    ),
    (
        "Metrics are declared in one module",
        "services/registry/usecases/breach.py",
        "import prometheus_client",
    ),
    ("Only the bench knows the peers", "services/dispatcher/planning/breach.py", "import pyvrp"),
    ("One module sets papers in type", "services/dispatcher/usecases/breach.py", "import typst"),
    ("Only the bench draws", "services/dispatcher/usecases/breach.py", "import matplotlib"),
]
"""A part of the contract's name, a module, mostly a new one, that breaks it, and what it imports."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree's Python files and its contracts, where they may be broken."""
    folder = tmp_path_factory.mktemp("tree")
    for package in ("services", "shared"):
        for source in (ROOT / package).rglob("*.py"):
            target = folder / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture
def breach(copy: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Writes what breaks a contract into a module, gives the contract's name, and takes it away again."""
    contract, path, line = request.param
    (name,) = [entry["name"] for entry in CONTRACTS if contract in entry["name"]]
    module = copy / path
    assert (module.parent / "__init__.py").exists(), f"{path} would not be part of a package"
    before = module.read_text() if module.exists() else None
    module.write_text(f"{before or ''}{line}\n")
    yield name
    if before is None:
        module.unlink()
    else:
        module.write_text(before)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    lint = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [lint, "--no-cache", "--no-logo"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_tree_keeps_every_contract(copy: Path) -> None:
    done = lint_imports(copy)
    assert done.returncode == 0, done.stdout
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in done.stdout


@pytest.mark.parametrize(
    "breach", BREACHES, indirect=True, ids=lambda breach: f"{breach[1]}: {breach[2] or 'undeclared'}"
)
def test_a_contract_that_is_broken_on_purpose_fails_by_its_name(copy: Path, breach: str) -> None:
    done = lint_imports(copy)
    assert done.returncode == 1, done.stdout
    assert f"{breach} BROKEN" in done.stdout


def test_every_contract_is_broken_on_purpose_once() -> None:
    unbroken = [
        entry["name"] for entry in CONTRACTS if not any(part in entry["name"] for part, _, _ in BREACHES)
    ]
    assert unbroken == []


def list_routing_importers(folder: Path) -> list[str]:
    """The modules that import OR-Tools' routing library, which import-linter cannot tell from the rest of OR-Tools."""
    return [
        str(source.relative_to(folder))
        for source in sorted((folder / "services").rglob("*.py"))
        if any(imports_routing(node) for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))))
    ]


def imports_routing(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.startswith(ROUTING) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        return module.startswith(ROUTING) or any(f"{module}.{alias.name}" == ROUTING for alias in node.names)
    return False


def test_one_module_imports_the_routing_library() -> None:
    assert list_routing_importers(ROOT) == [ROUTING_MODULE]


@pytest.mark.parametrize(
    "line",
    [
        "import ortools.constraint_solver.pywrapcp",
        "from ortools.constraint_solver import pywrapcp",
        "from ortools import constraint_solver",
    ],
)
def test_a_second_importer_of_the_routing_library_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "second.py").write_text(f"def late():\n    {line}\n")
    assert list_routing_importers(tmp_path) == ["services/second.py"]
