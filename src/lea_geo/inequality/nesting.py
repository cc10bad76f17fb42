"""An inequality as the sum of what lies between groups and within them, at any depth of nesting.

Theil's measures and the variance add up without a rest: what sets an area apart from all is what sets its
group apart from all, plus what sets it apart from its group. With s_g the share of a group (of the total for
Theil's T, of the people for the others) and m its mean::

    T   = sum_levels sum_g s_g log(m_g / m_parent) + sum_i s_i log(x_i / m_group)
    L   = sum_levels sum_g p_g log(m_parent / m_g) + sum_i p_i log(m_group / x_i)
    var = sum_levels sum_g p_g (m_g - m_parent)^2  + sum_i p_i (x_i - m_group)^2

Theil (1967), Economics and Information Theory; Shorrocks (1980), https://doi.org/10.2307/1913126; of more
than one level, Akita (2003), https://doi.org/10.1007/s001680200107
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import xlogy

from lea_geo._checks.inequality import check_groups, check_nested
from lea_geo.inequality.estimate import Form, Measure, measured
from lea_geo.inequality.result import WEIGHTINGS, Decomposition, Part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lea_geo.inequality.formulas import Formula
    from lea_geo.inequality.options import Settings
    from lea_geo.inequality.result import Inequality
    from lea_geo.inequality.sample import Sample

    Nesting = pd.Series | pd.DataFrame | Sequence[pd.Series] | None

    Term = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    """What a member adds: of its weight, its mean, that of its group and that of all."""


def _theil(w: np.ndarray, inner: np.ndarray, outer: np.ndarray, whole: np.ndarray) -> np.ndarray:
    # Where all of a group have nothing, nothing is unequal in it: 0 log 0 is 0.
    weight = _divided(w * inner, whole, 0.0)
    return np.asarray(xlogy(weight, _divided(inner, outer, 1.0)))


def _divided(top: np.ndarray, bottom: np.ndarray, otherwise: float) -> np.ndarray:
    """Return a quotient, and what stands for it where both are 0."""
    top, bottom = np.broadcast_arrays(np.asarray(top, dtype=float), np.asarray(bottom, dtype=float))
    nothing = (top == 0) & (bottom == 0)
    return np.asarray(np.divide(top, bottom, out=np.full(top.shape, otherwise), where=~nothing))


def _mean_log_deviation(
    w: np.ndarray,
    inner: np.ndarray,
    outer: np.ndarray,
    whole: np.ndarray,  # noqa: ARG001
) -> np.ndarray:
    return np.asarray(xlogy(w, outer / inner))


def _variance(w: np.ndarray, inner: np.ndarray, outer: np.ndarray, whole: np.ndarray) -> np.ndarray:  # noqa: ARG001
    return np.asarray(w * (inner - outer) ** 2)


TERMS: dict[str, Term] = {
    "theil": _theil,
    "mean_log_deviation": _mean_log_deviation,
    "between_group_variance": _variance,
}


@dataclass(frozen=True)
class Nested:
    """Areas inside groups inside wider groups."""

    levels: tuple[str, ...]
    codes: tuple[np.ndarray, ...]
    """The group of every area, a number from 0, by level; shape (n,) each."""
    names: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, nesting: pd.Series | pd.DataFrame | Sequence[pd.Series], ids: pd.Index) -> Nested:
        """Return groups of ``ids``, the widest first."""
        if isinstance(nesting, pd.Series):
            columns = [nesting]
        elif isinstance(nesting, pd.DataFrame):
            columns = [nesting[name] for name in nesting.columns]
        else:
            columns = list(nesting)
        levels = tuple(
            str(one.name) if one.name is not None else f"level {k + 1}" for k, one in enumerate(columns)
        )
        found = [check_groups(name, one, ids) for name, one in zip(levels, columns, strict=True)]
        coded = [np.unique(one.astype(str), return_inverse=True) for one in found]
        codes, names = tuple(one[1] for one in coded), tuple(one[0] for one in coded)
        for k in range(1, len(levels)):
            pairs = np.unique(np.column_stack([codes[k], codes[k - 1]]), axis=0)[:, 0]
            broken = names[k][np.unique(pairs[1:][pairs[1:] == pairs[:-1]])]
            check_nested(levels[k], levels[k - 1], list(broken))
        return cls(levels, codes, names)

    def parts(self, x: np.ndarray, w: np.ndarray, term: Term) -> list[np.ndarray]:
        """Return what lies between the groups of each level, and within the last, of many draws at once."""
        shape = np.broadcast_shapes(x.shape, w.shape)
        x, w = np.broadcast_to(x, shape), np.broadcast_to(w, shape)
        whole = (w * x).sum(axis=-1, keepdims=True)
        outer, found = whole, []
        for codes in self.codes:
            inner = _group_means(x, w, codes)
            found.append(np.asarray(term(w, inner, outer, whole).sum(axis=-1)))
            outer = inner
        return [*found, np.asarray(term(w, x, outer, whole).sum(axis=-1))]

    @property
    def part_names(self) -> tuple[str, ...]:
        """Names of the parts, in the order of :meth:`parts`."""
        return (*(f"between {level}" for level in self.levels), f"within {self.levels[-1]}")


def _group_means(x: np.ndarray, w: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return for every area the mean of its group, of many draws at once; without weight, its own value."""
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    weight = np.add.reduceat(w[..., order], starts, axis=-1)
    total = np.add.reduceat((w * x)[..., order], starts, axis=-1)
    mean = total / np.where(weight > 0, weight, 1)
    return np.where(weight[..., codes] > 0, mean[..., codes], x)


def with_nesting(
    result: Inequality,
    sample: Sample,
    settings: Settings,
    nesting: pd.Series | pd.DataFrame | Sequence[pd.Series] | None,
) -> Inequality:
    """Return the result with what lies between and within groups, where a nesting is given."""
    if nesting is None:
        return result
    nested, term = Nested.of(nesting, sample.ids), TERMS[result.measure]
    forms = tuple(Form(name, result.form, _part(nested, term, k)) for k, name in enumerate(nested.part_names))
    estimates = measured(sample, settings, Measure(forms)).estimates
    total = {one: result.estimate(weighting=one).value for one in WEIGHTINGS}
    parts = tuple(
        Part(
            one.measure,
            one.weighting,
            one.value,
            one.value / total[one.weighting] if total[one.weighting] > 0 else float("nan"),
            one.lower,
            one.upper,
            one.noise,
        )
        for one in estimates
    )
    groups = _groups(nested, sample, term)
    return replace(result, decomposition=Decomposition(result.measure, nested.levels, parts, groups))


def _part(nested: Nested, term: Term, k: int) -> Formula:
    return lambda x, w, p: nested.parts(x, w, term)[k]  # noqa: ARG005


def _groups(nested: Nested, sample: Sample, term: Term) -> pd.DataFrame:
    """Return the groups of the first level, of people."""
    x, w, codes = sample.x, sample.people, nested.codes[0]
    share = np.bincount(codes, weights=w)
    mean = _group_means(x, w, codes)
    inside = w / np.where(share > 0, share, 1)[codes]
    contribution = np.bincount(codes, weights=term(w, x, mean, np.asarray(sample.mean)))
    return pd.DataFrame(
        {
            "population_share": share,
            "mean": np.bincount(codes, weights=inside * x),
            "within": np.bincount(codes, weights=term(inside, x, mean, mean)),
            "contribution": contribution,
        },
        index=pd.Index(nested.names[0], name=nested.levels[0]),
    )
