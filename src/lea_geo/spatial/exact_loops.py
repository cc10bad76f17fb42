"""The loops of the exact law."""

from __future__ import annotations

import numpy as np

from lea_geo.spatial.compiled import compiled

VANISHED = 1e-18
"""Symmetric polynomials below this, one after another, stay below it and add nothing to any probability."""


@compiled
def _lengths(factors: np.ndarray) -> np.ndarray:
    """Return how many factors of each row are not 0; those that are come last."""
    lengths = np.zeros(len(factors), dtype=np.int64)
    for row in range(len(factors)):
        while lengths[row] < factors.shape[1] and factors[row, lengths[row]] != 0.0:
            lengths[row] += 1
    return lengths


@compiled
def _has_vanished(value: complex) -> bool:
    return value.real * value.real + value.imag * value.imag < VANISHED * VANISHED


@compiled
def elementary(
    start: int, stop: int, spectrum: np.ndarray, recent: np.ndarray, factors: np.ndarray, out: np.ndarray
) -> None:
    """Carry Newton's identities on at some frequencies.

    ``recent[-1]`` holds E of the k before those of ``out[k, a]``, and the rows above it earlier ones.
    """
    reach, kept, new = factors.shape[1], len(recent), len(out)
    size = 2 * (len(spectrum) - 1)
    lengths = _lengths(factors)
    power_sums = np.empty(reach, dtype=np.complex128)
    symmetric = np.empty(kept + new, dtype=np.complex128)
    for a in range(start, stop):
        quiet = 0  # how many of the last ones have vanished
        for j in range(kept):
            symmetric[j] = recent[j, a]
            quiet = quiet + 1 if _has_vanished(symmetric[j]) else 0
        for j in range(reach):
            place = ((j + 1) * a) & (size - 1)
            power_sums[j] = spectrum[place] if place < len(spectrum) else np.conj(spectrum[size - place])
        for k in range(new):
            if quiet >= kept:
                out[k, a] = 0.0
                continue
            total = 0.0j
            for j in range(lengths[k]):
                total += factors[k, j] * (symmetric[kept + k - 1 - j] * power_sums[j])
            symmetric[kept + k] = total
            quiet = quiet + 1 if _has_vanished(total) else 0
            out[k, a] = total


@compiled
def cumulate(
    start: int,
    stop: int,
    mass: np.ndarray,
    rows: np.ndarray,
    at_most: np.ndarray,
    at_least: np.ndarray,
    middles: np.ndarray,
) -> None:
    """Add probabilities up from both ends, and find the largest sum that at least half of the draws reach."""
    size = mass.shape[1]
    for i in range(start, stop):
        row = rows[i]
        total = 0.0
        for q in range(size):
            total += mass[i, q]
            at_most[row, q + 1] = total
        total = 0.0
        for q in range(size - 1, -1, -1):
            total += mass[i, q]
            at_least[row, q] = total
            if total < 0.5:
                middles[row] = q


@compiled
def _four(
    table: np.ndarray,
    sizes: np.ndarray,
    factors: np.ndarray,
    row: int,
    places: tuple[int, int, int, int],
    focal: int,
) -> tuple[float, float, float, float]:
    """Return four places of a cumulated law with the focal value left out."""
    one = two = three = four = 0.0
    for j in range(min(row + 1, factors.shape[1])):
        factor, law, size = factors[row, j], table[row - j], sizes[row - j]
        if factor == 0.0:
            break
        shift = j * focal
        one += factor * law[min(max(places[0] - shift, 0), size)]
        two += factor * law[min(max(places[1] - shift, 0), size)]
        three += factor * law[min(max(places[2] - shift, 0), size)]
        four += factor * law[min(max(places[3] - shift, 0), size)]
    return one, two, three, four


@compiled
def _interpolated(
    own: int,
    at: float,
    tie: float,
    masses: tuple[float, float, float],
) -> tuple[float, float]:
    """Split the probability of the observed step in proportion, but count true ties in whole.

    ``masses`` are P(S < step), P(S = step) and P(S > step) for the step that ``at`` lies in.
    """
    below, mass, above = masses
    step = int(np.floor(at + 0.5))
    share = step + 0.5 - at
    spread = max(mass - (tie if own == step else 0.0), 0.0)
    lower = below + (1.0 - share) * spread + (tie if own >= step else 0.0)
    upper = above + share * spread + (tie if own <= step else 0.0)
    return lower, upper


@compiled
def look_up(
    start: int,
    stop: int,
    rows: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    tables: tuple[int, int, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    numbers: np.ndarray,
) -> None:
    """Write P(S <= s), P(S >= s) and the error of both for the areas whose k the new laws hold.

    Each area reads one table only, that of the tail it lies in, and takes the other one from 1.
    """
    drawn, turned, steps, sums, places, ties = rows
    first, fresh, at_most, at_least, sizes, middles, factors = tables
    for i in range(start, stop):
        row = drawn[i] - first
        if drawn[i] < fresh or row >= len(sizes):
            continue
        step, near, past, focal = sums[i], sums[i], sums[i], steps[i]
        if len(ties):
            half = drawn[i] / 2.0
            step = int(np.floor(places[i] + 0.5))
            near, past = int(np.ceil(places[i] - half)), int(np.floor(places[i] + half)) + 1
        table = at_least if step >= middles[row] else at_most
        at, after, begin, end = _four(table, sizes, factors, row, (step, step + 1, near, past), focal)
        if step >= middles[row]:
            masses, window = (1.0 - at, at - after, after), begin - end
        else:
            masses, window = (at, after - at, 1.0 - after), end - begin
        if len(ties):
            lower, upper = _interpolated(sums[i], places[i], ties[i], masses)
            numbers[2, i] = max(window - ties[i], 0.0)
        else:
            lower, upper = masses[0] + masses[1], masses[1] + masses[2]
        numbers[0, i] = upper if turned[i] else lower
        numbers[1, i] = lower if turned[i] else upper


@compiled
def tie_mass(
    start: int,
    stop: int,
    rows: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    most: int,
    out: np.ndarray,
) -> None:
    """Write the probability that a draw without the focal value holds exactly the neighbours' values."""
    indptr, indices, x, copies = rows
    value, many = np.empty(most), np.empty(most, dtype=np.int64)
    for i in range(start, stop):
        held = 0
        for link in range(indptr[i], indptr[i + 1]):
            j = indices[link]
            place = held
            while place > 0 and value[place - 1] > x[j]:
                value[place], many[place] = value[place - 1], many[place - 1]
                place -= 1
            value[place], many[place] = x[j], copies[j]
            held += 1
        mass, used = 1.0, 0
        for t in range(held):
            used = used + 1 if t > 0 and value[t] == value[t - 1] else 0
            others = many[t] - (1 if value[t] == x[i] else 0)
            mass *= (others - used) * (t + 1.0) / ((used + 1.0) * (len(x) - 1 - t))
        out[i] = mass
