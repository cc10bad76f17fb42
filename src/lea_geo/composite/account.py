"""What is told of an index: its tables, its weights in effect, its log and its notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._hierarchy import places
from lea_geo._notes import gathered
from lea_geo.composite.changes import Changes, joined_log
from lea_geo.composite.effective import effective
from lea_geo.composite.engine import transformed
from lea_geo.ranking import rank
from lea_geo.schema import AREA_ID, INDEX, LEDGERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lea_geo.composite.engine import Learnt, Scores
    from lea_geo.composite.impute import Imputed
    from lea_geo.composite.prepare import Prepared
    from lea_geo.composite.tree import Tree


def nodes_of(made: Prepared, scores: Scores, results: np.ndarray, weights: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of every group, one row for each and area."""
    tree, ids = made.tree, made.given.ids
    available = _available(made, weights)
    frames = {
        tree.codes[i]: pd.DataFrame(
            {
                "level": tree.levels[i],
                "score": scores.raw[:, i],
                "enters": scores.put[:, i],
                "result": results[:, i],
                "rank": rank(pd.Series(results[:, i])).to_numpy(),
                "available": available[:, i],
            },
            index=ids,
        )
        for i in reversed(tree.groups)
    }
    return pd.concat(frames, names=["code", AREA_ID])


def _available(made: Prepared, weights: pd.DataFrame) -> np.ndarray:
    """Return, of each node and area, the share of the weights with a value of the area's own."""
    tree = made.tree
    share = np.zeros((len(made.given.ids), len(tree.nodes)))
    share[:, : tree.n_indicators] = ~np.isnan(made.given.values)
    within = weights["stated_in_group"].to_numpy()
    for i in tree.groups:
        members = tree.members(i)
        share[:, i] = share[:, members] @ within[members]
    return share


def table_of(made: Prepared, nodes: pd.DataFrame) -> pd.DataFrame:
    """Return the index or the two ledgers, the groups right below, and how much is known of each area."""
    tree = made.tree
    roots = [tree.codes[i] for i in tree.roots]
    held = {code: nodes.loc[code] for code in roots}
    table = pd.DataFrame(index=made.given.ids)
    for code in LEDGERS if made.spec.ledgers else (INDEX,):
        table["score" if code == INDEX else code] = held[code]["result"]
        table["rank" if code == INDEX else f"{code}_rank"] = held[code]["rank"]
    if made.spec.ledgers:
        table["place"] = places(table[LEDGERS[0]], table[LEDGERS[1]])
    for i in tree.top:
        table[tree.codes[i]] = nodes.loc[tree.codes[i]]["result"]
    table["available"] = np.mean([held[code]["available"] for code in roots], axis=0)
    return table


def weights_of(tree: Tree, scores: Scores) -> pd.DataFrame:
    """Return what each node was to count and what it counts in effect, in its group and in the whole index.

    ``effective`` is the share of a node in the first-order effects of all nodes of its level, each being the
    squared correlation with the index: Paruolo, Saisana and Saltelli (2013),
    https://doi.org/10.1111/j.1467-985X.2012.01059.x, with straight lines.
    """
    count = len(tree.nodes)
    within, whole = np.ones(count), np.ones(count)
    effect_within, effect_whole, correlation = np.ones(count), np.ones(count), np.ones(count)
    root = np.arange(count)
    for i in reversed(tree.groups):
        members = tree.members(i)
        total = scores.weights[members].sum()
        within[members] = scores.weights[members] / total if total > 0 else np.nan
        whole[members] = whole[i] * within[members]
        root[members] = root[i]
        effect_within[members] = effective(scores.raw[:, i], scores.put[:, members])
    for i in tree.roots:
        mine = np.flatnonzero((root == i) & (np.arange(count) != i))
        for level in dict.fromkeys(tree.levels[j] for j in mine):
            peers = mine[[tree.levels[j] == level for j in mine]]
            effect_whole[peers] = effective(scores.raw[:, i], scores.put[:, peers])
        correlation[mine] = [_correlation(scores.raw[:, i], scores.put[:, j]) for j in mine]
    return pd.DataFrame(
        {
            "level": tree.levels,
            "parent": [tree.codes[p] if p >= 0 else "" for p in tree.parents],
            "stated": whole,
            "effective": effect_whole,
            "correlation": correlation,
            "stated_in_group": within,
            "effective_in_group": effect_within,
        },
        index=pd.Index(tree.codes, name="code"),
    )


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    both = ~np.isnan(one) & ~np.isnan(other)
    if both.sum() < 2 or np.ptp(one[both]) == 0 or np.ptp(other[both]) == 0:
        return float("nan")
    return float(np.corrcoef(one[both], other[both])[0, 1])


