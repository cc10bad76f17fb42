"""The tables of the chapter on kinds of areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._speech import filled
from lea_geo._text import Text
from lea_geo.chapter import YES, ChapterTable, Column
from lea_geo.chapters.types_data import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.chapters.ground import Ground
    from lea_geo.chapters.types_data import Named
    from lea_geo.typology.apply import AppliedTypes
    from lea_geo.typology.ledgers import TypeLedgers
    from lea_geo.typology.regions import Regions
    from lea_geo.typology.types import Types

COLOURS = (
    *("#332288", "#ddcc77", "#44aa99", "#cc6677", "#88ccee", "#117733", "#882255", "#999933", "#aa4499"),
)
"""Tol's muted scheme, told apart with any colour vision; its order says nothing."""
PLACES = (
    ("#e8e8e8", "#cbb8d7", "#9972af"),
    ("#e4d9ac", "#c8ada0", "#976b82"),
    ("#c8b35a", "#af8e53", "#804d36"),
)
"""Stevens' purple and gold: rows from little load to much, columns from few resources to many."""
_LEVELS = {1: ("one",), 2: ("low", "high"), 3: ("low", "middle", "high")}
_SHADES = {1: (1,), 2: (0, 2), 3: (0, 1, 2)}


def column(name: str, kind: str = "number", *, title: Text | None = None, **options: object) -> Column:
    """Return a column with the title that the texts have for it."""
    return Column(name, title or texts()[f"column.{name}"], kind, **options)  # type: ignore[arg-type]


def table(name: str, key: str, columns: list[Column], frame: pd.DataFrame, **options: object) -> ChapterTable:
    """Return a table with the title and explanation that the texts have for it."""
    said = texts()
    held = frame[[one.name for one in columns]].copy()
    for one in columns:
        held[one.name] = _typed(held[one.name], one.kind)
    return ChapterTable(name, said[f"table.{key}"], said[f"table.{key}_why"], tuple(columns), held, **options)  # type: ignore[arg-type]


def _typed(values: pd.Series, kind: str) -> pd.Series:
    if kind == "number":
        return values.astype(float)
    if kind == "flag":
        return pd.Series(np.where(values.eq(True), YES, ""), index=values.index, dtype="str")
    return values.fillna("").astype("str")


def areas_table(
    found: Types, names: Mapping[str, Text], ground: Ground, moves: tuple[str, AppliedTypes] | None
) -> ChapterTable:
    """Return the type of every area, how sure it is, and what it was."""
    said = texts()
    frame = found.table.reindex(ground.areas)
    colours = dict(zip(names, COLOURS, strict=False))
    columns = [
        column("type", "word", words=names, colours=colours),
        column("probability", unit="probability", scale="sequential"),
        column("second", "word", words=names),
        column("second_probability", unit="probability"),
        column("sure", "flag"),
    ]
    shows = ["type", "probability"]
    if moves is not None:
        year, applied = moves
        own = applied.table.reindex(ground.areas)
        frame = frame.assign(first_type=own["type"], move=own["move"], move_q=own["q_value"])
        words = {key: said[f"move.{key}"] for key in ("stayed", "moved", "unsure")}
        # An area that a year does not have was neither here nor there.
        colour = {"stayed": "#dddddd", "moved": "#aa4499", "unsure": "#ddcc77"}
        columns += [
            column("first_type", "word", words=names, title=filled(said["column.first_type"], year=year)),
            column("move", "word", words=words, colours=colour, title=filled(said["column.move"], year=year)),
            column("move_q", unit="probability", decimals=3),
        ]
        shows.append("move")
    return table("types_areas", "areas", columns, frame, place="areas", shows=tuple(shows))


def sizes_table(found: Types, names: Mapping[str, Text]) -> ChapterTable:
    """Return how large and how stable the types are."""
    columns = [
        column("type", "word", words=names),
        column("areas", unit="count", decimals=0),
        column("people", unit="persons", decimals=0),
        column("stability"),
        column("sure_areas", unit="count", decimals=0),
    ]
    return table("types_sizes", "sizes", columns, found.types.reset_index())


def shares_table(found: Types, names: Mapping[str, Text], what: Named) -> ChapterTable:
    """Return what the types are made of."""
    frame = _profile(found, "part")
    words = {code: what.parts[code] for code in found.seen.scale.parts}
    columns = [column("type", "word", words=names), column("part", "word", words=words)]
    columns += [column(name, unit="share", decimals=1) for name in ("value", "lower", "upper", "elsewhere")]
    columns.append(column("stability"))
    return table("types_shares", "shares", columns, frame.rename(columns={"name": "part"}))


