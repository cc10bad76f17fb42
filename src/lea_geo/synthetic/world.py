"""The made-up region as files that a study reads."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyogrio

from lea_geo.intake.catalogue import read_catalogue
from lea_geo.schema import AREA_ID, LANGUAGES, MUNICIPALITY, Text
from lea_geo.synthetic.geography import areas, places
from lea_geo.synthetic.paavo import HIDDEN, indicator_table
from lea_geo.synthetic.population import SEED, cells
from lea_geo.synthetic.truth import Truth, truth

WATER_DISTANCE = 1000
"""Metres of water that the demo study bridges: every island but one."""
_CELL_MINIMUM = 10
"""Statistics Finland gives only the number of residents of cells with fewer."""
_LONG_AGO = "2021-01-01T00:00:00.000Z"
"""The date written into the GeoPackage, so that the same world gives the same file contents."""


def write_world(folder: str | Path, *, seed: int = SEED) -> Path:
    """Write the made-up region: ``areas.gpkg paavo.csv cells.csv study.toml README.md``.

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
    _write_areas(folder / "areas.gpkg")
    _write_csv(indicator_table(seed=seed), folder / "paavo.csv")
    _write_csv(_published_cells(seed), folder / "cells.csv")
    (folder / "README.md").write_text(_readme(truth(seed=seed)), encoding="utf-8", newline="\n")
    study = folder / "study.toml"
    study.write_text(_study(), encoding="utf-8", newline="\n")
    return study


def _write_areas(path: Path) -> None:
    land = areas().drop(columns="zone").reset_index()
    land = land.rename(
        columns={AREA_ID: "postinumeroalue", "name_fi": "nimi", "name_sv": "namn", MUNICIPALITY: "kunta"}
    )
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _LONG_AGO})
    try:
        land.to_file(path, layer="areas", driver="GPKG", VERSION="1.2")
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

[[tables]]
path = "paavo.csv"
area_id = "postinumeroalue"

[spatial]
graph = "queen"
islands = "components"          # islands are neighbours of the nearest shore ...
water_distance = {WATER_DISTANCE}           # ... up to a kilometre away
fdr = 0.05
seed = {SEED}
"""


def _readme(known: Truth) -> str:
    names = {i.code: i.name.en.lower() for i in read_catalogue("paavo").indicators}
    found = "\n".join(
        f"* {d.title.en} ({d.area_ids[0]}-{d.area_ids[-1]}): "
        + "; ".join(f"{names[e.code]} {e.background:,.1f} -> {e.planted:,.1f}" for e in d.effects)
        for d in known.divergences
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
| `paavo.csv` | the fields of Statistics Finland's Paavo, -1 where Paavo would withhold |
| `cells.csv` | inhabited 250 m cells, -1 where the population grid would withhold |
| `study.toml` | the study: `lea-geo run study.toml` |

What is planted, as the background and the planted expectation (`lea_geo.synthetic.truth()` says more):

{found}

Written by `lea_geo.synthetic.write_world`; a test compares these files with what the code gives. Free to use
(CC0 1.0).
"""
