"""Who is whose neighbour, and where areas are more alike than chance explains.

* **Graphs**: ``graph`` (AreaGraph), ``builders`` (build_graph) and its kinds ``contiguity``, ``nearness``,
  ``lattice``; ``islands``, ``links``, ``rows``, ``cell_ids``, ``interchange`` (libpysal).
* **Local statistics**: ``autocorrelation`` names them; ``local_moran``, ``local_g``, ``local_geary`` and
  ``local_join_count`` compute them from a ``sample`` (values and graph, aligned) and a test of the
  ``neighbour_sum`` by one of the ``laws``; ``local_result`` is what they give, ``hotspots`` several at once.
* **Inference**: tails, corrections for many tests and what they need (``inference``).
* **Global statistics**: ``global_statistics``, of many indicators at once ``global_table``; ``correlogram``
  and ``incremental`` over distances.
* **Clusters of cases**: ``scan``.
* **Beyond one machine**: ``cluster`` (Dask).
* **Beneath all of it**: ``compiled`` (loops over threads), ``sums`` (the same in any order), ``ordering``,
  ``scratch``.
"""
