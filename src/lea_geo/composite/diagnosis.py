"""The tables of a diagnosis, from the scores of all nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo.composite.coherence import alpha, components, correlation_pairs, correlations_with
from lea_geo.composite.weighting import weigh
from lea_geo.schema import LEDGERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lea_geo.composite.coherence import Components
    from lea_geo.composite.engine import Engine, Scores
    from lea_geo.composite.tree import Tree

LOW_ALPHA = 0.7
"""Nunnally's limit for members that are meant to measure one thing."""
FAR = 2.0
"""An effective weight so many times off the stated one deserves a look."""
MOVING = 0.05
"""A part without which areas move on average by this share of all ranks carries the ranking."""
GROUP_COLUMNS = (
    "k",
    "n",
    "alpha",
    "alpha_standardised",
    "mean_correlation",
    "kaiser",
    "parallel",
    "first_share",
)
COMPONENT_COLUMNS = ("code", "of", "component", "eigenvalue", "share", "by_chance")
LOADING_COLUMNS = ("code", "of", "member", "component", "loading")
_NORMAL = 1.96
"""A correlation of nothing lies within so many 1 / sqrt(n) of 0, 95 times in 100."""
WEIGHTING_COLUMNS = ("parent", "method", "weight", "error", "loading", "note")
_ELSEWHERE = "the weights are those of another year"
_PERCENTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Groups:
    """Alpha and principal components of every group."""

    table: pd.DataFrame
    components: pd.DataFrame
    loadings: pd.DataFrame
    without: Mapping[str, float]
    """The alpha of the others, by member."""


def correlations_of(tree: Tree, scores: Scores, redundant: float) -> pd.DataFrame:
    """Return correlations between all indicators, and between all groups of a level, as they count."""
    levels = np.array(["ledger" if level in LEDGERS else level for level in tree.levels])
    found = []
    for level in dict.fromkeys(levels):
        nodes = np.flatnonzero(levels == level)
        if len(nodes) < 2:
            continue
        pairs = correlation_pairs(scores.put[:, nodes])
        first, second = nodes[pairs["first"]], nodes[pairs["second"]]
        codes = np.array(tree.codes)
        parents = tree.parents
        within = (parents[first] == parents[second]) & (parents[first] >= 0)
        pairs = pairs.assign(first=codes[first], second=codes[second], level=level, within=within)
        found.append(pairs)
    columns = ["first", "second", "level", "within", "n", "pearson", "spearman", "flag"]
    if not found:
        return pd.DataFrame(columns=columns)
    table = pd.concat(found, ignore_index=True)
    chance = -_NORMAL / np.sqrt(table["n"].clip(lower=1))
    against = table["within"] & (table["pearson"] < chance)
    words = np.select([against, table["pearson"] > redundant], ["against", "redundant"], default="")
    return table.assign(flag=words)[columns]


def groups_of(tree: Tree, scores: Scores, seed: int) -> Groups:
    """Return alpha and components of the members of every group, and of all indicators below it."""
    rows: dict[tuple[str, str], list[float]] = {}
    parts, loaded = [pd.DataFrame()], [pd.DataFrame()]
    without: dict[str, float] = {}
    for (code, of), nodes in _sets(tree).items():
        codes, x = [tree.codes[node] for node in nodes], scores.put[:, nodes]
        consistency, axes = alpha(x), components(x, seed=seed)
        if of == "members":
            without |= dict(zip(codes, consistency.without, strict=True))
        row = [consistency.raw, consistency.standardised, consistency.mean_correlation]
        counts = [np.nan] * 3
        if axes is not None:
            counts = [axes.kaiser, axes.parallel, axes.eigenvalues[0] / len(nodes)]
            parts.append(_eigenvalues(axes).assign(code=code, of=of))
            loaded.append(_loadings(axes, codes).assign(code=code, of=of))
        rows[code, of] = [len(nodes), consistency.n, *row, *counts]
    index = pd.MultiIndex.from_tuples(list(rows), names=["code", "of"])
    return Groups(
        table=pd.DataFrame(list(rows.values()), index=index, columns=list(GROUP_COLUMNS)),
        components=pd.concat(parts, ignore_index=True).reindex(columns=list(COMPONENT_COLUMNS)),
        loadings=pd.concat(loaded, ignore_index=True).reindex(columns=list(LOADING_COLUMNS)),
        without=without,
    )


