"""The loops of the exact law."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from lea_geo.spatial.compiled import compiled

_Array: TypeAlias = np.ndarray
LawTables: TypeAlias = tuple[int, int, _Array, _Array, _Array, _Array, _Array]
"""Cumulated laws: the k of the first row and of the first new one, the tails, where the rows start, their
sizes and middles, and the factors that leave the focal value out."""
DirectTables: TypeAlias = tuple[_Array, _Array, _Array, _Array, _Array, _Array]
"""Frequencies, how many matter to each k, what is summed at them, the factors, and roots of unity."""
RowTables: TypeAlias = tuple[_Array, _Array, _Array, _Array, _Array, _Array, _Array]
"""Of each area: how many values are drawn, whether these are the others instead of the neighbours, its own
step, the observed sum in steps, the same before rounding, and the probability of a true tie. The last is
how many steps rounding can move the sum of k values, at [k]."""

FINE = 16
"""How many roots of unity lie between those of the coarse table."""
TOGETHER = 64
"""How many frequencies, or areas, are worked on at once."""


@compiled
def _lengths(factors: np.ndarray) -> np.ndarray:
    """Return how many factors of each row are not 0; those that are come last."""
    lengths = np.zeros(len(factors), dtype=np.int64)
    for row in range(len(factors)):
        while lengths[row] < factors.shape[1] and factors[row, lengths[row]] != 0.0:
            lengths[row] += 1
    return lengths


@compiled
def elementary(
    start: int, stop: int, spectrum: np.ndarray, recent: np.ndarray, factors: np.ndarray, out: np.ndarray
) -> None:
    """Carry Newton's identities on at some frequencies.

    ``recent[-1]`` holds E of the k before those of ``out[k, a]``, and the rows above it earlier ones.
    """
    kept, new, lengths = len(recent), len(out), _lengths(factors)
    # Real and imaginary parts apart, so that several frequencies are worked on in one step.
    p_real, p_imaginary = np.empty((factors.shape[1], TOGETHER)), np.empty((factors.shape[1], TOGETHER))
    real, imaginary = np.empty((kept + new, TOGETHER)), np.empty((kept + new, TOGETHER))
    for begin in range(start, stop, TOGETHER):
        end = min(begin + TOGETHER, stop)
        for j in range(kept):
            for a in range(begin, end):
                real[j, a - begin] = recent[j, a].real
                imaginary[j, a - begin] = recent[j, a].imag
        _read_power_sums(begin, end, spectrum, p_real, p_imaginary)
        for k in range(new):
            here = kept + k
            real[here] = 0.0
            imaginary[here] = 0.0
            for j in range(lengths[k]):
                _add_product(
                    factors[k, j],
                    real[here - 1 - j],
                    imaginary[here - 1 - j],
                    p_real[j],
                    p_imaginary[j],
                    real[here],
                    imaginary[here],
                )
            for a in range(begin, end):
                out[k, a] = complex(real[here, a - begin], imaginary[here, a - begin])


@compiled
def _read_power_sums(
    begin: int, end: int, spectrum: np.ndarray, real: np.ndarray, imaginary: np.ndarray
) -> None:
    """Write p_j(a), which is p_1 at ``j a mod L``, in real and imaginary parts."""
    size = 2 * (len(spectrum) - 1)
    for a in range(begin, end):
        place = 0
        for j in range(len(real)):
            place += a
            if place >= size:
                place -= size
            opposite = place >= len(spectrum)
            value = spectrum[size - place if opposite else place]
            real[j, a - begin] = value.real
            imaginary[j, a - begin] = -value.imag if opposite else value.imag


@compiled
def _add_product(
    factor: float,
    a_real: np.ndarray,
    a_imaginary: np.ndarray,
    b_real: np.ndarray,
    b_imaginary: np.ndarray,
    real: np.ndarray,
    imaginary: np.ndarray,
) -> None:
    """Add a multiple of the products of complex numbers."""
    for i in range(TOGETHER):
        real[i] += factor * (a_real[i] * b_real[i] - a_imaginary[i] * b_imaginary[i])
        imaginary[i] += factor * (a_real[i] * b_imaginary[i] + a_imaginary[i] * b_real[i])


@compiled
def cumulate(
    start: int,
    stop: int,
    mass: np.ndarray,
    rows: np.ndarray,
    tails: np.ndarray,
    starts: np.ndarray,
    middles: np.ndarray,
) -> None:
    """Add probabilities up from both ends as far as the middle, so that small tails keep their digits.

    ``rows`` says to which row of the laws each row of ``mass`` belongs, -1 for none.
    """
    size = mass.shape[1]
    for i in range(start, stop):
        if rows[i] < 0:
            continue
        first, total, q = starts[rows[i]], 0.0, 0
        while q < size and total < 0.5:
            tails[first + q] = total
            total += mass[i, q]
            q += 1
        middles[rows[i]] = q
        total, tails[first + size] = 0.0, 0.0
        for place in range(size - 1, q - 1, -1):
            total += mass[i, place]
            tails[first + place] = total


@compiled
def _tail(tails: np.ndarray, start: int, size: int, middle: int, q: int, high: bool) -> float:
    """Return P(S >= q), or P(S < q) if not ``high``, of the law that starts there."""
    place = min(max(q, 0), size)
    found: float = tails[start + place]
    # Arithmetic instead of a branch, which a processor could not foresee.
    turned = 0.0 if (place >= middle) == high else 1.0
    return found + turned * (1.0 - 2.0 * found)


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
def _places(at: float, reach: float) -> tuple[int, int, int, int]:
    """Return the observed step, the next one, and the first step within and beyond the reach of rounding."""
    step = int(np.floor(at + 0.5))
    return step, step + 1, int(np.ceil(at - reach)), int(np.floor(at + reach)) + 1


@compiled
def look_up(  # noqa: C901 - one nest of loops, half as fast in pieces
    start: int, stop: int, rows: RowTables, tables: LawTables, numbers: np.ndarray
) -> None:
    """Write P(S <= s), P(S >= s) and the error of both for the areas whose k the new laws hold.

    Each area reads the tail that it lies in and takes the other one from 1. Areas are read in groups, one law
    after another, so that a processor can fetch what several of them need at the same time.
    """
    drawn, turned, steps, sums, places, ties, reach = rows
    first, fresh, tails, starts, sizes, middles, factors = tables
    rounded = len(ties) > 0
    group = np.empty(TOGETHER, dtype=np.int64)
    asked, found = np.empty((TOGETHER, 4), dtype=np.int64), np.empty((TOGETHER, 4))
    begin = start
    while begin < stop:
        held = 0
        while begin < stop and held < TOGETHER:
            i = begin
            begin += 1
            if fresh <= drawn[i] < first + len(sizes):
                group[held] = i
                step, after, near, past = sums[i], sums[i] + 1, sums[i], sums[i]
                if rounded:
                    step, after, near, past = _places(places[i], reach[drawn[i]])
                asked[held, 0], asked[held, 1], asked[held, 2], asked[held, 3] = step, after, near, past
                found[held, 0] = found[held, 1] = found[held, 2] = found[held, 3] = 0.0
                held += 1
        for j in range(factors.shape[1]):
            for g in range(held):
                row = drawn[group[g]] - first
                if j > row or factors[row, j] == 0.0:
                    continue
                factor, law, shift = factors[row, j], row - j, j * steps[group[g]]
                high = asked[g, 0] >= middles[row]
                for c in range(4):
                    found[g, c] += factor * _tail(
                        tails, starts[law], sizes[law], middles[law], asked[g, c] - shift, high
                    )
        for g in range(held):
            i = group[g]
            at, after, near, past = found[g, 0], found[g, 1], found[g, 2], found[g, 3]
            masses, window = (at, after - at, 1.0 - after), past - near
            if asked[g, 0] >= middles[drawn[i] - first]:
                masses, window = (1.0 - at, at - after, after), near - past
            lower, upper = masses[0] + masses[1], masses[1] + masses[2]
            if rounded:
                lower, upper = _interpolated(sums[i], places[i], ties[i], masses)
                numbers[2, i] = max(window - ties[i], 0.0)
            numbers[0, i] = upper if turned[i] else lower
            numbers[1, i] = lower if turned[i] else upper


@compiled
def _root(coarse: np.ndarray, fine: np.ndarray, steps: int) -> complex:
    """Return exp(2 pi i steps / size)."""
    place = steps & (len(coarse) * FINE - 1)
    root: complex = coarse[place // FINE] * fine[place % FINE]
    return root


@compiled
def _sum_directly(
    frequencies: np.ndarray,
    summands: np.ndarray,
    factors: np.ndarray,
    roots: tuple[np.ndarray, np.ndarray],
    focal: int,
    places: tuple[int, int, int, int],
) -> tuple[float, float, float, float]:
    """Return P(S >= q) at four places with the focal value left out; k is the last row of ``summands``."""
    k, size = len(summands) - 1, len(roots[0]) * FINE
    one = two = three = four = 0.0
    for f in range(len(frequencies)):
        a = frequencies[f]
        own = _root(roots[0], roots[1], -a * focal)
        total, power = 0.0j, 1.0 + 0.0j
        for j in range(min(k + 1, len(factors))):
            total += factors[j] * (power * summands[k - j, f])
            power *= own
        one += (total * (_root(roots[0], roots[1], a * places[0]) - 1.0)).real
        two += (total * (_root(roots[0], roots[1], a * places[1]) - 1.0)).real
        three += (total * (_root(roots[0], roots[1], a * places[2]) - 1.0)).real
        four += (total * (_root(roots[0], roots[1], a * places[3]) - 1.0)).real
    rest = (size - places[0], size - places[1], size - places[2], size - places[3])
    return one + rest[0] / size, two + rest[1] / size, three + rest[2] / size, four + rest[3] / size


@compiled
def sum_up(areas: np.ndarray, rows: RowTables, tables: DirectTables, numbers: np.ndarray) -> None:
    """Write P(S <= s), P(S >= s) and the error of both for some areas from the frequencies that matter."""
    drawn, turned, steps, sums, places, ties, reach = rows
    frequencies, matter, summands, factors, coarse, fine = tables
    size, rounded = len(coarse) * FINE, len(ties) > 0
    for i in areas:
        k = drawn[i]
        found = matter[k]
        asked = _places(places[i], reach[k]) if rounded else (sums[i], sums[i] + 1, sums[i], sums[i])
        within = (asked[0], min(asked[1], size), max(asked[2], 0), min(asked[3], size))
        at, after, near, past = _sum_directly(
            frequencies[:found], summands[: k + 1, :found], factors[k], (coarse, fine), steps[i], within
        )
        lower, upper = 1.0 - after, at
        if rounded:
            lower, upper = _interpolated(sums[i], places[i], ties[i], (1.0 - at, at - after, after))
            numbers[2, i] = max(near - past - ties[i], 0.0)
        numbers[0, i] = upper if turned[i] else lower
        numbers[1, i] = lower if turned[i] else upper


@compiled
def tie_mass(
    start: int,
    stop: int,
    rows: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    by_count: np.ndarray,
    shape: tuple[int, int],
    out: np.ndarray,
) -> None:
    """Write the probability that a draw without the focal value holds exactly the neighbours' values.

    ``by_count`` is that probability at [k] where no value repeats, and ``shape`` the number of all values and
    the largest number of neighbours.
    """
    indptr, indices, x, copies = rows
    n, most = shape
    value, many = np.empty(most), np.empty(most, dtype=np.int64)
    for i in range(start, stop):
        held, repeats = 0, 0
        for link in range(indptr[i], indptr[i + 1]):
            repeats += copies[indices[link]] > 1
        if repeats == 0:
            out[i] = by_count[indptr[i + 1] - indptr[i]]
            continue
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
            mass *= (others - used) * (t + 1.0) / ((used + 1.0) * (n - 1 - t))
        out[i] = mass
