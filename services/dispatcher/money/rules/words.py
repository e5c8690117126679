"""How the codes of a policy read on pages, papers and terminals, in Chinese and English."""

from collections.abc import Mapping

from services.dispatcher.money.rules.policy import Distance, Ownership, Payer

BEARERS: Mapping[str, tuple[str, str]] = {
    Payer.ORIGIN_COUNTY: ("输出地县级财政", "county of origin"),
    Payer.ORIGIN_PREFECTURE: ("输出地市级财政", "prefecture of origin"),
    Payer.ORIGIN_PROVINCE: ("输出地省级财政", "province of origin"),
    Payer.DESTINATION_COUNTY: ("输入地县级财政", "county of destination"),
    Payer.DESTINATION_PREFECTURE: ("输入地市级财政", "prefecture of destination"),
    "enterprise": ("用工企业", "enterprises"),
    "workers": ("务工人员", "workers"),
}
"""Each payer, and who else bears a part."""
DISTANCES: Mapping[str, tuple[str, str]] = {
    Distance.SAME_COUNTY: ("县内", "within the county"),
    Distance.SAME_PREFECTURE: ("市州内", "within the prefecture"),
    Distance.SAME_PROVINCE: ("省内", "within the province"),
    Distance.OTHER_PROVINCE: ("跨省", "to another province"),
}
OWNERSHIPS: Mapping[str, tuple[str, str]] = {
    Ownership.PRIVATE: ("民营", "private"),
    Ownership.FOREIGN: ("外资", "foreign"),
    Ownership.COLLECTIVE: ("集体", "collective"),
    Ownership.STATE: ("国有", "state-owned"),
}
