"""Layers under the names that Statistics Finland and HSY give theirs: of the made-up region, or real ones."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from lea_geo.sources.registry import BUILT_IN, Limits, Registry, load_registry

DEMO = Path(__file__).parents[2] / "boundaries" / "demo"
_WORKSPACES = {
    "statistics_finland_postal_areas": "postialue",
    "statistics_finland_municipalities": "tilastointialueet",
    "statistics_finland_population_grid": "vaestoruutu",
    "statistics_finland_schools": "oppilaitokset",
    "hsy_population_grid": "asuminen_ja_maankaytto",
}


def demo_layers():
    """Layers of the made-up region; the figures of 2021 have the older name of the area id."""
    areas = gpd.read_file(DEMO / "areas.gpkg").drop(columns="name_en")
    towns = gpd.read_file(DEMO / "municipalities.gpkg").rename(columns={"name_en": "name"})
    years = {2021: "paavo_2021.csv", 2023: "paavo_2023.csv", 2025: "paavo.csv"}
    figures = {f"pno_tilasto_{year}": _with_figures(areas, DEMO / file) for year, file in years.items()}
    old = figures["pno_tilasto_2021"]
    figures["pno_tilasto_2021"] = old.rename(columns={"postinumeroalue": "posti_alue"})
    plain = areas.assign(vuosi=2025)
    cells = _demo_cells()
    return {
        "postialue": {**figures, "pno_2025": plain, "pno_meri_2025": plain},
        "tilastointialueet": {"kunta1000k_2025": towns.assign(vuosi=2025), "kunta4500k_2025": towns},
        "vaestoruutu": {"vaki2025_1km": cells},
        "oppilaitokset": {"oppilaitokset": _demo_schools(areas)},
        "asuminen_ja_maankaytto": {"Vaestotietoruudukko_2015": _demo_hsy_cells(cells)},
    }


def real_layers(finland):
    """Layers of the real data; Paavo's of 2026 are brought over to the CRS that its service has."""
    paavo = gpd.read_file(finland / "paavo_wfs_2026_helsinki_tampere_turku.gpkg").to_crs("EPSG:3067")
    return {
        "postialue": {
            "pno_tilasto_2026": paavo,
            **{f"pno_{year}": gpd.read_file(finland / f"postal_areas_{year}.gpkg") for year in (2015, 2018)},
        },
        "tilastointialueet": {"kunta1000k_2019": gpd.read_file(finland / "kunta_2019_1000k.gpkg")},
        "asuminen_ja_maankaytto": {
            "Vaestotietoruudukko_2015": gpd.read_file(finland / "hsy_population_grid_250m_2015.gpkg")
        },
    }


def sources_at(server, *, page=None, versions=None):
    """The registry that comes with the package, its WFS at a server of a test."""
    held = dict(load_registry().sources)
    for name, workspace in _WORKSPACES.items():
        own = {"page": page} if page else {"page": held[name].limits.page}
        held[name] = replace(
            held[name],
            address=server.address(workspace),
            limits=Limits(**own),
            versions=versions or held[name].versions,
        )
    return Registry(held)


def registry_text(server):
    """The text of that registry, for what reads one from a file."""
    text = BUILT_IN.read_text("utf-8")
    for name, workspace in _WORKSPACES.items():
        text = text.replace(f'"{load_registry().sources[name].address}"', f'"{server.address(workspace)}"')
    return text


def _with_figures(areas, file):
    figures = pd.read_csv(file, dtype={"postinumeroalue": str}).drop(columns=["nimi", "namn", "kunta"])
    return areas.merge(figures, on="postinumeroalue")


def _demo_cells():
    held = pd.read_csv(DEMO / "grid.csv", dtype={"kunta": str})
    young = held[["he_0_2", "he_3_6", "he_7_12", "he_13_15"]].sum(axis=1)
    few = held["he_vakiy"] < 10
    table = pd.DataFrame(
        {
            "grd_id": held["grd_id"],
            "id_nro": range(1, len(held) + 1),
            "kunta": held["kunta"],
            "vaesto": held["he_vakiy"],
            "miehet": held["he_miehet"].mask(few, -1),
            "naiset": held["he_naiset"].mask(few, -1),
            "ika_0_14": young.mask(few, -1),
        }
    )
    return gpd.read_file(DEMO / "grid.gpkg").merge(table, on="grd_id")


def _demo_hsy_cells(cells):
    table = pd.DataFrame({"INDEX": range(1, len(cells) + 1), "ASUKKAITA": cells["vaesto"]})
    return gpd.GeoDataFrame(table, geometry=cells.geometry, crs=cells.crs).to_crs("EPSG:3879")


def _demo_schools(areas):
    some = areas.iloc[::6]
    table = {"tunn": [f"0{1000 + n}" for n in range(len(some))], "onimi": some["nimi"] + "n koulu"}
    return gpd.GeoDataFrame(table, geometry=some.representative_point(), crs=areas.crs).reset_index(drop=True)
