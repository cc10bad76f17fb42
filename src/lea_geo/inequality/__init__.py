"""How unequal areas are: measures, what chance alone would give, and what a gap is made of.

* ``sample``: values, population and counts, aligned by id. ``noise``: what may be true, and what equal areas
  would show. ``options``: what every measure can be told. ``result``: what every measure gives back.
* ``formulas``: measures of spread, of many draws at once. ``ends``: measures of two weighted sums with an
  order that is given. ``estimate``: intervals of both.
* ``gaps``, ``entropy``, ``spread``, ``slope``, ``attributable``: the public measures. ``table``: all of them.
* ``nesting``: between and within, at any depth. ``spatial_gini``: near and far pairs.
* ``segregation*``: who lives apart from whom. ``decompose_*``: what a gap or a change is made of.
"""
