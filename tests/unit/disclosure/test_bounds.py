"""What an attacker can prove of atoms, areas and groups, and how."""

from dataclasses import replace

import numpy as np
import pytest
from disclosure_checks import check_some_groups
from disclosure_enumeration import all_tables, random_release

from lea_geo.disclosure.prove import unsafe
from lea_geo.disclosure.prove.bounds import Recipe, area_bounds, atom_bounds, group_bounds, unsafe_groups
from lea_geo.disclosure.published import NO_LIMIT, Published, build_family
from lea_geo.errors import ValuesError

HIDDEN = (0, NO_LIMIT)


def release(levels, told, *, upper=None):
    """What is published of families given as ``{family: {kind: ids of the atoms' areas}}``."""
    families = []
    for name, kinds in levels.items():
        ends = {
            kind: [told.get(f"{kind} {one}", HIDDEN) for one in sorted(set(ids))]
            for kind, ids in kinds.items()
        }
        ends = {
            kind: [one if isinstance(one, tuple) else (one, one) for one in some]
            for kind, some in ends.items()
        }
        lower, most = ({kind: [one[side] for one in some] for kind, some in ends.items()} for side in (0, 1))
        families.append(build_family(name, kinds, lower=lower, upper=most))
    n = len(families[0].leaf)
    caps = np.full(n, NO_LIMIT) if upper is None else np.array(upper, dtype=np.int64)
    return Published(tuple(families), np.zeros(n, np.int64), caps)


CROSSED = {"post": {"postal": list("aabb")}, "grid": {"cell": list("1223")}}
"""Atom 0 is a in cell 1, 1 is a in cell 2, 2 is b in cell 2, 3 is b in cell 3."""


def told(bounds):
    return [pair.tolist() for pair in bounds]


def test_a_postal_area_less_its_cell_discloses_the_sliver_that_is_left():
    published = release(CROSSED, {"postal a": 12, "cell 1": 10})
    assert told(atom_bounds(published)) == [[10, 2, 0, 0], [10, 2, NO_LIMIT, NO_LIMIT]]
    found = unsafe_groups(published, 5)
    assert [(group.atoms, group.lower, group.upper) for group in found.groups] == [((1,), 2, 2)]
    recipe = found.groups[0].recipe
    assert (recipe.add, recipe.subtract, recipe.total) == (("postal a",), ("cell 1",), 2)
    assert str(recipe) == "Publish these values and subtract: postal a - cell 1 = 2."


def test_a_hidden_cell_hides_the_sliver():
    published = release(CROSSED, {"postal a": 12, "cell 2": 30})
    assert told(atom_bounds(published)) == [[0, 0, 18, 0], [12, 12, 30, NO_LIMIT]]
    assert unsafe_groups(published, 5).safe


def test_a_group_is_disclosed_where_none_of_its_atoms_is():
    # Atoms 1 and 2 are cell 2, a small cell that is published: either may hold all three.
    published = release(CROSSED, {"postal a": 12, "postal b": 20, "cell 2": 3})
    assert told(atom_bounds(published, atoms=[1, 2])) == [[0, 0], [3, 3]]
    assert [(group.atoms, group.upper) for group in unsafe_groups(published, 5).groups] == [((1, 2), 3)]


def test_what_is_nested_is_subtracted_too():
    levels = {"post": {"postal": list("abc"), "town": list("ttt")}}
    published = release(levels, {"town t": 50, "postal a": 20, "postal b": 27})
    (group,) = unsafe_groups(published, 5).groups
    assert (group.atoms, group.lower, group.upper) == ((2,), 3, 3)
    assert (group.recipe.add, group.recipe.subtract) == (("town t",), ("postal a", "postal b"))
    assert told(area_bounds(published, 0)) == [[20, 27, 3, 50], [20, 27, 3, 50]]


