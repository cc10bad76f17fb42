"""Made-up studies whose true rates are known, and how often what an index says of them comes true.

True rates are logistic-normal or skewed, correlated between indicators and perhaps between neighbours, and in
some designs depend on the size of the area: none of them is what the model of noise assumes. What is
observed are binomial counts among a few tens to hundreds of people.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter

from lea_geo.composite_spec import CompositeSpec, Node, Normalise
from lea_geo.robustness.composite import composite_robustness
from lea_geo.robustness.plan import Plan
from lea_geo.robustness.streams import Key
from lea_geo.robustness_spec import FACTORS, RobustnessSpec

DATA_ONLY = RobustnessSpec(
    normalise=(), aggregate=(), weighting=(), impute=(), weights_within=0.0, leave_out=False
)
"""Runs that differ in the true rates alone: the stated method is taken for the right one."""


@dataclass(frozen=True)
class Design:
    """What a made-up study is like."""

    areas: int = 150
    indicators: int = 8
    people: float = 200.0
    """The median number of people in an area; a sixth have less than a third of it."""
    correlation: float = 0.4
    """Between the true rates of two indicators."""
    rates: tuple[float, float] = (0.03, 0.4)
    """Between which the typical rates of indicators lie."""
    spread: float = 0.5
    """Standard deviation of true rates between areas, on the logit."""
    skewed: bool = False
    """True rates are gamma on the logit: many ordinary areas, few bad ones."""
    size: float = 0.0
    """By how many standard deviations true rates rise where the logarithm of people rises by one."""
    spatial: bool = False
    """Neighbours have similar true rates."""
    clustered: bool = False
    """Counts vary twice as much as by chance alone, as where people come in pairs: the model is wrong."""
    missing: float = 0.0
    """The share of values that are not known."""
    hidden_below: float = 0.0
    """Rates of fewer people are suppressed."""


DESIGNS = {
    "150 areas, 8 indicators, 200 people": Design(),
    "40 areas": Design(areas=40),
    "600 areas, 12 indicators": Design(areas=600, indicators=12, people=400.0, correlation=0.2),
    "one indicator": Design(indicators=1),
    "two indicators, 100 people": Design(indicators=2, people=100.0),
    "50 people": Design(people=50.0),
    "1 000 people": Design(people=1000.0),
    "rare events (0.5 to 5 %)": Design(rates=(0.005, 0.05)),
    "independent indicators": Design(correlation=0.0),
    "strongly correlated indicators": Design(correlation=0.8),
    "areas hardly differ": Design(spread=0.25),
    "few bad areas": Design(skewed=True),
    "rates rise with size": Design(size=0.5),
    "neighbours are alike": Design(spatial=True),
    "a tenth of the values missing": Design(missing=0.1),
}
WRONG = {
    "counts vary twice as much as by chance": Design(clustered=True),
    "rates of fewer than 50 people hidden": Design(hidden_below=50.0),
}
"""Designs in which what the runs assume is not so."""


@dataclass(frozen=True)
class Study:
    """One made-up study."""

    true: pd.DataFrame
    """Rates, areas by indicators."""
    observed: pd.DataFrame
    counts: dict[str, pd.DataFrame]
    bounds: dict[str, pd.DataFrame]
    spec: CompositeSpec


def study(design: Design, seed: int) -> Study:
    """Return a made-up study."""
    rng = np.random.default_rng([seed, 7])
    n, k = design.areas, design.indicators
    people = np.maximum(8, rng.lognormal(np.log(design.people), 1.0, n)).round()
    logit = _standard(design, rng) * design.spread
    logit += (
        design.spread
        * design.size
        * ((np.log(people) - np.log(people).mean()) / np.log(people).std())[:, None]
    )
    low, high = (np.log(r / (1 - r)) for r in design.rates)
    rate = 1 / (1 + np.exp(-(rng.uniform(low, high, k) + logit)))
    whole = np.maximum(5, people[:, None] * rng.uniform(0.3, 1.0, k)).round()
    part = rng.binomial(whole.astype(int), rate).astype(float)
    if design.clustered:  # pairs that share their fate: twice the variance
        half = (whole // 2).astype(int)
        part = 2.0 * rng.binomial(half, rate) + (whole % 2) * rng.binomial(1, rate)
    ids = pd.Index([f"{i:05d}" for i in range(n)], name="area_id")
    codes = [f"i{j}" for j in range(k)]
    frame = pd.DataFrame(part / whole, ids, codes)
    hidden = whole < design.hidden_below
    frame = frame.mask(hidden | (rng.random((n, k)) < design.missing))
    status = pd.DataFrame(
        np.where(hidden, "suppressed", np.where(frame.isna(), "missing", "observed")), ids, codes
    )
    ends = np.where(hidden, 1.0, np.nan)
    return Study(
        true=pd.DataFrame(rate, ids, codes),
        observed=frame.join(status.add_suffix("_status")),
        counts={
            code: pd.DataFrame({"numerator": part[:, j], "denominator": whole[:, j]}, ids)
            for j, code in enumerate(codes)
        },
        bounds={
            code: pd.DataFrame({"lower": 0.0 * ends[:, j], "upper": ends[:, j]}, ids)
            for j, code in enumerate(codes)
        },
        spec=CompositeSpec(
            indicators=tuple(Node(code, direction="weakens") for code in codes), normalise=Normalise("z")
        ),
    )


def _standard(design: Design, rng: np.random.Generator) -> np.ndarray:
    """Return standardised true levels, areas by indicators, with the correlation asked for."""
    n, k = design.areas, design.indicators
    if design.spatial:
        side = int(np.ceil(np.sqrt(n)))
        fields = np.array([gaussian_filter(rng.standard_normal((side, side)), 1.0) for _ in range(k + 1)])
        common, *own = fields.reshape(k + 1, -1)[:, :n] / fields.std(axis=(1, 2))[:, None]
        own = np.array(own).T
    elif design.skewed:
        common, own = rng.standard_gamma(1.0, n) - 1, (rng.standard_gamma(1.5, (n, k)) - 1.5) / np.sqrt(1.5)
    else:
        common, own = rng.standard_normal(n), rng.standard_normal((n, k))
    return np.sqrt(design.correlation) * common[:, None] + np.sqrt(1 - design.correlation) * own


@dataclass(frozen=True)
class Said:
    """What was said of areas, and what is so; one entry for each area of all studies."""

    stated: np.ndarray
    """P(worst decile), as stated."""
    true: np.ndarray
    """Whether the area is in the worst decile by its true rates."""

    @property
    def brier(self) -> float:
        """The mean squared distance of what was said from what is so: 0 is perfect."""
        return float(np.mean((self.stated - self.true) ** 2))

    def share(self, low: float, high: float) -> tuple[float, int]:
        """Return which share of the areas given ``low`` to ``high`` it is true of, and how many there are."""
        some = (self.stated >= low) & (self.stated <= high)
        return float(self.true[some].mean()) if some.any() else np.nan, int(some.sum())


def together(parts: list[Said]) -> Said:
    """Return what was said in several studies."""
    return Said(np.concatenate([p.stated for p in parts]), np.concatenate([p.true for p in parts]))


def judged(
    design: Design, seed: int, *, noise: str, runs: int = 400, how: RobustnessSpec = DATA_ONLY
) -> Said:
    """Return what is said of one made-up study, and what is so.

    The truth is the index of the true rates by a method drawn as the runs draw theirs; where runs take the
    stated method only, it is that one. ``noise = "raw"`` is what a list of the worst tenth by what was
    observed says: 1 for those on it, 0 for all others.
    """
    made = study(design, seed)
    how = replace(
        how, runs=1 if noise == "raw" else runs, seed=seed, noise="none" if noise == "raw" else noise
    )
    found = composite_robustness(
        made.observed, made.spec, how, counts=made.counts, bounds=made.bounds, workers=1
    )
    plan = found.trial.plan
    worst = -(-design.areas // 10)
    true = _scores_of_truth(plan, made, seed)
    is_worst = np.argsort(np.argsort(-true)) < worst
    if noise == "raw":
        return Said((found.table["rank"].to_numpy() <= worst).astype(float), is_worst)
    return Said(found.table["p_worst_decile"].fillna(0.0).to_numpy(), is_worst)


def _scores_of_truth(plan: Plan, made: Study, seed: int) -> np.ndarray:
    """Return the scores of the true rates, by a method that the runs could have drawn and did not."""
    method = plan.setting([Key(seed, 9)] * len(FACTORS))
    known = replace(method, noise=None, hidden=None, impute=0)
    observed = replace(plan.observed, value=made.true.to_numpy(), lower=np.full(made.true.shape, np.nan))
    return replace(plan, observed=observed).own_scores(known)[0]
