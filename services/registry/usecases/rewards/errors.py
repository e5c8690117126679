"""Why a rule is not put in force, or a list not made, confirmed or taken back. None tells of another area's lists."""

from shared.kernel.errors import Conflict, InvalidInput


class RewardVersionTaken(Conflict):
    """Version {version} of rule {rule_id} is in force for {area} already and says something else. Give the change the next number."""

    zh = "{area} 已有规则 {rule_id} 的第 {version} 版，且内容不同。请为修改使用下一个版本号。"


class RuleInvalid(InvalidInput):
    """The rule cannot be put in force: {detail}. Mend that and send it again."""

    zh = "规则不能生效：{detail}。请改正后重新提交。"


class ClaimantUnreadable(InvalidInput):
    """The claimant is not a unified social credit code. Copy the 18 characters from the business licence."""

    zh = "申领单位的统一社会信用代码不正确。请对照营业执照填写18位代码。"


class PeriodInvalid(InvalidInput):
    """The period {first} to {last} cannot be asked for: {reason_en}."""

    zh = "不能按 {first} 至 {last} 生成名单：{reason_zh}。"


class NotForClaimants(InvalidInput):
    """Rule {rule_id} is a worker's own benefit: no list is made of it. Look at the person's page instead."""

    zh = "规则 {rule_id} 是务工人员本人的待遇，不生成名单。请在人员页面查看。"


class RuleNotForArea(InvalidInput):
    """Rule {rule_id} is in force for {rule_area}, which does not hold {area}. Choose a rule of your own area."""

    zh = "规则 {rule_id} 在 {rule_area} 生效，不适用于 {area}。请选择本辖区的规则。"


class RewardListOwn(Conflict):
    """You made this list yourself: who makes a list does not confirm it. Have somebody else of the office look at it and confirm it."""

    zh = "该名单由您本人生成，生成人不能确认。请由本单位其他人员核对后确认。"


class NothingEarned(Conflict):
    """Nobody on the list has earned anything, so there is nothing to confirm. See the reasons on the list."""

    zh = "名单上没有人符合条件，无可确认。原因见名单。"


class RewardListStale(Conflict):
    """What is known has changed since the list was made: {count} of its workers stand otherwise now, and it comes to {now} yuan, not {drafted}. Take it back if it is confirmed, make it again, and look at the reasons."""

    zh = "名单生成后情况有变：其中 {count} 人的结果已不同，合计应为 {now} 元，而不是 {drafted} 元。已确认的请先撤回，再重新生成名单并查看原因。"


class RewardListState(Conflict):
    """The list is {state}, so this is not possible."""

    zh = "名单状态为“{state_zh}”，不能进行此操作。"
