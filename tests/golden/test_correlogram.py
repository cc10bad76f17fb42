"""Agreement with spdep's correlograms, of which correlogram.R makes the numbers, and with esda."""

import subprocess
from pathlib import Path

import esda
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.spatial.graph import AreaGraph

HERE = Path(__file__).parent
FOLDER = HERE / "correlogram"
NAMES = {"I": "moran", "C": "geary"}
TRANSFORMS = {"W": "row", "B": "binary"}
NUMBERS = ["statistic", "expected", "variance"]
LIMITS = [1500, 2500, 4000, 6000]


def close(ours: object, theirs: object) -> None:
    np.testing.assert_allclose(np.asarray(ours, float), np.asarray(theirs, float), rtol=1e-9, atol=1e-11)


def neighbours_of(data: str) -> tuple[pd.Series, AreaGraph]:
    areas, links = (
        pd.read_csv(HERE / "spdep" / f"{name}.csv", dtype={"id": str, "from": str, "to": str})
        for name in ("areas", "links")
    )
    areas = areas[areas["dataset"] == data].set_index("id")
    links = links[links["dataset"] == data]
    ids = areas.index
    start, end = ids.get_indexer(links["from"]), ids.get_indexer(links["to"])
    order = np.lexsort((end, start))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=len(ids)))])
    return areas["x"], AreaGraph(ids, indptr, end[order], np.ones(len(order)))


@pytest.mark.parametrize("method", NAMES)
@pytest.mark.parametrize("style", TRANSFORMS)
@pytest.mark.parametrize("data", ["columbus", "sids"])
def test_a_correlogram_by_steps_is_spdeps(data, style, method):
    theirs = pd.read_csv(FOLDER / "correlogram.csv").query(
        "dataset == @data and style == @style and method == @method"
    )
    x, graph = neighbours_of(data)
    ours = lea.correlogram(
        x, graph, statistic=NAMES[method], lags=7, transform=TRANSFORMS[style], permutations=0
    ).table
    assert ours.index.tolist() == theirs["lag"].tolist()
    assert (2 * ours["n_pairs"]).tolist() == theirs["links"].tolist()
    assert ours["n_isolates"].tolist() == theirs["alone"].tolist()
    close(ours[NUMBERS], theirs[NUMBERS])
    # sp.correlogram drops areas that are alone at a lag, so it compares where none is.
    whole = (theirs["alone"] == 0).to_numpy()
    close(ours.loc[whole, NUMBERS], theirs.loc[whole, [f"sp_{name}" for name in NUMBERS]])


@pytest.fixture
def points() -> gpd.GeoDataFrame:
    table = pd.read_csv(FOLDER / "points.csv").set_index("id")
    return gpd.GeoDataFrame(table[["value"]], geometry=gpd.points_from_xy(table.x, table.y), crs="EPSG:3067")


@pytest.mark.parametrize("method", NAMES)
def test_a_correlogram_by_distance_is_spdeps_distance_neighbours(points, method):
    theirs = pd.read_csv(FOLDER / "distances.csv").query("kind == 'class' and method == @method")
    ours = lea.correlogram(
        points["value"],
        kind="distance",
        areas=points,
        distances=LIMITS,
        statistic=NAMES[method],
        permutations=0,
    ).table
    assert (2 * ours["n_pairs"]).tolist() == theirs["links"].tolist()
    close(ours[NUMBERS], theirs[NUMBERS])
    close(ours[["distance_from", "distance_to"]], theirs[["from", "to"]])


@pytest.mark.parametrize("method", NAMES)
def test_autocorrelation_within_a_growing_distance_is_spdeps(points, method):
    theirs = pd.read_csv(FOLDER / "distances.csv").query("kind == 'band' and method == @method")
    ours = lea.incremental_autocorrelation(
        points["value"], points, distances=LIMITS, statistic=NAMES[method]
    ).table
    assert ours.index.tolist() == theirs["to"].tolist()
    close(ours[NUMBERS], theirs[NUMBERS])
    close(ours["neighbors_mean"], theirs["links"] / 120)


PEERS = {
    "moran": lambda x, w, r: esda.Moran(x, w, transformation="b", permutations=r),
    "geary": lambda x, w, r: esda.Geary(x, w, transformation="b", permutations=r),
    "g": lambda x, w, r: esda.G(x, w, permutations=r),
}
THEIRS = {"moran": ("I", "EI", "VI_rand"), "geary": ("C", "EC", "VC_rand"), "g": ("G", "EG", "VG")}


@pytest.mark.parametrize("statistic", PEERS)
def test_a_table_of_statistics_is_esdas_one_by_one(statistic):
    x, graph = neighbours_of("columbus")
    table = pd.DataFrame({"crime": x, "squared": x**2, "rank": x.rank()})
    ours = lea.global_statistics(
        table, graph, statistic=statistic, transform="binary", permutations=9999, seed=3
    ).table
    np.random.seed(5)  # noqa: NPY002 - esda draws from numpy's global state
    for name, values in table.items():
        theirs = PEERS[statistic](values.to_numpy(), graph.to_libpysal(), 9999)
        expected = [getattr(theirs, attribute) for attribute in THEIRS[statistic]]
        close(ours.loc[name, NUMBERS].to_numpy(), expected)
        # esda's p_sim is the smaller tail. Two shares of 9 999 draws differ by less than 4.5 standard errors.
        tail = min(ours.loc[name, "p_lower"], ours.loc[name, "p_upper"])
        pooled = (tail + theirs.p_sim) / 2
        assert abs(tail - theirs.p_sim) <= 4.5 * np.sqrt(2 * pooled * (1 - pooled) / 9999) + 1e-4


def test_rerunning_spdep_gives_the_stored_correlograms(rscript, tmp_path):
    subprocess.run([rscript, str(HERE / "correlogram.R"), str(tmp_path)], check=True, capture_output=True)
    for name in ("correlogram", "distances", "points"):
        again, before = (pd.read_csv(folder / f"{name}.csv") for folder in (tmp_path, FOLDER))
        pd.testing.assert_frame_equal(again, before, rtol=1e-9, atol=1e-12)
