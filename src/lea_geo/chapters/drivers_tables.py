"""The tables of the chapter on drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._colours import STYLES
from lea_geo._speech import Number, filled
from lea_geo.chapter import YES, ChapterTable, Column
from lea_geo.drivers.bivariate import CLASSES, PALETTE, BivariateClasses, bivariate_classes
from lea_geo.drivers.local import CONSTANT, WORDS
from lea_geo.drivers.regression import SPATIAL_TERMS
from lea_geo.schema import Label
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.chapters.drivers_found import Found
    from lea_geo.chapters.ground import Ground
    from lea_geo.drivers.regression import Regression
    from lea_geo.schema import Text

TEXTS = read_texts("lea_geo.chapters", "drivers.toml")
UNITS = ("percent", "euro", "square_metres", "per_1000_residents", "persons", "households", "count", "index")
LEE_WORDS = {
    str(Label.HIGH_HIGH): "high_high",
    str(Label.LOW_LOW): "low_low",
    str(Label.HIGH_LOW): "high_low",
    str(Label.LOW_HIGH): "low_high",
    str(Label.NOT_SIGNIFICANT): "not significant",
    str(Label.ISOLATE): "isolate",
}
LABEL_COLOURS = {word: STYLES[label].fill for label, word in LEE_WORDS.items()}
LOCAL_COLOURS = {"positive": "#d55e00", "negative": "#0072b2", "not significant": "#d9d9d9"}
LONGEST_NAME = 63


def title(group: str, name: str, **values: Any) -> Text:  # noqa: ANN401 - what a text takes
    """Return a text of the chapter, filled."""
    text = TEXTS[f"{group}.{name}"]
    return filled(text, **values) if values else text


def number(name: str, **options: Any) -> Column:  # noqa: ANN401 - what a column takes
    """Return a column of numbers that the chapter has a title for."""
    return Column(name, TEXTS[f"column.{name}"], **options)


def words(name: str, held: tuple[str, ...], **options: Any) -> Column:  # noqa: ANN401
    """Return a column of words that the chapter has texts for."""
    return Column(
        name,
        TEXTS[f"column.{name}"],
        kind="word",
        words={one: TEXTS[f"word.{one}"] for one in held},
        **options,
    )


def table(name: str, columns: tuple[Column, ...], frame: pd.DataFrame, **options: Any) -> ChapterTable:  # noqa: ANN401
    """Return a table whose frame has the columns in their order, each of its type."""
    frame = frame[[column.name for column in columns]].copy()
    for column in columns:
        if column.kind == "number":
            frame[column.name] = frame[column.name].astype(float)
        else:
            frame[column.name] = frame[column.name].fillna("").astype("str")
    if not options.get("place"):
        frame = frame.reset_index(drop=True)
    short = name.removeprefix("drivers_")
    told = (
        {"title": title("table", short), "explanation": title("explanation", short)}
        if f"table.{short}" in TEXTS
        else {}
    )
    return ChapterTable(name=name, columns=columns, frame=frame, **(told | options))


CORRELATION = {"decimals": 2}
P = {"unit": "probability", "decimals": 3}


def association_table(found: Found) -> ChapterTable:
    """Return a row for each driver."""
    columns = (
        Column("driver", TEXTS["column.driver"], kind="indicator"),
        number("n", unit="count", decimals=0),
        *(number(one, **CORRELATION) for one in ("pearson", "lower", "upper")),
        number("effective_size", unit="count", decimals=0),
        number("p_value", **P),
        number("q_value", **P),
        *(number(one, **CORRELATION) for one in ("spearman", "spearman_lower", "spearman_upper")),
        *(number(one, **CORRELATION) for one in ("partial", "partial_lower", "partial_upper")),
        number("reliability", **CORRELATION),
        number("without_noise", **CORRELATION),
        number("lee", **CORRELATION),
        number("lee_p", **P),
        number("scale_lower", **CORRELATION),
        number("scale_upper", **CORRELATION),
        Column("holds", TEXTS["column.holds"], kind="flag"),
    )
    if found.associations is None:
        return table("drivers_association", columns, pd.DataFrame(columns=[one.name for one in columns]))
    frame = found.associations.table.rename_axis("driver").reset_index()
    codes = list(frame["driver"])
    frame["lee"] = [found.lee[code].statistic for code in codes]
    frame["lee_p"] = [found.lee[code].p_value for code in codes]
    scales = [found.scales.get(code) for code in codes]
    frame["scale_lower"] = [np.nan if one is None else one.lowest for one in scales]
    frame["scale_upper"] = [np.nan if one is None else one.highest for one in scales]
    frame["holds"] = [YES if one is not None and one.sign_holds else "" for one in scales]
    return table("drivers_association", columns, frame)


def scale_table(found: Found) -> ChapterTable | None:
    """Return a row for each driver and division."""
    if not found.scales:
        return None
    parts = [one.table.assign(driver=code) for code, one in found.scales.items()]
    frame = pd.concat(parts, ignore_index=True)
    frame["division"] = frame["division"].str.replace(" ", "_")
    columns = (
        Column("driver", TEXTS["column.driver"], kind="indicator"),
        words("division", ("as_given", "random", "postal", "grid", "municipality")),
        number("zones", unit="count", decimals=0),
        number("runs", unit="count", decimals=0),
        *(number(one, **CORRELATION) for one in ("lower", "median", "upper")),
        number("same_sign", unit="share", decimals=0),
    )
    return table("drivers_scale", columns, frame)


def map_tables(ground: Ground, found: Found, values: Mapping[str, pd.Series[float]]) -> list[ChapterTable]:
    """Return, for each driver, the classes of both by area and where they go together."""
    made = []
    taken: set[str] = set()
    for code in found.drivers:
        name = table_name(found.outcome, code, taken)
        taken.add(name)
        both = bivariate_classes(values[found.outcome], values[code])
        made.append(_map_table(ground, found, code, name, both))
    return made


def class_ends(found: Found, values: Mapping[str, pd.Series[float]]) -> dict[str, list[float]]:
    """Return up to where values of each indicator are low, and from where they are high, on the maps."""
    ends: dict[str, list[float]] = {}
    for code in found.drivers:
        both = bivariate_classes(values[found.outcome], values[code])
        ends |= {found.outcome: [*map(float, both.x_cuts)], code: [*map(float, both.y_cuts)]}
    return ends


def table_name(outcome: str, driver: str, taken: set[str]) -> str:
    """Return the name of a map's table, shortened where both codes are long, and like no other."""
    plain = "".join(
        one if one.isascii() and one.isalnum() else "_" for one in f"drivers_{outcome}_{driver}".lower()
    )
    name, number = plain[:LONGEST_NAME], 2
    while name in taken or name in _OWN:
        ending = f"_{number}"
        name, number = plain[: LONGEST_NAME - len(ending)] + ending, number + 1
    return name


