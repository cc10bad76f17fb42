"""What a study is: everything that can change a number, in frozen dataclasses, read from one TOML file.

A sensitivity analysis is a ``dataclasses.replace`` and another run::

    spec = lea.load_spec("vantaa.toml")
    other = replace(spec, spatial=replace(spec.spatial, graph="knn", k=6))
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lea_geo._checks.faults import Faults
from lea_geo._checks.spec import (
    Keys,
    check_catalogue,
    check_folder,
    check_graph_options,
    check_municipality_codes,
    check_study_path,
    given_options,
    read_study_text,
    refuse_syntax,
)
from lea_geo._composite_keys import composite_as_dict, read_composite
from lea_geo._disclosure_keys import disclosure_as_dict, read_disclosure
from lea_geo._inputs_keys import read_areas_keys, read_rasters, read_tables
from lea_geo._rates_keys import read_rates
from lea_geo._robustness_keys import read_robustness, robustness_as_dict
from lea_geo.chapter import CHAPTERS
from lea_geo.chapter_specs import READERS, chapter_as_dict
from lea_geo.disclosure_spec import PROFILE_NAMES
from lea_geo.errors import SpecError
from lea_geo.rates_spec import RatesSpec
from lea_geo.schema import CONTROLLED, GRAPH_KINDS, LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.chapter_specs import (
        AccessSpec,
        ChangeSpec,
        ChapterSpec,
        DriversSpec,
        InequalitySpec,
        SegregationSpec,
        TargetingSpec,
        TrendsSpec,
        TypesSpec,
    )
    from lea_geo.composite_spec import CompositeSpec
    from lea_geo.disclosure_spec import DisclosureSpec
    from lea_geo.inputs_spec import AreasSpec, RasterSpec, TableSpec
    from lea_geo.robustness_spec import RobustnessSpec

REGION_NAMES = ("vaasa-laihia", "tampere-ylojarvi", "vantaa", "pori", "finland")
CATALOGUE_NAMES = ("paavo", "population_grid", "hsy_grid", "sotkanet")
ISLAND_POLICIES = ("isolate", "nearest", "components")
METHODS = ("auto", "exact", "characteristic", "permutation", "analytic")
TRANSFORMS = ("row", "binary", "original")
_OF_AREAS = ("areas", "tables", "rasters", "catalogue", "indicators", "spatial")
"""What each kind of areas has of its own."""


@dataclass(frozen=True)
class SpatialSpec:
    """Who is whose neighbour, and how clustering is tested."""

    graph: str = "queen"
    k: int | None = None
    """How many neighbours each area has (``knn``, ``kernel``)."""
    threshold: float | None = None
    """Metres within which areas are neighbours (``distance_band``)."""
    bandwidth: float | None = None
    """Metres over which the weight of a neighbour falls (``kernel``)."""
    tolerance: float | None = None
    """Metres within which borders count as touching (``queen``, ``rook``)."""
    islands: str = "isolate"
    """What becomes of areas across water: ``isolate`` leaves them alone, ``nearest`` links each to the
    nearest area, ``components`` links groups of areas across at most ``water_distance``."""
    water_distance: float | None = None
    """Metres of water that a link may bridge, for ``islands = "components"``."""
    transform: str = "row"
    method: str = "auto"
    """How p-values are found: ``exact``, ``permutation``, ``analytic`` or whichever fits (``auto``)."""
    permutations: int | None = None
    """How many, where permutations decide; left out, as many as it takes to label a lone area."""
    fdr: float = 0.05
    """The level at which an area is labelled: of the false discovery rate, or of what else ``correction``
    controls."""
    correction: str = "bh"
    """How the number of areas is allowed for: one of ``schema.CONTROLLED``."""
    seed: int = 2009


@dataclass(frozen=True)
class MapSpec:
    """How the map opens, and what it draws beside the areas."""

    language: str = "fi"
    water: str = ""
    """A file of polygons, relative to the data folder."""
    borders: str = ""
    """A file of polygons, as a rule municipalities, relative to the data folder."""


@dataclass(frozen=True)
class AlsoSpec:
    """Another kind of areas of the same region."""

    areas: AreasSpec
    tables: tuple[TableSpec, ...]
    rasters: tuple[RasterSpec, ...] = ()
    catalogue: str = "paavo"
    """Left out in a file, the study's own."""
    indicators: tuple[str, ...] = ()
    """Left out in a file, the study's own where the catalogue is the study's too."""
    spatial: SpatialSpec = field(default_factory=SpatialSpec)
    """What a file leaves out is as in the study; but another graph or another ``islands`` brings its options
    with it and takes none of the study's."""


