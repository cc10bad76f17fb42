"""Candidate windows of the scan statistic, against every window written out."""

from collections.abc import Iterator
from math import log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lea_geo.spatial.graph import AreaGraph
from lea_geo.spatial.scan.levels import Levels, build_levels
from lea_geo.spatial.scan.sample import ScanSample
from lea_geo.spatial.scan.windows import build_circles

SIDES = {1: lambda excess: excess > 0, -1: lambda excess: excess < 0, 0: lambda excess: excess != 0}


def sample_of(cases: object, people: object, *, bernoulli: bool = False, sign: int = 1) -> ScanSample:
    index = pd.Index([f"a{i:02d}" for i in range(len(cases))], name="area_id")
    status = pd.array(["observed"] * len(index), dtype="str")
    numbers = (np.asarray(cases, dtype=float), np.asarray(people, dtype=float))
    return ScanSample(index, status, np.arange(len(index)), *numbers, bernoulli, sign)


def graph_of(pairs: list[tuple[int, int]], n: int) -> AreaGraph:
    """Return a graph with links in the given direction only."""
    rows = [sorted({b for a, b in pairs if a == i}) for i in range(n)]
    indptr = np.cumsum([0, *(len(row) for row in rows)])
    indices = np.array([j for row in rows for j in row], dtype=int)
    return AreaGraph([f"a{i:02d}" for i in range(n)], indptr, indices, np.ones(len(indices)))


def ratio_by_hand(members: frozenset[int], sample: ScanSample) -> float:
    """Return the log ratio of one window, with plain logarithms."""
    inside = sorted(members)
    c, n = sample.cases[inside].sum(), sample.people[inside].sum()
    all_c, all_n = sample.cases.sum(), sample.people.sum()
    mu = all_c * n / all_n
    if n == all_n or not SIDES[sample.sign](round(c - mu, 9)):
        return 0.0
    pairs = [(c, mu), (all_c - c, all_c - mu)]
    if sample.bernoulli:
        pairs += [(n - c, n - mu), (all_n - n - all_c + c, all_n - n - all_c + mu)]
    return float(sum(a * log(a / b) for a, b in pairs if a > 0))


def circles_by_hand(
    places: np.ndarray, people: np.ndarray, share: float, radius: float
) -> Iterator[frozenset[int]]:
    """Yield every group of areas within some distance of some area."""
    for centre in places:
        distance = np.round(np.hypot(*(places - centre).T), 6)
        for reach in np.unique(distance[distance <= radius]):
            members = np.flatnonzero(distance <= reach)
            if people[members].sum() <= share * people.sum() * (1 + 1e-12):
                yield frozenset(members.tolist())


def levels_by_hand(
    sample: ScanSample, pairs: set[frozenset[int]], share: float, sign: int
) -> Iterator[frozenset[int]]:
    """Yield every connected part of every level set, found by walking from area to area."""
    rates = sign * sample.cases / sample.people
    for level in np.unique(rates):
        left = set(np.flatnonzero(rates >= level).tolist())
        while left:
            part, frontier = set(), {min(left)}
            while frontier:
                part |= frontier
                frontier = {j for j in left - part if any(frozenset((i, j)) in pairs for i in frontier)}
            left -= part
            if sample.people[sorted(part)].sum() <= share * sample.people.sum() * (1 + 1e-12):
                yield frozenset(part)


def non_overlapping(ratios: dict[frozenset[int], float]) -> list[float]:
    """Return the ratios of windows that share no area, the largest first."""
    taken: set[int] = set()
    chosen = []
    for members, ratio in sorted(ratios.items(), key=lambda pair: -pair[1]):
        if ratio > 1e-9 and not members & taken:
            chosen.append(ratio)
            taken |= members
    return chosen


@st.composite
def samples(draw: st.DrawFn) -> ScanSample:
    n = draw(st.integers(4, 9))
    people = draw(st.lists(st.integers(1, 40), min_size=n, max_size=n))
    bernoulli = draw(st.booleans())
    cases = [draw(st.integers(0, most if bernoulli else 9)) for most in people]
    if sum(cases) == 0:
        cases[0] = 1
    if bernoulli and sum(cases) == sum(people):
        cases[0] -= 1
        people[1] += 1
    return sample_of(cases, people, bernoulli=bernoulli, sign=draw(st.sampled_from([1, -1, 0])))


def distinct(ratios: dict[frozenset[int], float]) -> bool:
    """Whether no two windows tie, so that there is one way to choose among them."""
    values = np.sort([ratio for ratio in ratios.values() if ratio > 1e-9])
    return bool((np.diff(values) > 1e-7).all())


@given(samples(), st.data())
def test_circles_find_what_every_circle_written_out_finds(sample, data):
    # Places on a small lattice tie often, and may coincide.
    spot = st.tuples(st.integers(0, 3), st.integers(0, 3))
    places = 100.0 * np.array(data.draw(st.lists(spot, min_size=sample.n, max_size=sample.n)))
    share = data.draw(st.sampled_from([0.2, 0.5, 0.9]))
    radius = data.draw(st.sampled_from([None, 100.0, 150.0, 300.0]))
    circles = build_circles(sample, places, max_population=share, max_radius=radius)
    every = circles_by_hand(places, sample.people, share, np.inf if radius is None else radius)
    ratios = {members: ratio_by_hand(members, sample) for members in every}
    best = max(ratios.values(), default=0.0)
    assert circles.maxima(sample.cases[:, None])[0] == pytest.approx(best, rel=1e-9, abs=1e-9)
    found = list(circles.clusters())
    for window in found:
        assert window.log_ratio == pytest.approx(ratios[frozenset(window.members.tolist())], rel=1e-9)
    members = np.concatenate([window.members for window in found] or [[]])
    assert len(np.unique(members)) == len(members)
    if distinct(ratios):
        assert [w.log_ratio for w in found if w.log_ratio > 1e-9] == pytest.approx(non_overlapping(ratios))


