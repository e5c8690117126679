"""Knows how to say that a place is not in the tables."""

from shared.kernel.errors import NotFound


class UnknownCounty(NotFound):
    """No county of Guizhou has the code or name {value}. Use the six-digit code or the full name."""

    zh = "贵州省没有代码或名称为“{value}”的县（市、区、特区）。请填写六位代码或全称。"


class UnknownStop(NotFound):
    """No township, resettlement site or county seat has the code {value}. Take it from the list of stops."""

    zh = "没有代码为“{value}”的乡镇、安置点或县城。请从上车点列表中选取。"


class UnknownDestination(NotFound):
    """No prefecture, district, town or zone of the coastal provinces has the code {value}. Take it from the list."""

    zh = "沿海五省没有代码为“{value}”的市、区县、乡镇或园区。请从目的地列表中选取。"
