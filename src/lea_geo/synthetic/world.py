"""The made-up region as files that a study reads."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyogrio

from lea_geo.intake.catalogue import read_catalogue
from lea_geo.intake.grid import build_grid
from lea_geo.schema import AREA_ID, LANGUAGES, MUNICIPALITY, Text
from lea_geo.synthetic.geography import areas, municipalities, places, water
from lea_geo.synthetic.households import YEAR, YEARS
from lea_geo.synthetic.paavo import GRID_SIZE, HIDDEN, grid_table, indicator_table, municipality_table
from lea_geo.synthetic.population import SEED, cells
from lea_geo.synthetic.service_list import services
from lea_geo.synthetic.truth import Truth, truth

if TYPE_CHECKING:
    import geopandas as gpd

WATER_DISTANCE = 1000
"""Metres of water that the demo study bridges: every island but one."""
_CELL_MINIMUM = 10
"""Statistics Finland gives only the number of residents of cells with fewer."""
_EUROS_A_HEAD = 8
_LONG_AGO = "2021-01-01T00:00:00.000Z"
"""The date written into the GeoPackage, so that the same world gives the same file contents."""


ELSEWHERE = (
    "low_income_households",
    "unemployment",
    "basic_education_only",
    "families_with_children",
    "single_parent_households",
    "children_under_7",
    "children_under_18",
    "rental_housing",
)
"""Codes of the indicators that the demo study has for municipalities and grid cells too."""


def write_world(folder: str | Path, *, seed: int = SEED) -> Path:
    """Write the made-up region as files that a study reads, and the study; ``README.md`` there says which.

    Parameters
    ----------
    folder
        Where to write; made if it is not there. Files of these names are replaced.
    seed
        As in :func:`lea_geo.synthetic.families`.

    Returns
    -------
        The path of ``study.toml``, ready for ``lea-geo run``.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write_shapes(folder, grid_table(seed=seed)["grd_id"].tolist())
    for year in YEARS:
        _write_csv(indicator_table(seed=seed, year=year), folder / _of_year(year))
    every = [municipality_table(seed=seed, year=year) for year in YEARS]
    _write_csv(pd.concat(every), folder / "municipalities.csv")
    _write_csv(grid_table(seed=seed), folder / "grid.csv")
    _write_csv(_published_cells(seed), folder / "cells.csv")
    _write_csv(pd.DataFrame(services().drop(columns="geometry")).reset_index(), folder / "services.csv")
    _write_csv(_earlier_budget(seed), folder / "previous.csv")
    (folder / "README.md").write_text(_readme(truth(seed=seed)), encoding="utf-8", newline="\n")
    study = folder / "study.toml"
    chapters = resources.files("lea_geo.synthetic").joinpath("chapters.toml").read_text("utf-8")
    study.write_text(_study() + chapters, encoding="utf-8", newline="\n")
    return study


def _of_year(year: int) -> str:
    """Return the name of a year's table; the last year's is the one without a year."""
    return "paavo.csv" if year == YEAR else f"paavo_{year}.csv"


def _write_shapes(folder: Path, cell_ids: list[str]) -> None:
    named = {"name_fi": "nimi", "name_sv": "namn", MUNICIPALITY: "kunta"}
    land = areas().drop(columns="zone").reset_index()
    _write_areas(land.rename(columns={AREA_ID: "postinumeroalue", **named}), folder / "areas.gpkg")
    _write_areas(municipalities().rename(columns=named), folder / "municipalities.gpkg")
    _write_areas(water().rename(columns=named), folder / "water.gpkg")
    grid = build_grid(cell_ids, cell_size=GRID_SIZE).rename_axis("grd_id")[["geometry"]]
    _write_areas(grid.reset_index(), folder / "grid.gpkg")


def _write_areas(frame: gpd.GeoDataFrame, path: Path) -> None:
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _LONG_AGO})
    try:
        frame.to_file(path, layer=path.stem, driver="GPKG", VERSION="1.2", index=False)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _published_cells(seed: int) -> pd.DataFrame:
    """Return the cells as Statistics Finland publishes its population grid: no details of small cells."""
    table = pd.DataFrame(cells(seed=seed).drop(columns="geometry"))
    details = ["miehet", "naiset", "ika_0_14", "ika_15_64", "ika_65_"]
    table.loc[table["vaesto"] < _CELL_MINIMUM, details] = HIDDEN
    return table.rename_axis("grd_id").reset_index()


def _earlier_budget(seed: int) -> pd.DataFrame:
    """Return what each area is given now: so much a head, whatever the need."""
    table = indicator_table(seed=seed, year=YEAR)
    euros = _EUROS_A_HEAD * table["he_vakiy"].clip(lower=0)
    return pd.DataFrame({"postinumeroalue": table["postinumeroalue"], "euros": euros})


def _toml_text(text: Text) -> str:
    # A JSON string is a TOML string.
    return ", ".join(
        f"{lang} = {json.dumps(text.in_language(lang), ensure_ascii=False)}" for lang in LANGUAGES
    )


