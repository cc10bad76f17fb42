"""A proof that what is published gives no small group away, which another program can check."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.disclosure_bounds import check_counts, check_minimum
from lea_geo._files import write_whole
from lea_geo.disclosure.prove.flow import feasible_counts
from lea_geo.disclosure.prove.many_tables import emptying_table, raising_tables
from lea_geo.disclosure.prove.network import MOST_FAMILIES
from lea_geo.disclosure.prove.verify_certificate import FORMAT, digest
from lea_geo.disclosure.prove.witnesses import Witnesses
from lea_geo.disclosure.published import NO_LIMIT

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Published


@dataclass(frozen=True)
class Certificate:
    """A base table and moves on it: nothing in it says more than what is published.

    A group of which 1 to k - 1 people can be proved holds no atom that has k or more in any table that
    agrees; where all other atoms are 0 in one such table, there is no such group. Holds for any number of
    families.
    """

    published: Published
    minimum_count: int
    zero: str
    base: NDArray[np.int64]
    """A table that agrees with everything published, computed from that alone; one number an atom."""
    witnesses: tuple[NDArray[np.int64], ...]
    """Tables that agree, in which atoms hold k or more: atom, how much more than in the base, atom, ..."""
    zero_moves: NDArray[np.int64]
    """A table that agrees, in which the atoms are 0 that no other table lifts; written in the same way."""
    open: tuple[int, ...] = field(default=())
    """Positions of the atoms that nothing proved safe."""

    @property
    def proved(self) -> bool:
        """Whether this is a proof: nothing is open."""
        return not self.open

    def as_dict(self) -> dict[str, object]:
        """Return what :mod:`lea_geo.disclosure.prove.verify_certificate` reads."""
        published = _as_dict(self.published, self.minimum_count, self.zero)
        return {
            "format": FORMAT,
            "published": published,
            "published_sha256": digest(published),
            "base": self.base.tolist(),
            "witnesses": [moves.tolist() for moves in self.witnesses],
            "zero_moves": self.zero_moves.tolist(),
        }


def certify(
    published: Published,
    k: int,
    counts: NDArray[np.int64] | None = None,
    *,
    zero: str = "safe",
) -> Certificate:
    """Prove that no union of atoms can be shown to hold 1 to k - 1 people, as far as that can be proved.

    Parameters
    ----------
    k
        The minimum count, 2 or more.
    counts
        The base table, which agrees with what is published; computed from what is published where left out.
        It becomes part of the certificate and leaves with it: never give the true counts.
    zero
        ``"safe"``: a group that is provably empty discloses nobody. ``"hidden"``: every atom that may hold
        anybody needs a table that gives it k.

    Returns
    -------
    Certificate
        For one or two families without known populations or intervals it is a proof exactly where no group
        is unsafe. Otherwise no proof of this kind need exist where :func:`unsafe_groups
        <lea_geo.disclosure.prove.unsafe.unsafe_groups>` finds nothing.

    Raises
    ------
    ValuesError
        The published numbers contradict each other, or ``counts`` does not agree with them.
    """
    check_minimum(k)
    found = feasible_counts(published) if counts is None else np.asarray(counts, dtype=np.int64)
    agrees = found is None or (len(found) == published.n_atoms and published.agrees(found))
    base = check_counts(found, agrees=agrees)
    tables = Witnesses(published, k, base)
    asked = np.flatnonzero((base < k) & ((published.upper > 0) if zero == "hidden" else (base >= 1)))
    tables.lift(asked)
    if len(published.families) > MOST_FAMILIES:
        for found in raising_tables(published, base, asked[~tables.lifted[asked]], k):
            tables.add(found)
    if zero == "hidden":
        table, left = base, ~tables.lifted & (published.upper > 0)
    else:
        table = tables.zero_table()
        if len(published.families) > MOST_FAMILIES:
            table = emptying_table(published, table, ~tables.lifted)
        left = ~tables.lifted & (table >= 1) & (table < k)
    moved = np.flatnonzero(table != base)
    zero_moves = np.column_stack([moved, (table - base)[moved]]).ravel()
    still = tuple(np.flatnonzero(left).tolist())
    return Certificate(published, k, zero, base, tuple(tables.moves), zero_moves, still)


def write_certificate(certificate: Certificate, path: Path) -> None:
    """Write a certificate as JSON, packed where the path ends in ``.gz``; the same bytes every time."""
    data = json.dumps(certificate.as_dict(), separators=(",", ":")).encode("ascii")
    write_whole(path, gzip.compress(data, compresslevel=6, mtime=0) if path.suffix == ".gz" else data)


def _as_dict(published: Published, k: int, zero: str) -> dict[str, object]:
    families = [
        {
            "name": family.name,
            "ids": list(family.ids),
            "leaf": family.leaf.tolist(),
            "parent": family.parent.tolist(),
            **_bounds(family.lower, family.upper),
        }
        for family in published.families
    ]
    atoms = {"ids": list(published.ids), **_bounds(published.lower, published.upper)}
    return {"minimum_count": k, "zero": zero, "families": families, "atoms": atoms}


def _bounds(lower: NDArray[np.int64], upper: NDArray[np.int64]) -> dict[str, list[int | None]]:
    most: list[int | None] = upper.tolist()
    for at in np.flatnonzero(upper >= NO_LIMIT):
        most[at] = None
    return {"lower": lower.tolist(), "upper": most}
