"""A cluster gives the bits of one process, whatever lies on which worker."""

from importlib import import_module

import dask
import dask.dataframe as dd
import dask_geopandas
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster
from map_in_parts import PARTS, digest, strip

import lea_geo as lea
from lea_geo.errors import GraphError, UsageError, ValuesError
from lea_geo.spatial.cluster import ranks
from lea_geo.spatial.sample import TIED, settle_ties

SIDE = 45
LIMIT = 500_000_000
"""Memory of a worker in bytes, more than half of it taken by Python and its libraries; one that exceeds it is
ended."""


MEMORY = {
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": 0.7,
    "distributed.worker.memory.pause": False,  # libraries alone might keep a worker waiting for ever
}


@pytest.fixture(scope="module")
def client():
    with (
        dask.config.set(MEMORY),
        LocalCluster(
            n_workers=3,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",  # any free port; without one it would insist on its own
            memory_limit=LIMIT,
            silence_logs=50,
        ) as cluster,
        Client(cluster) as found,
    ):
        yield found


def study(kind: str, side: int = SIDE, seed: int = 2009) -> pd.DataFrame:
    """Return a square of 1 km cells with holes, isolates beside it, and 5 % without a value."""
    noise = np.random.default_rng(seed)
    row, column = np.divmod(np.flatnonzero(noise.random(side**2) < 0.7), side)
    row, column = np.append(row, [side + 5, side + 20]), np.append(column, [3, side + 9])
    n = len(row)
    values = {
        "counts": lambda: noise.poisson(np.where(row < side / 3, 3.0, 0.4)).astype(float),
        "continuous": lambda: noise.normal(row / side, 1.0),
        "heavy": lambda: noise.lognormal(row / side, 1.0),
        # Sums that should be equal differ in their last digits, and share 4.1 of the lattice's step.
        "nearly tied": lambda: 0.1 * noise.integers(0, 30, n) + 0.2 * noise.integers(0, 9, n),
        "tied": lambda: noise.normal(size=n).round(2) * np.sqrt(2.0),
        "mostly zero": lambda: noise.lognormal(0, 1, n) * (noise.random(n) < 0.1),
        "two columns": lambda: noise.normal(size=n),
    }[kind]()
    values[noise.random(n) < 0.05] = np.nan
    if kind == "two columns":  # no queen neighbours but those above and below: many cells have one
        column = column * 3
    ids = [f"1kmN{6700 + r}E{300 + c:04d}" for r, c in zip(row, column, strict=True)]
    return pd.DataFrame({"value": values, "other": 0}, pd.Index(ids, name="area_id"))


def shuffled(cells: pd.DataFrame, partitions: int, seed: int = 1) -> dd.DataFrame:
    order = np.random.default_rng(seed).permutation(len(cells))
    return dd.from_pandas(cells.iloc[order], npartitions=partitions, sort=False)


def assert_equal_bits(found, expected) -> None:
    pd.testing.assert_frame_equal(found.table.compute(), expected.table, check_exact=True)
    assert (found.n_tested, found.error) == (expected.n_tested, expected.error)
    assert (found.reason, found.notes) == (expected.reason, expected.notes)


KINDS = ("counts", "continuous", "heavy", "nearly tied", "tied", "mostly zero", "two columns")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("client")
def test_a_cluster_gives_the_bits_of_one_process(kind):
    cells = study(kind)
    graph = lea.build_graph(cells.index, "lattice")
    spread = shuffled(cells, 5)
    assert_equal_bits(lea.cluster_local_moran(spread, "value"), lea.local_moran(cells["value"], graph))
    assert_equal_bits(
        lea.cluster_local_g(spread, "value", star=True), lea.local_g(cells["value"], graph, star=True)
    )


@pytest.mark.usefixtures("client")
def test_what_is_found_is_found_on_a_cluster_too():
    table = lea.cluster_local_moran(shuffled(study("counts"), 4), "value").table.compute()
    assert (table["label"] == "High-High").sum() > 10
    assert {"Isolate", "Undefined", "Not significant"} < set(table["label"])
    assert (table["hidden"] > 0).any()


MORAN = [
    {"moments": "total", "divisor": "n-1", "correction": "holm", "transform": "binary"},
    {"contiguity": "rook", "rings": 2, "alternative": "greater", "correction": "storey"},
    {"correction": "by", "rings": 3, "transform": "original", "alternative": "less"},
    {"correction": "bonferroni", "fdr": 0.2},
    {"correction": "none"},
]


