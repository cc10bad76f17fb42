"""What a cluster is given, and what it found wrong with it, partition by partition."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from lea_geo._checks.values import LEAST_AREAS
from lea_geo.errors import SHOWN_IDS, Fault, GraphError, UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Iterable

EXTRA = "pip install lea-geo[cluster]"


def check_dask() -> None:
    """Refuse to start where Dask is not installed."""
    try:
        import_module("dask.dataframe")
    except ImportError as error:
        raise UsageError(
            f"The cluster functions need Dask, which is not installed: {EXTRA}. One machine is enough for "
            "some million cells: build_graph(cells, 'lattice'), and local_moran or local_g."
        ) from error


def check_collection(cells: object, column: str) -> None:
    """Refuse anything but a Dask DataFrame that has the column."""
    if not (hasattr(cells, "to_delayed") and hasattr(cells, "columns")):
        raise UsageError(
            f"cells is a {type(cells).__name__}; it must be a Dask DataFrame of grid cells, indexed by grid "
            "id or with integer columns row and column: dask.dataframe.read_parquet(...)."
        )
    if column not in cells.columns:
        held = ", ".join(str(name) for name in cells.columns)
        raise UsageError(f"The cells have no column {column!r}; they have {held}.")


def shortened(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return faults with no more ids than show that there are more."""
    return tuple(replace(fault, ids=fault.ids[: SHOWN_IDS + 1]) for fault in faults)


def check_partitions(found: Iterable[Fault], sizes: Iterable[int], n_cells: int, n_valued: int) -> None:
    """Raise with what is wrong with the cells of all partitions together."""
    faults = _together(found, n_cells)
    known = sorted({f"{size} m" for size in sizes})
    if len(known) > 1:
        cure = "Test each size by itself."
        faults.append(Fault("cells of several sizes", len(known), ids=tuple(known), cure=cure))
    if n_cells < LEAST_AREAS or 0 < n_valued < LEAST_AREAS:
        what = f"cells with a value: {n_valued} of {n_cells}"
        faults.append(Fault(what, cure=f"A statistic needs at least {LEAST_AREAS}."))
    if faults:
        raise ValuesError("No statistic can be made of these cells.", faults)


def check_places(found: Iterable[Fault], n_cells: int) -> None:
    """Raise if cells of any two partitions share a place."""
    faults = _together(found, n_cells)
    if faults:
        raise GraphError("The cells are no lattice:", faults)


def refuse_law(reason: str) -> NoReturn:
    """Refuse values whose exact law cannot be computed, as a cluster runs no permutations."""
    cure = "local_moran and local_g with build_graph(cells, 'lattice') draw permutations on one machine."
    raise ValuesError("A cluster tests by the exact law alone.", [Fault(reason, cure=cure)])


def _together(found: Iterable[Fault], n_cells: int) -> list[Fault]:
    """Return one fault for all partitions that have the same."""
    merged: dict[tuple[str, str], Fault] = {}
    for fault in found:
        before = merged.get((fault.what, fault.cure), replace(fault, count=None, of=None, ids=()))
        count = (before.count or 0) + fault.count if fault.count is not None else None
        merged[fault.what, fault.cure] = replace(
            before, count=count, of=None if count is None else n_cells, ids=before.ids + fault.ids
        )
    return list(merged.values())
