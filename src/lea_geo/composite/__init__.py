"""From indicators to domains and an index: the steps of the OECD/JRC Handbook (2008), a file each.

* ``screen``: does an indicator say enough?  ``impute``: what stands in for gaps.  ``treat``: outliers.
* ``normalise``: common scales.  ``weighting``: how much each counts.  ``aggregate``: scores of groups.
* ``scales``: what normalising learns.  ``score_type``: what scores can bear.  ``copeland`` and
  ``benefit_of_the_doubt``: aggregations that compare areas.  ``frames``: both steps on plain tables.
* ``tree``: the hierarchy.  ``fitting``: do its parts fit together?  ``engine``: the steps, on arrays.
* ``given``, ``prepare``: from a table to what an engine runs on.  ``index``: ``composite_index``.
* ``account``, ``result``: what is told of an index.
* ``diagnose``: what the indicators have in common, and what the index makes of it.
"""
