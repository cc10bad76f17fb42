"""The whole job: the only room that knows the order of the steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lea_geo import synthetic
from lea_geo._analyse import IndicatorResult, conclude, examine, examine_overall, graph_of
from lea_geo._checks.output import (
    check_geopackage,
    check_replaceable,
    check_same,
    read_manifest,
    refuse_inputs_unknown,
)
from lea_geo._compare import differing_hashes, differing_outputs, differing_versions
from lea_geo._compose import Composite, compose
from lea_geo._gather import Material, gather
from lea_geo._index_output import write_account
from lea_geo._manifest import hash_inputs, provenance, write_manifest
from lea_geo._output import recover, replacing
from lea_geo._packed import pack_notes, read_pack
from lea_geo._progress import Steps, steps
from lea_geo._protect import profile_of, protect
from lea_geo._release import NOT_AUDITED, attack, release
from lea_geo._release_ethics import check_ethics, with_reviews
from lea_geo._steady import merged, steadied, with_more_years
from lea_geo._verdicts import other_graphs, verdicts
from lea_geo._written import as_stored, write_files
from lea_geo.chapters import build_chapters
from lea_geo.export.geopackage import check_unused, read_geopackage
from lea_geo.maps.page import planner_map
from lea_geo.spec import StudySpec, load_spec, spec_from_dict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import geopandas as gpd

    from lea_geo._protect_account import Protection
    from lea_geo.intake.topology import TopologyReport
    from lea_geo.schema import Findings
    from lea_geo.spatial.graph import AreaGraph


@dataclass(frozen=True)
class Study:
    """A study that has run."""

    spec: StudySpec
    areas: gpd.GeoDataFrame
    """The region's areas, as in ``findings.areas``."""
    results: Mapping[str, IndicatorResult]
    """Indicator code to everything that was computed for it, in the latest year where there are several."""
    findings: Findings
    """What leaves the study: what the map, the GeoPackage and the report show, other years and other kinds
    of areas included."""
    provenance: Mapping[str, Any]
    """Versions, settings, input hashes, seed and notes; with an output directory, its whole manifest."""
    composite: Composite | None = None
    """The study's index with all that it was made of, in the latest year; None where it has none."""
    protection: Protection | None = None
    """What is hidden in ``findings`` and not in ``results``, which stay inside; None without rules."""

    def __repr__(self) -> str:
        return f"<Study {self.findings.title.en!r}: {len(self.areas)} areas, {len(self.results)} indicators>"


@dataclass(frozen=True)
class CheckReport:
    """What intake found in a study whose data are in order."""

    areas: int
    """Areas in the region."""
    indicators: tuple[str, ...]
    """Codes of the indicators that the tables allow."""
    topology: TopologyReport
    notes: tuple[str, ...]
    """Every repair and assumption."""
    level: str = ""
    """What the areas are: one of ``schema.LEVELS``, or empty."""
    year: str = ""
    """The year of the tables, where there are several."""
    others: tuple[CheckReport, ...] = ()
    """Other years and other kinds of areas, none of them with others of its own."""

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        known = {name: getattr(self, name) for name in ("level", "year") if getattr(self, name)}
        told = {"areas": self.areas, "indicators": list(self.indicators), "notes": list(self.notes)}
        others = {"others": [other.as_dict() for other in self.others]} if self.others else {}
        return {**known, **told, **others}

    def __str__(self) -> str:
        said = f"{self.areas} areas, {len(self.indicators)} indicators, {len(self.notes)} notes."
        return "".join(
            [said, *(f" {' '.join(filter(None, [one.level, one.year]))}: {one}" for one in self.others)]
        )


