"""How sure the CDC's ranks of 2020 are by its own margins of error, which have a confidence of 90 %.

    python tests/golden/measure_svi_noise.py FOLDER

reads svi2020.csv, as measure_published.py does; docs/published-indices.md has what this writes.
"""

import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import lea_geo as lea
from lea_geo._index import load_index

STUDY = Path(__file__).parents[1] / "studies" / "published" / "svi2020.toml"
MARGIN = 1.645
"""Standard errors in a margin of error of the Census Bureau."""
ALL = lea.RobustnessSpec(runs=1000, noise="sampling")
NOISE = replace(ALL, normalise=(), aggregate=(), weighting=(), impute=(), weights_within=0.0, leave_out=False)


def main(folder: Path) -> None:
    """Write a line with the margins alone and one with other methods besides."""
    spec = load_index(STUDY, data=folder).composite
    table = pd.read_csv(folder / "svi2020.csv", encoding="utf-8-sig", dtype={"FIPS": str})
    table = table.set_index("FIPS").rename_axis("area_id").replace(-999, np.nan)
    columns = [node.column for node in spec.indicators]
    errors = pd.DataFrame({c: table["M" + c[1:]] / MARGIN for c in columns})
    for what, how in (("margins", NOISE), ("margins and methods", ALL)):
        found = lea.composite_robustness(table[columns], spec, how, standard_errors=errors)
        worst = found.table["rank"] <= math.ceil(len(found.table) / 10)
        likely = found.table["p_worst_decile"]
        span = (found.table["rank_upper"] - found.table["rank_lower"]).median()
        sys.stdout.write(
            f"{what}: of {worst.sum()} in the worst tenth {(likely[worst] >= 0.95).sum()} in 95 % of runs, "
            f"{(likely[~worst] > 0.05).sum()} others in more than 5 %; median span of ranks {span:.0f}\n"
        )
        sys.stdout.write("\n".join(found.notes) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
