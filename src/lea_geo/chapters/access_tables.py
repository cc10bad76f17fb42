"""The tables of access: by area, the sites, the sets that do as well, and scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._speech import Number, filled, listed
from lea_geo.chapter import YES, ChapterTable, Column
from lea_geo.chapters.access_found import ALTERNATIVE, PROPOSED, TODAY, of_areas
from lea_geo.schema import AREA_ID, Text
from lea_geo.targeting.access import REACHES, VERDICTS
from lea_geo.targeting.sites_effects import EFFECTS
from lea_geo.targeting.sites_scenarios import OUTCOMES
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.chapters.access_found import Found
    from lea_geo.chapters.ground import Ground

REACH_COLOURS = {"within": "#1b7837", "beyond": "#c2a5cf", "no_route": "#762a83"}
VERDICT_COLOURS = {"less": "#b35806", "typical": "#d9d9d9", "more": "#542788"}
OUTCOME_COLOURS = {"gains": "#1b7837", "same": "#d9d9d9", "loses": "#762a83"}
STATE_COLOURS = {"existing": "#4d4d4d", "new": "#1b7837", "not_chosen": "#a6dba0", "closed": "#c2a5cf"}
WORTH_SHOWING = 0.05
"""A place that belongs to the best set in fewer redraws, and to no set that ties, is not shown."""
_COSTS = {"mean_cost", "mean_lower", "mean_upper", "median_cost", "most_cost", "worst_cost", "mean_cost_all"}
_COSTS |= {"shorter", "shorter_lower", "shorter_upper", "radius"}
_INDICES = {"gini", "concentration"}
_SCENARIO = ("radius", *EFFECTS, "shorter", "shorter_lower", "shorter_upper", "gains", "loses")


def words() -> Mapping[str, Text]:
    """Return the chapter's texts by key."""
    return read_texts("lea_geo.chapters", "access.toml")


def number(name: str, unit: str = "", decimals: int = 1, **more: Any) -> Column:  # noqa: ANN401 - as Column takes
    """Return a column of numbers."""
    return Column(name, words()[f"column.{name}"], unit=unit, decimals=decimals, **more)


def word(
    name: str,
    held: Mapping[str, Text],
    colours: Mapping[str, str] | None = None,
    **more: Any,  # noqa: ANN401 - same
) -> Column:
    """Return a column of words."""
    return Column(name, words()[f"column.{name}"], kind="word", words=held, colours=colours or {}, **more)


def of_group(group: str, keys: tuple[str, ...]) -> dict[str, Text]:
    """Return the texts of a group's words."""
    return {key: words()[f"{group}.{key}"] for key in keys}


def areas_table(ground: Ground, found: Found) -> ChapterTable:
    """Return access by area, and what the proposal would change."""
    index, say = ground.areas, words()
    frame = pd.DataFrame({"need": _need(found, index)}, index=index)
    columns = [number("need", "count", 0, explanation=say["explain.need"])]
    shows: list[str] = []
    if found.scores is not None:
        _add_scores(frame, columns, found)
        shows += ["verdict", "reach", "cost", "score"]
    if found.choice is not None:
        _add_proposal(frame, columns, found, index)
        shows += ["outcome"] if found.scores is not None else ["after"]
    return _table("areas", frame.rename_axis(AREA_ID), columns, place="areas", shows=tuple(shows))


def _need(found: Found, index: pd.Index) -> pd.Series:
    first = found.scenarios.areas["scenario"].iloc[0]
    return of_areas(found, str(first), "need", index)


