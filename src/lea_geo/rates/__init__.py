"""Rates of small populations.

* ``counts``: events and people, aligned by id; what every function here gives back.
* ``intervals``: what chance leaves around a rate.
* ``standardise``, ``standard_populations``: rates that allow for areas having people of different ages.
* ``empirical_bayes``: rates shrunk towards a mean, or standardised by their variance, by moments.
* ``marginal``: rates shrunk by a law of rates that is fitted by maximum likelihood.
* ``parent``: rates shrunk towards the area of a higher level, as the English indices do it.
* ``reliable``: which rates are reliable, by stated rules.
* ``pool_years``, ``merge_areas``: counts added up until they are enough.
* ``study``: what a study asks for of these.
"""
