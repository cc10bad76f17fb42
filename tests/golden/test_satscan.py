"""Agreement with SaTScan 9.6 on leukaemia in New York.

281 census tracts of eight counties, 552 cases of 1978-82 (whole parts, as SaTScan takes them) among 1 057 673
people (Waller and Gotway 2004, Applied Spatial Statistics for Public Health Data; spData's ``NY8_utm18`` has
the same cases and people). The clusters are SaTScan's own output, kept with its input in the tests of the R
package smerc 1.8.4: ``scan_test_ny_poisson_circular_cartesian.txt``, and ``..._ubpop_10percent.txt`` with
windows of up to a tenth of the people. SaTScan was told that degrees are Cartesian; so are we, with a degree
of 100 km.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.spatial.scan_result import ScanResult

FOLDER = Path(__file__).parent / "satscan"
DEGREE = 100_000.0
REPLICATES = 999


@pytest.fixture(scope="module", params=[0.5, 0.1], ids=["half", "tenth"])
def both(request: pytest.FixtureRequest) -> tuple[ScanResult, pd.DataFrame]:
    """Return our result and SaTScan's clusters, with windows up to half or a tenth of the people."""
    tracts = pd.read_csv(FOLDER / "new_york.csv", dtype={"id": str}).set_index("id")
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
