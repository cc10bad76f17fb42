"""What QGIS says of an area under the pointer: its name, its value with how sure it is, its label in words.

A map tip is a page in which ``[% ... %]`` is run. Words that are known now are escaped so that neither a tag
nor an expression is left in them; what an area holds is escaped when the tip is shown.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from lea_geo.export.qml import column, quoted
from lea_geo.schema import LOCAL_METHODS, WITH_VALUE, Label, result_column
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from lea_geo._report_words import Words
    from lea_geo.schema import Findings, Indicator

_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("[", "&#91;"))


def plain(text: str) -> str:
    """Return a text as a piece of the page: no tag, no expression.

    >>> plain("<b>[% 1 %]</b>")
    '&lt;b&gt;&#91;% 1 %&#93;&lt;/b&gt;'
    """
    return escape(text).replace("[", "&#91;").replace("]", "&#93;")


def name_of_area(language: str) -> str:
    """Return the expression for an area's name in a language, in another where it has none, or its id."""
    names = [f"name_{language}", *(f"name_{one}" for one in ("fi", "sv", "en") if one != language)]
    known = ", ".join(f"nullif({column(name)}, '')" for name in names)
    return f"coalesce({known}, {column('area_id')})"


def map_tip(findings: Findings, indicator: Indicator, words: Words) -> str:
    """Return the page that tells of an area of an indicator's layer."""
    amount = _amount("value", indicator, words)
    valued = f"{column('status')} IN ({', '.join(quoted(str(one)) for one in WITH_VALUE)})"
    value = f"CASE WHEN {valued} THEN {amount} ELSE represent_value({column('status')}) END"
    lines = [
        f"<b>{shown_value(name_of_area(words.language))}</b> ({shown_value(column('area_id'))})",
        f"{plain(words.of(indicator.name))}: <b>{shown_value(value)}</b>",
        _if_known(_interval(indicator, findings, words), "interval_lower"),
        _if_known(_said("tip.bounds", words, interval=_span("lower", "upper", indicator, words)), "lower"),
        *(_label(method, words) for method in LOCAL_METHODS),
    ]
    made_up = f"<br><i>{plain(words.shared('common.synthetic'))}</i>" if findings.synthetic else ""
    return "<br>".join(lines[:2]) + "".join(lines[2:]) + made_up


def areas_tip(language: str) -> str:
    """Return the page that tells of an area without values."""
    return f"<b>{shown_value(name_of_area(language))}</b> ({shown_value(column('area_id'))})"


def shown_value(expression: str) -> str:
    """Return the place where a value will stand, escaped."""
    return f"[% {_escaped(expression)} %]"


def _escaped(expression: str) -> str:
    text = f"to_string(coalesce({expression}, ''))"
    for character, entity in _ENTITIES:
        text = f"replace({text}, {quoted(character)}, {quoted(entity)})"
    return text


def _amount(name: str, indicator: Indicator, words: Words) -> str:
    number = f"format_number({column(name)}, {int(indicator.decimals)}, {quoted(words.language)})"
    unit = words.shared(f"unit.{indicator.unit}")
    before, after = ("", f"\N{NO-BREAK SPACE}{unit}")
    if words.language == "en" and indicator.unit in ("percent", "euro"):
        before, after = (unit, "") if indicator.unit == "euro" else ("", unit)
    return f"{quoted(before)} || {number} || {quoted(after)}"


def _span(low: str, high: str, indicator: Indicator, words: Words) -> str:
    ends = (_amount(name, indicator, words) for name in (low, high))
    return " || ' – ' || ".join(f"coalesce({end}, '…')" for end in ends)


def _interval(indicator: Indicator, findings: Findings, words: Words) -> str:
    level = findings.settings.get("interval_level", 0.95)
    percent = words.percent(level) if isinstance(level, float) and 0 < level < 1 else "95"
    key = "tip.interval_runs" if indicator.is_composite else "tip.interval"
    span = _span("interval_lower", "interval_upper", indicator, words)
    return _said(key, words, percent=percent, interval=span)


def _said(key: str, words: Words, *, percent: str = "", **filled: str) -> str:
    """Return an expression for a sentence with a gap in it; what fills the gap is an expression itself."""
    text = read_texts("lea_geo.export")[key].in_language(words.language).replace("{percent}", percent)
    ((gap, expression),) = filled.items()
    before, after = text.split(f"{{{gap}}}")
    return f"{quoted(before)} || {expression} || {quoted(after)}"


def _if_known(expression: str, name: str) -> str:
    """Return a line of its own, where a column holds something."""
    line = _escaped(expression)
    return f"[% CASE WHEN {column(name)} IS NULL THEN '' ELSE '<br>' || {line} END %]"


def _label(method: str, words: Words) -> str:
    """Return the line of a cluster: its label, whether it holds, and on what it turns."""
    named = read_texts("lea_geo.export")[f"alias_method.{method}"].in_language(words.language)
    label, verdict, doubt, depends = (
        column(result_column(method, name)) for name in ("label", "verdict", "doubt", "depends_on")
    )
    silent = ", ".join(quoted(str(one)) for one in (Label.UNDEFINED, ""))
    said = f"{quoted(named + ': ')} || represent_value({label})"
    on = _said("tip.depends", words, on=f"represent_value({depends})")
    for more, unless, told in ((verdict, "''", ""), (depends, "''", on), (doubt, verdict, "")):
        blank = f"coalesce({more}, '') = '' OR coalesce({unless}, '') <> ''"
        said += f" || CASE WHEN {blank} THEN '' ELSE '; ' || {told or f'represent_value({more})'} END"
    return f"[% CASE WHEN coalesce({label}, '') IN ({silent}) THEN '' ELSE '<br>' || {_escaped(said)} END %]"
