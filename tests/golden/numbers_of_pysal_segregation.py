"""Writes golden/segregation/pysal.json: what PySAL's segregation makes of segregation/counts.csv.

Run by hand: importing it takes seconds, compiles at first use, and silences numpy's floating-point warnings
for the whole process, so that neither the package nor its tests import it.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from segregation import multigroup, singlegroup

FOLDER = Path(__file__).parent / "segregation"
SINGLE = {
    "dissimilarity": "Dissim",
    "gini": "Gini",
    "information_theory": "Entropy",
    "atkinson": "Atkinson",
    "correlation_ratio": "CorrelationR",
    "isolation": "Isolation",
    "interaction": "Interaction",
}
MULTI = {
    "dissimilarity": "MultiDissim",
    "gini": "MultiGini",
    "information_theory": "MultiInfoTheory",
    "mutual_information": "MultiDivergence",
    "relative_diversity": "MultiRelativeDiversity",
    "normalized_exposure": "MultiNormExposure",
    "squared_variation": "MultiSquaredCoefVar",
}

counts = pd.read_csv(FOLDER / "counts.csv", dtype={"area_id": str}).set_index("area_id")
counts["total"] = counts.sum(axis=1)
told = {
    "version": version("segregation"),
    "single": {
        index: float(getattr(singlegroup, name)(counts, "a", "total").statistic)
        for index, name in SINGLE.items()
    },
    "multi": {
        index: float(getattr(multigroup, name)(counts, ["a", "b", "c"]).statistic)
        for index, name in MULTI.items()
    },
}
(FOLDER / "pysal.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")
