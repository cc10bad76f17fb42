"""What must hold of segregation and of parts, whatever the counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lea_geo as lea
from lea_geo.inequality.segregation_hidden import hidden_ranges
from lea_geo.inequality.segregation_indices import MANY_GROUPS, TWO_GROUPS, index_values

EVENNESS = tuple(name for name in TWO_GROUPS if name not in ("isolation", "interaction"))
NORMED = tuple(name for name in EVENNESS if name != "mutual_information")


def tables(groups=2, areas=(2, 7), most=40):
    return st.integers(*areas).flatmap(
        lambda n: arrays(float, (n, groups), elements=st.integers(0, most).map(float))
    )


def alive(counts):
    assume((counts.sum(axis=1) > 0).all())
    assume((counts.sum(axis=0) > 0).all())
    return counts


@given(tables())
def test_indices_lie_between_0_and_1(counts):
    values = index_values(TWO_GROUPS, alive(counts), 0.5)
    assert (values >= -1e-9).all()
    assert (values <= 1 + 1e-9).all()


@given(tables(groups=3))
def test_indices_of_three_groups_lie_between_0_and_1(counts):
    values = dict(zip(MANY_GROUPS, index_values(MANY_GROUPS, alive(counts), 0.5), strict=True))
    assert min(values.values()) >= -1e-9
    assert max(value for name, value in values.items() if name != "mutual_information") <= 1 + 1e-9


@given(st.lists(st.integers(1, 30), min_size=2, max_size=6), st.integers(1, 9), st.integers(1, 9))
def test_equal_shares_are_no_segregation(sizes, group, rest):
    counts = np.outer(sizes, [group, rest]).astype(float)
    assert index_values(EVENNESS, counts, 0.5) == pytest.approx(np.zeros(len(EVENNESS)), abs=1e-7)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=4), st.lists(st.integers(1, 30), min_size=1, max_size=4)
)
def test_groups_that_share_no_area_are_wholly_segregated(group, rest):
    counts = np.array([(x, 0) for x in group] + [(0, y) for y in rest], dtype=float)
    assert index_values(NORMED, counts, 0.5) == pytest.approx(np.ones(len(NORMED)))


@given(tables(), st.integers(2, 5))
def test_more_people_of_the_same_shares_change_nothing(counts, times):
    alive(counts)
    assert index_values(TWO_GROUPS, times * counts, 0.5) == pytest.approx(
        index_values(TWO_GROUPS, counts, 0.5)
    )


@given(tables(), st.integers(2, 4))
def test_an_area_cut_into_parts_of_the_same_shares_changes_nothing(counts, parts):
    """Organisational equivalence."""
    alive(counts)
    cut = np.vstack([*[counts[:1] / parts] * parts, counts[1:]])
    assert index_values(TWO_GROUPS, cut, 0.5) == pytest.approx(
        index_values(TWO_GROUPS, counts, 0.5), abs=1e-9
    )


@given(tables(), st.integers(2, 5))
def test_a_larger_group_that_lives_alike_changes_neither_d_nor_gini(counts, times):
    """Composition invariance, which the others do not have."""
    alive(counts)
    names = ("dissimilarity", "gini", "atkinson")
    more = counts * np.array([times, 1])
    assert index_values(names, more, 0.5) == pytest.approx(index_values(names, counts, 0.5), abs=1e-9)


@given(tables(most=20), st.data())
def test_an_exchange_that_brings_shares_nearer_never_adds_segregation(counts, data):
    """One of the group leaves where its share is higher, one of the rest comes: the exchange principle."""
    alive(counts)
    one, other = data.draw(
        st.sampled_from([(i, j) for i in range(len(counts)) for j in range(len(counts)) if i != j])
    )
    after = counts.copy()
    after[one] += (-1, 1)
    after[other] += (1, -1)
    assume((after >= 0).all())
    share = [table[:, 0] / table.sum(axis=1) for table in (counts, after)]
    assume(share[0][one] > share[0][other])
    assume(share[1][one] >= share[1][other])
    before, since = (index_values(EVENNESS, table, 0.5) for table in (counts, after))
    assert (since <= before + 1e-9).all()


@given(tables(most=6, areas=(2, 4)), st.data())
def test_no_table_lies_outside_the_range_over_hidden_counts(counts, data):
    alive(counts)
    people = counts.sum(axis=1)
    low = counts[:, 0] - data.draw(arrays(float, len(counts), elements=st.sampled_from([0.0, 1.0, 2.0])))
    high = counts[:, 0] + data.draw(arrays(float, len(counts), elements=st.sampled_from([0.0, 1.0, 2.0])))
    low, high = np.maximum(low, 0), np.minimum(high, people)
    assume(low.sum() > 0)
    assume(high.sum() < people.sum())
    bounds = np.array([low, people - high]).T, np.array([high, people - low]).T
    found, kinds = hidden_ranges(TWO_GROUPS, *bounds, people, 0.5)
    value = index_values(TWO_GROUPS, counts, 0.5)
    for at, kind in enumerate(kinds):
        if kind in ("", "bounds"):
            assert found[at, 0] - 1e-9 <= value[at] <= found[at, 1] + 1e-9, TWO_GROUPS[at]


def rates(n):
    whole = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=n, max_size=n)
    return whole.map(
        lambda rows: pd.DataFrame([(x, x + y) for x, y in rows], columns=["numerator", "denominator"])
    )


@given(st.integers(1, 6).flatmap(lambda n: st.tuples(rates(n), rates(n))))
def test_composition_and_rate_are_the_change(pair):
    before, after = pair
    assume(before["denominator"].sum() > 0)
    assume(after["denominator"].sum() > 0)
    found = lea.decompose_change(before, after)
    parts = found.parts["value"]
    assert parts["composition"] + parts["rate"] == pytest.approx(found.value, abs=1e-12)
    assert found.table["total"].sum() == pytest.approx(found.value, abs=1e-12)
    assert (found.parts["lower"] <= found.parts["value"] + 1e-12).all()
    assert (found.parts["value"] <= found.parts["upper"] + 1e-12).all()


@given(st.integers(2, 5).flatmap(lambda k: arrays(float, (2, k, 3), elements=st.floats(-5, 5))))
def test_what_factors_add_is_the_difference(numbers):
    sides = [{f"factor {at}": pd.Series(row) for at, row in enumerate(side)} for side in numbers]
    found = lea.decompose_factors(*sides)
    assert found.table["value"].sum() == pytest.approx(found.value, abs=1e-6)
    back = lea.decompose_factors(*sides[::-1])
    assert back.table["value"].to_numpy() == pytest.approx(-found.table["value"].to_numpy(), abs=1e-6)
