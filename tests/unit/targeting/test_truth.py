"""Worlds whose true need is known: what the stated probabilities come to in them."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea

WORLDS = 60
AREAS = 30


def worlds(kind="proportion", seed=1917):
    """Give true rates, families and counts of several worlds of AREAS areas."""
    random = np.random.default_rng(seed)
    ids = [f"{i:05d}" for i in range(AREAS)]
    for _ in range(WORLDS):
        families = pd.Series(np.maximum(3, random.lognormal(5, 0.9, AREAS)).astype(int), ids, dtype=float)
        rate = random.beta(6, 34, AREAS)
        made = random.binomial(families.astype(int), rate) if kind == "proportion" else None
        counts = random.poisson(families * rate) if made is None else made
        yield pd.Series(rate, ids), families, pd.Series(counts, ids, dtype=float)


@pytest.mark.parametrize("estimate", ["observed", "expected"])
@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_the_swing_holds_what_the_true_need_would_give_at_its_stated_rate(kind, estimate):
    # 60 worlds of 30 areas; at 0.9 fewer than 0.9 - 3 sqrt(0.9 * 0.1 / 1800) = 0.879 would hardly come by
    # chance. Intervals are stretched to what is paid, so they may hold the truth somewhat more often.
    terms = {"floor": 2000, "power": 1.0, "unit": 1, "estimate": estimate}
    held, misplaced, told = [], [], []
    for rate, families, counts in worlds(kind):
        found = lea.allocate(counts, 300_000, families=families, kind=kind, level=0.9, draws=400, **terms)
        truth = lea.allocate(
            rate * families,
            300_000,
            families=families,
            noise="none",
            draws=100,
            **terms | {"estimate": "observed"},
        )
        true, table = truth.table["euros"], found.table
        held.append(((table["lower"] - 0.5 <= true) & (true <= table["upper"] + 0.5)).mean())
        misplaced.append(0.5 * (table["euros"] - true).abs().sum() / 300_000)
        told.append(found.noise_share)
    assert 0.879 <= np.mean(held) <= 0.95
    # The share of the budget that is said to be misplaced is the share that is.
    assert np.mean(told) == pytest.approx(np.mean(misplaced), rel=0.08)


@pytest.mark.parametrize("by", ["rate", "count"])
def test_of_areas_that_belong_with_probability_p_a_share_p_belongs(by):
    chances, belongs, wrong, told = [], [], [], []
    for rate, families, counts in worlds():
        found = lea.priority_list(counts, families, choose=8, by=by, draws=500)
        true = rate if by == "rate" else rate * families
        best = true.nlargest(8).index
        chances.extend(found.table["p_belongs"])
        belongs.extend(found.table.index.isin(best))
        wrong.append(8 - found.table.loc[best, "chosen"].sum())
        told.append(found.expected_wrong)
    chances, belongs = np.array(chances), np.array(belongs, dtype=float)
    for low, high in ((0.02, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.98)):
        some = (chances > low) & (chances <= high)
        error = np.sqrt((chances[some] * (1 - chances[some])).sum()) / some.sum()
        assert abs(belongs[some].mean() - chances[some].mean()) < 3 * error
    # Brier's score is what probabilities that hold come to, p (1 - p), and better than the list as a yes.
    assert np.mean((chances - belongs) ** 2) == pytest.approx(np.mean(chances * (1 - chances)), rel=0.15)
    assert abs(np.mean(told) - np.mean(wrong)) < 3 * np.std(wrong) / np.sqrt(WORLDS)


def test_the_share_reached_holds_the_truth_though_the_areas_were_chosen_by_the_same_counts():
    held, flattered, corrected = [], [], []
    for rate, families, counts in worlds():
        listed = lea.priority_list(counts, families, choose=6, draws=200)
        found = lea.missed(counts, families, listed.table["chosen"], level=0.9, draws=400).table.loc["chosen"]
        true = (rate * families)[listed.table["chosen"]].sum() / (rate * families).sum()
        held.append(found["share_reached_lower"] <= true <= found["share_reached_upper"])
        flattered.append(found["share_reached"] - true)
        corrected.append(found["expected"] - true)
    assert np.mean(held) >= 0.9 - 3 * np.sqrt(0.09 / WORLDS)
    # Counts flatter a choice made by them (winner's curse); the expected share does not.
    assert np.mean(flattered) > 0.005
    assert abs(np.mean(corrected)) < 3 * np.std(corrected) / np.sqrt(WORLDS)


def test_hidden_counts_are_held_by_the_ranges_that_bounds_and_swing_give():
    held, inside = [], []
    for rate, families, counts in worlds():
        hidden = counts.where(counts > 10)
        ends = (pd.Series(0.0, counts.index), pd.Series(10.0, counts.index))
        found = lea.allocate(
            hidden, 100_000, families=families, lower=ends[0], upper=ends[1], level=0.9, draws=400
        ).table
        known = lea.allocate(counts, 100_000, families=families, noise="none", draws=100).table["euros"]
        true = lea.allocate(rate * families, 100_000, families=families, noise="none", draws=100).table[
            "euros"
        ]
        inside.append(((found["hidden_lower"] - 1 <= known) & (known <= found["hidden_upper"] + 1)).all())
        gone = hidden.isna()
        held.extend(((found["lower"] <= true) & (true <= found["upper"]))[gone])
        assert (found.loc[gone, "euros"] > 0).all()
    assert all(inside)
    assert np.mean(held) >= 0.9 - 3 * np.sqrt(0.09 / len(held))
