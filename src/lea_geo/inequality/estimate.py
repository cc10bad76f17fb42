"""From measures to estimates: values, their intervals, and what chance alone would give.

Three ways, by what is known of the noise in the values:

* a measure along a given order: its variance follows from that of each value (the delta method), a ratio on
  the scale of its logarithm;
* a measure of spread: the quantiles of the measure over draws of what may be true (:mod:`.noise`), carried to
  equality where equal areas would show as much too often to be ruled out: no continuous law of draws reaches
  it;
* nothing is known, or the areas stand for others: areas are drawn again with replacement (Efron 1987's
  bias-corrected and accelerated quantiles, https://doi.org/10.1080/01621459.1987.10478410).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from scipy.special import ndtr, ndtri

from lea_geo.inequality.result import WEIGHTINGS, Estimate, Inequality

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lea_geo.inequality.ends import Combination, Ends
    from lea_geo.inequality.formulas import Formula
    from lea_geo.inequality.noise import Noise
    from lea_geo.inequality.options import Settings
    from lea_geo.inequality.sample import Sample

_CELLS = 2**21
"""How many values are held at once."""
_MOST_FOR_ACCELERATION = 2000
"""With more areas, the skewness that it allows for is nothing beside the rest."""
_STREAMS = {"possible": 0, "equal": 1, "areas": 2}
FEW = 15
"""With fewer areas, areas drawn again say little."""


@dataclass(frozen=True)
class Form:
    """A measure in one form."""

    measure: str
    form: str
    formula: Formula | None = None
    """Of measures of spread."""
    combine: Combination | None = None
    """Of measures along a given order: what is made of its two sums."""
    equal: float = 0.0
    """What it is where there is no inequality; NaN of a part that says nothing of that by itself."""
    logged: bool = False
    """Whether its interval is even on the scale of its logarithm."""
    needs_noise: bool = False
    """Whether areas drawn again say nothing of it: extremes, and named areas."""


@dataclass(frozen=True)
class Measure:
    """What is to be estimated."""

    forms: tuple[Form, ...]
    """The first is that of ``.value``."""
    ends: Ends | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def formula(self, form: Form) -> Formula:
        """Return one form as a function of many draws."""
        if form.formula is not None:
            return form.formula
        ends, combine = cast("Ends", self.ends), cast("Combination", form.combine)
        return lambda x, w, p: np.asarray(combine(*ends.of(x, w, p)))

    def has_gradients(self) -> bool:
        """Whether its interval follows from the variance of each value."""
        return hasattr(self.ends, "gradients")


def first_form(measure: Measure, form: str) -> Measure:
    """Return the measure with the form ("absolute", "relative") that ``.value`` is to have."""
    return replace(measure, forms=tuple(sorted(measure.forms, key=lambda one: one.form != form)))


def measured(sample: Sample, settings: Settings, measure: Measure) -> Inequality:
    """Return one measure of a sample."""
    return measured_together(sample, settings, [measure])[0]


def measured_together(sample: Sample, settings: Settings, measures: Sequence[Measure]) -> list[Inequality]:
    """Return several measures of the same sample, from the same draws."""
    again = sample.noise is None or bool(settings.resample)
    along = [one.has_gradients() for one in measures]
    spread = iter(_by_draws(sample, settings, _only(measures, along, kind=False), again=again))
    if again:
        # Areas drawn again bring the noise in their values with them: nothing is to be added.
        bare = replace(sample, noise=None)
        rest = iter(_by_draws(bare, settings, _only(measures, along, kind=True), again=True))
    else:
        rest = (_by_gradients(sample, settings, one) for one in _only(measures, along, kind=True))
    return [
        _result(sample, settings, one, next(rest if known else spread), again=again)
        for one, known in zip(measures, along, strict=True)
    ]


def _only(measures: Sequence[Measure], along: Sequence[bool], *, kind: bool) -> list[Measure]:
    return [one for one, known in zip(measures, along, strict=True) if known == kind]


def _result(
    sample: Sample, settings: Settings, measure: Measure, estimates: tuple[Estimate, ...], *, again: bool
) -> Inequality:
    first = measure.forms[0]
    return Inequality(
        first.measure,
        first.form,
        estimates,
        sample.n,
        includes(sample, again=again),
        settings.level,
        settings.runs,
        settings.seed,
        dict(measure.settings),
        (*sample.notes, *measure.notes, *_said(sample, measure, estimates, again=again)),
    )


def includes(sample: Sample, *, again: bool) -> str:
    """Return what intervals hold."""
    kept = [] if sample.noise is None else [sample.noise.includes]
    return " and ".join([*kept, *(["how other areas such as these might differ"] if again else [])])


def _said(sample: Sample, measure: Measure, estimates: tuple[Estimate, ...], *, again: bool) -> Iterator[str]:
    undefined = sorted({one.measure for one in estimates if np.isnan(one.value)})
    if undefined:
        yield f"{', '.join(undefined)} has no value here: it would divide by zero or by less."
    if sample.noise is None:
        yield (
            "Nothing is known of the noise in the values (no counts, no standard errors): the interval says "
            "how the measure would differ among other areas such as these, and holds nothing "
            "of small numbers."
        )
    if again and sample.n < FEW:
        yield f"Only {sample.n} areas: an interval of areas drawn again is rough, and too narrow."
    silent = any(form.needs_noise for form in measure.forms)
    if silent and any(np.isfinite(one.value) and np.isnan(one.lower) for one in estimates):
        yield (
            "Extremes and named areas have no interval of areas drawn again: other areas say nothing of "
            "them. Counts or standard errors would give one."
        )


def _weights(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    return sample.people, sample.alike


def _by_gradients(sample: Sample, settings: Settings, measure: Measure) -> tuple[Estimate, ...]:
    """Return estimates whose variance follows from that of each value."""
    variances = cast("Noise", sample.noise).variances()
    ends = cast("Ends", measure.ends)
    z = float(ndtri((1 + settings.level) / 2))
    found = []
    for weighting, w in zip(WEIGHTINGS, _weights(sample), strict=True):
        u, v = (float(end) for end in ends.of(sample.x, w, sample.people))
        du, dv = ends.gradients(sample.x, w, sample.people)
        for form in measure.forms:
            value, slopes = _combined(form, u, v)
            squares = (slopes[0] * du + slopes[1] * dv) ** 2
            error = float(np.sqrt((variances * squares).sum(axis=1).max()))
            found.append(_normal(form, weighting, value, error, z))
    return tuple(found)


def _combined(form: Form, u: float, v: float) -> tuple[float, tuple[float, float]]:
    """Return what is made of two sums, and how it changes with each, by a complex step."""
    combine = cast("Combination", form.combine)
    h = 1e-30
    with np.errstate(all="ignore"):
        value = float(np.real(combine(np.complex128(u), np.complex128(v))))
        by_u = float(np.imag(combine(np.complex128(u + h * 1j), np.complex128(v)))) / h
        by_v = float(np.imag(combine(np.complex128(u), np.complex128(v + h * 1j)))) / h
    return (value if np.isfinite(value) else float("nan")), (by_u, by_v)


def _normal(form: Form, weighting: str, value: float, error: float, z: float) -> Estimate:
    base = (form.measure, form.form, weighting)
    if np.isnan(value) or (form.logged and value <= 0):
        return Estimate(*base, float("nan") if form.logged else value, equal=form.equal)
    if form.logged:
        reach = z * error / value
        lower, upper, score = value * np.exp(-reach), value * np.exp(reach), np.log(value) * value
    else:
        lower, upper, score = value - z * error, value + z * error, value - form.equal
    p_value = 2 * ndtr(-abs(score) / error) if error > 0 else float(score == 0)
    # A linear measure of unbiased values is unbiased: equal areas give equality on average.
    return Estimate(*base, value, float(lower), float(upper), value, form.equal, float(p_value), form.equal)


def _by_draws(
    sample: Sample, settings: Settings, measures: Sequence[Measure], *, again: bool
) -> list[tuple[Estimate, ...]]:
    """Return estimates of all measures from the same draws."""
    cells = [(one, form) for one in measures for form in one.forms]
    if not cells:
        return []
    formulas = [one.formula(form) for one, form in cells]
    value = values_of(formulas, sample.x, *_weights(sample), sample.people)[0]
    drawn = draw(sample, settings, formulas, again=again)
    equal = draw_equal(sample, settings, formulas)
    shift = jackknifed(sample, formulas) if sample.noise is None else None
    found = {}
    for at, (_, form) in enumerate(cells):
        for k, weighting in enumerate(WEIGHTINGS):
            acceleration = None if shift is None else (value[k, at], shift[:, k, at])
            chance = None if equal is None else equal[:, k, at]
            found[at, weighting] = _estimate(
                form, weighting, float(value[k, at]), drawn[:, k, at], chance, acceleration, settings.level
            )
    return _gathered(measures, found)


def _gathered(
    measures: Sequence[Measure], found: Mapping[tuple[int, str], Estimate]
) -> list[tuple[Estimate, ...]]:
    results, at = [], 0
    for one in measures:
        places = range(at, at + len(one.forms))
        results.append(tuple(found[place, weighting] for weighting in WEIGHTINGS for place in places))
        at += len(one.forms)
    return results


def _estimate(
    form: Form,
    weighting: str,
    value: float,
    drawn: np.ndarray,
    chance: np.ndarray | None,
    shift: tuple[float, np.ndarray] | None,
    level: float,
) -> Estimate:
    base = (form.measure, form.form, weighting)
    if not np.isfinite(value):
        return Estimate(*base, float("nan"), equal=form.equal)
    drawn = drawn[np.isfinite(drawn)]
    silent = (shift is not None and form.needs_noise) or not len(drawn)
    ends = (float("nan"), float("nan")) if silent else quantiles(drawn, level, shift)
    if chance is None:
        return Estimate(*base, value, *ends, equal=form.equal)
    chance = chance[np.isfinite(chance)]
    as_much = np.abs(chance - form.equal) >= abs(value - form.equal) * (1 - 1e-12)
    p_value = (1 + int(as_much.sum())) / (1 + len(chance))
    if np.isnan(form.equal):
        p_value = float("nan")
    elif p_value > (1 - level) / 2:
        ends = (min(ends[0], form.equal), max(ends[1], form.equal))
    noise = float(chance.mean()) if len(chance) else float("nan")
    return Estimate(*base, value, *ends, float(np.median(drawn)), noise, p_value, form.equal)


def quantiles(
    drawn: np.ndarray, level: float, shift: tuple[float, np.ndarray] | None = None
) -> tuple[float, float]:
    """Return the interval that draws leave; with a value and its jackknife, Efron's BCa interval."""
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if shift is not None:
        value, jackknife = shift
        below = (np.count_nonzero(drawn < value) + 0.5 * np.count_nonzero(drawn == value)) / len(drawn)
        z0 = ndtri(np.clip(below, 0.5 / len(drawn), 1 - 0.5 / len(drawn)))
        a = _acceleration(jackknife)
        z = z0 + ndtri(tails)
        tails = ndtr(z0 + z / np.maximum(1 - a * z, 0.1))
    lower, upper = np.quantile(drawn, tails)
    return float(lower), float(upper)