@dataclass(frozen=True)
class StudySpec:
    """One study."""

    name: Text
    areas: AreasSpec
    tables: tuple[TableSpec, ...]
    rasters: tuple[RasterSpec, ...] = ()
    region: str = ""
    """A region of the package; empty, with no ``municipalities`` either, means every area of the file."""
    municipalities: tuple[str, ...] = ()
    catalogue: str = "paavo"
    """A built-in catalogue or a TOML file, relative to the study file."""
    indicators: tuple[str, ...] = ()
    """Codes of the indicators to study; empty means all that the tables allow."""
    synthetic: bool = False
    """True when the data are made up; then everything that a person reads says so."""
    spatial: SpatialSpec = field(default_factory=SpatialSpec)
    map: MapSpec = field(default_factory=MapSpec)
    rates: RatesSpec = field(default_factory=RatesSpec)
    composite: CompositeSpec | None = None
    """The index that the study makes of its indicators, if it makes one."""
    robustness: RobustnessSpec | None = None
    """How the index is tested; left out, as ``RobustnessSpec()`` says."""
    disclosure: DisclosureSpec | None = None
    """By which rules the findings leave, if they are to leave at all."""
    inequality: InequalitySpec | None = None
    segregation: SegregationSpec | None = None
    change: ChangeSpec | None = None
    trends: TrendsSpec | None = None
    types: TypesSpec | None = None
    drivers: DriversSpec | None = None
    targeting: TargetingSpec | None = None
    access: AccessSpec | None = None
    also: tuple[AlsoSpec, ...] = ()
    """Other kinds of areas, each tested as the study itself."""
    folder: Path = field(default=Path(), compare=False)
    """Where the study file lies; no part of what the study is."""
    data: Path = field(default=Path(), compare=False)
    """The folder that data files are relative to; no part of what the study is."""

    @property
    def catalogue_path(self) -> Path | None:
        """The catalogue's file, or None for a built-in one."""
        return None if self.catalogue in CATALOGUE_NAMES else self.folder / self.catalogue

    @property
    def profile_path(self) -> Path | None:
        """The file of the rules of release, or None for built-in ones and where there are none."""
        named = self.disclosure.profile if self.disclosure is not None else ""
        return self.folder / named if named and named not in PROFILE_NAMES else None

    @property
    def chapters(self) -> dict[str, ChapterSpec]:
        """What the study says of each chapter that it asks for, in the order in which they are told."""
        said = {code: getattr(self, code) for code in CHAPTERS}
        return {code: one for code, one in said.items() if one is not None}

    @property
    def chapter_files(self) -> tuple[str, ...]:
        """Files that chapters read themselves, relative to the data folder."""
        files = (path for said in self.chapters.values() for _, path in getattr(said, "files", ()))
        return tuple(dict.fromkeys(files))

    @property
    def parts(self) -> tuple[StudySpec, ...]:
        """The study with its own areas, and then with each other kind in their place.

        None has ``also``, and only the first has the index and chapters and merges areas.
        """
        others = ({name: getattr(also, name) for name in _OF_AREAS} for also in self.also)
        alone = dict.fromkeys(("composite", *CHAPTERS)) | {"rates": replace(self.rates, merge=False)}
        own = ({}, *({**alone, **changes} for changes in others))
        return tuple(replace(self, also=(), **changes) for changes in own)

    def as_dict(self) -> dict[str, Any]:
        """Return the study as its file would say it: plain JSON values and no folder of this machine."""
        own = _plain(self)
        tables = ("areas", "tables", "rasters", "spatial", "map", "rates", "also")
        rest = {key: own.pop(key) for key in tables if key in own}
        if self.composite is not None:
            own.pop("composite")
            rest["composite"] = composite_as_dict(self.composite)
        if self.robustness is not None:
            own.pop("robustness")
            rest["robustness"] = robustness_as_dict(self.robustness)
        if self.disclosure is not None:
            own.pop("disclosure")
            rest["disclosure"] = disclosure_as_dict(self.disclosure)
        for code, said in self.chapters.items():
            own.pop(code)
            rest[code] = chapter_as_dict(said)
        return {"study": own, **rest}


