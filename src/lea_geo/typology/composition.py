"""Compositions: shares of parts of a whole, closed, without zeros, with the noise of small numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.typology import (
    check_amalgamation,
    check_closure,
    check_delta,
    check_frame,
    check_parts,
    check_reference,
    check_replaceable,
    check_structural,
    check_total,
)
from lea_geo.typology import log_ratio
from lea_geo.typology.streams import stream
from lea_geo.typology.zeros import COUNT_RULES, least_shares, prior, raised, replaced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = ("counts", "shares")


@dataclass(frozen=True, kw_only=True)
class Composition(ByArea):
    """Shares of parts of a whole for each area, none of them zero, adding up to 1."""

    table: pd.DataFrame
    """Indexed by ``area_id``, a column of shares a part; NaN where an area has no composition."""
    observed: pd.DataFrame
    """The same before zeros were replaced."""
    counts: pd.DataFrame | None
    """The counts; None for shares, which carry no noise."""
    pseudo: pd.DataFrame | None
    """Pseudo-counts of each area's Dirichlet prior; None for shares."""
    least: pd.DataFrame
    """What stands in for a zero in each cell."""
    zeros: str
    """The rule: ``gbm``, ``sq`` or ``bl`` for counts, ``multiplicative`` for shares."""
    delta: float
    """The share that stood in for zeros among shares; 0 for counts."""
    replaced: pd.Series
    """How many zeros of each part were replaced."""
    notes: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts, in order."""
        return tuple(self.table.columns)

    @property
    def known(self) -> pd.DataFrame:
        """The shares of the areas that have a composition, in the order of their ids."""
        return self.table.dropna().sort_index()

    def clr(self) -> pd.DataFrame:
        """Return centred log-ratios: ``ln x_j`` less their mean; each row adds up to 0."""
        return self._like(log_ratio.clr(self.table.to_numpy()), self.parts)

    def ilr(self, partition: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return isometric log-ratios: coordinates whose Euclidean distances are Aitchison's.

        Parameters
        ----------
        partition
            A sequential binary partition: a row a balance, named by its index, a column a part; 1, -1 and 0.
            Left out, pivot coordinates: each part against those after it.

        Raises
        ------
        UsageError
            If ``partition`` is none.
        """
        basis = log_ratio.basis_of(partition, self.parts)
        names = self.parts[:-1] if partition is None else tuple(map(str, partition.index))
        return self._like(log_ratio.ilr(self.table.to_numpy(), basis), names)

    def alr(self, reference: str) -> pd.DataFrame:
        """Return ``ln (x_j / x_reference)`` of all other parts. Distances between them mean nothing.

        Raises
        ------
        UsageError
            If there is no such part.
        """
        at = check_reference(reference, self.parts)
        names = [part for part in self.parts if part != reference]
        return self._like(log_ratio.alr(self.table.to_numpy(), at), names)

    def intervals(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return where each true share may lie: equal tails of its Beta posterior.

        Returns
        -------
            Columns by part and ``lower``, ``upper``; NaN for shares without counts.
        """
        check_fraction("level", level)
        columns = pd.MultiIndex.from_product([self.parts, ["lower", "upper"]])
        found = pd.DataFrame(np.nan, index=self.table.index, columns=columns)
        if self.counts is None or self.pseudo is None:
            return found
        alpha = (self.counts + self.pseudo).to_numpy()
        rest = alpha.sum(axis=1, keepdims=True) - alpha
        for side, tail in enumerate(((1 - level) / 2, (1 + level) / 2)):
            found.iloc[:, side::2] = betaincinv(alpha, rest, tail)
        return found

    def draws(self, *, runs: int = 100, seed: int = 2009) -> pd.DataFrame:
        """Return compositions that may be the true ones, given the counts.

        Each area's are drawn from ``Dirichlet(counts + pseudo)``, the posterior whose mean replaces zeros. A
        draw tells no less of a part than a zero would: smaller shares are raised to what stands in for a
        zero there.

        Returns
        -------
            Indexed by ``run`` and ``area_id``, the areas with a composition by id; a column a part.
        """
        check_count("runs", runs)
        check_seed(seed)
        index = self.known.index
        drawn = [
            pd.DataFrame(self.drawn(stream(seed, "noise", run)), index, self.parts) for run in range(runs)
        ]
        return pd.concat(drawn, keys=range(runs), names=["run", "area_id"])

    def drawn(self, rng: np.random.Generator) -> np.ndarray:
        """Return one draw of the areas with a composition, in the order of their ids; shape (n, parts)."""
        known = self.known
        if self.counts is None or self.pseudo is None:
            return known.to_numpy()
        alpha = (self.counts + self.pseudo).loc[known.index].to_numpy()
        gamma = np.maximum(rng.standard_gamma(alpha), np.finfo(float).tiny)
        return raised(log_ratio.closed(gamma), self.least.loc[known.index].to_numpy())

    def _like(self, ratios: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        return pd.DataFrame(ratios, index=self.table.index, columns=list(names))

    def __repr__(self) -> str:
        made = f"{int(self.table.notna().all(axis=1).sum())} of {len(self.table)} areas"
        zeros = f"{int(self.replaced.sum())} zeros replaced ({self.zeros})"
        return f"<Composition: {made}, {len(self.parts)} parts, {zeros}>"


def composition(
    parts: pd.DataFrame,
    *,
    kind: str = "counts",
    total: pd.Series | float | None = None,
    rest: str = "",
    zeros: str = "",
    delta: float | None = None,
    status: pd.DataFrame | None = None,
    amalgamate: Mapping[str, Sequence[str]] | None = None,
    tolerance: float = 0.0,
) -> Composition:
    """Return the composition of areas: shares of parts, closed to 1, without zeros.

    Parameters
    ----------
    parts
        Counts or shares, indexed by ``area_id``, a column a part, all of the same whole; none may be
        negative. An area with a NaN has no composition; nothing is filled in.
    kind
        ``"counts"`` or ``"shares"``. Only counts carry the noise of small numbers.
    total
        The whole of each area, or of all: what the parts must add up to. Left out, the sum of counts, 1 for
        shares.
    rest
        The name of a further part: what the others leave of ``total``.
    zeros
        How zeros are replaced. Counts: ``"gbm"`` (geometric Bayesian-multiplicative, the default), ``"sq"``
        (square root) or ``"bl"`` (Bayes-Laplace); the estimate never exceeds 0.65 of the part's smallest
        share. Shares: ``"multiplicative"``, with ``delta``. The other parts give way in proportion.
    delta
        The share that stands in for a zero among shares; no default, since only you know what could be told.
    status
        Of each cell, one of ``lea.Status``: structural zeros are refused.
    amalgamate
        Parts to put together first: new name to old names.
    tolerance
        How far the sum of parts may be from ``total``, as a share of it: rounding.

    Raises
    ------
    UsageError, ValuesError
        If parts do not add up, are negative, occur in fewer than two areas, or cannot occur at all.

    References
    ----------
    Aitchison (1986); Martín-Fernández et al. (2015), https://doi.org/10.1177/1471082X14535524

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"one": [10, 20, 0], "two": [30, 20, 40]}, index=["a", "b", "c"])
    >>> composition(counts).table.round(3).loc["c"].tolist()  # 0.375 * 2.066 / (40 + 2.066)
    [0.018, 0.982]
    """
    check_choice("kind", kind, KINDS)
    rule = zeros or ("gbm" if kind == "counts" else "multiplicative")
    check_choice("zeros", rule, COUNT_RULES if kind == "counts" else ("multiplicative",))
    amounts = _amounts(check_frame("parts", parts), amalgamate or {}, kind, total, rest, tolerance)
    check_structural(status, amounts)
    whole = amounts.sum(axis=1, skipna=False)
    known = amounts[whole > 0].sort_index()
    check_replaceable(known)
    shares = known.div(known.sum(axis=1), axis=0)
    pseudo, given = None, 0.0
    if kind == "counts":
        pseudo = _like(prior(known.to_numpy(), rule), known)
        least = _like(least_shares(known.to_numpy(), pseudo.to_numpy()), known)
    else:
        given = check_delta(delta, shares)
        least = _like(np.full(known.shape, given), known)
    order = amounts.index
    return Composition(
        table=_like(replaced(shares.to_numpy(), least.to_numpy()), known).reindex(order),
        observed=shares.reindex(order),
        counts=amounts if kind == "counts" else None,
        pseudo=None if pseudo is None else pseudo.reindex(order),
        least=least.reindex(order),
        zeros=rule,
        delta=given,
        replaced=(known == 0).sum(axis=0),
        notes=_notes(amounts, whole, known, rule, given),
    )


def _like(values: np.ndarray, frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(values, index=frame.index, columns=frame.columns)


def _amounts(
    parts: pd.DataFrame,
    groups: Mapping[str, Sequence[str]],
    kind: str,
    total: pd.Series | float | None,
    rest: str,
    tolerance: float,
) -> pd.DataFrame:
    """Return the parts as they are wanted: put together, checked against their whole, with its rest."""
    check_amalgamation(groups, parts.columns)
    grouped = {old: new for new, olds in groups.items() for old in olds}
    # An array: a list of names could be taken for areas that are called alike.
    names = np.array([grouped.get(part, part) for part in parts.columns], dtype=object)
    amounts = parts.T.groupby(names, sort=False).sum(min_count=1).T
    unknown = parts.isna().any(axis=1)
    amounts[unknown] = np.nan
    if total is None and kind == "counts":
        check_parts(amounts)
        return amounts
    given = total if isinstance(total, pd.Series) else pd.Series(float(total or 1.0), index=parts.index)
    whole = check_total(given, parts.index)
    check_closure(amounts, whole, rest=rest, tolerance=tolerance)
    if rest:
        left = whole - amounts.sum(axis=1, skipna=False)
        amounts[rest] = left.where(left.abs() > 1e-9 * whole.abs(), 0.0)
    check_parts(amounts)
    return amounts


def _notes(
    amounts: pd.DataFrame, whole: pd.Series, known: pd.DataFrame, rule: str, delta: float
) -> tuple[str, ...]:
    notes = []
    for what, odd in (("have a part without a value", whole.isna()), ("have nobody to count", whole == 0)):
        if odd.any():
            named = ", ".join(map(str, amounts.index[odd][:5])) + (", …" if odd.sum() > 5 else "")
            notes.append(f"{int(odd.sum())} of {len(amounts)} areas {what} and no composition: {named}.")
    zero = int((known == 0).to_numpy().sum())
    if zero:
        how = f"a share of {delta:g}" if delta else f"their Bayesian estimate (rule {rule})"
        notes.append(f"{zero} of {known.size} cells are zero; {how} stands in for each.")
    return tuple(notes)
