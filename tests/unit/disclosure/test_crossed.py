"""Attributes over areas, means and medians with counts, and several years: by hand and by enumeration."""

from itertools import combinations_with_replacement, product

import numpy as np
import pytest
from disclosure_enumeration import all_tables
from scipy import sparse

from lea_geo.disclosure.prove.crossed import cross, cross_bounds, over_years, rest_below, total_bounds
from lea_geo.disclosure.prove.linear import LinearSystem, bounds
from lea_geo.disclosure.prove.many import unsafe_groups as unsafe_of_many
from lea_geo.disclosure.prove.unsafe import unsafe_groups
from lea_geo.disclosure.published import NO_LIMIT, Published, build_family
from lea_geo.errors import UsageError, ValuesError

POSTAL = ["a", "b", "c", "d"]
TOWNS = ["t", "t", "u", "u"]
AGES = ["0-17", "18-64", "65+"]


def known(*numbers):
    """Return the interval of numbers that are published, or hidden where they are None."""
    numbers = np.array(numbers, dtype=float)
    hidden = np.isnan(numbers)
    return np.where(hidden, 0, numbers).astype(np.int64), np.where(hidden, NO_LIMIT, numbers).astype(np.int64)


def test_the_investments_of_fischetti_and_salazar_lie_where_the_paper_says():
    # Fischetti and Salazar (2001), https://doi.org/10.1287/mnsc.47.7.1008.9805, figure 1: investments by
    # activity (I: 20 50 10 | 80, II: 8 19 22 | 49, III: 17 32 12 | 61; columns 45, 101, 44) with four cells
    # hidden. II,A + II,C = 30, III,A + III,C = 29, II,A + III,A = 25, II,C + III,C = 34: so II,C <= 30; as
    # II,A <= 25, II,C >= 5: the interval 5..30 around the true 22.
    table = cross(
        {"activity": {"activity": ["1", "2", "3"]}, "region": {"region": ["A", "B", "C"]}},
        {
            ("activity", "region"): known([20, 50, 10], [np.nan, 19, np.nan], [np.nan, 32, np.nan]),
            ("activity",): known(80, 49, 61),
            ("region",): known(45, 101, 44),
            (): (190, 190),
        },
    )
    lower, upper, exact = cross_bounds(table)
    assert exact.all()
    names = [f"activity {row}, region {column}" for row in "123" for column in "ABC"]
    assert table.ids == tuple(names)
    assert dict(zip(names, zip(lower, upper, strict=True), strict=True))["activity 2, region C"] == (5, 30)
    assert (lower[3], upper[3]) == (0, 25)
    assert (lower[6], upper[6]) == (0, 25)
    assert (lower[8], upper[8]) == (4, 29)


def test_one_attribute_over_one_tree_of_areas_is_a_network():
    counts = np.random.default_rng(1).integers(0, 9, (4, 3))
    towns = counts.reshape(2, 2, 3).sum(axis=1)
    published = cross(
        {"area": {"postal": POSTAL, "town": TOWNS}, "age": {"age": AGES}},
        {
            ("postal",): known(*counts.sum(axis=1)),
            ("town",): known(*towns.sum(axis=1)),
            ("town", "age"): known(*towns),
            ("age",): known(*towns.sum(axis=0)),
        },
    )
    assert len(published.families) == 2
    assert published.agrees(counts.ravel())
    names = {family.name for family in published.families}
    assert names == {"postal < town", "town x age < age"}
    # One area's number is that of its atoms: town u, 65+.
    family = next(family for family in published.families if family.name == "town x age < age")
    at = family.ids.index("town u, age 65+")
    assert family.lower[at] == family.upper[at] == towns[1, 2]
    assert np.array_equal(np.flatnonzero(family.leaf == at), [8, 11])


def test_two_attributes_beside_each_other_are_three_families():
    counts = np.random.default_rng(2).integers(0, 4, (2, 2, 2))
    two = ["0", "1"]
    published = cross(
        {"area": {"area": two}, "sex": {"sex": two}, "age": {"age": two}},
        {
            ("area", "sex"): known(*counts.sum(axis=2)),
            ("area", "age"): known(*counts.sum(axis=1)),
            ("sex", "age"): known(*counts.sum(axis=0)),
            ("area",): known(*counts.sum(axis=(1, 2))),
        },
    )
    assert sorted(len(family.parent) for family in published.families) == [4, 4, 6]
    assert published.agrees(counts.ravel())
    tables = all_tables(published)
    lower, upper, exact = cross_bounds(published)
    assert exact.all()
    assert np.array_equal(lower, tables.min(axis=0))
    assert np.array_equal(upper, tables.max(axis=0))


