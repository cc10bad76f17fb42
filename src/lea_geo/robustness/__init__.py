"""What could change a finding: noise, hidden values, and choices of method.

* ``doubts``: what could turn a label, by bounds.
* ``labels``: how often a label comes out, and whether it is firm.
* ``composite``: an index run with other methods and other values. ``observed``: what is known of values.
  ``joint``, ``noise``, ``hidden``: where the true ones may lie. ``alternatives``, ``trial``, ``plan``: what
  a run may choose and does. ``streams``, ``runs``: random numbers and threads. ``summary``, ``alone``,
  ``sobol``, ``sensitivity``, ``result``: what is made of it.
"""
