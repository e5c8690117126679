"""What rewards take in and give out as JSON; names and IDs are masked before they come here."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints

from services.registry.api.incoming import Incoming
from services.registry.domain.rewards.rule import Rule
from services.registry.domain.rewards.workforce import MONTHS, SMALLEST
from services.registry.store.tables import RewardListRow, RewardRuleRow
from services.registry.usecases.rewards.benefits import Benefit
from services.registry.usecases.rewards.rules import Checked
from services.registry.usecases.rewards.show import Entry, Evidence, ListView
from services.registry.usecases.rewards.workforce import Workforce

AreaCode = Annotated[str, StringConstraints(pattern=r"^\d{2}(\d{2}){0,2}$")]


class RuleIn(Incoming):
    """A rule to put in force: an office's own, or one that comes with Zhida, from and to other days if given."""

    area_code: AreaCode | None = None
    """Needed where the caller's area is more than one."""
    preset: Annotated[str, StringConstraints(max_length=60)] | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    rule: Rule | None = None


class RuleOut(BaseModel):
    """A rule as it is in force for an area and all that lies in it."""

    reward_rule_id: str
    area_code: str
    digest: str
    loaded_by: str
    loaded_at: datetime
    rule: Rule

    @classmethod
    def of(cls, row: RewardRuleRow) -> Self:
        """As it is kept."""
        return cls(
            reward_rule_id=row.id,
            area_code=row.area_code,
            digest=row.digest,
            loaded_by=row.loaded_by,
            loaded_at=row.loaded_at,
            rule=Rule.model_validate(row.body),
        )


class RuleCheckedOut(BaseModel):
    """A rule of an office's own file. `stand` is new, known (in force and the same) or taken (its version says something else)."""

    stand: str
    rule: Rule

    @classmethod
    def of(cls, one: Checked) -> Self:
        """As it was checked."""
        return cls(stand=one.stand, rule=one.rule)


class RulesCheckedOut(BaseModel):
    """What a file would put in force for an area."""

    area_code: str
    rules: list[RuleCheckedOut]


class RulesOut(BaseModel):
    """What is in force for the caller's area, and the presets that may be taken over."""

    in_force: list[RuleOut]
    presets: list[Rule]


class ListIn(Incoming):
    """Which list: by which rule, for whom, by the arrivals of which days."""

    reward_rule_id: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    claimant_id: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    """A unified social credit code."""
    first_day: date
    last_day: date
    area_code: AreaCode | None = None


class ListOut(BaseModel):
    """A list without its workers."""

    reward_list_id: str
    rule: str
    digest: str
    area_code: str
    claimant_id: str
    claimant: str
    first_day: date
    last_day: date
    as_of: date
    state: str
    heads: int
    refused: int
    total_fen: int
    before_heads: int
    before_fen: int
    """What the claimant's earlier lists counted and paid, where workers are counted across lists."""
    difference_fen: int
    """The part of the total that is for their workers, now that there are so many."""
    made_by: str
    made_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    handed_over_by: str | None
    handed_over_at: datetime | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, view: ListView) -> Self:
        """As a reader may see it."""
        same = view.row.model_dump(exclude={"id", "reward_rule_id", "counted_lists"})
        return cls(reward_list_id=view.row.id, rule=view.rule.key, claimant=view.claimant, **same)


class ListStateOut(BaseModel):
    """How a list stands after an act."""

    reward_list_id: str
    state: str
    heads: int
    refused: int
    total_fen: int

    @classmethod
    def of(cls, row: RewardListRow) -> Self:
        """As it is kept."""
        same = row.model_dump(include={"state", "heads", "refused", "total_fen"})
        return cls(reward_list_id=row.id, **same)


class ListPage(BaseModel):
    """A page of lists, newest first."""

    items: list[ListOut]
    total: int
    page: int
    size: int


class EvidenceOut(BaseModel):
    """One condition and how it stands: met, not_met or not_known; `due` is the day from which it can be met."""

    condition: str
    outcome: str
    asked_zh: str
    asked_en: str
    found_zh: str
    found_en: str
    due: date | None

    @classmethod
    def of(cls, one: Evidence) -> Self:
        """In both languages."""
        return cls(
            condition=one.condition,
            outcome=one.outcome,
            asked_zh=one.asked[0],
            asked_en=one.asked[1],
            found_zh=one.found[0],
            found_en=one.found[1],
            due=one.due,
        )


class EntryOut(BaseModel):
    """A worker on a list, masked: what they bring, or why nothing."""

    person_id: str
    name: str
    resident_id: str
    part: str
    placed_on: date
    is_earned: bool
    amount_fen: int
    evidence: list[EvidenceOut]

    @classmethod
    def of(cls, one: Entry) -> Self:
        """As it is shown."""
        evidence = [EvidenceOut.of(line) for line in one.evidence]
        return cls(evidence=evidence, **{k: v for k, v in vars(one).items() if k != "evidence"})


class ListDetailOut(ListOut):
    """A list with a page of its workers: who earned something first."""

    entries: list[EntryOut] = []
    page: int = 1
    size: int = 50


class BenefitOut(BaseModel):
    """What a worker may be entitled to: `stand` is entitled, open or barred. It is paid elsewhere."""

    rule: Rule
    stand: str
    least_fen: int
    most_fen: int
    placed_on: date
    evidence: list[EvidenceOut]

    @classmethod
    def of(cls, one: Benefit) -> Self:
        """As it is shown."""
        return cls(
            rule=one.rule,
            stand=one.stand,
            least_fen=one.span.least_fen,
            most_fen=one.span.most_fen,
            placed_on=one.placed_on,
            evidence=[EvidenceOut.of(line) for line in one.evidence],
        )


class WorkforceOut(BaseModel):
    """`at_least[n]`: who has been in the job for `months[n]` whole months or more, as the step of `in_steps_of` at or below it."""

    enterprise_id: str
    as_of: date
    in_steps_of: int = Field(default=SMALLEST)
    """0 stands for none and for fewer than this, which are not told apart."""
    months: tuple[int, ...] = Field(default=MONTHS)
    at_least: tuple[int, ...]

    @classmethod
    def of(cls, one: Workforce) -> Self:
        """As it is counted."""
        return cls(enterprise_id=one.enterprise_id, as_of=one.as_of, at_least=one.at_least)
