"""Counts with noise that the same people get on every geography and in every table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.disclosure_protect import check_key_source, check_records
from lea_geo.disclosure.protect.ptable import PerturbationTable, perturbation_table
from lea_geo.disclosure.protect.utility import UtilityLost, account_of
from lea_geo.disclosure.published import NO_LIMIT, Published, build_family

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Family
    from lea_geo.spatial.graph import AreaGraph

MODULUS = 2**32
"""A key is a whole number below this: sums of as many of them as there are people fit in 64 bits."""


@dataclass(frozen=True, kw_only=True)
class CellKeyCounts:
    """Perturbed counts of areas."""

    table: pd.DataFrame
    """Indexed by ``area`` (its kind and id): ``family count published change``. Only what is
    ``published`` may leave."""
    published: Published
    """What who knows the perturbation table can prove of each count from its published number alone."""
    perturbation: PerturbationTable
    """The chances of the changes. They may be published; the secret may not."""

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
        return account_of(self.table, kind, "published", graph, fdr=fdr, correction=correction)


def record_keys(ids: Iterable[object], *, secret: str) -> NDArray[np.uint64]:
    """Return the key of each record: a hash of a secret and of what the record is always called.

    Parameters
    ----------
    ids
        What each record is called: the same for the same person in every table, such as a pseudonym.
    secret
        At least 16 bytes, kept by the owner of the data and the same for all releases.

    Returns
    -------
    numpy.ndarray
        Whole numbers from 0 to 2**32 - 1, evenly distributed (BLAKE2b keyed with the secret).

    Raises
    ------
    UsageError
        If the secret is too short.
    """
    check_key_source(secret, None)
    key = blake2b(secret.encode()).digest()
    found = [
        int.from_bytes(blake2b(str(one).encode(), digest_size=4, key=key).digest(), "big") for one in ids
    ]
    return np.array(found, dtype=np.uint64)


def cell_key_counts(
    records: pd.DataFrame,
    families: Mapping[str, Sequence[str]],
    *,
    largest: int,
    variance: float,
    smallest: int = 1,
    secret: str | None = None,
    keys: str | None = None,
) -> CellKeyCounts:
    r"""Count records by area, with noise that depends on nothing but who is counted (Fraser and Wooton 2005).

    Every record has a key. An area's cell key is the sum of its records' keys, modulo 2**32, and says with
    its count which change of the perturbation table it gets: the same records get the same noise in every
    geography, table and year. A postal area that holds the same people as four cells together has the number
    that those four would have as one area.

    Not additive: the perturbed cells of an area do not add up to its own number. Round with
    :func:`~lea_geo.disclosure.protect.rounding.controlled_rounding` where sums must hold.

    Parameters
    ----------
    records
        One row for each record that is counted, indexed by what the record is always called, with the
        columns that ``families`` name.
    families
        Name of a family to the columns that hold its areas' ids, the finest kind first:
        ``{"grid": ["cell"], "post": ["postal", "municipality"]}``.
    largest, variance, smallest
        The largest change D, its variance V, and the smallest count above 0 that is published; see
        :func:`~lea_geo.disclosure.protect.ptable.perturbation_table`. 0 stays 0.
    secret
        Of what the keys are made, with the index; at least 16 bytes.
    keys
        The column that holds the keys instead, whole numbers; for records that have them from elsewhere.

    Returns
    -------
    CellKeyCounts
        The same in whatever order the records are.

    Raises
    ------
    UsageError, ValuesError
        If options are out of range or contradict each other, columns are missing, records repeat or have no
        area.

    Notes
    -----
    What repeats tell: nothing, where the same people are counted again, as their noise is the same. Sets that
    differ in one person have unrelated noise; their difference has variance 2 V, so it hints at that person
    but proves nothing that the intervals of ``published`` do not. Who can get one total as the sum of m areas
    in t ways that share no area may average them: what is left is a variance of m V / t, so the noise of a
    total wears off as ever more divisions of it are published. Publish few.

    References
    ----------
    Fraser and Wooton (2005), A proposed method for confidentialising tabular output to protect against
    differencing, UNECE work session on statistical data confidentiality
    Giessing (2016), https://doi.org/10.1007/978-3-319-45381-1_18
    """
    check_key_source(secret, keys)
    columns = [column for levels in families.values() for column in levels]
    records = check_records(records, columns, keys)
    table = perturbation_table(largest=largest, variance=variance, smallest=smallest)
    if keys is None:
        key = record_keys(records.index, secret=str(secret))
    else:
        key = (records[keys].to_numpy() % MODULUS).astype(np.uint64)
    atom, families_of_atoms = _families(records, families)
    held = np.bincount(atom)
    key_of_atom = np.zeros(len(held), dtype=np.uint64)
    np.add.at(key_of_atom, atom, key)
    parts, known = [], []
    for family in families_of_atoms:
        frame = _perturbed(family, held, key_of_atom, table)
        parts.append(frame)
        lower, upper = table.reach(frame["published"].to_numpy())
        known.append(replace(family, lower=lower, upper=upper))
    empty, endless = np.zeros(len(held), dtype=np.int64), np.full(len(held), NO_LIMIT, dtype=np.int64)
    return CellKeyCounts(
        table=pd.concat(parts), published=Published(tuple(known), empty, endless), perturbation=table
    )


def _families(
    records: pd.DataFrame, families: Mapping[str, Sequence[str]]
) -> tuple[NDArray[np.int64], list[Family]]:
    """Return the atom of each record, records of the same areas being one, and the families of the atoms."""
    columns = [column for levels in families.values() for column in levels]
    atoms = records.groupby(columns, sort=True, observed=True).ngroup().to_numpy()
    first = np.unique(atoms, return_index=True)[1]
    by_atom = records.iloc[first]
    made = [
        build_family(name, {column: by_atom[column].astype(str).tolist() for column in levels})
        for name, levels in families.items()
    ]
    return atoms.astype(np.int64), made


def _perturbed(
    family: Family, held: NDArray[np.int64], keys: NDArray[np.uint64], table: PerturbationTable
) -> pd.DataFrame:
    counts = family.totals(held)
    # A key is below 2**32, so the sums of keys of all people fit in a signed number of 64 bits.
    cell_key = family.totals(keys.astype(np.int64)) % MODULUS
    change = table.changes(counts, cell_key / MODULUS)
    columns = {"family": family.name, "count": counts, "published": counts + change, "change": change}
    return pd.DataFrame(columns, index=pd.Index(family.ids, name="area", dtype="str"))