def run(spec: StudySpec | str | Path, *, out: str | Path | None = None, progress: bool = False) -> Study:
    """Do the whole job.

    Parameters
    ----------
    spec
        The study, or the path of its file.
    out
        The directory to write; an earlier output there is replaced at the end, in one step. None writes
        nothing.
    progress
        Show a progress bar on stderr.

    Raises
    ------
    UsageError
        There is no such study file, or what was given is no study.
    DataError
        What the data say no to, all of it at once; ``OutputError`` where ``out`` holds anything but an
        earlier output.
    """
    if not isinstance(spec, StudySpec):
        spec = load_spec(spec)
    if out is not None:
        recover(Path(out).resolve())
        check_replaceable(Path(out))
        check_unused(Path(out) / "study.gpkg")
    with steps(shown=progress) as at:
        at.begin("reading")
        materials = _materials(spec)
        at.expect(sum(len(one.indicators) + 2 for one in materials) + len(spec.chapters) + 5)
        examined = [
            one
            for _, years in groupby(materials, key=lambda one: id(one.areas))
            for one in _examine(years, at)
        ]
        first, *others = examined
        findings = replace(first.findings, others=tuple(other.findings for other in others))
        protection = None
        if spec.disclosure is not None:
            at.begin("protecting what leaves")
            reviewed = with_reviews(findings, spec.disclosure)
            graphs = tuple(one.graph for one in examined)
            findings, protection = protect(reviewed, spec.disclosure, profile_of(spec), graphs=graphs)
        findings = as_stored(findings)
        if spec.chapters:
            # Of what leaves: a chapter cannot tell what the files do not.
            findings = replace(findings, chapters=build_chapters(findings, spec, at=at))
        came_from: Mapping[str, Any] = {**provenance(spec, findings), "disclosure": NOT_AUDITED}
        if out is not None:
            # An index's account holds what it is made of, cell by cell.
            account = None if protection and protection.of_study_itself else first.composite
            came_from = _write(spec, findings, account, came_from, Path(out), at)
    return Study(spec, findings.areas, first.results, findings, came_from, first.composite, protection)


@dataclass(frozen=True)
class _Examined:
    """One kind of areas in one year."""

    results: dict[str, IndicatorResult]
    findings: Findings
    composite: Composite | None
    graph: AreaGraph


def _examine(years: Iterable[Material], at: Steps) -> Iterator[_Examined]:
    """Test the years of one kind of areas, which have neighbours and the scales of an index in common."""
    held = with_more_years(list(years))
    spatial = held[0].spec.spatial
    at.begin("linking neighbours")
    graph = graph_of(held[0].areas, spatial)
    if held[0].spec.rates.merge:
        held = merged(held, graph)
        graph = graph_of(held[0].areas, spatial)
    others = other_graphs(held[0].areas, held[0].spec)
    scales = composite = None
    for given in held:
        material = steadied(given, graph)
        if material.spec.composite is not None:
            at.begin("making the index, and making it again in other ways")
            composite = compose(material, graph, scales=scales)
            scales = scales or composite.result.scales
            material = composite.join_to(material)
        at.begin("testing the whole map")
        overall = examine_overall(material, graph, spatial)
        results = {}
        for indicator in material.indicators:
            at.begin(f"testing: {' '.join(filter(None, [indicator.name.en, material.year]))}")
            code = indicator.code
            stability = composite.stability(code) if composite and indicator.is_composite else None
            # Earlier years are there to compare with; what to act on is the latest.
            judged = given is held[0] and code in overall
            again = verdicts(material, indicator, graph, others, composite) if judged else None
            results[code] = examine(
                material, code, graph, spatial, overall.get(code), stability=stability, verdicts=again
            )
        yield _Examined(results, conclude(material, graph, results), composite, graph)


def check(spec: StudySpec) -> CheckReport:
    """Read a study's data and join them, and no more.

    Raises
    ------
    DataError
        Everything that is wrong with any of the files.
    """
    first, *others = (_checked(material) for material in _materials(spec))
    return replace(first, others=tuple(others))


def _materials(spec: StudySpec) -> tuple[Material, ...]:
    """Return what is tested; inputs out of a pack say whose they are."""
    first, *others = gather(spec)
    check_ethics((one for some in (first, *others) for one in some.indicators), spec.disclosure)
    if read_pack(spec.data) is None:
        return (first, *others)
    notes = pack_notes(spec.data, hash_inputs(spec))
    return (replace(first, notes=(*first.notes, *notes)), *others)


def _checked(material: Material) -> CheckReport:
    return CheckReport(
        areas=len(material.areas),
        indicators=tuple(indicator.code for indicator in material.indicators),
        topology=material.topology,
        notes=material.notes,
        level=material.spec.areas.id_scheme,
        year=material.year,
    )


