"""The spatial scan statistic: where cases are more, or fewer, than people explain, and how sure that is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from lea_geo._checks.scan import (
    SIGNS,
    check_places,
    check_scan_options,
    check_scan_places,
    check_scan_test,
)
from lea_geo._checks.values import check_graph_ids
from lea_geo.intake.grid import parse_grid_ids
from lea_geo.spatial.graph import as_graph
from lea_geo.spatial.nearness import place_points
from lea_geo.spatial.scan.draws import NOTHING_DRAWN, Null, draw_null, exceedances_needed
from lea_geo.spatial.scan.levels import Levels, build_levels
from lea_geo.spatial.scan.result import ScanResult, ScanSettings, areas_frame, clusters_frame
from lea_geo.spatial.scan.sample import ScanSample, build_scan_sample
from lea_geo.spatial.scan.windows import Circles, Window, build_circles, largest_share

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    import geopandas as gpd
    import pandas as pd
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph


def scan_statistic(
    cases: pd.Series,
    population: pd.Series,
    areas: gpd.GeoDataFrame | Collection[str] | None = None,
    *,
    graph: AreaGraph | Graph | None = None,
    model: str = "poisson",
    window: str = "circular",
    alternative: str = "greater",
    max_population: float = 0.5,
    max_radius: float | None = None,
    permutations: int = 999,
    seed: int = 0,
    level: float = 0.05,
    secondary: bool = True,
    status: pd.Series | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> ScanResult:
    """Find groups of areas with more cases, or fewer, than their people explain.

    A window is a group of areas. For each of many windows the likelihood that the risk inside differs from
    that outside is compared with the likelihood that it is the same everywhere (Kulldorff 1997). With *c*
    cases among *n* people in the window, *C* among *N* in all and ``mu = C n / N`` expected, the log of that
    ratio is, where ``0 log 0 = 0``::

        Poisson    c log(c / mu) + (C - c) log((C - c) / (C - mu))
        Bernoulli  c log(c / mu) + (n - c) log((n - c) / (n - mu))
                   + (C - c) log((C - c) / (C - mu)) + (N - n - C + c) log((N - n - C + c) / (N - n - C + mu))

    The window with the largest is the most likely cluster. Its p-value is the share of replicates, in which
    the same *C* cases fall on people at random, whose largest log ratio over all their windows is at least as
    large: ``(g + 1) / (R + 1)`` with *g* of *R*. So it holds for the search as a whole, however many windows
    there are, and is never below ``1 / (R + 1)``. Drawing stops as soon as *h* replicates are as large, with
    p-value ``h / l`` after *l* (Besag and Clifford 1991); *h* is ``level * (R + 1)`` rounded up and at least
    20, so stopping never changes what is significant at ``level``.

    Secondary clusters share no area with a more likely one. Each is compared with the same largest log
    ratios, which is conservative: it could have been compared with second-largest ones. They are listed down
    to the last that beats any replicate.

    Circles are right for compact clusters; of a long one they find a part, or all of it with ordinary areas
    beside. Irregular windows are the connected parts of everywhere above a level of rate, each level in turn:
    the upper level set scan (Patil and Taillie 2004). There are at most *n* of them, so that a whole country
    of grid cells can be scanned. Their weakness is that nothing holds them in shape. Areas of high rate chain
    up by chance and reach out like an octopus; so ratios are high by chance alone, and power is lower than
    that of circles where the cluster is compact. Where areas have few cases each, a low enough level connects
    half of the map: on 15 700 cells with 1.5 cases each, a block of 160 cells with twofold risk was lost in a
    net of 6 100 under ``max_population=0.5``, and found under 0.02 with rook neighbours (75 % of its cells,
    and 22 % of those found were others). Choose ``max_population`` beforehand, not far above the largest
    cluster that is looked for, and read the extent of an irregular cluster as a suggestion.

    Parameters
    ----------
    cases
        Number of cases, whole and not negative, NaN where nobody knows; indexed by ``area_id``.
    population
        People at risk in the same areas. For the Poisson model also expected numbers of cases, adjusted for
        age for example: only their proportions count. For the Bernoulli model everybody, cases included.
    areas
        For circular windows, where the areas are: shapes in a projected CRS in metres, of which a
        representative point counts, or an index of grid ids, of which the centres of the cells count.
    graph
        For irregular windows, who is whose neighbour; weights play no part, and a link in one direction joins
        both ends.
    model
        ``"poisson"``: events that are rare, or may recur; ``"bernoulli"``: each person is a case or not.
    window
        ``"circular"`` or ``"irregular"``.
    alternative
        ``"greater"``: clusters of many cases; ``"less"``: of few; ``"two-sided"``: of both.
    max_population
        The largest share of all people in a window, between 0 and 1; Kulldorff's choice is a half.
    max_radius
        The largest radius of a circle in metres; None for any.
    permutations
        *R*, how many replicates to draw at most.
    seed
        Of the draws, 0 or more.
    level
        Largest p-value of a cluster that gets a label, between 0 and 1.
    secondary
        False lists the most likely cluster alone.
    status
        Status of every area; one that is missing, suppressed or not applicable is left out, with a note. So
        is an area where nobody lives.
    progress
        Called with the number of replicates drawn and ``permutations`` as the work goes on.

    Raises
    ------
    UsageError
        If an option is unknown or out of range, values carry no ids, what the windows are made of is not
        given, or circles would need more than 1 GB (give ``max_radius``).
    ValuesError
        If ids are missing, foreign or repeated, counts are negative, fractional or infinite, there are cases
        where nobody lives, or (Bernoulli) more cases than people; fewer than 4 areas have a value.
    AreasError
        If the areas have other ids, no shapes or no metres.
    ResolutionError
        If ``1 / (permutations + 1)`` is above ``level``.

    References
    ----------
    Kulldorff (1997), https://doi.org/10.1080/03610929708831995

    Besag and Clifford (1991), https://doi.org/10.1093/biomet/78.2.301

    Patil and Taillie (2004), https://doi.org/10.1023/B:EEST.0000027208.48919.7e

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.Index([f"1kmN6675E0{east}" for east in range(380, 390)])
    >>> cases = pd.Series([2, 1, 2, 2, 7, 9, 8, 2, 1, 2], index=cells)
    >>> found = scan_statistic(cases, pd.Series(100, index=cells), cells)
    >>> first = found.clusters.loc[1]
    >>> f"{first.n_areas} cells around {first.centre}, {first.cases:g} cases, p = {first.p_value:.3f}"
    '3 cells around 1kmN6675E0385, 24 cases, p = 0.001'
    """
    check_scan_options(
        model=model,
        window=window,
        alternative=alternative,
        max_population=max_population,
        max_radius=max_radius,
    )
    check_scan_test(permutations, seed, level)
    check_scan_places(window, areas, graph)
    sample = build_scan_sample(cases, population, model=model, sign=SIGNS[alternative], status=status)
    search = ScanSettings(
        model=model,
        window=window,
        alternative=alternative,
        max_population=max_population,
        max_radius=max_radius,
        permutations=permutations,
        seed=seed,
        level=level,
    )
    windows = _windows(sample, areas, graph, search)
    listing = iter(()) if windows is None else windows.clusters()
    best = next(listing, None)
    if windows is None or best is None:
        return _result(_without_cluster(sample, max_population), search, [], NOTHING_DRAWN)
    null = draw_null(sample, windows, best.log_ratio, search, progress=progress)
    found = [(best, null.p_value(best.log_ratio))]
    if secondary:
        found.extend(_beating_any(listing, null))
    return _result(sample, search, found, null)


def _windows(
    sample: ScanSample, areas: object, graph: AreaGraph | Graph | None, search: ScanSettings
) -> Circles | Levels | None:
    """Return the windows, or None where nothing can be tested; what they are made of is checked anyhow."""
    if search.window == "circular":
        shapes = check_places(areas, sample.index)
        if sample.reason:
            return None
        places = _places(sample, shapes)
        return build_circles(
            sample, places, max_population=search.max_population, max_radius=search.max_radius
        )
    area_graph = as_graph(graph)
    check_graph_ids(sample.index, area_graph.ids)
    if sample.reason:
        return None
    return build_levels(sample, area_graph, max_population=search.max_population)


def _places(sample: ScanSample, shapes: np.ndarray | None) -> np.ndarray:
    """Return a point for each area of the sample in metres, shape (n, 2)."""
    if shapes is not None:
        points = place_points(shapes[sample.positions], "representative")
        return np.asarray(shapely.get_coordinates(points))
    corners = parse_grid_ids(sample.ids.tolist())
    half = corners.cell_size / 2
    return np.column_stack([corners.easting + half, corners.northing + half])


def _without_cluster(sample: ScanSample, max_population: float) -> ScanSample:
    """Return the sample with the reason why no window is a candidate for a cluster."""
    if sample.reason:
        return sample
    reason = "No window has other than the expected number of cases on the side that was asked for."
    if (sample.people > largest_share(sample, max_population)).all():
        reason = f"Every area has more than {max_population:g} of all people, so there is no window."
    return replace(sample, reason=reason)


def _beating_any(windows: Iterable[Window], null: Null) -> Iterator[tuple[Window, float]]:
    """Yield windows with their p-values, down to the last that beats any replicate."""
    for window in windows:
        p_value = null.p_value(window.log_ratio)
        if p_value >= 1:
            return
        yield window, p_value


def _result(
    sample: ScanSample, search: ScanSettings, found: Sequence[tuple[Window, float]], null: Null
) -> ScanResult:
    clusters = clusters_frame(sample, found)
    return ScanResult(
        **vars(search),
        clusters=clusters,
        table=areas_frame(sample, found, clusters, search.level),
        replicates=len(null.maxima),
        exceedances=exceedances_needed(search.permutations, search.level),
        maxima=null.maxima,
        reason=sample.reason,
        notes=(*sample.notes, *_notes(sample, search, null)),
    )


def _notes(sample: ScanSample, search: ScanSettings, null: Null) -> Iterator[str]:
    share = search.max_population
    too_large = int(np.count_nonzero(sample.people > largest_share(sample, share)))
    if too_large and not sample.reason:
        yield f"{too_large} of {sample.n} areas are in no window: each has more than {share:g} of all people."
    if null.stopped:
        yield (
            f"Drawing stopped after {len(null.maxima)} of {search.permutations} replicates: "
            f"{null.exceedances} of them were at least as large as the most likely cluster."
        )
