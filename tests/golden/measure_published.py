"""Hold indices made by the study files of tests/studies/published against the tables that were published.

    python tests/golden/measure_published.py FOLDER

The tables are too large to be kept here; docs/published-indices.md says where each comes from, and has what
this writes: how far published figures are from ours, at most and on average, and in how many areas by more
than half of the last digit that is published. A table that the folder lacks is left out.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from lea_geo._index import load_index, make_index
from lea_geo.composite.result import CompositeResult

STUDIES = Path(__file__).parents[1] / "studies" / "published"
PUBLISHED = {
    "imd2010": ("imd2010_england_lsoa01.csv", 2),
    "imd2019": ("imd2019_england_lsoa11.csv", 0),
    "imd2025": ("imd2025_england_lsoa21.csv", 3),
    "wimd2019": ("imd2019_wales_lsoa11.csv", 8),
    "wimd2019_ranks": ("imd2019_wales_lsoa11.csv", 8),
    "simd2016": ("imd2016_scotland_dz11.csv", 0),
    "simd2020": ("imd2020_scotland_dz11.csv", 0),
    "nimdm2017": ("imd2017_northern_ireland_soa01.csv", 0),
    "svi2018": ("svi2018.csv", 4),
    "svi2020": ("svi2020.csv", 4),
    "hdi2021": ("hdr.csv", 3),
}
"""The table of each study file, and how many decimals its scores have."""

Pair = tuple[str, pd.Series, pd.Series]
"""What was published, ours, theirs."""


def main(folder: Path) -> None:
    """Write a table in Markdown."""
    write("study", "what", "areas", "largest", "mean", "within rounding", "beyond")
    write(*["---"] * 7)
    for name, (file, decimals) in PUBLISHED.items():
        if (folder / file).is_file():
            measure(name, folder / file, decimals)


def measure(name: str, path: Path, decimals: int) -> None:
    """Write a row for each column of an index that was published."""
    result = make_index(load_index(STUDIES / f"{name}.toml", data=path.parent)).result
    for what, ours, theirs in pairs(name, result, published(path, result.table.index)):
        assert (ours.isna() == theirs.isna()).all(), f"{name}: {what} is known of other areas"
        apart = (ours - theirs).abs().dropna()
        half = 0.0 if what == "rank" else 0.5 * 10.0**-decimals
        beyond = int((apart > half + 1e-12).sum())
        share = f"{1 - beyond / len(apart):.2%}"
        write(name, what, len(apart), f"{apart.max():.3g}", f"{apart.mean():.3g}", share, beyond)


def published(path: Path, ids: pd.Index) -> pd.DataFrame:
    """Return a published table in the order of the areas."""
    table = pd.read_csv(path, dtype={"FIPS": str}, encoding="utf-8-sig")
    held = next(column for column in table if ids.isin(table[column].astype(str)).all())
    return table.set_index(table[held].astype(str)).reindex(ids).replace(-999, np.nan)


def pairs(name: str, result: CompositeResult, theirs: pd.DataFrame) -> list[Pair]:
    """Return what was published of an index beside ours."""
    table = result.table
    if name.startswith("svi"):
        return vulnerability(result, theirs)
    score, rank = ("hdi_2021", "hdi_rank_2021") if name == "hdi2021" else ("IMD_score", "IMD_rank")
    scores = [("score", table["score"], theirs[score])] if score in theirs else []
    return [*scores, ("rank", table["rank"], theirs[rank])]


def vulnerability(result: CompositeResult, theirs: pd.DataFrame) -> list[Pair]:
    """Return the percentile ranks of indicators, themes and the whole, and the sums behind them."""
    ranks = result.normalised.rename(columns=lambda code: f"EPL_{code.upper()}")
    found = [(code, ranks[code], theirs[code]) for code in ranks]
    for node, suffix in [*((f"theme{i}", f"THEME{i}") for i in range(1, 5)), ("index", "THEMES")]:
        for kind, column in (("SPL", "score"), ("RPL", "result")):
            code = f"{kind}_{suffix}"
            found.append((code, result.node(node)[column], theirs[code]))
    return found


def write(*cells: object) -> None:
    """Write a row."""
    sys.stdout.write("| " + " | ".join(map(str, cells)) + " |\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
