"""The laws of neighbour sums under conditional permutation: an area stays, the others' values are shuffled.

* Equal weights: ``exact_law``, on the lattice of ``value_lattice``; ``subset_laws`` inverts whole laws,
  ``direct_laws`` sums the few frequencies that matter to areas of many neighbours, ``exact_loops`` are the
  loops of both. Of 0 and 1 it is ``hypergeometric``.
* Unequal weights: ``characteristic``, by ``characteristic_function``, ``fourier_plan``, ``fourier_blocks``
  and ``inversion``.
* Anything: ``permutation``, by ``draw_counts`` and ``random_draws``.
"""
