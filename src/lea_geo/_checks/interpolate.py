"""Values that are carried from areas to areas: what they must be, and what is not carried in silence."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from lea_geo._checks.areas import add_index_faults
from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo._checks.values import as_floats, check_series, known_status, note_ids
from lea_geo.errors import AreasError, UsageError, ValuesError
from lea_geo.schema import KINDS, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HEADING = "The values cannot be carried to other areas."
_UNCARRIED = "Nothing can be carried between these areas."


def check_tolerance(name: str, value: float) -> float:
    """Return ``value`` as a share of a whole: from 0 up to but not 1."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) < 1:
        raise UsageError(f"{name} is {value!r}; it must be a share of the whole, from 0 to below 1.")
    return float(value)


def check_ids(source: object, target: object) -> None:
    """Refuse what is no frame of areas or has ids that are no ids; geometry is left to who meets it."""
    faults = Faults()
    for name, areas in (("source_areas", source), ("target_areas", target)):
        if not isinstance(areas, gpd.GeoDataFrame):
            faults.add(
                f"{name} is a {type(areas).__name__}", cure="Give a GeoDataFrame, such as read_areas returns."
            )
            continue
        if areas.empty:
            faults.add(f"{name} holds not a single area")
        mine = Faults()
        if not _are_plain_ids(areas.index):
            add_index_faults(mine, areas.index)
        for fault in mine.found:
            faults.add(f"{name}: {fault.what}", ids=fault.ids, of=fault.of, cure=fault.cure)
    faults.raise_if_any(AreasError, _UNCARRIED)


def _are_plain_ids(index: pd.Index) -> bool:
    """Return whether ids are different texts, none of them blank: quickly, for 300 000 of them."""
    if not isinstance(index.dtype, pd.StringDtype) or not index.is_unique or index.hasnans:
        return False
    return bool((index.str.strip().str.len() > 0).all())


def check_some_ground(pieces: int) -> None:
    """Refuse two sets of areas that lie in different places."""
    faults = Faults()
    if not pieces:
        faults.add(
            "no source area shares any ground with a target area",
            cure="Are both of the same region, and does each state the CRS that its coordinates are in?",
        )
    faults.raise_if_any(AreasError, _UNCARRIED)


def check_no_doubles(doubled: Mapping[str, Sequence[tuple[str, str, float, float]]]) -> None:
    """Refuse areas that lie over each other: what lives there would be counted twice.

    ``doubled`` names, for the sources and for the targets, two ids, the m2 that they share and how much of
    the smaller one that is.
    """
    faults = Faults()
    for name, pairs in doubled.items():
        shown = [
            f"{one} and {other}: {m2:.0f} m2, {100 * share:.3g} % of the smaller"
            for one, other, m2, share in pairs
        ]
        if shown:
            faults.add(
                f"pairs of {name} that lie over each other",
                ids=shown,
                cure="What lies there would count twice. Mend the boundaries (check_topology lists every "
                "overlap), or say how much may count twice with tolerance=.",
            )
    faults.raise_if_any(AreasError, _UNCARRIED)


def check_columns(values: object) -> pd.DataFrame:
    """Return values of one column or several as a frame."""
    if isinstance(values, pd.DataFrame):
        faults = Faults()
        if not values.columns.is_unique:
            faults.add("columns that occur more than once", ids=values.columns[values.columns.duplicated()])
        if values.columns.empty:
            faults.add("values has no columns")
        faults.raise_if_any(ValuesError, HEADING)
        return values.rename(columns=str)
    return check_series("values", values).to_frame("value")


def check_kinds(kind: object, columns: pd.Index) -> dict[str, str]:
    """Return, for each column, whether it adds up."""
    if isinstance(kind, Mapping):
        strange = [str(name) for name in kind if name not in columns]
        without = [str(name) for name in columns if name not in kind]
        if strange or without:
            raise UsageError(
                f"kind must name every column and no other; missing: {', '.join(without) or 'none'}; "
                f"not among the columns: {', '.join(strange) or 'none'}."
            )
        return {name: check_choice(f"the kind of {name}", kind[name], KINDS) for name in columns}
    one = check_choice("kind", kind, KINDS)  # type: ignore[arg-type]
    return dict.fromkeys(columns, one)


def check_beside(name: str, given: object, columns: pd.Index, *, alone: bool) -> dict[str, pd.Series]:
    """Return what is said beside each column: one Series beside a Series, a frame beside a frame."""
    if given is None:
        return {}
    if alone:
        return {"value": check_series(name, given)}
    if isinstance(given, pd.DataFrame | Mapping):
        strange = [str(column) for column in given if column not in columns]
        if strange:
            raise UsageError(f"{name} has columns that values does not have: {', '.join(strange)}.")
        return {str(column): check_series(f"{name} of {column}", given[column]) for column in given}
    raise UsageError(
        f"{name} is a {type(given).__name__}; beside a table of values it must be a DataFrame, or a mapping "
        "from column to Series."
    )


