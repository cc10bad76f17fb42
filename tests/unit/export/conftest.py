"""Findings as a study hands them on: the shared small ones with every column of the schema."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from small_findings import small_findings

from lea_geo import schema


def absent(reason):
    """Skip, saying why; in CI, where everything is installed, fail instead."""
    if os.environ.get("LEA_GEO_NO_SKIP"):
        pytest.fail(f"CI must run this test: {reason}", pytrace=False)
    pytest.skip(reason)


LAKE = shapely.box(220_500, 7_000_500, 221_000, 7_001_000)
TWO_LAKES = shapely.multipolygons([LAKE, shapely.box(222_500, 7_000_500, 223_000, 7_001_000)])


@pytest.fixture
def findings():
    small = small_findings()
    columns = list(schema.RESULT_COLUMNS)
    return replace(
        small, results={code: frame.reindex(columns=columns) for code, frame in small.results.items()}
    )


@pytest.fixture
def context():
    named = {"kind": ["water", "water", "border"], "name": ["Järvi", "", "=1+1"]}
    shapes = [LAKE, TWO_LAKES, shapely.box(215_000, 6_995_000, 235_000, 7_010_000)]
    return gpd.GeoDataFrame(named, geometry=shapes, crs="EPSG:3067")


@pytest.fixture
def wide(findings, context):
    """The small findings of 2018, with 2016 on the same areas and four of them as another kind of areas."""
    some = findings.areas.iloc[:4]
    cells = replace(
        findings,
        level="grid",
        areas=some,
        indicators=findings.indicators[:1],
        results={"low_income": findings.results["low_income"].iloc[:4]},
        summary=findings.summary.iloc[:1],
        comparisons=None,
        notes=("Four cells.",),
    )
    then = replace(findings, level="postal", year="2016", settings={"graph": "rook"})
    return replace(findings, level="postal", year="2018", context=context, others=(then, cells))


@pytest.fixture(scope="session")
def system_gdal():
    """Debian's Python with its GDAL, which is older than that of the wheels and brings ``validate_gpkg``."""
    python = "/usr/bin/python3"
    probe = [python, "-c", "import osgeo_utils.samples.validate_gpkg"]
    if not Path(python).exists() or subprocess.run(probe, capture_output=True, check=False).returncode:
        absent("no GDAL for Debian's Python: .ci/run installs it (apt-get install python3-gdal)")
    return python
