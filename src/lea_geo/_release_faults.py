"""What keeps a release from leaving, in words: which groups, how they are worked out, and what would help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo._checks.disclosure_release import refuse_release
from lea_geo.disclosure.attack.cure import cheapest_cure, find_cures

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from lea_geo.disclosure.attack.audit import ReleaseAudit
    from lea_geo.errors import OutputError

MOST_CURED = 3
"""Of how many counts a cure is looked for: each is attacked again and again."""
_WHAT = {
    "count": "groups that can be worked out to be too few",
    "denominator": "details that can be worked out of too few people",
    "threshold": "details that can be worked out of too few people",
}
_NOT_PRINTED = " Where the count is printed nowhere, do the same to what it is worked out from."
_UNTRIED = "Hide the values of these areas, or merge them with a neighbour. That is advice: it was not tried."


def refuse(audit: ReleaseAudit) -> OutputError:
    """Return the error that tells of everything unsafe, with a recipe and the cheapest cure of each count."""
    return refuse_release(unsafe=list(_unsafe(audit)), further=list(_further(audit)), cures=_cures(audit))


def _unsafe(audit: ReleaseAudit) -> Iterator[tuple[str, list[str], int, str]]:
    """Yield each count with its unsafe groups, out of how many that are hidden or unsafe, and a recipe."""
    of = audit.table.groupby(level="variable").size()
    for (variable, rule), rows in audit.findings.groupby(["variable", "rule"], sort=False):
        what = f"{variable}: {_WHAT[str(rule)]}"
        names = [_named(key, row) for key, row in zip(rows.index, rows.itertuples(), strict=True)]
        first = rows.iloc[0]
        where = f" ({first['place']})" if first["place"] else ""
        yield what, names, int(of[str(variable)]), f"The recipe: {str(first['recipe']).rstrip('.')}{where}."


def _named(key: tuple[Any, ...], row: Any) -> str:  # noqa: ANN401 - a row of a frame is of no class
    _, geography, area = key
    low, high = (_number(value) for value in (row.lower, row.upper))
    return f"{geography} {area}: {low}" if low == high else f"{geography} {area}: {low} to {high}"


def _number(value: float) -> str:
    return "any number" if not np.isfinite(value) else f"{value:g}"


def _further(audit: ReleaseAudit) -> Iterator[tuple[str, list[str], str]]:
    if audit.unread:
        named = [f"{file}: {why}" for file, why in audit.unread]
        cure = "Take them out, or look through them and name them as accept under [disclosure]."
        yield "files that could not be read, so nobody knows what they give away", named, cure
    if audit.n_open:
        cure = "They count as unsafe. Hiding or merging areas around them makes it easier to tell."
        yield f"{audit.n_open} of these groups could not be decided", [], cure


def _cures(audit: ReleaseAudit) -> list[tuple[str, str]]:
    """Return the cheapest cure of the counts with the most unsafe groups; advice where only details leak."""
    counted: pd.Series[int] = audit.findings.groupby(level="variable").size()
    worst = counted.sort_values(ascending=False, kind="stable").index
    found = []
    for variable in [name for name in worst if name in audit.leaking][:MOST_CURED]:
        published, k = audit.leaking[variable]
        cure = cheapest_cure(find_cures(published, k, zero=audit.profile.zero))
        recipes = audit.findings.xs(variable, level="variable")["recipe"]
        if cure and recipes.str.contains(" is known by ", regex=False).any():
            cure += _NOT_PRINTED
        found += [(str(variable), cure)] if cure else []
    details = [str(name) for name in worst if name not in audit.leaking]
    return found + ([(", ".join(details[:MOST_CURED]), _UNTRIED)] if details else [])
