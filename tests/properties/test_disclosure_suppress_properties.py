"""Whatever is published after suppression, an audit finds nobody in it; and nothing cheaper would do."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lea_geo.disclosure.protect.suppress import suppress
from lea_geo.disclosure.prove.certificate import certify
from lea_geo.disclosure.prove.many import unsafe_groups as unsafe_of_many
from lea_geo.disclosure.prove.unsafe import unsafe_groups
from lea_geo.disclosure.published import Family, Published, build_family

FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def worlds(draw, *, n_families: int = 2, most: int = 14) -> tuple[np.ndarray, list[Family]]:
    """Up to fourteen atoms under trees of one to three levels."""
    n = draw(st.integers(2, most))
    x = np.array(draw(st.lists(st.integers(0, 8), min_size=n, max_size=n)))
    families = []
    for at in range(n_families):
        leaves = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
        levels = {f"level{at}0": [str(one) for one in leaves]}
        for step in range(1, draw(st.integers(1, 3))):
            levels[f"level{at}{step}"] = [str(one // (2 * step)) for one in leaves]
        families.append(build_family(f"family{at}", levels))
    return x, families


def unprotected_by_linear_programs(published: Published, x, k: int) -> list[int]:
    """The atoms of 1 to k - 1 that no table gives k, each by a linear program of scipy's.

    Two trees make a totally unimodular system, whose linear optimum is the largest whole number.
    """
    rows, found = [], []
    for family in published.families:
        inside = np.array([family.totals(atom) for atom in np.eye(len(x), dtype=np.int64)]).T
        rows.append(inside[family.published])
    matrix = np.concatenate(rows)
    for atom in np.flatnonzero((x > 0) & (x < k)):
        aim = np.zeros(len(x))
        aim[atom] = -1.0
        limits = [(0, k if at == atom else None) for at in range(len(x))]
        best = linprog(aim, A_eq=matrix, b_eq=matrix @ x, bounds=limits) if len(matrix) else None
        if best is not None and -best.fun < k - 1e-6:
            found.append(int(atom))
    return found


@FEW
@given(worlds(), st.integers(2, 6))
def test_no_linear_program_and_no_audit_finds_anybody(world, k: int):
    x, families = world
    found = suppress(x, families, k=k)
    assert found.published.agrees(x)
    assert unprotected_by_linear_programs(found.published, x, k) == []
    assert unsafe_groups(found.published, k).safe
    assert certify(found.published, k).proved


@FEW
@given(worlds(), st.integers(2, 6))
def test_the_choice_is_proved_to_be_the_cheapest_and_none_of_it_can_be_left_out(world, k: int):
    x, families = world
    found = suppress(x, families, k=k)
    assert found.cost <= found.bound + 1e-6
    for at, some in enumerate(found.secondary):
        for area in np.flatnonzero(some):
            fewer = [marks.copy() for marks in found.hidden]
            fewer[at][area] = False
            shown = suppress(x, families, k=k, already=fewer)
            assert any(np.any(now & ~before) for now, before in zip(shown.hidden, fewer, strict=True))


@FEW
@given(worlds(), st.integers(2, 6), st.randoms(use_true_random=False))
def test_the_order_of_atoms_and_families_changes_nothing(world, k: int, random):
    x, families = world
    order = np.array(random.sample(range(len(x)), len(x)))
    turned = [Family(f.name, f.leaf[order], f.parent, f.lower, f.upper, f.ids) for f in families][::-1]
    one, other = suppress(x, families, k=k), suppress(x[order], turned, k=k)
    for mine, theirs in zip(one.hidden, other.hidden[::-1], strict=True):
        np.testing.assert_array_equal(mine, theirs)


@FEW
@given(worlds(), st.integers(2, 6))
def test_where_zeros_are_hidden_no_audit_finds_an_empty_place(world, k: int):
    x, families = world
    found = suppress(x, families, k=k, zero="hidden")
    assert unsafe_groups(found.published, k, zero="hidden").safe


@FEW
@given(worlds(), st.integers(2, 6), st.data())
def test_known_populations_are_no_help_to_anybody(world, k: int, data):
    x, families = world
    spare = np.array(data.draw(st.lists(st.integers(0, 9), min_size=len(x), max_size=len(x))))
    caps = x + spare
    area_caps = [family.totals(caps) for family in families]
    found = suppress(x, families, k=k, caps=caps, area_caps=area_caps)
    assert unsafe_groups(found.published, k).safe


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(n_families=3, most=9), st.integers(2, 5))
def test_three_families_are_protected_together(world, k: int):
    x, families = world
    found = suppress(x, families, k=k)
    assert unsafe_of_many(found.published, k).safe
