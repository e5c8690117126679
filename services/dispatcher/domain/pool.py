"""Knows a pool: all demand from one origin county to one destination prefecture; refuses to know its members.

A coach picks up in one county and sets down in one prefecture, and nobody boards on the way (State Council press
conference of 7 March 2020), so pools can be planned apart.
"""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Pool:
    """Six-digit codes of the origin county and of the destination prefecture."""

    county_code: str
    prefecture_code: str

    @property
    def id(self) -> str:
        """`522732-330500`."""
        return f"{self.county_code}-{self.prefecture_code}"

    @property
    def home(self) -> str:
        """The prefecture whose coaches may run for it: one end of a charter is where the coach is registered."""
        return f"{self.county_code[:4]}00"

    @classmethod
    def from_id(cls, pool_id: str) -> "Pool":
        county_code, _, prefecture_code = pool_id.partition("-")
        return cls(county_code, prefecture_code)
