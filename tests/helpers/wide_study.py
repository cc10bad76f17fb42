"""The small made-up study of conftest, made wide: two years, grid cells, water and borders."""

import csv
import json
from pathlib import Path

WIDE = """
[study]
name = { fi = "Laaja koe", sv = "Vitt prov", en = "Wide trial" }
municipalities = ["905"]
indicators = ["low_income_residents", "basic_education_only", "unemployment"]
synthetic = true

[areas]
path = "areas.geojson"
area_id = "postinumeroalue"
id_scheme = "postal"

[[tables]]
path = "table.csv"
area_id = "postinumero"
year = 2018

[[tables]]
path = "table_2016.csv"
area_id = "postinumero"
year = 2016

[[tables]]
path = "work.csv"
area_id = "postinumero"

[spatial]
graph = "queen"
tolerance = 1.0
seed = 7

[map]
water = "lake.geojson"
borders = "borders.geojson"

[[also]]
indicators = ["low_income_residents"]

[also.areas]
path = "grid.geojson"
area_id = "grd_id"
id_scheme = "grid"

[[also.tables]]
path = "grid.csv"
area_id = "grd_id"

[also.spatial]
graph = "lattice"
"""


def widen(study: Path) -> Path:
    """Write the files of the wide study beside the mini study's, and return its study file.

    In 2016 the poor corner has 30 of 100 residents with low income (in 2018 about 40); the table of 2016
    lacks one area, 65135, and the columns of education. ``work.csv`` states no year.
    """
    folder = study.parent
    with (folder / "table.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    old = [{k: v for k, v in row.items() if not k.startswith("ko_")} for row in rows]
    for row in old:
        row |= {"vuosi": "2016", "hr_pi_tul": str(min(int(row["hr_pi_tul"]), 30))}
    _write(folder / "table_2016.csv", [row for row in old if row["postinumero"] != "65135"])
    work = [
        {"postinumero": row["postinumero"], "pt_vakiy": 100, "pt_tyoll": 40 + n % 7, "pt_tyott": 4 + n % 5}
        for n, row in enumerate(rows)
    ]
    _write(folder / "work.csv", work)
    _write_grid(folder, rows)
    far = [900_000, 7_000_000, 901_000, 7_001_000]
    _write_boxes(
        folder / "lake.geojson", [[220_000, 7_001_000, 233_500, 7_002_500], far], ["Vesi", "Kaukana"]
    )
    _write_boxes(folder / "borders.geojson", [[200_000, 6_990_000, 236_000, 7_006_000]], ["Vaasa"])
    path = folder / "wide.toml"
    path.write_text(WIDE, encoding="utf-8")
    return path


def _write(path: Path, rows: list[dict]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _write_grid(folder: Path, rows: list[dict]) -> None:
    """Write the squares of Vaasa once more, as Statistics Finland's cells of 1 km."""
    areas = json.loads((folder / "areas.geojson").read_text(encoding="utf-8"))
    cells = []
    for feature, row in zip(areas["features"][:36], rows, strict=False):
        x, y = feature["geometry"]["coordinates"][0][0]
        cell = f"1kmN{y // 1000}E{x // 1000:04d}"
        feature["properties"] = {"grd_id": cell}
        kept = {key: row[key] for key in ("kunta", "hr_tuy", "hr_pi_tul")}
        cells.append({"grd_id": cell, **kept})
    areas["features"] = areas["features"][:36]
    (folder / "grid.geojson").write_text(json.dumps(areas), encoding="utf-8")
    _write(folder / "grid.csv", cells)


def _write_boxes(path: Path, boxes: list[list[int]], names: list[str]) -> None:
    features = []
    for (left, bottom, right, top), name in zip(boxes, names, strict=True):
        ring = [[left, bottom], [right, bottom], [right, top], [left, top], [left, bottom]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"Nimi": name}, "geometry": shape})
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3067"}}
    collection = {"type": "FeatureCollection", "crs": crs, "features": features}
    path.write_text(json.dumps(collection), encoding="utf-8")
