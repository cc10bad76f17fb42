"""What a study makes of its rates: as it says, named in notes, and never by itself."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lea_geo as lea
from lea_geo.errors import UsageError
from lea_geo.intake.catalogue import read_catalogue
from lea_geo.rates.merge_study import merged_study
from lea_geo.rates.study import STEADIED_COLUMNS, pooled, smoothed
from lea_geo.rates_spec import RATE_METHODS, RatesSpec
from lea_geo.schema import CELL_COLUMNS
from lea_geo.spatial.graph import AreaGraph

IDS = pd.Index([f"a{i}" for i in range(8)], name="area_id")
EVENTS = [0.0, 9, 3, 14, 1, 30, np.nan, 8]
PEOPLE = [12.0, 30, 40, 25, 60, 200, np.nan, 10]


def cells_of(events=EVENTS, people=PEOPLE, ids=IDS, scale=100.0) -> pd.DataFrame:
    frame = pd.DataFrame({"numerator": events, "denominator": people}, ids, dtype=float)
    frame["value"] = scale * frame["numerator"] / frame["denominator"]
    frame["status"] = pd.array(np.where(frame["value"].isna(), "suppressed", "observed"), dtype="str")
    frame["lower"] = np.where(frame["value"].isna(), 0.0, np.nan)
    frame["upper"] = np.where(frame["value"].isna(), 50.0, np.nan)
    return frame[list(CELL_COLUMNS)]


@pytest.fixture
def graph() -> AreaGraph:
    """Return the eight areas in a ring."""
    ends = [sorted(((i - 1) % 8, (i + 1) % 8)) for i in range(8)]
    return AreaGraph(IDS, np.arange(0, 17, 2), np.ravel(ends), np.ones(16))


@pytest.fixture
def attributes() -> pd.DataFrame:
    return pd.DataFrame({"municipality": ["091"] * 4 + ["092"] * 2 + ["", "092"]}, IDS)


def test_a_study_that_says_nothing_keeps_its_values_and_says_nothing():
    cells = cells_of()
    result = smoothed(cells, RatesSpec(), kind="proportion", scale=100)
    pd.testing.assert_frame_equal(result.cells[list(CELL_COLUMNS)], cells)
    pd.testing.assert_series_equal(result.cells["raw"], cells["value"], check_names=False)
    assert (result.method, result.notes, result.counts) == ("raw", (), {})


@pytest.mark.parametrize("method", [name for name in RATE_METHODS if name != "raw"])
def test_every_method_changes_values_in_their_unit_leaves_gaps_and_is_named(method, graph, attributes):
    cells = cells_of()
    result = smoothed(
        cells, RatesSpec(method=method), kind="proportion", scale=100, graph=graph, attributes=attributes
    )
    assert list(result.cells) == [*CELL_COLUMNS, *STEADIED_COLUMNS]
    assert result.method == method
    known = cells["status"] == "observed"
    assert (result.cells["value"].notna() == known).all()
    assert result.cells["value"][known].between(0, 100).all()
    assert (result.cells["value"] != cells["value"])[known].any()
    for column in ("status", "lower", "upper", "numerator", "denominator"):
        pd.testing.assert_series_equal(result.cells[column], cells[column])
    assert result.notes[0].startswith("Rates are drawn towards ")
    bounds = result.cells[["interval_lower", "interval_upper"]]
    if method in {"empirical_bayes", "local"}:
        assert bounds.isna().all().all()
    else:
        assert (bounds["interval_lower"] <= result.cells["value"])[known].all()
        assert (bounds["interval_upper"] >= result.cells["value"])[known].all()
        assert bounds[~known].isna().all().all()


def test_the_values_are_those_of_the_public_functions(attributes):
    cells = cells_of()
    held = cells["status"] == "observed"
    x, n = cells["numerator"][held], cells["denominator"][held]
    how = RatesSpec(method="parent", parent="municipality")
    ours = smoothed(cells, how, kind="proportion", scale=100, attributes=attributes).cells["value"][held]
    theirs = 100 * lea.shrink_to_parent(x, n, attributes["municipality"][held]).table["estimate"]
    pd.testing.assert_series_equal(ours, theirs, check_names=False)
    ours = smoothed(cells, RatesSpec(method="beta_binomial"), kind="proportion", scale=100).cells
    theirs = lea.beta_binomial(x, n).table
    np.testing.assert_allclose(ours["share"][held], theirs["reliability"])
    np.testing.assert_allclose(ours["interval_upper"][held], 100 * theirs["upper"])


def test_events_that_may_recur_have_their_own_law_and_no_logit(attributes):
    cells = cells_of(scale=1000)
    fitted = smoothed(cells, RatesSpec(method="beta_binomial"), kind="rate", scale=1000)
    assert fitted.method == "poisson_gamma"
    assert "Poisson-gamma" in fitted.notes[0]
    kept = smoothed(cells, RatesSpec(method="parent"), kind="rate", scale=1000, attributes=attributes)
    assert kept.method == "raw"
    pd.testing.assert_series_equal(kept.cells["value"], cells["value"])
    assert kept.notes == (
        "Its events may recur, so its rate has no logit to shrink it on; it stays as it was counted.",
    )


def test_an_indicator_without_counts_stays_as_it_is_and_says_so_where_something_was_asked():
    cells = cells_of().assign(numerator=np.nan, denominator=np.nan)
    for how in (RatesSpec(method="empirical_bayes"), RatesSpec(minimum_denominator=30)):
        result = smoothed(cells, how, kind="")
        pd.testing.assert_frame_equal(result.cells[list(CELL_COLUMNS)], cells)
        assert result.notes == (
            "It has no counts of events and people, so it is neither drawn to other areas nor graded.",
        )
    assert smoothed(cells, RatesSpec(), kind="").notes == ()


def test_grades_stand_beside_the_values_and_are_counted_in_a_note():
    # People below 30: a0, a3, a7. Coefficients of variation: a1 .28, a2 .555, a4 .99, a5 .168.
    how = RatesSpec(minimum_denominator=30, cautious_cv=0.2, largest_cv=0.3)
    result = smoothed(cells_of(), how, kind="proportion", scale=100)
    grades = ["unreliable", "caution", "unreliable", "unreliable", "unreliable", "reliable", "", "unreliable"]
    assert result.cells["grade"].tolist() == grades
    assert result.cells["reason"].tolist()[1:5] == ["cv", "cv", "denominator", "cv"]
    assert result.notes == (
        "5 of 7 rates are unreliable: fewer than 30 people or a coefficient of variation above 0.3.",
        "1 of 7 rates are to be used with caution: a coefficient of variation above 0.2.",
    )
    assert result.counts == {"": 1, "reliable": 1, "caution": 1, "unreliable": 5}


def test_what_a_method_needs_and_lacks_is_refused(attributes):
    cells = cells_of()
    for method in ("local", "bym2"):
        with pytest.raises(UsageError, match=f"method='{method}' needs the neighbours"):
            smoothed(cells, RatesSpec(method=method), kind="proportion")
    with pytest.raises(UsageError, match=r"'district'\. The areas have municipality"):
        smoothed(
            cells, RatesSpec(method="parent", parent="district"), kind="proportion", attributes=attributes
        )


def test_years_are_added_where_the_latest_is_not_enough():
    cells = {2021: cells_of(), 2020: cells_of(people=[50.0] * 8, events=[5.0] * 8)}
    how = RatesSpec(years=2, minimum_denominator=30)
    found, notes = pooled(cells, how, kind="proportion", scale=100)
    assert found["denominator"].tolist()[:4] == [62, 30, 40, 75]
    assert found["value"]["a0"] == pytest.approx(100 * 5 / 62)
    # a6 is suppressed in 2021 and stays so.
    pd.testing.assert_series_equal(found.loc["a6"], cells[2021].loc["a6"])
    assert notes[0] == "Rates add up the years from 2021 backwards: 3 of 8 areas over 2 years."
    same, none = pooled(cells, RatesSpec(), kind="proportion", scale=100)
    assert same is cells[2021]
    assert none == ()


@pytest.fixture
def study() -> tuple[gpd.GeoDataFrame, tuple, dict[str, pd.DataFrame]]:
    """Return a board of 24 squares in two municipalities, with a rate, another, and a median."""
    ids = pd.Index([f"{i:05d}" for i in range(24)], name="area_id")
    names = {f"name_{language}": [f"Alue {i}" for i in range(24)] for language in ("fi", "sv", "en")}
    areas = gpd.GeoDataFrame(
        {**names, "municipality": ["091"] * 12 + ["092"] * 12},
        geometry=[shapely.box(i, j, i + 1, j + 1) for i in range(4) for j in range(6)],
        index=ids,
        crs=3067,
    )
    catalogue = read_catalogue("paavo")
    rates = [one for one in catalogue.indicators if one.is_rate and one.unit == "percent"][:2]
    median = next(one for one in catalogue.indicators if not one.is_rate and one.kind == "intensive")
    random = np.random.default_rng(3)
    people = random.integers(5, 60, 24).astype(float)
    cells = {one.code: cells_of(np.floor(people / 4), people + k, ids) for k, one in enumerate(rates)}
    values = pd.DataFrame({"value": people, "status": "observed"}, ids)
    cells[median.code] = values.reindex(columns=list(CELL_COLUMNS)).astype({"status": "str"})
    return areas, (*rates, median), cells


def test_a_study_is_merged_until_every_rate_is_of_enough_people(study):
    areas, indicators, cells = study
    first, second, median = indicators
    kinds = {first.code: "proportion", second.code: "proportion", median.code: ""}
    graph = lea.build_graph(areas, "rook")
    result = merged_study(
        areas, indicators, cells, kinds, RatesSpec(merge=True, minimum_denominator=80), graph
    )
    for one in (first, second):
        found = result.cells[one.code]
        assert found.index.equals(result.areas.index)
        assert (found["denominator"] >= 80).all()
        for part in ("numerator", "denominator"):
            assert found[part].sum() == cells[one.code][part].sum()
        np.testing.assert_allclose(found["value"], one.scale * found["numerator"] / found["denominator"])
    assert result.areas.area.sum() == pytest.approx(24)
    assert set(result.areas["municipality"]) == {"091", "092"}
    assert result.areas["name_fi"].str.contains(r" \+\d+$").any()
    several = result.merged.regions["areas"] > 1
    state = result.cells[median.code]["status"]
    assert (state[several[several].index] == "missing").all()
    assert any(median.name.en in note for note in result.notes)


def test_a_region_with_a_suppressed_part_is_suppressed(study):
    areas, indicators, cells = study
    first, second, median = indicators
    cells[second.code].loc["00003", ["value", "numerator", "denominator"]] = np.nan
    cells[second.code].loc["00003", "status"] = "suppressed"
    kinds = {first.code: "proportion", second.code: "proportion", median.code: ""}
    graph = lea.build_graph(areas, "rook")
    result = merged_study(
        areas, indicators, cells, kinds, RatesSpec(merge=True, minimum_denominator=80), graph
    )
    region = result.merged.table["region"]["00003"]
    assert result.cells[second.code].loc[region, "status"] == "suppressed"
    assert np.isnan(result.cells[second.code].loc[region, "value"])
    assert result.cells[first.code].loc[region, "status"] == "observed"
