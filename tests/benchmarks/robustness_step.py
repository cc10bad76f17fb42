"""Runs the index of all Paavo indicators many times, in a process of its own; prints seconds and MB as JSON.

Run as ``python robustness_step.py FOLDER RUNS AREAS``; FOLDER holds the real Finnish data.
The table of 2018 has 20 of the catalogue's 22 indicators; the two it lacks are those of 2026. The peak is
that of the whole process. With ``--csv FILE`` the values are written for other programs and nothing is run;
with ``methods`` at the end, scale, weights and aggregation vary and nothing else, as in COINr.
"""

import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import lea_geo as lea
from lea_geo.composite_spec import Aggregate, CompositeSpec, Impute, Normalise
from lea_geo.robustness_spec import RobustnessSpec

SPEC = CompositeSpec(levels=("domain",), normalise=Normalise("min_max", low=1.0, high=100.0))
HOW = RobustnessSpec(
    normalise=(Normalise("rank"),), aggregate=(Aggregate("geometric"),), impute=(Impute("mean"),)
)
METHODS = replace(HOW, noise="none", hidden="none", leave_out=False, impute=(), weighting=())
TABLES = (
    ("paavo_2018_whole_country.csv", "postinumero"),
    ("paavo_2026_whole_country_fi_labels.csv", "Postinumero"),
)


def cells(folder: Path) -> dict[str, pd.DataFrame]:
    """Return what is known of every indicator of the catalogue in the areas of 2018."""
    first, second = (lea.read_indicators(folder / name, area_id=key) for name, key in TABLES)
    ids = first.values.index
    found = {code: first.cells(code) for code in first.codes}
    for code in [code for code in lea.read_catalogue().codes if code not in first.codes]:
        found[code] = second.cells(code).reindex(ids)
        found[code]["status"] = found[code]["status"].fillna("missing")
    return found


def table_of(held: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return values and status, a column each."""
    table = pd.DataFrame({code: frame["value"] for code, frame in held.items()})
    return table.join(pd.DataFrame({f"{code}_status": frame["status"] for code, frame in held.items()}))


def some(held: dict[str, pd.DataFrame], areas: int) -> dict[str, pd.DataFrame]:
    """Return what is known of some areas, spread over the country."""
    ids = next(iter(held.values())).index
    kept = ids[np.sort(np.random.default_rng(1).permutation(len(ids))[:areas])]
    return {code: frame.loc[kept] for code, frame in held.items()}


def measured(held: dict[str, pd.DataFrame], how: RobustnessSpec, factors: int) -> dict[str, float]:
    start, processor = time.perf_counter(), time.process_time()
    found = lea.composite_robustness(table_of(held), SPEC, how, counts=held, bounds=held, progress=True)
    assert len(found.sensitivity) == factors  # every one plays a part
    return {
        "areas": len(found.table),
        "indicators": len(held),
        "runs": how.runs,
        "seconds": time.perf_counter() - start,
        "processor": time.process_time() - processor,
    }


def main() -> None:
    held = cells(Path(sys.argv[1]))
    if sys.argv[2] == "--csv":
        table_of(held)[list(held)].to_csv(sys.argv[3])
        return
    runs, areas = int(sys.argv[2]), int(sys.argv[3])
    how, factors = (METHODS, 3) if "methods" in sys.argv[4:] else (HOW, 7)
    measured(some(held, 50), replace(how, runs=2), factors)  # compiled before the clock runs
    found = measured(some(held, areas), replace(how, runs=runs), factors)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({**found, "MB": peak}) + "\n")


if __name__ == "__main__":
    main()
