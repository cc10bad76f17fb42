"""Who is missed, who belongs on the list, and who gets what.

* ``need``: families in need by area, aligned, with bounds where their number is hidden.
* ``law``, ``redraws``: what the true need may be, given counts that are small.
* ``missed``, ``curve``: families in need outside the chosen areas, and how many areas must be covered.
* ``priority``, ``priority_runs``: lists of areas with the probability that each belongs on them.
* ``terms``, ``formula``, ``fill``, ``problem``, ``allocate``: a budget shared by need, to the euro.
* ``equity``, ``scenarios``: ways of sharing beside one another.
* ``travel``, ``sites``, ``access``: how far families have, and where to put what they need.
"""
