"""Three families and more: worked by hand, by full enumeration, and by what must not matter."""

from dataclasses import replace

import numpy as np
import pytest
from disclosure_enumeration import all_tables, random_release, union_bounds, unions

from lea_geo.disclosure.prove import many
from lea_geo.disclosure.prove.certificate import certify
from lea_geo.disclosure.prove.many import unsafe_groups
from lea_geo.disclosure.prove.many_freeze import freeze, lifted
from lea_geo.disclosure.prove.many_system import Neighbourhoods, build_system
from lea_geo.disclosure.prove.many_tables import emptying_table, raising_tables
from lea_geo.disclosure.prove.unsafe import unsafe_groups as disclosed_by_two
from lea_geo.disclosure.prove.verify_certificate import verify
from lea_geo.disclosure.published import NO_LIMIT, Published, build_family
from lea_geo.errors import ValuesError

CUBE = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
"""Eight atoms where two cells, two postal areas and two districts cross."""


def release(labels, counts, *, hidden=(), upper=None):
    """Return families, one for each column of labels, whose areas are all published but the hidden ones."""
    families = []
    for name, column in zip(("grid", "post", "school", "street"), np.transpose(labels), strict=False):
        ids, at = np.unique(column, return_inverse=True)
        totals = np.bincount(at, counts).astype(np.int64)
        known = np.array([f"{name} {one}" not in hidden for one in ids])
        families.append(
            build_family(
                name,
                {name: column.astype(str)},
                lower={name: np.where(known, totals, 0)},
                upper={name: np.where(known, totals, NO_LIMIT)},
            )
        )
    nothing = np.zeros(len(counts), dtype=np.int64)
    return Published(tuple(families), nothing, nothing + NO_LIMIT if upper is None else np.array(upper))


def found(published, k, counts=None, **options):
    return {
        group.atoms: (group.lower, group.upper)
        for group in unsafe_groups(published, k, counts, **options).groups
    }


def two_way_margins(counts):
    """Return the cube with all its two-way margins published: the classic table that no two of them fix."""
    pairs = ((0, 1), (0, 2), (1, 2))
    return release(np.stack([CUBE[:, a] * 2 + CUBE[:, b] for a, b in pairs], axis=1), counts)


def test_three_kinds_of_areas_disclose_what_no_two_of_them_do():
    # With all two-way margins known a 2 x 2 x 2 table has one degree of freedom: corners with an even number
    # of ones take t more, the others t less. Of x = (0, 5, 5, 5, 5, 5, 5, 1) corner 7 can give 1 and corner 0
    # take 1: together they are one person in every table.
    counts = np.array([0, 5, 5, 5, 5, 5, 5, 1])
    published = two_way_margins(counts)
    assert sorted(all_tables(published)[:, 0].tolist()) == [0, 1]
    assert found(published, 4, counts) == {(0, 7): (1, 1)}
    for left_out in range(3):
        kept = tuple(family for at, family in enumerate(published.families) if at != left_out)
        assert disclosed_by_two(replace(published, families=kept), 4).safe


TURNED = np.array([(0, 0, 0), (1, 1, 1), (2, 2, 2), (0, 1, 2), (1, 2, 0), (2, 0, 1)])
"""Six atoms in three areas of each kind, of which no two lie in the same two: nothing moves while two kinds
are frozen where they cross, but one more in each of the first three and one less in the others changes the
number of no area."""


def test_a_table_that_moves_all_kinds_of_areas_at_once_is_found_where_flows_find_none():
    counts = np.array([1, 1, 1, 9, 9, 9])  # all areas hold 10; the first three can be 0..10 at once
    published = release(TURNED, counts)
    assert not lifted(published, counts, np.arange(3), 5).any()
    assert found(published, 5, counts) == {}
    certificate = certify(published, 5, counts)
    assert certificate.proved
    assert verify(certificate.as_dict()) == []
    (table,) = raising_tables(published, counts, np.array([0]), 5)
    assert published.agrees(table)
    assert table[0] >= 5


