"""``lea_geo.audit_release``: the attack on a finished folder, and the proof that chapters tell nothing more.

Every file of an output is a function of the findings in its GeoPackage, and chapters are a function of the
other findings. So a file that comes out the same byte for byte when chapters are computed again tells exactly
what it would tell without them, and is attacked without them. What does not is attacked as it is, and told.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lea_geo._checks.output import MANIFEST
from lea_geo._differing import differing_cell
from lea_geo._manifest import hash_file
from lea_geo._written import write_files
from lea_geo.chapter import CHAPTERS
from lea_geo.chapters import build_chapters
from lea_geo.disclosure.attack import audit as attack
from lea_geo.disclosure.attack.tried import DIFFERS, FOLLOWS, READ_ALIKE, told_of_chapters
from lea_geo.disclosure.egress.files import PACKED_GEOPACKAGE, choose_files
from lea_geo.disclosure.egress.pack import PROVENANCE
from lea_geo.errors import LeaGeoError
from lea_geo.export.geopackage import read_geopackage
from lea_geo.maps.page import planner_map
from lea_geo.schema import LANGUAGES
from lea_geo.spec import spec_from_dict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lea_geo.disclosure.attack.audit import ReleaseAudit
    from lea_geo.disclosure.rules import Profile
    from lea_geo.schema import Findings
    from lea_geo.spec import StudySpec

_OTHERWISE = "its chapters are not what the rest of the files give, and were read like all else"


def audit_release(
    directory: str | Path,
    profile: str | Path | Profile | None = None,
    *,
    earlier: Iterable[str | Path] = (),
    together: Iterable[str | Path] = (),
    minimum_count: int | None = None,
    accept: Sequence[str] = (),
    data: str | Path | None = None,
    progress: bool = False,
) -> ReleaseAudit:
    """Attack a finished output directory: compute what its files together prove of small groups of people.

    Parameters
    ----------
    directory
        An output directory. All of its files are read, hidden sheets and the data inside pages too.
    profile
        The rules to hold it against: a name of ``PROFILES``, a TOML file or a profile; None: the one
        that the release's manifest names.
    earlier
        Folders of earlier releases: what they print is known to everybody.
    together
        Folders that are published along.
    minimum_count
        The least count that may be known, in the place of the profile's.
    accept
        Files (names or patterns within the directory) that may stay unread.
    data
        The folder of the study's input files. Only chapters that read files of their own need it, to be
        computed again: services, budgets of earlier years. None: where the manifest says they were.
    progress
        Show a progress bar on stderr.

    Returns
    -------
    ReleaseAudit
        The same for the same files. ``.safe`` is False where a group is unsafe or open, or a file unread.

    Raises
    ------
    UsageError
        Neither the call nor the manifest names a profile, or it has no least count.
    OutputError
        A folder is missing or empty.

    Notes
    -----
    An attacker is assumed to know how the release was made: its manifest, and that its grid lists every
    inhabited cell. What was tried and what was not is in ``.tried``; docs/release.md explains each attack.
    """
    with ExitStack() as stack:
        own = stack.enter_context(_followed(Path(directory), data))
        before, along = (
            [stack.enter_context(_followed(Path(one), None)) for one in folders]
            for folders in (earlier, together)
        )
        audit = attack.audit_release(
            own.folder,
            profile,
            earlier=[one.folder for one in before],
            together=[one.folder for one in along],
            minimum_count=minimum_count,
            accept=accept,
            progress=progress,
        )
    notes = [note for one in (own, *before, *along) for note in one.notes]
    left = [one for one in own.differs if not any(fnmatch(one[0], pattern) for pattern in accept)]
    audit = replace(audit, notes=(*audit.notes, *notes), unread=(*audit.unread, *left))
    return told_of_chapters(audit, own.why, tried=own.why == FOLLOWS) if own.why else audit


@dataclass(frozen=True)
class _Followed:
    """A folder to attack in the place of one that is to be audited."""

    folder: Path
    """In which every file that chapters add nothing to is as it would be without them."""
    why: str = ""
    """What that is worth; blank where there are no chapters."""
    notes: tuple[str, ...] = ()
    """Which files chapters have read, or why they could not be computed again."""
    differs: tuple[tuple[str, str], ...] = ()
    """Files whose chapters are others than were computed, and where they differ."""


@contextmanager
def _followed(folder: Path, data: str | Path | None) -> Iterator[_Followed]:
    """Give a folder as it would be without what follows from the rest of it."""
    with TemporaryDirectory() as temporary:
        yield _follow(folder, data, Path(temporary))


_CANNOT = (LeaGeoError, OSError, ValueError, LookupError, TypeError, AttributeError)
"""No manifest of ours, files that are not here any more, chapters that this version does not know."""


def _follow(folder: Path, data: str | Path | None, temporary: Path) -> _Followed:
    geopackage, made = next((one for one in _MADE if (folder / one[0]).is_file()), _MADE[0])
    attacked, whole, bare = (temporary / one / folder.name for one in ("attacked", "whole", "bare"))
    try:
        findings = read_geopackage(folder / geopackage)
    except LeaGeoError as error:
        return _read_alike(folder, error) if _asks_for_chapters(folder / made) else _Followed(folder)
    if not findings.chapters:
        return _Followed(folder)
    try:
        manifest = _manifest(folder / made)
        spec = _spec_of(manifest, folder.resolve(), data)
        _copy(folder, attacked)
        again = _make_again(findings, spec, manifest, whole, bare)
    except _CANNOT as error:
        return _read_alike(folder, error)
    left = _put_bare(attacked, whole, bare, again)
    differs = tuple(
        (name, f"{_OTHERWISE}{differing_cell(attacked / name, whole / twin)}") for name, twin in left
    )
    return _Followed(attacked, DIFFERS if differs else FOLLOWS, _own_files(spec), differs)


def _read_alike(folder: Path, error: Exception) -> _Followed:
    said = " ".join(str(error).split()) or type(error).__name__
    return _Followed(folder, READ_ALIKE, (f"{folder.name}: chapters were not computed again: {said}",))


_MADE = (("study.gpkg", MANIFEST), (PACKED_GEOPACKAGE, PROVENANCE))
"""What holds the findings of an output or a pack, and what says how they were made."""


def _manifest(path: Path) -> Mapping[str, Any]:
    manifest: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return manifest


def _asks_for_chapters(made: Path) -> bool:
    """Whether the study asked for chapters, as far as can be known."""
    try:
        return not set(CHAPTERS).isdisjoint(_manifest(made)["study"])
    except _CANNOT:
        return False


def _copy(folder: Path, to: Path) -> None:
    """Copy a folder; links stay links, and so does what is no file: it is not followed, and not lost."""

    def special(above: str, names: list[str]) -> list[str]:
        paths = (Path(above) / name for name in names)
        return [one.name for one in paths if not (one.is_symlink() or one.is_file() or one.is_dir())]

    shutil.copytree(folder, to, symlinks=True, ignore=special)
    for above, _, names in os.walk(folder):
        for name in special(above, names):
            (to / Path(above).relative_to(folder) / name).symlink_to(Path(above).resolve() / name)


def _spec_of(manifest: Mapping[str, Any], folder: Path, data: str | Path | None) -> StudySpec:
    """Return what chapters need of a study: no files but those that they themselves read."""
    said = manifest["study"]
    kept = {key: value for key, value in said.items() if key not in ("also", "composite", "disclosure")}
    kept["study"] = {key: value for key, value in said["study"].items() if key != "catalogue"}
    inputs = Path(data) if data is not None else folder / manifest.get("inputs_at", {}).get("data", ".")
    return spec_from_dict(kept, folder=folder, data=inputs, files=False)


def _make_again(
    findings: Findings, spec: StudySpec, manifest: Mapping[str, Any], whole: Path, bare: Path
) -> Findings:
    """Write what holds chapters anew, with them and without; return what is shown with them."""
    rest = replace(findings, chapters=())
    again = replace(rest, chapters=build_chapters(rest, spec))
    inputs = () if "disclosure" in manifest["study"] else manifest["inputs"]
    for place, held in ((whole, again), (bare, rest)):
        place.mkdir(parents=True)
        write_files(held, place, language=spec.map.language, inputs=inputs, joined=True)
    return again


def _own_files(spec: StudySpec) -> tuple[str, ...]:
    names = spec.chapter_files
    told = f"files that chapters have read, which no audit has seen: {', '.join(names)}"
    return (told,) if names else ()


def _put_bare(folder: Path, whole: Path, bare: Path, again: Findings) -> list[tuple[str, str]]:
    """Put files without chapters in the place of those that come out the same.

    Returns
    -------
        Files that hold chapters and come out otherwise, each with what it should be a copy of.
    """
    made = {
        one.relative_to(whole).as_posix(): _hash(one) for one in sorted(whole.rglob("*")) if one.is_file()
    }
    known = {digest: name for name, digest in made.items()}
    packed = {one.name: one.source for one in choose_files(made, room=len(made))[0]}
    left = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and not one.is_symlink()):
        name = path.relative_to(folder).as_posix()
        twin = known.get(_hash(path)) or (name if name in made else packed.get(path.name, ""))
        if not twin:
            continue
        if _hash(path) != made[twin] and not (twin == "map.html" and _opens_otherwise(path, again)):
            left += [(name, twin)] if _has_chapters(whole / twin, bare / twin) else []
        elif (bare / twin).is_file():
            shutil.copyfile(bare / twin, path)
        else:
            path.unlink()
    return left


def _opens_otherwise(page: Path, again: Findings) -> bool:
    """Whether a map is the one that was made and only opens in another language, as when drawn again."""
    with TemporaryDirectory() as temporary:
        other = Path(temporary) / "map.html"
        for language in LANGUAGES:
            planner_map(again, language=language).save(other)
            if _hash(other) == _hash(page):
                return True
    return False


def _has_chapters(whole: Path, bare: Path) -> bool:
    return not bare.is_file() or _hash(whole) != _hash(bare)


def _hash(path: Path) -> str:
    return str(hash_file(path)["sha256"])
