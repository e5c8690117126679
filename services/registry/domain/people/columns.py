"""Knows the columns of the register of a population, and its coded words; refuses to know how files are read.

What a bureau keeps of each worker by 一户一档: who they are, the household, the class, the work, the helper.
"""

from enum import StrEnum
from typing import Final

from shared.roster import Column

POPULATION_TITLE: Final = "人员登记"
"""The worksheet that holds the register; its first row is the headings."""
POPULATION_COLUMNS: Final[tuple[Column, ...]] = (
    Column("name", "姓名", "Name", True, "身份证上的姓名", "As on the identity card"),
    Column(
        "resident_id",
        "身份证号",
        "Resident ID",
        True,
        "18位，按文本填写，末位可为X",
        "18 characters, kept as text; the last may be X",
    ),
    Column("phone", "手机号", "Mobile phone", False, "11位，按文本填写", "11 digits, kept as text"),
    Column(
        "household",
        "户编号",
        "Household number",
        True,
        "本县台账中的户编号",
        "Its number in the county's register",
    ),
    Column(
        "relation",
        "与户主关系",
        "Relation to head",
        True,
        "户主、配偶、子女、父母、祖孙、兄弟姐妹、其他",
        "HEAD, SPOUSE, CHILD, PARENT, GRANDCHILD, SIBLING, OTHER",
    ),
    Column("has_labour", "是否劳动力", "Labour force", True, "是或否", "Yes or no"),
    Column(
        "category",
        "人员类别",
        "Category",
        False,
        "易地搬迁、脱贫劳动力等，多项用顿号隔开；不清楚则留空",
        "RELOCATED, REGISTERED_POOR ..., several with a comma between; empty where it is not known",
    ),
    Column(
        "category_from",
        "类别认定日期",
        "Category since",
        False,
        "年-月-日，留空即数据日期",
        "Year-month-day; empty means the day of the data",
    ),
    Column(
        "place",
        "乡镇或安置点",
        "Township or site",
        True,
        "名称或代码；不止一个县的文件请写代码或“县名+乡镇名”",
        "Name or code; in a file of several counties the code, or county and name together",
    ),
    Column("employed", "是否就业", "Employed", True, "是或否", "Yes or no"),
    Column("employed_since", "就业日期", "Employed since", False, "年-月-日", "Year-month-day"),
    Column(
        "employer",
        "用人单位信用代码",
        "Employer's credit code",
        False,
        "18位统一社会信用代码",
        "The 18 characters of its unified social credit code",
    ),
    Column(
        "work_area",
        "就业地",
        "Work area",
        False,
        "就业者必填：六位区划代码，或县、市州、省的全称",
        "Needed where employed: six-digit division code, or the full name of a county, prefecture or province",
    ),
    Column("education", "文化程度", "Education", False, "如 初中", "Such as 初中"),
    Column(
        "helper", "帮扶责任人编号", "Helper", False, "已登记的帮扶责任人编号", "The id of a registered helper"
    ),
    Column("as_of", "数据日期", "Day of the data", True, "年-月-日", "Year-month-day"),
)


class Relation(StrEnum):
    """What somebody is to the head of the household."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    GRANDCHILD = "grandchild"
    SIBLING = "sibling"
    OTHER = "other"


RELATION_WORDS: Final[dict[str, Relation]] = {
    "户主": Relation.HEAD,
    "本人": Relation.HEAD,
    "配偶": Relation.SPOUSE,
    "夫": Relation.SPOUSE,
    "妻": Relation.SPOUSE,
    "子女": Relation.CHILD,
    "之子": Relation.CHILD,
    "之女": Relation.CHILD,
    "长子": Relation.CHILD,
    "次子": Relation.CHILD,
    "长女": Relation.CHILD,
    "次女": Relation.CHILD,
    "父母": Relation.PARENT,
    "父亲": Relation.PARENT,
    "母亲": Relation.PARENT,
    "祖孙": Relation.GRANDCHILD,
    "兄弟姐妹": Relation.SIBLING,
    "其他": Relation.OTHER,
    **{one.value.upper(): one for one in Relation},
}
YES_NO: Final[dict[str, bool]] = {
    **dict.fromkeys(("是", "有", "Y", "YES", "TRUE", "1"), True),
    **dict.fromkeys(("否", "无", "N", "NO", "FALSE", "0"), False),
}