def test_atoms_that_can_be_empty_at_once_are_emptied_where_flows_do_not():
    counts = np.array([1, 1, 1, 9, 9, 9])
    published = release(TURNED, counts, upper=[4, 4, 4, *[NO_LIMIT] * 3])
    assert found(published, 5, counts) == {}
    assert emptying_table(published, counts, counts < 5).tolist() == [0, 0, 0, 10, 10, 10]
    certificate = certify(published, 5, counts)
    assert certificate.proved
    assert verify(certificate.as_dict()) == []
    # Where one of the others holds 7 at most, the first three are 3 or 4 each: all are unsafe.
    limited = release(TURNED, [3, 3, 3, 7, 7, 7], upper=[4, 4, 4, 7, NO_LIMIT, NO_LIMIT])
    assert found(limited, 5) == {(0,): (3, 4), (1,): (3, 4), (2,): (3, 4)}


def test_an_atom_that_is_0_in_one_table_and_k_in_another_is_in_no_unsafe_group():
    counts = np.array([6, 6, 6, 6, 6, 6, 6, 6])
    assert found(release(CUBE, counts), 5, counts) == {}
    counts = np.array([1, 6, 6, 6, 6, 6, 6, 6])
    assert found(release(CUBE, counts), 5, counts) == {}


def test_a_known_population_below_the_minimum_is_safe_where_it_may_be_nobody():
    counts = np.array([2, 6, 6, 6, 6, 6, 6, 6])
    capped = release(CUBE, counts, upper=[3, *[NO_LIMIT] * 7])
    assert found(capped, 5, counts) == {}
    assert found(capped, 5, counts, zero="hidden") == {(0,): (0, 3)}


def test_an_area_of_fewer_than_k_is_a_group_and_its_number_the_recipe():
    counts = np.array([1, 9, 1, 9, 0, 9, 0, 9])
    groups = unsafe_groups(release(CUBE, counts), 4, counts).groups
    assert [(group.atoms, group.lower, group.upper) for group in groups] == [((0, 2, 4, 6), 2, 2)]
    assert groups[0].recipe.add == ("school 0",)
    assert groups[0].recipe.subtract == ()
    assert groups[0].recipe.total == 2


def test_the_recipe_adds_and_subtracts_published_numbers_of_several_families():
    # Grid 0 = a + b + c = 12 and post 0 = b + c = 9: a is 3; the third family holds them all.
    labels = [(0, 1, 0), (0, 0, 0), (0, 0, 0), (1, 1, 0)]
    counts = np.array([3, 5, 4, 20])
    (group,) = unsafe_groups(release(labels, counts), 5, counts).groups
    assert (group.atoms, group.lower, group.upper) == ((0,), 3, 3)
    # 12 - 9, or 23 - 20 where the areas of the rest are used.
    assert group.recipe.upper == 3
    assert set(group.recipe.add) | set(group.recipe.subtract) <= {
        "grid 0",
        "grid 1",
        "post 0",
        "post 1",
        "school 0",
    }
    assert str(group.recipe).startswith("Publish these values and subtract: ")


def test_where_parts_of_an_area_are_published_the_recipe_subtracts_them():
    # The town's 20 less the published postal areas 9 and 8 leaves 3 in the third; other families are hidden.
    family = build_family(
        "post",
        {"postal": ["a", "b", "c"], "town": ["t"] * 3},
        lower={"postal": [9, 8, 0], "town": [20]},
        upper={"postal": [9, 8, NO_LIMIT], "town": [20]},
    )
    others = [build_family(name, {name: ["x"] * 3}) for name in ("grid", "school")]
    published = Published((family, *others), np.zeros(3, dtype=np.int64), np.full(3, NO_LIMIT))
    (group,) = unsafe_groups(published, 5).groups
    assert group.atoms == (2,)
    assert (group.recipe.add, group.recipe.subtract, group.recipe.total) == (
        ("town t",),
        ("postal a", "postal b"),
        3,
    )


