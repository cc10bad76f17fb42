"""Agreement with SaTScan 9.6, and for irregular windows with smerc 1.8.4, on leukaemia in New York.

281 census tracts of eight counties, 552 cases of 1978-82 (whole parts, as SaTScan takes them) among 1 057 673
people (Waller and Gotway 2004, Applied Spatial Statistics for Public Health Data; spData's ``NY8_utm18`` has
the same cases and people). The clusters are SaTScan's own output, kept with its input in the tests of the R
package smerc 1.8.4: ``scan_test_ny_poisson_circular_cartesian.txt``, and ``..._ubpop_10percent.txt`` with
windows of up to a tenth of the people. SaTScan was told that degrees are Cartesian; so are we, with a degree
of 100 km. The links are ``NY_nb.gal`` of spData, and the irregular cluster is smerc's ``uls_test_ref.rda``.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.spatial.graph import AreaGraph
from lea_geo.spatial.scan.result import ScanResult

FOLDER = Path(__file__).parent / "satscan"
DEGREE = 100_000.0
REPLICATES = 999
OCTOPUS = """
    001 002 004 005 006 007 009 011 012 013 014 015 016 017 018 021 027 028 030 031 033 035 037 038 040
    041 043 044 046 047 048 049 051 052 053 054 055 080 082 083 084 085 086 087 088 089 090 092 093 099
    102 103 104 106 111 113 114 115 117 118 119 120 123 124 125 126 127 130 131 132 133 135 138 139 143
    144 146 147 148 150 151 152 153 155 156 159 164 166 167 169 170 171 176 182 201 204 205 206 207 208
    209 210 211 212 213 216 217 218 219 220 221 223 224 225 226 228 230 232 234 237 239 240 241 242 250
    252 255 256 257 258 259 278
"""


def read_tracts() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "new_york.csv", dtype={"id": str}).set_index("id")


@pytest.fixture(scope="module", params=[0.5, 0.1], ids=["half", "tenth"])
def both(request: pytest.FixtureRequest) -> tuple[ScanResult, pd.DataFrame]:
    """Return our result and SaTScan's clusters, with windows up to half or a tenth of the people."""
    tracts = read_tracts()
    points = gpd.points_from_xy(tracts["longitude"] * DEGREE, tracts["latitude"] * DEGREE)
    areas = gpd.GeoDataFrame(geometry=points, index=tracts.index, crs="EPSG:3067")
    ours = lea.scan_statistic(
        tracts["cases"], tracts["population"], areas, max_population=request.param, permutations=4999
    )
    theirs = pd.read_csv(FOLDER / "clusters.csv").set_index("cluster")
    return ours, theirs[theirs["max_population"] == request.param]


def test_the_clusters_are_satscans_in_its_order(both):
    ours, theirs = both
    assert list(ours.clusters["areas"])[: len(theirs)] == [tuple(ids.split()) for ids in theirs["areas"]]
    assert list(ours.clusters["centre"])[: len(theirs)] == [ids.split()[0] for ids in theirs["areas"]]


@pytest.mark.parametrize(
    ("column", "printed"),
    [("cases", 0), ("population", 0), ("expected", 2), ("observed_expected", 2), ("relative_risk", 2)],
)
def test_their_numbers_are_satscans_to_the_last_digit_printed(both, column, printed):
    ours, theirs = both
    assert ours.clusters[column].head(len(theirs)).round(printed).tolist() == theirs[column].tolist()


def test_their_log_likelihood_ratios_and_radii_are_satscans(both):
    ours, theirs = both
    first = ours.clusters.head(len(theirs))
    np.testing.assert_allclose(first["log_likelihood_ratio"], theirs["log_likelihood_ratio"], atol=5.1e-7)
    # Radii are printed to two digits.
    np.testing.assert_allclose(first["radius_m"] / DEGREE, theirs["radius"], rtol=0.04)


def test_their_p_values_are_satscans_but_for_the_chance_of_its_draws(both):
    # SaTScan drew 999 replicates and counts no window of one case, which matters little above 0.9 only.
    ours, theirs = both
    p = ours.clusters["p_value"].head(len(theirs))
    error = np.sqrt(p * (1 - p) * (1 / REPLICATES + 1 / ours.replicates)) + 0.005
    assert (np.abs(p - theirs["p_value"]) < 3 * error).all()
    assert p[1] < 0.005


def test_the_most_likely_irregular_cluster_is_smercs():
    # It is half of the map: the octopus that the docstring warns of.
    tracts, links = read_tracts(), pd.read_csv(FOLDER / "new_york_links.csv", dtype=str)
    ends = [tracts.index.get_indexer(links[column]) for column in ("one", "other")]
    focal, neighbor = np.concatenate(ends), np.concatenate(ends[::-1])
    order = np.lexsort((neighbor, focal))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(focal, minlength=len(tracts)))])
    graph = AreaGraph(tracts.index, indptr, neighbor[order], np.ones(len(order)))
    found = lea.scan_statistic(
        tracts["cases"], tracts["population"], graph=graph, window="irregular", permutations=99
    )
    first = found.clusters.loc[1]
    assert sorted(first["areas"]) == OCTOPUS.split()
    assert (first["cases"], first["population"]) == (411.0, 509937.0)
    assert first["expected"] == pytest.approx(266.136342707, abs=1e-9)
    assert first["relative_risk"] == pytest.approx(3.13095964837, abs=1e-11)
    assert first["log_likelihood_ratio"] == pytest.approx(78.9617505137, abs=1e-10)
