"""From hot or cold by year and a trend to one word an area: by what is tested, or as ArcGIS does it."""

from __future__ import annotations

import numpy as np

KINDS = ("new", "lasting", "strengthening", "weakening", "former", "fluctuating")
CLASSES = (*(f"{kind} {side}" for side in ("hot", "cold") for kind in KINDS), "none", "")
"""What can be said of an area; blank where it could not be tested."""
PATTERNS = (
    "new",
    "consecutive",
    "intensifying",
    "persistent",
    "diminishing",
    "sporadic",
    "oscillating",
    "historical",
)
ARCGIS_CLASSES = (*(f"{name} {side} spot" for side in ("hot", "cold") for name in PATTERNS), "no pattern", "")
"""ArcGIS's seventeen patterns; blank where there is no value in the last year."""
CERTAINTIES = ("firm", "likely", "unsure", "")


def told_classes(
    sides: np.ndarray, periods: np.ndarray, trend: np.ndarray, tested: np.ndarray, *, together: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the class and the certainty of every area, from statements that were each tested.

    An area is hot *now* where the last year, or the last years together, told so; and *at the start* in the
    same way.

    * hot now, not told to be hot at the start: ``new``, or ``weakening`` where the trend falls;
    * hot now and at the start: ``strengthening`` or ``weakening`` where the trend is told to be rising or
      falling, otherwise ``lasting``;
    * not hot now, hot at the start: ``former``;
    * hot in between only: ``fluctuating``;
    * never hot or cold: ``none``. What is cold is classed in the same way, the trend turned; what holds now
      goes before what held at the start, and that before what was between.

    ``firm``: each part of the word was told by a test (of ``lasting``: the first, the middle and the last
    years are all hot). ``likely``: part of it rests on a time for which the test could not tell, but several
    years bear the word out. ``unsure``: one year alone does.

    Parameters
    ----------
    sides
        1 where an area was told to be hot in a year, -1 cold, 0 neither; shape (n areas, n years).
    periods
        The same for the first, the middle and the last years together; shape (n areas, 3).
    trend
        1 where the statistic was told to rise over the years, -1 to fall, 0 neither; shape (n,).
    tested
        Which areas have a test at the start and now; shape (n,).
    together
        Whether the first and the last period have several years.
    """
    n = len(sides)
    word, sure = np.full(n, "none", dtype=object), np.full(n, "", dtype=object)
    weight = np.zeros(n)
    now = np.where(sides[:, -1] != 0, sides[:, -1], periods[:, 2])
    start = np.where(sides[:, 0] != 0, sides[:, 0], periods[:, 0])
    for side, name in ((1, "hot"), (-1, "cold")):
        ever = (sides == side).any(axis=1) | (periods == side).any(axis=1)
        kind = _kind(now == side, start == side, ever, trend * side)
        heavier = _weigh(kind) > weight
        word[heavier] = [f"{one} {name}" for one in kind[heavier]]
        sure[heavier] = _certainty(kind, sides * side, periods * side, trend * side, together=together)[
            heavier
        ]
        weight = np.maximum(weight, _weigh(kind))
    word[~tested], sure[~tested] = "", ""
    return word, sure


def _kind(now: np.ndarray, start: np.ndarray, ever: np.ndarray, trend: np.ndarray) -> np.ndarray:
    return np.select(
        [now & (trend < 0), now & start & (trend > 0), now & start, now, start, ever],
        ["weakening", "strengthening", "lasting", "new", "former", "fluctuating"],
        default="",
    ).astype(object)


def _certainty(
    kind: np.ndarray, sides: np.ndarray, periods: np.ndarray, trend: np.ndarray, *, together: bool
) -> np.ndarray:
    """Return how sure each kind is; sides, periods and trend are turned so that 1 is the kind's own side."""
    start = np.where(sides[:, 0] != 0, sides[:, 0], periods[:, 0])
    now = np.where(sides[:, -1] != 0, sides[:, -1], periods[:, 2])
    throughout = (sides > 0).all(axis=1) | (periods > 0).all(axis=1)
    firm = (
        (kind == "strengthening")
        | ((kind == "weakening") & (start > 0))
        | ((kind == "lasting") & throughout)
        | ((kind == "new") & ((trend > 0) | (start < 0)))
        | ((kind == "former") & ((trend < 0) | (now < 0)))
    )
    several = (sides > 0).sum(axis=1) > 1
    if together:
        several |= (periods > 0).any(axis=1)
    ends_told = (kind == "weakening") | (kind == "lasting")
    return np.where(firm, "firm", np.where(several | ends_told, "likely", "unsure"))


def _weigh(kind: np.ndarray) -> np.ndarray:
    return np.select([kind == "", kind == "fluctuating", kind == "former"], [0, 1, 2], default=3)


def arcgis_classes(sides: np.ndarray, trend: np.ndarray, *, share: float = 0.9) -> np.ndarray:
    """Return ArcGIS's pattern of every area, by Esri's published definitions.

    With the share of steps in which the area is a hot spot, and the final step:

    * new: hot in the final step and never before;
    * consecutive: hot in an unbroken run of at least two final steps and never before it, in less than 90 %
      of all steps;
    * intensifying, persistent, diminishing: hot in at least 90 % of all steps, the final one among them, and
      the intensity rises, does not tell, or falls;
    * sporadic: hot in the final step and on and off before, in less than 90 %, and never cold;
    * oscillating: the same, but cold in some step before;
    * historical: hot in at least 90 %, but not in the final one.

    A place that was cold and is hot for the first time in the final steps fits both new (or consecutive) and
    oscillating; the order above decides, which is Esri's own.

    Parameters
    ----------
    sides, trend
        As in :func:`told_classes`.
    share
        ArcGIS's 0.9.

    References
    ----------
    Esri, How Emerging Hot Spot Analysis works, ArcGIS Pro 3.3 documentation
    """
    word = np.full(len(sides), "no pattern", dtype=object)
    for side, name in ((-1, "cold"), (1, "hot")):
        pattern = _pattern(sides, trend, side, share)
        found = pattern != ""
        now = sides[:, -1] == side
        # Both sides fit only where one is historical; where it is hot or cold now goes first.
        taken = found & (now | (word == "no pattern"))
        word[taken] = [f"{one} {name} spot" for one in pattern[taken]]
    return word


def _pattern(sides: np.ndarray, trend: np.ndarray, side: int, share: float) -> np.ndarray:
    here = sides == side
    count, steps = here.sum(axis=1), sides.shape[1]
    now = here[:, -1]
    # 1e-9 keeps nine steps of ten at 90 %.
    often = count >= share * steps - 1e-9
    run = np.cumprod(here[:, ::-1], axis=1).sum(axis=1)
    only_run = now & (run == count)
    turned = (sides == -side).any(axis=1)
    return np.select(
        [
            only_run & (run == 1),
            only_run & (run > 1) & ~often,
            often & now & (trend == side),
            often & now & (trend == 0),
            often & now & (trend == -side),
            now & ~often & ~turned,
            now & ~often & turned,
            often & ~now,
        ],
        list(PATTERNS),
        default="",
    )
