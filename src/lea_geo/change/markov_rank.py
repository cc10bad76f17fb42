"""How areas trade places: ranks over the years, together by regions, among neighbours, and as chains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.trends import check_regimes, check_same_areas, check_years, refuse_too_few
from lea_geo.change.markov_chain import count_moves, first_passage, shares, sojourn, steady_state
from lea_geo.spatial.graph import as_graph
from lea_geo.spatial.inference import adjusted
from lea_geo.spatial.local_result import ROUNDING

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph

RANK_KINDS = ("full", "geographic")
LEAST_AREAS = 2


@dataclass(frozen=True, kw_only=True)
class RankMobility(ByArea):
    """How far areas keep their places from the first year to the last, and whom they change them with."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``rank_first rank_last`` (1 the highest, equal values share a mean rank),
    ``tau`` (the share of other areas that kept their side less those that changed it), ``tau_neighbors`` (the
    same of its neighbours), ``p_lower p_upper p_value q_value`` (exactly, by drawing as many other areas at
    random), ``label``: ``exchange`` (changes places with neighbours more often than with others),
    ``cohesion`` (less often) or ``not told``."""
    intervals: pd.DataFrame
    """A row a pair of years: ``from to``, Kendall's ``tau``, ``tau_neighbors`` among neighbours with
    ``p_neighbors``, and, with regimes, ``theta`` (Rey 2004: 1 where all areas of a regime move in one
    direction) with ``p_theta``; two-sided, by shuffling areas."""
    fdr: float
    correction: str
    permutations: int
    seed: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RankMarkov:
    """A chain of ranks: between ranks (``full``), or between the areas that hold them (``geographic``)."""

    probabilities: pd.DataFrame
    """From row to column: ranks 1 (the highest) to n, or area ids."""
    first_passage: pd.DataFrame
    """Mean years until a rank, or area, is first reached; NaN where not every one leads to every other."""
    table: pd.DataFrame
    """Indexed by rank or area: ``sojourn`` (mean years kept) and ``steady_state``."""
    kind: str
    n_moves: int
    notes: tuple[str, ...] = ()


def rank_mobility(
    values: pd.DataFrame,
    graph: AreaGraph | Graph,
    *,
    regimes: pd.Series | None = None,
    fdr: float = 0.05,
    correction: str = "bh",
    permutations: int = 999,
    seed: int = 0,
) -> RankMobility:
    """Say how far areas keep their places over the years, and whether they trade them with neighbours.

    Parameters
    ----------
    values
        Indexed by ``area_id``, a column for each year. Areas without a value in some year are left out.
    graph
        Whose ids are those of ``values``; who is a neighbour counts, weights do not.
    regimes
        The region of each area, indexed by ``area_id``, for theta.
    fdr, correction
        Of the areas' labels.
    permutations, seed
        Of the tests of each pair of years.

    Raises
    ------
    UsageError, ValuesError
        If values are no table of years or an option is wrong.

    References
    ----------
    Rey (2004), Spatial dependence in the evolution of regional income distributions, in Spatial Econometrics
    and Spatial Statistics, edited by Getis, Mur and Zoller
    Rey (2016), https://doi.org/10.1080/24694452.2016.1151336 (local indicators of mobility)
    """
    check_fraction("fdr", fdr)
    check_count("permutations", permutations)
    check_seed(seed)
    index, years, x = check_years(values, least=2)
    given = as_graph(graph)
    check_same_areas(index, given.ids, name="values", whose="the graph")
    whole = ~np.isnan(x).any(axis=1)
    if whole.sum() < LEAST_AREAS:
        raise refuse_too_few("areas with a value in every year", int(whole.sum()), LEAST_AREAS, "")
    kept = index[whole][np.argsort(index[whole].to_numpy())]
    x = x[index.get_indexer(kept)]
    near = given.subset(kept).transform("binary").sparse().toarray() > 0
    groups = None if regimes is None else check_regimes(regimes, index).reindex(kept).to_numpy()
    rng = np.random.Generator(np.random.Philox(seed))
    rows = []
    for t in range(len(years) - 1):
        row = _interval(x[:, t], x[:, t + 1], near, groups, permutations, rng)
        rows.append({"from": years[t], "to": years[t + 1], **row})
    table = _areas(x[:, 0], x[:, -1], near, kept, fdr, correction).reindex(index)
    table["label"] = table["label"].fillna("").astype("str")
    left = int((~whole).sum())
    note = f"{left} of {len(index)} areas have no value in some year and are left out."
    return RankMobility(
        table=table,
        intervals=pd.DataFrame(rows),
        fdr=fdr,
        correction=correction,
        permutations=permutations,
        seed=seed,
        notes=(note,) if left else (),
    )


def rank_markov(values: pd.DataFrame, *, kind: str = "full") -> RankMarkov:
    """Make a chain of the ranks themselves, or of the areas that hold them (Rey 2014).

    ``full``: from the rank of an area in a year to its rank in the next. ``geographic``: from the area that
    holds a rank to the area that holds it in the next year. Equal values are ranked by id. Areas without a
    value in some year are left out. Each row has as many moves as there are years less one: with few years
    the probabilities are rough.

    Parameters
    ----------
    values
        As in :func:`rank_mobility`.
    kind
        ``"full"`` or ``"geographic"``.

    Raises
    ------
    UsageError, ValuesError
        If values are no table of years or the kind is unknown.

    References
    ----------
    Rey (2014), Rank-based Markov chains for regional income distribution dynamics, Journal of Geographical
    Systems 16
    """
    check_choice("kind", kind, RANK_KINDS)
    index, _, x = check_years(values, least=2)
    whole = ~np.isnan(x).any(axis=1)
    if whole.sum() < LEAST_AREAS:
        raise refuse_too_few("areas with a value in every year", int(whole.sum()), LEAST_AREAS, "")
    kept = index[whole][np.argsort(index[whole].to_numpy())]
    x = x[index.get_indexer(kept)]
    n = len(kept)
    ranks = np.argsort(np.argsort(-x, axis=0, kind="stable"), axis=0, kind="stable")
    states = ranks if kind == "full" else np.argsort(ranks, axis=0)
    names = pd.Index(np.arange(1, n + 1), name="rank") if kind == "full" else kept
    counts = count_moves(states, n)
    p = shares(counts)
    tied = sum(len(column) - len(np.unique(column)) for column in x.T)
    notes = [f"{int((~whole).sum())} of {len(index)} areas have no value in some year and are left out."]
    notes = notes if not whole.all() else []
    if tied:
        notes.append(f"{tied} values are equal to others of their year and ranked by id.")
    passage = pd.DataFrame(first_passage(p), index=names, columns=names)
    return RankMarkov(
        probabilities=pd.DataFrame(p, index=names, columns=names),
        first_passage=passage,
        table=pd.DataFrame({"sojourn": sojourn(p), "steady_state": steady_state(p)}, index=names),
        kind=kind,
        n_moves=int(counts.sum()),
        notes=tuple(notes),
    )


def _concordance(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return 1 for pairs that keep their order, -1 for those that turn it, 0 for ties; shape (n, n)."""
    return np.asarray(
        np.sign(np.subtract.outer(before, before)) * np.sign(np.subtract.outer(after, after)), dtype=np.int8
    )


