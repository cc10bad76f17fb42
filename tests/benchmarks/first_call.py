"""What a fresh process pays: for imports, for a first call and for a second one; prints seconds as JSON.

Run as ``python first_call.py``; called by ``test_cold_start.py``.
"""

import json
import sys
import time
from importlib import import_module

start = time.perf_counter()
lea, np, pd = (import_module(name) for name in ("lea_geo", "numpy", "pandas"))
build_graph, local_moran = lea.build_graph, lea.local_moran  # a public name is loaded when it is first used
imports = time.perf_counter() - start


def call() -> float:
    begin = time.perf_counter()
    row, column = np.divmod(np.arange(2_500), 50)
    graph = build_graph((row, column), "lattice")
    local_moran(pd.Series(np.random.default_rng(1).normal(size=graph.n), graph.ids), graph)
    return time.perf_counter() - begin


sys.stdout.write(json.dumps({"imports": imports, "first call": call(), "second call": call()}) + "\n")
