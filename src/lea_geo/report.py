"""The report: a plain page in three languages that says what was found, how sure it is and what it rests on.

It works offline and runs nothing: no script, no font, no image. Everything that came from data is escaped,
and a Content-Security-Policy refuses whatever might slip through.
"""

from __future__ import annotations

import json
import math
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lea_geo._checks.findings import check_findings
from lea_geo._files import write_whole
from lea_geo.schema import LANGUAGES, MUNICIPALITY, Label, result_column
from lea_geo.texts import read_texts, shared_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from lea_geo.schema import Findings, Indicator, Text

MOST_AREAS = 25
"""How many areas are named under an indicator; the tables have them all."""
HIGH, LOW = (Label.HIGH_HIGH,), (Label.LOW_LOW,)
UNLIKE = (Label.HIGH_LOW, Label.LOW_HIGH)
_MORAN, _STAR = "local_moran", "local_g_star"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_ALPHA = 0.05
"""At which p-value the report calls Moran's I of the whole region more than chance."""


def write_report(findings: Findings, path: str | Path) -> None:
    """Write the report of a study as one HTML file.

    Parameters
    ----------
    findings
        What a study found.
    path
        The file to write; an earlier one is replaced at once. The same findings give the same bytes.

    Raises
    ------
    OutputError
        The findings are not consistent, or the file cannot be written.
    """
    path = Path(path)
    check_findings(findings, f"{path.name} was not written:")
    write_whole(path, _page(findings).encode("utf-8", "backslashreplace"))


def _page(findings: Findings) -> str:
    switch = "".join(
        f'<input type="radio" name="language" id="in-{language}"{" checked" * (language == LANGUAGES[0])}>'
        f'<label for="in-{language}">{_e(_Words(language).shared(f"language.{language}"))}</label>'
        for language in LANGUAGES
    )
    sections = "".join(_section(findings, _Words(language)) for language in LANGUAGES)
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGES[0]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_e(findings.title.fi)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{switch}\n{sections}</body>\n</html>\n"
    )


class _Words:
    """The report's and the shared texts, and numbers, in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._own = read_texts("lea_geo", "report.toml")
        self._shared = shared_texts()

    def of(self, text: Text) -> str:
        return text.in_language(self.language)

    def own(self, key: str, **filled: object) -> str:
        text = self.of(self._own[key])
        for name, value in filled.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def all_of(self, group: str, **filled: object) -> list[str]:
        return [self.own(key, **filled) for key in self._own if key.startswith(f"{group}.")]

    def shared(self, key: str) -> str:
        return self.of(self._shared[key])

    def number(self, value: float, decimals: int) -> str:
        if value is None or not math.isfinite(value):
            return "–"
        text = f"{value:,.{decimals}f}"
        text = text.replace("-", "\N{MINUS SIGN}") if float(text.replace(",", "")) else text.lstrip("-")
        swap = {} if self.language == "en" else {",": "\N{NO-BREAK SPACE}", ".": ","}
        return "".join(swap.get(character, character) for character in text)

    def amount(self, value: float, indicator: Indicator) -> str:
        number = self.number(value, indicator.decimals)
        unit = self.shared(f"unit.{indicator.unit}")
        glue = "" if (indicator.unit, self.language) == ("percent", "en") else "\N{NO-BREAK SPACE}"
        return number if number == "–" else f"{number}{glue}{unit}"

    def probability(self, value: float) -> str:
        if value is None or not math.isfinite(value):
            return "–"
        return f"< {self.number(0.0001, 4)}" if value < 0.0001 else self.number(value, 4)


def _section(findings: Findings, words: _Words) -> str:
    made_up = f'<p class="made-up">{_e(words.shared("common.synthetic"))}</p>' if findings.synthetic else ""
    fdr = findings.settings.get("fdr")
    share = words.number(float(fdr), 2) if isinstance(fdr, int | float) else "–"
    indicators = "".join(_indicator(findings, indicator, words) for indicator in findings.indicators)
    return f"""<main class="in-{words.language}" lang="{words.language}">
{made_up}<h1>{_e(words.of(findings.title))}</h1>
<p>{_e(words.own("page.what"))}</p>
<h2>{_e(words.own("heading.overview"))}</h2>
{_overview(findings, words)}
<h2>{_e(words.own("heading.sure"))}</h2>
{_list(words.all_of("sure", fdr=share))}
<h2>{_e(words.own("heading.limits"))}</h2>
{_list(words.all_of("limits"))}
<h2>{_e(words.own("heading.indicators"))}</h2>
{indicators}<h2>{_e(words.own("heading.notes"))}</h2>
<div lang="en">{_list(findings.notes) if findings.notes else f"<p>{_e(words.own('said.no_notes'))}</p>"}</div>
<h2>{_e(words.own("heading.settings"))}</h2>
{_settings(findings.settings)}
<h2>{_e(words.own("heading.sources"))}</h2>
{_sources(findings, words)}
</main>
"""


def _overview(findings: Findings, words: _Words) -> str:
    names = ("indicator", "median", "range", "moran", "high", "low", "other")
    rows = []
    for indicator in findings.indicators:
        row, labels = _summary_of(findings, indicator), _labels(findings, indicator, _MORAN)
        low, high = (words.amount(row[name], indicator) for name in ("minimum", "maximum"))
        moran = f"{words.number(row['moran_statistic'], 3)} ({words.probability(row['moran_p_value'])})"
        counts = [str(int(labels.isin(kind).sum())) for kind in (HIGH, LOW, UNLIKE)]
        link = f'<a href="#{words.language}-{indicator.code}">{_e(words.of(indicator.name))}</a>'
        median = words.amount(row["median"], indicator)
        rows.append([link, *(_e(cell) for cell in (median, f"{low} – {high}", moran, *counts))])
    return _table([words.own(f"column.{name}") for name in names], rows)


def _indicator(findings: Findings, indicator: Indicator, words: _Words) -> str:
    groups = ("domain", "perspective", "phenomenon", "direction")
    placed = " · ".join(words.shared(f"{group}.{getattr(indicator, group)}") for group in groups)
    ethics = indicator.ethics
    checked = (
        words.own("said.reviewed", who=ethics.reviewed_by, when=ethics.reviewed_on)
        if ethics.reviewed_by
        else words.own("said.unreviewed")
    )
    return f"""<article id="{words.language}-{indicator.code}">
