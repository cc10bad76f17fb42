"""Agreement with R's spdep on two public data sets, whose source spdep.R names; it makes the numbers."""

import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.schema import Label
from lea_geo.spatial.global_result import GlobalResult
from lea_geo.spatial.graph import AreaGraph

FOLDER = Path(__file__).parent / "spdep"
STYLES = ("W", "B", "C", "U", "S")
CASES = [(data, style) for data in ("columbus", "sids") for style in STYLES]
RELATIVE = 1e-9


def stored(file: str, **keys: str) -> pd.DataFrame:
    table = pd.read_csv(FOLDER / f"{file}.csv", dtype={"id": str, "from": str, "to": str})
    for column, wanted in keys.items():
        table = table[table[column] == wanted].drop(columns=column)
    return table.set_index("id") if "id" in table else table.reset_index(drop=True)


def graph_of(data: str, column: str) -> AreaGraph:
    """Return the graph with the weights that spdep gave its links, in one style."""
    ids = stored("areas", dataset=data).index
    links = stored("links", dataset=data)
    start, end = ids.get_indexer(links["from"]), ids.get_indexer(links["to"])
    order = np.lexsort((end, start))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=len(ids)))])
    return AreaGraph(ids, indptr, end[order], links[column].to_numpy()[order])


def close(ours: object, theirs: object) -> None:
    np.testing.assert_allclose(np.asarray(ours, float), np.asarray(theirs, float), rtol=RELATIVE, atol=1e-11)


