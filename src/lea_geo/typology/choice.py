"""How many types: the largest number that is not imagined, lasts, and predicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.typology.fits import NONE, Fit, scatter
from lea_geo.typology.null import Structure, structure
from lea_geo.typology.stability import Stability, stability

if TYPE_CHECKING:
    from lea_geo.typology.features import Features
    from lea_geo.typology.stability import How

STABLE = 0.75
"""A type is stable from this mean Jaccard similarity (Hennig 2007: "valid, stable")."""
PREDICTS = 0.8
"""Types predict each other from this prediction strength, with its standard error (Tibshirani, Walther)."""
SMALLEST = 3
"""A type has at least so many areas."""
CHOICE_COLUMNS = (
    "k",
    "least_areas",
    "smallest_type",
    "stability_least",
    "stability_mean",
    "rand_reference",
    "rand_between",
    "prediction_strength",
    "prediction_error",
    "p_more",
    "gap",
    "silhouette",
    "explained",
    "bic",
    "no_type",
    "stands",
    "chosen",
)
"""Of each number of types: ``k`` found; ``least_areas``, what HDBSCAN was told instead (NaN for the others);
areas of the ``smallest_type``; the least and the mean Jaccard stability of its types; mean adjusted Rand
index of runs with the reference and between runs; prediction strength and its standard error; ``p_more``,
how often worlds of k kinds would look as if there were more (NaN where it was not needed); Tibshirani's
``gap``; mean ``silhouette``; the share of the spread ``explained``; BIC of a mixture; areas of ``no_type``;
whether it ``stands`` by the rule, and is the ``chosen`` one."""


@dataclass(frozen=True)
class Choice:
    """The chosen division, and what all of them were like."""

    fit: Fit
    member: np.ndarray
    """Probability of each type, shape (n, k)."""
    jaccard: np.ndarray
    """Stability of each type, shape (k,)."""
    setting: int
    """What the method was told: the number of types, or HDBSCAN's least number of areas."""
    table: pd.DataFrame
    found: int
    ties: tuple[int, ...]
    notes: tuple[str, ...]

    def ordered(self, order: np.ndarray) -> Choice:
        """Return the same with the types in another order."""
        return replace(
            self, fit=self.fit.ordered(order), member=self.member[:, order], jaccard=self.jaccard[order]
        )


