"""Knows which characters the papers' font has, and puts 〓 for the others; never drops one unsaid."""

import re
import struct
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FONT = Path(__file__).with_name("font") / "NotoSerifCJKsc-Regular-subset.otf"
GETA = "〓"
"""What Chinese printers set where a type is missing."""


_RUN = 24
"""Letters and digits after which a run of them may be broken."""


@cache
def known_characters() -> frozenset[str]:
    """The font's own character map: the table `cmap`, its subtable of format 12 (OpenType 1.9, "cmap")."""
    font = FONT.read_bytes()
    tables = struct.unpack_from(">H", font, 4)[0]
    records = [struct.unpack_from(">4sIII", font, 12 + 16 * i) for i in range(tables)]
    cmap = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    subtables = struct.unpack_from(">H", font, cmap + 2)[0]
    starts = [cmap + struct.unpack_from(">HHI", font, cmap + 4 + 8 * i)[2] for i in range(subtables)]
    start = next(s for s in starts if struct.unpack_from(">H", font, s)[0] == 12)
    groups = struct.unpack_from(">I", font, start + 12)[0]
    spans = (struct.unpack_from(">III", font, start + 16 + 12 * i) for i in range(groups))
    return frozenset(chr(c) for first, last, _ in spans for c in range(first, last + 1))


@dataclass
class Setting:
    """The characters that one paper wants and the font lacks, with where each stands first."""

    missing: dict[str, str] = field(default_factory=dict)

    def set(self, text: str, where: str) -> str:
        """The text with 〓 for each character that the font lacks, and a place to break in each long run without one, so
        that no number leaves its column."""
        lacking = set(text) - known_characters() - {"\n"}
        for character in sorted(lacking):
            self.missing.setdefault(character, where)
        shown = "".join(GETA if c in lacking else c for c in text)
        return re.sub(rf"[!-~]{{{_RUN}}}(?=[!-~])", "\\g<0>\u200b", shown)
