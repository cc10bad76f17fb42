"""What areas are compared by: coordinates in which distances mean something, and how noise moves them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.typology import (
    check_aligned,
    check_frame,
    check_same_ids,
    check_same_parts,
    check_spread,
    refuse_no_data,
)
from lea_geo.typology.composition import Composition
from lea_geo.typology.log_ratio import clr_inverse, ilr, pivot_basis

if TYPE_CHECKING:
    from collections.abc import Callable

WIDEST = 5.0
"""Robust z-scores further out are drawn in to this, so that one area's value makes no type by itself."""
_MAD, _IQR = 1.4826, 0.7413
"""What makes a median absolute deviation and an interquartile range a normal law's standard deviation."""


@dataclass(frozen=True)
class Scale:
    """How shares and indicators become coordinates; made once, then used for draws and other years too."""

    parts: tuple[str, ...]
    indicators: tuple[str, ...]
    divisor: float
    """What log-ratios are divided by, so that one counts as one indicator; 1 without indicators."""
    centre: np.ndarray
    """Median of each indicator, shape (indicators,)."""
    spread: np.ndarray
    """Robust standard deviation of each, shape (indicators,)."""

    @classmethod
    def of(cls, shares: pd.DataFrame, values: pd.DataFrame) -> Scale:
        """Settle the scale on some areas' shares (n, parts) and indicators (n, indicators)."""
        centre, spread = _robust(values.to_numpy())
        check_spread(name for name, s in zip(values.columns, spread, strict=True) if not s > 0)
        divisor = 1.0
        if shares.shape[1] and values.shape[1]:
            variances = ilr(shares.to_numpy(), pivot_basis(shares.shape[1])).var(axis=0)
            divisor = float(np.sqrt(variances.mean())) or 1.0
        return cls(tuple(shares.columns), tuple(values.columns), divisor, centre, spread)

    def place(self, shares: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return the coordinates of areas, shape (n, dimensions)."""
        z = np.clip((values - self.centre) / self.spread, -WIDEST, WIDEST)
        if not self.parts:
            return np.asarray(z)
        return np.hstack([ilr(shares, pivot_basis(len(self.parts))) / self.divisor, z])

    def shares_at(self, points: np.ndarray) -> np.ndarray:
        """Return the composition at some coordinates, shape (n, parts)."""
        basis = pivot_basis(len(self.parts))
        return clr_inverse(self.divisor * points[:, : len(basis)] @ basis)

    def values_at(self, points: np.ndarray) -> np.ndarray:
        """Return the indicators at some coordinates, shape (n, indicators)."""
        first = max(0, len(self.parts) - 1)
        return np.asarray(self.centre + self.spread * points[:, first:])


def _robust(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return median and spread of each column: median absolute deviation, or what next is not 0."""
    if not values.shape[1]:
        return np.zeros(0), np.zeros(0)
    centre = np.median(values, axis=0)
    spread = _MAD * np.median(np.abs(values - centre), axis=0)
    quartiles = np.percentile(values, [25, 75], axis=0)
    spread = np.where(spread > 0, spread, _IQR * (quartiles[1] - quartiles[0]))
    return centre, np.where(spread > 0, spread, values.std(axis=0))


@dataclass(frozen=True)
class Features:
    """Coordinates of areas, in the order of their ids, and how to draw them again."""

    ids: pd.Index
    scale: Scale
    x: np.ndarray
    """Shape (n, dimensions)."""
    composition: Composition | None
    """Of exactly these areas."""
    values: np.ndarray
    """Indicators as given, shape (n, indicators)."""
    errors: np.ndarray
    """Their standard errors, 0 where none are known; shape (n, indicators)."""
    left_out: pd.Index
    """Areas without all values."""
    notes: tuple[str, ...]

    def subset(self, chosen: np.ndarray) -> Features:
        """Return some of the areas, on the same scale."""
        if chosen.all():
            return self
        kept = self.composition
        return replace(
            self,
            ids=self.ids[chosen],
            x=self.x[chosen],
            composition=None if kept is None else _restricted(kept, self.ids[chosen], self.scale.parts),
            values=self.values[chosen],
            errors=self.errors[chosen],
        )

    @property
    def shares(self) -> np.ndarray:
        """Shares without zeros, shape (n, parts)."""
        return np.zeros((len(self.ids), 0)) if self.composition is None else self.composition.known.to_numpy()

    @property
    def noisy(self) -> bool:
        """Whether anything is known of the noise."""
        counted = self.composition is not None and self.composition.counts is not None
        return counted or bool((self.errors > 0).any())

    def drawn(self, rng: np.random.Generator) -> np.ndarray:
        """Return coordinates that may be the true ones, shape (n, dimensions)."""
        shares = self.shares if self.composition is None else self.composition.drawn(rng)
        values = self.values + self.errors * rng.standard_normal(self.errors.shape)
        return self.scale.place(shares, values)

    def noise(self) -> np.ndarray:
        """Return the mean covariance of noise of the coordinates; shape (dimensions, dimensions)."""
        size = len(self.scale.parts) - 1 if self.composition is not None else 0
        total = np.zeros((self.x.shape[1], self.x.shape[1]))
        if self.composition is not None and self.composition.counts is not None:
            counts = self.composition.counts.loc[self.ids].sum(axis=1).to_numpy()
            basis = pivot_basis(size + 1) / self.scale.divisor
            # The delta method: cov(ln share) = diag(1 / (n share)) - 1/n, whose constant no log-ratio sees.
            each = (1 / (counts[:, None] * self.shares)).mean(axis=0)
            total[:size, :size] = (basis * each) @ basis.T
        z_errors = self.errors / self.scale.spread if self.errors.size else self.errors
        total[range(size, len(total)), range(size, len(total))] = (z_errors**2).mean(axis=0)
        return total


def features(
    data: Composition | None,
    indicators: pd.DataFrame | None,
    errors: pd.DataFrame | None,
    *,
    scale: Scale | None = None,
) -> Features:
    """Return what areas are compared by; areas without all values are left out and named.

    Parameters
    ----------
    data, indicators, errors
        As :func:`lea_geo.types` takes them.
    scale
        That of an earlier year; left out, these data's own.
    """
    if data is None and indicators is None:
        refuse_no_data()
    values = pd.DataFrame(index=data.table.index) if indicators is None and data is not None else indicators
    values = check_frame("indicators", values)
    shares = pd.DataFrame(index=values.index) if data is None else data.table
    check_same_ids("indicators", values.index, shares.index, "the composition")
    if scale is not None:
        check_same_parts(shares.columns, scale.parts, "parts")
        check_same_parts(values.columns, scale.indicators, "indicators")
        shares, values = shares[list(scale.parts)], values[list(scale.indicators)]
    whole = shares.notna().all(axis=1) & values.reindex(shares.index).notna().all(axis=1)
    ids = shares.index[whole].sort_values()
    shares, values = shares.loc[ids], values.loc[ids]
    scale = scale or Scale.of(shares, values)
    kept = None if data is None else _restricted(data, ids, scale.parts)
    return Features(
        ids=ids,
        scale=scale,
        x=scale.place(shares.to_numpy(), values.to_numpy()),
        composition=kept,
        values=values.to_numpy(),
        errors=_errors(errors, values),
        left_out=whole.index[~whole],
        notes=_notes(data, whole, values, scale),
    )


def _restricted(data: Composition, ids: pd.Index, parts: tuple[str, ...]) -> Composition:
    """Return the composition of some areas only, its parts in the order of the scale."""
    cut: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame.loc[ids, list(parts)]  # noqa: E731
    return Composition(
        table=cut(data.table),
        observed=cut(data.observed),
        counts=None if data.counts is None else cut(data.counts),
        pseudo=None if data.pseudo is None else cut(data.pseudo),
        least=cut(data.least),
        zeros=data.zeros,
        delta=data.delta,
        replaced=data.replaced,
        notes=data.notes,
    )


def _errors(errors: pd.DataFrame | None, values: pd.DataFrame) -> np.ndarray:
    """Return the standard errors of indicators, 0 for those that have none; shape (n, indicators)."""
    found = np.zeros(values.shape)
    if errors is None:
        return found
    given = check_frame("errors", errors)
    for j, name in enumerate(values.columns):
        if name in given.columns:
            found[:, j] = check_aligned(f"errors[{name!r}]", given[name], values.index)
    return found


def _notes(data: Composition | None, whole: pd.Series, values: pd.DataFrame, scale: Scale) -> tuple[str, ...]:
    notes = list(data.notes) if data is not None else []
    if not whole.all():
        named = ", ".join(map(str, whole.index[~whole][:5])) + (", …" if (~whole).sum() > 5 else "")
        notes.append(f"{int((~whole).sum())} of {len(whole)} areas lack a value and have no type: {named}.")
    far = (np.abs(values.to_numpy() - scale.centre) > WIDEST * scale.spread).sum() if values.size else 0
    if far:
        notes.append(f"{int(far)} values further than {WIDEST:g} robust deviations out are drawn in to that.")
    if data is not None and data.counts is None:
        notes.append("Shares without counts carry no noise of small numbers.")
    return tuple(notes)