def values_table(found: Types, names: Mapping[str, Text]) -> ChapterTable:
    """Return the indicators of the types."""
    frame = _profile(found, "indicator").rename(columns={"name": "indicator"})
    columns = [column("type", "word", words=names), column("indicator", "indicator")]
    columns += [column(name, decimals=1) for name in ("value", "lower", "upper", "elsewhere", "stability")]
    return table("types_values", "values", columns, frame)


def _profile(found: Types, kind: str) -> pd.DataFrame:
    frame = found.profiles[found.profiles["kind"] == kind].reset_index(drop=True)
    return frame.assign(stability=frame["type"].map(found.types["stability"]))


def choices_table(found: Types) -> ChapterTable:
    """Return every number of types that was tried."""
    columns = [
        column("k", unit="count", decimals=0),
        column("chosen", "flag"),
        column("stands", "flag"),
        column("stability_least"),
        column("rand_between"),
        column("prediction_strength"),
        column("p_more", unit="probability"),
        column("silhouette"),
        column("explained", unit="share", decimals=0),
        column("smallest_type", unit="count", decimals=0),
    ]
    return table("types_choices", "choices", columns, found.choices)


def drift_table(applied: AppliedTypes, names: Mapping[str, Text]) -> ChapterTable:
    """Return how far the types have moved."""
    columns = [
        column("type", "word", words=names),
        column("distance"),
        column("of_way", unit="share", decimals=0),
        column("p_value", unit="probability", decimals=3),
        column("drifted", "flag"),
    ]
    return table("types_drift", "drift", columns, applied.drift.reset_index())


def regions_tables(found: Regions, ground: Ground) -> list[ChapterTable]:
    """Return the region of every area, and the regions' sizes."""
    names = {region: Text(region, region, region) for region in found.regions.index}
    few = len(names) <= len(COLOURS)
    colours = dict(zip(names, COLOURS, strict=False)) if few else {}
    columns = [
        column("region", "word", words=names, colours=colours),
        column("probability", unit="probability", scale="sequential"),
    ]
    areas = table(
        "types_regions",
        "regions",
        columns,
        found.table.reindex(ground.areas),
        place="areas",
        shows=("region", "probability") if few else ("probability",),
    )
    columns = [
        column("region", "word", words=names),
        column("areas", unit="count", decimals=0),
        column("people", unit="persons", decimals=0),
        column("enough", "flag"),
        column("explained", unit="share", decimals=0),  # by all regions together
    ]
    listed = found.regions.reset_index().assign(explained=found.explained)
    return [areas, table("types_regions_list", "regions_list", columns, listed)]


def ledger_tables(found: TypeLedgers, ground: Ground) -> list[ChapterTable]:
    """Return each area's place on both ledgers, and how many areas are in each."""
    words, colours = _places(found)
    columns = [
        column("place", "word", words=words, colours=colours),
        column("probability", unit="probability", scale="sequential"),
        column("weakening", decimals=0),
        column("protecting", decimals=0),
    ]
    areas = table(
        "types_ledgers",
        "ledgers",
        columns,
        found.table.reindex(ground.areas),
        place="areas",
        shows=("place", "probability"),
    )
    rows = [
        {
            "weakening": str(i),
            "protecting": str(j),
            "areas": found.grid.loc[i, j],
            "people": found.people.loc[i, j],
        }
        for i in found.grid.index
        for j in found.grid.columns
    ]
    sides = [
        (name, {str(i): level_name(i, k) for i in range(1, k + 1)})
        for name, k in (("weakening", found.weakening.k), ("protecting", found.protecting.k))
    ]
    columns = [column(name, "word", words=words) for name, words in sides]
    columns += [column("areas", unit="count", decimals=0), column("people", unit="persons", decimals=0)]
    return [areas, table("types_ledgers_grid", "grid", columns, pd.DataFrame(rows))]


def level_name(level: int, k: int) -> Text:
    """Return what a level of k is called."""
    return texts()[f"level.{_LEVELS[k][level - 1]}"]


def _places(found: TypeLedgers) -> tuple[dict[str, Text], dict[str, str]]:
    words, colours = {}, {}
    loads, resources = found.weakening.k, found.protecting.k
    for i in range(1, loads + 1):
        for j in range(1, resources + 1):
            said = {"load": level_name(i, loads), "resource": level_name(j, resources)}
            words[f"L{i}R{j}"] = filled(texts()["level.place"], **said)
            colours[f"L{i}R{j}"] = PLACES[_SHADES[loads][i - 1]][_SHADES[resources][j - 1]]
    return words, colours
