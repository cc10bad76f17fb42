"""The tables of the chapter of targeting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._speech import filled
from lea_geo.chapter import YES, ChapterTable, Column
from lea_geo.chapters.targeting_found import CHOSEN, EQUAL, NOW, PAID
from lea_geo.schema import AREA_ID
from lea_geo.targeting.curve import ORDERS
from lea_geo.targeting.problem import BOUNDS
from lea_geo.targeting.scenarios import CHANGES, MEASURES
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.chapters.targeting_found import Found
    from lea_geo.schema import Text

TEXTS = read_texts("lea_geo.chapters", "targeting.toml")
SHARE: dict[str, Any] = {"unit": "share", "decimals": 1}
EUROS: dict[str, Any] = {"unit": "euro", "decimals": 0}
COUNT: dict[str, Any] = {"unit": "count", "decimals": 0}
CHANCE: dict[str, Any] = {"unit": "probability", "decimals": 2}
INDEX: dict[str, Any] = {"unit": "", "decimals": 3}
LIST_COLOURS = {"yes": "#b2182b", "no": "#e0e0e0"}
STANDING_COLOURS = {"on": "#b2182b", "tie": "#f4a582", "off": "#d9d9d9"}
CHANGE_COLOURS = {"gains": "#2166ac", "loses": "#b35806", "same": "#f7f7f7", "unsure": "#bdbdbd"}


def number(name: str, **options: Any) -> Column:  # noqa: ANN401 - what a column takes
    """Return a column of numbers that the chapter has words for."""
    return Column(name, TEXTS[f"column.{name}"], **options)


def ends(name: str, **options: Any) -> tuple[Column, ...]:  # noqa: ANN401
    """Return a number and the two ends of its interval."""
    return (
        number(name, **options),
        Column(f"{name}_lower", TEXTS["column.lower"], **options),
        Column(f"{name}_upper", TEXTS["column.upper"], **options),
    )


def words(name: str, held: Mapping[str, Text] | tuple[str, ...], **options: Any) -> Column:  # noqa: ANN401
    """Return a column of words: with their texts, or those that the chapter has texts for."""
    said = (
        {one: TEXTS[f"{name}.{one.replace(' ', '_')}"] for one in held} if isinstance(held, tuple) else held
    )
    return Column(name, TEXTS[f"column.{name}"], kind="word", words=said, **options)


def table(name: str, columns: tuple[Column, ...], frame: pd.DataFrame, **options: Any) -> ChapterTable:  # noqa: ANN401
    """Return a table whose frame has the columns in their order, each of its type."""
    frame = frame[[column.name for column in columns]].copy()
    for column in columns:
        if column.kind == "number":
            frame[column.name] = frame[column.name].astype(float)
        elif column.kind == "flag":
            flags = np.where(frame[column.name].fillna(value=False).astype(bool), YES, "")
            frame[column.name] = pd.Series(flags, frame.index).astype("str")
        else:
            frame[column.name] = frame[column.name].fillna("").astype("str")
    if not options.get("place"):
        frame = frame.reset_index(drop=True)
    short = name.removeprefix("targeting_")
    title, told = TEXTS[f"table.{short}"], TEXTS[f"explanation.{short}"]
    return ChapterTable(name=name, title=title, explanation=told, columns=columns, frame=frame, **options)


def scenario_words(found: Found) -> dict[str, Text]:
    """Return what each scenario is called."""
    made = {name: TEXTS[f"scenario.{name}"] for name in (NOW, PAID, EQUAL, CHOSEN)}
    return made | {name: one.name for name, one in found.asked.items()}


def list_table(found: Found, areas: pd.Index[str]) -> ChapterTable:
    """Return who is on the list, and how sure that is."""
    frame = found.listed.table.reindex(areas)
    listed = frame["rank"].notna()
    frame["listed"] = np.select(
        [~listed, frame["chosen"].fillna(value=False).astype(bool)], ["", "yes"], "no"
    )
    frame["standing"] = frame["standing"].where(listed, "")
    frame["p_belongs"] = frame["p_belongs"].where(listed)
    counted = found.counted
    frame["need"], frame["families"] = (one.reindex(areas) for one in (counted.need, counted.families))
    unit: dict[str, Any] = {"rate": SHARE, "count": COUNT}.get(found.listed.by, {"decimals": 1})
    columns = (
        words("listed", ("yes", "no"), colours=LIST_COLOURS),
        number("p_belongs", scale="sequential", **CHANCE),
        words("standing", ("on", "tie", "off"), colours=STANDING_COLOURS),
        number("rank", **COUNT),
        number("rank_lower", **COUNT),
        number("rank_upper", **COUNT),
        number("value", **unit),
        number("lower", **unit),
        number("upper", **unit),
        number("estimate", **unit),
        number("need", **COUNT),
        number("families", **COUNT),
        Column("optimal", TEXTS["column.optimal"], kind="flag"),
    )
    shows = ("standing", "p_belongs", "listed")
    return table("targeting_list", columns, frame, place="areas", shows=shows)


def certainty_table(found: Found) -> ChapterTable:
    """Return one row: how sure the list and the money are as a whole."""
    listed, standing = found.listed, found.listed.table["standing"]
    on = listed.table["chosen"].astype(bool)
    row = {
        "on_list": listed.choose,
        "sure": int(((standing == "on") & on).sum()),
        "tied": int((standing == "tie").sum()),
        "expected_wrong": listed.expected_wrong,
        "expected_wrong_lower": listed.wrong_interval[0],
        "expected_wrong_upper": listed.wrong_interval[1],
        "list_reached": listed.expected_reached,
        "optimal_reached": listed.optimal_reached,
    }
    columns = (
        *(number(name, **COUNT) for name in ("on_list", "sure", "tied")),
        *ends("expected_wrong", decimals=1),
        number("list_reached", **SHARE),
        number("optimal_reached", **SHARE),
    )
    if found.allocation is not None:
        paid = found.allocation
        row |= {"budget": paid.budget, "noise_share": paid.noise_share, "method_share": paid.method_share}
        row |= {"noise_share_lower": paid.noise_interval[0], "noise_share_upper": paid.noise_interval[1]}
        columns += (number("budget", **EUROS), *ends("noise_share", **SHARE), number("method_share", **SHARE))
    return table("targeting_certainty", columns, pd.DataFrame([row]))


def missed_table(found: Found) -> ChapterTable:
    """Return who is reached and who is missed, by strategy."""
    columns = (
        words("strategy", tuple(found.reached.table.index)),
        number("areas", **COUNT),
        number("families", **COUNT),
        number("need", **COUNT),
        number("need_missed", **COUNT),
        number("share_of_families", **SHARE),
        *ends("share_reached", **SHARE),
        *ends("share_missed", **SHARE),
        number("expected", **SHARE),
        *ends("efficiency", **SHARE),
        number("leakage", **SHARE),
        number("advantage", decimals=2),
        number("bound_lower", **SHARE),
        number("bound_upper", **SHARE),
    )
    return table("targeting_missed", columns, found.reached.table.reset_index())


def curve_tables(found: Found) -> tuple[ChapterTable, ChapterTable]:
    """Return how much need is covered area by area, and how many areas the stated shares take."""
    frame = found.reached.curve.rename(columns={"area_id": "area"})
    curve = (
        words("order", ORDERS),
        number("areas", **COUNT),
        Column("area", TEXTS["column.area"], kind="area"),
        *(number(name, **SHARE) for name in ("share_of_areas", "share_of_families", "share_of_need")),
        number("lower", **SHARE),
        number("upper", **SHARE),
    )
    needed = (
        words("order", ORDERS),
        number("share", unit="share", decimals=0),
        *ends("areas", **COUNT),
        number("share_of_areas", **SHARE),
        number("share_of_families", **SHARE),
    )
    return (
        table("targeting_curve", curve, frame),
        table("targeting_needed", needed, found.reached.needed),
    )


def money_tables(found: Found, areas: pd.Index[str], years: int) -> list[ChapterTable]:
    """Return euros by area, and by year where they are phased in."""
    if found.allocation is None:
        return []
    paid = found.allocation
    amounts = tuple(
        number(name, **EUROS)
        for name in ("lower", "upper", "method_lower", "method_upper", "hidden_lower", "hidden_upper")
    )
    columns = (
        number("euros", scale="sequential", **EUROS),
        *amounts,
        number("swing", scale="sequential", **EUROS),
        number("need_used", unit="count", decimals=1),
        number("per_need", scale="sequential", **EUROS),
        number("per_family", scale="sequential", **EUROS),
        number("previous", **EUROS),
        number("change", scale="diverging", **EUROS),
        words("bound", BOUNDS),
        number("first_year", **EUROS),
    )
    frame = paid.table.rename(columns={"need": "need_used"}).reindex(areas)
    had = frame["previous"].notna().any()
    shows = ("euros", "per_family", "swing", *(("change",) if had else ()))
    made = [table("targeting_allocation", columns, frame, place="areas", shows=shows)]
    if years > 1:
        long = paid.path.reset_index().melt(id_vars=AREA_ID, var_name="year", value_name="euros")
        path = (
            Column("area", TEXTS["column.area"], kind="area"),
            number("year", unit="years", decimals=0),
            number("euros", **EUROS),
        )
        made.append(table("targeting_path", path, long.rename(columns={AREA_ID: "area"})))
    return made


def scenario_tables(found: Found, areas: pd.Index[str]) -> list[ChapterTable]:
    """Return ways of sharing beside one another: as a whole, and area by area."""
    if found.scenarios is None:
        return []
    named = {name: one for name, one in scenario_words(found).items() if name in found.scenarios.table.index}
    units = {"need_reached": SHARE, "to_neediest": SHARE}
    columns: tuple[Column, ...] = (
        words("scenario", named),
        number("euros", **EUROS),
        *(number(name, **COUNT) for name in ("gain", "lose", "same", "unsure")),
        number("moved", **EUROS),
    )
    for measure in MEASURES:
        columns += ends(measure, **units.get(measure, INDEX))
    columns += (*ends("progressivity_change", **INDEX), Column("tie", TEXTS["column.tie"], kind="flag"))
    by_area = (
        words("scenario", named),
        Column("area", TEXTS["column.area"], kind="area"),
        number("euros", **EUROS),
        number("per_need", **EUROS),
        *ends("change", **EUROS),
        words("verdict", CHANGES, colours=CHANGE_COLOURS),
    )
    long = found.scenarios.areas.rename(columns={"area_id": "area"})
    return [
        table("targeting_scenarios", columns, found.scenarios.table.reset_index()),
        table("targeting_scenario_areas", by_area, long),
        _map_table(long, named, found.scenarios.base, areas),
    ]


def _map_table(
    long: pd.DataFrame, named: Mapping[str, Text], base: str, areas: pd.Index[str]
) -> ChapterTable:
    """Return euros by area, and who gains and loses, a column for each way of sharing."""
    columns: tuple[Column, ...] = ()
    frames = {}
    for name, said in named.items():
        of = long[long["scenario"] == name].set_index("area").reindex(areas)
        told = filled(TEXTS["map_column.euros"], name=said)
        columns += (Column(f"{name}_euros", told, scale="sequential", **EUROS),)
        frames[f"{name}_euros"] = of["euros"]
        if name != base:
            told = filled(TEXTS["map_column.verdict"], name=said)
            held = {word: TEXTS[f"verdict.{word}"] for word in CHANGES}
            columns += (Column(f"{name}_verdict", told, kind="word", words=held, colours=CHANGE_COLOURS),)
            frames[f"{name}_verdict"] = of["verdict"]
    shows = tuple(column.name for column in columns)
    return table("targeting_scenario_map", columns, pd.DataFrame(frames), place="areas", shows=shows)
