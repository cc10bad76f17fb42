"""The rules of GeoParquet 1.1.0 for what lea_geo writes: https://geoparquet.org/releases/v1.1.0/."""

import json

import jsonschema
import pyarrow.parquet as pq
import pyproj
import shapely

KINDS = (
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)
COLUMN = {
    "type": "object",
    "required": ["encoding", "geometry_types"],
    "additionalProperties": False,
    "properties": {
        "encoding": {"const": "WKB"},
        "geometry_types": {"type": "array", "uniqueItems": True, "items": {"enum": list(KINDS)}},
        "crs": {"type": ["object", "null"], "required": ["type", "name"]},
        "edges": {"enum": ["planar", "spherical"]},
        "orientation": {"const": "counterclockwise"},
        "epoch": {"type": "number"},
        "bbox": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
        "covering": {
            "type": "object",
            "required": ["bbox"],
            "properties": {
                "bbox": {
                    "type": "object",
                    "required": ["xmin", "ymin", "xmax", "ymax"],
                    "additionalProperties": {
                        "type": "array",
                        "minItems": 2,
                        "maxItems": 2,
                        "items": {"type": "string"},
                    },
                }
            },
        },
    },
}
FILE = {
    "type": "object",
    "required": ["version", "primary_column", "columns"],
    "properties": {
        "version": {"const": "1.1.0"},
        "primary_column": {"type": "string", "minLength": 1},
        "columns": {"type": "object", "minProperties": 1, "additionalProperties": COLUMN},
    },
}


def broken_rules(path):
    """Return a sentence for each rule that a file breaks."""
    file = pq.ParquetFile(path)
    geo = json.loads(file.metadata.metadata[b"geo"])
    checker = jsonschema.Draft202012Validator(FILE)
    found = [error.message for error in checker.iter_errors(geo)]
    if found:
        return found
    table = file.read()
    for name, told in geo["columns"].items():
        shapes = shapely.from_wkb(table[name].to_pylist())
        found += list(_wrong_shapes(shapes, told)) + list(_wrong_boxes(table, file.metadata, shapes, told))
        if "crs" in told and pyproj.CRS.from_json_dict(told["crs"]).to_epsg() is None:
            found.append(f"the CRS of {name} is no PROJJSON that PROJ knows")
    if geo["primary_column"] not in geo["columns"]:
        found.append("the primary column is no column")
    return found


def _wrong_shapes(shapes, told):
    kinds = {shape.geom_type for shape in shapes if shape is not None}
    if told["geometry_types"] and kinds != set(told["geometry_types"]):
        yield f"the shapes are {sorted(kinds)}, not {told['geometry_types']}"
    if "bbox" in told and list(shapely.total_bounds(shapes)) != told["bbox"]:
        yield "the box of the file is not that of its shapes"
    if told.get("orientation") == "counterclockwise":
        rings = [part.exterior for shape in shapes for part in shapely.get_parts(shape)]
        if not all(shapely.is_ccw(rings)):
            yield "a ring runs clockwise"


def _wrong_boxes(table, metadata, shapes, told):
    if "covering" not in told:
        yield "no covering"
        return
    covering, bounds = told["covering"]["bbox"], shapely.bounds(shapes)
    names = [".".join(metadata.schema.column(k).path.split(".")) for k in range(metadata.num_columns)]
    for place, side in enumerate(("xmin", "ymin", "xmax", "ymax")):
        root, leaf = covering[side]
        held = [row[leaf] for row in table[root].to_pylist()]
        outside = [a > b if place < 2 else a < b for a, b in zip(held, bounds[:, place], strict=True)]
        if any(outside):
            yield f"{side} of a box does not hold its shape"
        column = names.index(f"{root}.{leaf}")
        groups = [metadata.row_group(k).column(column).statistics for k in range(metadata.num_row_groups)]
        if not all(group is not None and group.has_min_max for group in groups):
            yield f"a row group says nothing of {side}"
        elif min(group.min for group in groups) != min(held) or max(group.max for group in groups) != max(
            held
        ):
            yield f"the row groups are wrong about {side}"
