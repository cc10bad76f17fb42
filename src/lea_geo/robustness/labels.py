"""How far a hot spot's label can be trusted: the share of runs that give it, and a verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice, check_count
from lea_geo._checks.label_robustness import (
    check_choices,
    check_draws,
    check_named,
    check_one_noise,
    check_scored,
    check_statistic,
    check_valued,
)
from lea_geo._checks.robustness import check_bounds, check_counts_of
from lea_geo.rates.counts import RATE_KINDS
from lea_geo.robustness.label_choices import (
    SPATIAL,
    STATED,
    Division,
    Drawn,
    Ordered,
    Rates,
    Region,
    division_setting,
    graph_settings,
    method_settings,
    noisy,
)
from lea_geo.robustness.label_draws import IndexDraws
from lea_geo.robustness.label_hidden import HELD, Hidden
from lea_geo.robustness.label_judged import judged
from lea_geo.robustness.label_runs import Draw, Fixed, Labeller, Setting
from lea_geo.robustness.label_stated import How, stated_labels
from lea_geo.robustness_spec import NOISES
from lea_geo.spatial.graph import as_graph
from lea_geo.spatial.neighbour_sum import Inference
from lea_geo.spatial.sample import TRANSFORMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from libpysal.graph import Graph

    from lea_geo.robustness.label_result import LabelRobustness
    from lea_geo.spatial.graph import AreaGraph

LAWS = ("fast", "same")
"""Of the runs: the exact law on a coarser lattice, or the law of the labels stated."""
_NOISE_STREAM, _ZONE_STREAM = 0, 16


def label_robustness(
    values: pd.Series,
    graph: AreaGraph | Graph,
    *,
    statistic: str | tuple[str, ...] = "local_moran",
    graphs: Mapping[str, AreaGraph | Graph] | None = None,
    scales: Mapping[str, Division] | None = None,
    zonings: Mapping[str, Division] | None = None,
    counts: pd.DataFrame | None = None,
    kind: str = "proportion",
    scale: float = 1.0,
    noise: str = "spatial",
    status: pd.Series | None = None,
    bounds: pd.DataFrame | None = None,
    hidden: str = "everywhere",
    draws: pd.DataFrame | IndexDraws | None = None,
    choices: pd.DataFrame | None = None,
    varied: tuple[str, ...] = ("noise",),
    runs: int = 200,
    seed: int = 0,
    law: str = "fast",
    method: str = "auto",
    permutations: int | None = None,
    fdr: float = 0.05,
    correction: str = "bh",
    transform: str = "row",
    workers: int | None = None,
    progress: bool = False,
) -> LabelRobustness:
    """Say how often each cluster label comes out when noise, hidden values and choices turn out otherwise.

    The labels are made again under the stated choices and, one at a time, under every alternative to them;
    under each with ``runs`` draws of what the true values may be. A label is

    ``firm``
        where at least 90 % of runs give it under every choice, and no hidden value can change it;
    ``depends``
        where at least 90 % give it as stated, but not under some other choice, which is named;
    ``unsure``
        (it cannot be said) where the noise of small numbers or hidden values alone can change it.

    docs/uncertainty.md gives the definitions, what is proved of hidden values, and how often firm labels are
    those of the true rates.

    Parameters
    ----------
    values
        One number an area, indexed by ``area_id``; NaN where there is none.
    graph
        Who is whose neighbour; the same ids.
    statistic
        ``"local_moran"``, ``"local_g_star"``, or a tuple of both.
    graphs
        Other graphs of the same areas by their names: ``{"knn": ..., "distance": ...}``.
    scales
        Larger areas by their names, each a :class:`Division` without values: those are means of the areas'.
    zonings
        Other borders by their names, each a :class:`Division` with values of its own.
    counts
        Columns ``numerator denominator`` of the values. Left out, and without ``draws``, noise is not judged.
    kind
        ``"proportion"``: the numerator is part of the denominator; ``"rate"``: it is not.
    scale
        Values are ``scale * numerator / denominator``: 100 for percentages.
    noise
        Where the true rates may lie: ``"spatial"`` judges each in the light of the areas around it and of
        all others, ``"joint"`` of all others alike, ``"sampling"`` takes each alone, and ``"none"`` takes the
        observed ones for true.
    status
        One of ``schema.Status`` an area; left out, NaN is missing and everything else observed.
    bounds
        Columns ``lower upper``: what is known of hidden values, NaN where nothing is. Where an end is not
        known, no label beside such an area is firm, and the farthest value seen stands in for it elsewhere.
    hidden
        Which values a firm label must hold for: those of all hidden areas at once (``"everywhere"``), or
        those of its own hidden neighbours, all else held (``"nearby"``).
    draws
        For a composite: what :func:`lea_geo.index_draws` gives, which holds ``choices`` and ``varied`` too;
        or scores that may be true, a row for each run and a column for each ``area_id``.
    choices
        How each row of ``draws`` was made: a column for each step of the method, blank where the step is as
        stated. Only rows that are blank throughout tell noise.
    varied
        What differs between draws of the same choices: ``("noise",)``, ``("hidden",)`` or both.
    runs
        Under each choice, where there are counts; the number of draws otherwise.
    seed
        Of everything random; the same seed gives the same numbers for any number of workers.
    law
        Of the runs: ``"fast"`` is the exact law on a coarser lattice, or the normal law where the exact one
        does not apply; ``"same"`` tests every run as the labels stated.
    method, permutations, fdr, correction, transform
        As in :func:`lea_geo.local_moran`, of the labels stated.
    workers
        How many threads; left out, as many as the machine has cores.
    progress
        Show a progress bar on stderr.

    Raises
    ------
    UsageError
        If an option is unknown, alternatives have no names, or something carries no ids.
    ValuesError
        If ids are missing, foreign or repeated, counts do not give the values, bounds contradict themselves,
        a membership or draws cannot be used.
    GraphError
        If a graph is none, or not one of these areas.

    References
    ----------
    Saisana, Saltelli and Tarantola (2005), https://doi.org/10.1111/j.1467-985X.2005.00350.x
    Openshaw (1984), The Modifiable Areal Unit Problem, Geo Books (other borders and scales)
    Anscombe (1948), https://doi.org/10.1093/biomet/35.3-4.246
    """
    for option, value, known in (
        ("kind", kind, RATE_KINDS),
        ("noise", noise, (*NOISES, SPATIAL)),
        ("hidden", hidden, HELD),
        ("law", law, LAWS),
        ("transform", transform, TRANSFORMS),
    ):
        check_choice(option, value, known)
    if isinstance(draws, IndexDraws):
        choices, varied = draws.choices, draws.varied
    check_one_noise(counts, draws, choices)
    links = as_graph(graph)
    how = How(
        check_statistic(statistic),
        Inference(method, permutations, seed, fdr, correction=correction),
        transform,
        law,
        hidden,
        Rates(kind, scale, noise, seed, _NOISE_STREAM, range(check_count("runs", runs))),
        varied,
    )
    x, state = check_valued(values, status, links.ids)
    source, people = _source(x, links, counts, draws, how.rates)
    made = check_choices(choices, _number(draws), varied=varied)
    asked = (source, _stated_runs(source, made, how.rates))
    region = Region(links, x, state, people, *asked)
    told = stated_labels(region, how)
    stated = Setting("", STATED, told.labeller, region.source, region.runs, region.carry)
    others, notes = method_settings(stated, made)
    settings = [stated, *others]
    settings += graph_settings(region, stated, check_named("graphs", graphs))
    for word, divisions in (("scale", scales), ("zoning", zonings)):
        found, more = _divided(region, told.labeller, how, word, check_named(f"{word}s", divisions))
        settings, notes = settings + found, notes + more
    unknown = Hidden(region, *check_bounds(bounds, links.ids))
    return judged(told, settings, unknown, how, notes, values.index, workers=workers, progress=progress)


def _number(draws: pd.DataFrame | IndexDraws | None) -> int:
    """Return how many draws there are."""
    if isinstance(draws, IndexDraws):
        return len(draws.settings)
    return 0 if draws is None else len(draws)


def _source(
    x: np.ndarray,
    graph: AreaGraph,
    counts: pd.DataFrame | None,
    draws: pd.DataFrame | IndexDraws | None,
    rates: Rates,
) -> tuple[Draw, np.ndarray | None]:
    """Return draws of the known values, and the areas' denominators where there are any."""
    known = ~np.isnan(x)
    if isinstance(draws, IndexDraws):
        return Ordered(draws, check_scored(draws.values.index, graph.ids, known=known)), None
    if draws is not None:
        return Drawn(check_draws(draws, graph.ids, known=known)), None
    if counts is None:
        return Fixed(x[known]), None
    found = check_counts_of(counts, x, graph.ids, scale=rates.scale, proportion=rates.kind == "proportion")
    events, people = (part[known] for part in found)
    return noisy(x[known], events, people, graph.take(np.flatnonzero(known)), rates), found[1]


def _stated_runs(source: Draw, choices: pd.DataFrame, rates: Rates) -> Sequence[int]:
    """Return which runs were made with all choices as stated."""
    if isinstance(source, Drawn | Ordered):
        return np.flatnonzero((choices == "").all(axis=1)).tolist()
    return rates.runs_of(source)


def _divided(
    region: Region, labeller: Labeller, how: How, word: str, divisions: Mapping[str, Division]
) -> tuple[list[Setting], list[str]]:
    """Return other divisions of the region, and notes on those that say nothing."""
    found, notes = [], []
    for place, (name, division) in enumerate(divisions.items()):
        rates = replace(how.rates, stream=_ZONE_STREAM + place)
        one = division_setting(region, labeller, word, name, division, rates)
        if one is None:
            notes.append(f"{word} {name}: fewer than four zones have a value, so it says nothing.")
        else:
            found.append(one)
    return found, notes
