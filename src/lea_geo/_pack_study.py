"""The study file of a pack: what lea_geo runs on it as it is, and what a person then edits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lea_geo.intake.regions import MUNICIPALITIES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from lea_geo._pack_sources import Making

_COUNTRY = {"fi": "Suomi", "sv": "Finland", "en": "Finland"}
_ABOUT = {"fi": "lapset ja perheet", "sv": "barn och familjer", "en": "children and families"}
MOST_NAMED = 3
"""Municipalities that a title names."""


def study_text(at: Making, region: str, years: Mapping[str, int]) -> str:
    """Return the study file.

    Parameters
    ----------
    at
        The pack, its files made.
    region
        A region of the package; empty where it is municipalities.
    years
        Source to the year that it was fetched for.
    """
    head = _head(at, region, years)
    parts = [head, _areas(at.id_column, at.area_columns), _table("paavo.csv", at.id_column)]
    if "municipalities.gpkg" in at.made:
        parts.append('[map]\nborders = "municipalities.gpkg"\n')
    parts.append(_SPATIAL)
    parts += [_grid(path, key, *_GRIDS[path]) for path, key in at.cells.items()]
    parts += _rest(at)
    return "\n".join(parts)


_SPATIAL = """\
[spatial]
graph = "queen"
fdr = 0.05
seed = 2009
"""


def _head(at: Making, region: str, years: Mapping[str, int]) -> str:
    when = max(about["time"] for about in at.made.values())[:10]
    of = "; ".join(f"{name} {year}" for name, year in years.items())
    owners = dict.fromkeys(f"{about['owner']} ({about['licence']})" for about in at.made.values())
    title = ", ".join(
        f"{language} = {_quoted(text)}" for language, text in _title(at, years["postal_areas"]).items()
    )
    where = f"region = {_quoted(region)}" if region else f"municipalities = {_listed(at.codes)}"
    return f"""\
# Open data, fetched on {when}: {of}.
# Source: {"; ".join(owners)}.
# sources.json says where every file came from.

[study]
name = {{ {title} }}
{where}
"""


def _areas(key: str, columns: Collection[str]) -> str:
    names = {"fi": "nimi", "sv": "namn", "en": "name" if "name" in columns else "nimi"}
    lines = [
        "[areas]",
        'path = "postal_areas.gpkg"',
        f"area_id = {_quoted(key)}",
        'id_scheme = "postal"',
    ]
    if set(names.values()) <= set(columns):
        said = ", ".join(f"{language} = {_quoted(column)}" for language, column in names.items())
        lines.append(f"name = {{ {said} }}")
    if "kunta" in columns:
        lines.append('municipality = "kunta"')
    return "\n".join([*lines, ""])


def _table(path: str, key: str) -> str:
    return f"[[tables]]\npath = {_quoted(path)}\narea_id = {_quoted(key)}\n"


_GRIDS = {
    "population_grid.gpkg": ("population_grid", 'id_scheme = "grid"\nmunicipality = "kunta"'),
    # Its cells are squares in a CRS of their own, and do not know where they are.
    "hsy_population_grid.gpkg": (
        "hsy_grid",
        'crs = "EPSG:3879"\nwithin = "municipalities.gpkg"\nwithin_id = "kunta"',
    ),
}
"""File of grid cells to their catalogue and what else a study has to know of them."""


def _grid(path: str, key: str, catalogue: str, known: str) -> str:
    return f"""\
[[also]]
catalogue = {_quoted(catalogue)}

[also.areas]
path = {_quoted(path)}
area_id = {_quoted(key)}
{known}

[[also.tables]]
path = {_quoted(path)}
area_id = {_quoted(key)}
"""


def _rest(at: Making) -> Iterable[str]:
    """Name the files that no part of the study reads yet."""
    read = {"postal_areas.gpkg", "paavo.csv", "municipalities.gpkg", *at.cells}
    rest = [name for name in at.made if name not in read]
    return [f"# Here too, and read by nothing yet: {', '.join(rest)}.\n"] if rest else []


def _title(at: Making, year: int) -> dict[str, str]:
    return {language: f"{place}: {_ABOUT[language]} {year}" for language, place in _places(at).items()}


def _places(at: Making) -> dict[str, str]:
    """Return what the region is called in each language: by its municipalities, where they are few."""
    if not at.codes:
        return _COUNTRY
    named = [_names(at, code) for code in at.codes[:MOST_NAMED]]
    more = " …" if len(at.codes) > MOST_NAMED else ""
    finnish, swedish = (" – ".join(names) + more for names in zip(*named, strict=True))
    return {"fi": finnish, "sv": swedish, "en": finnish}


def _names(at: Making, code: str) -> tuple[str, str]:
    """Return the Finnish and the Swedish name of a municipality; its code where nobody says them."""
    frame = at.municipalities
    if frame is not None and {"nimi", "namn"} <= set(frame.columns):
        return str(frame.at[code, "nimi"]), str(frame.at[code, "namn"])
    return MUNICIPALITIES.get(code, (code, code))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # A JSON string is a TOML string.


def _listed(codes: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, codes))}]"
