"""The report: a plain page in three languages that says what was found, how sure it is and what it rests on.

It works offline and runs nothing: no script, no font, no image. Everything that came from data is safe,
and a Content-Security-Policy refuses whatever might slip through.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lea_geo._checks.findings import check_findings
from lea_geo._files import write_whole
from lea_geo._report_chapters import chapter_anchor, chapter_sections
from lea_geo._report_disclosure import SETTING, disclosure_section
from lea_geo._report_findings import findings_section
from lea_geo._report_html import STYLE, bullets, isolated, safe, small, table
from lea_geo._report_index import index_section, verdict_cell, verdicts_said
from lea_geo._report_rates import about_rates, grade_mark, graded
from lea_geo._report_words import Words
from lea_geo._sheets import sheets_of
from lea_geo.schema import (
    CONTROLLED,
    DOUBTS,
    LANGUAGES,
    LOCAL_COUNTS,
    MUNICIPALITY,
    MUNICIPALITY_NAMES,
    Label,
    result_column,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from lea_geo.schema import Findings, Indicator

MOST_AREAS = 10
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
    spoken = [Words(language, findings) for language in LANGUAGES]
    switch = "".join(
        f'<input type="radio" name="language" id="in-{words.language}"{" checked" * (words is spoken[0])}>'
        f'<label for="in-{words.language}" lang="{words.language}">'
        f"{safe(words.shared(f'language.{words.language}').capitalize())}</label>"
        for words in spoken
    )
    sections = "".join(_section(findings, words) for words in spoken)
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGES[0]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(findings.title.fi)} \N{EN DASH} {safe(spoken[0].own('page.kind'))}</title>\n"
        f"<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{switch}\n{sections}</main>\n</body>\n</html>\n"
    )


def _section(findings: Findings, words: Words) -> str:
    made_up = f'<p class="made-up">{safe(words.shared("common.synthetic"))}</p>' if findings.synthetic else ""
    indicators = "".join(_indicator(findings, indicator, words) for indicator in findings.indicators)
    silent = f"<p>{safe(words.own('said.no_notes'))}</p>"
    notes = bullets(findings.notes) if findings.notes else silent
    return f"""<div class="spoken in-{words.language}" lang="{words.language}">
{made_up}<h1>{safe(words.of(findings.title))}</h1>
<p>{safe(words.own("page.what"))}</p>
{_contents(findings, words)}{findings_section(findings, words)}<h2>{safe(words.own("heading.overview"))}</h2>
{_overview(findings, words)}
{_others(findings, words)}{index_section(findings, words)}{chapter_sections(findings, words)}
{_method(findings, words)}
<h2>{safe(words.own("heading.sure"))}</h2>
{bullets(_about_sureness(findings, words))}
{disclosure_section(findings, words)}<h2>{safe(words.own("heading.limits"))}</h2>
{bullets(words.all_of("limits"))}
<h2>{safe(words.own("heading.ledger"))}</h2>
{_ledger(findings, words)}
<h2>{safe(words.own("heading.indicators"))}</h2>
{indicators}<h2>{safe(words.own("heading.notes"))}</h2>
<div lang="en">{notes}</div>
<h2>{safe(words.own("heading.settings"))}</h2>
{_settings(findings.settings, words)}
<h2>{safe(words.own("heading.sources"))}</h2>
{_sources(findings, words)}
</div>
"""


def _contents(findings: Findings, words: Words) -> str:
    """Return where to find the chapters, where there are any."""
    links = (
        f'<li><a href="#{chapter_anchor(one, words)}">{safe(words.of(one.title))}</a>: '
        f"{safe(words.of(one.question))}</li>\n"
        for one in findings.chapters
    )
    title = words.own("heading.contents")
    return f'<nav aria-label="{safe(title)}"><ul>{"".join(links)}</ul></nav>\n' if findings.chapters else ""


def _method(findings: Findings, words: Words) -> str:
    """Return in one page how all of it was found out."""
    chapters = "".join(
        f"<p><b>{safe(words.of(one.title))}.</b> {safe(words.of(one.method))}</p>\n"
        for one in findings.chapters
    )
    return f"<h2>{safe(words.own('heading.method'))}</h2>\n{bullets(words.all_of('method_page'))}\n{chapters}"


def _ledger(findings: Findings, words: Words) -> str:
    """Return why each indicator is needed, what harm it could do, and who has looked at that."""
    heads = [words.own(f"column.{name}") for name in ("indicator", "need", "harm", "review")]
    rows = [
        [
            safe(words.of(one.name)),
            *(safe(words.of(text)) for text in (one.ethics.need, one.ethics.harm)),
            safe(_reviewed(one, words)),
        ]
        for one in findings.indicators
        if not one.is_composite
    ]
    return table(heads, rows, label=words.own("heading.ledger"))


def _reviewed(indicator: Indicator, words: Words) -> str:
    ethics = indicator.ethics
    if not ethics.reviewed_by:
        return words.own("said.unreviewed")
    return words.own("said.reviewed", who=ethics.reviewed_by, when=ethics.reviewed_on)


def _about_labels(group: str, findings: Findings, words: Words) -> list[str]:
    """Return the sentence of a group that says what a label is worth, where the settings tell."""
    fdr, correction = findings.settings.get("fdr"), str(findings.settings.get("correction", "bh"))
    if not isinstance(fdr, int | float) or correction not in CONTROLLED:
        return []
    filled = {"fdr": words.number(fdr, 2), "percent": words.percent(fdr)}
    named = words.shared(f"correction.{correction}")
    return [words.own(f"{group}.{CONTROLLED[correction]}", correction=named, **filled)]


def _about_sureness(findings: Findings, words: Words) -> list[str]:
    """Return what a reader has to know of how sure all of it is."""
    labels = _about_labels("named", findings, words)
    return [*labels, *words.all_of("sure"), *about_rates(findings, words), *_about_index(findings, words)]


def _about_index(findings: Findings, words: Words) -> list[str]:
    """Return what holds only of studies with an index, and of those with verdicts on labels."""
    composite = any(indicator.is_composite for indicator in findings.indicators)
    said = words.all_of("sure_index") if composite else []
    return [*said, *(words.all_of("sure_verdict") if verdicts_said(findings) else [])]


def _overview(findings: Findings, words: Words) -> str:
    names = ("indicator", "median", "moran", "high", "low", "other")
    rows = []
    for indicator in findings.indicators:
        row, labels = _summary_of(findings, indicator), _labels(findings, indicator, _MORAN)
        moran = f"{words.number(row['moran_statistic'], 3)} ({words.probability(row['moran_p_value'])})"
        counts = [str(int(labels.isin(kind).sum())) for kind in (HIGH, LOW, UNLIKE)]
        link = f'<a href="#{words.language}-{indicator.code}">{safe(words.of(indicator.name))}</a>'
        span = words.span(row["minimum"], row["maximum"], indicator)
        median = (
            f'{safe(words.amount(row["median"], indicator))}<br><span class="small">({safe(span)})</span>'
        )
        rows.append([link, median, *(safe(cell) for cell in (moran, *counts))])
    return table([words.own(f"column.{name}") for name in names], rows, label=words.own("heading.overview"))


def _others(findings: Findings, words: Words) -> str:
    """Return the other years and kinds of areas, where there are any, and the study's own above them."""
    if not findings.others:
        return ""
    heads = [words.own(f"column.{name}") for name in ("kind", "year", "areas", "indicators", "folder")]
    rows = []
    for sheet in sheets_of(findings):
        one = sheet.findings
        counts = (str(len(one.areas)), str(len(one.indicators)))
        folder = "/".join(filter(None, ("tables", sheet.name)))
        cells = (words.shared(f"areas.{one.level or 'other'}"), one.year or "–", *counts, folder)
        rows.append([safe(cell) for cell in cells])
    title = words.own("heading.others")
    drawn = table(heads, rows, label=title)
    told = any(chapter.code == "change" for chapter in findings.chapters)
    said = words.own("said.others_told" if told else "said.others")
    return f"<h2>{safe(title)}</h2>\n<p>{safe(said)}</p>\n{drawn}\n"


