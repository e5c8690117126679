"""Routes of rewards and benefits: rules in force, lists for those who pay, what somebody may be entitled to, an enterprise's workers."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from services.registry.api.rewards_shapes import (
    BenefitOut,
    EntryOut,
    ListDetailOut,
    ListIn,
    ListOut,
    ListPage,
    ListStateOut,
    RuleCheckedOut,
    RuleIn,
    RuleOut,
    RulesCheckedOut,
    RulesOut,
    WorkforceOut,
)
from services.registry.callers import (
    CauseOf,
    Clerk,
    ClerkOrFinance,
    Page,
    PartsOf,
    PaymentReader,
    Size,
    WorkforceReader,
)
from services.registry.intake.reward_presets import preset_files, presets, read_preset_file
from services.registry.store.rewards.rules import list_rules
from services.registry.usecases.rewards.benefits import benefits_of
from services.registry.usecases.rewards.errors import RuleInvalid
from services.registry.usecases.rewards.lists import (
    Asked,
    confirm_list,
    hand_over_list,
    make_list,
    withdraw_list,
)
from services.registry.usecases.rewards.rules import (
    check_file,
    put_file_in_force,
    put_in_force,
    take_over,
)
from services.registry.usecases.rewards.sheet import full_sheet, public_sheet
from services.registry.usecases.rewards.show import (
    all_entries,
    reveal_list,
    view_entries,
    view_list,
    view_lists,
)
from services.registry.usecases.rewards.workforce import count_workforce
from shared.http.attachment import XLSX, attachment
from shared.kernel.clock import local_date

router = APIRouter(prefix="/api", tags=["rewards"])
PresetName = Annotated[str, Query(json_schema_extra={"enum": list(preset_files())})]


@router.get("/reward-rules")
def list_all_rules(principal: PaymentReader, parts: PartsOf) -> RulesOut:
    """The rules in force for the caller's area, and the presets with their sources and what is assumed in them."""
    with parts.database.session() as session:
        rows = list_rules(session, principal)
    return RulesOut(in_force=[RuleOut.of(row) for row in rows], presets=list(presets().values()))


@router.post("/reward-rules", status_code=201)
def put_rule_in_force(body: RuleIn, response: Response, principal: Clerk, parts: PartsOf) -> RuleOut:
    """Put a rule in force for the caller's area; 200 for a version that is in force already and says the same."""
    if (body.preset is None) == (body.rule is None):
        raise RuleInvalid(detail="give either preset or rule / preset 和 rule 请填写其一")
    rule = body.rule or take_over(body.preset or "", body.valid_from, body.valid_to)
    [(row, is_new)] = put_in_force(parts, principal, [rule], body.area_code)
    response.status_code = 201 if is_new else 200
    return RuleOut.of(row)


@router.post("/reward-rules/check")
def check_rules(
    principal: Clerk,
    parts: PartsOf,
    file: Annotated[UploadFile, File()],
    area_code: Annotated[str | None, Form()] = None,
) -> RulesCheckedOut:
    """Read an office's own rules from YAML and say how each stands to those in force; nothing comes into force.

    Every fault of the file is told with its line.
    """
    area, checked = check_file(parts, principal, file.file.read(), area_code)
    return RulesCheckedOut(area_code=area, rules=[RuleCheckedOut.of(one) for one in checked])


@router.post("/reward-rules/file", status_code=201)
def put_rules_in_force(
    response: Response,
    principal: Clerk,
    parts: PartsOf,
    file: Annotated[UploadFile, File()],
    area_code: Annotated[str | None, Form()] = None,
) -> list[RuleOut]:
    """Put an office's own rules from YAML in force, all or none; 200 where all of them are in force already."""
    kept = put_file_in_force(parts, principal, file.file.read(), area_code)
    response.status_code = 201 if any(is_new for _, is_new in kept) else 200
    return [RuleOut.of(row) for row, _ in kept]


@router.get("/reward-rules/preset.yaml", response_class=Response)
def download_preset(_: Clerk, name: PresetName) -> Response:
    """A preset as the file that it is, for an office to begin its own with."""
    return attachment(f"{name}.yaml", read_preset_file(name), "application/yaml")


