"""Segregation of groups over areas: what it is made of, what it refuses, and how sure it is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.inequality.segregation_hidden import hidden_ranges
from lea_geo.inequality.segregation_indices import MANY_GROUPS, TWO_GROUPS, index_values
from lea_geo.inequality.segregation_random import exact_expectations, resampled, shuffled


def table(group, rest, **more):
    ids = [f"{at:05d}" for at in range(1, len(group) + 1)]
    return pd.DataFrame({"group": group, "rest": rest, **more}, index=ids, dtype=float)


def drawn(seed, n=40, share=(2.0, 8.0), people=(20, 200)):
    random = np.random.default_rng(seed)
    total = random.integers(*people, n)
    shares = random.beta(*share, n) if share[1] else np.full(n, share[0])
    group = random.binomial(total, shares)
    return table(group, total - group), shares, total


UNEVEN = table([10, 5, 5, 0], [10, 15, 35, 20])


def test_dissimilarity_is_half_the_sum_of_differences_between_the_groups_shares():
    # |10/20 - 10/80| + |5/20 - 15/80| + |5/20 - 35/80| + |0 - 20/80| = .375 + .0625 + .1875 + .25, halved
    found = lea.segregation(UNEVEN, runs=19)
    assert found.value == pytest.approx(0.4375)


def test_isolation_and_interaction_are_the_shares_around_an_average_member():
    # 10/20 * 10/20 + 5/20 * 5/20 + 5/20 * 5/40 = .25 + .0625 + .03125
    found = lea.segregation(UNEVEN, runs=19)
    assert found.table["value"]["isolation"] == pytest.approx(0.34375)
    assert found.table["value"]["interaction"] == pytest.approx(0.65625)
    assert found.exposure.loc["group", "rest"] == pytest.approx(0.65625)
    assert found.exposure.sum(axis=1).to_numpy() == pytest.approx([1, 1])


def test_local_divergence_averages_to_the_mutual_information():
    found = lea.segregation(UNEVEN, runs=19)
    local = found.local.table
    mean = (local["people"] * local["divergence"]).sum() / local["people"].sum()
    assert mean == pytest.approx(found.table["value"]["mutual_information"])
    assert local["location_quotient_group"]["00001"] == pytest.approx(0.5 / 0.2)


def test_expected_values_are_those_of_every_way_to_put_people_into_areas():
    """Areas of 2, 3 and 2 people, 3 of 7 in the group: all tables with their hypergeometric weights."""
    from math import comb  # noqa: PLC0415 - a hand calculation

    people, size = (2, 3, 2), 3
    weights, values = [], []
    for group in product(*(range(t + 1) for t in people)):
        if sum(group) == size:
            weights.append(np.prod([comb(t, x) for t, x in zip(people, group, strict=True)]))
            counts = np.array([group, np.subtract(people, group)], dtype=float).T
            values.append(index_values(TWO_GROUPS, counts, 0.5))
    assert sum(weights) == comb(7, 3)
    mean = dict(zip(TWO_GROUPS, np.average(values, axis=0, weights=weights), strict=True))
    told = exact_expectations(np.array([[1, 1], [1, 2], [1, 1]], dtype=float))
    shared = [name for name in TWO_GROUPS if name in told]
    assert shared == [name for name in TWO_GROUPS if name not in ("gini", "atkinson")]
    assert {name: told[name] for name in shared} == pytest.approx({name: mean[name] for name in shared})


def test_expected_values_of_three_groups_are_the_mean_of_shuffled_tables():
    counts = np.array([[3, 9, 2], [0, 4, 1], [5, 5, 5], [1, 12, 3], [2, 2, 8]], dtype=float)
    draws = shuffled(counts.sum(axis=1), counts.sum(axis=0), 1, 1)(20_000)
    assert np.array_equal(draws.sum(axis=1), np.broadcast_to(counts.sum(axis=0), (20_000, 3)))
    assert np.array_equal(draws.sum(axis=2), np.broadcast_to(counts.sum(axis=1), (20_000, 5)))
    values = index_values(MANY_GROUPS, draws, 0.5)
    told = exact_expectations(counts)
    for at, name in enumerate(MANY_GROUPS):
        if name in told:
            error = values[:, at].std() / np.sqrt(len(values))
            assert values[:, at].mean() == pytest.approx(told[name], abs=5 * error), name


def test_drawn_again_areas_keep_their_people_and_groups_their_probabilities():
    shares = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])
    draws = resampled(np.array([50.0, 20.0]), shares, 3, 1)(4000)
    assert np.array_equal(draws.sum(axis=2), np.broadcast_to([50, 20], (4000, 2)))
    spread = np.sqrt(shares * (1 - shares) / np.array([[50], [20]]) / 4000)
    assert (np.abs(draws.mean(axis=0) / np.array([[50], [20]]) - shares) < 5 * spread).all()


def test_the_corrected_index_is_0_on_average_where_people_live_anywhere():
    """200 worlds without any segregation, 40 areas of 20 to 200 people, one in ten in the group."""
    corrected, told = [], []
    for seed in range(200):
        counts, _, _ = drawn(seed, share=(0.1, 0))
        found = lea.segregation(counts, runs=19)
        corrected.append(found.table["corrected"]["dissimilarity"])
        told.append(found.table["value"]["dissimilarity"])
    error = np.std(corrected) / np.sqrt(200)
    assert abs(np.mean(corrected)) < 4 * error
    assert np.mean(told) > 0.1  # what is reported where nobody corrects


def test_the_interval_covers_the_truth_at_about_its_level():
    """100 worlds whose areas' shares are known; the plain index lies far above the truth in most."""
    covered = dict.fromkeys(("dissimilarity", "information_theory"), 0)
    plain = 0
    for seed in range(100):
        counts, shares, total = drawn(seed, share=(10.0, 90.0))
        found = lea.segregation(counts, runs=99).table
        truth = index_values(TWO_GROUPS, np.array([shares * total, (1 - shares) * total]).T, 0.5)
        for name in covered:
            row, true = found.loc[name], truth[TWO_GROUPS.index(name)]
            covered[name] += row["underlying_lower"] <= true <= row["underlying_upper"]
        plain += found["value"]["dissimilarity"] > truth[0] + 0.02
    # 95 of 100 with a binomial deviation of 2.2; percentile ends of 99 runs are a little short
    assert all(found >= 85 for found in covered.values()), covered
    assert plain > 80


