"""What a study file may say of its chapters: a frozen dataclass and its reader for each table of the file.

The keys of the file are the names of the fields, so that a study can be written back as its file would say
it. A chapter that reads files of its own has a property ``files``: pairs of a role and a path relative to the
data folder, for the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from lea_geo.chapter_specs.access import AccessSpec, read_access
from lea_geo.chapter_specs.change import ChangeSpec, read_change
from lea_geo.chapter_specs.drivers import DriversSpec, read_drivers
from lea_geo.chapter_specs.inequality import InequalitySpec, read_inequality
from lea_geo.chapter_specs.segregation import SegregationSpec, read_segregation
from lea_geo.chapter_specs.targeting import TargetingSpec, read_targeting
from lea_geo.chapter_specs.trends import TrendsSpec, read_trends
from lea_geo.chapter_specs.types import TypesSpec, read_types

ChapterSpec = (
    InequalitySpec
    | SegregationSpec
    | ChangeSpec
    | TrendsSpec
    | TypesSpec
    | DriversSpec
    | TargetingSpec
    | AccessSpec
)

READERS = {
    "inequality": read_inequality,
    "segregation": read_segregation,
    "change": read_change,
    "trends": read_trends,
    "types": read_types,
    "drivers": read_drivers,
    "targeting": read_targeting,
    "access": read_access,
}
"""How each chapter's table of a study file is read, in the order of ``chapter.CHAPTERS``."""


def chapter_as_dict(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return what a chapter's dataclass says beyond its defaults, as its table of the file would."""
    if is_dataclass(value):
        held = [(one, getattr(value, one.name)) for one in fields(value)]
        kept = [(one, said) for one, said in held if said != _default(one) or one.metadata.get("always")]
        return {one.name: chapter_as_dict(said) for one, said in kept}
    if isinstance(value, tuple):
        return [chapter_as_dict(one) for one in value]
    if isinstance(value, Mapping):
        return {key: chapter_as_dict(one) for key, one in value.items()}
    return value


def _default(one: Field[Any]) -> object:
    return one.default_factory() if one.default_factory is not MISSING else one.default
