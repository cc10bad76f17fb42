"""Controlled rounding: totals that stay sums, and how far they go."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.disclosure.protect.rounding_cycles import shift_at_random
from lea_geo.disclosure.prove import bounds
from lea_geo.disclosure.prove.unsafe import unsafe_groups
from lea_geo.disclosure.published import build_family
from lea_geo.errors import UsageError, ValuesError


def two_ways(rows: int, columns: int):
    """Return the families of a two-way table whose cells are published beside its margins."""
    row, column = (at.ravel() for at in np.meshgrid(range(rows), range(columns), indexing="ij"))
    cell = [f"{r}{c}" for r, c in zip(row, column, strict=True)]
    return [
        build_family("rows", {"cell": cell, "row": row.astype(str), "table": ["all"] * len(row)}),
        build_family("columns", {"column": column.astype(str)}),
    ]


def all_roundings(counts, families, base):
    """Give the totals of every additive table whose atoms and totals are within one base, zero-restricted."""
    choices = [{n - n % base, n + -n % base} for n in counts.tolist()]
    true = [family.totals(counts) for family in families]
    for atoms in product(*choices):
        table = np.array(atoms)
        totals = [family.totals(table) for family in families]
        low, high = ([t - t % base for t in true], [t + -t % base for t in true])
        if all(((t >= a) & (t <= b)).all() for t, a, b in zip(totals, low, high, strict=True)):
            yield table, totals


def change(table, totals, counts, families):
    moved = [np.abs(t - family.totals(counts)).sum() for t, family in zip(totals, families, strict=True)]
    return int(np.abs(table - counts).sum() + sum(moved))


@pytest.mark.parametrize("seed", range(10))
def test_no_rounded_table_of_all_that_there_are_is_nearer(seed):
    rng = np.random.default_rng(seed)
    families, counts = two_ways(3, 3), rng.integers(0, 12, 9)
    base = int(rng.integers(2, 7))
    found = lea.controlled_rounding(counts, families, base=base)
    totals = [family.totals(found.atoms) for family in families]
    nearest = min(change(*one, counts, families) for one in all_roundings(counts, families, base))
    assert change(found.atoms, totals, counts, families) == nearest
    assert found.restricted


def test_where_three_families_overlap_there_may_be_no_rounding_and_the_nearest_is_said():
    # Each pair of three single persons is a published 2, a multiple of the base, which must stay: then
    # exactly one of the first two, of the last two and of the outer two goes up to 2, and that cannot be.
    families = [
        build_family(name, {name: list(pair)}) for name, pair in (("p", "xxy"), ("q", "yxx"), ("r", "xyx"))
    ]
    counts = np.array([1, 1, 1])
    assert not list(all_roundings(counts, families, 2))
    found = lea.controlled_rounding(counts, families, base=2)
    assert not found.restricted
    beyond = found.table[found.table["count"] == 2]["change"].abs()
    assert sorted(beyond) == [0, 0, 2]
    assert found.greatest_change == 2
    assert found.published.agrees(counts)
    with pytest.raises(UsageError, match="3 families cannot be rounded without bias"):
        lea.controlled_rounding(counts, families, base=2, seed=1)


def test_three_families_are_rounded_within_the_base_where_that_can_be():
    families = [
        build_family(name, {name: list(pair)}) for name, pair in (("p", "xxy"), ("q", "yxx"), ("r", "xyx"))
    ]
    counts = np.array([1, 2, 4])
    found = lea.controlled_rounding(counts, families, base=3)
    assert found.restricted
    totals = [family.totals(found.atoms) for family in families]
    best = min(change(*one, counts, families) for one in all_roundings(counts, families, 3))
    assert change(found.atoms, totals, counts, families) == best


def test_unbiased_rounding_gives_every_count_on_average():
    families, counts, base = two_ways(3, 4), np.array([1, 4, 2, 7, 0, 3, 3, 9, 5, 2, 8, 1]), 5
    runs = 1500
    mean = np.zeros(sum(len(family.parent) for family in families))
    for seed in range(runs):
        atoms = shift_at_random(counts, families, base, seed)
        mean += np.concatenate([family.totals(atoms) for family in families])
    mean /= runs
    true = np.concatenate([family.totals(counts) for family in families])
    # A value r above a multiple goes up by chance r / base: its variance is r (base - r).
    error = np.sqrt(true % base * (base - true % base) / runs)
    assert (np.abs(mean - true) <= 4.5 * error).all()
    assert (error > 0).sum() > 10


def test_a_seed_gives_one_table_and_the_order_of_the_atoms_changes_none():
    families = two_ways(4, 5)
    rng = np.random.default_rng(8)
    counts, order = rng.integers(0, 30, 20), rng.permutation(20)
    for seed in (None, 7):
        one = lea.controlled_rounding(counts, families, base=5, seed=seed)
        turned = [type(f)(f.name, f.leaf[order], f.parent, f.lower, f.upper, f.ids) for f in families]
        other = lea.controlled_rounding(counts[order], turned, base=5, seed=seed)
        pd.testing.assert_frame_equal(one.table, other.table)
        assert other.atoms.tolist() == one.atoms[order].tolist()
    other = lea.controlled_rounding(counts, families, base=5, seed=8)
    assert not one.table.equals(other.table)


def test_a_rounded_total_proves_no_more_than_its_interval():
    family = build_family("towns", {"part": ["a", "b"], "town": ["t", "t"]})
    found = lea.controlled_rounding([4, 8], [family], base=5)
    # 4 and 8 go to 5 and 10, and 12 to 15; those totals leave 1 to 9, 6 to 14 and 11 to 19.
    assert found.table["rounded"].tolist() == [5, 10, 15]
    known = found.published.families[0]
    assert known.lower.tolist() == [1, 6, 11]
    assert known.upper.tolist() == [9, 14, 19]
    lower, upper = bounds.atom_bounds(found.published)
    # The sum of 11 to 19 adds nothing: beside b's 14 people a could have none, beside b's 6 it could have 13.
    assert lower.tolist() == [1, 6]
    assert upper.tolist() == [9, 14]
    assert (found.greatest_change, found.mean_change) == (3, (1 + 2 + 3) / 3)


def test_an_audit_says_which_base_is_large_enough():
    families = two_ways(4, 5)
    counts = np.random.default_rng(3).integers(0, 25, 20)
    # A published 3 is 1 to 5 people: few, where 10 are asked for. A published 10 is 1 to 19.
    small = lea.controlled_rounding(counts, families, base=3)
    found = unsafe_groups(small.published, 10, counts).groups
    threes = small.table.index[(small.table["rounded"] == 3) & (small.table.index.str.startswith("cell"))]
    assert len(threes)
    assert {f"cell {at // 5}{at % 5}" for group in found for at in group.atoms} >= set(threes)
    large = lea.controlled_rounding(counts, families, base=10)
    assert unsafe_groups(large.published, 10, counts).safe


@pytest.mark.parametrize(
    ("counts", "base", "error", "message"),
    [
        ([1, 2], 1, UsageError, "base is 1; it must be a whole number of at least 2"),
        ([1, -2], 5, ValuesError, "that are no counts: 1 of 2"),
        ([1, 2, 3], 5, ValuesError, "towns has 2 atoms and counts has 3"),
    ],
)
def test_what_cannot_be_rounded_is_refused(counts, base, error, message):
    with pytest.raises(error, match=message):
        lea.controlled_rounding(counts, [build_family("towns", {"part": ["a", "b"]})], base=base)
    with pytest.raises(UsageError, match="families is empty"):
        lea.controlled_rounding([1], [], base=5)