@pytest.mark.parametrize("options", MORAN, ids=lambda options: options["correction"])
@pytest.mark.parametrize("kind", ["counts", "continuous"])
def test_every_option_gives_the_bits_of_one_process(kind, options):
    cells = study(kind)
    lattice = {name: options[name] for name in ("contiguity", "rings") if name in options}
    rest = {name: value for name, value in options.items() if name not in lattice}
    graph = lea.build_graph(cells.index, "lattice", **lattice)
    with dask.config.set(scheduler="synchronous"):
        spread = shuffled(cells, 6)
        assert_equal_bits(
            lea.cluster_local_moran(spread, "value", **options),
            lea.local_moran(cells["value"], graph, **rest),
        )
        assert_equal_bits(
            lea.cluster_local_g(spread, "value", **options), lea.local_g(cells["value"], graph, **rest)
        )


@pytest.mark.parametrize(("given", "bands"), [(1, None), (1, 7), (9, 2), (20, 400)])
def test_any_number_of_partitions_and_bands_gives_the_same_bits(given, bands):
    cells = study("continuous")
    one = lea.local_moran(cells["value"], lea.build_graph(cells.index, "lattice", rings=2))
    with dask.config.set(scheduler="synchronous"):
        found = lea.cluster_local_moran(
            shuffled(cells, given, bands or 0), "value", rings=2, partitions=bands
        )
        assert_equal_bits(found, one)
    assert found.bands <= (bands or given)


def test_buckets_of_any_size_give_the_same_bits(monkeypatch):
    monkeypatch.setattr("lea_geo.spatial.cluster.run.IN_BUCKET", 100)
    for kind in ("nearly tied", "continuous"):
        cells = study(kind)
        graph = lea.build_graph(cells.index, "lattice")
        with dask.config.set(scheduler="synchronous"):
            for correction in ("storey", "holm"):
                assert_equal_bits(
                    lea.cluster_local_moran(shuffled(cells, 8), "value", correction=correction),
                    lea.local_moran(cells["value"], graph, correction=correction),
                )


def test_rows_and_columns_without_ids_are_cells_too():
    noise = np.random.default_rng(5)
    row, column = np.divmod(np.arange(900), 30)
    cells = pd.DataFrame({"row": row - 7, "column": column - 40, "value": noise.normal(size=900)})
    one = lea.local_moran(
        pd.Series(cells["value"].to_numpy(), (graph := lea.build_graph(cells, "lattice")).ids), graph
    )
    with dask.config.set(scheduler="synchronous"):
        assert_equal_bits(lea.cluster_local_moran(shuffled(cells, 4), "value"), one)


def test_cells_with_squares_are_taken_by_their_ids():
    cells = study("counts", side=20)
    squares = gpd.GeoDataFrame(cells, geometry=lea.build_grid(cells.index).geometry)
    one = lea.local_g(cells["value"], lea.build_graph(cells.index, "lattice"))
    with dask.config.set(scheduler="synchronous"):
        spread = dask_geopandas.from_geopandas(squares.iloc[::-1], npartitions=3, sort=False)
        assert_equal_bits(lea.cluster_local_g(spread, "value"), one)


@pytest.mark.parametrize("value", [3.0, np.nan])
def test_values_that_are_all_the_same_or_absent_have_no_statistic(value):
    cells = study("counts", side=12).assign(value=value)
    one = lea.local_moran(cells["value"], lea.build_graph(cells.index, "lattice"))
    with dask.config.set(scheduler="synchronous"):
        found = lea.cluster_local_moran(shuffled(cells, 3), "value")
        assert_equal_bits(found, one)
    assert found.method == "none"


def test_values_tied_across_buckets_are_settled_as_in_one_process():
    step = 4e-15
    rising = np.array([1.0, 1 + step, 1 + 2 * step, 1.5, 1.5, 2.0, 2.0 + 2 * step, 2.0 + 5 * step, 3.0])
    bound = TIED * 3.0
    settled, _ = settle_ties(rising)
    for limits in ([1 + step, 2.0 + 2 * step], [1.2, 1.5, 3.0], rising[1:], [0.5, 0.6, 9.0]):
        buckets = ranks.parted(ranks.tally_of(rising, len(rising)), np.unique(limits))
        ends = ranks.chained([ranks.edges_of(bucket, bound) for bucket in buckets], bound)
        found = ranks.joined(
            [ranks.ranked(bucket, bound, end) for bucket, end in zip(buckets, ends, strict=True)]
        )
        at = np.searchsorted(np.unique(rising), rising)
        assert found[0, at].tolist() == settled.tolist()
        assert found[1, at].tolist() == np.searchsorted(settled, settled, side="left").tolist()
        assert found[2, at].tolist() == np.searchsorted(settled, settled, side="right").tolist()


