"""Verdicts on labels: what they cost, and how often firm labels are those of the true rates."""

import statistics
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter
from stopwatch import Board, Line

import lea_geo as lea
from lea_geo.robustness.label_law import coarse_test
from lea_geo.spatial.inference import adjusted
from lea_geo.spatial.laws.exact_law import exact_test
from lea_geo.spatial.sample import build_sample

COST = "Verdicts on labels: seconds"
TRUTH = "Verdicts on labels: how often a label is that of the true rates"
BOTH = ("local_moran", "local_g_star")
SIDE = 25
WORLDS = {
    "broad patterns, some 100 people": (100, 0.3, 2.0, 0.0),
    "broad patterns, some 300 people": (300, 0.3, 2.0, 0.0),
    "broad patterns, some 1 000 people": (1000, 0.3, 2.0, 0.0),
    "narrow patterns, some 100 people": (100, 0.3, 1.0, 0.5),
    "hardly any pattern, some 300 people": (300, 0.4, 1.0, 1.0),
    "hardly any pattern, some 1 000 people": (1000, 0.4, 1.0, 1.0),
    "broad patterns, some 50 people": (50, 0.3, 2.0, 0.3),
}
"""People of an area, spread of the field on the logit, its width in cells, and noise between cells."""


def lattice(n: int) -> lea.AreaGraph:
    row, column = np.divmod(np.arange(n), round(n**0.5))
    return lea.build_graph((26_700 + row, 1200 + column), "lattice")


def world(seed: int, *, people: float, spread: float, width: float, rough: float) -> tuple:
    """Return a lattice, true rates with a planted cluster of 16 cells, and counts drawn from them."""
    random = np.random.default_rng(seed)
    smooth = gaussian_filter(random.normal(size=(SIDE, SIDE)), width, mode="reflect")
    field = spread * (smooth / smooth.std() + rough * random.normal(size=(SIDE, SIDE)))
    field[3:7, 3:7] += 1.0
    rate = 1 / (1 + np.exp(np.log(9) - field.ravel()))
    whole = np.maximum(10, np.round(people * np.exp(0.8 * random.normal(size=SIDE**2))))
    events = random.binomial(whole.astype(int), rate).astype(float)
    graph = lattice(SIDE**2)
    counts = pd.DataFrame({"numerator": events, "denominator": whole}, graph.ids)
    return graph, pd.Series(rate, graph.ids), counts


def true_labels(rates: pd.Series, graph: lea.AreaGraph) -> dict[str, pd.Series]:
    """Return the labels that the true rates give."""
    return {
        "local_moran": lea.local_moran(rates, graph).table["label"],
        "local_g_star": lea.local_g(rates, graph, star=True).table["label"],
    }


def judged(found, truth: dict[str, pd.Series]) -> pd.DataFrame:
    """Return for every label whether it claims a cluster, its verdict, and whether it is right."""
    parts = []
    for name in BOTH:
        table = found.of(name)
        claims = table["label"].isin(["High-High", "Low-Low", "High-Low", "Low-High"])
        right, hot = table["label"] == truth[name], truth[name] == "High-High"
        parts.append(table[["verdict", "p_hot"]].assign(claims=claims, right=right, hot=hot))
    whole = pd.concat(parts)
    return whole[whole["verdict"] != ""]


def share(table: pd.DataFrame, *, verdict: str, claims: bool) -> str:
    part = table[(table["verdict"] == verdict) & (table["claims"] == claims)]["right"]
    return f"{part.mean():.1%} of {len(part):,}" if len(part) else "none"


@pytest.mark.parametrize("what", WORLDS)
def test_firm_labels_are_true_at_least_as_often_as_stated(board: Board, what: str):
    people, spread, width, rough = WORLDS[what]
    parts = []
    for seed in range(20):
        graph, rates, counts = world(seed, people=people, spread=spread, width=width, rough=rough)
        values = counts["numerator"] / counts["denominator"]
        found = lea.label_robustness(values, graph, statistic=BOTH, counts=counts, runs=200)
        parts.append(judged(found, true_labels(rates, graph)))
    table = pd.concat(parts)
    for claims, name in ((True, "clusters"), (False, "not significant")):
        firm, unsure = (share(table, verdict=word, claims=claims) for word in ("firm", "unsure"))
        board.add(TRUTH, Line(f"{what}: {name}", f"firm: {firm}", f"cannot be said: {unsure}", "", "90 %"))
    places = pd.cut(table["p_hot"], [-0.01, 0.1, 0.4, 0.6, 0.9, 1.0])
    hot = table.groupby(places, observed=True)["hot"].mean()
    said = ", ".join(f"{one.mid:.2f}: {share_hot:.2f}" for one, share_hot in hot.items())
    board.add(TRUTH, Line(f"{what}: p_hot", said, "", "", ""))
    right = table.groupby(["claims", "verdict"])["right"].mean()
    for claims in (True, False):
        assert right[claims, "firm"] >= 0.9
        assert right[claims, "unsure"] < right[claims, "firm"]


def planted(code: str, ids: pd.Index) -> pd.Series | None:
    """Return what to expect of an indicator in every area of the built-in region; None without a plant."""
    effects = [
        (one, divergence.area_ids)
        for divergence in lea.synthetic.truth().divergences
        for one in (*divergence.effects, *divergence.side_effects)
        if one.code == code
    ]
    if not effects:
        return None
    expected = pd.Series(effects[0][0].background, ids)
    for effect, area_ids in effects:
        expected[list(area_ids)] = effect.planted
    return expected


