"""Draws a bench's figures as SVG; knows no bench. Labels are in English: the font that comes with it has no Chinese."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text
matplotlib.rcParams["svg.hashsalt"] = "zhida"  # the same figures, the same file

Points = Sequence[tuple[float, float]]


def draw(
    path: Path,
    title: str,
    x_label: str,
    y_label: str,
    series: Mapping[str, Points],
    *,
    joined: bool = True,
    log_x: bool = False,
    log_y: bool = False,
) -> None:
    """One picture; `joined` draws lines through the points of a series in their order."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for name, points in series.items():
        x, y = [point[0] for point in points], [point[1] for point in points]
        axes.plot(x, y, "o-" if joined else ".", label=name, markersize=4)
    axes.set(title=title, xlabel=x_label, ylabel=y_label)
    if log_x:
        axes.set_xscale("log")
    if log_y:
        axes.set_yscale("log")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None})
