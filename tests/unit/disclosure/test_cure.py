"""What is told as a cure leaves nothing to be found, by enumeration of every table that agrees."""

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lea_geo.disclosure.attack.cure import cheapest_cure, find_cures
from lea_geo.disclosure.attack.cure_changes import areas_of, areas_over, hidden, rounded
from lea_geo.disclosure.published import NO_LIMIT, Published, build_family

K = 3


def published_of(counts, grid, post, hide=()):
    """Return two families over atoms in cells and postal areas, but for some areas all of them published."""
    counts = np.asarray(counts)
    families = []
    for name, labels in (("cell", grid), ("postal", post)):
        ids = sorted(set(labels))
        totals = np.array([counts[np.array(labels) == one].sum() for one in ids])
        shown = np.array([f"{name} {one}" not in hide for one in ids])
        lower, upper = np.where(shown, totals, 0), np.where(shown, totals, NO_LIMIT)
        families.append(build_family(name, {name: labels}, lower={name: lower}, upper={name: upper}))
    nothing = np.zeros(len(counts), dtype=np.int64)
    return Published(tuple(families), nothing, nothing + NO_LIMIT)


def given_away(published, k, most):
    """Return every group of atoms that all tables of 0 to ``most`` put between 1 and k - 1 people."""
    n = published.n_atoms
    tables = np.stack(np.meshgrid(*[np.arange(most + 1)] * n, indexing="ij"), axis=-1).reshape(-1, n)
    for family in published.families:
        for at in range(len(family.parent)):
            inside = [family.totals(one)[at] for one in np.eye(n, dtype=np.int64)]
            total = tables @ np.array(inside)
            tables = tables[(total >= family.lower[at]) & (total <= family.upper[at])]
    groups = chain.from_iterable(combinations(range(n), size) for size in range(1, n + 1))
    totals = {group: tables[:, list(group)].sum(axis=1) for group in groups}
    return [group for group, total in totals.items() if total.min() >= 1 and total.max() < k]


@pytest.fixture
def two_releases() -> Published:
    """Cells of 30 and 23 people; postal area 1 has 50 of them, and the three others are hidden."""
    return published_of([30, 20, 3], ["a", "b", "b"], ["1", "1", "2"], hide=["postal 2"])


def test_the_cheapest_cure_is_told_first_with_what_it_costs(two_releases):
    """By hand: 30 + 23 - 50 = 3. Without b (23 people), a (30) or postal area 1 (50) nothing is left to
    subtract. The sum of both cells still tells, so merging is no cure. To tens, postal area 1 stands for 45
    to 55, so what is left of 53 is 0 to 8: it may be nobody. The cells, 30 and 20, stand for 40 to 60."""
    cures = find_cures(two_releases, 10)
    told = [(one.kind, one.areas, one.people) for one in cures]
    assert told[:2] == [("round", ("postal 1",), 5), ("round", ("cell a", "cell b"), 10)]
    assert told[2] == ("hide", ("cell b",), 23)
    assert ("hide", ("postal 1",), 50) in told
    assert ("leave_out", ("cell a", "cell b"), 53) in told
    assert "merge" not in {kind for kind, *_ in told}
    said = cheapest_cure(cures)
    assert said.startswith(
        "The cheapest: round postal to the nearest 10 (1 area, each then known to within 5)."
    )
    assert "Or hide cell b (1 area, 23 people)." in said


def test_where_nothing_is_given_away_there_is_nothing_to_cure():
    assert find_cures(published_of([30, 20, 13], ["a", "b", "b"], ["1", "1", "2"]), 10) == ()


def test_merging_two_areas_breaks_a_recipe_that_needs_one_of_them():
    """Postal area 2 (2 people) is cell c's 12 less postal area 3's 10; c and d lie in one larger area."""
    counts = [2, 10, 8, 7]
    grid = {"cell": ["c", "c", "d", "d"], "square": ["s"] * 4}
    cells = build_family(
        "grid", grid, lower={"cell": [12, 15], "square": [27]}, upper={"cell": [12, 15], "square": [27]}
    )
    post = build_family(
        "post",
        {"postal": ["2", "3", "4", "4"]},
        lower={"postal": [0, 10, 0]},
        upper={"postal": [NO_LIMIT, 10, NO_LIMIT]},
    )
    nothing = np.zeros(4, dtype=np.int64)
    published = Published((cells, post), nothing, nothing + NO_LIMIT)
    assert published.agrees(np.array(counts))
    merge = next(one for one in find_cures(published, K) if one.kind == "merge")
    assert merge.areas == ("cell c + cell d",)
    assert merge.people == 27
    assert merge.published is not None
    assert merge.published.agrees(np.array(counts))
    assert given_away(published, K, 15) == [(0,)]
    assert given_away(merge.published, K, 27) == []
    family = merge.published.families[0]
    assert family.ids == ("cell c", "cell d", "cell c + cell d", "square s")
    assert family.parent.tolist() == [2, 2, 3, -1]
    assert family.totals(np.array(counts)).tolist() == [12, 15, 27, 27]


def test_a_rounded_count_stands_for_all_that_are_rounded_to_it():
    """To tens: 30 stands for 25 to 35 and 23 for 15 to 25."""
    published = published_of([30, 23], ["a", "b"], ["1", "1"])
    changed = rounded(published, areas_of(published, 0), 10)
    assert (changed.families[0].lower.tolist(), changed.families[0].upper.tolist()) == ([25, 15], [35, 25])


def test_hiding_leaves_all_else_as_it_was(two_releases):
    changed = hidden(two_releases, areas_of(two_releases, 0)[:1])
    assert [one.name for one in areas_of(changed, 0)] == ["cell b"]
    assert [one.name for one in areas_of(changed, 1)] == ["postal 1"]
    assert [one.name for one in areas_of(two_releases, 0)] == ["cell a", "cell b"]


def test_areas_over_atoms_are_of_every_size(two_releases):
    assert areas_over(two_releases, [1]) == ("cell b", "postal 1")


small = st.integers(0, 4)
labels = st.lists(st.sampled_from("ab"), min_size=4, max_size=4)


@settings(max_examples=40)
@given(
    st.lists(small, min_size=4, max_size=4), labels, st.lists(st.sampled_from("12"), min_size=4, max_size=4)
)
def test_after_a_cure_no_group_is_given_away(counts, grid, post):
    published = published_of(counts, grid, post, hide=["postal 2"])
    most = sum(counts) + K
    before = given_away(published, K, most)
    cures = find_cures(published, K)
    assert bool(before) or cures == ()
    for cure in cures:
        assert given_away(cure.published, K, most) == []
        assert cure.published.agrees(np.array(counts))
    assert [one.people for one in cures] == sorted(one.people for one in cures)
