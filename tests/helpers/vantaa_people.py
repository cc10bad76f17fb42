"""Vantaa's areas of 2018, HSY's cells of 2015 on them, and HSY's people in the pieces of both."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from support_vantaa import read

from lea_geo.disclosure.attack.atoms import OUTSIDE, Atoms, intersect
from lea_geo.disclosure.published import NO_LIMIT, Published
from lea_geo.intake.support.overlap import overlap


def pieces_of_vantaa(data_folder: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Atoms]:
    """Return Paavo's areas of 2018 in Vantaa, HSY's cells that touch them, and the pieces of both."""
    data = read(data_folder)
    paavo = pd.read_csv(
        data_folder / "paavo_2018_whole_country.csv", dtype={"postinumero": str, "kuntano": str}
    ).set_index("postinumero")
    postal = data.old[paavo.loc[data.old.index, "kuntano"].str.zfill(3).to_numpy() == "092"]
    near = data.cells[data.cells.intersects(postal.union_all())]
    return postal, near, intersect({"postal": postal, "grid": near})


def people_of_vantaa(postal: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, atoms: Atoms) -> np.ndarray:
    """Return HSY's people in the pieces: shared out by surface where a border crosses a cell."""
    shared = overlap(cells, postal).tocsr()
    found = np.zeros(atoms.n, dtype=np.int64)
    for cell, told in enumerate(cells["people"].astype(int)):
        pieces = np.flatnonzero(atoms.member["grid"] == cell)
        within = atoms.member["postal"][pieces]
        surface = np.array([shared[cell, one] if one != OUTSIDE else 0.0 for one in within])
        surface[within == OUTSIDE] = cells.geometry.iloc[cell].area - surface.sum()
        share = told * surface / surface.sum()
        found[pieces] = np.floor(share)
        rest = np.argsort(np.floor(share) - share, kind="stable")[: told - found[pieces].sum()]
        found[pieces[rest]] += 1
    return found


def published(atoms: Atoms, postal: np.ndarray, cells: np.ndarray) -> Published:
    """Two families in which everything is told, and nobody lives outside the cells."""
    told = {"postal": postal.astype(np.int64), "grid": cells.astype(np.int64)}
    most = np.where(atoms.member["grid"] == OUTSIDE, 0, NO_LIMIT)
    return Published(atoms.families(told, told), np.zeros(atoms.n, dtype=np.int64), most, atoms.ids)


def totals(atoms: Atoms, people: np.ndarray, kind: str) -> np.ndarray:
    """Return how many people each area of one kind holds."""
    at = atoms.member[kind]
    return np.bincount(at[at >= 0], people[at >= 0], len(atoms.area_ids[kind]))