<h3>{_e(words.of(indicator.name))}</h3>
<p>{_e(words.of(indicator.explanation))}</p>
<p class="small">{_e(placed)}</p>
<p>{_e(" ".join(_numbers(_summary_of(findings, indicator), indicator, words)))}</p>
{_clustered(findings, indicator, words)}
<p class="small"><b>{_e(words.own("heading.ethics"))}.</b>
{_e(words.of(ethics.need))} {_e(words.of(ethics.harm))} {_e(checked)}</p>
</article>
"""


def _numbers(row: pd.Series, indicator: Indicator, words: _Words) -> list[str]:
    """Return the sentences that say what is known of an indicator over the whole region."""
    counted = {
        name: _count(row[f"n_{name}"]) for name in ("missing", "suppressed", "not_applicable", "isolates")
    }
    said = [
        words.own("said.known", known=_count(row["n_observed"]), all=_count(row["n_areas"])),
        words.own("said.unknown", **counted),
    ]
    if math.isfinite(row["median"]):
        spread = {name: words.amount(row[name], indicator) for name in ("median", "minimum", "maximum")}
        said.append(words.own("said.spread", **spread))
    if not math.isfinite(row["moran_p_value"]):
        reason = row["reason"] if isinstance(row["reason"], str) else ""
        return [*said, words.own("said.untested"), reason]
    found = {"i": words.number(row["moran_statistic"], 3), "p": words.probability(row["moran_p_value"])}
    if row["moran_p_value"] > _ALPHA:
        return [*said, words.own("said.chance", **found)]
    alike = row["moran_statistic"] > row["moran_expected"]
    return [*said, words.own("said.alike" if alike else "said.unlike", **found)]


def _summary_of(findings: Findings, indicator: Indicator) -> pd.Series:
    # Codes are unique, so there is one row of each.
    return findings.summary.T[indicator.code]


def _count(value: float) -> str:
    return str(int(value)) if math.isfinite(value) else "–"


def _labels(findings: Findings, indicator: Indicator, method: str) -> pd.Series:
    return findings.results[indicator.code][result_column(method, "label")]


def _clustered(findings: Findings, indicator: Indicator, words: _Words) -> str:
    """Name the areas that either local statistic tells apart from chance, the surest first."""
    result = findings.results[indicator.code]
    moran, star = (_labels(findings, indicator, method) for method in (_MORAN, _STAR))
    told = result[moran.isin([*HIGH, *LOW, *UNLIKE]) | star.isin([*HIGH, *LOW])]
    if told.empty:
        return f"<p>{_e(words.own('said.none'))}</p>"
    q_values = [result_column(method, "q_value") for method in (_MORAN, _STAR)]
    order = told[q_values].min(axis=1).sort_values(kind="stable").index
    heads = [words.own(f"column.{name}") for name in ("area", "value", "label", "q", "star", "q")]
    rows = [_told_row(findings, str(area), told.loc[area], indicator, words) for area in order[:MOST_AREAS]]
    left = len(order) - MOST_AREAS
    more = words.own("said.more", n=left, file=f"tables/{indicator.code}.csv") if left > 0 else ""
    first = words.own("said.one" if len(order) == 1 else "said.some", n=len(order))
    return (
        f"<p>{_e(first)}</p>{_table(heads, rows)}<p>{_e(more)}</p>"
        if more
        else f"<p>{_e(first)}</p>{_table(heads, rows)}"
    )


def _told_row(
    findings: Findings, area_id: str, row: pd.Series, indicator: Indicator, words: _Words
) -> list[str]:
    place = findings.areas.loc[area_id]
    name = place[f"name_{words.language}"] or place["name_fi"]
    where = ", ".join(part for part in (area_id, place[MUNICIPALITY]) if isinstance(part, str) and part)
    named = f"{_bdi(name)} ({_bdi(where)})" if isinstance(name, str) and name else _bdi(where)
    cells = [named, _e(words.amount(row["value"], indicator))]
    for method, group in ((_MORAN, "label"), (_STAR, "hotspot")):
        label = str(row[result_column(method, "label")])
        known = label in {str(one) for one in (*HIGH, *LOW)}
        text = words.shared(f"{group if known else 'label'}.{label}") if label in set(Label) else label
        mark = f'<span class="mark {label.lower().replace(" ", "-")}"></span>' if label in set(Label) else ""
        cells += [f"{mark}{_e(text)}", _e(words.probability(row[result_column(method, "q_value")]))]
    return cells


def _settings(settings: Mapping[str, Any]) -> str:
    rows = [
        [f"<code>{_e(key)}</code>", f"<code>{_e(json.dumps(value, ensure_ascii=False))}</code>"]
        for key, value in settings.items()
        if value not in (None, "", [], {})
    ]
    return _table([], rows)


def _sources(findings: Findings, words: _Words) -> str:
    heads = [words.own(f"column.{name}") for name in ("source", "year", "licence", "indicator")]
    used: dict[tuple[str, str, str], list[str]] = {}
    for indicator in findings.indicators:
        key = (indicator.source, indicator.reference_year, indicator.licence)
        used.setdefault(key, []).append(words.of(indicator.name))
    return _table(heads, [[_e(cell) for cell in (*key, "; ".join(names))] for key, names in used.items()])


def _table(heads: list[str], rows: list[list[str]]) -> str:
    """Return a table; heads are text, cells are HTML already."""
    head = "<thead><tr>" + "".join(f'<th scope="col">{_e(head)}</th>' for head in heads) + "</tr></thead>"
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f'<div class="wide"><table>{head if heads else ""}<tbody>{body}</tbody></table></div>'


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{_e(item)}</li>\n" for item in items) + "</ul>"


def _bdi(text: str) -> str:
    """Return text that cannot turn the reading direction of what follows it."""
    return f"<bdi>{_e(text)}</bdi>"


def _e(text: str) -> str:
    return escape(str(text), quote=True)


_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1d2329; }
body { max-width: 62rem; margin: 0 auto; padding: 1rem; }
main { display: none; }
#in-fi:checked ~ .in-fi, #in-sv:checked ~ .in-sv, #in-en:checked ~ .in-en { display: block; }
input[name=language] { position: absolute; opacity: 0; }
label { display: inline-block; padding: .3rem .8rem; border: 1px solid #6b7480; }
label { margin-right: .3rem; cursor: pointer; }
input:checked + label { background: #1d2329; color: #fff; }
input:focus-visible + label { outline: 3px solid #2c7fb8; outline-offset: 2px; }
.made-up { background: #fff3b0; border: 2px solid #8a6d00; padding: .6rem 1rem; font-weight: bold; }
h2 { margin-top: 2.2rem; border-bottom: 1px solid #b9c0c7; }
article { border-top: 1px solid #d9dde1; margin-top: 1.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; border-bottom: 1px solid #e3e6e9; }
th, td { padding: .25rem .7rem .25rem 0; }
td { font-variant-numeric: tabular-nums; }
.small { font-size: .9rem; color: #454d55; }
.mark { display: inline-block; width: .8em; height: .8em; margin-right: .4em; background: #d9d9d9; }
.high-high { background: #b2182b; } .low-low { background: #2166ac; }
.low-high { background: #80cdff; } .high-low { background: #fdae61; }
bdi { overflow-wrap: anywhere; }
@media print { label, input { display: none; } }
"""
