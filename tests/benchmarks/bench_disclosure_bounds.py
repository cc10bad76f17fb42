"""Holds bounds, groups, recipes and certificates against every table of made-up releases; times a country.

``python bench_disclosure_bounds.py enumerate FIRST COUNT [FILE]`` with ``tests/helpers`` on the path: so many
releases of up to 8 atoms, each against all its tables and all unions of its atoms; stops at the first that is
wrong. After every thousand it writes to the file how far it came.
``python bench_disclosure_bounds.py finland [K]``: the least seconds of processor of three rounds over 385 000
atoms. Both print JSON.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from disclosure_checks import check_seed
from finland_made_up import finland

from lea_geo.disclosure.prove.bounds import unsafe_groups
from lea_geo.disclosure.prove.certificate import certify, write_certificate
from lea_geo.disclosure.prove.flow import feasible_counts
from lea_geo.disclosure.prove.verify_certificate import main
from lea_geo.disclosure.published import NO_LIMIT, Family, Published


def enumerate_releases(first: int, count: int, progress: Path | None) -> dict[str, int | float]:
    counted: Counter[str] = Counter()
    start = time.monotonic()
    for seed in range(first, first + count):
        try:
            counted += check_seed(seed)
        except AssertionError as wrong:
            raise AssertionError(f"seed {seed}") from wrong
        done = seed + 1 - first
        if progress is not None and (done % 1_000 == 0 or done == count):
            progress.write_text(json.dumps(_told(first, done, start, counted)))
    return _told(first, count, start, counted)


def _told(first: int, done: int, start: float, counted: Counter[str]) -> dict[str, int | float]:
    return {"first": first, "releases": done, "seconds": round(time.monotonic() - start, 1), **counted}


def without_small(family: Family, counts: np.ndarray, k: int) -> Family:
    """Publish every area of a family but those of 1 to k - 1 people."""
    totals = family.totals(counts)
    small = (totals > 0) & (totals < k)
    return replace(family, lower=np.where(small, 0, totals), upper=np.where(small, NO_LIMIT, totals))


def least(work: Callable[[], object], rounds: int = 3) -> float:
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return round(min(seconds), 2)


def time_country(k: int) -> dict[str, object]:
    world = finland()
    nothing = np.zeros(len(world), dtype=np.int64), np.full(len(world), NO_LIMIT)
    families = tuple(without_small(family, world.children_poor, k) for family in (world.grid(), world.post()))
    published = Published(families, *nothing)
    certificate = certify(published, k)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "certificate.json.gz"
        write_certificate(certificate, path)
        return {
            "atoms": len(world),
            "k": k,
            "a table that agrees": least(lambda: feasible_counts(published)),
            "unsafe groups": least(lambda: unsafe_groups(published, k)),
            "certificate": least(lambda: certify(published, k)),
            "verification": least(lambda: main([str(path)])),
            "groups": len(unsafe_groups(published, k).groups),
            "open atoms": len(certificate.open),
            "witnesses": len(certificate.witnesses),
            "certificate MB": round(path.stat().st_size / 1e6, 2),
        }


if sys.argv[1] == "enumerate":
    progress = Path(sys.argv[4]) if len(sys.argv) > 4 else None
    sys.stdout.write(json.dumps(enumerate_releases(int(sys.argv[2]), int(sys.argv[3]), progress)) + "\n")
else:
    sys.stdout.write(json.dumps(time_country(*map(int, sys.argv[2:] or [5]))) + "\n")
