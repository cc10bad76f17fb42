"""Doubts of labels against their definition area by area, and against worlds whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from lea_geo.rates.intervals import wilson_interval
from lea_geo.robustness.doubts import label_doubts
from lea_geo.spatial.graph import AreaGraph

TOLD = ["High-High", "Low-Low", "High-Low", "Low-High", "Not significant"]
STATUSES = ["observed", "observed", "suppressed", "missing", "not_applicable"]
Z = norm.ppf(0.975)


def world(seed, n=14):
    """Return labels, values, bounds and counts at random on a graph with weights."""
    random = np.random.default_rng(seed)
    ids = pd.Index([f"{i:05d}" for i in range(n)])
    matrix = np.where(random.random((n, n)) < 0.35, random.uniform(0.2, 3, (n, n)), 0.0)
    np.fill_diagonal(matrix, 0)
    rows = [np.flatnonzero(row) for row in matrix]
    weights = np.concatenate([row[row > 0] for row in matrix])
    graph = AreaGraph(ids, np.cumsum([0, *map(len, rows)]), np.concatenate(rows), weights)
    people = random.integers(3, 300, n).astype(float)
    events = random.binomial(people.astype(int), random.uniform(0.05, 0.9, n)).astype(float)
    status = np.array(STATUSES)[random.integers(0, 5, n)]
    hidden = status != "observed"
    events[hidden] = np.nan
    lower = np.where(status == "suppressed", random.uniform(0, 50, n), np.nan)
    lower[random.random(n) < 0.2] = np.nan
    return {
        "matrix": matrix,
        "graph": graph,
        "values": pd.Series(100 * events / people, ids),
        "labels": pd.Series(np.where(hidden, "Undefined", np.array(TOLD)[random.integers(0, 5, n)]), ids),
        "status": pd.Series(status, ids),
        "bounds": pd.DataFrame({"lower": lower, "upper": lower + random.uniform(0, 50, n)}, ids),
        "counts": pd.DataFrame({"numerator": events, "denominator": people}, ids),
    }


def expected(one, statistic, transform):
    """Return the doubts by the definition, one area after another."""
    x, status = one["values"].to_numpy(), one["status"].to_numpy()
    mean, own = np.nanmean(x), 100 * wilson_interval(one["counts"]["numerator"], one["counts"]["denominator"])
    said = []
    for i, label in enumerate(one["labels"]):
        if label not in TOLD[:4]:
            said.append("")
            continue
        weight = (one["matrix"][i] > 0).astype(float) if transform == "binary" else one["matrix"][i].copy()
        if statistic == "local_g_star":
            weight[i] = weight.max()
        high = label.endswith("High")
        near = np.flatnonzero((weight > 0) & (status != "not_applicable"))
        end = one["bounds"]["lower" if high else "upper"].to_numpy()
        worst = np.where(np.isnan(x), np.where(np.isnan(end), -np.inf if high else np.inf, end), x)
        turned = np.sum(weight[near] * worst[near]) / weight[near].sum() if len(near) else np.nan
        hidden = np.isnan(x[near]).any() and (turned <= mean if high else turned >= mean)
        known = near[~np.isnan(x[near])]
        m, share = len(known), weight[known] / weight[known].sum()
        people = one["counts"]["denominator"].to_numpy()[known] + 4 / max(m, 1)
        p = (one["counts"]["numerator"].to_numpy()[known] + 2 / max(m, 1)) / people
        reach = Z * np.sqrt(np.sum(share**2 * p * (1 - p) / people))
        centre = np.sum(share * p)
        noise = m > 0 and (100 * (centre - reach) <= mean if high else 100 * (centre + reach) >= mean)
        if statistic == "local_moran":
            noise |= (
                own["lower"].iloc[i] <= mean if label.startswith("High") else own["upper"].iloc[i] >= mean
            )
        said.append(" ".join(word for word, is_so in (("hidden", hidden), ("noise", noise)) if is_so))
    return said


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from(["local_moran", "local_g_star"]),
    st.sampled_from(["row", "binary", "original"]),
)
def test_doubts_follow_their_definition_area_by_area(seed, statistic, transform):
    one = world(seed)
    found = label_doubts(
        one["values"],
        one["labels"],
        one["graph"],
        statistic=statistic,
        transform=transform,
        status=one["status"],
        bounds=one["bounds"],
        counts=one["counts"],
        scale=100,
    )
    assert found.tolist() == expected(one, statistic, transform)


@pytest.mark.parametrize(("people", "share"), [(10, 0.05), (30, 0.05), (100, 0.1)])
def test_chance_alone_seldom_leaves_a_label_undoubted(people, share):
    # 3 000 areas, each with four neighbours whose true mean is the mean of all. Whatever side their observed
    # mean is on, the label that claims it is right by chance only: the 95 % interval must leave at most 5 %
    # of them undoubted. 0.0593 is 5 % and 2.33 standard errors of 3 000 draws.
    random, stars = np.random.default_rng(7), 3000
    big = 10_000_000
    # The focal areas are surely high; as many areas alone are as low, so that the mean stays the true share.
    events = np.concatenate(
        [
            np.full(stars, 1.5 * share * big),
            random.binomial(people, share, 4 * stars),
            np.full(stars, 0.5 * share * big),
        ]
    )
    population = np.concatenate([np.full(stars, big), np.full(4 * stars, people), np.full(stars, big)])
    ids = pd.Index([f"{i:06d}" for i in range(6 * stars)])
    indptr = np.concatenate([np.arange(0, 4 * stars + 1, 4), np.full(5 * stars, 4 * stars)])
    graph = AreaGraph(ids, indptr, np.arange(stars, 5 * stars), np.ones(4 * stars))
    values = pd.Series(events / population, ids)
    around = values.to_numpy()[stars : 5 * stars].reshape(stars, 4).mean(axis=1)
    told = np.where(around > values.mean(), "High-High", "High-Low")
    labels = pd.Series(np.concatenate([told, np.full(5 * stars, "Not significant")]), ids)
    counts = pd.DataFrame({"numerator": events, "denominator": population.astype(float)}, ids)
    found = label_doubts(values, labels, graph, counts=counts)[:stars]
    assert (found == "").mean() <= 0.0593
    assert set(found) == {"", "noise"}