def load_spec(path: str | Path, *, data: str | Path | None = None) -> StudySpec:
    """Read a study file.

    Parameters
    ----------
    path
        A TOML file as in the package's ``tests/studies``.
    data
        The folder that data files are relative to, in place of the file's own ``[study] data``. Where neither
        is given, it is the study file's folder.

    Raises
    ------
    UsageError
        There is no such file.
    SpecError
        Unknown keys, wrong types, numbers out of range, missing keys, missing files: all of them at once.
    """
    path = check_study_path(path)
    try:
        raw = tomllib.loads(read_study_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise refuse_syntax(path, error) from None
    return spec_from_dict(
        raw, folder=path.parent, data=data, heading=f"The study file {path.name} cannot be used:"
    )


def spec_from_dict(
    raw: Mapping[str, Any],
    *,
    folder: str | Path,
    data: str | Path | None = None,
    heading: str = "The study cannot be used:",
    files: bool = True,
) -> StudySpec:
    """Build a study from what a study file, or ``StudySpec.as_dict``, says.

    Parameters
    ----------
    raw
        Tables ``study``, ``areas``, ``tables``, ``rasters``, ``spatial``, ``map``, ``rates``, ``composite``,
        ``robustness``, ``disclosure`` and ``also``, and one for each chapter (``chapter.CHAPTERS``).
    folder
        Where a catalogue file is looked for, and data files too unless ``data`` or ``raw`` says otherwise.
    data
        The folder that data files are relative to.
    heading
        The first line of the error.
    files
        Whether the files that it names have to be there; if not, none is looked for.

    Raises
    ------
    SpecError
        Everything that is wrong, at once.
    """
    faults = Faults()
    folder = Path(folder)
    top = Keys(raw, "the file", faults, folder)
    study = top.within("study", required=True)
    said = study.text("data")
    base = Path(data) if data is not None else folder / said
    # Files are looked for in folders only.
    top.base = check_folder(base, faults) if files else Path(os.devnull)
    composite, robustness, disclosure = (
        top.within(name) for name in ("composite", "robustness", "disclosure")
    )
    spec = StudySpec(
        areas=read_areas_keys(top.within("areas", required=True)),
        tables=read_tables(top),
        rasters=read_rasters(top),
        spatial=_spatial(top.within("spatial"), SpatialSpec()),
        map=_map(top.within("map")),
        rates=read_rates(top.within("rates")),
        composite=read_composite(composite) if "composite" in raw else None,
        robustness=read_robustness(robustness) if robustness.table else None,
        disclosure=read_disclosure(disclosure, folder) if "disclosure" in raw else None,
        **_chapters(top, raw),
        folder=folder,
        data=base,
        **_study(study),
    )
    spec = replace(spec, also=tuple(_also(keys, spec) for keys in top.each("also", required=False)))
    top.known += [code for code in CHAPTERS if code not in raw]
    top.done()
    faults.raise_if_any(SpecError, heading)
    return spec


def _study(keys: Keys) -> dict[str, Any]:
    municipalities = keys.texts("municipalities")
    check_municipality_codes(keys, municipalities)
    found = {
        "name": keys.languages("name", required=True),
        "region": keys.choice("region", "", REGION_NAMES),
        "municipalities": municipalities,
        "catalogue": check_catalogue(keys, keys.text("catalogue", "paavo"), CATALOGUE_NAMES, keys.base),
        "indicators": keys.texts("indicators"),
        "synthetic": keys.flag("synthetic"),
    }
    keys.done()
    return found


def _chapters(top: Keys, raw: Mapping[str, Any]) -> dict[str, Any]:
    return {code: read(top.within(code)) for code, read in READERS.items() if code in raw}


def _also(keys: Keys, study: StudySpec) -> AlsoSpec:
    catalogue = keys.text("catalogue", study.catalogue)
    if catalogue != study.catalogue:
        check_catalogue(keys, catalogue, CATALOGUE_NAMES, study.folder)
    wanted = keys.texts("indicators")
    also = AlsoSpec(
        areas=read_areas_keys(keys.within("areas", required=True)),
        tables=read_tables(keys),
        rasters=read_rasters(keys),
        catalogue=catalogue,
        indicators=wanted or (study.indicators if catalogue == study.catalogue else ()),
        spatial=_spatial(keys.within("spatial"), study.spatial),
    )
    keys.done()
    return also


def _spatial(keys: Keys, plain: SpatialSpec) -> SpatialSpec:
    if "graph" in keys.table:
        plain = replace(plain, k=None, threshold=None, bandwidth=None, tolerance=None)
    if "islands" in keys.table:
        plain = replace(plain, water_distance=None)
    spatial = SpatialSpec(
        graph=keys.choice("graph", plain.graph, GRAPH_KINDS),
        k=keys.count("k", plain.k),
        threshold=keys.number("threshold", plain.threshold),
        bandwidth=keys.number("bandwidth", plain.bandwidth),
        tolerance=keys.number("tolerance", plain.tolerance, least=True),
        islands=keys.choice("islands", plain.islands, ISLAND_POLICIES),
        water_distance=keys.number("water_distance", plain.water_distance),
        transform=keys.choice("transform", plain.transform, TRANSFORMS),
        method=keys.choice("method", plain.method, METHODS),
        permutations=keys.count("permutations", plain.permutations, least=99, most=10_000_000),
        fdr=keys.number("fdr", plain.fdr, below=1),
        correction=keys.choice("correction", plain.correction, CONTROLLED),
        seed=keys.count("seed", plain.seed, least=0, most=2**63 - 1),
    )
    check_graph_options(keys, spatial.graph, spatial.islands, given_options(keys, plain))
    keys.done()
    return spatial


def _map(keys: Keys) -> MapSpec:
    opened = MapSpec(
        language=keys.choice("language", "fi", LANGUAGES),
        water=keys.file("water"),
        borders=keys.file("borders"),
    )
    keys.done()
    return opened


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return a dataclass as JSON values, without what is empty or belongs to this machine."""
    if is_dataclass(value):
        held = {f.name: getattr(value, f.name) for f in fields(value) if f.compare}
        return {key: _plain(v) for key, v in held.items() if v not in ("", (), None)}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value
