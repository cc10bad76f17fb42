"""Rates of small populations.

* ``counts``: events and people, aligned by id; what every function here gives back.
* ``intervals``: what chance leaves around a rate.
* ``empirical_bayes``: rates shrunk towards a mean, or standardised by their variance.
"""
