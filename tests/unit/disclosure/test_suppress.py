"""Suppression: everybody is protected, at the least cost, and always by the same areas."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from lea_geo.disclosure.protect.suppress import Suppression, suppress
from lea_geo.disclosure.prove.many import unsafe_groups as unsafe_of_many
from lea_geo.disclosure.prove.unsafe import unsafe_groups
from lea_geo.disclosure.published import ROOT, Family, Published, build_family
from lea_geo.errors import UsageError, ValuesError


def family_of(name: str, *levels: list[int]) -> Family:
    return build_family(name, {f"{name}{at}": [f"{one:03}" for one in ids] for at, ids in enumerate(levels)})


def every_table(largest: int, n_atoms: int) -> np.ndarray:
    return np.array(list(product(range(largest + 1), repeat=n_atoms)), dtype=np.int64)


def is_protected(tables: np.ndarray, families: list[Family], published: list[np.ndarray], x, k: int) -> bool:
    """Whether no union of atoms holds between 1 and k - 1 in every table that agrees, by looking at all."""
    for family, shown in zip(families, published, strict=True):
        totals = np.array([family.totals(table) for table in tables])
        tables = tables[np.all(totals[:, shown] == family.totals(x)[shown], axis=1)]
    for size in range(1, len(x) + 1):
        for union in combinations(range(len(x)), size):
            held = tables[:, union].sum(axis=1)
            if held.min() >= 1 and held.max() < k:
                return False
    return True


def cheapest_by_trying_all(x, families: list[Family], k: int) -> float:
    """The least people and areas that must be hidden beyond the small ones, over every choice there is."""
    tables = every_table(int(x.max()) + k, len(x))
    totals = [family.totals(x) for family in families]
    small = [(some > 0) & (some < k) for some in totals]
    open_areas = [(at, area) for at, some in enumerate(small) for area in np.flatnonzero(~some)]
    costs = [float(totals[at][area]) + 1 for at, area in open_areas]
    best = np.inf
    for chosen in product((False, True), repeat=len(open_areas)):
        cost = sum(cost for cost, one in zip(costs, chosen, strict=True) if one)
        if cost >= best:
            continue
        shown = [~some for some in small]
        for (at, area), one in zip(open_areas, chosen, strict=True):
            shown[at][area] = not one
        if is_protected(tables, families, shown, x, k):
            best = cost
    return best


@pytest.mark.parametrize("seed", range(25))
def test_no_choice_of_areas_protects_a_small_world_at_less(seed: int):
    rng = np.random.default_rng(seed)
    x = rng.choice([0, 1, 1, 2, 3, 5], 4)
    cells, posts = np.sort(rng.integers(0, 3, 4)), rng.integers(0, 3, 4)
    families = [family_of("cell", cells.tolist()), family_of("post", posts.tolist(), [0] * 4)]
    found = suppress(x, families, k=3)
    assert found.cost == cheapest_by_trying_all(x, families, 3)
    assert is_protected(every_table(int(x.max()) + 3, 4), families, [~some for some in found.hidden], x, 3)
    assert found.bound == found.cost


def town(seed: int, side: int = 12, mean: float = 15.0) -> tuple[np.ndarray, list[Family], np.ndarray]:
    """A town of square cells, some of them cut by the border of two postal areas, in two municipalities."""
    rng = np.random.default_rng(seed)
    cell = np.arange(side * side)
    row, column = np.divmod(cell, side)
    post = row // 3 * 10 + column // 3
    cut = np.flatnonzero((rng.random(side * side) < 0.4) & (row < side - 3) & (column < side - 3))
    cell = np.concatenate([cell, cut])
    post = np.concatenate([post, post[cut] + rng.choice([1, 10], len(cut))])
    x = rng.poisson(mean * rng.gamma(1.0, 1.0, len(cell)))
    square = cell // side // 4 * 100 + cell % side // 4
    families = [
        family_of("cell", cell.tolist(), square.tolist()),
        family_of("post", post.tolist(), (post // 20).tolist()),
    ]
    never = np.array([name.startswith("post1") for name in families[1].ids])
    return x, families, never


@pytest.mark.parametrize(("seed", "k"), [(seed, k) for seed in range(6) for k in (5, 10)])
def test_an_audit_finds_nobody_in_what_is_left(seed: int, k: int):
    x, families, never = town(seed)
    found = suppress(x, families, k=k, never=[None, never])
    assert unsafe_groups(found.published, k).safe
    assert found.published.agrees(x)
    assert not np.any(found.hidden[1][never])


def shown_again(found: Suppression, family: int, area: int) -> Published:
    """What is published where one hidden area is not."""
    families = list(found.published.families)
    upper, lower = families[family].upper.copy(), families[family].lower.copy()
    upper[area] = lower[area] = found.totals[family][area]
    families[family] = replace(families[family], lower=lower, upper=upper)
    return replace(found.published, families=tuple(families))


def test_without_its_secondary_areas_an_audit_finds_somebody():
    x, families, _ = town(3)
    found = suppress(x, families, k=10)
    assert found.cost > 0
    for at, some in enumerate(found.secondary):
        for area in np.flatnonzero(some):
            assert not unsafe_groups(shown_again(found, at, area), 10).safe


def shuffled(x, families: list[Family], rng: np.random.Generator) -> tuple[np.ndarray, list[Family]]:
    """The same world with atoms, areas of a level and families in another order."""
    atoms = rng.permutation(len(x))
    moved = []
    for family in families:
        depth = np.where(family.parent == ROOT, 1, 0)
        order = np.lexsort((rng.random(len(depth)), depth))
        place = np.argsort(order)
        parent = family.parent[order]
        moved.append(
            Family(
                family.name, place[family.leaf[atoms]], np.where(parent == ROOT, ROOT, place[parent]),
                family.lower[order], family.upper[order], tuple(family.ids[one] for one in order),
            )
        )  # fmt: skip
    return x[atoms], moved[::-1] if rng.random() < 0.5 else moved


def hidden_names(found: Suppression) -> set[str]:
    return {
        name
        for family, gone in zip(found.published.families, found.hidden, strict=True)
        for name, one in zip(family.ids, gone, strict=True)
        if one
    }


def test_twenty_runs_in_twenty_orders_hide_the_same_areas():
    x, families, _ = town(5)
    rng = np.random.default_rng(1)
    expected = hidden_names(suppress(x, families, k=10))
    assert len(expected) > 20
    for _ in range(20):
        assert hidden_names(suppress(*shuffled(x, families, rng), k=10)) == expected


def test_the_costs_that_are_asked_for_are_what_is_kept_low():
    x, families, _ = town(5)
    people, cells = (suppress(x, families, k=10, costs=costs) for costs in ("people", "cells"))
    count = {one.costs: sum(int(some.sum()) for some in one.secondary) for one in (people, cells)}
    assert cells.cost == count["cells"] <= count["people"]
    lost = [
        sum(float((total[some] + 1).sum()) for total, some in zip(one.totals, one.secondary, strict=True))
        for one in (people, cells)
    ]
    assert people.cost == lost[0] <= lost[1]
    given = suppress(x, families, k=10, costs=[total + 1.0 for total in people.totals])
    assert hidden_names(given) == hidden_names(people)
    assert given.costs == "given"


def test_what_is_hidden_already_stays_hidden_and_costs_nothing():
    x, families, _ = town(5)
    first = suppress(x, families, k=10)
    again = suppress(x, families, k=10, already=first.hidden)
    assert again.cost == 0
    assert hidden_names(again) == hidden_names(first)
    assert again.account["already_areas"].sum() == sum(int(some.sum()) for some in first.hidden)


def test_an_area_that_lies_in_a_hidden_level_is_not_asked_for_again():
    x, families, _ = town(5)
    squares = np.array([name.startswith("cell1") for name in families[0].ids])
    free = suppress(x, families, k=10, fixed=[squares, None])
    assert np.all(free.hidden[0][squares])
    assert not np.any(free.primary[0][squares])
    assert not np.any(free.secondary[0][squares])
    assert free.cost < suppress(x, families, k=10, never=[squares, None]).cost


def test_two_cells_and_a_postal_area_that_share_a_small_piece():
    """Cells of 30 and 23, postal areas of 50 and 3: 30 + 23 - 50 is 3, so one of the three is hidden."""
    families = [family_of("cell", [1, 2, 2]), family_of("post", [1, 1, 2])]
    found = suppress([30, 20, 3], families, k=10)
    assert hidden_names(found) == {"post0 002", "cell0 002"}
    assert (found.cost, found.bound) == (24.0, 24.0)
    account = found.account.set_index("family")
    assert account.loc["cell", ["areas", "primary_areas", "secondary_areas"]].tolist() == [2, 0, 1]
    assert account.loc["cell", "secondary_people"] == 23
    assert account.loc["post", ["primary_people", "share_of_areas"]].tolist() == [3, 0.5]


def test_one_family_is_protected_against_subtracting_its_own_totals():
    """Of a town of 60 the districts of 25 and 32 leave 3."""
    family = family_of("district", [1, 2, 3], [0, 0, 0])
    found = suppress([25, 32, 3], [family], k=5)
    assert hidden_names(found) == {"district0 003", "district0 001"}


def test_areas_that_may_not_be_hidden_are_named_with_what_would_help():
    families = [family_of("cell", [1, 2, 2]), family_of("post", [1, 1, 2])]
    never = [np.array([True, True]), np.array([True, False])]
    with pytest.raises(ValuesError, match="1") as caught:
        suppress([30, 20, 3], families, k=10, never=never)
    text = str(caught.value)
    assert "groups of fewer than 10 that areas which may not be hidden give away" in text
    assert "let these be hidden: cell0 002" in text


def test_a_small_area_that_may_not_be_hidden_is_named():
    families = [family_of("cell", [1, 2, 2]), family_of("post", [1, 1, 2])]
    with pytest.raises(ValuesError, match=r"areas that hold fewer than 10 .*\(post0 002\)"):
        suppress([30, 20, 3], families, k=10, never=[None, np.array([False, True])])


def test_three_families_give_away_together_what_no_two_of_them_do():
    """Eight corners of a cube, of which every edge is published: the sum of two corners.

    With all edges in three directions one number is left free: t more at the corners of even parity, t fewer
    at the odd ones. Corners 0 (even) and 7 (odd) hold 2 + t and 1 - t: 3 together, whatever t is.
    """
    x = np.array([2, 9, 9, 9, 9, 9, 9, 1])
    edges = [family_of(f"edge{bit}", [corner & ~(1 << bit) for corner in range(8)]) for bit in range(3)]
    for two in combinations(edges, 2):
        assert suppress(x, two, k=5).cost == 0
    found = suppress(x, edges, k=5)
    assert unsafe_of_many(found.published, 5).safe
    assert found.cost == found.bound == 33.0, "three edges of 10 people"
    for at, some in enumerate(found.secondary):
        for area in np.flatnonzero(some):
            assert not unsafe_of_many(shown_again(found, at, area), 5).safe


def test_known_populations_take_away_where_people_could_be():
    """Districts of 3 and 3 in a town of 6 can swap people, but not where at most 3 live in the first.

    Then its people cannot be 5 or more, and neither can they be nobody, since the other has room for 4 alone.
    """
    family = family_of("district", [1, 2], [0, 0])
    assert hidden_names(suppress([3, 3], [family], k=5)) == {"district0 001", "district0 002"}
    caps = [3, 4]
    found = suppress([3, 3], [family], k=5, caps=caps)
    assert hidden_names(found) == {"district0 001", "district0 002", "district1 000"}
    assert unsafe_groups(found.published, 5).safe
    by_area = suppress([3, 3], [family], k=5, area_caps=[np.array([3, 4, 9])])
    assert hidden_names(by_area) == hidden_names(found)
    assert by_area.published.families[0].upper.tolist() == [3, 4, 9]


def test_where_zeros_are_hidden_too_nobody_can_tell_that_a_place_is_empty():
    """A town of 40 in districts of 40 and 0: the empty one and the other are hidden."""
    family = family_of("district", [1, 2], [0, 0])
    found = suppress([40, 0], [family], k=5, zero="hidden")
    assert hidden_names(found) == {"district0 001", "district0 002"}
    assert unsafe_groups(found.published, 5, zero="hidden").safe
    assert hidden_names(suppress([40, 0], [family], k=5)) == set()
    known = suppress([40, 0], [family], k=5, zero="hidden", caps=[100, 0])
    assert hidden_names(known) == set()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"counts": [1.5, 2.0, 3.0]}, "whole numbers"),
        ({"counts": [-1, 2, 3]}, "below 0"),
        ({"k": 1}, "k is 1"),
        ({"zero": "shown"}, "zero is 'shown'"),
        ({"costs": "areas"}, "costs is 'areas'"),
        ({"costs": [[1.0], [1.0, 1.0]]}, "costs of family 'cell' must be 2"),
        ({"costs": [[1.0, np.nan], [1.0, 1.0]]}, "finite"),
        ({"never": [[True, False]]}, "never holds 1 entries"),
        ({"never": [[1, 0], None]}, "2 of True and False"),
        ({"families": []}, "families is empty"),
        ({"caps": [30, 20]}, "caps holds 2 numbers"),
        ({"caps": [29, 20, 3]}, "hold more than their caps"),
        ({"area_caps": [[30, 22], None]}, r"hold more than their caps: 1 of 2 \(cell0 002\)"),
        ({"area_caps": [None]}, "area_caps holds 1 entries"),
        ({"area_caps": [[30], None]}, "must be 2 whole numbers"),
        ({"zero": "hidden", "caps": [30, 20, 9]}, "known population is below 10"),
        ({"counts": [30, 20]}, "places 3 atoms; there are 2"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(options: dict, message: str):
    families = [family_of("cell", [1, 2, 2]), family_of("post", [1, 1, 2])]
    given = {"counts": [30, 20, 3], "families": families, "k": 10, **options}
    with pytest.raises((UsageError, ValuesError), match=message):
        suppress(given.pop("counts"), given.pop("families"), **given)


def test_what_is_fixed_must_agree_with_the_counts():
    cells = build_family("cell", {"cell": ["1", "2", "2"]}, lower={"cell": [31, 0]}, upper={"cell": [31, 99]})
    with pytest.raises(ValuesError, match=r"other counts than what is fixed of them: 1 of 2 \(cell 1\)"):
        suppress([30, 20, 3], [cells], k=10, fixed=[np.array([True, True])])