def test_firm_labels_of_the_built_in_region_are_those_of_what_was_planted(board: Board, tmp_path: Path):
    areas = lea.synthetic.areas()
    graph = lea.build_graph(areas, "queen")
    parts = []
    for seed in range(1, 6):
        file = tmp_path / f"{seed}.csv"
        lea.synthetic.indicator_table(seed=seed).to_csv(file, index=False)
        table = lea.read_indicators(file, lea.read_catalogue(), area_id="postinumeroalue")
        for indicator in table.indicators:
            expected = planted(indicator.code, areas.index)
            if expected is None or indicator.unit != "percent":
                continue
            cells = table.cells(indicator.code).reindex(areas.index)
            found = lea.label_robustness(
                cells["value"],
                graph,
                statistic=BOTH,
                counts=cells[["numerator", "denominator"]],
                scale=indicator.scale,
                status=cells["status"],
                bounds=cells[["lower", "upper"]],
                hidden="nearby",
            )
            parts.append(judged(found, true_labels(expected, graph)))
    whole = pd.concat(parts)
    for claims, name in ((True, "clusters"), (False, "not significant")):
        firm, unsure = (share(whole, verdict=word, claims=claims) for word in ("firm", "unsure"))
        what = f"the built-in region, {len(parts)} indicators: {name}"
        board.add(TRUTH, Line(what, f"firm: {firm}", f"cannot be said: {unsure}", "", "90 %"))
    firm = whole[whole["verdict"] == "firm"]
    assert firm["right"].mean() >= 0.9


@pytest.mark.parametrize("n", [60, 3_030, 30_000])
def test_what_200_runs_of_two_statistics_cost(board: Board, n: int):
    random = np.random.default_rng(1)
    graph = lattice(n)
    people = np.maximum(10, np.round(200 * np.exp(random.normal(size=n))))
    events = random.binomial(people.astype(int), 0.1).astype(float)
    counts = pd.DataFrame({"numerator": events, "denominator": people}, graph.ids)
    values = events / people
    lea.label_robustness(pd.Series(values, graph.ids), graph, statistic=BOTH, counts=counts, runs=2)
    seconds = []
    for seed in range(3):
        start = time.perf_counter()
        found = lea.label_robustness(
            pd.Series(values, graph.ids), graph, statistic=BOTH, counts=counts, runs=200, seed=seed
        )
        seconds.append(time.perf_counter() - start)
    least, agreement = min(seconds), min(found.agreement.values())
    said = f"labels as by the stated law: {agreement:.2%}"
    board.add(COST, Line(f"{n:,} areas, 200 runs, two statistics", f"{least:.3g} s", said, "", ""))
    assert least < 60


@pytest.fixture(scope="module")
def poor(finland: Path) -> tuple:
    """The share of residents with low income in every Finnish postal area of 2018, and two graphs."""
    areas = lea.read_areas(finland / "postal_areas_2018.gpkg", area_id="postinumeroalue")
    paavo = finland / "paavo_2018_whole_country.csv"
    table = lea.read_indicators(paavo, lea.read_catalogue(), area_id="postinumero")
    joined = lea.join_indicators(areas, table)
    cells = joined.table.cells("low_income_residents").reindex(joined.areas.index)
    return cells, lea.build_graph(joined.areas, "queen"), lea.build_graph(joined.areas, "knn", k=6)


@pytest.mark.parametrize("hidden", ["nearby", "everywhere"])
def test_what_all_postal_areas_cost_on_two_graphs(board: Board, poor: tuple, hidden: str):
    cells, queen, knn = poor
    options = {
        "statistic": BOTH,
        "graphs": {"knn": knn},
        "counts": cells[["numerator", "denominator"]],
        "scale": 100,
        "status": cells["status"],
        "bounds": cells[["lower", "upper"]],
        "hidden": hidden,
    }
    lea.label_robustness(cells["value"], queen, runs=2, **options)
    seconds = []
    for seed in range(3):
        start = time.perf_counter()
        found = lea.label_robustness(cells["value"], queen, runs=200, seed=seed, **options)
        seconds.append(time.perf_counter() - start)
    table = found.of("local_moran")
    claims = table[~table["label"].isin(["Not significant", "Isolate", "Undefined"])]
    counts = claims["verdict"].value_counts()
    said = ", ".join(f"{counts.get(word, 0)} {word}" for word in ("firm", "depends", "unsure"))
    what = f"all postal areas, two graphs, hidden values {hidden}"
    board.add(COST, Line(what, f"{min(seconds):.3g} s", f"of {len(claims)} clusters {said}", "", "tens"))
    assert min(seconds) < 60


def test_the_fast_law_against_the_exact_one(board: Board, poor: tuple):
    cells, graph, _ = poor
    random, apart, other, spent = np.random.default_rng(0), [], 0, {"fast": [], "exact": []}
    for _ in range(10):
        drawn = cells["value"] + random.normal(size=len(cells))
        p = {}
        for name, law in (("fast", coarse_test), ("exact", exact_test)):
            sample = build_sample(drawn, graph, transform="row", status=cells["status"])
            start = time.perf_counter()
            p[name] = law(sample).tails.p_value("two-sided")
            spent[name].append(time.perf_counter() - start)
        told = p["exact"] > 1e-10
        apart.append(np.abs(np.log(p["fast"][told] / p["exact"][told])).max())
        labels = [adjusted(p[name], "bh") <= 0.05 for name in p]
        other += int((labels[0] != labels[1]).sum())
    times = statistics.median(spent["exact"]) / statistics.median(spent["fast"])
    line = Line(
        "the law of one run, all postal areas",
        f"{statistics.median(spent['fast']):.2g} s",
        f"exact law: {statistics.median(spent['exact']):.2g} s; p at most {max(apart):.2%} off, "
        f"{other} of {10 * told.size:,} labels differ",
        f"{times:.2g}",
        "",
    )
    board.add(COST, line)
    assert max(apart) < 0.05
