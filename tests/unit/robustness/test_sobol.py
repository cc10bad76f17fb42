"""Sobol indices of functions whose indices are known."""

import numpy as np
import pytest

from lea_geo.robustness.sobol import jansen


def crossed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the samples AB_i of two samples (N, k), shape (k, N, k)."""
    k = a.shape[1]
    mixed = np.repeat(a[None], k, axis=0)
    for i in range(k):
        mixed[i, :, i] = b[:, i]
    return mixed


def ishigami(x: np.ndarray) -> np.ndarray:
    """Ishigami and Homma (1990), a = 7, b = 0.1, on (-pi, pi)^3."""
    x = np.pi * (2 * x - 1)
    return np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])


def sobol_g(x: np.ndarray) -> np.ndarray:
    """Sobol's g with a = 0, 1, 4.5, 9 and four times 99 (Saltelli et al. 2010)."""
    return np.prod((np.abs(4 * x - 2) + G) / (1 + G), axis=-1)


G = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])


def indices_of_ishigami() -> tuple[np.ndarray, np.ndarray]:
    """V1 = (1 + b pi^4 / 5)^2 / 2, V2 = a^2 / 8, V13 = 8 b^2 pi^8 / 225, V their sum."""
    v1, v2, v13 = (1 + 0.1 * np.pi**4 / 5) ** 2 / 2, 49 / 8, 8 * 0.01 * np.pi**8 / 225
    return np.array([v1, v2, 0]) / (v1 + v2 + v13), np.array([v1 + v13, v2, v13]) / (v1 + v2 + v13)


def indices_of_g() -> tuple[np.ndarray, np.ndarray]:
    """V_i = 1 / 3(1 + a_i)^2, V = prod(1 + V_i) - 1, V_Ti = V_i prod_{j != i} (1 + V_j)."""
    v = 1 / (3 * (1 + G) ** 2)
    whole = np.prod(1 + v)
    return v / (whole - 1), v * whole / (1 + v) / (whole - 1)


def estimated(function, k: int, rows: int = 20_000):
    rng = np.random.default_rng(2010)
    a, b = rng.random((rows, k)), rng.random((rows, k))
    return jansen(function(a), function(b), function(crossed(a, b)))


@pytest.mark.parametrize(("function", "known"), [(ishigami, indices_of_ishigami), (sobol_g, indices_of_g)])
def test_indices_are_those_of_the_formulas(function, known):
    first, total = known()
    found = estimated(function, len(first))
    assert np.all(np.abs(found.first - first) <= 3.5 * found.first_error + 1e-3)
    assert np.all(np.abs(found.total - total) <= 3.5 * found.total_error + 1e-3)
    assert found.first_error.max() < 0.03
    assert found.total_error.max() < 0.03


def test_the_indices_of_ishigami_are_the_published_ones():
    # Saltelli et al. (2008), Global Sensitivity Analysis: The Primer: 0.314, 0.442, 0; 0.558, 0.442, 0.244
    first, total = indices_of_ishigami()
    assert first == pytest.approx([0.3139, 0.4424, 0], abs=5e-5)
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=5e-5)


def test_standard_errors_are_as_large_as_the_estimates_scatter():
    rng = np.random.default_rng(1)
    found = []
    for _ in range(60):
        a, b = rng.random((400, 3)), rng.random((400, 3))
        found.append(jansen(ishigami(a), ishigami(b), ishigami(crossed(a, b))))
    scatter = np.std([one.total for one in found], axis=0)
    said = np.mean([one.total_error for one in found], axis=0)
    assert said == pytest.approx(scatter, rel=0.35)


def test_an_output_that_does_not_vary_has_no_indices():
    found = jansen(np.ones(50), np.ones(50), np.ones((2, 50)))
    assert np.isnan(found.first).all()
    assert np.isnan(found.total).all()
    assert found.variance == 0


def test_many_outputs_at_once_are_each_as_alone():
    rng = np.random.default_rng(3)
    a, b = rng.random((300, 3)), rng.random((300, 3))
    ab = crossed(a, b)
    both = jansen(*(np.stack([ishigami(x), x[..., 0]], axis=-1) for x in (a, b, ab)))
    alone = jansen(ishigami(a), ishigami(b), ishigami(ab))
    assert both.total[:, 0] == pytest.approx(alone.total)
    assert both.total_error[:, 0] == pytest.approx(alone.total_error)
    assert both.total[:, 1] == pytest.approx([1, 0, 0], abs=0.2)
