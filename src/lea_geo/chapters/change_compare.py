"""Each indicator of a study in two years: what is compared, and what is not the same place any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lea_geo._checks.change import refuse_year
from lea_geo._estimates import counted_kind
from lea_geo.change.between import AreaChanges, area_changes
from lea_geo.change.breaks import find_breaks, redrawn_areas
from lea_geo.change.goalposts import fixed_scores
from lea_geo.change.two_counts import WHOLE
from lea_geo.intake.areas import read_areas
from lea_geo.intake.vintages.change import change_table
from lea_geo.schema import WITH_VALUE

if TYPE_CHECKING:
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


def codes_compared(ground: Ground, spec: ChangeSpec, years: tuple[int, int]) -> tuple[str, ...]:
    """Return the codes that both years have."""
    wanted = ground.codes(spec.indicators, key="[change] indicators")
    if not spec.indicators and ground.index_code:
        wanted = (*wanted, ground.index_code)
    both = [set(ground.years_of(code)) >= {str(year) for year in years} for code in wanted]
    return tuple(code for code, there in zip(wanted, both, strict=True) if there)


def borders_of(ground: Ground, spec: ChangeSpec) -> tuple[pd.Index, tuple[str, ...]]:
    """Return the areas whose borders are others than in the file of the earlier year, and what was found."""
    if not spec.boundaries:
        return pd.Index([], dtype="str"), ()
    areas = ground.findings.areas
    earlier = read_areas(ground.data / spec.boundaries, area_id=spec.boundaries_id, crs=areas.crs)
    found = change_table(earlier[["geometry"]], areas[["geometry"]])
    marked = redrawn_areas(areas.index, borders=found).table
    here = found.table[found.table["after"].isin(areas.index)]
    told = (
        f"Borders of {spec.boundaries} beside those of the study: {int((here['kind'] != 'unchanged').sum())} "
    )
    return marked.index[marked["redrawn"]], (f"{told}of {len(here)} links are changes.",)


def compared(
    ground: Ground, spec: ChangeSpec, code: str, years: tuple[int, int], borders: pd.Index
) -> Compared:
    """Compare two years of one indicator."""
    indicator = ground.indicator(code)
    cells = {int(year): ground.results(code, year) for year in ground.years_of(code)}
    kind = _kind(indicator, [cells[year] for year in years])
    tables = {year: _table(indicator, table, kind) for year, table in cells.items() if year >= years[0]}
    people = pd.DataFrame({year: cells[year]["denominator"].astype(float) for year in years})
    redrawn = _redrawn(ground, spec, tables, people, borders, kind)
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
    tables: dict[int, pd.DataFrame],
    people: pd.DataFrame,
    borders: pd.Index,
    kind: str,
) -> Redrawn:
    breaks = find_breaks(people, least=spec.jump) if kind != "value" else None
    found = redrawn_areas(ground.areas, breaks=breaks, named=spec.redrawn)
    carries = any(getattr(table, "areas", "") for table in ground.spec.tables)
    carried = _fractional(tables) if kind != "value" and carries else []
    why = found.table["why"]
    for word, ids in (("borders", borders), ("carried", carried)):
        here = pd.Series(why.index.isin(ids), index=why.index)
        why = why.where(~here, (why + " " + word).str.strip())
    table = found.table.assign(redrawn=why != "", why=why.str.split().str[0].fillna("").astype("str"))
    return type(found)(table=table, notes=found.notes)


def _fractional(tables: dict[int, pd.DataFrame]) -> list[str]:
    """Return areas with parts of people: they were divided where they were carried from other areas."""
    found: set[str] = set()
    for table in tables.values():
        people = table["denominator"]
        found |= set(people.index[(people - people.round()).abs() > WHOLE])
    return sorted(found)


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
