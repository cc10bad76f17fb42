"""What an index is made of, however it is handed over: values, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from scipy import sparse

from lea_geo._checks.composite_data import (
    CellFaults,
    check_areas,
    check_frame,
    check_group,
    check_links,
    check_population,
    refuse_table,
)
from lea_geo.composite.impute import Known
from lea_geo.intake.join import JoinedIndicators
from lea_geo.intake.tables import IndicatorTable
from lea_geo.schema import AREA_ID, WITH_VALUE, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from libpysal.graph import Graph

    from lea_geo.composite.tree import Tree
    from lea_geo.composite_spec import CompositeSpec
    from lea_geo.rates.empirical_bayes import Links
    from lea_geo.schema import Indicator


@dataclass(frozen=True, eq=False)
class Given:
    """Areas by indicators, as arrays in the order of a tree."""

    ids: pd.Index[str]
    codes: tuple[str, ...]
    values: np.ndarray
    """In the indicators' own units, shape (n, k); NaN wherever the status says that there is no value."""
    known: Known
    """Status, bounds, neighbours and groups."""
    population: np.ndarray | None
    """Shape (n,); None where nobody has given it."""
    notes: tuple[str, ...] = ()

    def only(self, codes: Sequence[str]) -> Given:
        """Return these indicators alone, in this order."""
        at = [self.codes.index(code) for code in codes]
        known = self.known
        status, lower, upper, people = (
            None if cells is None else cells[:, at]
            for cells in (known.status, known.lower, known.upper, known.people)
        )
        cut = replace(known, status=status, lower=lower, upper=upper, people=people)
        return replace(self, codes=tuple(codes), values=self.values[:, at], known=cut)


def indicators_of(
    table: object, spec: CompositeSpec, catalogue: Sequence[Indicator]
) -> tuple[Indicator, ...]:
    """Return what is known of the indicators that a table holds.

    Of a plain table it is what the catalogue says of columns that are called as its indicators; where the
    index lists its own and takes no level of the catalogue, of those that it says nothing else of.
    """
    held = table.table if isinstance(table, JoinedIndicators) else table
    if isinstance(held, IndicatorTable):
        return held.indicators
    if not isinstance(table, pd.DataFrame):
        refuse_table(table)
    known = tuple(indicator for indicator in catalogue if indicator.code in table.columns)
    if not spec.indicators or spec.levels:
        return known
    bare = {node.code for node in spec.indicators if not node.direction and not node.column}
    return tuple(indicator for indicator in known if indicator.code in bare)


def given_of(
    table: pd.DataFrame | IndicatorTable | JoinedIndicators,
    tree: Tree,
    spec: CompositeSpec,
    *,
    population: pd.Series | None = None,
    graph: Links | Graph | None = None,
    attributes: pd.DataFrame | None = None,
) -> Given:
    """Return values and what is known of them for the indicators of a tree.

    Raises
    ------
    UsageError, ValuesError
        Ids, columns or cells that cannot be used; a population, a graph or groups that are asked for and not
        there, or that belong to other areas.
    """
    held = table.table if isinstance(table, JoinedIndicators) else table
    frame = held.values if isinstance(held, IndicatorTable) else held
    ids = check_areas(frame)
    cells, notes = _of_table(held, tree) if isinstance(held, IndicatorTable) else _of_frame(held, tree)
    beside = [one for one in (attributes, frame, getattr(held, "attributes", None)) if one is not None]
    group, without = _group(ids, spec, beside)
    return Given(
        ids=ids,
        codes=tuple(node.code for node in tree.indicators),
        values=cells["value"],
        known=Known(
            status=cells["status"],
            lower=cells["lower"],
            upper=cells["upper"],
            people=cells["denominator"],
            links=None if graph is None else _links(graph, ids),
            group=group,
        ),
        population=_population(ids, spec, population, beside, tree),
        notes=(*notes, *without),
    )


