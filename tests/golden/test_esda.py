"""Agreement with esda on Columbus; numbers_of_esda.py makes the numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.spatial.graph import AreaGraph

FOLDER = Path(__file__).parent


@pytest.fixture
def columbus() -> tuple[pd.Series, AreaGraph, pd.DataFrame]:
    areas = pd.read_csv(FOLDER / "spdep" / "areas.csv").query("dataset == 'columbus'").set_index("id")
    links = pd.read_csv(FOLDER / "spdep" / "links.csv").query("dataset == 'columbus'")
    start, end = areas.index.get_indexer(links["from"]), areas.index.get_indexer(links["to"])
    indptr = np.concatenate([[0], np.cumsum(np.bincount(start))])
    order = np.lexsort((end, start))
    graph = AreaGraph(areas.index, indptr, end[order], np.ones(len(links)))
    return areas["x"], graph, pd.read_csv(FOLDER / "esda" / "local.csv", index_col="id").loc[areas.index]


def within_monte_carlo_error(ours: pd.DataFrame, theirs: pd.Series, permutations: int, error: float) -> None:
    """Compare esda's p_sim, which is the smaller tail, within 4.5 standard errors."""
    tail = np.minimum(ours["p_lower"], ours["p_upper"])
    allowed = 4.5 * np.sqrt(tail * (1 - tail) / permutations) + 2 / permutations + error
    assert ((tail - theirs).abs() <= allowed).all()


def test_local_moran_is_esdas_and_its_exact_p_values_are_the_limit_of_esdas(columbus):
    values, graph, theirs = columbus
    ours = lea.local_moran(values, graph, divisor="n-1")
    assert ours.method == "exact"
    np.testing.assert_allclose(ours.table["statistic"], theirs["moran"], rtol=1e-9)
    within_monte_carlo_error(ours.table, theirs["moran_p"], theirs["permutations"].iloc[0], ours.error)


def test_exact_p_values_of_g_are_the_limit_of_esdas(columbus):
    values, graph, theirs = columbus
    ours = lea.local_g(values, graph)
    within_monte_carlo_error(ours.table, theirs["g_p"], theirs["permutations"].iloc[0], ours.error)
