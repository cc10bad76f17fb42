"""Kinds of areas: how many there are, which areas are of which, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.typology import check_aligned, check_kinds, check_typed, check_weights_use
from lea_geo.typology.choice import CHOICE_COLUMNS, chosen
from lea_geo.typology.features import features
from lea_geo.typology.fits import METHODS, NONE, Fit, letters, quiet
from lea_geo.typology.profiles import profiles
from lea_geo.typology.stability import How

if TYPE_CHECKING:
    from lea_geo.typology.choice import Choice
    from lea_geo.typology.composition import Composition
    from lea_geo.typology.features import Features

COVARIANCES = ("tied", "full")
TABLE_COLUMNS = ("type", "probability", "second", "second_probability", "sure")
__all__ = ["CHOICE_COLUMNS", "TABLE_COLUMNS", "Types", "types"]


@dataclass(frozen=True, kw_only=True)
class Types(ByArea):
    """Kinds of areas, and how sure each area's is."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``type`` (a letter, ``A`` the kind of most people; blank for none), its
    ``probability``, the ``second`` most probable type and its ``second_probability``, and ``sure``: whether
    the probability reaches what was asked for. An area that is not sure is between two types."""
    memberships: pd.DataFrame
    """Probability of every type; NaN for areas that lack values. Less than 1 in all where runs had none."""
    types: pd.DataFrame
    """Indexed by type: ``areas``, ``people`` (NaN where no population is known), ``stability`` (mean Jaccard
    similarity over the runs) and ``sure_areas``."""
    profiles: pd.DataFrame
    """One row a type and a part or indicator: ``type name kind value lower upper everywhere``;
    ``elsewhere``, the same outside the type; and ``telling``, by how many times the noise it differs from
    elsewhere. Values of parts are shares of the people of all the type's areas, those of indicators weighted
    means."""
    choices: pd.DataFrame
    """Every number of types that was tried, with ``CHOICE_COLUMNS``."""
    k: int
    """The number of types; 1: nothing shows that there is more than one kind."""
    found: int
    """How many kinds the areas could not be denied to have; more than ``k`` where those do not last."""
    ties: tuple[int, ...]
    """Other numbers of types that last as well as the chosen one."""
    method: str
    runs: int
    worlds: int
    alpha: float
    sure: float
    weighted: bool
    fewest: float
    covariance: str
    seed: int
    level: float
    notes: tuple[str, ...]
    seen: Features = field(repr=False, compare=False)
    """What the areas were compared by."""
    fit: Fit = field(repr=False, compare=False)
    """The division, its types in the order of their letters."""

    @property
    def centres(self) -> pd.DataFrame:
        """Centre of each type in log-ratio coordinates and robust z-scores."""
        return pd.DataFrame(self.fit.centres, index=self.types.index)

    def __repr__(self) -> str:
        sure = int(self.table["sure"].sum())
        return (
            f"<Types: {len(self.table)} areas, {self.k} types ({self.method}), {sure} areas surely of theirs>"
        )


def types(
    data: Composition | None = None,
    *,
    indicators: pd.DataFrame | None = None,
    errors: pd.DataFrame | None = None,
    population: pd.Series | None = None,
    method: str = "kmeans",
    k: int | None = None,
    k_most: int = 7,
    weighted: bool = False,
    fewest: float = 0.0,
    covariance: str = "tied",
    runs: int = 100,
    worlds: int = 99,
    alpha: float = 0.05,
    sure: float = 0.8,
    level: float = 0.95,
    seed: int = 2009,
) -> Types:
    """Find kinds of areas that last when the data are drawn again, or say that there is one kind only.

    Compositions are compared by isometric log-ratios, indicators by robust z-scores (drawn in to 5); with
    both, a log-ratio counts as one indicator on average. Each number of types is tried ``runs`` times on
    areas drawn again with other noise. The chosen one is the largest that

    * is not more than the areas can be shown to have: worlds of fewer kinds hardly ever look so;
    * has types that each keep a mean Jaccard similarity of 0.75 over the runs; and
    * has a prediction strength of 0.8, within its standard error, and types of at least three areas.

    If none is, there is one type. Every number of types that was tried is in ``choices``.

    Parameters
    ----------
    data
        A composition: :func:`lea_geo.composition`.
    indicators
        Further values, or the only ones: indexed by ``area_id``, a column an indicator.
    errors
        Their standard errors, the same columns or some; indicators without are taken as exact.
    population
        People of each area: for the sizes of types, and for means.
    method
        ``"kmeans"``; ``"mixture"`` of normal laws; ``"ward"``; or ``"hdbscan"``, which leaves areas without a
        type, takes the least number of areas of a type instead of a number of types, and tries 3 to
        ``k_most`` + 2 of them.
    k
        The number of types, if you know it; the table of choices says what speaks against it.
    k_most
        The largest number to try.
    weighted
        Whether k-means counts areas by their people.
    fewest
        Areas with fewer people (``population``, or whom the parts count) have no say in what types there
        are, and get the type that they are most like: a handful of people can look like anything.
    covariance
        Of a mixture: ``"tied"``, one spread for all types, or ``"full"``, one for each.
    runs, worlds
        How many times types are found again, and how many worlds without them are made up for a test.
    alpha
        How often one kind too many may be found.
    sure
        The probability from which an area is called surely of its type.
    level
        Of intervals.
    seed
        The same seed gives the same types, in whatever order the areas are.

    Raises
    ------
    UsageError, ValuesError
        If there are fewer than 12 areas with all values, more types than a fourth of them, an indicator that
        is the same everywhere, or weights for a method that has no place for them.

    References
    ----------
    Hennig (2007), https://doi.org/10.1016/j.csda.2006.11.025
    Tibshirani and Walther (2005), https://doi.org/10.1198/106186005X59243
    Liu et al. (2008), https://doi.org/10.1198/016214508000000454
    """
    _options(method, covariance, k, k_most, runs, worlds, seed)
    for name, value in (("alpha", alpha), ("sure", sure), ("level", level)):
        check_fraction(name, value)
    check_weights_use(method, weighted=weighted)
    seen = features(data, indicators, errors)
    people = None if population is None else check_aligned("population", population, seen.ids)
    forming = _sizes(seen, people) >= fewest
    check_typed(int(forming.sum()), check_kinds(k, k_most) if k is not None else 1)
    most = max(k or 1, min(k_most, int(forming.sum()) // 4))
    weights = np.ones(len(seen.ids))
    if weighted:
        weights = _weights(seen, population)
    how = How(method, weights, covariance, seed, runs, forming)
    with quiet():
        choice = chosen(seen, how, k=k, k_most=most, worlds=worlds, alpha=alpha)
        choice = choice.ordered(_order(choice.fit, _sizes(seen, people)))
        told = profiles(seen, how, choice, people, level=level)
    settings = {"runs": runs, "worlds": worlds, "alpha": alpha, "sure": sure, "level": level, "seed": seed}
    table, members = _tables(seen, choice, sure)
    return Types(
        table=table,
        memberships=members,
        types=_sizes_table(table, choice, seen, people),
        profiles=told,
        choices=choice.table,
        k=choice.fit.k,
        found=choice.found,
        ties=choice.ties,
        method=method,
        weighted=weighted,
        fewest=fewest,
        covariance=covariance if method == "mixture" else "",
        notes=(*seen.notes, *_few(seen, forming, fewest), *choice.notes),
        seen=seen,
        fit=choice.fit,
        **settings,  # type: ignore[arg-type] # each is what its name says
    )


def _options(
    method: str, covariance: str, k: int | None, k_most: int, runs: int, worlds: int, seed: int
) -> None:
    check_choice("method", method, METHODS)
    check_choice("covariance", covariance, COVARIANCES)
    check_count("k_most", k_most, least=2)
    if k is not None:
        check_count("k", k)
    check_count("runs", runs, least=2)
    check_count("worlds", worlds, least=19)
    check_seed(seed)


def _weights(seen: Features, population: pd.Series | None) -> np.ndarray:
    """Return each area's people as a share of the mean: those given, or those that the parts count."""
    if population is None and seen.composition is not None and seen.composition.counts is not None:
        population = seen.composition.counts.sum(axis=1)
    people = check_aligned("population", population, seen.ids, positive=True)  # type: ignore[arg-type]
    return np.asarray(people / people.mean())