def _of_table(table: IndicatorTable, tree: Tree) -> tuple[dict[str, Any], list[str]]:
    """Return the cells of a table of a catalogue's indicators."""
    codes = [node.column for node in tree.indicators]
    check_frame(codes, table.values)
    status = table.status[codes].to_numpy(dtype=object).astype(str)
    cells = {
        "value": np.where(np.isin(status, WITH_VALUE), table.values[codes].to_numpy(dtype=float), np.nan),
        "status": status,
        "lower": table.lower[codes].to_numpy(dtype=float),
        "upper": table.upper[codes].to_numpy(dtype=float),
        "denominator": table.denominator[codes].to_numpy(dtype=float),
    }
    return cells, []


def _of_frame(frame: pd.DataFrame, tree: Tree) -> tuple[dict[str, Any], list[str]]:
    """Return the cells of a plain table: NaN is missing, unless a column of status says what it is."""
    columns = [node.column for node in tree.indicators]
    check_frame(columns, frame)
    faults = CellFaults(frame)
    values = np.column_stack([faults.numbers(column) for column in columns])
    status = np.where(np.isnan(values), str(Status.MISSING), str(Status.OBSERVED)).astype(object)
    beside = {part: np.full(values.shape, np.nan) for part in ("lower", "upper", "denominator")}
    hidden = []
    for at, column in enumerate(columns):
        if f"{column}_status" in frame:
            status[:, at] = faults.statuses(f"{column}_status", values[:, at])
            hidden += [column] * bool((~np.isnan(values[:, at]) & ~np.isin(status[:, at], WITH_VALUE)).any())
        for part, cells in beside.items():
            if f"{column}_{part}" in frame and f"{column}_status" in frame:
                cells[:, at] = faults.numbers(f"{column}_{part}")
    faults.raise_if_any()
    notes = [f"{one} has numbers whose status says that they are none; they were not used." for one in hidden]
    status = status.astype(str)
    values = np.where(np.isin(status, WITH_VALUE), values, np.nan)
    return {"value": values, "status": status, **beside}, notes


def _population(
    ids: pd.Index[str],
    spec: CompositeSpec,
    given: pd.Series | None,
    beside: Sequence[pd.DataFrame],
    tree: Tree,
) -> np.ndarray | None:
    """Return people by area: as given, or from the column that the index names."""
    asked = any(
        how is not None and how.weighted for node in tree.nodes for how in (node.normalise, node.result)
    )
    if given is None and spec.population:
        given = next((_by_id(one)[spec.population] for one in beside if spec.population in one), None)
    return check_population(ids, given, spec.population, asked=asked)


def _group(
    ids: pd.Index[str], spec: CompositeSpec, beside: Sequence[pd.DataFrame]
) -> tuple[np.ndarray | None, list[str]]:
    """Return what each area belongs to as whole numbers, -1 for nothing."""
    by = spec.impute.by
    if not by:
        return None, []
    named = next((_by_id(one)[by] for one in beside if by in one), None)
    words = check_group(ids, named, by)
    belongs: np.ndarray = np.asarray(pd.factorize(words.mask(words == ""), sort=True)[0])
    lonely = ids[belongs < 0]
    notes = [f"{len(lonely)} areas have no {by}: {', '.join(lonely[:5])}."] if len(lonely) else []
    return belongs, notes


def _by_id(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.Index(frame.index.astype(str), name=AREA_ID))


def _links(graph: Links | Graph, ids: pd.Index[str]) -> sparse.csr_array[Any, tuple[int, int]]:
    """Return who is whose neighbour, rows and columns in the order of the areas."""
    if hasattr(graph, "unique_ids"):  # libpysal's, told by its attributes because importing it takes long
        known, matrix = pd.Index(graph.unique_ids), sparse.csr_array(cast("Any", graph.sparse))
    else:
        known, matrix = graph.ids, graph.sparse()
    places = check_links(ids, known)
    return sparse.csr_array(matrix[places][:, places])
