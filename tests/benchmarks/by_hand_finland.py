"""All of Finland as an analyst would do it by hand today: geopandas, libpysal, esda, folium.

The same steps as ``lea-geo run tests/studies/finland.toml``: read 3 030 areas and their table, compute the
rates of the Paavo catalogue, build a queen graph, global Moran, local Moran and Gi* for each, write a
GeoPackage with one layer an indicator, CSV tables and a folium map of every indicator. 999 permutations.
Run as ``python by_hand_finland.py DATA OUT``; called by ``test_whole_study.py``.
"""

import sys
import tomllib
import warnings
from importlib.resources import files
from pathlib import Path

import esda
import folium
import geopandas as gpd
import pandas as pd
from libpysal.graph import Graph

warnings.simplefilter("ignore")
data, out = Path(sys.argv[1]), Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
(out / "tables").mkdir(exist_ok=True)

areas = gpd.read_file(data / "postal_areas_2018.gpkg").set_index("postinumeroalue")
table = pd.read_csv(data / "paavo_2018_whole_country.csv", dtype={"postinumero": str, "kuntano": str})
areas = areas.drop(columns="vuosi").join(table.set_index("postinumero"), how="left")
graph = Graph.build_contiguity(areas, rook=False).transform("r")

catalogue = tomllib.loads((files("lea_geo") / "intake" / "catalogues" / "paavo.toml").read_text("utf-8"))
page = folium.Map(location=[64.5, 26], zoom_start=5, prefer_canvas=True)
for indicator in catalogue["indicators"]:
    fields = [*indicator.get("numerator", []), *indicator.get("denominator", []), indicator.get("field")]
    if not {field for field in fields if field} <= set(areas.columns):
        continue
    if "denominator" in indicator:
        value = areas[indicator["numerator"]].sum(axis=1, min_count=1) / areas[indicator["denominator"]].sum(
            axis=1, min_count=1
        )
    else:
        value = areas[indicator["field"]]
    valid = value.notna() & value.abs().lt(1e300)
    result = areas.loc[valid, ["nimi", "geometry"]].assign(value=value[valid])
    subgraph = graph.subgraph(result.index).transform("r")
    moran = esda.Moran(result["value"], subgraph, permutations=999)
    local = esda.Moran_Local(result["value"], subgraph, permutations=999, seed=1)
    star = esda.G_Local(result["value"], subgraph, permutations=999, star=True, seed=1)
    result = result.assign(
        moran=moran.I,
        local_moran=local.Is,
        local_moran_p=local.p_sim,
        local_moran_q=local.q,
        g_star=star.Zs,
        g_star_p=star.p_sim,
    )
    result.to_file(out / "by_hand.gpkg", layer=indicator["code"], driver="GPKG")
    result.drop(columns="geometry").to_csv(out / "tables" / f"{indicator['code']}.csv")
    folium.GeoJson(
        result.reset_index().assign(geometry=result.geometry.simplify(50).to_numpy()).to_crs(4326),
        name=indicator["name"]["fi"],
        show=False,
    ).add_to(page)
page.save(out / "map.html")
