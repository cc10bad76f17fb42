"""Holds three and four kinds of areas together against every table of made-up releases; times a country.

``python bench_disclosure_many.py enumerate SEED COUNT`` with ``tests/helpers`` on the path: so many releases
of up to 8 atoms, each against all its tables and all unions of its atoms. ``python bench_disclosure_many.py
finland children_poor|people K``: 250 m cells, postal areas in municipalities, and the districts of 1 500
schools, which cut cells and postal areas alike; what is small in one kind of areas is hidden there. Seconds
of processor, from the published numbers alone. Both print JSON.
"""

import json
import sys
import time
from collections import Counter

import numpy as np
from disclosure_enumeration import all_tables, random_release, union_bounds, unions
from finland_made_up import finland
from scipy.spatial import cKDTree

from lea_geo.disclosure.prove import many
from lea_geo.disclosure.prove.certificate import certify
from lea_geo.disclosure.prove.flow import feasible_counts
from lea_geo.disclosure.published import NO_LIMIT, Family, Published, build_family

SCHOOLS, BORDER = 1_500, 200.0
MOST_TABLES = 5_000


def judge(published: Published, k: int, zero: str, unsafe: many.Unsafe) -> Counter[str]:
    """Return how many groups there are, and how many claims all tables deny."""
    tables = all_tables(published, most=MOST_TABLES)
    least, most = union_bounds(tables)
    people = unions(published.n_atoms) @ (published.upper > 0) > 0
    few = (most < k) & ((least >= 1) if zero == "safe" else people)
    found, covered = Counter(groups=len(unsafe.groups), unsafe=int(few.any())), 0
    for group in unsafe.groups:
        at = sum(1 << atom for atom in group.atoms) - 1
        covered |= at + 1
        found["open"] += not group.proved
        found["false alarms"] += not few[at]
        found["wrong bounds"] += (group.lower, group.upper) != (least[at], most[at])
    sets = (np.flatnonzero(few) + 1).tolist()
    for one in sets:
        smallest = not any(other & one == other != one for other in sets)
        found["missed"] += smallest and bool(one & ~covered)
    return found


def enumerate_releases(seed: int, count: int) -> dict[str, int]:
    rng, counted = np.random.default_rng(seed), Counter[str]()
    many._with_recipes = lambda _, group: (
        group
    )  # they take most of the time, and are held to account in tests
    while counted["releases"] < count:
        families, caps, intervals = int(rng.integers(3, 5)), rng.random() < 0.4, rng.random() < 0.3
        most = int(rng.integers(3, 9))
        published, counts = random_release(rng, families=families, caps=caps, intervals=intervals, most=most)
        if all_tables(published, most=MOST_TABLES) is None:
            continue
        k, zero = int(rng.integers(2, 7)), "hidden" if rng.random() < 0.2 else "safe"
        unsafe = many.unsafe_groups(published, k, counts if rng.random() < 0.7 else None, zero=zero)
        counted.update({"releases": 1, **judge(published, k, zero, unsafe)})
    return dict(counted)


def districts(variable: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return each atom's areas and count, once districts of schools have cut the cells on their borders."""
    world, rng = finland(), np.random.default_rng(1)
    counts, middle = getattr(world, variable), np.column_stack([world.x, world.y]) + 125.0
    at = rng.choice(len(middle), SCHOOLS, replace=False, p=world.people / world.people.sum())
    away, school = cKDTree(middle[at] + rng.normal(0, 500, (SCHOOLS, 2))).query(middle, k=2)
    gap = away[:, 1] - away[:, 0]
    cut = np.flatnonzero(gap < BORDER)
    beyond = counts[cut] - rng.binomial(counts[cut], 0.5 + gap[cut] / (2 * BORDER))
    atom = np.append(np.arange(len(counts)), cut)
    held = np.append(counts, beyond)
    held[cut] -= beyond
    areas = {name: getattr(world, name)[atom] for name in ("cell", "postal", "municipality")}
    return {**areas, "school": np.append(school[:, 0], school[cut, 1])}, held


def without_small(name: str, levels: dict[str, np.ndarray], counts: np.ndarray, k: int) -> Family:
    """Publish every area of a family but those of 1 to k - 1 people."""
    lower, upper = {}, {}
    for level, of in levels.items():
        total = np.bincount(np.unique(of, return_inverse=True)[1], counts).astype(np.int64)
        small = (total > 0) & (total < k)
        lower[level], upper[level] = np.where(small, 0, total), np.where(small, NO_LIMIT, total)
    padded = {level: np.char.zfill(of.astype(str), 7).tolist() for level, of in levels.items()}
    return build_family(name, padded, lower=lower, upper=upper)


def time_country(variable: str, k: int) -> dict[str, object]:
    areas, counts = districts(variable)
    kinds = {"grid": ["cell"], "post": ["postal", "municipality"], "school": ["school"]}
    families = [
        without_small(name, {level: areas[level] for level in levels}, counts, k)
        for name, levels in kinds.items()
    ]
    nothing = np.zeros(len(counts), dtype=np.int64)
    published = Published(tuple(families), nothing, nothing + NO_LIMIT)
    ends = [time.process_time()]
    table = feasible_counts(published)
    ends.append(time.process_time())
    unsafe = many.unsafe_groups(published, k, table)
    ends.append(time.process_time())
    certificate = certify(published, k, table)
    ends.append(time.process_time())
    small = int(np.count_nonzero((table > 0) & (table < k)))
    is_open = sum(not group.proved for group in unsafe.groups)
    steps = ["a table that agrees", "unsafe groups", "certificate"]
    return {
        "atoms": len(counts),
        "small atoms": small,
        "k": k,
        **dict(zip(steps, np.diff(ends).round(1).tolist(), strict=True)),
        "groups": len(unsafe.groups),
        "open": is_open,
        "open of small atoms, %": round(100 * is_open / small, 4),
        "with recipe": sum(group.recipe is not None for group in unsafe.groups),
        "open in certificate": len(certificate.open),
    }


if sys.argv[1] == "enumerate":
    sys.stdout.write(json.dumps(enumerate_releases(*map(int, sys.argv[2:]))) + "\n")
else:
    sys.stdout.write(json.dumps(time_country(sys.argv[2], int(sys.argv[3]))) + "\n")