@given(samples(), st.data())
def test_level_sets_find_what_every_level_set_written_out_finds(sample, data):
    pair = st.tuples(st.integers(0, sample.n - 1), st.integers(0, sample.n - 1)).filter(
        lambda p: p[0] != p[1]
    )
    pairs = data.draw(st.lists(pair, max_size=2 * sample.n))
    share = data.draw(st.sampled_from([0.2, 0.5, 0.9]))
    levels = build_levels(sample, graph_of(pairs, sample.n), max_population=share)
    linked = {frozenset(p) for p in pairs}
    ratios = {}
    for sign in levels.signs:
        one_sided = sample_of(sample.cases, sample.people, bernoulli=sample.bernoulli, sign=sign)
        for members in levels_by_hand(sample, linked, share, sign):
            ratios[members] = max(ratios.get(members, 0.0), ratio_by_hand(members, one_sided))
    best = max(ratios.values(), default=0.0)
    assert levels.maxima(sample.cases[:, None])[0] == pytest.approx(best, rel=1e-9, abs=1e-9)
    found = list(levels.clusters())
    for window in found:
        assert window.log_ratio == pytest.approx(ratios[frozenset(window.members.tolist())], rel=1e-9)
    members = np.concatenate([window.members for window in found] or [[]])
    assert len(np.unique(members)) == len(members)
    if distinct(ratios):
        assert [w.log_ratio for w in found if w.log_ratio > 1e-9] == pytest.approx(non_overlapping(ratios))


@settings(max_examples=20)
@given(samples(), st.integers(1, 40))
def test_replicates_scanned_together_have_the_maxima_of_each_scanned_alone(sample, columns):
    generator = np.random.default_rng(columns)
    places = generator.uniform(0, 1000, (sample.n, 2))
    circles = build_circles(sample, places, max_population=0.5, max_radius=None)
    share = sample.people / sample.people.sum()
    cases = generator.multinomial(int(sample.cases.sum()), share, columns).T.astype(float)
    if sample.bernoulli:
        cases = np.minimum(cases, sample.people[:, None])
    alone = [circles.maxima(np.ascontiguousarray(cases[:, [k]]))[0] for k in range(columns)]
    assert circles.maxima(np.ascontiguousarray(cases)).tolist() == alone


def test_level_sets_are_those_of_the_worked_example_of_their_paper():
    # Patil, Joshi and Koli (2010), Environmental and Ecological Statistics 17, table 1: twelve cells of 100
    # people. The zones are listed by the tests of the R package smerc 1.8.4 (test-uls_zones.R); cells count
    # from 1 there. The zone of all cells is no window here, for nobody is left to compare with.
    cases = [90, 80, 80, 80, 80, 80, 70, 70, 60, 50, 40, 30]
    links = {1: (2, 3, 8), 2: (1, 3, 7, 4), 3: (1, 2, 7, 8), 4: (2, 7), 5: (7, 6, 8), 6: (5, 12, 11)}
    links |= {7: (4, 2, 3, 5), 8: (1, 3, 5, 11), 9: (11, 10, 12), 10: (11, 9), 11: (8, 6, 9, 10), 12: (6, 9)}
    pairs = [(a - 1, b - 1) for a, others in links.items() for b in others]
    zones = [{1}, {1, 2, 3, 4}, {5, 6}, {1, 2, 3, 4, 5, 6, 7, 8}, {9}, {9, 10}]
    sample = sample_of(cases, [100] * 12)
    found = windows_of(build_levels(sample, graph_of(pairs, 12), max_population=0.99))
    above = [zone for zone in zones if np.mean([cases[i - 1] for i in zone]) > np.mean(cases)]
    assert sorted(map(sorted, found)) == sorted(map(sorted, [*above, set(range(1, 12))]))


def windows_of(levels: Levels) -> list[set[int]]:
    """Return the members of every window that has a ratio, counted from 1."""
    rows, order = levels._windows(1)
    return [set((order[int(start) : int(start + size)] + 1).tolist()) for start, size, _ in rows]


def test_areas_at_the_same_distance_enter_a_circle_together():
    # Around the middle of a cross, all four arms are equally far: windows have one area, or all five.
    places = np.array([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0], [50.0, 50.0]])
    sample = sample_of([1, 9, 9, 0, 0, 0], [10, 10, 10, 10, 10, 100])
    circles = build_circles(sample, places, max_population=0.5, max_radius=1.0)
    sizes = np.flatnonzero(circles.near[: circles.starts[1]] >= 0) + 1
    assert sizes.tolist() == [1, 5]


def test_a_link_in_one_direction_joins_both_ends():
    sample = sample_of([9, 9, 0, 0], [10, 10, 10, 10])
    for pair in [(0, 1), (1, 0)]:
        window = next(build_levels(sample, graph_of([pair], 4), max_population=0.5).clusters())
        assert sorted(window.members.tolist()) == [0, 1]