def test_a_range_over_hidden_counts_holds_every_table_and_nearly_reaches_its_ends():
    people = np.array([10.0, 8.0, 12.0, 30.0, 20.0])
    low = np.array([0, 0, 0, 6, 1.0])
    high = np.array([4, 3, 2, 6, 1.0])
    counts = np.array([low, people - high]).T, np.array([high, people - low]).T
    found, kinds = hidden_ranges(TWO_GROUPS, *counts, people, 0.5)
    tables = [
        index_values(TWO_GROUPS, np.array([group, people - group]).T, 0.5)
        for group in product(range(5), range(4), range(3), [6], [1])
    ]
    least, most = np.min(tables, axis=0), np.max(tables, axis=0)
    for at, name in enumerate(TWO_GROUPS):
        lower, upper = found[at]
        if kinds[at] == "bounds":
            assert lower <= least[at] + 1e-12, name
            assert upper >= most[at] - 1e-12, name
            assert upper - lower <= 1.25 * (most[at] - least[at]), name
        else:
            assert kinds[at] == "searched"
            assert least[at] - 1e-12 <= lower <= upper <= most[at] + 1e-12, name
    assert kinds.count("bounds") == len(TWO_GROUPS) - 1


def test_hidden_counts_of_three_groups_are_searched():
    low = np.array([[1, 2, 3], [4, 0, 2], [2, 2, 9]], dtype=float)
    high = low.copy()
    high[0] += 3
    found, kinds = hidden_ranges(MANY_GROUPS, low, high, np.full(3, np.nan), 0.5)
    tables = []
    for more in product(range(4), repeat=3):
        counts = low.copy()
        counts[0] += more
        tables.append(index_values(MANY_GROUPS, counts, 0.5))
    assert set(kinds) == {"searched"}
    # every value lies in the range of all tables, and the search comes near its ends
    assert (found[:, 0] >= np.min(tables, axis=0) - 1e-12).all()
    assert (found[:, 1] <= np.max(tables, axis=0) + 1e-12).all()
    assert (np.ptp(found, axis=1) >= 0.8 * np.ptp(tables, axis=0)).all()


def test_hidden_counts_that_need_not_be_whole_or_leave_much_open_are_searched():
    for width in (1.5, 30_000.0):
        people = np.array([50_000.0, 40_000.0])
        low, high = np.array([10.0, 5.0]), np.array([10.0 + width, 5.0])
        bounds = np.array([low, people - high]).T, np.array([high, people - low]).T
        found, kinds = hidden_ranges(TWO_GROUPS, *bounds, people, 0.5)
        assert set(kinds) == {"searched"}
        assert (found[:, 0] < found[:, 1]).all()