def test_a_known_population_caps_an_atom_and_fills_the_other():
    published = release({"post": {"postal": list("aa")}}, {"postal a": 9}, upper=[4, NO_LIMIT])
    assert told(atom_bounds(published)) == [[0, 5], [4, 9]]
    assert unsafe_groups(published, 5).safe
    capped = replace(published, upper=np.array([4, 8]))
    assert told(atom_bounds(capped)) == [[1, 5], [4, 8]]
    (group,) = unsafe_groups(capped, 5).groups
    assert (group.atoms, group.lower, group.upper) == ((0,), 1, 4)
    assert (group.floor.add, group.floor.subtract, group.floor.lower) == (("postal a",), ("atom 1",), 1)


def test_sets_that_no_single_cut_shows_are_found_under_caps():
    # Each of three atoms holds 0 to 1, all three 2: any two of them hold 1 or 2, and each alone may be empty.
    published = release({"post": {"postal": list("aaa")}}, {"postal a": 2}, upper=[1, 1, 1])
    found = unsafe_groups(published, 3)
    assert all(group.lower >= 1 and group.upper <= 2 for group in found.groups)
    assert (0, 1, 2) in {group.atoms for group in found.groups}
    # With a top of 4 and caps of 2, k = 4: pairs hold 2 to 4, singles 0 to 2, all of them 4.
    wider = release({"post": {"postal": list("aaa")}}, {"postal a": 4}, upper=[2, 2, 2])
    assert unsafe_groups(wider, 4).safe


def test_an_interval_on_an_area_bounds_its_atoms():
    published = release({"post": {"postal": list("aa")}}, {"postal a": (3, 4)})
    assert told(atom_bounds(published)) == [[0, 0], [4, 4]]
    assert told(area_bounds(published, 0)) == [[3], [4]]
    (group,) = unsafe_groups(published, 5).groups
    assert (group.atoms, group.lower, group.upper) == ((0, 1), 3, 4)
    assert str(group.recipe) == "Publish these values and subtract: postal a is from 3 to 4."


def test_an_empty_group_is_safe_or_hidden_as_the_rules_say():
    published = release({"post": {"postal": list("ab")}}, {"postal a": 0, "postal b": 9}, upper=[3, 20])
    assert unsafe_groups(published, 5).safe
    hidden = unsafe_groups(published, 5, zero="hidden")
    assert [(group.atoms, group.lower, group.upper) for group in hidden.groups] == [((0,), 0, 0)]
    nobody = replace(published, upper=np.array([0, 20]))
    assert unsafe_groups(nobody, 5, zero="hidden").safe


def test_atoms_alone_are_known_by_their_own_bounds():
    published = Published((), np.array([0, 2]), np.array([NO_LIMIT, 4]))
    assert told(atom_bounds(published)) == [[0, 2], [NO_LIMIT, 4]]
    assert [group.atoms for group in unsafe_groups(published, 5).groups] == [(1,)]


def test_raising_stops_where_it_is_enough():
    published = release(CROSSED, {"postal a": 12, "cell 2": 30})
    lower, upper = atom_bounds(published, atoms=[3, 0], enough=5)
    assert lower.tolist() == [0, 0]
    assert np.all((upper >= 5) & (upper <= [NO_LIMIT, 12]))


@pytest.mark.parametrize("families", range(5))
def test_groups_are_bounded_exactly_for_any_number_of_families(families):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        published, _ = random_release(rng, families=families, caps=bool(seed % 2), intervals=seed > 5, most=6)
        tables = all_tables(published)
        if tables is not None:
            check_some_groups(published, tables, rng)


def test_a_group_that_is_an_area_needs_no_program_and_one_without_limit_has_none():
    published = release(CROSSED, {"postal a": 12, "cell 2": 30})
    groups = [[0, 1], [1, 2], [0, 3], [0, 1, 2, 3]]
    assert told(group_bounds(published, groups)) == [[12, 30, 0, 30], [12, 30, NO_LIMIT, NO_LIMIT]]


def test_bounds_do_not_depend_on_the_table_that_is_given():
    published, counts = random_release(np.random.default_rng(11))
    assert told(atom_bounds(published, counts)) == told(atom_bounds(published))


