"""Hot spots and areas with values are drawn and written as findings are, without a study around them."""

import numpy as np
import pandas as pd
import pytest
from small_findings import IDS, small_findings

import lea_geo as lea
from lea_geo.errors import OutputError, UsageError
from lea_geo.schema import SUMMARY_COLUMNS

# Whole numbers from 1 to 11, so their median is 6, and one area that nobody knows.
VALUES = pd.Series([1.0, 2, 3, 4, 5, 6, 7, np.nan, 8, 9, 10, 11], IDS)


@pytest.fixture
def areas():
    return small_findings().areas


@pytest.fixture
def spots(areas):
    graph = lea.build_graph(areas, "queen")
    return lea.hotspots(areas, VALUES, graph, method="permutation", permutations=9999, seed=4)


def test_hot_spots_are_written_and_come_back(spots, tmp_path):
    lea.write_geopackage(spots, tmp_path / "spots.gpkg", title="Something")
    back = lea.read_geopackage(tmp_path / "spots.gpkg")
    assert back.title.sv == "Something"
    result = back.results["value"]
    for column in ("value", "local_moran_statistic", "local_moran_q_value", "local_g_star_p_value"):
        pd.testing.assert_series_equal(result[column], spots.table[column])
    assert result["local_moran_label"].tolist() == spots.table["local_moran_label"].tolist()
    assert {name: back.settings[name] for name in ("seed", "permutations", "fdr", "correction")} == {
        "seed": 4,
        "permutations": 9999,
        "fdr": 0.05,
        "correction": "bh",
    }


def test_the_summary_counts_what_the_areas_hold(spots, tmp_path):
    lea.write_geopackage(spots, tmp_path / "spots.gpkg")
    row = lea.read_geopackage(tmp_path / "spots.gpkg").summary.loc["value"]
    assert list(row.index) == list(SUMMARY_COLUMNS)
    assert (row["n_areas"], row["n_observed"], row["n_missing"], row["n_isolates"]) == (12, 11, 1, 1)
    assert (row["minimum"], row["median"], row["maximum"]) == (1, 6, 11)
    assert np.isnan(row["moran_p_value"])


def test_a_map_drawn_from_that_geopackage_is_the_map_of_the_hot_spots(spots, tmp_path):
    lea.write_geopackage(spots, tmp_path / "spots.gpkg", title="Something")
    lea.planner_map(spots, title="Something").save(tmp_path / "one.html")
    lea.planner_map(lea.read_geopackage(tmp_path / "spots.gpkg")).save(tmp_path / "two.html")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_areas_with_values_alone_are_written_too(areas, tmp_path):
    lea.write_geopackage(areas[["geometry"]].assign(value=VALUES), tmp_path / "areas.gpkg")
    back = lea.read_geopackage(tmp_path / "areas.gpkg").results["value"]
    assert back["status"].tolist() == ["observed"] * 7 + ["missing"] + ["observed"] * 4
    assert back["local_moran_label"].isna().all()
    files = lea.write_tables(areas[["geometry"]].assign(value=VALUES), tmp_path / "tables")
    assert [file.name for file in files] == ["value.csv", "summary.csv", "data_dictionary.csv"]


def test_a_study_is_drawn_and_written_as_its_findings_are(mini_study, tmp_path):
    study = lea.run(mini_study(tmp_path))
    lea.write_geopackage(study, tmp_path / "study.gpkg")
    assert lea.read_geopackage(tmp_path / "study.gpkg").title == study.findings.title
    assert lea.planner_map(study).findings is study.findings


@pytest.mark.parametrize("given", [None, [1, 2], "study.toml", pd.DataFrame({"value": [1.0]})], ids=repr)
@pytest.mark.parametrize("verb", ["planner_map", "write_geopackage", "write_tables"])
def test_what_holds_no_findings_is_refused_with_what_does(verb, given, tmp_path):
    place = () if verb == "planner_map" else (tmp_path / "out",)
    told = rf"^{verb} takes Findings, or areas with a column 'value'; it was given {type(given).__name__}\."
    with pytest.raises(UsageError, match=told + r" lea_geo\.hotspots\(areas, values, graph\) and"):
        getattr(lea, verb)(given, *place)
    assert list(tmp_path.iterdir()) == []


def test_a_local_result_alone_is_told_to_become_hot_spots(areas):
    local = lea.local_moran(VALUES, lea.build_graph(areas, "queen"))
    for given in (local, local.join_to(areas)):
        with pytest.raises(UsageError, match=r"lea_geo\.hotspots\(areas, values, graph\)"):
            lea.planner_map(given)


def test_intervals_ranks_and_doubts_that_an_analyst_brings_are_kept_and_others_are_blank(areas, tmp_path):
    plain = areas[["geometry"]].assign(value=VALUES)
    held = plain.assign(
        interval_lower=VALUES - 1, interval_upper=VALUES + 2, rank=VALUES.rank(ascending=False)
    ).assign(local_moran_label="High-High", local_moran_doubt=["noise"] + [None] * 11)
    lea.write_geopackage(held, tmp_path / "held.gpkg")
    back = lea.read_geopackage(tmp_path / "held.gpkg").results["value"]
    for column in ("interval_lower", "interval_upper", "rank"):
        pd.testing.assert_series_equal(back[column], held[column])
    assert back["local_moran_doubt"].tolist() == ["noise"] + [""] * 11
    lea.write_geopackage(plain, tmp_path / "plain.gpkg")
    back = lea.read_geopackage(tmp_path / "plain.gpkg").results["value"]
    assert (back[["local_moran_doubt", "local_g_star_doubt"]] == "").all(axis=None)
    assert back[["interval_lower", "interval_upper", "rank", "rank_lower"]].isna().all(axis=None)


def test_an_unknown_doubt_is_refused(areas):
    odd = areas[["geometry"]].assign(value=VALUES, local_moran_doubt="perhaps")
    with pytest.raises(OutputError, match="unknown local_moran_doubt") as told:
        lea.planner_map(odd)
    assert "Known are hidden, noise, hidden noise." in str(told.value)
