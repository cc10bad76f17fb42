"""``lea_geo.audit_release``: the attack on a finished folder, and the proof that chapters tell nothing more.

Every file of an output is a function of the findings in its GeoPackage, and chapters are a function of the
other findings. So a file that comes out the same byte for byte when chapters are computed again tells exactly
what it would tell without them, and is attacked without them. What does not is attacked as it is.
"""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lea_geo._checks.output import MANIFEST
from lea_geo._manifest import hash_file
from lea_geo._written import write_files
from lea_geo.chapters import build_chapters
from lea_geo.disclosure.attack import audit as attack
from lea_geo.disclosure.attack.tried import FOLLOWS, READ_ALIKE, told_of_chapters
from lea_geo.errors import LeaGeoError
from lea_geo.export.geopackage import read_geopackage
from lea_geo.spec import spec_from_dict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lea_geo.disclosure.attack.audit import ReleaseAudit
    from lea_geo.disclosure.rules import Profile
    from lea_geo.schema import Findings


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
        bare, why = stack.enter_context(_without_chapters(Path(directory), data))
        others = [
            [stack.enter_context(_without_chapters(Path(one), None))[0] for one in folders]
            for folders in (earlier, together)
        ]
        audit = attack.audit_release(
            bare,
            profile,
            earlier=others[0],
            together=others[1],
            minimum_count=minimum_count,
            accept=accept,
            progress=progress,
        )
    return told_of_chapters(audit, why, tried=why == FOLLOWS) if why else audit


@contextmanager
def _without_chapters(folder: Path, data: str | Path | None) -> Iterator[tuple[Path, str]]:
    """Give a folder in which every file that chapters add nothing to is as it would be without them.

    And what that is worth: blank where the folder has no chapters.
    """
    findings = _findings(folder)
    if findings is None or not findings.chapters:
        yield folder, ""
        return
    with TemporaryDirectory() as temporary:
        whole, bare, attacked = (Path(temporary) / name for name in ("whole", "bare", "attacked"))
        if not _made_again(folder, findings, data, whole, bare):
            yield folder, READ_ALIKE
            return
        shutil.copytree(folder, attacked, symlinks=True)
        left = _replaced(attacked, whole, bare)
        yield attacked, READ_ALIKE if left else FOLLOWS


def _findings(folder: Path) -> Findings | None:
    try:
        return read_geopackage(folder / "study.gpkg")
    except LeaGeoError:
        return None  # Whatever it is, it is attacked as it is.


def _made_again(folder: Path, findings: Findings, data: str | Path | None, whole: Path, bare: Path) -> bool:
    """Write the output anew with chapters and without; return whether the chapters came out the same."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        places = manifest.get("inputs_at", {})
        inputs = Path(data) if data is not None else folder.resolve() / places.get("data", "data")
        study = folder.resolve() / places["study"] if "study" in places else inputs
        spec = spec_from_dict(manifest["study"], folder=study, data=inputs)
        rest = replace(findings, chapters=())
        again = replace(rest, chapters=build_chapters(rest, spec))
        hashes = () if spec.disclosure is not None else manifest["inputs"]
        for place, held in ((whole, again), (bare, rest)):
            place.mkdir()
            write_files(held, place, language=spec.map.language, inputs=hashes)
    except (LeaGeoError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return False  # No manifest of ours, or input files that are not here any more.
    return hash_file(whole / "study.gpkg") == hash_file(folder / "study.gpkg")


def _replaced(folder: Path, whole: Path, bare: Path) -> list[str]:
    """Put files without chapters in the place of those that come out the same; return what is left."""
    made = {path.relative_to(whole).as_posix() for path in whole.rglob("*") if path.is_file()}
    without = {hash_file(whole / name)["sha256"]: bare / name for name in sorted(made)}
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and not one.is_symlink()):
        twin = without.get(hash_file(path)["sha256"])
        if twin is not None and twin.is_file():
            shutil.copyfile(twin, path)
        elif twin is not None:
            path.unlink()
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    kept = {path.relative_to(bare).as_posix() for path in bare.rglob("*") if path.is_file()}
    changed = {name for name in made & there & kept if hash_file(folder / name) != hash_file(bare / name)}
    return sorted(changed | (made & there) - kept)