def test_areas_with_a_hidden_count_are_left_out_and_said_so():
    counts = table([10, np.nan, 5, 0], [10, np.nan, 35, 20])
    found = lea.segregation(counts, runs=19)
    assert found.left_out == ("00002",)
    assert found.n_areas == 3
    assert found.notes == ("Areas left out because a count is hidden: 1 of 4.",)
    assert set(found.table["hidden_kind"]) == {"unknown"}
    assert np.isnan(found.local.table.loc["00002", "divergence"])


def test_a_hidden_count_that_is_the_rest_of_a_total_is_known():
    counts = table([10, 5, 5, 0], [10, np.nan, 35, 20])
    found = lea.segregation(counts, totals=pd.Series([20, 20, 40, 20], counts.index), runs=19)
    assert found.value == pytest.approx(0.4375)
    assert found.left_out == ()


def test_areas_where_nobody_lives_change_nothing():
    empty = pd.concat([UNEVEN, pd.DataFrame({"group": 0.0, "rest": 0.0}, index=["99999"])])
    one, other = lea.segregation(UNEVEN, runs=19), lea.segregation(empty, runs=19)
    pd.testing.assert_frame_equal(one.table, other.table)
    assert other.notes == ("Areas left out because nobody lives there: 1 of 5.",)


def test_the_order_of_areas_changes_no_byte():
    counts, _, _ = drawn(1)
    one = lea.segregation(counts, runs=49)
    other = lea.segregation(counts.iloc[::-1], runs=49)
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    assert not one.table["underlying_lower"].equals(
        lea.segregation(counts, runs=49, seed=1).table["underlying_lower"]
    )


def test_counts_that_are_not_whole_are_measured_and_said_so():
    found = lea.segregation(table([10.5, 5, 5], [9.5, 15, 35]), runs=19)
    assert "not whole numbers" in found.notes[0]


@pytest.mark.parametrize(
    ("counts", "options", "said"),
    [
        (UNEVEN["group"], {}, "a column for each group"),
        (table([1, -2], [3, 4]), {}, "negative counts: 1 of 2"),
        (table([0, 0], [3, 4]), {}, "groups that nobody belongs to: 1 (group)"),
        (table([1], [3]), {}, "areas with people whose counts are known: 1"),
        (UNEVEN, {"totals": pd.Series(1.0, UNEVEN.index)}, "do not add up to their total: 4 of 4"),
        (UNEVEN, {"totals": pd.Series(1.0, ["00001"])}, "areas of counts that totals does not have"),
        (UNEVEN, {"lower": UNEVEN["group"]}, "lower must be a DataFrame"),
        (UNEVEN, {"runs": 5}, "runs is 5"),
        (UNEVEN, {"atkinson_shape": 1.0}, "atkinson_shape is 1.0"),
        (UNEVEN, {"seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(counts, options, said):
    with pytest.raises(lea.LeaGeoError) as refusal:
        lea.segregation(counts, **options)
    assert said in str(refusal.value)


def test_two_results_differ_by_more_than_chance_where_the_truth_does():
    """The same 60 areas counted twice at the same shares, 50 times; and once at shares pulled apart."""
    random = np.random.default_rng(6)
    total = random.integers(50, 800, 60)
    shares = random.beta(6, 40, 60)

    def counted(true):
        group = random.binomial(total, true)
        return lea.segregation(table(group, total - group), runs=99)

    alarms = sum(
        lea.segregation_difference(counted(shares), counted(shares)).table["p_value"]["dissimilarity"] <= 0.05
        for _ in range(50)
    )
    assert alarms <= 8  # of 50 at 5 in 100, with a binomial deviation of 1.5
    apart = np.clip(shares + 1.2 * (shares - shares.mean()), 0.001, 1)
    found = lea.segregation_difference(counted(shares), counted(apart)).table.loc["dissimilarity"]
    assert found["lower"] > 0
    assert found["p_value"] < 0.01
    assert found["difference"] == pytest.approx(found["second"] - found["first"])


def test_results_of_different_groups_are_not_compared():
    one = lea.segregation(UNEVEN, runs=19)
    with pytest.raises(lea.LeaGeoError, match="the same number of groups"):
        lea.segregation_difference(one, lea.segregation(UNEVEN.assign(more=1.0), runs=19))
    with pytest.raises(lea.LeaGeoError, match=r"results of lea_geo\.segregation"):
        lea.segregation_difference(one, one.table)