def _indicator(findings: Findings, indicator: Indicator, words: Words) -> str:
    groups = {group: getattr(indicator, group) for group in ("domain", "perspective", "phenomenon")}
    groups["direction_index" if indicator.is_composite else "direction"] = indicator.direction
    placed = " · ".join(words.shared(f"{group}.{word}") for group, word in groups.items() if word)
    grades = graded(findings.results[indicator.code]["grade"], words)
    return f"""<article id="{words.language}-{indicator.code}">
<h3>{safe(words.of(indicator.name))}</h3>
<p>{safe(words.of(indicator.explanation))}</p>
<p class="small">{safe(placed)}</p>
<p>{safe(" ".join([*_numbers(_summary_of(findings, indicator), indicator, words), *grades]))}</p>
{_clustered(findings, indicator, words)}
</article>
"""


def _numbers(row: pd.Series, indicator: Indicator, words: Words) -> list[str]:
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


def _clustered(findings: Findings, indicator: Indicator, words: Words) -> str:
    """Name the areas that either local statistic tells apart from chance, the surest first."""
    result = findings.results[indicator.code]
    moran, star = (_labels(findings, indicator, method) for method in (_MORAN, _STAR))
    told = result[moran.isin([*HIGH, *LOW, *UNLIKE]) | star.isin([*HIGH, *LOW])]
    if told.empty:
        return f"<p>{safe(words.own('said.none'))}</p>"
    q_values = [result_column(method, "q_value") for method in (_MORAN, _STAR)]
    surest = told[q_values].min(axis=1)
    order = surest.sort_values(kind="stable").index
    heads = [words.own(f"column.{name}") for name in ("area", "value", "label", "star")]
    rows = [_told_row(findings, str(area), told.loc[area], indicator, words) for area in order[:MOST_AREAS]]
    left = len(order) - MOST_AREAS
    more = words.own("said.more", n=left, file=f"tables/{indicator.code}.csv") if left > 0 else ""
    some = "said.some" if surest.notna().any() else "said.some_unordered"
    said = [words.own("said.one" if len(order) == 1 else some, n=len(order))]
    said += _about_labels("alarms", findings, words)
    drawn = table(heads, rows, label=words.of(indicator.name))
    return f"<p>{safe(' '.join(said))}</p>{drawn}" + (f"<p>{safe(more)}</p>" if more else "")


