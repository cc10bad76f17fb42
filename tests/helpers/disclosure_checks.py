"""What bounds, groups, recipes and certificates say of a small release, against every table behind it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from disclosure_enumeration import all_tables, known, membership, random_release, union_bounds, unions

from lea_geo.disclosure.prove.bounds import area_bounds, atom_bounds, group_bounds, unsafe_groups
from lea_geo.disclosure.prove.certificate import certify
from lea_geo.disclosure.prove.flow import feasible_counts
from lea_geo.disclosure.prove.verify_certificate import verify

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.prove.bounds import UnsafeGroup
    from lea_geo.disclosure.published import Published

    Ends = tuple[NDArray[np.int64], NDArray[np.int64]]


def check_seed(seed: int) -> Counter[str]:
    """Make up a release of two families or fewer, with or without caps and intervals; check all of it."""
    rng = np.random.default_rng(seed)
    published, counts = random_release(
        rng, families=int(rng.integers(0, 3)), caps=bool(seed % 2), intervals=bool(seed // 2 % 2)
    )
    k = int(rng.integers(2, 7))
    tables = all_tables(published)
    if tables is None:
        return Counter(too_large=1)
    assert (tables == counts).all(axis=1).any()
    check_bounds(published, tables)
    ends = union_bounds(tables)
    return check_groups(published, k, tables, ends) + check_certificate(published, k, ends)


def check_bounds(published: Published, tables: NDArray[np.int64]) -> None:
    """Hold the bounds of atoms and areas against all tables, from two base tables."""
    found = feasible_counts(published)
    assert found is not None
    assert (tables == found).all(axis=1).any()
    sums = tables @ membership(published).T
    for base in (found, tables[-1]):
        lower, upper = atom_bounds(published, base)
        assert lower.tolist() == tables.min(axis=0).tolist()
        assert upper.tolist() == tables.max(axis=0).tolist()
    ends = [area_bounds(published, family, found) for family in range(len(published.families))]
    for side, true in enumerate((sums.min(axis=0), sums.max(axis=0))):
        assert [bound for pair in ends for bound in pair[side].tolist()] == true.tolist()


def check_groups(published: Published, k: int, tables: NDArray[np.int64], ends: Ends) -> Counter[str]:
    """Hold the unsafe groups against the ends of all unions of atoms."""
    least, most = ends
    unsafe = (least >= 1) & (most < k)
    rows = membership(published)
    alone = {_members(row) for row in (*np.eye(published.n_atoms, dtype=np.int64), *rows)} - {()}
    found = unsafe_groups(published, k)
    assert found.safe == (not unsafe.any())
    for group in found.groups:
        at = _number(group.atoms)
        assert unsafe[at]
        assert group.proved
        assert 1 <= group.lower <= least[at] <= most[at] <= group.upper < k
        assert group.atoms not in alone or (group.lower, group.upper) == (least[at], most[at])
        check_recipe(published, group, tables)
    assert {one for one in alone if unsafe[_number(one)]} <= {group.atoms for group in found.groups}
    held = unions(published.n_atoms) @ np.minimum(published.upper, 1) > 0
    hidden = unsafe_groups(published, k, zero="hidden")
    assert hidden.safe == (not np.any((most < k) & held))
    return Counter({"unsafe" if unsafe.any() else "safe": 1, "groups": len(found.groups)})


def check_recipe(published: Published, group: UnsafeGroup, tables: NDArray[np.int64]) -> None:
    """Do what the recipe says in every table: add, subtract, and hold it against the group."""
    if group.recipe is None:
        return
    names = [one for family in published.families for one in family.ids]
    rows, (lower, upper) = membership(published), known(published)
    values = {name: (rows[at] @ tables.T, lower[at], upper[at]) for at, name in enumerate(names)}
    for atom in range(published.n_atoms):
        values[f"atom {atom}"] = (tables[:, atom], published.lower[atom], published.upper[atom])
    left, most = 0, 0
    for sign, ids, end in ((1, group.recipe.add, 2), (-1, group.recipe.subtract, 1)):
        for name in ids:
            left = left + sign * values[name][0]
            most += int(sign * values[name][end])
    assert most == group.recipe.upper >= group.upper
    held = tables[:, list(group.atoms)].sum(axis=1)
    if group.recipe.total is None:
        assert np.all(held <= most)
    else:
        assert np.all(left == group.recipe.total)
        assert group.lower <= held.min() <= held.max() <= group.recipe.total


def check_certificate(published: Published, k: int, ends: Ends) -> Counter[str]:
    """Hold certificates against the verifier and the ends of all unions of atoms."""
    least, most = ends
    unsafe = bool(np.any((least >= 1) & (most < k)))
    counted: Counter[str] = Counter()
    for zero in ("safe", "hidden"):
        certificate = certify(published, k, zero=zero)
        assert certificate.proved == (not verify(certificate.as_dict()))
        held = unions(published.n_atoms) @ np.minimum(published.upper, 1) > 0
        bad = unsafe if zero == "safe" else bool(np.any((most < k) & held))
        assert not (bad and certificate.proved)
        counted[f"{zero}: {'proved' if certificate.proved else 'unsafe' if bad else 'no proof'}"] += 1
    return counted


def check_some_groups(published: Published, tables: NDArray[np.int64], rng: np.random.Generator) -> None:
    """Hold the bounds of some groups, found by integer programming, against all tables."""
    chosen = unions(published.n_atoms)[rng.integers(2**published.n_atoms - 1, size=3)]
    lower, upper = group_bounds(published, [np.flatnonzero(row) for row in chosen])
    sums = tables @ chosen.T
    assert lower.tolist() == sums.min(axis=0).tolist()
    assert upper.tolist() == sums.max(axis=0).tolist()


def _members(row: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(np.flatnonzero(row).tolist())


def _number(atoms: tuple[int, ...]) -> int:
    return sum(1 << atom for atom in atoms) - 1
