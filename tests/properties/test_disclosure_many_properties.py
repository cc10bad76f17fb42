"""Three families and more: what must hold whatever is published."""

from dataclasses import replace

import numpy as np
from disclosure_enumeration import random_release
from hypothesis import given, settings
from hypothesis import strategies as st

from lea_geo.disclosure.prove.certificate import certify
from lea_geo.disclosure.prove.many import unsafe_groups
from lea_geo.disclosure.prove.verify_certificate import verify
from lea_geo.disclosure.published import Published

few = settings(max_examples=12, deadline=None)
seeds = st.integers(0, 2**32 - 1)


def drawn(seed, *, caps=False, intervals=False):
    return random_release(np.random.default_rng(seed), families=3, caps=caps, intervals=intervals, most=7)


def covered(published, k, counts=None):
    return {atom for group in unsafe_groups(published, k, counts).groups for atom in group.atoms}


@few
@given(seeds, st.integers(2, 6), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_atoms_and_families_changes_nothing(seed, k, shuffle, caps):
    published, counts = drawn(seed, caps=caps)
    order = list(range(published.n_atoms))
    shuffle.shuffle(order)
    families = [replace(family, leaf=family.leaf[order]) for family in published.families]
    shuffle.shuffle(families)
    other = Published(tuple(families), published.lower[order], published.upper[order])
    assert {order[atom] for atom in covered(other, k, counts[order])} == covered(published, k, counts)


@few
@given(seeds, st.integers(2, 6), st.booleans())
def test_the_table_that_bounds_start_from_changes_nothing(seed, k, caps):
    published, counts = drawn(seed, caps=caps, intervals=True)
    assert covered(published, k) == covered(published, k, counts)


@few
@given(seeds, st.integers(2, 6))
def test_who_publishes_one_more_kind_of_areas_makes_nothing_safe(seed, k):
    published, counts = drawn(seed)
    three = unsafe_groups(published, k, counts)
    for left_out in range(3):
        kept = tuple(family for at, family in enumerate(published.families) if at != left_out)
        assert three.safe <= unsafe_groups(replace(published, families=kept), k, counts).safe


@few
@given(seeds, st.integers(2, 6), st.booleans())
def test_a_certificate_over_three_families_is_a_proof_of_what_the_search_finds(seed, k, caps):
    published, _ = drawn(seed, caps=caps)
    certificate = certify(published, k)
    if certificate.proved:
        assert verify(certificate.as_dict()) == []
        assert unsafe_groups(published, k).safe
