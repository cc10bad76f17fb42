"""Local statistics of grid cells that lie on a Dask cluster, with the same bits as one process gives.

To be read in this order: ``statistic`` has the public functions; ``run`` is the client, which starts every
step and adds up what all cells decide together. ``bands`` puts the map into bands of rows, each a sample of
its own; ``worker`` is what is computed of a partition or a band, and the summaries that go to the client.
``ranks`` are the exchanges through which each band learns where its values and p-values stand among all.
Only ``run`` needs Dask, an optional extra.
"""
