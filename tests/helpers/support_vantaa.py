"""Vantaa's people, carried between HSY's grid, Paavo's areas of 2018 and those of 2026, by every method.

``python tests/helpers/support_vantaa.py`` prints the tables of docs/support.md; ``tests/golden`` holds their
headline numbers.
"""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from rasterio.features import rasterize
from shapely import box

import lea_geo as lea

CRS = 3879  # the grid's own: its cells are squares in no other
REGION = {"091", "049", "092", "235"}  # Helsinki, Espoo, Vantaa, Kauniainen: what the grid covers
AT_SEA = "27699"  # not a place: 30 244 people without coordinates
PIXEL = 25.0


@dataclass(frozen=True)
class Data:
    """What is carried and what it is held against; every number of people is of an index of area ids."""

    cells: gpd.GeoDataFrame
    """HSY's 250 m cells with residents, column ``people``, 2015."""
    new: gpd.GeoDataFrame
    """Paavo's areas of 2026, all borders, column ``people``: residents at the end of 2024."""
    old: gpd.GeoDataFrame
    """Paavo's areas of 2018, simplified borders, column ``people``: residents at the end of 2016."""
    vantaa: pd.Index
    """Codes of Vantaa's areas of 2026."""
    lakes: gpd.GeoDataFrame


@cache
def read(folder: Path) -> Data:
    """Read the region from the folder of Finnish data."""
    cells = lea.read_areas(folder / "hsy_population_grid_250m_2015.gpkg", area_id="INDEX", crs=CRS)
    cells = cells.drop(index=AT_SEA).assign(people=lambda c: c["ASUKKAITA"].astype(float))
    new = lea.read_areas(folder / "paavo_wfs_2026_helsinki_tampere_turku.gpkg", area_id="postinumeroalue")
    new = new[new["kunta"].isin(REGION)].to_crs(CRS).assign(people=lambda a: a["he_vakiy"].astype(float))
    old = lea.read_areas(folder / "postal_areas_2018.gpkg", area_id="postinumeroalue")
    paavo = pd.read_csv(folder / "paavo_2018_whole_country.csv", dtype={"postinumero": str, "kuntano": str})
    paavo = paavo.set_index("postinumero")
    old = old.loc[paavo.index[paavo["kuntano"].str.zfill(3).isin(REGION)]].to_crs(CRS)
    old = old.assign(people=paavo["he_vakiy"].astype(float))
    lakes = gpd.read_file(folder / "mml_lakes_1m_2012.gpkg").to_crs(CRS)
    return Data(
        cells=cells[["people", "geometry"]],
        new=new[["people", "geometry"]],
        old=old[["people", "geometry"]],
        vantaa=new.index[new["kunta"] == "092"],
        lakes=lakes.cx[slice(*cells.total_bounds[[0, 2]]), slice(*cells.total_bounds[[1, 3]])],
    )


def blocks(cells: gpd.GeoDataFrame, side: float = 1000.0) -> gpd.GeoDataFrame:
    """Return the cells gathered into squares of 1 km, as Statistics Finland's open grid has them."""
    corner = np.floor(cells.bounds[["minx", "miny"]].round() / side) * side
    people = cells["people"].groupby([corner["minx"], corner["miny"]]).sum()
    west, south = (people.index.get_level_values(i).to_numpy() for i in (0, 1))
    names = [f"N{n:.0f}E{e:.0f}" for e, n in zip(west, south, strict=True)]
    squares = box(west, south, west + side, south + side)
    return gpd.GeoDataFrame({"people": people.to_numpy()}, geometry=squares, index=names, crs=cells.crs)


def write_raster(path: Path, shapes, fill: float, bounds) -> Path:
    """Write ``(geometry, number)`` pairs as a raster of 25 m pixels."""
    west, south, east, north = (np.floor(bounds / 1000) * 1000 + [-1000, -1000, 2000, 2000]).tolist()
    height, width = int((north - south) / PIXEL), int((east - west) / PIXEL)
    place = rasterio.Affine(PIXEL, 0, west, 0, -PIXEL, north)
    pixels = rasterize(shapes, (height, width), fill=fill, transform=place, dtype="float32")
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": CRS, "compress": "deflate"}
    with rasterio.open(path, "w", height=height, width=width, transform=place, **profile) as file:
        file.write(pixels, 1)
    return path


def land(data: Data, folder: Path) -> Path:
    """Write land cover of two classes: 1 land, 0 lake."""
    bounds = np.array(data.cells.total_bounds)
    return write_raster(folder / "land.tif", [(shape, 0) for shape in data.lakes.geometry], 1, bounds)


def density(data: Data, folder: Path) -> Path:
    """Write the grid's people as a raster of people on each pixel."""
    pixels = (250 / PIXEL) ** 2
    pairs = zip(data.cells.geometry, data.cells["people"] / pixels, strict=True)
    return write_raster(folder / "people.tif", pairs, 0, np.array(data.cells.total_bounds))


def carried(source: gpd.GeoDataFrame, target: gpd.GeoDataFrame, **options) -> pd.Series:
    """Return the people of the targets; what lies beyond the region is left out, as is what nobody knows."""
    known = source[source["people"].notna()]
    result = lea.interpolate(
        known["people"],
        known,
        target,
        kind="extensive",
        outside="drop",
        unreached="structural_zero",
        tolerance=1e-3,  # borders that were simplified lie over each other by hairs
        **options,
    )
    return result.table["value"]


