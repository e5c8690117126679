"""Reads which changes of the rules are asked about, from a YAML file or the command line; applies none."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.kernel.errors import InvalidInput
from shared.rules.document import read_document

Objective = Literal["charter", "public", "public, then charter"]
QUESTIONS = Path(__file__).with_name("questions.yaml")
"""The questions that Zhida comes with."""


class BadScenarios(InvalidInput):
    """{file} does not say what to ask: {detail}. Write an objective and scenarios with name, zh, en, set and replan, as services/lab/questions.yaml does."""

    zh = "{file} 的内容无法识别：{detail}。请参照 services/lab/questions.yaml，填写 objective 与 scenarios（name、zh、en、set、replan）。"


class BadSetting(InvalidInput):
    """--set is {given}, which names no value. Write it as min_passengers_vehicle=20."""

    zh = "--set 为 {given}，没有给出值。请写成 min_passengers_vehicle=20。"


class NeedsPlanning(InvalidInput):
    """Scenario {name} changes the load factor, and with it who fits a coach, so the same coaches cannot be priced again. Let it be planned again."""

    zh = "方案 {name} 改变了实载率，原有车次装不下或空座不同，不能只重新计价。请重新编排。"


class Scenario(BaseModel):
    """One set of changes: field -> value, as `Terms.change` takes them. Without `replan` the first scenario's coaches are priced again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, pattern=r"^[^\s/]+$")
    zh: str
    en: str
    set: Mapping[str, Any] = {}
    replan: bool = True


class Questions(BaseModel):
    """What is asked: scenarios that are set beside the first, all planned by one objective unless one sets its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    objective: Objective = "charter"
    scenarios: Annotated[Sequence[Scenario], Field(min_length=1)]


def read_questions(path: Path) -> Questions:
    """The questions of a file. Raises BadScenarios, NeedsPlanning and what `read_document` raises."""
    document = read_document(path.read_bytes())
    try:
        asked = Questions.model_validate(document.value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        detail = f"line {document.line(first['loc'])}, {where}: {first['msg']}"
        raise BadScenarios(file=path.name, detail=detail) from error
    names = [one.name for one in asked.scenarios]
    if len(set(names)) != len(names):
        raise BadScenarios(file=path.name, detail=f"a name stands twice: {', '.join(names)}")
    if not asked.scenarios[0].replan:
        raise BadScenarios(file=path.name, detail=f"{names[0]} comes first, so it is planned")
    return _require_sense(asked)


def ask(settings: Sequence[str], objective: Objective, *, replan: bool) -> Questions:
    """The rules as they are, beside them as `FIELD=VALUE` would have them. Raises BadSetting, NeedsPlanning."""
    changes: dict[str, Any] = {}
    for given in settings:
        field, equals, value = given.partition("=")
        if not field or not equals:
            raise BadSetting(given=given)
        changes[field.strip()] = read_document(value.encode()).value
    base = Scenario(name="base", zh="现行规则", en="the rules as they are")
    told = ", ".join(f"{field}={value}" for field, value in changes.items())
    changed = Scenario(name="changed", zh=told, en=told, set=changes, replan=replan)
    return _require_sense(Questions(objective=objective, scenarios=[base, changed]))


def _require_sense(asked: Questions) -> Questions:
    for one in asked.scenarios:
        if not one.replan and "load_factor_percent" in one.set:
            raise NeedsPlanning(name=one.name)
    return asked
