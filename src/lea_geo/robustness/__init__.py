"""What could change a finding: noise, hidden values, and choices of method.

* ``doubts``: what could turn a label, by bounds.
* ``labels``: how often a label comes out, and whether it is firm.
"""
