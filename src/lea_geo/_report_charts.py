"""The report's charts: plain SVG in the page, drawn from the tables of chapters.

A chart repeats what a table beside it says, for people who would rather look than read. It has no script and
no outside part; its colours differ for every eye, and lines differ by their marks as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from lea_geo._report_html import safe
from lea_geo._speech import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from lea_geo.chapter import ChapterTable, Chart, Column

    Said = Callable[[Column, object], str]

WIDTH = 720
MOST_ROWS = 24
"""Rows that a chart can have before nobody reads it."""
_ROW, _LEFT, _RIGHT, _TOP, _BOTTOM = 28, 220, 24, 12, 48
_LEADING = 13
_TALL, _HEAD = 240, 28
_COLOURS = ("#1b4f8a", "#b35806", "#1a7f5a", "#7b3294", "#5a6470", "#a6192e")
"""Of lines; each differs from the others in lightness too."""
_MARKS = ("circle", "square", "diamond", "triangle", "cross", "bar")
_LETTER = 6.4
"""Units that a letter takes at the size of labels."""
_INK, _FAINT, _GRID = "#1d2329", "#5a6470", "#dfe3e7"


@dataclass(frozen=True)
class Axis:
    """Numbers along one side of a chart."""

    ticks: tuple[float, ...]
    start: float
    """Where the least tick is drawn."""
    end: float

    def at(self, value: float) -> float:
        """Return where a number is drawn."""
        low, high = self.ticks[0], self.ticks[-1]
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.end - self.start)


def draw(chart: Chart, table: ChapterTable, said: Said, language: str, title: str) -> str:
    """Return a chart as SVG, blank where nothing can be drawn.

    Parameters
    ----------
    chart
        What to draw.
    table
        Of what.
    said
        Gives what a reader sees of a cell that holds no number.
    language
        ``fi``, ``sv`` or ``en``, for the numbers.
    title
        What the chart shows, for those who do not see it.
    """
    frame = table.frame
    for name, words in chart.only.items():
        frame = frame[frame[name].isin(list(words))]
    picture = _Picture(chart, table, frame, said, language)
    drawn = {
        "intervals": picture.intervals,
        "bars": picture.bars,
        "lines": picture.lines,
        "curve": picture.lines,
        "matrix": picture.matrix,
    }[chart.kind]()
    if not drawn:
        return ""
    body, height = drawn
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{safe(title)}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{_INK}">{body}</svg>'
    )


def nice_ticks(low: float, high: float, *, most: int = 6) -> tuple[float, ...]:
    """Return round numbers that span an interval.

    >>> nice_ticks(0.3, 9.2)
    (0.0, 2.0, 4.0, 6.0, 8.0, 10.0)
    >>> nice_ticks(5, 5)
    (4.0, 5.0, 6.0)
    """
    if not high > low:
        step = 10.0 ** math.floor(math.log10(abs(low))) if low else 1.0
        return (low - step, float(low), low + step)
    raw = (high - low) / (most - 1)
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * k for k in (1, 2, 2.5, 5, 10) if size * k >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(k * step, 12) for k in range(first, last + 1))


class _Picture:
    """One chart on its way to SVG."""

    def __init__(
        self, chart: Chart, table: ChapterTable, frame: pd.DataFrame, said: Said, language: str
    ) -> None:
        self.chart, self.table, self.frame = chart, table, frame
        self.said, self.language = said, language

    def intervals(self) -> tuple[str, float] | None:
        """Draw a row for each word: its number and the interval around it."""
        rows = self._rows(self.chart.y, self.chart.x, self.chart.lower, self.chart.upper)
        ends = [end for _, *some in rows for end in some if math.isfinite(end)]
        if not ends:
            return None
        column = self.table.column(self.chart.x)
        axis = Axis(nice_ticks(min(ends), max(ends)), _LEFT, WIDTH - _RIGHT)
        height = _TOP + _ROW * len(rows) + _BOTTOM
        parts = [self._vertical(axis, column, height - _BOTTOM)]
        for number, (name, value, low, high) in enumerate(rows):
            y = _TOP + _ROW * (number + 0.5)
            parts.append(_row_name(name, y))
            if math.isfinite(low) and math.isfinite(high):
                parts.append(_line(axis.at(low), y, axis.at(high), y, _COLOURS[0], 3, opacity=0.45))
            if math.isfinite(value):
                parts.append(_mark("circle", axis.at(value), y, _COLOURS[0]))
        return "".join(parts), height

    def bars(self) -> tuple[str, float] | None:
        """Draw a bar from 0 for each word."""
        rows = [(name, value) for name, value, *_ in self._rows(self.chart.x, self.chart.y)]
        held = [value for _, value in rows if math.isfinite(value)]
        if not held:
            return None
        column = self.table.column(self.chart.y)
        axis = Axis(nice_ticks(min(0.0, *held), max(0.0, *held)), _LEFT, WIDTH - _RIGHT)
        height = _TOP + _ROW * len(rows) + _BOTTOM
        parts = [self._vertical(axis, column, height - _BOTTOM)]
        for number, (name, value) in enumerate(rows):
            y = _TOP + _ROW * number
            parts.append(_row_name(name, y + _ROW / 2))
            if math.isfinite(value):
                left, right = sorted((axis.at(0.0), axis.at(value)))
                parts.append(
                    f'<rect x="{left:.1f}" y="{y + 4:.1f}" width="{max(right - left, 0.5):.1f}" '
                    f'height="{_ROW - 8}" fill="{_COLOURS[0]}"/>'
                )
        return "".join(parts), height

    def lines(self) -> tuple[str, float] | None:
        """Draw lines of numbers over numbers, one for each word, with intervals where there are any."""
        chart, frame = self.chart, self.frame
        known = frame[frame[chart.x].notna() & frame[chart.y].notna()]
        if known.empty:
            return None
        series = self._series(known)
        ends = [chart.y, *filter(None, (chart.lower, chart.upper))]
        held = known[ends].to_numpy(float)
        held = held[~(held != held)]  # noqa: PLR0124 - what is no number
        high = _HEAD + _TALL
        across = Axis(_spread(known[chart.x].tolist()), 72, WIDTH - 190 if chart.by else WIDTH - _RIGHT)
        up = Axis(nice_ticks(float(held.min()), float(held.max())), high, _HEAD)
        parts = [self._frame(across, up, high)]
        for number, (name, rows) in enumerate(series):
            parts.append(self._one_line(rows, across, up, number))
            if name:
                parts.append(_legend(name, number))
        return "".join(parts), high + _BOTTOM

    def matrix(self) -> tuple[str, float] | None:
        """Draw the numbers of pairs of words in cells, darker where they are larger."""
        chart, frame = self.chart, self.frame
        if frame.empty:
            return None
        columns, rows = (dict.fromkeys(frame[name]) for name in (chart.x, chart.y))
        if len(columns) > MOST_ROWS or len(rows) > MOST_ROWS:
            return None
        held = frame[chart.by]
        low, high = float(held.min()), float(held.max())
        wide = (WIDTH - _LEFT - _RIGHT) / len(columns)
        heads = [_lines(self._word(chart.x, one), int((wide - 8) / _LETTER), 4) for one in columns]
        top = _TOP + _LEADING * max(map(len, heads))
        parts = [_row_name(self._word(chart.y, one), top + _ROW * (k + 0.5)) for k, one in enumerate(rows)]
        for k, lines in enumerate(heads):
            middle, first = _LEFT + wide * (k + 0.5), top - 6 - _LEADING * (len(lines) - 1)
            parts += [
                _text(one, middle, first + _LEADING * n, anchor="middle") for n, one in enumerate(lines)
            ]
        places = {one: k for k, one in enumerate(columns)}, {one: k for k, one in enumerate(rows)}
        shown = self.table.column(chart.by)
        for across, down, value in frame[[chart.x, chart.y, chart.by]].itertuples(index=False):
            x, y = _LEFT + wide * places[0][across], top + _ROW * places[1][down]
            parts.append(self._cell(x, y, wide, float(value), low, high, shown))
        return "".join(parts), top + _ROW * len(rows) + 12

    def _cell(
        self, x: float, y: float, wide: float, value: float, low: float, high: float, shown: Column
    ) -> str:
        if not math.isfinite(value):
            return ""
        share = (value - low) / (high - low) if high > low else 0.5
        # From nearly white to a blue on which white text can be read.
        fill = "#" + "".join(
            f"{round(a + share * (b - a)):02x}" for a, b in ((244, 27), (248, 79), (251, 138))
        )
        ink = "#ffffff" if share > 0.55 else _INK
        box = f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide - 2:.1f}" height="{_ROW - 2}" fill="{fill}"/>'
        number = self._number(value, shown)
        return box + _text(number, x + wide / 2, y + _ROW / 2 + 3, anchor="middle", ink=ink)

    def _rows(self, words: str, *numbers: str) -> list[tuple[str, float, float, float]]:
        """Return each row's name with up to three numbers, NaN where there is none."""
        found = []
        for _, row in self.frame.head(MOST_ROWS).iterrows():
            held = [float(row[name]) if name else math.nan for name in numbers]
            value, low, high = [*held, math.nan, math.nan][:3]
            found.append((self._word(words, row[words]), value, low, high))
        return found

    def _series(self, known: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
        by, x = self.chart.by, self.chart.x
        if not by:
            return [("", known.sort_values(x, kind="stable"))]
        held = [(self._word(by, one), rows.sort_values(x, kind="stable")) for one, rows in _groups(known, by)]
        return held[: len(_COLOURS)]

    def _one_line(self, rows: pd.DataFrame, across: Axis, up: Axis, number: int) -> str:
        chart, colour = self.chart, _COLOURS[number % len(_COLOURS)]
        points = [(across.at(x), up.at(y)) for x, y in rows[[chart.x, chart.y]].to_numpy(float)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>']
        if chart.lower and chart.upper:
            ends = rows[[chart.x, chart.lower, chart.upper]].dropna().to_numpy(float)
            shift = 3 * (number - 1)  # Side by side, or whiskers of lines would cover each other.
            parts += [
                _line(across.at(x) + shift, up.at(a), across.at(x) + shift, up.at(b), colour, 3, opacity=0.4)
                for x, a, b in ends
            ]
        if chart.kind == "lines":
            parts += [_mark(_MARKS[number % len(_MARKS)], x, y, colour) for x, y in points]
        return "".join(parts)

    def _vertical(self, axis: Axis, column: Column, bottom: float) -> str:
        """Draw the lines of an axis that goes across, with its numbers and what they are."""
        parts = []
        for tick in axis.ticks:
            x = axis.at(tick)
            parts.append(_line(x, _TOP, x, bottom, _INK if tick == 0 else _GRID, 1))
            parts.append(_text(self._tick(tick, column, axis), x, bottom + 16, anchor="middle", ink=_FAINT))
        middle = (axis.start + axis.end) / 2
        parts.append(_text(self._named(column), middle, bottom + 36, anchor="middle", ink=_FAINT))
        return "".join(parts)

    def _frame(self, across: Axis, up: Axis, bottom: float) -> str:
        x, y = self.table.column(self.chart.x), self.table.column(self.chart.y)
        parts = []
        for tick in up.ticks:
            at = up.at(tick)
            parts.append(_line(across.start, at, across.end, at, _INK if tick == 0 else _GRID, 1))
            parts.append(_text(self._tick(tick, y, up), across.start - 6, at + 4, anchor="end", ink=_FAINT))
        for tick in across.ticks:
            label = f"{tick:.0f}" if x.unit == "years" or _is_year(across) else self._tick(tick, x, across)
            parts.append(_text(label, across.at(tick), bottom + 16, anchor="middle", ink=_FAINT))
        parts.append(
            _text(self._named(x), (across.start + across.end) / 2, bottom + 36, anchor="middle", ink=_FAINT)
        )
        parts.append(_text(self._named(y), 8, _TOP, ink=_FAINT))
        return "".join(parts)

    def _word(self, name: str, value: object) -> str:
        column = self.table.column(name)
        if column.kind == "number":
            return self._number(float(str(value)), column)
        return self.said(column, value)

    def _named(self, column: Column) -> str:
        return self.said(column, None)

    def _number(self, value: float, column: Column) -> str:
        scale = 100 if column.unit == "share" else 1
        return written(scale * value, column.decimals, self.language)

    def _tick(self, tick: float, column: Column, axis: Axis) -> str:
        """Return a tick with as many decimals as tell it from the next."""
        scale = 100 if column.unit == "share" else 1
        step = scale * (axis.ticks[1] - axis.ticks[0])
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        if round(step * 10**decimals, 6) % 1:  # Steps of 2.5
            decimals += 1
        return written(scale * tick, decimals, self.language)


def _groups(frame: pd.DataFrame, by: str) -> Iterator[tuple[object, pd.DataFrame]]:
    for one in dict.fromkeys(frame[by]):
        yield one, frame[frame[by] == one]


def _spread(values: Sequence[float]) -> tuple[float, ...]:
    """Return ticks along numbers: themselves where they are few and whole, as years are."""
    unique = sorted(set(values))
    if len(unique) <= 12 and all(float(one).is_integer() for one in unique):
        return tuple(unique) if len(unique) > 1 else (unique[0] - 1, unique[0], unique[0] + 1)
    return nice_ticks(unique[0], unique[-1])


def _is_year(axis: Axis) -> bool:
    return all(1800 <= tick <= 2200 and float(tick).is_integer() for tick in axis.ticks)


def _row_name(name: str, y: float) -> str:
    lines = _lines(name, int((_LEFT - 12) / _LETTER), 2)
    top = y + 4 - _LEADING * (len(lines) - 1) / 2
    return "".join(_text(one, _LEFT - 10, top + _LEADING * k, anchor="end") for k, one in enumerate(lines))


def _legend(name: str, number: int) -> str:
    y = _HEAD + 10 + 34 * number
    mark = _mark(_MARKS[number % len(_MARKS)], WIDTH - 172, y, _COLOURS[number % len(_COLOURS)])
    lines = _lines(name, int(158 / _LETTER), 2)
    return mark + "".join(_text(one, WIDTH - 160, y + 4 + _LEADING * k) for k, one in enumerate(lines))


def _lines(text: str, wide: int, most: int) -> list[str]:
    """Return a text in lines of so many letters, cut where there would be more of them.

    >>> _lines("Households in the lowest income category", 22, 2)
    ['Households in the', 'lowest income category']
    >>> _lines("Households in the lowest income category", 12, 2)
    ['Households', 'in the lowe…']
    """
    found = wrap(text, wide, break_long_words=False) or [""]
    kept = [*found[: most - 1], " ".join(found[most - 1 :])] if len(found) > most else found
    return [_cut(one, wide) for one in kept]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(most - 1, 1)].rstrip() + "…"


def _text(text: str, x: float, y: float, *, anchor: str = "start", ink: str = _INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}">{safe(text)}</text>'


def _line(
    x1: float, y1: float, x2: float, y2: float, colour: str, width: float, *, opacity: float = 1
) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}" stroke-opacity="{opacity:g}"/>'
    )


def _mark(kind: str, x: float, y: float, colour: str) -> str:
    paint = f'fill="{colour}" stroke="#ffffff"'
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" {paint}/>'
    corners = {
        "square": ((-5, -5), (5, -5), (5, 5), (-5, 5)),
        "diamond": ((0, -6), (6, 0), (0, 6), (-6, 0)),
        "triangle": ((0, -6), (6, 5), (-6, 5)),
        "cross": (
            (-6, -2),
            (-2, -2),
            (-2, -6),
            (2, -6),
            (2, -2),
            (6, -2),
            (6, 2),
            (2, 2),
            (2, 6),
            (-2, 6),
            (-2, 2),
            (-6, 2),
        ),
        "bar": ((-6, -3), (6, -3), (6, 3), (-6, 3)),
    }[kind]
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon points="{points}" {paint}/>'
