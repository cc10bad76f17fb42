"""What goes with what: how income, health and education go with wellbeing, area by area.

Association only, never cause, and of areas, never of persons.

* **Two at a time**: ``association`` (correlations with the sample size that spatial autocorrelation leaves,
  ``effective``), ``lee`` (do they rise and fall together in space), ``bivariate`` (both on one map).
* **Several at once**: ``regression`` and its diagnostics, ``spatial_models`` (lag, error, Durbin), ``local``
  (geographically weighted), ``held_out`` (what a model is worth in places that it has not seen).
* **What the answer hangs on**: ``scale`` (the size and borders of areas), ``ecological`` (what areas can say
of
  persons).

Everything aligns by id and is computed in the order of the ids, so that no result depends on the order in
which areas came.
"""
