"""Controlled rounding: every published total a multiple of a base, and still the sum of its parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import check_count, check_seed
from lea_geo._checks.disclosure_protect import check_atoms, check_unbiased
from lea_geo.disclosure.protect.rounding_cycles import shift_at_random
from lea_geo.disclosure.protect.rounding_nearest import nearest_steps
from lea_geo.disclosure.protect.utility import UtilityLost, account_of
from lea_geo.disclosure.published import NO_LIMIT, Family, Published

if TYPE_CHECKING:
    from collections.abc import Sequence

    from libpysal.graph import Graph
    from numpy.typing import ArrayLike, NDArray

    from lea_geo.spatial.graph import AreaGraph

MOST_FAMILIES = 2
"""Two trees of areas make a network, in which whole numbers lie between any two that are no multiples."""


@dataclass(frozen=True, kw_only=True)
class ControlledRounding:
    """Rounded totals that add up, and what was changed."""

    table: pd.DataFrame
    """Indexed by ``area``, as the families call it: ``family count rounded change``. Counts are not for
    others."""
    atoms: NDArray[np.int64]
    """Rounded counts of the atoms, of which every rounded total is the sum; shape (atoms,)."""
    published: Published
    """What an attacker can prove of each total: that it is less than one ``base`` away."""
    base: int
    restricted: bool
    """Whether every total is less than one ``base`` from its count and multiples are as they were. For three
    families or more there may be no such table; then totals go beyond by as few bases in all as can be."""
    greatest_change: int
    """The largest change of a total."""
    mean_change: float
    """The mean of the changes without their signs, over all totals."""
    seed: int | None
    """The seed of unbiased rounding; None: the nearest table."""

    def account(
        self, kind: str, graph: AreaGraph | Graph, *, fdr: float = 0.05, correction: str = "bh"
    ) -> UtilityLost:
        """Return what is lost of one kind of areas, whose neighbours the graph knows by their ids.

        Parameters
        ----------
        kind
            As the families call it: ``"postal"``.
        graph
            Whose ids are those of the areas, without their kind.
        fdr, correction
            As in :func:`~lea_geo.disclosure.protect.utility.utility_lost`.
        """
        return account_of(self.table, kind, "rounded", graph, fdr=fdr, correction=correction)


def controlled_rounding(
    counts: ArrayLike, families: Sequence[Family], *, base: int, seed: int | None = None
) -> ControlledRounding:
    r"""Round the totals of all areas to multiples of a base, so that they still add up.

    Every rounded total is the sum of the rounded totals of the areas within it, over all families. Rounding
    is *zero-restricted*: a multiple of the base stays, any other count goes to the multiple below or above.
    One or two families make a network, in which such a table always exists (Cox 1987; Bacharach 1966); for
    three there may be none (Causey, Cox and Ernst 1985), which ``restricted`` says.

    Without a seed the sum of all changes, of totals and of atoms, is the least that can be (linear
    programming, which gives whole numbers on a network; integer programming for three families or more).
    With a seed the rounding is *unbiased*: every total is its count on average over the seeds. Cycles of
    values that are no multiples are moved one way or the other, at odds that leave the mean (Cox 1987).

    Parameters
    ----------
    counts
        Whole numbers of 0 or more, one for each atom.
    families
        The areas whose totals are published; what they say to be published is ignored.
    base
        The totals become multiples of it. A total of ``base`` can be anything from 1 to 2 base - 1, so a base
        of at least (k + 1) / 2 keeps one total by itself from proving 1 to k - 1; the audit of ``published``
        says whether several totals together do.
    seed
        Left out: the nearest table, the same at every call. Given: unbiased; for one or two families.

    Returns
    -------
    ControlledRounding
        The same for the same families, in whatever order the atoms are.

    Raises
    ------
    UsageError
        If the base is below 2, or three families are to be rounded without bias.
    ValuesError
        If counts are not whole numbers, or not one for each atom of the families.

    References
    ----------
    Cox (1987), https://doi.org/10.1080/01621459.1987.10478456
    Causey, Cox and Ernst (1985), https://doi.org/10.2307/2288551
    Bacharach (1966), https://doi.org/10.1287/mnsc.12.9.732

    Examples
    --------
    >>> from lea_geo.disclosure.published import build_family
    >>> towns = build_family("towns", {"part": ["a", "b", "c"], "town": ["t", "t", "t"]})
    >>> controlled_rounding([4, 4, 4], [towns], base=5).table["rounded"].to_dict()
    {'part a': 5, 'part b': 5, 'part c': 5, 'town t': 15}
    """
    check_count("base", base, least=2)
    found = check_atoms(counts, [(family.name, len(family.leaf)) for family in families])
    order = _canonical(found, families)
    ordered = [replace(family, leaf=family.leaf[order]) for family in families]
    if seed is None:
        rounded, restricted = nearest_steps(found[order], ordered, base)
    else:
        check_unbiased(len(families), MOST_FAMILIES)
        rounded, restricted = shift_at_random(found[order], ordered, base, check_seed(seed)), True
    atoms = np.empty_like(found)
    atoms[order] = rounded
    return _result(found, atoms, families, base, restricted=restricted, seed=seed)


def _canonical(counts: NDArray[np.int64], families: Sequence[Family]) -> NDArray[np.intp]:
    """Return the atoms in an order that does not depend on the one they were given in."""
    ranks = [np.argsort(np.argsort(np.array(family.ids)))[family.leaf] for family in families]
    return np.lexsort([counts, *reversed(ranks)])


def _result(
    counts: NDArray[np.int64],
    atoms: NDArray[np.int64],
    families: Sequence[Family],
    base: int,
    *,
    restricted: bool,
    seed: int | None,
) -> ControlledRounding:
    parts = [
        pd.DataFrame(
            {"family": family.name, "count": family.totals(counts), "rounded": family.totals(atoms)},
            index=pd.Index(family.ids, name="area", dtype="str"),
        )
        for family in families
    ]
    table = pd.concat(parts)
    table["change"] = table["rounded"] - table["count"]
    sizes = table["change"].abs()
    greatest = int(sizes.max())
    # Who reads the release knows the base, and of a table that goes further, how far.
    reach = base - 1 if restricted else max(greatest, base - 1)
    empty, endless = np.zeros(len(counts), dtype=np.int64), np.full(len(counts), NO_LIMIT, dtype=np.int64)
    known = tuple(_intervals(family, family.totals(atoms), reach) for family in families)
    return ControlledRounding(
        table=table,
        atoms=atoms,
        published=Published(known, empty, endless),
        base=base,
        restricted=restricted,
        greatest_change=greatest,
        mean_change=float(sizes.mean()),
        seed=seed,
    )


def _intervals(family: Family, rounded: NDArray[np.int64], reach: int) -> Family:
    return replace(family, lower=np.maximum(rounded - reach, 0), upper=rounded + reach)
