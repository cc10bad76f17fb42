"""Log-ratios of compositions and back: where only the ratios of parts count, and distances mean something.

Shares cannot vary freely, since one more per cent of a part is one less of the others. Aitchison's geometry
takes the logarithms of their ratios instead; Euclidean methods are right there, and only there.

References
----------
Aitchison (1986), The Statistical Analysis of Compositional Data.
Egozcue et al. (2003), https://doi.org/10.1023/A:1023818214614
Egozcue and Pawlowsky-Glahn (2005), https://doi.org/10.1007/s11004-005-7381-9
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.typology import check_partition, check_positive

if TYPE_CHECKING:
    import pandas as pd


def closed(amounts: np.ndarray) -> np.ndarray:
    """Return each row divided by its sum, shape (..., parts)."""
    return np.asarray(amounts / amounts.sum(axis=-1, keepdims=True))


def clr(shares: np.ndarray) -> np.ndarray:
    """Return centred log-ratios: logarithms less their mean, so that they add up to 0; shape (..., parts)."""
    logs = np.log(shares)
    return np.asarray(logs - logs.mean(axis=-1, keepdims=True))


def clr_inverse(ratios: np.ndarray) -> np.ndarray:
    """Return the shares that have these centred log-ratios, shape (..., parts)."""
    return closed(np.exp(ratios - ratios.max(axis=-1, keepdims=True)))


def alr(shares: np.ndarray, reference: int) -> np.ndarray:
    """Return logarithms of the ratios to one part, which is left out; shape (..., parts - 1)."""
    return np.delete(np.log(shares) - np.log(shares[..., [reference]]), reference, axis=-1)


def alr_inverse(ratios: np.ndarray, reference: int) -> np.ndarray:
    """Return the shares that have these log-ratios to the part at ``reference``; shape (..., parts)."""
    return clr_inverse(np.insert(ratios, reference, 0.0, axis=-1))


def ilr(shares: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return isometric log-ratios, coordinates on an orthonormal basis; shape (..., parts - 1).

    Euclidean distances between them are Aitchison's distances between the compositions, whatever the basis.
    """
    return np.asarray(np.log(shares) @ basis.T)


def ilr_inverse(ratios: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return the shares that have these isometric log-ratios; shape (..., parts)."""
    return clr_inverse(ratios @ basis)


def pivot_basis(parts: int) -> np.ndarray:
    """Return the basis of pivot coordinates: each part against all that follow it; shape (parts - 1, parts).

    The first is ``sqrt((D-1)/D) ln(x_1 / geometric mean of x_2 ... x_D)``, as in robCompositions'
    ``pivotCoord``.
    """
    signs = np.zeros((parts - 1, parts))
    for row in range(parts - 1):
        signs[row, row], signs[row, row + 1 :] = 1.0, -1.0
    return partition_basis(signs)


def partition_basis(signs: np.ndarray) -> np.ndarray:
    """Return the orthonormal basis of a sequential binary partition; shape (parts - 1, parts).

    A row with r parts above (1) and s below (-1) becomes ``sqrt(r s / (r + s))`` times the log-ratio of their
    geometric means: a balance.

    Parameters
    ----------
    signs
        Each row divides a group of an earlier row, the first all parts; 1, -1, and 0 for parts of other
        groups; shape (parts - 1, parts).
    """
    above, below = (signs > 0).sum(axis=1), (signs < 0).sum(axis=1)
    weight = np.sqrt(above * below / (above + below))[:, None]
    return np.asarray(
        weight * (np.where(signs > 0, 1 / above[:, None], 0.0) - np.where(signs < 0, 1 / below[:, None], 0.0))
    )


def basis_of(partition: pd.DataFrame | None, parts: tuple[str, ...]) -> np.ndarray:
    """Return the basis of a stated partition, or that of pivot coordinates; shape (parts - 1, parts).

    Raises
    ------
    UsageError
        If the rows are no sequential binary partition of the parts.
    """
    if partition is None:
        return pivot_basis(len(parts))
    return partition_basis(check_partition(partition, parts))


def aitchison_distances(shares: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return Aitchison's distance of each of (n, parts) to each of (m, parts); shape (n, m)."""
    check_positive(shares)
    check_positive(others)
    return np.asarray(np.linalg.norm(clr(shares)[:, None, :] - clr(others)[None, :, :], axis=-1))
