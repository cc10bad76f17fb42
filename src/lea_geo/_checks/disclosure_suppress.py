"""What suppression can work with, and whom it cannot protect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from lea_geo._checks.faults import Faults
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


class Family(Protocol):
    """What is looked at of a family of areas."""

    @property
    def name(self) -> str: ...
    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def leaf(self) -> NDArray[np.int64]: ...
    @property
    def lower(self) -> NDArray[np.int64]: ...
    @property
    def upper(self) -> NDArray[np.int64]: ...
    def totals(self, counts: NDArray[np.int64]) -> NDArray[np.int64]: ...


NO_LIMIT = 2**60
"""As in ``disclosure.published``."""
HEADING = "These counts cannot be protected by hiding areas."


def check_counts(name: str, values: ArrayLike, n_atoms: int | None = None) -> NDArray[np.int64]:
    """Return whole numbers of at least 0, one an atom."""
    found = np.asarray(values)
    if found.ndim != 1 or not (np.issubdtype(found.dtype, np.integer)):
        raise UsageError(
            f"{name} must be one row of whole numbers; it is {found.dtype} of shape {found.shape}."
        )
    if n_atoms is not None and len(found) != n_atoms:
        raise UsageError(f"{name} holds {len(found)} numbers; there are {n_atoms} atoms.")
    if len(found) and found.min() < 0:
        raise UsageError(f"{name} holds numbers below 0, the lowest {found.min()}.")
    return found.astype(np.int64)


def check_caps(given: ArrayLike, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many each atom can hold, never fewer than it does."""
    caps = check_counts("caps", given, len(counts))
    over = np.flatnonzero(counts > caps)
    faults = Faults()
    if len(over):
        faults.add("atoms hold more than their caps", ids=[f"atom {atom}" for atom in over], of=len(caps))
    faults.raise_if_any(ValuesError, HEADING)
    return caps


def check_area_caps(
    given: Sequence[ArrayLike | None] | None, families: Sequence[Family], counts: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """Return how many each area of each family can hold, without limit where nothing is said."""
    caps = [None] * len(families) if given is None else list(given)
    if len(caps) != len(families):
        raise UsageError(
            f"area_caps holds {len(caps)} entries; give one for each of {len(families)} families."
        )
    faults, found = Faults(), []
    for family, some in zip(families, caps, strict=True):
        cap = np.full(len(family.ids), NO_LIMIT) if some is None else np.asarray(some)
        if not np.issubdtype(cap.dtype, np.integer) or cap.shape != (len(family.ids),):
            raise UsageError(f"area_caps of family {family.name!r} must be {len(family.ids)} whole numbers.")
        over = np.flatnonzero(family.totals(counts) > cap)
        if len(over):
            faults.add(
                f"areas of family {family.name!r} hold more than their caps",
                ids=[family.ids[i] for i in over],
                of=len(cap),
            )
        found.append(cap.astype(np.int64))
    faults.raise_if_any(ValuesError, HEADING)
    return found


def check_families(families: Sequence[Family], n_atoms: int) -> None:
    """Raise unless there are families, and each has every atom in one of its areas."""
    faults = Faults()
    if not families:
        raise UsageError("families is empty; give at least one.")
    for family in families:
        if len(family.leaf) != n_atoms:
            faults.add(f"family {family.name!r} places {len(family.leaf)} atoms; there are {n_atoms}")
        if len(set(family.ids)) < len(family.ids):
            faults.add(
                f"family {family.name!r} calls several areas by one name", cure="Give each its own id."
            )
    names = [family.name for family in families]
    if len(set(names)) < len(names):
        faults.add("several families have one name", ids=names, cure="Give each its own.")
    faults.raise_if_any(ValuesError, "These families cannot be laid over each other.")


def check_flags(
    name: str, given: Sequence[ArrayLike | None] | None, families: Sequence[Family]
) -> list[NDArray[np.bool_]]:
    """Return whether each area of each family is marked; none where nothing is given."""
    marks = [None] * len(families) if given is None else list(given)
    if len(marks) != len(families):
        raise UsageError(
            f"{name} holds {len(marks)} entries; give one for each of the {len(families)} families."
        )
    found = []
    for family, mark in zip(families, marks, strict=True):
        flags = np.zeros(len(family.ids), dtype=bool) if mark is None else np.asarray(mark)
        if flags.dtype != bool or flags.shape != (len(family.ids),):
            raise UsageError(
                f"{name} of family {family.name!r} must be {len(family.ids)} of True and False, one an area."
            )
        found.append(flags)
    return found


def check_costs(given: Sequence[ArrayLike], families: Sequence[Family]) -> list[NDArray[np.float64]]:
    """Return what it costs to hide each area of each family."""
    if len(given) != len(families):
        raise UsageError(
            f"costs holds {len(given)} entries; give one for each of the {len(families)} families."
        )
    found = []
    for family, costs in zip(families, given, strict=True):
        cost = np.asarray(costs, dtype=np.float64)
        if cost.shape != (len(family.ids),) or not np.all(np.isfinite(cost) & (cost >= 0)):
            raise UsageError(
                f"costs of family {family.name!r} must be {len(family.ids)} finite numbers of at least 0."
            )
        found.append(cost)
    return found


def check_fixed(
    families: Sequence[Family], fixed: Sequence[NDArray[np.bool_]], counts: NDArray[np.int64]
) -> None:
    """Raise unless what is fixed agrees with the counts."""
    faults = Faults()
    for family, some in zip(families, fixed, strict=True):
        totals = family.totals(counts)
        wrong = some & ((totals < family.lower) | (totals > family.upper))
        if wrong.any():
            faults.add(
                f"areas of family {family.name!r} hold other counts than what is fixed of them",
                ids=[family.ids[i] for i in np.flatnonzero(wrong)],
                of=int(some.sum()),
            )
    faults.raise_if_any(ValuesError, HEADING)


def refuse_unprotected(
    small: Sequence[str], recipes: Sequence[Sequence[str]], groups: int, minimum: int, too_few: Sequence[str]
) -> None:
    """Raise if somebody stays unprotected whatever may be hidden.

    Parameters
    ----------
    small
        Areas with too few people that may not be hidden.
    recipes
        For each group that cannot be protected the areas that give it away, the cheapest to hide first.
    groups
        How many groups there are in all.
    minimum
        The minimum count.
    too_few
        Atoms whose known population is below the minimum, where also zeros must be hidden.
    """
    faults = Faults()
    if small:
        faults.add(
            f"areas that hold fewer than {minimum} and may not be hidden",
            ids=small,
            cure="Merge each with a neighbour, or let it be hidden.",
        )
    if groups:
        faults.add(
            f"groups of fewer than {minimum} that areas which may not be hidden give away",
            ids=[_shortened(recipe) for recipe in recipes],
            count=groups,
            cure=f"Merge these with neighbours, or let these be hidden: {_shortened(_firsts(recipes))}.",
        )
    if too_few:
        faults.add(
            f"pieces whose known population is below {minimum}: their counts are few, whatever is hidden",
            ids=too_few,
            cure="Hide the population first, and give no caps for these.",
        )
    faults.raise_if_any(ValuesError, HEADING)


def _firsts(recipes: Sequence[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(recipe[0] for recipe in recipes if recipe))


def _shortened(names: Sequence[str]) -> str:
    """Return up to three names and how many there are."""
    listed = ", ".join(names[:3])
    return f"{listed} and {len(names) - 3} more" if len(names) > 3 else listed
