"""The tables of the chapter of inequality."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lea_geo.chapter import YES, ChapterTable, Column
from lea_geo.chapters.inequality_measured import q_values
from lea_geo.inequality.result import FORMS, WEIGHTINGS
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lea_geo.chapters.inequality_measured import Measured
    from lea_geo.inequality.result import Estimate, Inequality
    from lea_geo.schema import Text

TEXTS = read_texts("lea_geo.chapters", "inequality.toml")
MEASURES, GAPS = "inequality_measures", "inequality_gaps"
PARTS, MUNICIPALITIES, NEAR = "inequality_parts", "inequality_municipalities", "inequality_near"


def _words(group: str, names: Iterable[str] = ()) -> dict[str, Text]:
    prefix = f"{group}."
    found = {key[len(prefix) :]: text for key, text in TEXTS.items() if key.startswith(prefix)}
    return {name: found[name] for name in names} if names else found


def _column(name: str, kind: str = "number", **more: object) -> Column:
    return Column(name, TEXTS[f"column.{name}"], kind, **more)  # type: ignore[arg-type]


INDICATOR = _column("indicator", "indicator")
WEIGHTING = _column("weighting", "word", words=_words("weighting", WEIGHTINGS))
INTERVAL = (_column("lower", decimals=3), _column("upper", decimals=3))
CHANCE = (
    _column("corrected", decimals=3, explanation=TEXTS["explain.corrected"]),
    _column("noise", decimals=3, explanation=TEXTS["explain.noise"]),
    _column("p_value", unit="probability", decimals=3, explanation=TEXTS["explain.p_value"]),
)


def tables(found: list[Measured], share: float) -> tuple[ChapterTable, ...]:
    """Return those tables that have rows."""
    made = (_gaps(found, share), _measures(found), _parts(found), _municipalities(found), _near(found))
    return tuple(table for table in made if len(table.frame))


def _table(name: str, columns: tuple[Column, ...], rows: list[dict[str, object]]) -> ChapterTable:
    frame = pd.DataFrame(rows, columns=[column.name for column in columns]).reset_index(drop=True)
    for column in columns:
        frame[column.name] = frame[column.name].astype("float64" if column.kind == "number" else "str")
    return ChapterTable(name, TEXTS[f"table.{name}.title"], TEXTS[f"table.{name}.text"], columns, frame)


def _measures(found: list[Measured]) -> ChapterTable:
    """Return every measure of every indicator, in long form."""
    columns = (
        INDICATOR,
        _column("measure", "word", words=_words("measure")),
        _column("form", "word", words=_words("form", FORMS)),
        WEIGHTING,
        _column("epsilon", decimals=2, explanation=TEXTS["explain.epsilon"]),
        _column("value", decimals=3, explanation=TEXTS["explain.value"]),
        *INTERVAL,
        *CHANCE,
        _column("areas", decimals=0, unit="count"),
    )
    rows = [
        {**row, "indicator": one.indicator.code, "areas": result.n_areas}
        for one in found
        for result in (*one.all.results, *one.ranked)
        for row in _rows(result, ranked=result in one.ranked)
    ]
    return _table(MEASURES, columns, rows)


def _rows(result: Inequality, *, ranked: bool) -> list[dict[str, object]]:
    rows = result.table.assign(epsilon=float(result.settings.get("epsilon", "nan")))
    if ranked:
        # A gap along an order is another thing than that between the highest and the lowest.
        rows["measure"] = rows["measure"].replace(
            {"tail_difference": "ranked_tail_difference", "tail_ratio": "ranked_tail_ratio"}
        )
    kept: list[dict[str, object]] = rows[rows["value"].notna()].to_dict("records")  # type: ignore[assignment]
    return kept


def _gap_columns() -> tuple[Column, ...]:
    return (
        INDICATOR,
        _column("share", unit="share", decimals=0),
        _column("gap", decimals=2, explanation=TEXTS["explain.gap"]),
        *(Column(c.name, c.title, decimals=2) for c in INTERVAL),
        _column("corrected", decimals=2, explanation=TEXTS["explain.corrected"]),
        _column("noise", decimals=2, explanation=TEXTS["explain.noise"]),
        _column("q_value", unit="probability", decimals=3, explanation=TEXTS["explain.q_value"]),
        _column("slope", decimals=2, explanation=TEXTS["explain.slope"]),
        _column("slope_lower", decimals=2),
        _column("slope_upper", decimals=2),
        _column("slope_q_value", unit="probability", decimals=3),
        _column("in_order", "flag", explanation=TEXTS["explain.in_order"]),
        _column("weighted", "flag", explanation=TEXTS["explain.weighted"]),
        _column("noise_known", "flag", explanation=TEXTS["explain.noise_known"]),
    )


def _gaps(found: list[Measured], share: float) -> ChapterTable:
    """Return the gap between both ends of every indicator, and along the order of the study."""
    slopes = [slope_of(one) for one in found]
    # An order that is made of an indicator tells nothing of it: no test, and no discovery.
    told = [None if one.own_order else slope for one, slope in zip(found, slopes, strict=True)]
    gap_q = q_values(one.gap.p_value for one in found)
    slope_q = q_values(float("nan") if slope is None else slope.p_value for slope in told)
    rows = []
    for one, slope, q, sq in zip(found, slopes, gap_q, slope_q, strict=True):
        row = _gap_row(one, share) | {"q_value": q}
        if slope is not None:
            row |= {"slope": slope.value, "slope_lower": slope.lower, "slope_upper": slope.upper}
            row |= {"slope_q_value": sq}
        rows.append(row)
    return _table(GAPS, _gap_columns(), rows)


def _gap_row(one: Measured, share: float) -> dict[str, object]:
    gap = one.gap
    return {
        "indicator": one.indicator.code,
        "share": share,
        "gap": gap.value,
        "lower": gap.lower,
        "upper": gap.upper,
        "corrected": gap.corrected,
        "noise": gap.noise,
        "in_order": YES if one.own_order else "",
        "weighted": YES if one.weighted else "",
        "noise_known": YES if one.counted else "",
    }


def slope_of(one: Measured) -> Estimate | None:
    """Return the slope index of an indicator, or None."""
    for result in one.ranked:
        if result.measure == "slope_index":
            return result.estimate("absolute")
    return None


def _parts(found: list[Measured]) -> ChapterTable:
    """Return what lies between municipalities and within them."""
    columns = (
        INDICATOR,
        _column("measure", "word", words=_words("measure", ("theil", "between_group_variance"))),
        _column("part", "word", words=_words("part")),
        WEIGHTING,
        _column("value", decimals=4),
        _column("part_share", unit="share", decimals=0, explanation=TEXTS["explain.part_share"]),
        *(Column(c.name, c.title, decimals=4) for c in INTERVAL),
        _column("noise", decimals=4, explanation=TEXTS["explain.noise"]),
    )
    rows = [
        {
            "indicator": one.indicator.code,
            "measure": result.measure,
            "part": part.name.split()[0],
            "weighting": part.weighting,
            "value": part.value,
            "part_share": part.share,
            "lower": part.lower,
            "upper": part.upper,
            "noise": part.noise,
        }
        for one in found
        for result in one.split
        if result.decomposition is not None
        for part in result.decomposition.parts
    ]
    return _table(PARTS, columns, rows)


def _municipalities(found: list[Measured]) -> ChapterTable:
    """Return what every municipality adds to the inequality."""
    columns = (
        INDICATOR,
        _column("municipality", "municipality"),
        _column("measure", "word", words=_words("measure", ("theil", "between_group_variance"))),
        _column("population_share", unit="share", decimals=0),
        _column("mean", decimals=2),
        _column("within", decimals=4, explanation=TEXTS["explain.within"]),
        _column("contribution", decimals=4, explanation=TEXTS["explain.contribution"]),
    )
    rows = []
    for one in found:
        for result in one.split:
            if result.decomposition is None:
                continue
            for name, row in result.decomposition.groups.iterrows():
                held = {str(key): value for key, value in row.items()}
                rows.append(
                    {
                        **held,
                        "indicator": one.indicator.code,
                        "municipality": str(name),
                        "measure": result.measure,
                    }
                )
    return _table(MUNICIPALITIES, columns, rows)


def _near(found: list[Measured]) -> ChapterTable:
    """Return the Gini of neighbours and of all others."""
    columns = (
        INDICATOR,
        WEIGHTING,
        _column("gini", decimals=3),
        _column("near", decimals=4),
        _column("near_lower", decimals=4),
        _column("near_upper", decimals=4),
        _column("far", decimals=4),
        _column("far_lower", decimals=4),
        _column("far_upper", decimals=4),
        _column("near_share", unit="share", decimals=1, explanation=TEXTS["explain.near_share"]),
        _column("expected", unit="share", decimals=1, explanation=TEXTS["explain.expected"]),
        _column("p_value", unit="probability", decimals=3, explanation=TEXTS["explain.p_near"]),
        _column("q_value", unit="probability", decimals=3, explanation=TEXTS["explain.q_value"]),
    )
    held = [(one, one.near) for one in found if one.near is not None]
    rows = []
    for weighting in WEIGHTINGS:
        tested = q_values(float(near.table.loc[weighting, "p_value"]) for _, near in held)  # type: ignore[arg-type]
        for (one, near), q in zip(held, tested, strict=True):
            row = {str(key): value for key, value in near.table.loc[weighting].items()}
            rows.append({**row, "indicator": one.indicator.code, "weighting": weighting, "q_value": q})
    return _table(NEAR, columns, rows)