def _add_scores(frame: pd.DataFrame, columns: list[Column], found: Found) -> None:
    assert found.scores is not None  # noqa: S101 - the caller has looked
    say, table = words(), found.scores.table.reindex(frame.index)
    by_place = found.places.frame.loc[found.places.services, "capacity"].notna().all()
    scale = 1.0 if by_place else 1000.0
    frame["nearest"], frame["cost"] = table["nearest"].fillna(""), table["nearest_cost"] * found.factor
    frame["reach"] = table["reach"].fillna("")
    for name in ("score", "lower", "upper", "least", "most"):
        frame[name] = table[name] * scale
    frame["verdict"] = table["verdict"].fillna("")
    frame["edge"] = np.where(table["edge"].eq(True), YES, "")
    told = say["explain.score_capacity" if by_place else "explain.score_services"]
    ways = filled(say["explain.range"], catchments=_ways(found))
    columns += [
        word("nearest", _names(found, frame["nearest"])),
        number("cost", found.unit, 1, scale="sequential"),
        word("reach", of_group("reach", REACHES), REACH_COLOURS),
        number("score", "", 2, explanation=told, scale="sequential"),
        *(number(name, "", 2, explanation=told) for name in ("lower", "upper")),
        *(number(name, "", 2, explanation=ways) for name in ("least", "most")),
        word("verdict", of_group("verdict", VERDICTS), VERDICT_COLOURS, explanation=say["explain.verdict"]),
        Column("edge", say["column.edge"], kind="flag", explanation=say["explain.edge"]),
    ]


def _ways(found: Found) -> Text:
    """Return the catchments as each language lists them."""
    plain = Text("{n}", "{n}", "{n}")
    return listed([filled(plain, n=Number(one * found.factor, 1, found.unit)) for one in found.catchments])


def _add_proposal(frame: pd.DataFrame, columns: list[Column], found: Found, index: pd.Index) -> None:
    frame["site"] = of_areas(found, PROPOSED, "site", index)
    frame["after"] = of_areas(found, PROPOSED, "cost", index) * found.factor
    columns += [
        word("site", _names(found, frame["site"])),
        number("after", found.unit, 1, scale="sequential"),
    ]
    if found.scores is not None:
        frame["change"] = of_areas(found, PROPOSED, "change", index) * found.factor
        frame["outcome"] = of_areas(found, PROPOSED, "outcome", index)
        columns += [
            number("change", found.unit, 1, scale="diverging"),
            word("outcome", of_group("outcome", OUTCOMES), OUTCOME_COLOURS),
        ]


def _names(found: Found, ids: pd.Series) -> dict[str, Text]:
    """Return what the places are called that a column holds."""
    return {str(one): found.places.name(str(one)) for one in sorted(set(ids) - {""})}


def sites_table(found: Found) -> ChapterTable:
    """Return services, proposed sites and those that could as well be chosen."""
    say = words()
    table = _site_rows(found)
    spots = found.places.frame.geometry.loc[table.index]
    frame = pd.DataFrame(
        {
            "id": table.index.to_numpy(dtype=object),
            "name": table.index.to_numpy(dtype=object),
            "x": spots.x.to_numpy(),
            "y": spots.y.to_numpy(),
            "state": table["state"].to_numpy(),
            **{name: table[name].to_numpy(dtype=float) for name in ("p_belongs", "in_ties", "need")},
        }
    ).rename(columns={"need": "served"})
    columns = [
        Column("id", say["column.id"], kind="text"),
        word("name", _names(found, table.index.to_series())),
        number("x", "metres", 0),
        number("y", "metres", 0),
        word("state", of_group("state", tuple(STATE_COLOURS)), STATE_COLOURS),
        number("p_belongs", "probability", 2, explanation=say["explain.p_belongs"], scale="sequential"),
        number("in_ties", "share", 0, explanation=say["explain.in_ties"]),
        number("served", "count", 0),
    ]
    return _table("sites", frame, columns, place="points", shows=("state", "p_belongs"))