def _interval(
    before: np.ndarray,
    after: np.ndarray,
    near: np.ndarray,
    groups: np.ndarray | None,
    permutations: int,
    rng: np.random.Generator,
) -> dict[str, float]:
    kept = _concordance(before, after)
    orders = [rng.permutation(len(before)) for _ in range(permutations)]
    first, second = np.nonzero(np.triu(near | near.T, 1))
    row = {"tau": float(stats.kendalltau(before, after).statistic)}
    beside = kept[first, second]
    drawn = np.array([kept[order[first], order[second]].mean() for order in orders]) if len(first) else None
    row["tau_neighbors"] = float(beside.mean()) if len(first) else np.nan
    row["p_neighbors"] = _two_sided(row["tau_neighbors"], drawn) if drawn is not None else np.nan
    if groups is not None:
        moved = stats.rankdata(after) - stats.rankdata(before)
        row["theta"] = _theta(moved, groups)
        row["p_theta"] = _two_sided(
            row["theta"], np.array([_theta(moved[order], groups) for order in orders])
        )
    return row


def _theta(moved: np.ndarray, groups: np.ndarray) -> float:
    """Return the sum over regimes of how far they move together, by how far all areas move."""
    total = float(np.abs(moved).sum())
    if total == 0:
        return np.nan
    _, codes = np.unique(groups.astype(str), return_inverse=True)
    return float(np.abs(np.bincount(codes, weights=moved)).sum()) / total


def _two_sided(observed: float, drawn: np.ndarray) -> float:
    if np.isnan(observed):
        return np.nan
    slack = 1e-12
    lower = (np.count_nonzero(drawn <= observed + slack) + 1) / (len(drawn) + 1)
    upper = (np.count_nonzero(drawn >= observed - slack) + 1) / (len(drawn) + 1)
    return min(1.0, 2.0 * min(lower, upper))


def _areas(
    before: np.ndarray, after: np.ndarray, near: np.ndarray, ids: pd.Index, fdr: float, correction: str
) -> pd.DataFrame:
    kept = _concordance(before, after)
    n = len(before)
    turned = kept < 0
    k = near.sum(axis=1)
    all_turned, near_turned = turned.sum(axis=1), (turned & near).sum(axis=1)
    law = stats.hypergeom(n - 1, all_turned, k)
    # Many turned neighbours are a low tau.
    lower, upper = law.sf(near_turned - 1), law.cdf(near_turned)
    tested = k > 0
    p = np.where(tested, np.minimum(1.0, 2.0 * np.minimum(lower, upper)), np.nan)
    q = adjusted(p, correction)
    told = q <= fdr * (1 + ROUNDING)
    columns = {
        "rank_first": stats.rankdata(-before),
        "rank_last": stats.rankdata(-after),
        "tau": kept.sum(axis=1) / max(1, n - 1),
        "tau_neighbors": np.divide((kept * near).sum(axis=1), k, out=np.full(n, np.nan), where=tested),
        "p_lower": np.where(tested, lower, np.nan),
        "p_upper": np.where(tested, upper, np.nan),
        "p_value": p,
        "q_value": q,
        "label": np.where(told, np.where(lower < upper, "exchange", "cohesion"), "not told"),
    }
    return pd.DataFrame(columns, index=ids)