def error(found: pd.Series, truth: pd.Series) -> dict[str, float]:
    """Return how far areas are from the truth: as shares, so that a growth common to all is no error."""
    both = pd.DataFrame({"found": found, "truth": truth}).dropna()
    both = both[both["truth"] >= 100]
    shares = both / both.sum()
    ratio = (shares["found"] / shares["truth"] - 1).abs()
    return {
        "areas": float(len(both)),
        "median error, %": 100 * ratio.median(),
        "90th percentile, %": 100 * ratio.quantile(0.9),
        "people in the wrong place, %": 50 * (shares["found"] - shares["truth"]).abs().sum(),
    }


AREAL: dict[str, object] = {}


def by_zones(zones: gpd.GeoDataFrame, column: str | None = "people") -> dict[str, object]:
    known = zones if column is None else zones[zones[column].notna()]
    return {"method": "dasymetric", "weights": known, "weights_column": column}


def by_land(data: Data, folder: Path) -> dict[str, object]:
    return {"method": "dasymetric", "weights": land(data, folder), "densities": {0: 0.0, 1: 1.0}}


def smooth(cell_size: float) -> dict[str, object]:
    return {"method": "pycnophylactic", "cell_size": cell_size, "convergence": 1e-5}


def cells_to_postal(source: gpd.GeoDataFrame, data: Data, folder: Path) -> dict[str, pd.Series]:
    """Return the people of Vantaa's areas of 2026 from cells of any size, by method."""
    methods = {
        "areal": AREAL,
        "dasymetric, Paavo 2018": by_zones(data.old),
        "raster, land and lakes": by_land(data, folder),
        "pycnophylactic": smooth(125.0),
    }
    return {name: carried(source, data.new, **how).loc[data.vantaa] for name, how in methods.items()}


def postal_to_postal(data: Data, folder: Path) -> dict[str, pd.Series]:
    """Return the people of 2018's areas on those of 2026, by method."""
    methods = {
        "areal": AREAL,
        "dasymetric, grid": by_zones(data.cells),
        "raster, grid": {"method": "dasymetric", "weights": density(data, folder)},
        "pycnophylactic": smooth(250.0),
    }
    return {name: carried(data.old, data.new, **how).loc[data.vantaa] for name, how in methods.items()}


def postal_to_cells(data: Data, folder: Path) -> dict[str, pd.Series]:
    """Return the people of 2018's areas on the cells, by method; how many live in a cell is not used."""
    methods = {
        "areal": AREAL,
        "dasymetric, inhabited cells": by_zones(data.cells, None),
        "raster, land and lakes": by_land(data, folder),
        "pycnophylactic": smooth(250.0),
    }
    return {name: carried(data.old, data.cells, **how) for name, how in methods.items()}


def and_back(data: Data, found: dict[str, pd.Series]) -> dict[str, pd.Series]:
    """Return what was carried to the cells, carried back to 2018's areas by surface."""
    return {how: carried(data.cells.assign(people=v), data.old) for how, v in found.items()}


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Return every table of docs/support.md about the region."""
    data = read(folder)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        fine = cells_to_postal(data.cells, data, place)
        coarse = cells_to_postal(blocks(data.cells), data, place)
        areas, cells = postal_to_postal(data, place), postal_to_cells(data, place)
    new, old = data.new["people"].loc[data.vantaa], data.old["people"].reindex(data.vantaa)
    nothing = {"Paavo 2018, not carried: growth alone": old}
    told = {
        "250 m cells of 2015 to areas of 2026, against Paavo 2026": (fine | nothing, new),
        "250 m cells of 2015 to areas of 2026, against Paavo 2018": (fine, old),
        "1 km cells to areas of 2026, against 250 m cells carried by surface": (coarse, fine["areal"]),
        "Areas of 2018 to areas of 2026, against the same codes in Paavo 2018": (areas, old),
        "Areas of 2018 to 250 m cells, against the cells": (cells, data.cells["people"]),
        "Areas of 2018 to 250 m cells and back, against themselves": (
            and_back(data, cells),
            data.old["people"],
        ),
    }
    return {
        title: pd.DataFrame({how: error(v, truth) for how, v in found.items()}).T
        for title, (found, truth) in told.items()
    } | {"Error by area": _by_area(fine, new, old)}


def _by_area(found: dict[str, pd.Series], new: pd.Series, old: pd.Series) -> pd.DataFrame:
    """Return by how many percent of its people each area of Vantaa is off."""
    three = ("areal", "dasymetric, Paavo 2018", "raster, land and lakes")
    return pd.DataFrame(
        {
            f"{how}: {year}": 100 * (found[how] / truth.where(truth >= 100) - 1)
            for year, truth in ((2026, new), (2018, old))
            for how in three
        }
    )


def lines(table: pd.DataFrame) -> list[str]:
    """Return a table as lines of Markdown, one decimal each."""
    head = [table.index.name or "", *table.columns]
    rows = [
        [str(name), *("" if np.isnan(v) else f"{v:.1f}" for v in row)]
        for name, row in zip(table.index, table.to_numpy(float), strict=True)
    ]
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


if __name__ == "__main__":
    import sys

    for title, table in tables(Path(sys.argv[1])).items():
        print(title, "", *lines(table), "", sep="\n")  # noqa: T201 - a script
