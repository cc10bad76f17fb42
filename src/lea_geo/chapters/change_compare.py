"""Each indicator of a study in two years: what is compared, and what is not the same place any more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lea_geo._checks.change import refuse_unknown_areas, refuse_year
from lea_geo._estimates import counted_kind
from lea_geo.change.between import AreaChanges, area_changes
from lea_geo.change.breaks import find_breaks, redrawn_areas
from lea_geo.change.goalposts import fixed_scores
from lea_geo.inputs_spec import AreasSpec
from lea_geo.intake.areas import read_areas
from lea_geo.intake.vintages.change import change_table
from lea_geo.schema import WITH_VALUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.change.breaks import Redrawn
    from lea_geo.chapter_specs.change import ChangeSpec
    from lea_geo.chapters.ground import Ground
    from lea_geo.schema import Indicator

_PARTS = ["numerator", "denominator"]
_VALUED = [str(status) for status in WITH_VALUE]
RUNS_LEVEL = 0.9
"""How many of the runs of a composite its intervals hold."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One indicator in the years of a study."""

    indicator: Indicator
    kind: str
    years: dict[int, pd.DataFrame]
    """Year to what ``area_changes`` takes."""
    changes: AreaChanges
    scores: pd.DataFrame
    """Columns ``score_then score_now``."""
    redrawn: Redrawn
    people: pd.DataFrame
    """Areas by the two years: denominators; NaN where there are none."""

    @property
    def code(self) -> str:
        return self.indicator.code

    @property
    def scale(self) -> float:
        return 1.0 if self.kind == "value" else self.indicator.scale


def years_compared(ground: Ground, spec: ChangeSpec) -> tuple[int, int]:
    """Return the two years that are compared.

    Raises
    ------
    SpecError
        The study does not have the year that its file names.
    """
    years = [int(one.year) for one in ground.years]
    for key in ("since", "goalposts"):
        said = getattr(spec, key)
        known = [str(year) for year in (years[:-1] if key == "since" else years)]
        if said and said not in known:
            raise refuse_year(key, said, known)
    return (int(spec.since) if spec.since else years[0]), years[-1]