def _acceleration(jackknife: np.ndarray) -> float:
    off = jackknife[np.isfinite(jackknife)]
    off = off.mean() - off if len(off) else np.zeros(1)
    squares = float((off**2).sum())
    return float((off**3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0


def values_of(
    formulas: Sequence[Formula], x: np.ndarray, w: np.ndarray, alike: np.ndarray, p: np.ndarray
) -> np.ndarray:
    """Return every formula, weighted and unweighted, of shape (draws, 2, formulas)."""
    with np.errstate(all="ignore"):
        return np.stack(
            [
                np.stack([np.atleast_1d(one(x, weight, p)) for one in formulas], axis=-1)
                for weight in (w, alike)
            ],
            axis=-2,
        )


def _generator(seed: int, stream: str) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=np.array([seed, _STREAMS[stream]], dtype=np.uint64)))


def _chunks(runs: int, n: int) -> Iterator[int]:
    size = max(1, _CELLS // max(n, 1))
    for start in range(0, runs, size):
        yield min(size, runs - start)


def draw(sample: Sample, settings: Settings, formulas: Sequence[Formula], *, again: bool) -> np.ndarray:
    """Return every formula over draws of what may be true of these areas, or others: (runs, 2, formulas)."""
    rng, areas = _generator(settings.seed, "possible"), _generator(settings.seed, "areas")
    # Areas drawn again bring the noise in their values with them.
    possible = sample.noise.possible(rng, settings.runs) if sample.noise is not None else None
    found = []
    for k in _chunks(settings.runs, sample.n):
        x = sample.x if possible is None else possible(k)
        p, alike = _weights(sample)
        if again:
            times = areas.multinomial(sample.n, alike, size=k).astype(float)
            with np.errstate(invalid="ignore", divide="ignore"):
                p, alike = times * p / (times * p).sum(axis=1, keepdims=True), times / sample.n
        found.append(values_of(formulas, np.broadcast_to(x, (k, sample.n)), p, alike, p))
    return np.concatenate(found)


def draw_equal(sample: Sample, settings: Settings, formulas: Sequence[Formula]) -> np.ndarray | None:
    """Return every formula over draws of what equal areas would show; None where nothing is known of it."""
    if sample.noise is None:
        return None
    rng = _generator(settings.seed, "equal")
    drawn = (sample.noise.equal(rng, k) for k in _chunks(settings.runs, sample.n))
    return np.concatenate([values_of(formulas, x, *_weights(sample), sample.people) for x in drawn])


def jackknifed(sample: Sample, formulas: Sequence[Formula]) -> np.ndarray:
    """Return every formula with one area after the other left out: (n, 2, formulas); empty for many areas."""
    if sample.n > _MOST_FOR_ACCELERATION:
        return np.zeros((0, 2, len(formulas)))
    found, start = [], 0
    for k in _chunks(sample.n, sample.n):
        kept = np.ones((k, sample.n))
        kept[np.arange(k), np.arange(start, start + k)] = 0
        start += k
        p = kept * sample.people
        with np.errstate(invalid="ignore", divide="ignore"):
            p = p / p.sum(axis=1, keepdims=True)
        x = np.broadcast_to(sample.x, kept.shape)
        found.append(values_of(formulas, x, p, kept / (sample.n - 1), p))
    return np.concatenate(found)
