"""What a choice of municipalities must be, and what a user is told when it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo.errors import AreasError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import pandas as pd

HEADING = "The areas of the region cannot be chosen:"


def check_region(name: str, regions: Collection[str]) -> str:
    """Return the name of a region; otherwise name the nearest."""
    if len(name) == 3 and name.isdigit():
        raise UsageError(f"region is {name!r}, a municipality code; give codes as a list: [{name!r}].")
    return check_choice("region", name, regions)


def check_codes(codes: Iterable[Any]) -> tuple[str, ...]:
    """Return municipality codes: text of three digits, each once."""
    listed = tuple(codes)
    wrong = [code for code in listed if not (isinstance(code, str) and len(code) == 3 and code.isdigit())]
    if wrong or not listed:
        shown = ", ".join(map(repr, wrong)) or "nothing"
        raise UsageError(f'{shown} given as municipality codes; a code is text of three digits, like "092".')
    return tuple(dict.fromkeys(listed))


def check_found(codes: Sequence[str], found: pd.Series[str], names: Mapping[str, str]) -> None:
    """Refuse municipalities that have no areas."""
    faults = Faults()
    present = set(found)
    absent = [code for code in codes if code not in present]
    if absent:
        there = ", ".join(sorted(present - {""})[:8])
        faults.add(
            "municipalities without areas",
            ids=[f"{code} {names[code]}" if code in names else code for code in absent],
            of=len(codes),
            cure=f"The areas are of: {there}{', …' if len(present) > 8 else ''}." if there else "",
        )
    faults.raise_if_any(AreasError, HEADING)


def refuse_no_municipality(column: str, columns: Sequence[str]) -> NoReturn:
    """Refuse areas that do not say which municipality they are in."""
    faults = Faults()
    faults.add(
        f"the areas have no column {column!r}",
        cure=f"Name one of {', '.join(columns)}, or give municipal polygons as within=.",
    )
    raise AreasError(HEADING, faults.found)


def check_crs(areas: Any, within: Any) -> None:  # noqa: ANN401 - a pyproj CRS or None, and pyproj stays unimported
    """Refuse to compare places whose CRS is unknown."""
    faults = Faults()
    for name, crs in (("areas", areas), ("municipal polygons", within)):
        if crs is None:
            faults.add(f"the {name} state no CRS")
    faults.raise_if_any(AreasError, HEADING)
