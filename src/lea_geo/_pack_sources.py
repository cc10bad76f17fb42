"""What a pack is made of: each source fetched, cut to the region and written as files that a study reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyogrio

from lea_geo._checks import pack as check
from lea_geo._checks.findings import refuse_failure
from lea_geo.export.documented import LONG_AGO
from lea_geo.sources.features import area_id_column
from lea_geo.sources.pxweb import download_table
from lea_geo.sources.sotkanet import download_indicators
from lea_geo.sources.wfs import download_features

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from lea_geo.sources.cache import Fetched
    from lea_geo.sources.client import Client
    from lea_geo.sources.features import Features
    from lea_geo.sources.registry import Source

MUNICIPALITY = "kunta"
CELL = "1km"
PAAVO_TABLE = "all"
_OF_AREAS = ("nimi", "namn", "name", MUNICIPALITY, "vuosi")
"""Columns that stay with the postal areas; the others are Paavo's figures."""


@dataclass
class Making:
    """A pack that is being made."""

    client: Client
    folder: Path
    codes: tuple[str, ...]
    """Municipalities of the region; none means the whole country."""
    indicators: tuple[int, ...] = ()
    """Sotkanet's numbers."""
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    """File to what is said of it."""
    notes: list[str] = field(default_factory=list)
    ids: tuple[str, ...] = ()
    """The region's postal areas."""
    id_column: str = ""
    area_columns: tuple[str, ...] = ()
    """What is known of postal areas beside figures."""
    cells: dict[str, str] = field(default_factory=dict)
    """File of grid cells to what the column of their ids is called."""
    municipalities: gpd.GeoDataFrame | None = None
    """Those of the whole country, indexed by code."""

    def source(self, name: str) -> Source:
        """Return a source of the registry."""
        return self.client.registry[name]

    def keep(
        self,
        path: Path,
        source: Source,
        layer: str,
        fetched: Sequence[Fetched],
        notes: Sequence[str],
        rows: int,
    ) -> None:
        """Note a file that has been written, and where it came from."""
        records = [one.record for one in fetched]
        self.made[path.name] = {
            "rows": rows,
            "source": source.name,
            "layer": layer,
            "url": source.address,
            "owner": source.owner,
            "licence": source.licence,
            "time": max(record.time for record in records),
            "answers": list(dict.fromkeys(record.sha256 for record in records)),
            "notes": list(notes),
        }
        self.notes += [f"{path.name}: {note}" for note in notes]

    @property
    def chosen(self) -> dict[str, Sequence[str]]:
        """What features are chosen by, where they know their municipality."""
        return {MUNICIPALITY: self.codes} if self.codes else {}


def fetch_municipalities(at: Making, year: int) -> None:
    """Fetch all municipalities: a map shows those around the region too."""
    source = at.source("statistics_finland_municipalities")
    layer = source.layer("areas", year=year)
    got = download_features(at.client, source, layer)
    key = area_id_column(source, got)
    frame = _keyed(got.frame, key, layer)
    check.check_municipalities(layer, at.codes, frame[key])
    at.municipalities = frame.set_index(key)
    _write_layer(at, "municipalities", frame, source, layer, got)


def fetch_postal_areas(at: Making, year: int) -> None:
    """Fetch the region's postal areas, and Paavo's figures as a table beside them."""
    source = at.source("statistics_finland_postal_areas")
    layer = source.layer("figures", year=year)
    got = download_features(at.client, source, layer, where=at.chosen)
    key = area_id_column(source, got)
    frame = _keyed(got.frame, key, layer)
    check.check_municipalities(layer, at.codes, frame.get(MUNICIPALITY, at.codes))
    named = [key, *(name for name in _OF_AREAS if name in frame and name != key)]
    at.ids, at.id_column, at.area_columns = tuple(frame[key]), key, tuple(named)
    _write_layer(at, "postal_areas", frame[[*named, "geometry"]], source, layer, got)
    table = pd.DataFrame(frame.drop(columns="geometry"))
    _write_csv(at, "paavo.csv", table, source, layer, got.fetched)


def fetch_population_grid(at: Making, year: int) -> None:
    """Fetch the inhabited cells of a kilometre in the region."""
    source = at.source("statistics_finland_population_grid")
    layer = source.layer("figures", year=year, cell=CELL)
    got = download_features(at.client, source, layer, where=at.chosen)
    key = at.cells["population_grid.gpkg"] = area_id_column(source, got)
    _write_layer(at, "population_grid", _keyed(got.frame, key, layer), source, layer, got)