_OWN = {f"drivers_{one}" for one in ("local_areas", "held_out")}


def _map_table(ground: Ground, found: Found, code: str, name: str, both: BivariateClasses) -> ChapterTable:
    one, two = ground.indicator(found.outcome), ground.indicator(code)
    named = {"outcome": one.name, "driver": two.name}
    lee = found.places[code].table
    frame = pd.DataFrame(index=ground.areas)
    frame["class"] = both.table["label"].reindex(ground.areas).str.replace(" ", "_")
    label = lee["label"].reindex(ground.areas)
    frame["lee_label"] = label.map(LEE_WORDS).fillna("")
    moran = found.around[code].table["label"].reindex(ground.areas)
    frame["moran_label"] = moran.map(LEE_WORDS).fillna("")
    frame["local_lee"] = lee["statistic"].reindex(ground.areas)
    frame["q_value"] = lee["q_value"].reindex(ground.areas)
    classes = {
        f"{first}_{second}": title(
            "word", "class", **named, first=TEXTS[f"word.{first}"], second=TEXTS[f"word.{second}"]
        )
        for first in CLASSES
        for second in CLASSES
    }
    together = {word: title("word", word, **named) for word in LEE_WORDS.values()}
    around = {word: title("around", word, **named) for word in LEE_WORDS.values()}
    columns = (
        Column(
            "class",
            TEXTS["column.class"],
            kind="word",
            words=classes,
            colours={key.replace(" ", "_"): colour for key, colour in PALETTE.items()},
        ),
        Column(
            "lee_label",
            TEXTS["column.lee_label"],
            kind="word",
            words=together,
            colours=LABEL_COLOURS,
        ),
        Column("moran_label", TEXTS["column.moran_label"], kind="word", words=around, colours=LABEL_COLOURS),
        number("local_lee"),
        number("q_value", **P),
    )
    cuts = {
        f"{which}_{end}": Number(cut, indicator.decimals, indicator.unit)
        for which, indicator, pair in (("outcome", one, both.x_cuts), ("driver", two, both.y_cuts))
        for end, cut in zip(("low", "high"), pair, strict=True)
    }
    return table(
        name,
        columns,
        frame,
        title=title("table", "map", **named),
        explanation=title("explanation", "map", **named, **cuts),
        place="areas",
        shows=("class", "lee_label", "moran_label"),
    )