@pytest.mark.parametrize("seed", range(12))
def test_bounds_of_crossed_tables_are_those_of_all_tables(seed):
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 3, (2, 2, 2))
    dimensions = {
        "area": {"postal": ["a", "b"], "town": ["t", "t"]},
        "sex": {"sex": ["f", "m"]},
        "age": {"age": ["0", "1"]},
    }
    axis = {"postal": 0, "sex": 1, "age": 2}
    tables = {}
    for levels in [("postal",), ("sex",), ("postal", "sex"), ("age", "postal"), ("sex", "age")]:
        away = tuple(at for name, at in axis.items() if name not in levels)
        numbers = counts.sum(axis=away).astype(float)
        if levels == ("age", "postal"):
            numbers = numbers.T
        numbers[rng.random(numbers.shape) < 0.3] = np.nan
        tables[levels] = known(*numbers)
    tables[("town",)] = known(counts.sum())
    published = cross(dimensions, tables)
    assert published.agrees(counts.ravel())
    all_of_them = all_tables(published)
    lower, upper, exact = cross_bounds(published)
    assert exact.all()
    assert np.array_equal(lower, all_of_them.min(axis=0))
    assert np.array_equal(upper, all_of_them.max(axis=0))


def test_hidden_ages_of_a_small_area_are_disclosed_by_the_town_s():
    # Town 20 people aged 0-17, 17 of them in postal areas a, c and d: 3 in b, where the cell is hidden.
    counts = np.array([[5, 9], [3, 9], [6, 9], [6, 9]])
    shown = counts.astype(float)
    shown[1, 0] = np.nan
    published = cross(
        {"area": {"postal": POSTAL}, "age": {"age": ["0-17", "18+"]}},
        {("postal", "age"): known(*shown), ("age",): known(*counts.sum(axis=0))},
    )
    (group,) = unsafe_groups(published, 5).groups
    assert (group.lower, group.upper) == (3, 3)
    assert published.ids[group.atoms[0]] == "postal b, age 0-17"
    assert [one.atoms for one in unsafe_of_many(published, 5).groups] == [group.atoms]


@pytest.mark.parametrize(
    ("dimensions", "tables", "says"),
    [
        ({"area": {"postal": ["a"]}}, {("cell",): known(1)}, "No dimension has the level 'cell'"),
        ({"area": {"postal": ["a"], "town": ["t"]}}, {("postal", "town"): known([1])}, "one dimension twice"),
        (
            {"area": {"postal": ["a", "b"]}},
            {("postal",): known(1)},
            r"has the shape \(1,\); its levels have \(2,\)",
        ),
        ({"area": {"postal": ["a", "b"], "town": ["t"]}}, {}, "The levels of area"),
        ({"area": {"x": ["a"]}, "sex": {"x": ["f"]}}, {}, "belong to two dimensions: x"),
        ({"area": {"postal": ["a"]}}, {("postal",): ([2], [1])}, "least is above its most"),
    ],
)
def test_tables_that_do_not_fit_their_dimensions_are_refused(dimensions, tables, says):
    with pytest.raises(UsageError, match=says):
        cross(dimensions, tables)


def town_of_two(n_first, n_second):
    """Return a town of two postal areas, with all counts published."""
    family = build_family(
        "post",
        {"postal": ["a", "b"], "town": ["t", "t"]},
        lower={"postal": [n_first, n_second], "town": [n_first + n_second]},
        upper={"postal": [n_first, n_second], "town": [n_first + n_second]},
    )
    return Published((family,), np.zeros(2, dtype=np.int64), np.full(2, NO_LIMIT))


def test_two_means_of_groups_that_differ_by_one_person_tell_that_person_s_income():
    # 31 people with a mean of 30 000, of whom 30 have a mean of 29 000: 930 000 - 870 000 = 60 000.
    means = {"town t": (30_000, 30_000), "postal a": (29_000, 29_000)}
    lower, upper, exact = total_bounds(town_of_two(30, 1), means, [np.array([1])])
    assert exact.all()
    assert (lower[0], upper[0]) == pytest.approx((60_000, 60_000))


def test_rounded_means_tell_an_income_within_what_rounding_leaves():
    # Means to the nearest 100: 31 x 50 = 1 550 and 30 x 50 = 1 500 either way: 60 000 -+ 3 050.
    means = {"town t": (29_950, 30_050), "postal a": (28_950, 29_050)}
    lower, upper, _ = total_bounds(town_of_two(30, 1), means, [np.array([1])])
    assert (lower[0], upper[0]) == pytest.approx((56_950, 63_050))


