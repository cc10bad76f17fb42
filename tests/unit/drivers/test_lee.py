"""Lee's L: moments by enumeration, labels, isolates."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import lea_geo as lea
from lea_geo.drivers.lee import pair_of
from lea_geo.drivers.lee_moments import pair_moments
from lea_geo.errors import ValuesError
from lea_geo.spatial.graph import AreaGraph

IDS = pd.Index([f"a{i:02d}" for i in range(36)], name="area_id")
BOARD = pd.Index([f"a{i:03d}" for i in range(144)], name="area_id")


def grid(side: int = 6) -> AreaGraph:
    """Squares of a board that share an edge."""
    ids = BOARD if side == 12 else IDS[: side * side]
    rows = [
        [
            (r + dr) * side + c + dc
            for dr, dc in ((-1, 0), (0, -1), (0, 1), (1, 0))
            if 0 <= r + dr < side and 0 <= c + dc < side
        ]
        for r in range(side)
        for c in range(side)
    ]
    indptr = np.cumsum([0, *map(len, rows)])
    return AreaGraph(ids, indptr, np.concatenate(rows), np.ones(indptr[-1]))


def test_mean_and_variance_are_those_of_all_permutations_of_the_pairs():
    # spdep 1.2-7 has the same mean and more than twice the variance of such a board (lee.test).
    random = np.random.default_rng(1)
    w = random.uniform(size=(6, 6)) * (random.uniform(size=(6, 6)) > 0.4)
    v = w.T @ w
    zx, zy = (part - part.mean() for part in random.normal(size=(2, 6)))
    drawn = [zx[list(p)] @ v @ zy[list(p)] for p in permutations(range(6))]
    mean, variance = pair_moments(sparse.csr_array(v), zx, zy)
    assert mean == pytest.approx(np.mean(drawn), rel=1e-10)
    assert variance == pytest.approx(np.var(drawn), rel=1e-10)


def test_permutations_agree_with_the_analytic_law():
    random = np.random.default_rng(2)
    x, y = (pd.Series(part, index=IDS) for part in random.normal(size=(2, 36)))
    found = lea.global_lee(x, y, grid(), permutations=4999, seed=3)
    assert found.p_value == pytest.approx(found.p_analytic, abs=0.05)


def test_with_itself_lees_l_is_how_much_the_smoothing_leaves():
    x = pd.Series(np.random.default_rng(3).normal(size=36), index=IDS)
    pair = pair_of(x, x, grid(), transform="row", own=True, status=None)
    smooth = np.square(pair.lags[0]).sum() / 36  # the weights of a row add up to 1, the variance of z is 1
    assert lea.global_lee(x, x, grid(), permutations=0).statistic == pytest.approx(smooth, rel=1e-12)


def planted(seed: int) -> tuple[pd.Series, list[str]]:
    """Return noise with four by four high squares in a corner of 144, and the inner ones of them."""
    x = pd.Series(np.random.default_rng(seed).normal(size=144), index=BOARD)
    x[[BOARD[12 * r + c] for r in range(4) for c in range(4)]] += 6
    return x, [BOARD[12 * r + c] for r in (1, 2) for c in (1, 2)]


def test_a_planted_corner_where_both_are_high_is_found_and_labelled_so():
    x, inner = planted(4)
    y, _ = planted(5)
    labels = lea.local_lee(x, y, grid(12), seed=1).table["label"]
    assert (labels[inner] == "High-High").all()
    away = [BOARD[12 * r + c] for r in range(12) for c in range(12) if max(r, c) > 4]
    assert (labels[away] != "Not significant").sum() <= 2


def test_opposed_variables_are_labelled_by_the_first_one():
    x, inner = planted(4)
    y, _ = planted(5)
    labels = lea.local_lee(x, -y, grid(12), seed=1).table["label"]
    assert (labels[inner] == "High-Low").all()
    labels = lea.local_lee(-x, y, grid(12), seed=1).table["label"]
    assert (labels[inner] == "Low-High").all()


def test_pure_noise_has_no_places_at_the_stated_rate():
    random, found = np.random.default_rng(6), 0
    for _ in range(20):
        x, y = (pd.Series(part, index=IDS) for part in random.normal(size=(2, 36)))
        found += (lea.local_lee(x, y, grid(), seed=1).table["label"] != "Not significant").any()
    assert found <= 4  # 5 % of 20 is 1; chance alone exceeds 4 in three of a thousand times


def test_an_isolate_has_no_local_lee_and_a_missing_value_makes_no_zero():
    links = grid(3)
    lonely = AreaGraph(
        [*links.ids, "island"], [*links.indptr, links.indptr[-1]], links.indices, links.weights
    )
    x = pd.Series(np.arange(10.0) ** 2, index=lonely.ids)
    y = pd.Series(np.arange(10.0)[::-1], index=lonely.ids)
    y["a04"] = np.nan
    table = lea.local_lee(x, y, lonely, permutations=9999).table
    assert table.loc["island", "label"] == "Isolate"
    assert np.isnan(table.loc[["island", "a04"], "statistic"]).all()
    assert table.loc["a04", "status"] == "missing"
    assert lea.global_lee(x, y, lonely, permutations=9).n == 9


def test_a_constant_has_a_reason_in_place_of_a_number():
    x, one = pd.Series(np.arange(9.0), index=IDS[:9]), pd.Series(1.0, index=IDS[:9])
    found = lea.global_lee(x, one, grid(3))
    assert np.isnan(found.statistic)
    assert "same value" in found.reason
    assert lea.local_lee(x, one, grid(3)).reason == found.reason


def test_foreign_ids_are_named():
    x = pd.Series(np.arange(9.0), index=IDS[:9])
    with pytest.raises(ValuesError, match="b1"):
        lea.global_lee(x, x.rename({"a00": "b1"}), grid(3))