def chosen(seen: Features, how: How, *, k: int | None, k_most: int, worlds: int, alpha: float) -> Choice:
    """Try every number of types and choose."""
    kinds = _structure(seen, how, k_most, worlds, alpha)
    hdbscan = how.method == "hdbscan"
    settings = range(3, min(k_most + 3, len(seen.ids) // 2)) if hdbscan else range(2, k_most + 1)
    tried = {setting: stability(seen, how, setting) for setting in settings}
    rows = [_one_row(seen, kinds)] + [_row(seen, how, setting, one, kinds) for setting, one in tried.items()]
    table = pd.DataFrame(rows, columns=[*CHOICE_COLUMNS, "setting"])
    ks, told = table["k"].to_numpy(dtype=int), table["setting"].to_numpy(dtype=int)
    stands = table[table["stands"] & (table["k"] > 1)]
    at = 0
    if k is not None:
        at = int(np.flatnonzero(ks == k)[0]) if (ks == k).any() else 0
    elif len(stands):
        # Of HDBSCAN's settings with the same k, the most stable.
        at = int(stands.sort_values(["k", "stability_least"], kind="stable").index[-1])
    table.loc[at, "chosen"] = True
    own = None if at == 0 else tried[int(told[at])]
    ties = sorted(set(stands["k"].to_numpy(dtype=int).tolist()) - {int(ks[at])})
    return Choice(
        fit=_single(seen) if own is None else own.reference,
        member=np.ones((len(seen.ids), 1)) if own is None else own.member,
        jaccard=np.ones(1) if own is None else own.jaccard,
        setting=int(told[at]),
        table=table.drop(columns="setting"),
        found=kinds.found,
        ties=tuple(ties) if at else (),
        notes=_notes(table, at, kinds, k, alpha, how.method),
    )


def _structure(seen: Features, how: How, k_most: int, worlds: int, alpha: float) -> Structure:
    if k_most < 2:
        return Structure({}, 1, np.zeros(1))
    own = how.forming
    return structure(
        seen.subset(own), how.weights[own], k_most=k_most, worlds=worlds, alpha=alpha, seed=how.seed
    )


def _single(seen: Features) -> Fit:
    return Fit(np.zeros(len(seen.ids), dtype=int), seen.x.mean(axis=0, keepdims=True))


def _one_row(seen: Features, kinds: Structure) -> dict[str, object]:
    """Return the row of one type for all."""
    row: dict[str, object] = dict.fromkeys((*CHOICE_COLUMNS, "setting"), np.nan)
    return row | {
        "k": 1,
        "smallest_type": len(seen.ids),
        "stability_least": 1.0,
        "stability_mean": 1.0,
        "p_more": kinds.p_more.get(1, np.nan),
        "gap": float(kinds.gap[0]),
        "explained": 0.0,
        "no_type": 0,
        "stands": True,
        "chosen": False,
        "setting": 1,
    }


def _row(seen: Features, how: How, setting: int, one: Stability, kinds: Structure) -> dict[str, object]:
    made = one.reference
    sizes = np.bincount(made.labels[made.labels != NONE], minlength=max(1, made.k))
    predicts = np.isnan(one.strength) or one.strength + one.strength_error >= PREDICTS
    least = float(one.jaccard.min(initial=1.0)) if made.k else np.nan
    stands = 1 < made.k <= kinds.found and least >= STABLE and predicts and sizes.min() >= SMALLEST
    whole = scatter(seen.x, np.zeros(len(seen.x), dtype=int), how.weights)
    hdbscan = how.method == "hdbscan"
    return {
        "k": made.k,
        "least_areas": float(setting) if hdbscan else np.nan,
        "smallest_type": int(sizes.min()),
        "stability_least": least,
        "stability_mean": float(one.jaccard.mean()) if made.k else np.nan,
        "rand_reference": one.with_reference,
        "rand_between": one.between_runs,
        "prediction_strength": one.strength,
        "prediction_error": one.strength_error if not np.isnan(one.strength) else np.nan,
        "p_more": kinds.p_more.get(made.k, np.nan),
        "gap": float(kinds.gap[made.k - 1]) if 0 < made.k <= len(kinds.gap) and not hdbscan else np.nan,
        "silhouette": _silhouette(seen.x, made.labels),
        "explained": 1 - scatter(seen.x, made.labels, how.weights) / whole,
        "bic": float(made.mixture.bic(seen.x)) if made.mixture is not None else np.nan,
        "no_type": int((made.labels == NONE).sum()),
        "stands": bool(stands),
        "chosen": False,
        "setting": setting,
    }


def _silhouette(x: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean silhouette of the areas that have a type (Rousseeuw 1987)."""
    from sklearn.metrics import silhouette_score  # noqa: PLC0415 - it takes a second

    typed = labels != NONE
    several = len(np.unique(labels[typed]))
    if not 1 < several < typed.sum():
        return float("nan")
    return float(silhouette_score(x[typed], labels[typed]))


def _notes(
    table: pd.DataFrame, at: int, kinds: Structure, k: int | None, alpha: float, method: str
) -> tuple[str, ...]:
    notes = []
    own, left = (int(table[name].to_numpy()[at]) for name in ("k", "no_type"))
    if k is not None and not table["stands"].to_numpy()[at]:
        notes.append(f"{k} types were asked for; by the rule they do not stand: see choices.")
    if k is None and at == 0 and kinds.found == 1:
        p = kinds.p_more.get(1, np.nan)
        notes.append(f"Nothing shows that there is more than one kind of area (p = {p:.2f} of one kind).")
    elif k is None and at == 0:
        notes.append(
            f"The areas are not all of one kind (p at most {alpha:g}), but no types last when the areas are "
            "drawn again."
        )
    elif k is None and own < kinds.found:
        notes.append(f"There may be {kinds.found} kinds, but only {own} last when drawn again.")
    if method == "hdbscan" and left:
        notes.append(f"{left} of the areas are like no others and have no type.")
    return tuple(notes)
