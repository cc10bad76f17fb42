"""ArcGIS's patterns against R's sfdep 0.2.5, run by tests/golden/trends/sfdep.R on made-up z-scores.

Both follow Esri's definitions. Where they part, sfdep parts from the definition as printed: its intensifying
hot spot does not ask whether the place is hot, so that diminishing cold spots become one; its persistent
spots may have ended; its sporadic ones need not be hot in the final step; and a new spot was never cold.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from lea_geo.change.emerging_classes import arcgis_classes
from lea_geo.change.trend import mann_kendall

FOLDER = Path(__file__).parent / "trends"
PARTINGS = {
    ("diminishing cold spot", "intensifying hot spot"),
    ("historical hot spot", "persistent hot spot"),
    ("historical cold spot", "persistent cold spot"),
    ("no pattern", "sporadic hot spot"),
    ("no pattern", "sporadic cold spot"),
    ("new hot spot", "oscillating hot spot"),
    ("new cold spot", "oscillating cold spot"),
    ("new hot spot", "consecutive hot spot"),
}


def test_arcgis_patterns_are_those_of_sfdep_but_for_its_partings():
    gi = pd.read_csv(FOLDER / "gi.csv")
    z, p = (gi.pivot_table(index="place", columns="step", values=name) for name in ("z", "p"))
    trends = mann_kendall(z.set_axis(z.index.astype(str)), correction="none").table
    trend = np.where(trends["p_value"] <= 0.05, np.sign(trends["s"]), 0)
    ours = arcgis_classes(np.where(p <= 0.05, np.sign(z), 0), trend)
    said = pd.read_csv(FOLDER / "sfdep.csv", index_col="place")["class"].reindex(z.index)
    theirs = (
        said.str.replace("oscilating", "oscillating")
        .str.replace("spot", " spot")
        .str.replace("no pattern detected", "no pattern")
    )
    apart = {(a, b) for a, b in zip(ours, theirs, strict=True) if a != b}
    assert apart == PARTINGS
    same = ours == theirs.to_numpy()
    assert same.sum() > 100
    assert len(set(ours[same])) >= 12
