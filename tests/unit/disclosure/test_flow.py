"""A table that agrees with everything published, or none."""

import numpy as np
import pytest
from disclosure_enumeration import all_tables, random_release

from lea_geo.disclosure.prove.bounds import contradiction
from lea_geo.disclosure.prove.flow import feasible_counts
from lea_geo.disclosure.published import NO_LIMIT, Published, build_family


def release(**told):
    """Two postal areas cut by three cells; what is told of postal areas and cells, None where hidden."""
    families = []
    for name, ids in (("postal", "aabb"), ("cell", "1223")):
        known = told.get(name, [None] * len(set(ids)))
        lower = [0 if one is None else one for one in known]
        upper = [NO_LIMIT if one is None else one for one in known]
        families.append(build_family(name, {name: list(ids)}, lower={name: lower}, upper={name: upper}))
    return Published(tuple(families), np.zeros(4, np.int64), np.full(4, NO_LIMIT))


def test_the_only_table_that_agrees_is_found():
    # a = 7 of which cell 1 holds 3, so 4 of a lie in cell 2; cell 2 holds 6, so 2 of b do; cell 3 the rest.
    assert feasible_counts(release(postal=[7, 5], cell=[3, 6, 3])).tolist() == [3, 4, 2, 3]


def test_hidden_areas_take_what_is_left():
    counts = feasible_counts(release(postal=[7, 5], cell=[None, 6, None]))
    assert counts[:2].sum() == 7
    assert counts[2:].sum() == 5
    assert counts[1:3].sum() == 6


@pytest.mark.parametrize("families", range(5))
def test_a_table_is_found_for_any_number_of_families_and_is_one_of_all(families):
    for seed in range(40):
        published, _ = random_release(
            np.random.default_rng(seed), families=families, caps=True, intervals=True
        )
        counts, tables = feasible_counts(published), all_tables(published)
        assert published.agrees(counts)
        assert tables is None or (tables == counts).all(axis=1).any()


def test_the_same_table_is_found_again():
    published = random_release(np.random.default_rng(5), caps=True)[0]
    assert feasible_counts(published).tobytes() == feasible_counts(published).tobytes()


def test_numbers_that_contradict_each_other_have_no_table_and_are_named():
    published = release(postal=[7, 5], cell=[3, 2, 3])  # a lies in cells 1 and 2, which hold 5
    assert feasible_counts(published) is None
    recipe = contradiction(published)
    assert (recipe.add, recipe.subtract, recipe.total) == (("postal a",), ("cell 1", "cell 2"), 2)


def test_only_the_numbers_that_contradict_each_other_are_named():
    published = release(postal=[7, 5], cell=[9, None, 3])  # cell 1 lies in a, and holds more
    assert feasible_counts(published) is None
    recipe = contradiction(published)
    assert (recipe.add, recipe.subtract, recipe.total) == (("cell 1",), ("postal a",), 2)


def test_a_hidden_cell_settles_what_would_contradict():
    assert contradiction(release(postal=[7, 5], cell=[None, 2, 3])) is None


def test_contradictions_of_random_releases_are_those_without_a_table():
    found = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        published, _ = random_release(rng, caps=bool(seed % 2), intervals=bool(seed // 2 % 2))
        shifted = published.families[0]
        lower = shifted.lower + (rng.random(len(shifted.lower)) < 0.4) * (shifted.lower == shifted.upper)
        family = type(shifted)(
            shifted.name,
            shifted.leaf,
            shifted.parent,
            lower,
            np.maximum(lower, shifted.upper),
            shifted.ids,
        )
        changed = Published((family, *published.families[1:]), published.lower, published.upper)
        tables = all_tables(changed)
        if tables is None:
            continue
        recipe = contradiction(changed)
        assert (len(tables) == 0) == (recipe is not None) == (feasible_counts(changed) is None)
        if recipe is not None:
            found += 1
            known = dict(zip(family.ids, zip(family.lower, family.upper, strict=True), strict=True))
            for other in changed.families[1:]:
                known |= dict(zip(other.ids, zip(other.lower, other.upper, strict=True), strict=True))
            for atom in range(changed.n_atoms):
                known[f"atom {atom}"] = (changed.lower[atom], changed.upper[atom])
            more = sum(known[one][0] for one in recipe.add) - sum(known[one][1] for one in recipe.subtract)
            assert more == recipe.lower > 0
    assert found > 20


def test_a_lower_bound_over_the_upper_one_contradicts_itself():
    published = release(postal=[7, 5])
    family = build_family(
        "post", {"postal": list("aabb")}, lower={"postal": [4, 0]}, upper={"postal": [3, 9]}
    )
    wrong = Published((family,), published.lower, published.upper)
    assert feasible_counts(wrong) is None
    assert contradiction(wrong).add == ("postal a",)