def codes_compared(
    ground: Ground, spec: ChangeSpec, years: tuple[int, int]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes that both years have, and a sentence on the others.

    Raises
    ------
    SpecError
        The study does not have an indicator or an area that its file names.
    """
    wanted = ground.codes(spec.indicators, key="[change] indicators")
    ground.codes(spec.relevant, key="[change.relevant]")
    ground.codes(filter(None, [spec.order]), key="[change] order")
    refuse_unknown_areas(spec.redrawn, ground.areas)
    if not spec.indicators and ground.index_code:
        wanted = (*wanted, ground.index_code)
    both = [set(ground.years_of(code)) >= {str(year) for year in years} for code in wanted]
    absent = [code for code, there in zip(wanted, both, strict=True) if not there]
    told = (f"Not given in both {years[0]} and {years[1]}, and not compared: {', '.join(absent)}.",)
    return tuple(code for code in wanted if code not in absent), told if absent else ()


def borders_of(
    ground: Ground, spec: ChangeSpec, years: tuple[int, int]
) -> tuple[dict[str, set[str]], tuple[str, ...]]:
    """Return areas whose borders are others than in a file of another year, and what was found.

    ``borders``: by the file that the chapter names. ``carried``: by the areas that a table of one of the
    years was carried from.
    """
    scheme = ground.spec.areas.id_scheme
    files = [("borders", AreasSpec(spec.boundaries, spec.boundaries_id, id_scheme=scheme))]
    given = [one.areas for one in ground.spec.tables if one.areas is not None and one.year in years]
    files += [("carried", one) for one in given]
    marks: dict[str, set[str]] = {"borders": set(), "carried": set()}
    told = []
    for word, said in files:
        if not said.path:
            continue
        ids = _redrawn_since(ground, said)
        marks[word] |= ids
        told.append(f"{len(ids)} of {len(ground.areas)} areas have other borders than in {said.path}.")
    return marks, tuple(dict.fromkeys(told))


def _redrawn_since(ground: Ground, said: AreasSpec) -> set[str]:
    areas = ground.findings.areas
    found = read_areas(
        ground.data / said.path,
        area_id=said.area_id,
        layer=said.layer or None,
        crs=areas.crs,
        id_scheme=said.id_scheme or None,
    )
    if not found.index.isin(areas.index).any():  # a grid: it has no borders that could have moved
        return set()
    # What lies far from the study takes long and changes nothing.
    near = found[["geometry"]].cx[slice(*areas.total_bounds[[0, 2]]), slice(*areas.total_bounds[[1, 3]])]
    changes = change_table(near, areas[["geometry"]])
    marked = redrawn_areas(areas.index, borders=changes).table
    return set(marked.index[marked["redrawn"]])


def compared(
    ground: Ground, spec: ChangeSpec, code: str, years: tuple[int, int], borders: Mapping[str, set[str]]
) -> Compared:
    """Compare two years of one indicator."""
    indicator = ground.indicator(code)
    cells = {int(year): ground.results(code, year) for year in ground.years_of(code)}
    kind = _kind(indicator, [cells[year] for year in years])
    tables = {year: _table(indicator, table, kind) for year, table in cells.items() if year >= years[0]}
    people = pd.DataFrame({year: cells[year]["denominator"].astype(float) for year in years})
    redrawn = _redrawn(ground, spec, people, borders, counted=kind != "value")
    changes = area_changes(
        {year: tables[year] for year in years},
        kind=kind,
        scale=1.0 if kind == "value" else indicator.scale,
        level=spec.level,
        power=spec.power,
        fdr=spec.fdr,
        correction=spec.correction,
        relevant=spec.relevant.get(code),
        correlation=spec.correlation,
        redrawn=redrawn.table,
    )
    return Compared(
        indicator=indicator,
        kind=kind,
        years=tables,
        changes=changes,
        scores=_scores(cells, spec, years),
        redrawn=redrawn,
        people=people,
    )


def _kind(indicator: Indicator, cells: list[pd.DataFrame]) -> str:
    """Return what chance makes of an indicator whose counts all its years give."""
    kinds = {counted_kind(indicator, one) for one in cells}
    return kinds.pop() if len(kinds) == 1 and kinds != {""} else "value"


def _table(indicator: Indicator, cells: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return counts, or values with the errors that the intervals of a composite stand for."""
    held = cells["status"].isin(_VALUED)
    if kind != "value":
        return cells[_PARTS].where(held).astype(float)
    value = cells["value"].where(held).astype(float)
    error = pd.Series(np.nan, index=value.index)
    if indicator.is_composite:
        reach = 2 * float(ndtri((1 + RUNS_LEVEL) / 2))
        error = (cells["interval_upper"] - cells["interval_lower"]).astype(float) / reach
    return pd.DataFrame({"value": value, "error": error.where(held)})


def _redrawn(
    ground: Ground,
    spec: ChangeSpec,
    people: pd.DataFrame,
    borders: Mapping[str, set[str]],
    *,
    counted: bool,
) -> Redrawn:
    breaks = find_breaks(people, least=spec.jump) if counted else None
    found = redrawn_areas(ground.areas, breaks=breaks, named=spec.redrawn)
    why = found.table["why"].map(lambda words: words.split(" ")[0]).astype("str")
    for word, ids in borders.items():  # what is seen on the map explains a jump
        why = why.where(~why.index.isin(ids), word)
    return replace(found, table=found.table.assign(redrawn=why != "", why=why))


def _scores(cells: dict[int, pd.DataFrame], spec: ChangeSpec, years: tuple[int, int]) -> pd.DataFrame:
    """Return both years on the scale of one; NaN where that has no spread."""
    values = {
        year: pd.DataFrame({"value": table["value"].where(table["status"].isin(_VALUED)).astype(float)})
        for year, table in cells.items()
    }
    of = int(spec.goalposts) if spec.goalposts else years[0]
    base = values.get(of, values[years[0]])["value"]
    if base.nunique() < 2:
        return pd.DataFrame({"score_then": np.nan, "score_now": np.nan}, index=base.index)
    scored = fixed_scores(values, year=of if of in values else years[0])
    then, now = (scored.tables[year]["value"] for year in years)
    return pd.DataFrame({"score_then": then, "score_now": now})
