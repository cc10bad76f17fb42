"""What a study file may say of its chapters: a frozen dataclass and its reader for each table of the file.

The keys of the file are the names of the fields, so that a study can be written back as its file would say
it. A chapter that reads files of its own has a property ``files``: pairs of a role and a path relative to the
data folder, for the manifest.
"""

from __future__ import annotations

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
