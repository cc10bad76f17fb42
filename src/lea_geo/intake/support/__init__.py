"""From one set of areas to another: shared surface, points in areas and cells, and values carried over.

* **Shared surface**: ``overlap``; over the cells of a grid (``lattice_of`` finds it) by ``scan_conversion``,
  of other polygons by ``clipping``. ``edges`` are polygons as loops take them.
* **Points in areas**: ``locate``; in cells by arithmetic, in other polygons by a ``polygon_index``, whose
  every decision is exact (``orientation``).
* **Registers of points**: ``points`` (aggregate_points) reads a ``point_source`` batch by batch, finds the
  ``ground`` under each row and adds it to ``counts``, each of them a ``tally``.
* **Values carried over**: ``interpolate`` through a ``crosswalk``, whose mass is ``dasymetric`` (by areas,
  points, or the pixels of ``land``), ``pycnophylactic`` or areal. ``meeting`` cuts areas into pieces,
  ``doubles`` are pieces held twice; ``carry``, ``bounds`` and ``account`` say what arrives and how sure.
"""
