"""Knows the columns and coded values of the roster that labour bureaus send; refuses to know how files are read.

One ordered tuple of columns serves the registry's template and reader and the sample's writer, so that a
heading is spelt in one place. The fields follow 人社部明电〔2020〕4号 measure 1 (number, time, place, employer)
as far as it is published; the form attached to it is not, so the rest is our design.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field's key, its heading in both languages, whether a value is required, how to fill it."""

    key: str
    zh: str
    en: str
    required: bool
    hint: str
    hint_en: str


COLUMNS: tuple[Column, ...] = (
    Column("name", "姓名", "Name", True, "身份证上的姓名", "As on the identity card"),
    Column(
        "resident_id",
        "身份证号",
        "Resident ID",
        True,
        "18位，按文本填写，末位可为X",
        "18 characters, kept as text; the last may be X",
    ),
    Column("phone", "手机号", "Mobile phone", True, "11位，按文本填写", "11 digits, kept as text"),
    Column(
        "stop",
        "乡镇/安置点",
        "Township or resettlement site",
        True,
        "本县乡镇、街道或易地扶贫搬迁安置点的名称或代码",
        "Name or code of a township, subdistrict or resettlement site of this county",
    ),
    Column("enterprise", "企业名称", "Enterprise", True, "企业登记全称", "Full registered name"),
    Column("gate", "厂门", "Gate", True, "该企业登记的厂门名称", "A gate that the enterprise has registered"),
    Column(
        "earliest",
        "最早出发日期",
        "Earliest departure",
        True,
        "年-月-日，如 2020-02-24",
        "Year-month-day, such as 2020-02-24",
    ),
    Column(
        "latest",
        "最晚出发日期",
        "Latest departure",
        True,
        "年-月-日，不早于最早出发日期",
        "Year-month-day, not before the earliest departure",
    ),
    Column(
        "party",
        "家庭编组",
        "Family group",
        False,
        "同行家人填写相同编号，独自出行留空",
        "The same label for a family that travels together; empty for one person",
    ),
    Column("category", "人员类别", "Category", True, "从下拉列表中选择", "Choose from the list"),
    Column(
        "organising_mode", "组织方式", "Organising mode", True, "从下拉列表中选择", "Choose from the list"
    ),
)
LATER_COLUMNS: tuple[Column, ...] = (
    Column(
        "organiser",
        "组织机构",
        "Organised by",
        False,
        "组织输出的人力资源机构或劳务经纪人的统一社会信用代码，无则留空",
        "Unified social credit code of the agency that organised the journey; empty if none",
    ),
)
"""Columns that came after the first rosters: a file without their headings is still read."""


class Category(StrEnum):
    """Eligibility classes of the poverty office's list (人社厅明电〔2020〕17号); ORDINARY is everyone else."""

    ORDINARY = "ORDINARY"
    REGISTERED_POOR = "REGISTERED_POOR"
    RELOCATED = "RELOCATED"
    MARGINAL_RISK = "MARGINAL_RISK"
    UNSTABLE = "UNSTABLE"
    SUDDEN_DIFFICULTY = "SUDDEN_DIFFICULTY"
    LOW_INCOME = "LOW_INCOME"


class OrganisingMode(StrEnum):
    """The four ways of 点对点 service in the Guizhou guidelines of May 2020."""

    GOV_PURCHASE = "GOV_PURCHASE"
    GOV_PART_SUBSIDY = "GOV_PART_SUBSIDY"
    DEST_AREA_ORGANISED = "DEST_AREA_ORGANISED"
    ENTERPRISE_ORGANISED = "ENTERPRISE_ORGANISED"


CATEGORY_WORDS: dict[str, Category] = {
    "普通": Category.ORDINARY,
    "脱贫劳动力": Category.REGISTERED_POOR,
    "易地搬迁": Category.RELOCATED,
    "边缘易致贫户": Category.MARGINAL_RISK,
    "脱贫不稳定户": Category.UNSTABLE,
    "突发严重困难户": Category.SUDDEN_DIFFICULTY,
    "农村低收入": Category.LOW_INCOME,
}
"""The word on the roster -> its code, in the order of the drop-down list."""

ORGANISING_MODE_WORDS: dict[str, OrganisingMode] = {
    "政府购买服务": OrganisingMode.GOV_PURCHASE,
    "部分补贴包车费用": OrganisingMode.GOV_PART_SUBSIDY,
    "用工集中地区组织": OrganisingMode.DEST_AREA_ORGANISED,
    "企业组织专车": OrganisingMode.ENTERPRISE_ORGANISED,
}
"""The word on the roster -> its code, in the order of the drop-down list."""

SHEET_TITLE = "花名册"
"""The worksheet that holds the roster; its first row is the headings."""

ENTERPRISE_COLUMNS: tuple[Column, ...] = (
    Column("enterprise", "企业名称", "Enterprise", True, "企业登记全称", "Full registered name"),
    Column(
        "uscc",
        "统一社会信用代码",
        "Unified social credit code",
        True,
        "18位，按文本填写",
        "18 characters, kept as text",
    ),
    Column("gate", "厂门", "Gate", True, "同一企业内不重复", "Unique within the enterprise"),
    Column(
        "town_code", "镇街代码", "Town code", True, "9位统计用区划代码", "Nine-digit code of the town or zone"
    ),
    Column("town", "镇街或园区", "Town or zone", True, "名称", "Its name"),
    Column("lon", "经度", "Longitude", True, "WGS-84，度", "WGS-84, degrees"),
    Column("lat", "纬度", "Latitude", True, "WGS-84，度", "WGS-84, degrees"),
    Column(
        "email",
        "联系邮箱",
        "Contact mailbox",
        True,
        "岗位邮箱，不用个人邮箱",
        "A role's mailbox, not a person's",
    ),
)
"""The list of enterprises and their gates: one row a gate."""

ENTERPRISE_SHEET_TITLE = "企业厂门"
