"""Writes what esda says of Columbus into the folder named as the first argument.

python tests/golden/numbers_of_esda.py tests/golden/esda

Stored, because compiling esda's permutation loop takes longer than all tests of this folder. The data
are those of spdep.R.
"""

import sys
from pathlib import Path

import esda
import pandas as pd
from libpysal.graph import Graph

SPDEP = Path(__file__).parent / "spdep"
PERMUTATIONS = 99999


def main(folder: str) -> None:
    areas = pd.read_csv(SPDEP / "areas.csv").query("dataset == 'columbus'").set_index("id")
    links = pd.read_csv(SPDEP / "links.csv").query("dataset == 'columbus'")
    arrays = (links[column].to_numpy() for column in ("from", "to", "B"))
    graph = Graph.from_arrays(*arrays).transform("r")
    values = areas["x"].loc[graph.unique_ids]
    moran = esda.Moran_Local(values.to_numpy(), graph, permutations=PERMUTATIONS, seed=2009)
    local_g = esda.G_Local(values.to_numpy(), graph, permutations=PERMUTATIONS, seed=2009)
    table = pd.DataFrame(
        {"moran": moran.Is, "moran_p": moran.p_sim, "g_p": local_g.p_sim}, index=values.index
    )
    table["permutations"] = PERMUTATIONS
    table["esda"] = esda.__version__
    table.to_csv(Path(folder) / "local.csv", index_label="id")


if __name__ == "__main__":
    main(sys.argv[1])