def _study() -> str:
    return f"""\
# A study of a made-up region. Nothing in it is real: no such place, and no such people.

[study]
name = {{ {_toml_text(Text(**places()["title"]))} }}
synthetic = true

[areas]
path = "areas.gpkg"
area_id = "postinumeroalue"
id_scheme = "postal"
name = {{ fi = "nimi", sv = "namn", en = "name_en" }}
municipality = "kunta"

{_tables([(_of_year(year), year) for year in reversed(YEARS)], "tables", "postinumeroalue")}
[spatial]
graph = "queen"
islands = "components"          # islands are neighbours of the nearest shore ...
water_distance = {WATER_DISTANCE}           # ... up to a kilometre away
fdr = 0.05
seed = {SEED}

# One number of what weighs on families: an index of eight indicators in four domains. A high score means a
# worse situation. Domains count alike, and so do the indicators in each: an opinion, not a measurement.
[composite]
name = {{ fi = "Perheiden kuormitus", sv = "Belastning på familjer", en = "Strain on families" }}
levels = ["domain"]
indicators = [
  {{ code = "low_income_households" }},          # material living standards
  {{ code = "median_income_households" }},       # protects, so a low income scores high
  {{ code = "basic_education_only" }},           # education
  {{ code = "higher_education" }},
  {{ code = "unemployment" }},                   # insecurity
  {{ code = "rental_housing" }},
  {{ code = "single_parent_households" }},       # social connections
  {{ code = "young_people_living_alone" }},
]

# How sure is that? Everything once more, with other opinions and with other numbers that the data allow.
[robustness]
runs = 500                      # of the index: how far an area's score and place could move
labels = 50                     # of every map: would its clusters still be there?

# What may leave: by the rules of Paavo, which these tables follow. Each table is safe by itself; but a
# municipality less the postal areas that are shown tells of those that are withheld. The review of the
# ethical notes is made up, as is everything here.
[disclosure]
profile = "paavo"

[[disclosure.reviewed]]
indicators = ["*"]
by = "Keksitty / påhittad / made up"
on = "{YEAR}-12-31"

[map]
water = "water.gpkg"
borders = "municipalities.gpkg"

# The same people once more, by municipality: what the whole of each is like, year by year.
[[also]]
indicators = {json.dumps(ELSEWHERE)}

[also.areas]
path = "municipalities.gpkg"
area_id = "kunta"
id_scheme = "municipality"
name = {{ fi = "nimi", sv = "namn", en = "name_en" }}
municipality = "kunta"

{_tables([("municipalities.csv", year) for year in reversed(YEARS)], "also.tables", "kunta")}
# And by square kilometre, in the last year.
[[also]]
indicators = {json.dumps(ELSEWHERE)}

[also.areas]
path = "grid.gpkg"
area_id = "grd_id"
id_scheme = "grid"

{_tables([("grid.csv", YEAR)], "also.tables", "grd_id")}
[also.spatial]
graph = "lattice"               # cells that touch
islands = "isolate"
"""


def _tables(files: list[tuple[str, int]], name: str, area_id: str) -> str:
    return "\n".join(
        f'[[{name}]]\npath = "{file}"\narea_id = "{area_id}"\nyear = {year}\n' for file, year in files
    )


def _readme(known: Truth) -> str:
    names = {i.code: i.name.en.lower() for i in read_catalogue("paavo").indicators}
    found = "\n".join(
        f"* {d.title.en} ({d.area_ids[0]}-{d.area_ids[-1]}): "
        + "; ".join(f"{names[e.code]} {e.background:,.1f} -> {e.planted:,.1f}" for e in d.effects)
        for d in known.divergences
    )
    before = ", ".join(f"`{_of_year(year)}`" for year in YEARS[:-1])
    years = ", ".join(map(str, YEARS[:-1])) + f" and {YEAR}"
    by_year = [truth(seed=known.seed, year=year).divergences for year in YEARS]
    drift = "\n".join(
        f"* {same[0].title.en.split(':')[0]}: {', '.join(f'{100 * one.gap:.0f}' for one in same)}"
        for same in zip(*by_year, strict=True)
    )
    here, there = (" / ".join(m["names"]) for m in places()["municipalities"])
    return f"""\
# A made-up region

**Nothing here is real.** {here} and {there}
do not exist, nor do their postal codes (089xx), municipality codes (998, 999), names or residents:
{known.n_families:,} families were drawn at random by `lea_geo.synthetic` with seed {known.seed}. On the map
the coast lies in open water of the Bothnian Sea.

| file | what |
|---|---|
| `areas.gpkg` | 60 postal areas, EPSG:3067 |
| `paavo.csv` | the fields of Statistics Finland's Paavo, -1 where Paavo would withhold, in {YEAR} |
| {before} | the same of earlier years |
| `municipalities.gpkg`, `municipalities.csv` | the two municipalities, every year |
| `grid.gpkg`, `grid.csv` | inhabited 1 km cells, -1 where a group has fewer than 10 members |
| `water.gpkg` | the sea and a lake |
| `cells.csv` | inhabited 250 m cells, -1 where the population grid would withhold |
| `services.csv` | family centres and child health clinics: where, and for how many families a year |
| `previous.csv` | what each area is given now: {_EUROS_A_HEAD} euros a head, whatever the need |
| `study.toml` | the study: `lea-geo run study.toml` |

What is planted, as the background and the planted expectation (`lea_geo.synthetic.truth()` says more):

{found}

Families are drawn anew for each year, as many in each area, and the divergences drift. So far from the
background lie the planted shares of households and persons in {years}, in per cent of {YEAR}:

{drift}

Written by `lea_geo.synthetic.write_world`; a test compares these files with what the code gives. Free to use
(CC0 1.0).
"""