def _site_rows(found: Found) -> pd.DataFrame:
    """Return the sites that are shown: the proposed ones first, then the likeliest."""
    services = found.places.services
    if found.choice is None:
        nothing = {"p_belongs": np.nan, "in_ties": np.nan, "need": np.nan}
        return pd.DataFrame({"state": "existing", **nothing}, index=pd.Index(services))
    table = found.choice.table.copy()
    table["state"] = table["state"].replace({"not chosen": "not_chosen"})
    closed = table.index.isin(services) & (table["state"] == "not_chosen")
    table.loc[closed, "state"] = "closed"
    worth = (table["p_belongs"] >= WORTH_SHOWING) | (table["in_ties"] > 0) | (table["state"] != "not_chosen")
    order = {state: place for place, state in enumerate(("new", "existing", "closed", "not_chosen"))}
    table = table[worth].assign(order=lambda rows: rows["state"].map(order))
    return table.sort_values(["order", "p_belongs"], ascending=[True, False], kind="stable")


def options_table(found: Found) -> ChapterTable:
    """Return the sets of sites that do as well, or are often the best."""
    assert found.choice is not None  # noqa: S101 - the caller has looked
    say, options = words(), found.choice.options
    frame = pd.DataFrame(
        {
            "option": np.arange(1.0, 1 + len(options)),
            "sites": options["sites"].to_numpy(dtype=object),
            "loss": options["loss"].to_numpy(dtype=float),
            "tied": np.where(options["tied"], YES, ""),
            "p_best": options["p_best"].to_numpy(dtype=float),
            "mean_cost": options["mean_cost"].to_numpy() * found.factor,
            "worst_cost": options["worst_cost"].to_numpy() * found.factor,
            **{name: options[name].to_numpy() for name in ("reached", "reached_lower", "reached_upper")},
        }
    )
    columns = [
        number("option", "", 0),
        word("sites", set_names(found)),
        number("loss", "share", 1),
        Column("tied", say["column.tied"], kind="flag"),
        number("p_best", "probability", 2),
        number("mean_cost", found.unit, 2),
        number("worst_cost", found.unit, 1),
        *(number(name, "share", 0) for name in ("reached", "reached_lower", "reached_upper")),
    ]
    return _table("options", frame, columns)


def set_names(found: Found) -> dict[str, Text]:
    """Return the names of the sites of each set that is listed, by its ids."""
    assert found.choice is not None  # noqa: S101 - the caller has looked
    return {
        one: listed([found.places.name(place) for place in one.split(" ")])
        for one in found.choice.options["sites"]
        if one
    }


def scenarios_table(found: Found) -> ChapterTable:
    """Return what each set of sites would mean."""
    table, say = found.scenarios.table, words()
    frame = table.reset_index().assign(radius=found.radius)[["scenario", *_SCENARIO]]
    for name in _COSTS:
        frame[name] = frame[name] * found.factor
    if found.choice is not None:
        chosen = found.choice.table["p_belongs"].reindex(list(found.choice.sites))
        frame["p_least"] = np.where(frame["scenario"] == PROPOSED, chosen.min(), np.nan)
    known = of_group("scenario", (TODAY, PROPOSED, ALTERNATIVE)) | found.asked
    held = {name: known[name] for name in table.index}
    columns = [word("scenario", held)]
    for name in _SCENARIO:
        if name in _COSTS:
            columns.append(number(name, found.unit, 1))
        elif name in _INDICES:
            columns.append(number(name, "", 2, explanation=say[f"explain.{name}"]))
        else:
            columns.append(number(name, "share", 0))
    if "p_least" in frame:
        columns.append(number("p_least", "probability", 2, explanation=say["explain.p_least"]))
    return _table("scenarios", frame, columns)


def _table(
    name: str, frame: pd.DataFrame, columns: list[Column], *, place: str = "", shows: tuple[str, ...] = ()
) -> ChapterTable:
    """Return a table whose numbers are floats and whose other columns are text."""
    kinds = {one.name: "float64" if one.kind == "number" else "str" for one in columns}
    return ChapterTable(
        name=f"access_{name}",
        title=words()[f"table.{name}"],
        explanation=words()[f"explain.{name}"],
        columns=tuple(columns),
        frame=frame[[one.name for one in columns]].astype(kinds),
        place=place,
        shows=shows,
    )
