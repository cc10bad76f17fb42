"""Agreement with SaTScan 9.6, and for irregular windows with smerc 1.8.4, on leukaemia in New York.

281 census tracts of eight counties, 552 cases of 1978-82 (whole parts, as SaTScan takes them) among 1 057 673
people (Waller and Gotway 2004, Applied Spatial Statistics for Public Health Data), read from the R package
spData where it is installed. The numbers are those that SaTScan and smerc print of the same cases and people.
SaTScan had other centre points than spData's centroids, so a whole circle is compared where both draw the
same one, and the likelihood ratios of all its clusters by their cases and people.
"""

import subprocess
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.spatial.graph import AreaGraph
from lea_geo.spatial.scan.likelihood import log_ratio

pytestmark = pytest.mark.rscript

ALL_CASES, ALL_PEOPLE = 552.0, 1_057_673.0
SATSCAN = [
    # Cases, people, expected, observed / expected, relative risk and log likelihood ratio, as it prints them.
    (100, 111_674, 58.28, 1.72, 1.87, 14.083511),
    (85, 95_249, 49.71, 1.71, 1.84, 11.577255),
    (38, 34_083, 17.79, 2.14, 2.22, 9.019716),
    (64, 78_280, 40.85, 1.57, 1.64, 6.114140),
    (25, 24_571, 12.82, 1.95, 1.99, 4.651839),
    (28, 29_782, 15.54, 1.80, 1.84, 4.169203),
    (12, 9_840, 5.14, 2.34, 2.37, 3.363518),
    (11, 8_839, 4.61, 2.38, 2.41, 3.209485),
]


@pytest.fixture(scope="module")
def shared(rscript: str) -> Path:
    """The folder of the R package spData."""
    asked = [rscript, "-e", 'cat(system.file(package = "spData"))']
    return Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)


@pytest.fixture(scope="module")
def tracts(shared: Path) -> gpd.GeoDataFrame:
    table = gpd.read_file(shared / "shapes" / "NY8_utm18.shp")
    table.index = [f"{number:03d}" for number in range(1, len(table) + 1)]
    table["cases"] = np.floor(table["TRACTCAS"])
    return table.to_crs("EPSG:32618")


def test_the_tracts_are_those_of_the_book(tracts):
    assert (len(tracts), tracts["cases"].sum(), tracts["POP8"].sum()) == (281, ALL_CASES, ALL_PEOPLE)


@pytest.mark.parametrize(("cases", "people", "expected", "ratio", "risk", "likelihood"), SATSCAN)
def test_the_likelihood_ratios_of_its_clusters_are_satscans(cases, people, expected, ratio, risk, likelihood):
    mean = ALL_CASES * people / ALL_PEOPLE
    assert round(mean, 2) == expected
    assert round(cases / mean, 2) == ratio
    assert round((cases / mean) / ((ALL_CASES - cases) / (ALL_CASES - mean)), 2) == risk
    law = (ALL_CASES, ALL_PEOPLE, False, 1.0)
    assert log_ratio(float(cases), float(people), law) == pytest.approx(likelihood, abs=5.1e-7)


def test_the_circle_that_does_not_hang_on_the_centre_points_is_satscans(tracts):
    found = lea.scan_statistic(tracts["cases"], tracts["POP8"], tracts, permutations=999).clusters
    same = found[(found["cases"] == 25) & (found["population"] == 24_571)]
    assert same["centre"].tolist() == ["062"]
    row = same.iloc[0]
    assert sorted(row["areas"]) == ["062", "064", "065", "067"]
    assert (round(row["expected"], 2), round(row["relative_risk"], 2)) == (12.82, 1.99)
    assert row["log_likelihood_ratio"] == pytest.approx(4.651839, abs=5.1e-7)
    # SaTScan: 0.645 and 0.609 by 999 draws, with other rivals around it.
    assert 0.5 < row["p_value"] < 0.75


def test_the_most_likely_irregular_cluster_is_smercs(shared, tracts):
    # It is half of the map: the octopus that the docstring warns of.
    links = _read_links(shared / "weights" / "NY_nb.gal", len(tracts))
    counts = [len(row) for row in links]
    indptr = np.concatenate([[0], np.cumsum(counts)])
    graph = AreaGraph(pd.Index(tracts.index), indptr, np.concatenate(links), np.ones(sum(counts)))
    first = lea.scan_statistic(
        tracts["cases"], tracts["POP8"], graph=graph, window="irregular", permutations=99
    ).clusters.loc[1]
    assert (first["n_areas"], first["cases"], first["population"]) == (132, 411.0, 509_937.0)
    assert first["expected"] == pytest.approx(266.136342707, abs=1e-9)
    assert first["relative_risk"] == pytest.approx(3.13095964837, abs=1e-11)
    assert first["log_likelihood_ratio"] == pytest.approx(78.9617505137, abs=1e-10)


def _read_links(path: Path, n: int) -> list[np.ndarray]:
    """Return the positions of each tract's neighbours from a file of GAL, whose ids run from 0."""
    numbers = [int(word) for word in path.read_text().split()[1:]]
    links: list[np.ndarray] = [np.empty(0, dtype=int)] * n
    place = 0
    while place < len(numbers):
        tract, count = numbers[place : place + 2]
        links[tract] = np.sort(numbers[place + 2 : place + 2 + count])
        place += 2 + count
    return links