def demo(out: str | Path = "out/demo", *, progress: bool = False) -> Study:
    """Write the made-up region's files beside ``out`` and run its study.

    Parameters
    ----------
    out
        The output directory; the inputs go to a folder of the same name with ``-inputs`` added.
    progress
        Show a progress bar on stderr.
    """
    out = Path(out)
    study = synthetic.write_world(out.with_name(f"{out.name}-inputs"))
    return run(load_spec(study), out=out, progress=progress)


def redraw(geopackage: str | Path, *, out: str | Path | None = None, language: str | None = None) -> Path:
    """Draw the map again from a study's GeoPackage alone.

    Parameters
    ----------
    geopackage
        A ``study.gpkg``.
    out
        The file to write; None means ``map.html`` beside the GeoPackage.
    language
        The language that the map opens in; None means the study's own.

    Returns
    -------
    Path
        The file that was written.
    """
    geopackage = check_geopackage(Path(geopackage))
    target = Path(out) if out is not None else geopackage.with_name("map.html")
    findings = read_geopackage(geopackage)
    planner_map(findings, language=language or str(findings.settings.get("language", "fi"))).save(target)
    return target


def verify(
    directory: str | Path, *, data: str | Path | None = None, progress: bool = False
) -> tuple[str, ...]:
    """Run a study again from its manifest and compare everything.

    Parameters
    ----------
    directory
        An output directory.
    data
        The folder of the input files; None means where the manifest says they were, seen from the output.
    progress
        Show a progress bar on stderr.

    Returns
    -------
    tuple of str
        The inputs and outputs that were compared and are the same.

    Raises
    ------
    OutputError
        Naming every input that changed and every output that comes out otherwise.
    """
    directory = Path(directory)
    manifest = read_manifest(directory)
    spec = _spec_of(manifest, directory, data)
    then, now = ({one["path"]: one for one in some} for some in (manifest["inputs"], hash_inputs(spec)))
    check_same(directory, [f"input {name} has changed" for name in differing_hashes(then, now)])
    with TemporaryDirectory() as temporary:
        again = run(spec, out=Path(temporary) / "again", progress=progress)
        differences = differing_outputs(directory, Path(temporary) / "again", manifest["outputs"])
    if differences:
        differences += differing_versions(manifest["versions"], again.provenance["versions"])
    check_same(directory, differences)
    return (*then, *manifest["outputs"])


def _write(
    spec: StudySpec,
    findings: Findings,
    composite: Composite | None,
    came_from: Mapping[str, Any],
    out: Path,
    at: Steps,
) -> dict[str, Any]:
    language = spec.map.language
    with replacing(out) as folder:
        if composite is not None:
            (folder / "index").mkdir()
            write_account(folder / "index", composite.result, composite.sure)
        if spec.disclosure is None:
            write_files(findings, folder, language=language, inputs=came_from["inputs"], at=at)
            check_unused(out / "study.gpkg")  # Again: the work may have taken an hour.
            return write_manifest(folder, came_from, spec, out=out)
        # Chapters are computed from the rest and tell nothing more, so that the rest is what is attacked. And
        # no hashes of inputs: who knows all of a table but a few cells could try values until one fits.
        write_files(replace(findings, chapters=()), folder, language=language, at=at)
        write_manifest(folder, came_from, spec, out=out)
        at.begin("attacking what was written")
        audit = attack(folder, spec, profile_of(spec), findings)
        if findings.chapters:
            write_files(findings, folder, language=language, joined=True, at=at)
        check_unused(out / "study.gpkg")
        manifest = write_manifest(folder, came_from, spec, out=out)
        return release(folder, spec, audit, findings, manifest)


def _spec_of(manifest: Mapping[str, Any], directory: Path, data: str | Path | None) -> StudySpec:
    """Return the study of a manifest, its files found again."""
    places = manifest.get("inputs_at", {})
    if data is None and "data" not in places:
        raise refuse_inputs_unknown(directory)
    found = Path(data) if data is not None else directory.resolve() / places["data"]
    folder = directory.resolve() / places["study"] if "study" in places else found
    heading = f"The inputs of {directory} cannot be used:"
    return spec_from_dict(manifest["study"], folder=folder, data=found, heading=heading)
