"""Plots the latency from release to text by length of speech, ours and the rivals'.

Draws the output of `bench latency --json`, a panel for each style, with logarithmic
axes: a rising line means a latency that grows with the length of speech. Needs Pillow,
an optional extra.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Font = FreeTypeFont | ImageFont

OURS: Final = "mica"
METRIC: Final = "release_to_text_ms"
WIDTH, HEIGHT = 560, 420  # of a panel, in pixels
LEFT, RIGHT, TOP, BOTTOM = 76, 20, 64, 56  # around the axes
TEXT_PIXELS: Final = 14
INK, GRID, PAPER = "#222222", "#dddddd", "#ffffff"
COLOURS: Final = ("#d62728", "#1f77b4", "#2ca02c", "#9467bd")


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (seconds of speech, seconds until the text), shortest speech first."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis: maps values `low` to `high` to pixels `start` to `stop`."""

    low: float
    high: float
    start: float
    stop: float

    def pixel(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.stop - self.start)


def curves(rows: Sequence[Mapping[str, Any]], style: str) -> list[Curve]:
    """Our curve, then each rival's, without the cases in which the rival is void."""
    points: dict[str, dict[float, float]] = {OURS: {}}
    for row in rows:
        if row["metric"] != METRIC or row["style"] != style:
            continue
        seconds = float(row["case"].removesuffix("s"))
        points[OURS][seconds] = row["ours"] / 1000
        if row["theirs"] is not None:
            points.setdefault(row["rival"], {})[seconds] = row["theirs"] / 1000
    return [Curve(name, tuple(sorted(found.items()))) for name, found in points.items()]


def ticks(low: float, high: float) -> list[float]:
    """1, 3, 10 ... and their fractions, between two values (inclusive)."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = [step * 10.0**power for power in range(first, last + 1) for step in (1, 3)]
    return [tick for tick in every if low <= tick <= high]


def draw(report: Mapping[str, Any], file: Path) -> None:
    """Write a PNG of a latency report."""
    from PIL import Image, ImageDraw, ImageFont

    rows = report["rows"]
    styles = list(dict.fromkeys(row["style"] for row in rows))
    image = Image.new("RGB", (WIDTH * len(styles), HEIGHT), PAPER)
    pencil, font = ImageDraw.Draw(image), ImageFont.load_default(TEXT_PIXELS)
    panels = {style: curves(rows, style) for style in styles}
    every = [
        point for found in panels.values() for one in found for point in one.points
    ]
    for number, (style, found) in enumerate(panels.items()):
        across, up = axes(every, WIDTH * number)
        title = f"{report['model']}, {style}; {report['machine']}"
        pencil.text((across.start, 12), title, INK, font)
        _grid(pencil, font, across, up)
        for place, curve in enumerate(found):
            _curve(pencil, font, across, up, curve, place)
    image.save(file, "PNG")


def axes(points: Sequence[tuple[float, float]], left: int) -> tuple[Axis, Axis]:
    """Axes that fit all points, in a panel whose left edge is at `left`."""
    seconds, waits = [x for x, _ in points], [y for _, y in points]
    across = Axis(
        min(seconds) / 1.3, max(seconds) * 1.3, left + LEFT, left + WIDTH - RIGHT
    )
    up = Axis(min(waits) / 1.5, max(waits) * 1.5, HEIGHT - BOTTOM, TOP)
    return across, up


def _grid(pencil: "ImageDraw", font: "Font", across: Axis, up: Axis) -> None:
    for tick in ticks(across.low, across.high):
        x = across.pixel(tick)
        pencil.line([(x, up.start), (x, up.stop)], GRID)
        pencil.text((x, up.start + 8), f"{tick:g}", INK, font, anchor="mt")
    for tick in ticks(up.low, up.high):
        y = up.pixel(tick)
        pencil.line([(across.start, y), (across.stop, y)], GRID)
        pencil.text((across.start - 8, y), f"{tick:g}", INK, font, anchor="rm")
    corner = [(across.start, up.stop), (across.start, up.start)]
    pencil.line([*corner, (across.stop, up.start)], INK)
    middle = (across.start + across.stop) / 2
    below = (middle, up.start + 32)
    pencil.text(below, "seconds of speech", INK, font, anchor="mt")
    above = (across.start - 60, up.stop - 24)
    pencil.text(above, "seconds from release to text", INK, font)


def _curve(
    pencil: "ImageDraw",
    font: "Font",
    across: Axis,
    up: Axis,
    curve: Curve,
    place: int,
) -> None:
    color = COLOURS[place % len(COLOURS)]
    pixels = [(across.pixel(x), up.pixel(y)) for x, y in curve.points]
    pencil.line(pixels, color, 3)
    for x, y in pixels:
        pencil.ellipse([x - 4, y - 4, x + 4, y + 4], color)
    x, y = across.start + 12, up.stop + 8 + 20 * place
    pencil.line([(x, y + 8), (x + 24, y + 8)], color, 3)
    pencil.text((x + 32, y), curve.name, INK, font)