def test_what_nobody_can_earn_narrows_a_total():
    # Ten people in b with 0..5 000 each: their total is at most 50 000 whatever the means leave.
    means = {"town t": (29_000, 31_000)}
    lower, upper, _ = total_bounds(town_of_two(30, 10), means, [np.array([0]), np.array([1])], most=50_000)
    # 40 x 29 000 = 1 160 000, less at most 500 000 of b; a holds at most 1 240 000.
    assert lower.tolist() == pytest.approx([660_000, 0])
    assert upper.tolist() == pytest.approx([1_240_000, 500_000])


def test_means_of_areas_that_cannot_be_used_are_named():
    hidden = build_family("post", {"postal": ["a", "b"]}, lower={"postal": [3, 0]}, upper={"postal": [3, 9]})
    published = Published((hidden,), np.zeros(2, dtype=np.int64), np.full(2, 9))
    with pytest.raises(
        ValuesError, match=r"no family has: 1 \(postal z\)[\s\S]*not published: 1 \(postal b\)"
    ):
        total_bounds(published, {"postal z": (1, 1), "postal b": (1, 2)}, [])


def test_a_group_s_rest_lies_below_its_median_as_every_set_of_values_says():
    for n, n_part in product(range(2, 6), range(1, 5)):
        if n_part >= n:
            continue
        seen = {}
        for part in combinations_with_replacement(range(4), n_part):
            for rest in combinations_with_replacement(range(4), n - n_part):
                whole, half = np.median(part + rest), np.median(part)
                seen.setdefault((whole, half), set()).add(sum(value <= whole for value in rest))
        for (whole, half), below in seen.items():
            least, most = rest_below(n, whole, n_part, half)
            assert least <= min(below) <= max(below) <= most


def test_a_median_that_all_of_the_rest_must_be_below_says_so():
    # 10 people with median 20 000, 5 of whom have 30 000 as theirs: 3 of these have more than the median, at
    # least 5 of all have at most it, so at least 3 of the other 5. Of 2 with the higher median, none is sure.
    assert rest_below(10, 20_000, 5, 30_000) == (3, 5)
    # 4 people with median 20 000; one has 30 000. Of the other three, at least two have 20 000 or less.
    assert rest_below(4, 20_000, 1, 30_000) == (2, 3)
    # 2 people, one above the median: the other is below it for certain.
    assert rest_below(2, 20_000, 1, 30_000) == (1, 1)


def year(total, least, most):
    """Return two hidden counts with a published total."""
    return LinearSystem(
        sparse.csr_array([[1.0, 1.0]]),
        np.array([total]),
        np.array([total]),
        np.array(least, dtype=float),
        np.array(most, dtype=float),
        np.ones(2, dtype=bool),
        ("town",),
    )


def test_a_year_that_shows_a_number_bounds_it_in_the_years_around():
    # x + y = 10, 12 and 9; x is 4 in the second year; as many came or went as is stated.
    years = [year(10, [0, 0], [10, 10]), year(12, [4, 0], [4, 12]), year(9, [0, 0], [9, 9])]
    lower, upper, exact = bounds(over_years(years, [2, [1, 3]]), sparse.csr_array(np.eye(6)))
    assert exact.all()
    # First: x in 2..6, and y = 10 - x within 2 of 8: 6..8, so x in 2..4. Third: x in 3..5, y >= 5: x <= 4.
    assert lower.tolist() == [2, 6, 4, 8, 3, 5]
    assert upper.tolist() == [4, 8, 4, 8, 4, 6]


def test_the_same_year_published_again_is_a_year_without_change():
    both = over_years([year(10, [0, 0], [10, 10]), year(10, [3, 0], [3, 10])], [0])
    assert bounds(both, sparse.csr_array(np.eye(4))).upper.tolist() == [3, 7, 3, 7]
    assert both.row_name(0) == "town (1)"
    assert both.row_name(2) == "change of 0 from year 1 to 2"


def test_one_year_alone_and_years_that_are_tied_by_nothing_stay_as_they_are():
    one = year(10, [0, 0], [10, 10])
    assert over_years([one], []).matrix.toarray().tolist() == [[1, 1]]
    apart = over_years([one, one], [np.inf])
    assert bounds(apart, sparse.csr_array(np.eye(4))).upper.tolist() == [10] * 4


def test_years_that_do_not_fit_are_refused():
    one = year(10, [0, 0], [10, 10])
    with pytest.raises(UsageError, match="There are 2 years and 2 changes"):
        over_years([one, one], [1, 1])
    short = LinearSystem(sparse.csr_array([[1.0]]), *np.ones((4, 1)), np.ones(1, dtype=bool))
    with pytest.raises(UsageError, match="The years have 2, 1 unknowns"):
        over_years([one, short], [1])
