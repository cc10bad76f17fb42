"""What a study asks for of rates over few people: years added up, areas merged, rates drawn together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lea_geo._checks.study import refuse_merging_years
from lea_geo._estimates import counted_kind
from lea_geo._notes import gathered
from lea_geo.rates.merge_study import merged_study
from lea_geo.rates.study import pooled, smoothed
from lea_geo.schema import CELL_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lea_geo._gather import Material
    from lea_geo.spatial.graph import AreaGraph


def with_more_years(years: Sequence[Material]) -> list[Material]:
    """Return the years of one kind of areas, counts of earlier years added to each where the study says so.

    Parameters
    ----------
    years
        The latest first.
    """
    how = years[0].spec.rates
    if how.years == 1 or len(years) == 1:
        return list(years)
    return [_with_earlier(material, years[at : at + how.years]) for at, material in enumerate(years)]


def _with_earlier(material: Material, years: Sequence[Material]) -> Material:
    cells, said = dict(material.cells), []
    for one in material.indicators:
        held = {int(year.year): year.cells[one.code] for year in years if one.code in year.cells}
        kind = counted_kind(one, material.cells[one.code])
        cells[one.code], notes = pooled(held, material.spec.rates, kind=kind, scale=one.scale)
        said.append((one.name.en, notes))
    return replace(material, cells=cells, notes=(*material.notes, *gathered(said)))


def merged(years: Sequence[Material], graph: AreaGraph) -> list[Material]:
    """Return the study on areas that are merged until their rates are of enough people, where it says so.

    Raises
    ------
    SpecError
        There are several years: areas merged for one need not be enough in another.
    """
    first = years[0]
    if not first.spec.rates.merge:
        return list(years)
    if len(years) > 1:
        raise refuse_merging_years([one.year for one in years])
    kinds = {one.code: counted_kind(one, first.cells[one.code]) for one in first.indicators}
    found = merged_study(
        first.areas,
        first.indicators,
        first.cells,
        kinds,
        first.spec.rates,
        graph,
        seed=first.spec.spatial.seed,
    )
    said = (*first.notes, *found.notes)
    return [replace(first, areas=found.areas, cells=found.cells, notes=said)]


def steadied(material: Material, graph: AreaGraph) -> Material:
    """Return the values, their intervals and their grades as the study asks for them."""
    how = material.spec.rates
    if how.method == "raw" and not how.flags:
        return material
    cells, intervals, grades, said = {}, {}, {}, []
    for one in material.indicators:
        found = smoothed(
            material.cells[one.code],
            how,
            kind=counted_kind(one, material.cells[one.code]),
            scale=one.scale,
            graph=graph,
            attributes=material.areas,
        )
        cells[one.code] = found.cells[list(CELL_COLUMNS)]
        if found.method != "raw":
            intervals[one.code] = found.cells[["interval_lower", "interval_upper"]]
        if how.flags:
            grades[one.code] = found.cells["grade"]
        said.append((one.name.en, found.notes))
    notes = (*material.notes, *gathered(said))
    return replace(material, cells=cells, intervals=intervals, grades=grades, notes=notes)
