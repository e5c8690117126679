"""Writes the inventory of what is kept of people, column by column, from the tables themselves and what is said of them."""

from sqlalchemy import LargeBinary, Table

from services.registry.domain.privacy.inventory import KIND_WORDS, Entry, Kind, inventory
from services.registry.domain.privacy.retention import Rule, read_retention
from services.registry.store.privacy.keys import WRAPPED
from services.registry.store.privacy.subjects import FINGERPRINT, PERSON, subjects
from services.registry.store.tables import Base

_HEAD = """\
# 个人信息清单 · Inventory of personal data

由 `zhida docs` 根据数据表生成，是[个人信息保护影响评估](privacy.zh-CN.md)的附件。
Written by `zhida docs` from the tables themselves; part of the [impact assessment](privacy.md).

| 类别 class | 说明 what it means |
|---|---|
| 敏感个人信息 sensitive | 《个人信息保护法》第28条 PIPL article 28 |
| 个人信息 personal | 能识别或关联到个人 identifies or is about somebody |
| 不可还原的指纹 fingerprint | 以系统密钥计算，只能比对，不能还原 keyed, compares and tells nothing |
| 密钥 key | 每人一把，由包装密钥加密；销毁即删除 one a person, wrapped; destroyed by erasure |
| 编号与办理信息 numbers and workings | 编号、日期、经办人 numbers, days, who did it |

加密：字段以其所属人员（家庭、文件行）的专属密钥加密，AES-256-GCM。
Sealed: under the own key of the person, household or row it belongs to, AES-256-GCM.
"""


def inventory_document() -> str:
    """The whole document."""
    tables = {table.name: table for table in Base.metadata.sorted_tables}
    owners = {subject.table.name for subject in subjects()}
    parts = [_HEAD, _retention()]
    parts += [_table(tables[name], name in owners) for name in inventory().tables if name in tables]
    return "\n".join(parts)


def _retention() -> str:
    lines = [
        "## 保存期限 · Retention\n",
        "| 规则 rule | 内容 what | 期限 how long | 起算 from | 依据 source |",
        "|---|---|---|---|---|",
    ]
    for rule in read_retention().rules:
        what = f"{rule.zh} {rule.en}" + (f" ({rule.note})" if rule.note else "")
        lines.append(
            f"| `{rule.id}` | {what} | {_length(rule)} | {rule.from_zh} {rule.from_en} | {rule.source} |"
        )
    return "\n".join(lines) + "\n"


def _length(rule: Rule) -> str:
    return f"{rule.months} 个月 months" if rule.months else f"{rule.days} 天 days"


def _table(table: Table, is_owned: bool) -> str:
    kept = inventory().tables[table.name]
    lines = [
        f"## {kept.zh} · {kept.en} (`{table.name}`)\n",
        _ending(table, is_owned) + "\n",
        "| 列 column | 内容 what | 类别 class | 加密 sealed |",
        "|---|---|---|---|",
    ]
    for column in table.columns:
        entry = inventory().entry(table.name, column.name) or Entry(zh=column.name, en=column.name)
        zh, en = KIND_WORDS[entry.kind]
        sealed = "是 yes" if isinstance(column.type, LargeBinary) and entry.kind is not Kind.KEY else ""
        lines.append(f"| `{column.name}` | {entry.zh} {entry.en} | {zh} {en} | {sealed} |")
    return "\n".join(lines) + "\n"


def _ending(table: Table, is_owned: bool) -> str:
    ends = "、".join(f"`{end}`" for end in inventory().tables[table.name].ends)
    by_age = f"到期 by age: {ends}。 " if ends else ""
    if is_owned or table.name == "person":
        return f"{by_age}删除个人信息时，密钥销毁、指纹清除。Ends with the person: key destroyed, fingerprints gone."
    if FINGERPRINT in table.c and WRAPPED in table.c and table.name != "household":
        return f"{by_age}自有密钥；按身份号码指纹找到并销毁。A key of its own, found by the fingerprint of the ID and destroyed."
    if FINGERPRINT in table.c and PERSON not in table.c and table.name != "household":
        return f"{by_age}按身份号码指纹找到并删除。Found by the fingerprint of the ID and deleted."
    return by_age or "随家庭、机构或名单保存。Kept with the household, office or list."
