"""How long the exact bounds of Vantaa's real people take, on cells and postal areas together."""

import time
from pathlib import Path

from stopwatch import Board, Line
from vantaa_people import people_of_vantaa, pieces_of_vantaa, published, totals

from lea_geo.disclosure.prove.unsafe import unsafe_groups

HEADING = "Vantaa's people on HSY's cells and on postal areas: all unsafe groups"
K, SECONDS = 5, 2


def test_the_bounds_of_vantaa_take_two_seconds_at_most(board: Board, finland: Path):
    postal, cells, atoms = pieces_of_vantaa(finland)
    people = people_of_vantaa(postal, cells, atoms)
    one = published(atoms, totals(atoms, people, "postal"), totals(atoms, people, "grid"))
    unsafe_groups(one, K)  # compiled
    began = time.perf_counter()
    unsafe_groups(one, K)
    took = time.perf_counter() - began
    board.add(HEADING, Line(f"{atoms.n:,} atoms, k = {K}", f"{took:.2g} s", "", "", f"{SECONDS} s"))
    assert took <= SECONDS
