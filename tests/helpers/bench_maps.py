"""Maps of the same areas by lea_geo, folium and geopandas; as a program, writes one of them.

python bench_maps.py cells 300000 lea_geo map.html
"""

import sys
from pathlib import Path

import folium
import geopandas as gpd
import mapclassify
import numpy as np
import pandas as pd
import shapely
from bench_fields import cell_names, cells, continuous, squares

from lea_geo.maps.page import planner_map
from lea_geo.schema import SUMMARY_COLUMNS, EthicalNote, Findings, Indicator, Text

COLOURS = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
N_COLUMNS = 10


def grid(n: int) -> gpd.GeoDataFrame:
    """Return about ``n`` cells of 250 m with ten columns of shares in per cent, as few people give them."""
    row, column = cells(n)
    people = 1 + np.random.default_rng(1).poisson(40, len(row))
    shares = {}
    for k in range(N_COLUMNS):
        wave = continuous(row + 37 * k, column, seed=k)
        poor = np.random.default_rng(100 + k).binomial(people, np.clip(0.12 * wave, 0, 0.9))
        shares[f"share_{k}"] = 100 * poor / people
    frame = squares(row, column).drop(columns="number").assign(**shares)
    return frame.set_index(pd.Index(cell_names(row, column), name="area_id"))


def postal(path: Path, *, spacing: float = 150.0, roughness: float = 15.0) -> gpd.GeoDataFrame:
    """Return Finland's postal areas with borders as dense as a survey's: about a million vertices.

    The file at hand was simplified at its source. Vertices are put in every ``spacing`` metres, and every
    vertex is moved by up to ``roughness`` metres, by the same amount on both sides of a border.
    """
    areas = gpd.read_file(path).set_index("postinumeroalue").rename_axis("area_id")

    def rough(xy: np.ndarray) -> np.ndarray:
        phase = np.modf(np.sin(np.round(xy @ [[12.9898, 78.233], [39.346, 11.135]], 3)) * 43_758.5453)[0]
        return xy + roughness * phase

    dense = shapely.transform(shapely.segmentize(areas.geometry.to_numpy(), spacing), rough)
    random = np.random.default_rng(7)
    shares = {f"share_{k}": random.gamma(4, 3, len(areas)) for k in range(N_COLUMNS)}
    return gpd.GeoDataFrame(shares, geometry=dense, crs=areas.crs, index=areas.index.astype(str))


def findings_of(areas: gpd.GeoDataFrame) -> Findings:
    """Return one indicator a column."""
    blank = Text("", "", "")
    codes = [name for name in areas.columns if name.startswith("share_")]
    indicators = tuple(
        Indicator(
            code=code,
            name=Text(code, code, code),
            explanation=blank,
            unit="percent",
            kind="intensive",
            direction="weakens",
            domain="health",
            perspective="individual",
            phenomenon="learning",
            ethics=EthicalNote(blank, blank),
            decimals=1,
        )
        for code in codes
    )
    cellwise = {code: pd.DataFrame({"value": areas[code], "status": "observed"}) for code in codes}
    summary = pd.DataFrame(index=pd.Index(codes, name="code"), columns=list(SUMMARY_COLUMNS), dtype=object)
    return Findings(Text("Maps", "Maps", "Maps"), areas[["geometry"]], indicators, cellwise, summary)


def by_lea_geo(areas: gpd.GeoDataFrame, path: Path) -> None:
    planner_map(findings_of(areas)).save(path)


def _colour_of(areas: gpd.GeoDataFrame) -> np.ndarray:
    return np.array(COLOURS)[mapclassify.Quantiles(areas["share_0"].to_numpy(), k=5).yb]


def by_folium(areas: gpd.GeoDataFrame, path: Path) -> None:
    """Draw with folium as its users do, on canvas, which is the faster of its two ways."""
    drawn = folium.Map(tiles=None, prefer_canvas=True)
    coloured = areas.assign(colour=_colour_of(areas))
    layer = folium.GeoJson(
        coloured,
        style_function=lambda feature: {
            "fillColor": feature["properties"]["colour"],
            "fillOpacity": 1,
            "weight": 0.5,
        },
    )
    layer.add_to(drawn)
    drawn.fit_bounds(layer.get_bounds())
    drawn.save(path)


def by_explore(areas: gpd.GeoDataFrame, path: Path) -> None:
    """Draw with GeoDataFrame.explore, on canvas."""
    areas.explore("share_0", scheme="quantiles", k=5, tiles=None, prefer_canvas=True, legend=False).save(path)


DRAWERS = {"lea_geo": by_lea_geo, "folium.GeoJson": by_folium, "gdf.explore": by_explore}


def areas_of(kind: str, size: str) -> gpd.GeoDataFrame:
    """Return ``cells`` of a number, or ``postal`` areas of a file."""
    return grid(int(size)) if kind == "cells" else postal(Path(size))


if __name__ == "__main__":
    kind, size, drawer, out = sys.argv[1:]
    if drawer == "nothing":
        areas_of(kind, size)
    else:
        DRAWERS[drawer](areas_of(kind, size), Path(out))