@pytest.fixture(params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param


def test_local_moran_has_spdeps_conditional_moments_and_normal_p_values(case):
    data, style = case
    theirs = stored("local", dataset=data, style=style)
    x = stored("areas", dataset=data)["x"]
    ours = lea.local_moran(x, graph_of(data, style), method="analytic", transform="original").table
    for column, name in {
        "statistic": "moran",
        "expected": "moran_e",
        "variance": "moran_v",
        "z_score": "moran_z",
        "p_value": "moran_p",
        "q_value": "moran_q",
    }.items():
        close(ours[column], theirs[name])


def test_local_moran_has_spdeps_total_moments_on_request(case):
    data, style = case
    theirs = stored("local", dataset=data, style=style)
    x = stored("areas", dataset=data)["x"]
    graph = graph_of(data, style)
    ours = lea.local_moran(x, graph, method="analytic", transform="original", moments="total").table
    names = {"expected": "total_e", "variance": "total_v", "z_score": "total_z", "p_value": "total_p"}
    for column, name in names.items():
        close(ours[column], theirs[name])


def test_local_moran_with_the_other_divisor_is_spdeps_mlvar_false(case):
    # spdep 1.2.7 rescales I_i there but not its conditional mean and variance, so its z changes; ours stays.
    data, style = case
    theirs = stored("local", dataset=data, style=style)
    x = stored("areas", dataset=data)["x"]
    graph = graph_of(data, style)
    ours = lea.local_moran(x, graph, method="analytic", transform="original", divisor="n-1").table
    close(ours["statistic"], theirs["moran1"])
    close((ours["statistic"] - theirs["moran_e"]) / np.sqrt(theirs["moran_v"]), theirs["moran1_z"])
    close(ours["z_score"], theirs["moran_z"])


def test_the_standardised_g_is_spdeps_local_g(case):
    data, style = case
    theirs = stored("local", dataset=data, style=style)
    x = stored("areas", dataset=data)["x"]
    ours = lea.local_g(x, graph_of(data, style), method="analytic", transform="original").table
    close(ours["statistic"], theirs["g"])
    close(ours["z_score"], theirs["g"])


def test_the_standardised_g_star_is_spdeps_local_g_with_self_included(case):
    data, style = case
    theirs = stored("local", dataset=data, style=style)
    x = stored("areas", dataset=data)["x"]
    graph = graph_of(data, f"{style}_self")
    ours = lea.local_g(x, graph, star=True, method="analytic", transform="original", moments="total").table
    close(ours["statistic"], theirs["g_star"])
    close(ours["z_score"], theirs["g_star"])


@pytest.mark.parametrize(("style", "transform"), [("W", "row"), ("B", "binary")])
@pytest.mark.parametrize("data", ["columbus", "sids"])
def test_row_and_binary_transforms_are_spdeps_styles(data, style, transform):
    theirs = stored("local", dataset=data, style=style)
    x = stored("areas", dataset=data)["x"]
    graph = graph_of(data, "B")
    close(lea.local_moran(x, graph, transform=transform).table["statistic"], theirs["moran"])
    close(lea.local_g(x, graph, star=True, transform=transform).table["statistic"], theirs["g_star"])
    close(
        lea.local_geary(x, graph, method="analytic", transform=transform).table["statistic"], theirs["geary"]
    )


def test_local_geary_is_spdeps_local_c(case):
    data, style = case
    theirs = stored("local", dataset=data, style=style)
    x = stored("areas", dataset=data)["x"]
    ours = lea.local_geary(x, graph_of(data, style), method="analytic", transform="original").table
    close(ours["statistic"], theirs["geary"])


def test_the_bivariate_local_moran_is_spdeps_with_the_other_divisor(case):
    # spdep's localmoran_bv scales both variables by deviations that divide by n - 1.
    data, style = case
    theirs = stored("local", dataset=data, style=style)["bivariate"]
    areas = stored("areas", dataset=data)
    graph = graph_of(data, style)
    ours = lea.local_moran_bivariate(
        areas["x"], areas["y"], graph, method="analytic", transform="original"
    ).table
    close(ours["statistic"] * (len(areas) - 1) / len(areas), theirs)


@pytest.mark.parametrize("data", ["columbus", "sids"])
def test_local_join_counts_are_spdeps(data):
    theirs = stored("local", dataset=data, style="B")["joins"]
    ours = lea.local_join_count(stored("areas", dataset=data)["has"], graph_of(data, "B")).table
    close(ours["statistic"], theirs)


GLOBALS = {
    "moran_randomisation": (lea.global_moran, {}, 1),
    "moran_normality": (lea.global_moran, {"assumption": "normality"}, 1),
    # spdep's z of Geary's C is (E - C) / sd.
    "geary_randomisation": (lea.global_geary, {}, -1),
    "geary_normality": (lea.global_geary, {"assumption": "normality"}, -1),
    "g": (lea.global_g, {}, 1),
    "join_count": (lea.global_join_count, {}, 1),
}


@pytest.mark.parametrize("name", GLOBALS)
def test_global_statistics_are_spdeps(case, name):
    data, style = case
    theirs = stored("global", dataset=data, style=style, name=name).iloc[0]
    function, options, sign = GLOBALS[name]
    x = stored("areas", dataset=data)["has" if name == "join_count" else "x"]
    ours = function(x, graph_of(data, style), permutations=0, transform="original", **options)
    close(
        [ours.statistic, ours.expected, ours.variance, sign * ours.z_score, ours.p_analytic],
        theirs[["statistic", "expected", "variance", "z", "p"]],
    )


def test_global_permutation_p_values_are_spdeps_within_monte_carlo_error():
    # Two proportions of 9 999 and 19 999 draws: |z| <= 4 fails once in 16 000 comparisons if both are right.
    for row in stored("permutation").itertuples():
        data = stored("areas", dataset=row.dataset)
        graph = graph_of(row.dataset, "W")
        options = {"permutations": 19999, "seed": 7, "transform": "original"}
        ours = _permuted(row.name, row.dataset, data, graph, options)
        close(ours.statistic, row.statistic)
        tail = ours.p_lower if row.name.endswith("less") else ours.p_upper
        pooled = (tail * 2 + row.p) / 3
        assert abs(tail - row.p) <= 4 * np.sqrt(pooled * (1 - pooled) * (1 / row.nsim + 1 / 19999))


def _permuted(name: str, data: str, areas: pd.DataFrame, graph: AreaGraph, options: dict) -> GlobalResult:
    if name == "moran_rates_greater":
        rates = stored("rates", dataset=data)
        return lea.global_moran_rates(rates["cases"], rates["people"], graph, **options)
    if name == "join_count_greater":
        return lea.global_join_count(areas["has"], graph, **options)
    function = lea.global_moran if name == "moran_greater" else lea.global_geary
    return function(areas["x"], graph, **options)


def test_empirical_bayes_rates_are_spdeps():
    theirs = stored("rates", dataset="sids")
    cases, people = theirs["cases"], theirs["people"]
    ours = lea.empirical_bayes(cases, people).table
    close(ours["rate"], theirs["raw"])
    close(ours["estimate"], theirs["global"])
    # EBlocal(geoda = TRUE) measures spread around the mean of the area's own surroundings, as Marshall does.
    local = lea.empirical_bayes(cases, people, graph=graph_of("sids", "B"), method="local").table
    close(local["estimate"], theirs["local_geoda"])


def test_the_exact_law_finds_what_many_permutations_find(case):
    data, style = case
    x = stored("areas", dataset=data)["x"]
    graph = graph_of(data, style)
    exact = lea.local_moran(x, graph, transform="original", method="exact")
    drawn = lea.local_moran(x, graph, transform="original", method="permutation", permutations=39999, seed=3)
    for tail in ("p_lower", "p_upper"):
        p = exact.table[tail]
        error = np.sqrt(p * (1 - p) / 39999) + exact.error + 1 / 40000
        assert (np.abs(p - drawn.table[tail]) <= 4.5 * error).all()


def test_what_spdep_finds_in_columbus_is_found_and_labelled():
    # The crime of the city's core (Anselin 1988): spdep's quadrants where q <= 0.05 of its normal p-values.
    theirs = stored("local", dataset="columbus", style="W")
    x = stored("areas", dataset="columbus")["x"]
    ours = lea.local_moran(x, graph_of("columbus", "B"), method="analytic").table
    found = ours["label"] != Label.NOT_SIGNIFICANT
    assert (found == (theirs["moran_q"] <= 0.05)).all()
    assert found.any()
    assert set(ours.loc[found & (x > x.mean()), "label"]) == {Label.HIGH_HIGH}


def test_rerunning_spdep_gives_the_stored_numbers(rscript, tmp_path):
    script = Path(__file__).parent / "spdep.R"
    subprocess.run([rscript, str(script), str(tmp_path)], check=True, capture_output=True)
    for file in sorted(FOLDER.glob("*.csv")):
        if file.name == "versions.csv":
            continue
        again, before = pd.read_csv(tmp_path / file.name), pd.read_csv(file)
        pd.testing.assert_frame_equal(again, before, rtol=RELATIVE, atol=1e-12)
