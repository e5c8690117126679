"""Draws outcomes side by side as SVG: one bar a scenario, parted by who bears the cost; computes nothing."""

from collections.abc import Sequence
from html import escape

from services.dispatcher.lab.outcome import KINDS, Outcome

_COLOURS = {
    "origin_county": ("#0f5a5f", "#ffffff"),
    "origin_prefecture": ("#2f7a76", "#ffffff"),
    "origin_province": ("#9ccbc4", "#1b2a2d"),
    "destination_county": ("#14578a", "#ffffff"),
    "destination_prefecture": ("#9dc3e0", "#1b2a2d"),
    "enterprise": ("#b8481f", "#ffffff"),
    "workers": ("#f0a04b", "#1b2a2d"),
}
"""Fill, and ink upon it."""

_WIDTH, _LEFT, _RIGHT, _ROW, _BAR, _HEAD = 960, 250, 150, 46, 26, 44
_LABEL_MIN = 64
"""Narrower parts have no figure in them: it is in their title and in the table."""


def draw(outcomes: Sequence[tuple[str, Outcome]], title: str, words: Sequence[tuple[str, str]]) -> str:
    """One SVG of titled outcomes; `words`: kind -> how it reads. Amounts are in ten thousand yuan."""
    kinds = [kind for kind in KINDS if any(outcome.by_kind[kind] for _, outcome in outcomes)]
    most = max((outcome.charter_fen for _, outcome in outcomes), default=0) or 1
    height = _HEAD + _ROW * len(outcomes) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" class="lab-picture"'
        f' font-family="sans-serif" font-size="13"><title>{escape(title)}</title>'
    ]
    reading, x = dict(words), 0.0
    for kind in kinds:
        parts.append(
            f'<rect x="{x:.0f}" y="6" width="13" height="13" fill="{_COLOURS[kind][0]}"/>'
            f'<text x="{x + 19:.0f}" y="17" fill="currentColor">{escape(reading[kind])}</text>'
        )
        x += 40 + sum(13 if ord(c) > 255 else 7.2 for c in reading[kind])
    for row, (name, outcome) in enumerate(outcomes):
        parts += _bar(name, outcome, kinds, reading, _HEAD + row * _ROW, most)
    return "".join((*parts, "</svg>"))


def _bar(
    name: str, outcome: Outcome, kinds: Sequence[str], reading: dict[str, str], y: int, most: int
) -> list[str]:
    middle = y + _BAR / 2 + 4.5
    parts = [f'<text x="0" y="{middle:.1f}" fill="currentColor">{escape(name)}</text>']
    x = float(_LEFT)
    for kind in kinds:
        fen = outcome.by_kind[kind]
        width = fen * (_WIDTH - _LEFT - _RIGHT) / most
        if not fen:
            continue
        fill, ink = _COLOURS[kind]
        told = f"{reading[kind]} {_wan(fen)}"
        parts.append(
            f'<rect x="{x:.2f}" y="{y}" width="{width:.2f}" height="{_BAR}" fill="{fill}"><title>{escape(told)}</title></rect>'
        )
        if width >= _LABEL_MIN:
            parts.append(
                f'<text x="{x + width / 2:.1f}" y="{middle:.1f}" text-anchor="middle" fill="{ink}">{_wan(fen)}</text>'
            )
        x += width
    parts.append(
        f'<text x="{x + 8:.1f}" y="{middle:.1f}" font-weight="bold" fill="currentColor">{_wan(outcome.charter_fen)}</text>'
    )
    return parts


def _wan(fen: int) -> str:
    return f"{fen / 1_000_000:,.2f}"
