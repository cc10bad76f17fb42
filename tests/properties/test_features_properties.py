"""Whatever a value or a place is, a filter says it and no more, and coordinates end up as they should."""

import json
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lea_geo.sources._pages import read_geojson
from lea_geo.sources._places import Placed, place
from lea_geo.sources.wfs_filter import filter_text

NAMES = st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z")
VALUES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
LONGITUDES = st.floats(19.5, 31.5)
LATITUDES = st.floats(59.8, 70.0)


@given(
    where=st.dictionaries(
        NAMES, st.lists(VALUES, min_size=1, max_size=4, unique=True), min_size=1, max_size=3
    )
)
@pytest.mark.parametrize("version", ["2.0.0", "1.1.0"])
def test_a_filter_says_what_was_chosen_by_and_no_more(version, where):
    root = ET.fromstring(filter_text(where, version))  # noqa: S314 - our own
    said = {}
    for one in root.iter():
        if one.tag.endswith("PropertyIsEqualTo"):
            column, value = one
            said.setdefault(column.text, []).append(value.text)
    assert said == where
    assert {one.tag.rpartition("}")[2] for one in root.iter()} <= {
        "Filter", "And", "Or", "PropertyIsEqualTo", "ValueReference", "PropertyName", "Literal",
    }  # fmt: skip


@given(points=st.lists(st.tuples(LONGITUDES, LATITUDES), min_size=1, max_size=5))
@pytest.mark.parametrize("declared", ["", "EPSG:4326"])
def test_a_place_in_finland_is_found_whichever_way_round_it_was_written(declared, points):
    straight = shapely.points(np.array(points))
    for written, turned in ((straight, False), (shapely.points(np.array(points)[:, ::-1]), True)):
        found = place(written, declared, "EPSG:3067")
        assert isinstance(found, Placed)
        assert (found.crs, found.turned) == ("EPSG:4326", turned)
        assert shapely.equals(found.geometry, straight).all()


@given(x=st.floats(0, 15), y=st.floats(-60, 50))
def test_a_place_far_from_finland_is_refused_in_every_crs(x, y):
    assert place(np.array([shapely.Point(x, y)]), "", "EPSG:3067").tolist() == [True]


@given(
    rings=st.lists(
        st.lists(st.tuples(LONGITUDES, LATITUDES), min_size=3, max_size=6), min_size=1, max_size=3
    ),
    properties=st.dictionaries(NAMES, st.one_of(st.none(), VALUES, st.integers(-1, 10**6)), max_size=4),
)
def test_geojson_is_read_as_shapely_reads_it(rings, properties):
    closed = [[*ring, ring[0]] for ring in rings]
    geometry = {"type": "MultiPolygon", "coordinates": [[ring] for ring in closed]}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    page = read_geojson(json.dumps({"type": "FeatureCollection", "features": [feature]}).encode())
    assert page.rows == [properties]
    assert page.geometry[0] == shapely.from_geojson(json.dumps(geometry))
