"""Counts of one area that give another of its counts away."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lea_geo._protect_relations import giving_away

FIELDS = "abcd"
names = st.frozensets(st.sampled_from(FIELDS), min_size=1).map(lambda some: tuple(sorted(some)))


def closed(shown, hidden, keeps=lambda _: False):
    """Hide until nothing gives anything away."""
    hidden = {one: mask.copy() for one, mask in hidden.items()}
    while found := list(giving_away(shown, hidden, keeps)):
        for one, at in found:
            hidden[one] = hidden.get(one, np.zeros(len(at), dtype=bool)) | at
    return hidden


def can_be_had(hidden, shown):
    """Whether sums and differences of what is shown add up the same fields: by ranks of the vectors."""
    rows = [[float(field in one) for field in FIELDS] for one in shown]
    row = [float(field in hidden) for field in FIELDS]
    without = np.linalg.matrix_rank(np.array(rows)) if rows else 0
    return np.linalg.matrix_rank(np.array([*rows, row])) == without


@given(st.sets(names, min_size=2, max_size=7), st.data())
def test_what_is_hidden_cannot_be_put_together_of_what_is_shown(some, data):
    counts = {one: np.array([data.draw(st.integers(0, 50)), 7.0]) for one in sorted(some)}
    first = data.draw(st.sampled_from(sorted(some)))
    hidden = closed(counts, {first: np.array([True, False])})
    gone = [one for one, mask in hidden.items() if mask[0]]
    seen = [one for one in counts if one not in gone]
    assert not any(can_be_had(one, seen) for one in gone)
    assert not any(mask[1] for mask in hidden.values())  # the other area hides nothing


def test_the_smaller_of_two_counts_that_lead_to_a_hidden_one_goes_with_it():
    counts = {("a",): np.array([3.0]), ("b",): np.array([90.0]), ("a", "b"): np.array([93.0])}
    hidden = closed(counts, {("a",): np.array([True])})
    assert sorted(hidden) == [("a",), ("b",)]


def test_a_total_that_must_stay_visible_is_not_taken():
    counts = {("a",): np.array([3.0]), ("b",): np.array([90.0]), ("a", "b"): np.array([93.0])}
    hidden = closed(counts, {("a",): np.array([True])}, keeps=lambda one: one == ("b",))
    assert sorted(hidden) == [("a",), ("a", "b")]
    assert list(giving_away(counts, {("a",): np.array([True])}, lambda _: True)) == []


def test_a_count_that_the_table_does_not_give_gives_nothing_away():
    counts = {("a",): np.array([3.0]), ("b",): np.array([np.nan]), ("a", "b"): np.array([93.0])}
    assert closed(counts, {("a",): np.array([True])}).keys() == {("a",)}