def _told_row(
    findings: Findings, area_id: str, row: pd.Series, indicator: Indicator, words: Words
) -> list[str]:
    place = findings.areas.loc[area_id]
    n_ranked = int(findings.results[indicator.code]["rank"].count())
    name = place[f"name_{words.language}"] or place["name_fi"]
    inside = place[MUNICIPALITY]
    where = ", ".join([area_id, words.place(inside)] if isinstance(inside, str) and inside else [area_id])
    named = f"{isolated(name)} ({isolated(where)})" if isinstance(name, str) and name else isolated(where)
    value = safe(words.amount(row["value"], indicator)) + _sure(row, n_ranked, indicator, words)
    value += grade_mark(row, words)
    cells = [named + _hidden(row, words), value]
    for method, group in ((_MORAN, "label"), (_STAR, "hotspot")):
        label = str(row[result_column(method, "label")])
        known = label in {str(one) for one in (*HIGH, *LOW)}
        text = words.shared(f"{group if known else 'label'}.{label}") if label in set(Label) else label
        mark = f'<span class="mark {label.lower().replace(" ", "-")}"></span>' if label in set(Label) else ""
        q_value = words.probability(row[result_column(method, "q_value")])
        sure = "" if q_value == "–" else small(f"q\N{NO-BREAK SPACE}{q_value}")
        cells.append(
            f"{mark}{safe(text)}{sure}{verdict_cell(row, method, words) or _doubt(row, method, words)}"
        )
    return cells


def _sure(row: pd.Series, n_ranked: int, indicator: Indicator, words: Words) -> str:
    """Return the interval of a value and the ranks that it could have, where there are any."""
    span = words.span(row["interval_lower"], row["interval_upper"], indicator)
    interval = "" if span == "–" else small(span)
    first, last = row["rank_lower"], row["rank_upper"]
    if not last >= first:  # nor NaN, where chance is not known
        return interval
    ranks = _count(first) if first == last else f"{_count(first)}–{_count(last)}"
    said = "said.ranks_runs" if indicator.is_composite else "said.ranks"
    return interval + small(words.own(said, ranks=ranks, all=n_ranked))


def _doubt(row: pd.Series, method: str, words: Words) -> str:
    """Return why a label could be another, where it could."""
    doubt = row[result_column(method, "doubt")]
    return small(words.own(f"doubt.{doubt}")) if isinstance(doubt, str) and doubt in DOUBTS[1:] else ""


def _hidden(row: pd.Series, words: Words) -> str:
    """Return how many neighbours an area could not be compared with, where there are any."""
    known, hidden = (row[result_column(_MORAN, name)] for name in LOCAL_COUNTS)
    if not hidden > 0:  # nor NaN, where nothing was computed
        return ""
    return small(words.shared("common.hidden_neighbours", hidden=_count(hidden), all=_count(known + hidden)))


def _settings(settings: Mapping[str, Any], words: Words) -> str:
    rows = [
        [f"<code>{safe(key)}</code>", f"<code>{safe(json.dumps(value, ensure_ascii=False))}</code>"]
        for key, value in settings.items()
        if key not in (MUNICIPALITY_NAMES, SETTING) and value not in (None, "", [], {})
    ]
    return table([], rows, label=words.own("heading.settings"))


def _sources(findings: Findings, words: Words) -> str:
    heads = [words.own(f"column.{name}") for name in ("source", "year", "licence", "indicator")]
    used: dict[tuple[str, str, str], list[str]] = {}
    for indicator in findings.indicators:
        if indicator.is_composite:
            continue  # it comes from its members
        source, licence = indicator.source, indicator.licence
        if findings.synthetic:  # made-up numbers are nobody's statistics, whoever's table they look like
            source, licence = words.shared("common.made_up_source", source=source), "–"
        key = (source, indicator.reference_year, licence)
        used.setdefault(key, []).append(words.of(indicator.name))
    rows = [[safe(cell) for cell in (*key, "; ".join(names))] for key, names in used.items()]
    return table(heads, rows, label=words.own("heading.sources"))
