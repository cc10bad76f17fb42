"""What an audit of a release can be asked, and what it cannot."""

from __future__ import annotations

from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from lea_geo.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

T = TypeVar("T")


def check_areas_by_geography(areas: Mapping[str, gpd.GeoDataFrame], least_surface: float) -> None:
    """Refuse no kinds of areas at all, and a least surface that is none."""
    if not areas:
        raise UsageError("areas_by_geography names no kind of areas; give at least one.")
    number = not isinstance(least_surface, bool) and isinstance(least_surface, Real)
    if not (number and np.isfinite(float(least_surface)) and least_surface >= 0):
        raise UsageError(f"least_surface is {least_surface!r}; it must be a number of at least 0, in m2.")


class Folders(NamedTuple):
    """Which folders are attacked together."""

    directory: Path
    earlier: tuple[Path, ...]
    together: tuple[Path, ...]


def check_folders(
    directory: str | Path, earlier: Iterable[str | Path], together: Iterable[str | Path]
) -> Folders:
    """Return the folders as paths; one text where several are asked for is one folder."""
    one = directory if isinstance(directory, str | Path) else None
    if one is None:
        raise UsageError(f"directory is a {type(directory).__name__}; it must be a path of a folder.")
    several = [(given,) if isinstance(given, str | Path) else tuple(given) for given in (earlier, together)]
    return Folders(Path(one), *(tuple(Path(folder) for folder in given) for given in several))


def check_profile_known(given: T | None) -> T:
    """Return the rules of release that are known; without any, nothing can be called small."""
    if given is None:
        raise UsageError(
            "No rules of release are known: the release's manifest names none. State a profile, such as "
            "profile='statistics_finland_grid', or profile='findata' with minimum_count=5."
        )
    return given
