"""The adaptive grid and controlled rounding on a made-up country of 363 000 inhabited cells.

``PYTHONPATH=tests/helpers python tests/benchmarks/bench_adaptive_grid.py`` prints what BENCHMARKS.md shows.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from finland_made_up import World, finland

import lea_geo as lea
from lea_geo.disclosure.protect.adaptive_grid import AdaptiveGrid
from lea_geo.disclosure.protect.quadtree import build_quadtree
from lea_geo.disclosure.prove.unsafe import unsafe_groups
from lea_geo.disclosure.published import Published
from lea_geo.intake.grid import grid_id

K = 10
THREE, FOUR = (250, 1000, 5000), (250, 500, 1000, 2000)


def pieces(world: World) -> pd.Series:
    """Return the country's people by cell, postal area and municipality, moved to where Finland's ids are."""
    cell = grid_id((world.x + 80_000).astype(float), (world.y + 6_600_000).astype(float), 250)
    index = pd.MultiIndex.from_arrays(
        [cell, np.char.zfill(world.postal.astype(str), 5), np.char.zfill(world.municipality.astype(str), 3)],
        names=["area_id", "postal", "municipality"],
    )
    return pd.Series(world.people, index=index)


def usual_rule(people: pd.Series, sides: tuple[int, ...]) -> tuple[float, float]:
    """Return mean side (m) and share lost where a square is divided only if all its parts have enough."""
    _, northing, easting = lea.parse_grid_ids(people.index)
    levels = build_quadtree(northing, easting, people.to_numpy(), sides).levels
    small = [level.people < K for level in levels]
    whole = [np.zeros(len(levels[0].people), dtype=bool)]
    for finer, few, coarse in zip(levels, small, levels[1:], strict=False):
        whole.append(np.bincount(finer.above, few, len(coarse.people)) > 0)
    side = np.full(len(levels[0].people), float(sides[0]))
    lost, at = small[0], np.arange(len(side))
    for level, few, merged in zip(levels, small, whole, strict=True):
        side = np.where(merged[at], level.side, side)
        lost = np.where(merged[at], few[at], lost)
        at = level.above[at]
    held = np.where(lost, 0, levels[0].people)
    return float((side * held).sum() / held.sum()), 1 - held.sum() / people.sum()


def fastest(call: Callable[[], object], rounds: int = 5) -> float:
    """Return the least time of some calls, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def trade_off(people: pd.Series) -> Iterator[str]:
    """Give the table of prices, and the time of the grid that is cut unless a price is stated."""
    yield f"{(people < K).mean():.1%} of the cells hold fewer than {K}: {share(people):.1%} of the people\n"
    yield "| sides, m | price, km | mean side, m | people lost | squares |\n|---|---|---|---|---|"
    for sides in (THREE, FOUR):
        for price in (1_000, 5_000, 10_000, 15_000, 20_000, 30_000, 40_000):
            grid = lea.adaptive_grid(people, k=K, sides=sides, price=price)
            found = f"{grid.mean_side:.0f} | {grid.lost:.2%} | {len(grid.table):,}"
            yield f"| {sides} | {price // 1000} | {found} |"
        mean, lost = usual_rule(people, sides)
        yield f"| {sides} | usual rule | {mean:.0f} | {lost:.2%} | |"
    yield f"\ngrid alone: {fastest(lambda: lea.adaptive_grid(people, k=K)):.2f} s"


def share(people: pd.Series) -> float:
    """Return the share of the people who live in cells with fewer than the minimum."""
    return float(people[people < K].sum() / people.sum())


def with_totals(world: World, given: pd.Series, sides: tuple[int, ...]) -> Iterator[str]:
    """Say what postal and municipality totals beside a grid cost."""
    start = time.perf_counter()
    safe = lea.adaptive_grid(given, k=K, sides=sides)
    took = time.perf_counter() - start
    alone = lea.adaptive_grid(given.groupby(level=0).sum(), k=K, sides=sides)
    both = (beside(alone, safe, given), safe.published)
    before, left = (len(unsafe_groups(one, K, world.people).groups) for one in both)
    yield f"{sides} beside totals, {took:.1f} s: {before} groups open before, {left} after"
    yield f"  {safe.barred} squares barred, {len(safe.hidden_totals)} totals hidden"
    yield f"  mean side {alone.mean_side:.2f} to {safe.mean_side:.2f} m"
    yield f"  lost {alone.lost:.4%} to {safe.lost:.4%} of the people"


def rounding(world: World) -> Iterator[str]:
    """Say what rounding all cells, squares, postal areas and municipalities to 5 takes."""
    families = [world.grid(1000, 5000), world.post()]
    for kind, seed in (("unbiased", 1), ("nearest", None)):
        start = time.perf_counter()
        found = lea.controlled_rounding(world.people, families, base=5, seed=seed)
        took = time.perf_counter() - start
        change = f"mean change {found.mean_change:.3f}, at most {found.greatest_change}"
        yield f"rounding to 5, {kind}: {took:.2f} s, {change}"


def lines() -> Iterator[str]:
    """Give everything."""
    world = finland()
    given = pieces(world)
    people = given.groupby(level=0).sum()
    yield f"{len(people):,} cells, {len(given):,} atoms, {people.sum():,} people"
    yield from trade_off(people)
    for sides in (THREE, FOUR):
        yield from with_totals(world, given, sides)
    lea.controlled_rounding([4, 4], [world.part(np.arange(len(world)) < 2).post()], base=5, seed=1)
    yield from rounding(world)
    yield f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB"


def beside(alone: AdaptiveGrid, safe: AdaptiveGrid, given: pd.Series) -> Published:
    """Return what would be published of a grid that was made alone together with the totals of a safe one."""
    squares = alone.published.families[0]
    of_cell = pd.Series(squares.leaf, index=alone.member.index)
    leaf = of_cell.reindex(given.index.get_level_values(0)).to_numpy()
    return replace(safe.published, families=(replace(squares, leaf=leaf), safe.published.families[1]))


if __name__ == "__main__":
    for line in lines():
        sys.stdout.write(line + "\n")