@router.get("/reward-lists")
def list_all(principal: PaymentReader, parts: PartsOf, page: Page = 1, size: Size = 50) -> ListPage:
    """A page of the lists of the caller's area, newest first."""
    with parts.database.session() as session:
        views, total = view_lists(session, principal, page=page, size=size)
    return ListPage(items=[ListOut.of(one) for one in views], total=total, page=page, size=size)


@router.post("/reward-lists", status_code=201)
def make(body: ListIn, response: Response, principal: Clerk, parts: PartsOf) -> ListStateOut:
    """Make a list as of today. 200 where it is there already: a draft is judged anew, a confirmed one stays as it is."""
    row, is_new = make_list(parts, principal, Asked(**body.model_dump()))
    response.status_code = 201 if is_new else 200
    return ListStateOut.of(row)


@router.get("/reward-lists/{reward_list_id}")
def get_one(
    reward_list_id: str, principal: PaymentReader, parts: PartsOf, page: Page = 1, size: Size = 50
) -> ListDetailOut:
    """A list with a page of its workers, masked, each with what was judged by what."""
    with parts.database.session() as session:
        view = view_list(session, principal, reward_list_id)
        entries = view_entries(session, parts.vault, view.row.id, page=page, size=size)
    shown = ListOut.of(view).model_dump()
    return ListDetailOut(**shown, entries=[EntryOut.of(one) for one in entries], page=page, size=size)


@router.post("/reward-lists/{reward_list_id}/confirm")
def confirm(reward_list_id: str, principal: Clerk, parts: PartsOf) -> ListStateOut:
    """Freeze a draft: its workers count on no other list from now on."""
    return ListStateOut.of(confirm_list(parts, principal, reward_list_id))


@router.post("/reward-lists/{reward_list_id}/hand-over")
def hand_over(reward_list_id: str, principal: Clerk, parts: PartsOf) -> ListStateOut:
    """Hand a confirmed list over to those who pay."""
    return ListStateOut.of(hand_over_list(parts, principal, reward_list_id))


@router.post("/reward-lists/{reward_list_id}/withdraw")
def withdraw(reward_list_id: str, principal: Clerk, parts: PartsOf) -> ListStateOut:
    """Take a list back that is not handed over: its workers are free again."""
    return ListStateOut.of(withdraw_list(parts, principal, reward_list_id))


@router.get("/reward-lists/{reward_list_id}/public.xlsx", response_class=Response)
def download_public(reward_list_id: str, principal: PaymentReader, parts: PartsOf) -> Response:
    """The list for the public notice: masked names, the last four characters of each ID."""
    with parts.database.session() as session:
        view = view_list(session, principal, reward_list_id)
        entries = all_entries(session, parts.vault, view.row.id, is_full=False)
    return attachment(f"奖补公示名单-{reward_list_id}.xlsx", public_sheet(view, entries), XLSX)


@router.get("/reward-lists/{reward_list_id}/full.xlsx", response_class=Response)
def download_full(reward_list_id: str, principal: ClerkOrFinance, parts: PartsOf, cause: CauseOf) -> Response:
    """The list by name with its evidence, for who checks and pays it; the look-up is logged with everybody on it."""
    view, entries = reveal_list(parts, principal, reward_list_id, cause)
    return attachment(f"奖补名单-{reward_list_id}.xlsx", full_sheet(view, entries), XLSX)


@router.get("/people/{person_id}/benefits")
def list_benefits(person_id: str, principal: Clerk, parts: PartsOf) -> list[BenefitOut]:
    """What a worker may be entitled to, with what to bring and where to ask; nothing of it is paid here."""
    with parts.database.session() as session:
        return [BenefitOut.of(one) for one in benefits_of(session, principal, person_id, parts)]


@router.get("/workforce")
def show_workforce(principal: WorkforceReader, parts: PartsOf) -> WorkforceOut:
    """The enterprise's own workers by months in the job: counts alone, in steps, and none of a few."""
    with parts.database.session() as session:
        counted = count_workforce(session, principal.organisation or "", local_date(parts.clock.now()))
    return WorkforceOut.of(counted)