def log_of(made: Prepared, imputed: Imputed, learnt: Learnt) -> pd.DataFrame:
    """Return every cell that has no value or was changed, in the order of the steps."""
    given, tree = made.given, made.tree
    status = given.known.status
    lacking = np.isnan(imputed.values)
    row, column = np.nonzero(lacking & ~_removed(made))
    none = np.full(len(row), np.nan)
    left = Changes(row, column, none, none, np.full(len(row), "no value", dtype=object))
    treated = _treated(made, imputed, learnt)
    steps = {"screen": made.removed, "impute": imputed.changes, "leave": left, "treat": treated}
    return joined_log(
        changes.table(step, given.ids, [node.code for node in tree.indicators], status)
        for step, changes in steps.items()
    )


def _treated(made: Prepared, imputed: Imputed, learnt: Learnt) -> Changes:
    """Return the cells whose outlying values were changed; a transformation of all cells is no such step."""
    values = transformed(imputed.values, made.tree)
    if learnt.treatment is None:
        return Changes.between(values, values, np.array([""]))
    return learnt.treatment.changes(values)


def _removed(made: Prepared) -> np.ndarray:
    out = np.zeros(made.given.values.shape, dtype=bool)
    out[made.removed.row, made.removed.column] = True
    return out


def notes_of(
    made: Prepared,
    imputed: Imputed,
    learnt: Learnt,
    nodes: pd.DataFrame,
    weights: pd.DataFrame,
    explained: Mapping[str, str],
) -> tuple[str, ...]:
    """Return what a reader of the numbers should know, in the order of the steps."""
    notes = [*made.notes, *_gaps(made, imputed), *_treatments(made, learnt)]
    notes += [f"The weights in {code}: {note}." for code, note in explained.items()]
    notes += _against(weights)
    for i in made.tree.roots:
        code = made.tree.codes[i]
        without = nodes.loc[code]["result"].isna()
        if without.any():
            ids = without.index[without]
            name = "score" if code == INDEX else code
            notes.append(f"{_number(len(ids), 'area has', 'areas have')} no {name}: {_shown(ids)}.")
    return tuple(notes)


def _gaps(made: Prepared, imputed: Imputed) -> list[str]:
    """Return how many values are not known, and what became of them, indicator by indicator."""
    missing = np.isnan(made.given.values).sum(axis=0)
    filled = np.bincount(imputed.changes.column, minlength=len(missing))
    how = imputed.how.method
    n = len(made.given.ids)
    return gathered(
        (code, [f"{count} of {n} areas have no value" + (f"; {done} were filled ({how})." if done else ".")])
        for code, count, done in zip(made.given.codes, missing, filled, strict=True)
        if count
    )


def _treatments(made: Prepared, learnt: Learnt) -> list[str]:
    """Return what became of indicators with outliers."""
    treatment = learnt.treatment
    if treatment is None:
        return []
    notes = []
    for column in np.flatnonzero(treatment.kind != ""):
        before, after = treatment.before[column], treatment.after[column]
        enough = "" if treatment.suffices[column] else ", which is not enough"
        notes.append(
            f"{made.given.codes[column]}: outliers were treated ({treatment.kind[column]}); skewness "
            f"{before[0]:.1f} became {after[0]:.1f}, kurtosis {before[1]:.1f} {after[1]:.1f}{enough}."
        )
    return notes


def _against(weights: pd.DataFrame) -> list[str]:
    """Return which nodes run against the index that they count in."""
    below = weights[weights["correlation"] < 0]
    return [
        f"{code} runs against the whole that it counts in: r = {row['correlation']:.2f}."
        for code, row in below.iterrows()
    ]


def _number(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _shown(ids: Sequence[str] | pd.Index[str]) -> str:
    return ", ".join(ids[:5]) + (", …" if len(ids) > 5 else "")