def test_a_table_that_does_not_agree_is_refused():
    published = release(CROSSED, {"postal a": 12})
    with pytest.raises(ValuesError, match="none that could be behind"):
        atom_bounds(published, np.array([1, 2, 3, 4]))


def test_numbers_that_contradict_each_other_are_refused():
    with pytest.raises(ValuesError, match="contradict each other"):
        unsafe_groups(release(CROSSED, {"postal a": 1, "cell 1": 2}), 5)


def test_three_families_are_refused_by_what_is_exact_for_two():
    published, _ = random_release(np.random.default_rng(1), families=3)
    with pytest.raises(ValuesError, match="there are 3"):
        atom_bounds(published)


def test_what_there_is_no_time_for_is_open_and_nothing_unsafe_is_let_through():
    open_ones = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        published, _ = random_release(rng, caps=bool(seed % 2), intervals=seed > 30, most=6)
        in_time, late = (unsafe_groups(published, 4, seconds=seconds).groups for seconds in (60.0, 0.0))
        assert all(group.proved for group in in_time)
        assert not any(group.proved for group in late)
        assert len(late) >= bool(len(in_time))
        known = {atom for group in late for atom in group.atoms}
        assert all(known.intersection(group.atoms) for group in in_time)
        open_ones += len(late)
    assert open_ones > 20


def test_a_long_search_is_cut_short_when_its_time_is_over():
    # Of each of 12,000 cells it is said that it holds 1 to 4: each is looked at by itself.
    n = 12_000
    levels = {
        "post": {"postal": [f"{at % 6}" for at in range(n)]},
        "grid": {"cell": [f"{at:05}" for at in range(n)]},
    }
    known = {f"cell {at:05}": (1, 4) for at in range(n)} | {f"postal {at}": (4_000, 4_004) for at in range(6)}
    found = unsafe_groups(release(levels, known), 5, seconds=0.05)
    assert {atom for group in found.groups for atom in group.atoms} == set(range(n))
    assert not all(group.proved for group in found.groups)


def test_a_table_with_many_small_atoms_is_replaced_and_tells_the_same(monkeypatch):
    monkeypatch.setattr(unsafe, "MANY", 0)
    given = 0
    for seed in range(60):
        published, counts = random_release(np.random.default_rng(seed), caps=bool(seed % 2))
        assert unsafe_groups(published, 4, counts).safe == unsafe_groups(published, 4).safe
        alone = [
            {(group.atoms, group.lower, group.upper) for group in found.groups if len(group.atoms) == 1}
            for found in (unsafe_groups(published, 4, counts), unsafe_groups(published, 4))
        ]
        assert alone[0] == alone[1]
        given += len(alone[0])
    assert given > 10


def test_groups_are_made_where_they_are_asked_for_the_smallest_first():
    found = unsafe_groups(release(CROSSED, {"cell 1": 3, "cell 3": 2}), 5)
    assert len(found.groups) == 2
    assert found.groups[-1] == found.groups[1] == found.groups[:2][1]
    assert [group.upper for group in found.groups] == [2, 3]


def test_the_table_of_unsafe_groups_holds_one_row_each():
    found = unsafe_groups(release(CROSSED, {"cell 1": 3, "cell 3": 2}), 5)
    assert found.table["atoms"].tolist() == [(3,), (0,)]
    assert found.table["upper"].tolist() == [2, 3]


def test_a_long_recipe_names_the_first_areas_and_counts_the_others():
    ids = tuple(f"cell {number}" for number in range(90))
    assert str(Recipe(("postal 1",), ids, 3, 3)) == (
        "Publish these values and subtract: postal 1 - (cell 0 + cell 1 + cell 2 + cell 3 + 86 more) = 3."
    )
    assert str(Recipe(ids[:2], (), 0, 4)).endswith("cell 0 + cell 1 is at most 4.")
    assert str(Recipe(ids[:1], (), 4, NO_LIMIT)).endswith("cell 0 is at least 4.")