def fetch_hsy_grid(at: Making, year: int) -> None:
    """Fetch the cells of 250 m whose centre is in the region; they do not know their municipality."""
    source = at.source("hsy_population_grid")
    layer = source.layer("figures", year=year)
    got = download_features(at.client, source, layer)
    key = at.cells["hsy_population_grid.gpkg"] = area_id_column(source, got)
    frame = _keyed(_inside(at, got.frame, layer), key, layer)
    _write_layer(at, "hsy_population_grid", frame, source, layer, got)


def fetch_schools(at: Making, _year: int) -> None:
    """Fetch the schools that lie in the region, as they are today."""
    source = at.source("statistics_finland_schools")
    layer = source.layer("points")
    got = download_features(at.client, source, layer)
    _write_layer(at, "schools", _inside(at, got.frame, layer), source, layer, got)


def fetch_sotkanet(at: Making, year: int) -> None:
    """Fetch indicators of all municipalities, so that the region can be compared."""
    source = at.source("thl_sotkanet")
    got = download_indicators(at.client, source, at.indicators, [year])
    named = ", ".join(map(str, at.indicators))
    _write_csv(at, "sotkanet.csv", got.frame, source, f"indicators {named}", got.fetched, got.notes)


def fetch_paavo_tables(at: Making, year: int) -> None:
    """Fetch Paavo's table of all groups for the region's postal areas: its year is the statistical year.

    The service knows the newest division alone, so all areas are asked for and the region's are kept.
    """
    source = at.source("statistics_finland_paavo")
    got = download_table(at.client, source, PAAVO_TABLE, years=[year])
    frame, notes = got.frame, list(got.notes)
    if at.codes:
        frame = frame[frame["area"].isin(at.ids)]
        absent = sorted(set(at.ids).difference(frame["area"]))
        if absent:
            notes.append(f"It has nothing of {len(absent)} of {len(at.ids)} areas: {', '.join(absent)}.")
    layer = source.layer(PAAVO_TABLE)
    if frame.empty:
        raise check.refuse_nothing_inside(layer)
    _write_csv(at, "paavo_tables.csv", frame, source, layer, got.fetched, notes)


FETCH: Mapping[str, Callable[[Making, int], None]] = {
    "municipalities": fetch_municipalities,
    "postal_areas": fetch_postal_areas,
    "population_grid": fetch_population_grid,
    "hsy_population_grid": fetch_hsy_grid,
    "schools": fetch_schools,
    "sotkanet": fetch_sotkanet,
    "paavo_tables": fetch_paavo_tables,
}
"""What can be fetched, in the order in which it is: some are cut to the region by those before."""


def needs(name: str) -> tuple[str, ...]:
    """Return what must have been fetched before."""
    return {
        "schools": ("municipalities",),
        "hsy_population_grid": ("municipalities",),
        "paavo_tables": ("postal_areas",),
    }.get(name, ())


def _inside(at: Making, frame: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Return the features whose inner point lies in the region's municipalities."""
    if not at.codes or at.municipalities is None:
        return frame
    region = at.municipalities.loc[list(at.codes)].to_crs(frame.crs).union_all()
    found = frame[frame.representative_point().intersects(region).to_numpy()]
    if found.empty:
        raise check.refuse_nothing_inside(layer)
    return found


def _keyed(frame: gpd.GeoDataFrame, key: str, layer: str) -> gpd.GeoDataFrame:
    """Return features in the order of their ids, which are text."""
    ids = frame[key]
    if pd.api.types.is_float_dtype(ids):
        raise check.refuse_key(layer, key)
    keyed = frame.assign(**{key: ids.astype("str")})
    return keyed.sort_values(key, kind="stable").reset_index(drop=True)


def _write_layer(
    at: Making, name: str, frame: gpd.GeoDataFrame, source: Source, layer: str, got: Features
) -> None:
    path = at.folder / f"{name}.gpkg"
    # So that the same answers give the same bytes.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": LONG_AGO})
    try:
        frame.to_file(path, layer=name, driver="GPKG", engine="pyogrio", VERSION="1.2", index=False)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise refuse_failure(path, error) from error
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    at.keep(path, source, layer, got.fetched, got.notes, len(frame))


def _write_csv(
    at: Making,
    name: str,
    frame: pd.DataFrame,
    source: Source,
    layer: str,
    fetched: Sequence[Fetched],
    notes: Sequence[str] = (),
) -> None:
    """Write a table whose whole numbers stay whole beside empty cells."""
    path = at.folder / name
    frame.convert_dtypes().to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    at.keep(path, source, layer, fetched, notes, len(frame))