def check_column(
    faults: Faults, name: str, values: pd.Series, ids: pd.Index, beside: Mapping[str, pd.Series | None]
) -> tuple[Floats, NDArray[np.object_], Floats, Floats]:
    """Return a column's values, status and bounds in the order of ``ids``, NaN where not known."""
    before = len(faults.found)
    note_ids(faults, name, values.index, ids, "source_areas")
    status = beside["status"]
    for what, series in beside.items():
        if series is not None:
            note_ids(faults, f"{what} of {name}", series.index, ids, "source_areas")
    if len(faults.found) > before:
        nothing = np.full(len(ids), np.nan)
        return nothing, np.full(len(ids), str(Status.MISSING), dtype=object), nothing, nothing
    numbers = as_floats(faults, name, values.reindex(ids))
    known, valued = known_status(
        faults, np.isnan(numbers), None if status is None else status.reindex(ids), ids
    )
    words = np.asarray(known, dtype=object)
    hidden = np.isin(words, [str(Status.SUPPRESSED), str(Status.MISSING)])
    bounds = [_bound(faults, f"{what} of {name}", beside[what], ids, hidden) for what in ("lower", "upper")]
    _note_bounds(faults, name, ids, words, numbers, bounds)
    return np.where(valued, numbers, np.nan), words, bounds[0], bounds[1]


def _bound(
    faults: Faults, name: str, given: pd.Series | None, ids: pd.Index, hidden: NDArray[np.bool_]
) -> Floats:
    """Return the bounds of hidden values; what stands beside others says nothing new."""
    if given is None:
        return np.full(len(ids), np.nan)
    return np.where(hidden, as_floats(faults, name, given.reindex(ids)), np.nan)


def _note_bounds(
    faults: Faults,
    name: str,
    ids: pd.Index,
    words: NDArray[np.object_],
    numbers: Floats,
    bounds: Sequence[Floats],
) -> None:
    crossed = bounds[0] > bounds[1]
    if crossed.any():
        faults.add(f"a lower bound of {name} above the upper one", ids=ids[crossed], of=len(ids))
    nonzero = (words == str(Status.STRUCTURAL_ZERO)) & (numbers != 0)
    if nonzero.any():
        faults.add(f"structural zeros of {name} that are not 0", ids=ids[nonzero], of=len(ids))


def note_negative(faults: Faults, name: str, numbers: Floats, lower: Floats, ids: pd.Index) -> None:
    """Note values below zero where the caller says that there are none."""
    below = (numbers < 0) | (lower < 0)
    if below.any():
        faults.add(
            f"negative {name}",
            ids=ids[below],
            of=len(ids),
            cure="A code such as -1 is no value: give its status.",
        )


def note_outside(
    faults: Faults, name: str, lost: Floats, total: float, hidden: NDArray[np.bool_], ids: pd.Index
) -> None:
    """Note what would be lost outside the targets: ``lost`` of the known values, and hidden ones."""
    cure = (
        "Give targets that cover the sources, or say what becomes of it: outside='drop' leaves it out and "
        "says how much, outside='spread' gives it to the targets that its source reaches, if any."
    )
    order = np.argsort(-np.abs(lost), kind="stable")
    worst = [f"{ids[i]}: {lost[i]:g}" for i in order if lost[i] != 0]
    if worst:
        faults.add(
            f"{np.abs(lost).sum():g} of {total:g} {name} would be lost outside the targets, from areas",
            ids=worst,
            of=len(ids),
            cure=cure,
        )
    if hidden.any():
        faults.add(
            f"areas whose hidden {name} lie outside the targets", ids=ids[hidden], of=len(ids), cure=cure
        )


def note_unweighted(faults: Faults, name: str, ids: pd.Index, of: int) -> None:
    """Note sources that have mass and no weights, where the caller does not want it spread by surface."""
    faults.add(
        f"source areas with {name} in which all weights are 0",
        ids=ids,
        of=of,
        cure="Give weights that cover them, or unweighted='areal' to spread it by surface.",
    )


def check_crosswalk(made: str, method: str, weights: object) -> None:
    """Refuse a method or weights beside a crosswalk that was made in another way."""
    if weights is not None or method not in {"areal", made}:
        raise UsageError(
            f"crosswalk has method={made!r} and says how mass is divided; leave out method and weights."
        )


def check_crosswalk_ids(name: str, areas: object, ids: pd.Index) -> None:
    """Refuse areas that a crosswalk was not built for."""
    if areas is None:
        return
    faults = Faults()
    index = areas.index if isinstance(areas, gpd.GeoDataFrame) else pd.Index([])
    if len(index) != len(ids) or not index.isin(ids).all():
        faults.add(
            f"{name} does not hold the areas of the crosswalk: {len(index)} against {len(ids)}",
            cure="Build the crosswalk again for these areas, or leave the areas out.",
        )
    faults.raise_if_any(AreasError, HEADING)


def check_denominators(
    given: object, kinds: Mapping[str, str], ids: pd.Index, *, alone: bool
) -> dict[str, Floats]:
    """Return what rates are of, in the order of ``ids``; NaN where it is not known."""
    said = check_beside("denominators", given, pd.Index(kinds), alone=alone)
    adding = [name for name in said if kinds[name] == "extensive"]
    if adding:
        raise UsageError(f"denominators are of rates, but {', '.join(adding)} adds up (extensive).")
    faults, people = Faults(), {}
    for name, series in said.items():
        note_ids(faults, f"denominators of {name}", series.index, ids, "source_areas")
        if not faults.found:
            numbers = as_floats(faults, f"denominators of {name}", series.reindex(ids))
            note_negative(faults, f"denominators of {name}", numbers, numbers, ids)
            people[name] = numbers
    faults.raise_if_any(ValuesError, HEADING)
    return people