def test_what_moves_with_the_others_frozen_where_they_cross_keeps_all_numbers():
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 6, 9)
    published = release(rng.integers(0, 2, (9, 3)), counts, hidden={"grid 0", "post 1"})
    tables = all_tables(published, most=200_000)
    for moving in range(3):
        two = freeze(published, counts, moving)
        assert two.agrees(counts)
        assert all(two.agrees(table) <= published.agrees(table) for table in tables[:: len(tables) // 500])
    reached = lifted(published, counts, np.arange(9), 6)
    assert reached.any()
    assert np.all(tables[:, reached].max(axis=0) >= 6)


def test_what_no_time_is_left_for_is_open_and_counts_as_unsafe():
    counts = np.array([0, 5, 5, 5, 5, 5, 5, 1])
    unsafe = unsafe_groups(two_way_margins(counts), 4, counts, seconds=0.0)
    assert not unsafe.safe
    assert [group.proved for group in unsafe.groups] == [False]


def test_numbers_that_contradict_each_other_are_refused():
    counts = np.array([1, 9, 1, 9, 0, 9, 0, 9])
    published = release(CUBE, counts)
    with pytest.raises(ValuesError, match="none that could be behind"):
        unsafe_groups(published, 4, counts + 1)


def test_a_block_holds_what_is_tied_to_its_atoms_and_says_what_the_rest_leaves():
    labels = [(0, 0, 0), (0, 1, 1), (1, 1, 2), (2, 2, 3)]
    counts = np.array([1, 2, 3, 4])
    near = Neighbourhoods(build_system(release(labels, counts, hidden={"school 0", "school 1", "school 2"})))
    assert near.around(np.array([0]), 10).tolist() == [0, 1, 2]
    block = near.block(np.array([0, 1]), counts)
    rows = dict(
        zip(block.frozen.row_ids, zip(block.frozen.lower, block.frozen.upper, strict=True), strict=True)
    )
    assert rows["post 1"] == (2, 2)  # 5 less the 3 that atom 2 holds
    rows = dict(zip(block.loose.row_ids, zip(block.loose.lower, block.loose.upper, strict=True), strict=True))
    assert rows["post 1"] == (-np.inf, 5)
    assert rows["grid 0"] == (3, 3)


def wrong_claims(published, tables, k, zero, unsafe):
    """Return what an answer says that the enumeration of all tables denies."""
    least, most = union_bounds(tables)
    people = unions(published.n_atoms) @ (published.upper > 0) > 0
    few = (most < k) & ((least >= 1) if zero == "safe" else people)
    wrong, covered = [], 0
    for group in unsafe.groups:
        at = sum(1 << atom for atom in group.atoms) - 1
        covered |= at + 1
        if not (group.proved and few[at] and (group.lower, group.upper) == (least[at], most[at])):
            wrong.append(group)
    sets = (np.flatnonzero(few) + 1).tolist()
    smallest = [one for one in sets if not any(other & one == other != one for other in sets)]
    return wrong + [f"missed {one:b}" for one in smallest if one & ~covered]


def judged(seed, families, count):
    """Judge random releases; return how many were unsafe, and their groups with the minimum count."""
    rng, n_unsafe, recipes, n = np.random.default_rng(seed), 0, [], 0
    while n < count:
        published, counts = random_release(
            rng, families=families, caps=rng.random() < 0.4, intervals=rng.random() < 0.3, most=7
        )
        tables = all_tables(published, most=5_000)
        if tables is None:
            continue
        n += 1
        k, zero = int(rng.integers(2, 7)), "hidden" if rng.random() < 0.2 else "safe"
        unsafe = unsafe_groups(published, k, counts if rng.random() < 0.7 else None, zero=zero)
        assert wrong_claims(published, tables, k, zero, unsafe) == []
        n_unsafe += not unsafe.safe
        recipes += [(group, k) for group in unsafe.groups]
    return n_unsafe, recipes


@pytest.mark.parametrize("families", [3, 4])
def test_every_union_of_atoms_is_judged_as_all_tables_judge_it(families, monkeypatch):
    monkeypatch.setattr(
        many, "_with_recipes", lambda _, group: group
    )  # tested below: they take most of the time
    n_unsafe, _ = judged(families, families, 150)
    assert 30 < n_unsafe < 150


def test_recipes_prove_what_they_say_and_nearly_every_group_has_one():
    _, groups = judged(5, 3, 30)
    told = [(group, k) for group, k in groups if group.recipe is not None]
    assert len(told) > 0.9 * len(groups) > 20
    for group, k in told:
        assert group.upper <= group.recipe.upper < k
        assert group.recipe.lower <= group.lower
        if group.floor is not None:
            assert group.floor.lower == group.lower