def _sizes(seen: Features, people: np.ndarray | None) -> np.ndarray:
    """Return what types are ordered by: people, those counted, or areas."""
    if people is not None:
        return people
    if seen.composition is not None and seen.composition.counts is not None:
        return seen.composition.counts.sum(axis=1).to_numpy()
    return np.ones(len(seen.ids))


def _few(seen: Features, forming: np.ndarray, fewest: float) -> list[str]:
    if forming.all():
        return []
    ids = seen.ids[~forming]
    named = ", ".join(map(str, ids[:5])) + (", …" if len(ids) > 5 else "")
    return [
        f"{len(ids)} areas with fewer than {fewest:g} people have no say in what types there are: {named}."
    ]


def _order(fit: Fit, sizes: np.ndarray) -> np.ndarray:
    """Return the types from the largest; equals by the first of their areas' ids."""
    size = np.array([sizes[fit.labels == one].sum() for one in range(fit.k)])
    first = np.array([np.flatnonzero(fit.labels == one)[:1].sum() for one in range(fit.k)])
    return np.lexsort((first, -size))


def _tables(seen: Features, choice: Choice, sure: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the type of every area, and all its probabilities."""
    names = np.array([*letters(choice.fit.k), ""], dtype=object)
    order = seen.ids.union(seen.left_out, sort=False)
    members = pd.DataFrame(choice.member, index=seen.ids, columns=letters(choice.fit.k))
    labels = choice.fit.labels
    own = np.where(labels == NONE, 1 - choice.member.sum(axis=1), choice.member[range(len(labels)), labels])
    others = choice.member.copy()
    others[np.flatnonzero(labels != NONE), labels[labels != NONE]] = -1.0
    second = others.argmax(axis=1)
    likely = others.max(axis=1)
    table = pd.DataFrame(
        {
            "type": names[labels],
            "probability": own,
            "second": np.where(likely > 0, names[second], ""),
            "second_probability": np.where(likely > 0, likely, 0.0),
            "sure": (labels != NONE) & (own >= sure),
        },
        index=seen.ids,
    ).reindex(order)
    for column in ("type", "second"):
        table[column] = table[column].fillna("").astype("str")
    table["sure"] = table["sure"].eq(True)  # areas without values are not sure
    original = order.sort_values() if len(seen.left_out) else order
    return table.loc[original], members.reindex(original)


def _sizes_table(
    table: pd.DataFrame, choice: Choice, seen: Features, people: np.ndarray | None
) -> pd.DataFrame:
    names = pd.Index(letters(choice.fit.k), name="type", dtype="str")
    held = pd.Series(np.nan if people is None else people, index=seen.ids, dtype=float)
    own = table.loc[seen.ids, "type"]
    return pd.DataFrame(
        {
            "areas": own.value_counts().reindex(names, fill_value=0),
            "people": held.groupby(own).sum(min_count=1).reindex(names),
            "stability": choice.jaccard,
            "sure_areas": table[table["sure"]]["type"].value_counts().reindex(names, fill_value=0),
        },
        index=names,
    )