def outcome_unit(ground: Ground, found: Found) -> dict[str, Any]:
    """Return the unit and the decimals of a difference in the outcome."""
    indicator = ground.indicator(found.outcome)
    unit = "percentage_points" if indicator.unit == "percent" else indicator.unit
    return {"unit": unit, "decimals": indicator.decimals + 1}


def step_of(values: pd.Series[float]) -> float:
    """Return the largest power of ten up to a standard deviation: 1 000 euros, 1 per cent ..."""
    return float(10.0 ** np.floor(np.log10(values.std(ddof=0))))


def _step_decimals(steps: Mapping[str, float]) -> int:
    return max(0, int(-np.floor(np.log10(min(steps.values())))))


def regression_tables(ground: Ground, found: Found, steps: Mapping[str, float]) -> list[ChapterTable]:
    """Return the terms of the regression, its impacts, and the tests of least squares."""
    fit = found.regression
    if fit is None:
        return []
    frame = fit.table.reset_index()
    frame["part"] = [_part(term, fit) for term in frame["term"]]
    frame["driver"] = [
        term.removeprefix("lag of ") if part in ("own", "neighbours") else ""
        for term, part in zip(frame["term"], frame["part"], strict=True)
    ]
    frame["step"] = frame["driver"].map(steps).astype(float)
    decimals = outcome_unit(ground, found)["decimals"]
    for name in ("estimate", "lower", "upper"):
        frame[name] *= frame["step"].fillna(1.0)
    columns = (
        Column("driver", TEXTS["column.driver"], kind="indicator"),
        words("part", ("constant", "own", "neighbours", "spatial")),
        number("step", decimals=_step_decimals(steps)),
        *(number(one, decimals=decimals) for one in ("estimate", "lower", "upper")),
        number("p_value", **P),
        number("standardised"),
        number("vif", decimals=1),
    )
    told = title("explanation", "regression", model=TEXTS[f"word.{fit.model}"])
    made = [
        table("drivers_regression", columns, frame, title=TEXTS["table.regression"], explanation=told),
        _impacts(ground, found, fit, steps),
    ]
    tests = fit.diagnostics.drop("moran_residuals_z", errors="ignore").reset_index()
    columns = (
        words("test", tuple(tests["test"])),
        number("statistic", decimals=2),
        number("df", decimals=0),
        number("p_value", **P),
    )
    return [*made, table("drivers_tests", columns, tests)]


def _part(term: str, fit: Regression) -> str:
    if term == CONSTANT:
        return "constant"
    if term == SPATIAL_TERMS.get(fit.model):
        return "spatial"
    return "neighbours" if term.startswith("lag of ") else "own"


def _impacts(ground: Ground, found: Found, fit: Regression, steps: Mapping[str, float]) -> ChapterTable:
    names = [str(one) for one in fit.impacts.columns]
    frame = fit.impacts.reset_index()
    frame["step"] = frame["driver"].map(steps).astype(float)
    frame[names] = frame[names].mul(frame["step"], axis=0)
    columns = (
        Column("driver", TEXTS["column.driver"], kind="indicator"),
        number("step", decimals=_step_decimals(steps)),
        *(number(one, **outcome_unit(ground, found)) for one in names),
    )
    return table("drivers_impacts", columns, frame)


