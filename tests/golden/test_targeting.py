"""Shares of budgets, laws of rates and measures of equity against published numbers and other programs."""

import numpy as np
import pandas as pd
import pytest
from inequality.gini import Gini  # 1.1
from scipy.optimize import LinearConstraint, minimize
from scipy.stats import betabinom

import lea_geo as lea
from lea_geo.targeting.equity import ByNeed, gini_per_need
from lea_geo.targeting.need import Need
from lea_geo.targeting.redraws import expected, redraws

QUIET = {"noise": "none", "draws": 100}

HOUSE = {
    # Census of 1790, and the seats of a House of 120 by Hamilton's method, which Washington vetoed in 1792.
    # Balinski and Young (1982), Fair Representation, chapter 3.
    "Virginia": (630_560, 21),
    "Massachusetts": (475_327, 16),
    "Pennsylvania": (432_879, 14),
    "North Carolina": (353_523, 12),
    "New York": (331_589, 11),
    "Maryland": (278_514, 9),
    "Connecticut": (236_841, 8),
    "South Carolina": (206_236, 7),
    "New Jersey": (179_570, 6),
    "New Hampshire": (141_822, 5),
    "Vermont": (85_533, 3),
    "Georgia": (70_835, 2),
    "Kentucky": (68_705, 2),
    "Rhode Island": (68_446, 2),
    "Delaware": (55_540, 2),
}


def test_the_house_of_1792_by_hamilton():
    people = pd.Series({state: float(count) for state, (count, _) in HOUSE.items()})
    found = lea.allocate(people, 120, **QUIET).table["euros"]
    assert found.to_dict() == {state: seats for state, (_, seats) in HOUSE.items()}


def test_largest_remainders_of_ten_seats_by_hand():
    # Quota 10 000: 4.7, 1.6, 1.59, 1.2, 0.6 and 0.31; wholes 4 + 1 + 1 + 1 + 0 + 0 leave three seats, and the
    # largest remainders are 0.7, 0.6 and 0.6: the two of 0.6 are both served.
    votes = pd.Series([47_000, 16_000, 15_900, 12_000, 6_000, 3_100], list("abcdef"), dtype=float)
    found = lea.allocate(votes, 10, **QUIET).table["euros"]
    assert found.tolist() == [5, 2, 1, 1, 1, 0]


@pytest.mark.parametrize("seed", range(4))
def test_floors_caps_and_fixed_parts_agree_with_scipys_quadratic_programme(seed):
    # min(max(base + t w, floor), cap) that adds up to B is where sum (x - base)^2 / w is least within floors
    # and caps: its Lagrange condition is x - base = t w wherever no limit binds. Solved here by scipy's
    # trust-constr, which knows nothing of t.
    random = np.random.default_rng(seed)
    n, budget = 12, 10_000
    need = random.integers(1, 100, n).astype(float)
    floor, cap, base = (random.uniform(*ends, n).round(2) for ends in ((0, 700), (900, 2500), (0, 300)))
    solved = minimize(
        lambda x: ((x - base) ** 2 / need).sum(),
        np.clip(np.full(n, budget / n), floor, cap),
        jac=lambda x: 2 * (x - base) / need,
        hess=lambda _: np.diag(2 / need),
        method="trust-constr",
        bounds=list(zip(floor, cap, strict=True)),
        constraints=[LinearConstraint(np.ones((1, n)), budget, budget)],
        options={"gtol": 1e-10, "xtol": 1e-12, "maxiter": 3000},
    )
    ids = [f"{i:02d}" for i in range(n)]
    terms = {"floor": floor, "cap": cap, "fixed": base}
    found = lea.allocate(
        pd.Series(need, ids), budget, unit=0.01, **{k: pd.Series(v, ids) for k, v in terms.items()}, **QUIET
    )
    np.testing.assert_allclose(found.table["euros"], solved.x, atol=0.02)
    assert round(found.table["euros"].sum(), 2) == budget


def test_the_law_of_rates_agrees_with_scipys_beta_binomial_summed_over_a_square():
    # The same posterior, made another way: mean and 1 / (1 + strength) uniform on a fine square, each area's
    # likelihood from scipy.stats.betabinom.
    ids = [f"{i}" for i in range(7)]
    counts = np.array([3, 14, 6, 25, 2, 9, 40.0])
    families = np.array([20, 60, 55, 80, 30, 21, 160.0])
    need = Need.of(pd.Series(counts, ids), pd.Series(families, ids))
    middles = (np.arange(300) + 0.5) / 300
    mean, correlation = (one.ravel() for one in np.meshgrid(middles, middles))
    strength = 1 / correlation - 1
    a, b = mean * strength, (1 - mean) * strength
    height = sum(betabinom.logpmf(x, n, a, b) for x, n in zip(counts, families, strict=True))
    weight = np.exp(height - height.max())
    weight /= weight.sum()
    true = [n * (weight * (a + x) / (a + b + n)).sum() for x, n in zip(counts, families, strict=True)]
    laws = need.laws()
    found = expected(need, laws, counts)
    np.testing.assert_allclose(found, true, rtol=0.004)
    drawn = redraws(need, laws, noise="joint", draws=20_000, seed=5)
    np.testing.assert_allclose(drawn.mean(axis=0), true, rtol=0.02)


def test_the_gini_of_euros_per_family_in_need_agrees_with_pysals_inequality():
    euros = np.array([120.0, 340, 90, 560, 210, 75])
    assert gini_per_need(euros, np.ones(6)) == pytest.approx(Gini(euros).g)
    # A family in need counts once: an area of three counts as three areas of one.
    need = np.array([1.0, 3, 2, 1, 4, 1])
    each = np.repeat(euros / need, need.astype(int))
    assert gini_per_need(euros, need) == pytest.approx(Gini(each).g)


def test_concentration_agrees_with_that_of_the_inequality_room_and_with_its_definition():
    random = np.random.default_rng(7)
    families = random.integers(10, 300, 9).astype(float)
    need = np.floor(families * random.uniform(0.05, 0.6, 9))
    euros = random.integers(0, 5000, 9).astype(float)
    lines = ByNeed(need, families)
    found = float(lines.concentration(lines.per_family(euros)))
    # By definition: 2 cov(y, r) / mean, every family one person in a long line.
    order = np.argsort(-need / families)
    per = np.repeat((euros / families)[order], families[order].astype(int))
    rate = np.repeat((need / families)[order], families[order].astype(int))
    place = np.array([(np.flatnonzero(rate == one) + 0.5).mean() / len(rate) for one in rate])
    assert found == pytest.approx(2 * np.cov(per, place, bias=True)[0, 1] / per.mean())
    ids = [f"{i}" for i in range(9)]
    values, people = pd.Series(euros / families, ids), pd.Series(families, ids)
    rank = pd.Series(-need / families, ids)
    index = lea.concentration_index(values, people, rank)
    assert found == pytest.approx(index.value)
    # Money in proportion to need is exactly as concentrated as need.
    needed = lines.concentration(lines.per_family(7 * need))
    assert needed == pytest.approx(lines.concentration(lines.rate))
