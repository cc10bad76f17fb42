"""From a table and what a study says to an engine and the values that it runs on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks.composite import HEADING, check_composite
from lea_geo._checks.composite_data import refuse_spec, refuse_study
from lea_geo._checks.faults import Faults
from lea_geo._checks.spec import Keys
from lea_geo._composite_keys import BY_STEP, read_composite
from lea_geo.composite.changes import Changes
from lea_geo.composite.engine import Engine
from lea_geo.composite.fitting import check_weights
from lea_geo.composite.given import given_of, indicators_of
from lea_geo.composite.screen import screen
from lea_geo.composite.tree import build_tree, unknown_directions
from lea_geo.composite_spec import CompositeSpec
from lea_geo.errors import SpecError
from lea_geo.intake.catalogue import read_catalogue
from lea_geo.intake.plain import read_answers
from lea_geo.schema import Status
from lea_geo.spec import StudySpec

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from lea_geo.composite.engine import Learnt
    from lea_geo.composite.given import Given
    from lea_geo.composite.screen import Screened
    from lea_geo.composite.tree import Tree
    from lea_geo.intake.join import JoinedIndicators
    from lea_geo.intake.tables import IndicatorTable
    from lea_geo.rates.empirical_bayes import Links
    from lea_geo.schema import Indicator


@dataclass(frozen=True, eq=False)
class Prepared:
    """An index before its first run."""

    spec: CompositeSpec
    indicators: tuple[Indicator, ...]
    """What the catalogue knows of them."""
    tree: Tree
    given: Given
    """Values before imputation; of areas that were screened out, none."""
    engine: Engine
    """Without scales of its own, unless those of another year were given."""
    screened: Screened
    removed: Changes
    """The values of areas that were screened out."""
    notes: tuple[str, ...]

    def frame(self, cells: np.ndarray) -> pd.DataFrame:
        """Return an array (n, indicators) with the names of its rows and columns."""
        return pd.DataFrame(cells, index=self.given.ids, columns=list(self.given.codes))


def prepare(
    table: pd.DataFrame | IndicatorTable | JoinedIndicators,
    spec: CompositeSpec | StudySpec | Mapping[str, Any],
    *,
    scales: Learnt | None = None,
    population: pd.Series | None = None,
    graph: Links | Graph | None = None,
    attributes: pd.DataFrame | None = None,
) -> Prepared:
    """Read, arrange and screen; parameters and errors are those of :func:`lea_geo.composite_index`."""
    said, catalogue, folder = _said(spec)
    known = indicators_of(table, said, catalogue)
    whole = build_tree(said, known)
    given = given_of(table, whole, said, population=population, graph=graph, attributes=attributes)
    screened = screen(given.values, said.screen, codes=given.codes, ids=given.ids, status=given.known.status)
    tree = build_tree(said, known, without=screened.excluded) if screened.excluded else whole
    kept = given.only([node.code for node in tree.indicators])
    without = _without(kept, screened)
    tables = {name: read_answers(folder / name) for name in said.consultations}
    check_weights(tree)  # of the index as stated: one that is varied may leave weights aside
    engine = Engine.of(said, tree, population=given.population, tables=tables, held=scales)
    lacking = unknown_directions(said, known)
    notes = [f"{code} is left out: nobody says what a high value means." for code in lacking]
    return Prepared(
        spec=said,
        indicators=known,
        tree=tree,
        given=without,
        engine=engine,
        screened=screened,
        removed=Changes.between(kept.values, without.values, np.array(["area screened out"])),
        notes=(*notes, *given.notes, *screened.notes),
    )


def _said(spec: object) -> tuple[CompositeSpec, tuple[Indicator, ...], Path]:
    """Return the index, the indicators that its catalogue knows, and the folder of its files."""
    if isinstance(spec, StudySpec):
        if spec.composite is None:
            refuse_study()
        return spec.composite, read_catalogue(spec.catalogue_path or spec.catalogue).indicators, spec.data
    if isinstance(spec, Mapping):
        spec = _of_dict(spec)
    if not isinstance(spec, CompositeSpec):
        refuse_spec(spec)
    check_composite(spec, BY_STEP)
    return spec, read_catalogue().indicators, Path()


def _of_dict(said: Mapping[str, Any]) -> CompositeSpec:
    faults = Faults()
    inner = said.get("composite", said)
    spec = read_composite(Keys(inner, "[composite]", faults, Path(), "composite."))
    faults.raise_if_any(SpecError, HEADING)
    return spec


def _without(given: Given, screened: Screened) -> Given:
    """Return what is given without areas that were screened out: no value, and nothing to be filled."""
    out = screened.areas["excluded"].to_numpy(dtype=bool)
    if not out.any() or given.known.status is None:
        return given
    values, status = given.values.copy(), given.known.status.astype(object)
    values[out], status[out] = np.nan, str(Status.NOT_APPLICABLE)
    return replace(given, values=values, known=replace(given.known, status=status.astype(str)))
