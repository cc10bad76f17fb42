"""Grids with holes and fields on them, as large as a benchmark asks for."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

HOLES = 0.3
"""Share of the cells of a square that nobody lives in."""
SIZES = (3_000, 100_000, 300_000, 1_000_000, 4_000_000)


def named(n: int) -> str:
    """Return what a benchmark of so many cells is called: 3k, 4000k."""
    return f"{n // 1000}k"


def cells(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column of about ``n`` cells, scattered over a square with 30 % holes."""
    side = round((n / (1 - HOLES)) ** 0.5)
    place = np.flatnonzero(np.random.default_rng(2009).random(side**2) >= HOLES)
    row, column = np.divmod(place, side)
    return 26_700 + row, 1_200 + column


def cell_names(row: np.ndarray, column: np.ndarray) -> pd.Index:
    """Return Statistics Finland's ids of cells of 250 m."""
    texts = [f"250mN{25 * r}E{25 * c:05d}" for r, c in zip(row.tolist(), column.tolist(), strict=True)]
    return pd.Index(texts, dtype="str")


def squares(row: np.ndarray, column: np.ndarray) -> gpd.GeoDataFrame:
    """Return the cells as polygons of 250 m, numbered, as other programs want them."""
    west, south = 250.0 * column, 250.0 * row
    boxes = shapely.box(west, south, west + 250, south + 250)
    return gpd.GeoDataFrame({"number": np.arange(len(row))}, geometry=boxes, crs="EPSG:3067")


def continuous(row: np.ndarray, column: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return a smooth, skewed field with noise, in no short decimals: a rate or a mean income."""
    noise = np.random.default_rng(seed).normal(size=len(row))
    return np.exp(0.4 * (np.sin(row / 40) + np.cos(column / 60) + noise))


def counts(row: np.ndarray, column: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return numbers of people of whom many cells have none: the children of a cell."""
    mean = 0.6 * continuous(row, column, seed)
    return np.random.default_rng(seed + 1).poisson(mean).astype(float)
