"""What the scan statistic can take: cases, people, places, and how many windows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lea_geo._checks.areas import add_crs_faults
from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.values import as_floats, check_series, known_status, note_few, note_ids
from lea_geo.errors import AreasError, ResolutionError, UsageError, ValuesError
from lea_geo.schema import DEFAULT_CRS

MODELS = ("poisson", "bernoulli")
WINDOWS = ("circular", "irregular")
SIGNS = {"greater": 1, "less": -1, "two-sided": 0}
MOST_PEOPLE = 10**9
"""numpy draws hypergeometric numbers from fewer than this many people."""
MOST_BYTES = 2**30
"""What the neighbours of circular windows may take."""
BYTES_EACH = 4
"""What one neighbour takes."""


def check_scan_options(
    *, model: str, window: str, alternative: str, max_population: float, max_radius: float | None
) -> None:
    """Refuse options that the scan statistic does not have."""
    check_choice("model", model, MODELS)
    check_choice("window", window, WINDOWS)
    check_choice("alternative", alternative, SIGNS)
    check_fraction("max_population", max_population)
    if max_radius is None:
        return
    if window == "irregular":
        raise UsageError("max_radius belongs to window='circular'; irregular windows have no radius.")
    if isinstance(max_radius, bool) or not isinstance(max_radius, int | float) or not 0 < max_radius < np.inf:
        raise UsageError(f"max_radius is {max_radius!r}; it must be a distance in metres above 0.")


def check_scan_test(permutations: int, seed: int, level: float) -> None:
    """Refuse a test whose smallest p-value is above its level."""
    check_count("permutations", permutations)
    check_seed(seed)
    check_fraction("level", level)
    needed = int(np.ceil(1 / level - 1e-9)) - 1
    if permutations < needed:
        faults = Faults()
        faults.add(
            f"the smallest p-value of {permutations} permutations is {1 / (permutations + 1):.3g}, above the "
            f"level {level:g}",
            cure=f"Use at least {needed} permutations.",
        )
        raise ResolutionError("Too few permutations.", faults.found)


def check_scan_places(window: str, areas: object, graph: object) -> None:
    """Refuse a call without what its windows are made of, or with what they are not made of."""
    if window == "circular" and areas is None:
        raise UsageError("window='circular' needs to know where the areas are: give areas=.")
    if window == "irregular" and graph is None:
        raise UsageError("window='irregular' needs the neighbours: give graph=.")
    if window == "circular" and graph is not None:
        raise UsageError("window='circular' takes no graph; its windows are circles around the areas.")
    if window == "irregular" and areas is not None:
        raise UsageError("window='irregular' takes no areas; its windows follow the links of graph=.")


def check_scan_counts(
    cases: object, population: object, status: object, *, bernoulli: bool
) -> tuple[pd.Index, np.ndarray, np.ndarray, pd.api.extensions.ExtensionArray, np.ndarray]:
    """Return ids, cases, people, status and who has both, aligned by id; refuse what cannot be counts."""
    events, people = check_series("cases", cases), check_series("population", population)
    given = None if status is None else check_series("status", status)
    faults = Faults()
    note_ids(faults, "population", people.index, events.index, "cases")
    if not events.index.is_unique:
        faults.add("duplicate area ids in cases", ids=events.index[events.index.duplicated()].unique())
    faults.raise_if_any(ValuesError, "The cases and the population do not hold the same areas.")
    index, people = events.index, people.reindex(events.index)
    counts, heads = as_floats(faults, "cases", events), as_floats(faults, "population", people)
    unknown = np.isnan(counts) | np.isnan(heads)
    words, valid = known_status(faults, unknown, given, index)
    note_few(faults, "cases and population", valid)
    _note_count_faults(faults, index[valid], counts[valid], heads[valid], bernoulli=bernoulli)
    faults.raise_if_any(ValuesError, "No scan statistic can be made of these counts.")
    return index, counts, heads, words, valid


def _note_count_faults(
    faults: Faults, ids: pd.Index, cases: np.ndarray, people: np.ndarray, *, bernoulli: bool
) -> None:
    wrong = {
        "negative cases": (cases < 0, ""),
        "cases that are no whole numbers": (cases != np.floor(cases), "Cases are counted one by one."),
        "negative population": (people < 0, ""),
        "cases where nobody lives": ((people == 0) & (cases > 0), "Correct the population, or the cases."),
    }
    if bernoulli:
        cure = "For expected numbers of cases use model='poisson'."
        wrong["populations that are no whole numbers"] = (people != np.floor(people), cure)
        cure = "Population is everybody, cases included; for events that may recur use model='poisson'."
        wrong["cases outnumber the population"] = ((people > 0) & (cases > people), cure)
    for what, (affected, cure) in wrong.items():
        if affected.any():
            faults.add(what, ids=ids[affected], of=len(ids), cure=cure)
    with np.errstate(over="ignore"):
        everybody = people.sum()
    if everybody >= (MOST_PEOPLE if bernoulli else np.inf):
        cure = "It must be smaller" + (", or use model='poisson'." if bernoulli else ".")
        faults.add(f"a population of {everybody:g} in all", cure=cure)


def check_places(areas: Any, index: pd.Index) -> np.ndarray | None:  # noqa: ANN401 - a user may give anything
    """Return the shapes of areas in the order of ``index``, or None for bare grid ids."""
    bare = not isinstance(areas, gpd.GeoDataFrame | gpd.GeoSeries)
    if bare and (isinstance(areas, str | pd.DataFrame) or not isinstance(areas, Collection)):
        raise UsageError(
            f"areas is a {type(areas).__name__}; circular windows need a GeoDataFrame indexed by "
            "area_id, or an index of grid ids."
        )
    ids = pd.Index(areas) if bare else areas.index
    faults = Faults()
    note_ids(faults, "cases", index, ids, "areas")
    if not ids.is_unique:
        faults.add("duplicate area ids in areas", ids=ids[ids.duplicated()].unique(), of=len(ids))
    faults.raise_if_any(AreasError, "The areas and the cases do not hold the same ids.")
    if bare:
        return None
    shapes = np.asarray(areas.geometry.reindex(index).array, dtype=object)
    add_crs_faults(faults, areas.crs, f"Reproject them: areas.to_crs({DEFAULT_CRS!r}).")
    unplaced = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if unplaced.any():
        faults.add("areas without a shape", ids=index[unplaced], of=len(index), cure="Leave them out.")
    faults.raise_if_any(AreasError, "The areas have no distances.")
    return shapes


def check_window_memory(neighbours: int, n: int, max_radius: float | None) -> None:
    """Refuse circles that hold more neighbours than fit."""
    if neighbours * BYTES_EACH <= MOST_BYTES:
        return
    how = "without max_radius" if max_radius is None else f"with max_radius={max_radius:g} metres"
    smaller = "Give max_radius, in metres" if max_radius is None else "Give a smaller max_radius"
    raise UsageError(
        f"Circular windows around {n} areas {how} need up to {neighbours * BYTES_EACH / 2**30:.1f} GB for "
        f"neighbours; the limit is {MOST_BYTES / 2**30:g} GB. {smaller}, or scan with window='irregular'."
    )