def _sets(tree: Tree) -> dict[tuple[str, str], np.ndarray]:
    """Return what may belong together: members of each group, and all indicators of groups of groups."""
    sets = {}
    for group in reversed(tree.groups):
        members, below = tree.members(group), tree.below(group)
        sets[tree.codes[group], "members"] = members
        if set(below) != set(members):
            sets[tree.codes[group], "indicators"] = below
    return sets


def _eigenvalues(axes: Components) -> pd.DataFrame:
    k = len(axes.eigenvalues)
    return pd.DataFrame(
        {
            "component": np.arange(1, k + 1),
            "eigenvalue": axes.eigenvalues,
            "share": axes.eigenvalues / k,
            "by_chance": axes.by_chance,
        }
    )


def _loadings(axes: Components, codes: Sequence[str]) -> pd.DataFrame:
    k = len(codes)
    columns = {"member": np.repeat(codes, k), "component": np.tile(np.arange(1, k + 1), k)}
    return pd.DataFrame({**columns, "loading": axes.loadings.ravel()})


def members_of(tree: Tree, scores: Scores, weights: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    """Return how each node goes with its group, with the index and with other groups."""
    rows = {}
    for node, said in enumerate(tree.nodes):
        if said.parent < 0:
            continue
        own = scores.put[:, node]
        peers = [i for i in tree.groups if tree.levels[i] == tree.levels[said.parent]]
        near = {tree.codes[i]: correlations_with(own, scores.raw[:, i])[0] for i in peers}
        known = {code: r for code, r in near.items() if not np.isnan(r)}
        rows[said.code] = {
            "parent": tree.codes[said.parent],
            "with_parent": near[tree.codes[said.parent]],
            "with_index": weights.loc[said.code, "correlation"],
            "closest": max(known, key=lambda code: known[code]) if known else "",
            "stated": weights.loc[said.code, "stated_in_group"],
            "effective": weights.loc[said.code, "effective_in_group"],
            "alpha_without": groups.without[said.code],
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.set_axis(pd.Index(list(rows), name="code", dtype=str))


def weighting_of(engine: Engine, scores: Scores) -> pd.DataFrame:
    """Return what the method of every group has to say of its weights."""
    tree, rows = engine.tree, {}
    for group in reversed(tree.groups):
        said, members = tree.nodes[group], tree.members(group)
        codes, used = [tree.codes[i] for i in members], scores.weights[members]
        if said.weighting is None:
            continue
        stated = np.array([1.0 if (w := tree.nodes[i].weight) is None else w for i in members])
        answers = engine.tables.get(said.weighting.table)
        found = weigh(scores.put[:, members], said.weighting, stated=stated, codes=codes, table=answers)
        own = np.allclose(found.weights, used / used.sum(), atol=1e-6)
        for i, code in enumerate(codes):
            known = (found.error[i], found.loadings[i], found.note) if own else (np.nan, np.nan, _ELSEWHERE)
            rows[code] = (said.code, said.weighting.method, used[i], *known)
    index = pd.Index(list(rows), name="code", dtype=str)
    return pd.DataFrame(list(rows.values()), columns=list(WEIGHTING_COLUMNS), index=index)


def rate(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return first / second; infinite where second is 0 and first is not, NaN where both are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(first / second)


def substitution_of(tree: Tree, effects: np.ndarray) -> pd.DataFrame:
    """Return how many units of one member's score make up for one of another's, over areas."""
    columns = ["parent", "first", "second", "low", "median", "high"]
    rows = []
    for group in reversed(tree.groups):
        for one in tree.members(group):
            for other in tree.members(group):
                if one == other:
                    continue
                rates = rate(effects[:, one], effects[:, other])
                held = rates[~np.isnan(rates)]
                # An infinite rate has no neighbour to interpolate with.
                spread = np.quantile(held, _PERCENTILES, method="nearest") if len(held) else [np.nan] * 3
                rows.append((tree.codes[group], tree.codes[one], tree.codes[other], *spread))
    return pd.DataFrame(rows, columns=columns)


def outside_of(tree: Tree, scores: Scores, outside: pd.DataFrame | None) -> pd.DataFrame:
    """Return correlations of indicators outside with the index, or the ledgers, and the groups below."""
    columns = ["indicator", "node", "n", "pearson", "spearman"]
    if outside is None:
        return pd.DataFrame(columns=columns)
    rows = []
    for name in outside.columns:
        for node in (*tree.roots, *tree.top):
            pearson, spearman, n = correlations_with(scores.put[:, node], outside[name].to_numpy())
            rows.append((name, tree.codes[node], n, pearson, spearman))
    return pd.DataFrame(rows, columns=columns)


def moved(shifts: pd.DataFrame) -> pd.DataFrame:
    """Return by how much each area moves when a part is left out, and which part moves it most."""
    size = shifts.abs()
    largest = size.max(axis=1)
    moves = largest > 0
    by = size[moves].idxmax(axis=1).reindex(size.index).fillna("")
    return pd.DataFrame({"mean_shift": size.mean(axis=1), "largest_shift": largest, "shifted_by": by})


def flags_of(tables: Mapping[str, pd.DataFrame], redundant: float) -> tuple[str, ...]:
    """Return what deserves a look, a sentence each."""
    return (
        *_pairs(tables["correlations"], redundant),
        *_misfits(tables["members"]),
        *_loose(tables["groups"]),
        *_carriers(tables["removal"], tables["groups"]),
    )


def _rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return table.reset_index().to_dict("records")


def _pairs(correlations: pd.DataFrame, redundant: float) -> list[str]:
    flagged = correlations[correlations["flag"] != ""].sort_values(["flag", "first", "second"], kind="stable")
    words = {
        "against": "run against each other in one group",
        "redundant": f"say the same: above {redundant:g}",
    }
    return [
        f"{row['first']} and {row['second']} {words[row['flag']]} (r = {row['pearson']:.2f})."
        for row in _rows(flagged)
    ]


def _misfits(members: pd.DataFrame) -> list[str]:
    flags = []
    for row in _rows(members):
        code, parent, stated, effective = row["code"], row["parent"], row["stated"], row["effective"]
        if row["closest"] not in {"", parent}:
            flags.append(f"{code} goes more with {row['closest']} than with its own group {parent}.")
        if stated > 0 and (effective > FAR * stated or FAR * effective < stated):
            counts = f"{100 * effective:.0f} % in effect, stated {100 * stated:.0f} %"
            flags.append(f"{code} counts in {parent} by {counts}.")
    return flags


def _loose(groups: pd.DataFrame) -> list[str]:
    flags = []
    for row in _rows(groups):
        what = f"The {row['of']} of {row['code']}"
        if row["alpha"] < LOW_ALPHA:
            flags.append(f"{what} hang together loosely (alpha = {row['alpha']:.2f}).")
        if row["parallel"] > 1:
            flags.append(f"{what} have {row['parallel']:.0f} dimensions (parallel analysis).")
    return flags


def _carriers(removal: pd.DataFrame, groups: pd.DataFrame) -> list[str]:
    single = groups.index.get_level_values("code")[groups["k"] == 1]  # its only member is told
    carriers = removal[(removal["share_moved"] > MOVING) & ~removal.index.isin(single)]
    return [
        f"Without {row['code']} areas move by {row['mean_shift']:.0f} places on average, {row['most_moved']} "
        f"by {row['largest_shift']:.0f}."
        for row in _rows(carriers)
    ]