def test_one_cell_in_two_partitions_is_named():
    cells = study("counts", side=12)
    twice = pd.concat([cells, cells.iloc[[5, 70]]])
    with (
        dask.config.set(scheduler="synchronous"),
        pytest.raises(GraphError, match=r"cells in the same place: 4 of \d+") as error,
    ):
        lea.cluster_local_moran(shuffled(twice, 5), "value")
    assert cells.index[5] in str(error.value)


def test_everything_wrong_with_the_cells_is_told_at_once():
    cells = study("counts", side=12)
    cells.iloc[[3, 90], 0] = np.inf
    cells = cells.rename(index={cells.index[20]: "00100", cells.index[80]: "nowhere"})
    with (
        dask.config.set(scheduler="synchronous"),
        pytest.raises(ValuesError, match="infinite value: 2 of") as error,
    ):
        lea.cluster_local_moran(dd.from_pandas(cells, npartitions=2, sort=False), "value")
    assert "'00100'" in str(error.value)
    assert "'nowhere'" in str(error.value)
    assert cells.index[3] in str(error.value)
    assert cells.index[90] in str(error.value)


def test_cells_of_two_sizes_in_two_partitions_are_refused():
    cells = study("counts", side=12)
    others = cells.set_axis([f"5kmN{1335 + k // 20}E{60 + k % 20:04d}" for k in range(len(cells))])
    both = dd.concat([dd.from_pandas(part, npartitions=1, sort=False) for part in (cells, others)])
    with (
        dask.config.set(scheduler="synchronous"),
        pytest.raises(ValuesError, match=r"cells of several sizes: 2 \(1000 m, 5000 m\)"),
    ):
        lea.cluster_local_moran(both, "value")


def test_values_that_the_exact_law_cannot_take_are_refused():
    cells = study("heavy")
    cells.iloc[7, 0] = 1e9
    with (
        dask.config.set(scheduler="synchronous"),
        pytest.raises(ValuesError, match="outliers leave too little room"),
    ):
        lea.cluster_local_moran(shuffled(cells, 3), "value")


def test_wrong_calls_say_what_is_right():
    cells = study("counts", side=12)
    with pytest.raises(UsageError, match="cells is a DataFrame; it must be a Dask DataFrame"):
        lea.cluster_local_moran(cells, "value")
    with pytest.raises(UsageError, match="no column 'price'; they have value, other"):
        lea.cluster_local_g(shuffled(cells, 2), "price")
    with pytest.raises(UsageError, match="partitions is 0"):
        lea.cluster_local_g(shuffled(cells, 2), "value", partitions=0)


def test_without_dask_the_call_says_what_to_install(monkeypatch):
    def without_dask(name):
        if name.split(".")[0] == "dask":
            raise ModuleNotFoundError(name)
        return import_module(name)

    monkeypatch.setattr("lea_geo._checks.cluster.import_module", without_dask)
    with pytest.raises(UsageError, match=r"pip install lea-geo\[cluster\]"):
        lea.cluster_local_moran(None, "value")


def test_a_study_too_large_for_any_worker_is_finished_with_the_same_bits(client):
    client.restart()  # what earlier tests left in the workers' memory is not theirs
    spread = dd.from_map(strip, range(PARTS), meta=strip(0).iloc[:0])
    result = lea.cluster_local_moran(spread, "value")
    found = result.table.map_partitions(digest, meta={"n": int, "size": int, "hash": str}).compute()
    assert found["size"].sum() > LIMIT
    assert found["size"].max() < LIMIT / 10

    whole = pd.concat([strip(part) for part in range(PARTS)]).sort_values(["row", "column"])
    graph = lea.build_graph((whole["row"].to_numpy(), whole["column"].to_numpy()), "lattice")
    one = lea.local_moran(pd.Series(whole["value"].to_numpy(), graph.ids), graph)
    assert (result.n_cells, result.n_tested, result.error) == (len(whole), one.n_tested, one.error)
    ends = found["n"].cumsum()
    for start, end, expected in zip(ends - found["n"], ends, found["hash"], strict=True):
        assert digest(one.table.iloc[start:end])["hash"].item() == expected
