"""Local statistics on a Dask cluster: what may be asked, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lea_geo._checks import check_choice, check_count
from lea_geo._checks.cluster import check_collection, check_dask
from lea_geo._checks.graph_options import CONTIGUITIES
from lea_geo.spatial.cluster.worker import Settings
from lea_geo.spatial.lattice import reaches
from lea_geo.spatial.local_result import error_of_p
from lea_geo.spatial.neighbour_sum import Inference
from lea_geo.spatial.sample import DIVISORS, TRANSFORMS

if TYPE_CHECKING:
    import dask.dataframe as dd


@dataclass(frozen=True)
class ClusterResult:
    """A local statistic of every cell, its table left on the cluster, and every setting that decided it."""

    table: dd.DataFrame
    """As :class:`lea_geo.spatial.local_result.LocalResult` has it, in bands of rows from south to north and
    each row from west to east; nothing of it is computed before it is asked for."""
    statistic: str
    method: str
    """``exact``, or ``none`` where nothing could be tested."""
    contiguity: str
    rings: int
    transform: str
    fdr: float
    correction: str
    alternative: str
    moments: str
    divisor: str
    n_cells: int
    n_valued: int
    """How many cells have a value."""
    n_tested: int
    """How many cells have a p-value."""
    bands: int
    """How many bands of rows the map was cut into."""
    error: float = 0.0
    """No p-value is further than this from the truth, for the rounding of continuous values."""
    reason: str = ""
    """Why nothing could be tested; empty where something was."""
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return (
            f"<ClusterResult {self.statistic}: {self.n_cells} cells in {self.bands} bands, "
            f"{self.n_tested} tested ({self.method})>"
        )


def cluster_local_moran(
    cells: dd.DataFrame,
    column: str,
    *,
    contiguity: str = "queen",
    rings: int = 1,
    fdr: float = 0.05,
    alternative: str = "two-sided",
    correction: str = "bh",
    transform: str = "row",
    moments: str = "conditional",
    divisor: str = "n",
    partitions: int | None = None,
) -> ClusterResult:
    """Compute :func:`lea_geo.local_moran` of grid cells on a Dask cluster, bit for bit.

    The cells are linked as ``build_graph(cells, "lattice", contiguity=..., rings=...)`` links them, and are
    tested by the exact law. Whichever of Dask's schedulers is set runs it: a ``distributed.Client`` that is
    open, or the threads of this process. The work is done before this function returns, but for the table
    itself, whose parts are made when they are asked for; ``result.table.to_parquet(...)`` writes them one by
    one.

    Parameters
    ----------
    cells
        A Dask DataFrame, or a dask_geopandas.GeoDataFrame, indexed by grid id or with integer columns ``row``
        and ``column``; its partitions may hold any cells in any order.
    column
        Which column holds the values; NaN where there is none.
    contiguity, rings
        ``"queen"`` or ``"rook"``, and how many steps away a neighbour may be.
    fdr, alternative, correction, transform, moments, divisor
        As in :func:`lea_geo.local_moran`.
    partitions
        Into how many bands of rows to cut the map, at most; as many as ``cells`` has partitions unless
        given. It changes no number.

    Raises
    ------
    UsageError
        If Dask is not installed, an option is unknown, or ``cells`` is no Dask DataFrame with that column.
    ValuesError
        If ids are no grid ids, a value is infinite or no number, fewer than four cells have one, or the exact
        law does not apply, as one process would then draw permutations.
    GraphError
        If two cells share a place.
    """
    inference = Inference("exact", None, 0, fdr, alternative, moments, correction)
    settings = Settings("local_moran", inference, transform, divisor)
    return _result(cells, column, contiguity, rings, partitions, settings)


def cluster_local_g(
    cells: dd.DataFrame,
    column: str,
    *,
    star: bool = False,
    contiguity: str = "queen",
    rings: int = 1,
    fdr: float = 0.05,
    alternative: str = "two-sided",
    correction: str = "bh",
    transform: str = "row",
    moments: str = "conditional",
    divisor: str = "n",
    partitions: int | None = None,
) -> ClusterResult:
    """Compute :func:`lea_geo.local_g` of grid cells on a Dask cluster, bit for bit.

    Parameters
    ----------
    cells, column, contiguity, rings, partitions
        As in :func:`cluster_local_moran`.
    star
        Whether the cell itself counts in, for G_i*.
    fdr, alternative, correction, transform, moments, divisor
        As in :func:`lea_geo.local_g`.

    Raises
    ------
    UsageError, ValuesError, GraphError
        As :func:`cluster_local_moran`.
    """
    inference = Inference("exact", None, 0, fdr, alternative, moments, correction)
    settings = Settings("local_g_star" if star else "local_g", inference, transform, divisor)
    return _result(cells, column, contiguity, rings, partitions, settings)


def _result(
    cells: Any,  # noqa: ANN401 - Dask ships no types
    column: str,
    contiguity: str,
    rings: int,
    partitions: int | None,
    settings: Settings,
) -> ClusterResult:
    check_choice("contiguity", contiguity, CONTIGUITIES)
    check_choice("transform", settings.transform, TRANSFORMS)
    check_choice("divisor", settings.divisor, DIVISORS)
    check_count("rings", rings)
    bands = None if partitions is None else check_count("partitions", partitions)
    check_dask()
    check_collection(cells, column)
    from lea_geo.spatial.cluster.run import run  # noqa: PLC0415 - needs Dask, an optional extra

    found = run(cells, column, reaches(contiguity, rings, None), bands, settings)
    asked = settings.inference
    return ClusterResult(
        table=found.table,
        statistic=settings.statistic,
        method="none" if found.reason else "exact",
        contiguity=contiguity,
        rings=rings,
        transform=settings.transform,
        fdr=asked.fdr,
        correction=asked.correction,
        alternative=asked.alternative,
        moments=asked.moments,
        divisor=settings.divisor,
        n_cells=found.n_cells,
        n_valued=found.n_valued,
        n_tested=found.n_tested,
        bands=found.bands,
        error=error_of_p(found.error, asked.alternative),
        reason=found.reason,
    )
