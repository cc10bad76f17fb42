"""From shares of runs to a verdict: firm, depends on something that is named, or cannot be said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.values import as_texts
from lea_geo.robustness.label_runs import SAID
from lea_geo.schema import DEPENDS, VERDICTS, Label
from lea_geo.spatial.local_result import LABELS, code_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from lea_geo.robustness.label_runs import Setting

FIRM = 0.9
"""The least share of runs that must give the label stated, under every choice, for it to be firm."""
UNSURE = ("noise", "hidden")
"""What no choice can mend: where one of these can change a label, it cannot be said."""
SHARES = tuple(f"share_{str(label).lower().replace('-', '_').replace(' ', '_')}" for label in SAID)
"""The columns of shares, in the order of ``SAID``."""
_PLACES = np.array([code_of(label) for label in SAID])


def stated_share(shares: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the share of the label stated, NaN where that says nothing.

    Parameters
    ----------
    shares
        Of each label of ``SAID``, shape (n, labels).
    codes
        The labels stated, as places in ``schema.Label``, shape (n,).
    """
    found = np.full(len(codes), np.nan)
    for place, code in enumerate(_PLACES):
        here = codes == code
        found[here] = shares[here, place]
    return found


def words_of(
    settings: Sequence[Setting], within: np.ndarray, holds: np.ndarray, *, varied: Sequence[str]
) -> np.ndarray:
    """Return which of ``schema.DEPENDS`` can change each label, shape (words, n).

    Parameters
    ----------
    settings
        What was looked at; the first is as stated.
    within
        The share of runs with the stated label under each setting, NaN where it says nothing of an area;
        shape (settings, n).
    holds
        Whether no hidden value can change the label, shape (n,).
    varied
        What differs between runs of the first setting.
    """
    changes = np.zeros((len(DEPENDS), within.shape[1]), dtype=bool)
    changes[DEPENDS.index("hidden")] = ~holds
    for setting, share in zip(settings, within, strict=True):
        for word in varied if setting.word == "" else [setting.word]:
            if word in DEPENDS:
                changes[DEPENDS.index(word)] |= share < FIRM
    return changes


def verdicts(codes: np.ndarray, changes: np.ndarray) -> tuple[pd.api.extensions.ExtensionArray, np.ndarray]:
    """Return the verdict on each label, one of ``schema.VERDICTS``, and what it depends on in words."""
    said = np.isin(codes, _PLACES)
    places = np.array([DEPENDS.index(word) for word in UNSURE])
    unsure = changes[places].any(axis=0)
    verdict = np.where(unsure, VERDICTS.index("unsure"), VERDICTS.index("firm"))
    verdict[~unsure & changes.any(axis=0)] = VERDICTS.index("depends")
    verdict[~said] = VERDICTS.index("")
    kinds, place = np.unique(changes & said, axis=1, return_inverse=True)
    texts = [" ".join(word for word, is_so in zip(DEPENDS, kind, strict=True) if is_so) for kind in kinds.T]
    words = np.array(texts or [""], dtype=object)[place.ravel()] if len(codes) else np.array([], dtype=object)
    return as_texts(verdict.astype(np.int8), VERDICTS), words


def labels_of(codes: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """Return the labels that codes stand for."""
    return as_texts(codes.astype(np.int8), LABELS)


HIGH = SAID.index(Label.HIGH_HIGH)