def local_tables(ground: Ground, found: Found) -> list[ChapterTable]:
    """Return the test of every driver, and local coefficients of those that are shown to differ."""
    if found.local is None:
        return []
    frame = found.local.terms.drop(CONSTANT).rename_axis("driver").reset_index()
    frame["varies"] = np.where(frame["varies"], YES, "")
    columns = (
        Column("driver", TEXTS["column.driver"], kind="indicator"),
        number("bandwidth", unit="count", decimals=0),
        number("critical_t"),
        number("variability"),
        number("p_value", **P),
        number("q_value", **P),
        Column("varies", TEXTS["column.varies"], kind="flag"),
    )
    made = [table("drivers_local", columns, frame)]
    if not found.local.varying:
        return made
    wide, parts, shows = pd.DataFrame(index=ground.areas), list[Column](), []
    for place, code in enumerate(found.local.varying, start=1):
        name = ground.indicator(code).name
        wide[f"label_{place}"] = found.local.table[f"{code}_label"].reindex(ground.areas)
        wide[f"coefficient_{place}"] = found.local.table[code].reindex(ground.areas)
        said = {one: TEXTS[f"word.{one}"] for one in WORDS}
        label = title("column", "local_label", driver=name)
        parts.append(Column(f"label_{place}", label, kind="word", words=said, colours=LOCAL_COLOURS))
        parts.append(Column(f"coefficient_{place}", title("column", "local_value", driver=name)))
        shows.append(f"label_{place}")
    wide["condition"] = found.local.table["condition"].reindex(ground.areas)
    parts.append(number("condition", decimals=1))
    return [*made, table("drivers_local_areas", tuple(parts), wide, place="areas", shows=tuple(shows))]


def held_out_tables(found: Found) -> list[ChapterTable]:
    """Return the skill of the models, and where there is any what it rests on."""
    if found.held_out is None:
        return []
    result = found.held_out
    skill = result.skill.rename(columns={"held_out": "tested_on"})
    skill["tested_on"] = skill["tested_on"].replace({"random": "random_areas"})
    columns = (
        words("model", ("boosted", "linear")),
        words("tested_on", ("places", "random_areas")),
        *(number(one, unit="share", decimals=0) for one in ("r_squared", "lower", "upper")),
    )
    made = [table("drivers_held_out", columns, skill)]
    if not result.has_skill:
        return made
    importance = result.importance.reset_index()
    groups = importance["drivers"].str.split(" + ", regex=False)
    importance["driver"], importance["together"] = groups.str[0], groups.str[1:].str.join(", ")
    columns = (
        Column("driver", TEXTS["column.driver"], kind="indicator"),
        Column("together", TEXTS["column.together"], kind="text"),
        *(number(one, **CORRELATION) for one in ("importance", "lower", "upper")),
    )
    made.append(table("drivers_importance", columns, importance))
    columns = (
        Column("driver", TEXTS["column.driver"], kind="indicator"),
        number("value"),
        *(number(one) for one in ("effect", "lower", "upper")),
    )
    return [*made, table("drivers_partial", columns, result.partial)]


PERSONS = (("in_group", "share_in_group"), ("outside", "share_outside"), ("phi", "phi"))


def persons_table(found: Found) -> ChapterTable | None:
    """Return what counts allow among people, where driver and outcome count the same ones."""
    if not found.persons:
        return None
    rows: list[dict[str, Any]] = []
    for code, bounds in found.persons.items():
        row: dict[str, Any] = {"driver": code}
        for short, measure in PERSONS:
            values = bounds.summary.loc[measure]
            row |= {f"{short}_lower": values["lower"], f"{short}_upper": values["upper"]}
        row["goodman"] = bounds.summary.loc["share_in_group", "goodman"]
        rows.append(row)
    shares = [f"{short}_{end}" for short, _ in PERSONS[:2] for end in ("lower", "upper")]
    columns = (
        Column("driver", TEXTS["column.driver"], kind="indicator"),
        *(number(one, unit="share", decimals=0) for one in (*shares, "goodman")),
        *(number(one, **CORRELATION) for one in ("phi_lower", "phi_upper")),
    )
    return table("drivers_persons", columns, pd.DataFrame(rows))
