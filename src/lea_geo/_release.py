"""The gate: what is written is attacked before it is moved into place, and stays out if anything is found.

The finished files are what is audited, in the folder in which they were written; the pack that leaves holds
copies of them. Chapters join them afterwards: they are computed from what was attacked.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lea_geo._checks.output import MANIFEST
from lea_geo._manifest import hash_file
from lea_geo._release_faults import refuse
from lea_geo.disclosure.attack.audit import audit_release
from lea_geo.disclosure.attack.tried import MADE_AFTER, told_of_chapters
from lea_geo.disclosure.egress.pack import write_egress

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lea_geo.disclosure.attack.audit import ReleaseAudit
    from lea_geo.disclosure.rules import Profile
    from lea_geo.schema import Findings
    from lea_geo.spec import StudySpec

NOT_AUDITED: Mapping[str, Any] = {"audit": "none: nothing was audited for release"}
"""What the manifest says where the study has no rules of release."""


def attack(folder: Path, spec: StudySpec, profile: Profile, findings: Findings) -> ReleaseAudit:
    """Attack a folder that holds all but the chapters, which are computed from it and tell nothing more.

    Parameters
    ----------
    folder
        The whole output without chapters, its manifest among it, not yet in its place.
    spec
        The study, with its rules of release.
    profile
        Those rules.
    findings
        What the output will show, chapters included.

    Raises
    ------
    OutputError
        Something can be worked out from the files, or could not be ruled out: what, of whom, how, and what
        would mend it at the least cost.
    """
    rules = spec.disclosure
    audit = audit_release(
        folder,
        profile,
        earlier=tuple(spec.data / name for name in rules.earlier) if rules else (),
        accept=rules.accept if rules else (),
    )
    if not audit.safe:
        raise refuse(audit)
    if not findings.chapters:
        return audit
    read = ", ".join(spec.chapter_files)
    notes = (f"files that chapters have read, which no audit has seen: {read}",) if read else ()
    return told_of_chapters(replace(audit, notes=(*audit.notes, *notes)), MADE_AFTER)


def release(
    folder: Path, spec: StudySpec, audit: ReleaseAudit, findings: Findings, manifest: Mapping[str, Any]
) -> dict[str, Any]:
    """Write the pack that leaves into a folder in whose audit nothing was found.

    Parameters
    ----------
    folder
        The whole output, its manifest among it, not yet in its place.
    spec
        The study, with its rules of release.
    audit
        What :func:`attack` has returned.
    findings
        What the output shows.
    manifest
        The manifest of the folder.

    Returns
    -------
    dict
        The manifest with the audit's account and the files of the pack, as it was written anew.
    """
    pack_name = spec.disclosure.pack if spec.disclosure else ""
    audited = {
        path.relative_to(folder).as_posix(): str(hash_file(path)["sha256"])
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    told = {"profile": audit.profile.as_dict(), "audit": _summary(audit), "pack": pack_name}
    outputs = dict(manifest["outputs"])
    if pack_name:
        pack = folder / pack_name
        write_egress(
            folder,
            pack,
            findings=findings,
            audit=audit,
            made=manifest,
            audited=audited,
            unaudited=spec.chapter_files,
        )
        outputs |= {f"{pack.name}/{path.name}": hash_file(path) for path in sorted(pack.iterdir())}
    whole = {**manifest, "disclosure": told, "outputs": outputs}
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")
    return whole


def _summary(audit: ReleaseAudit) -> dict[str, Any]:
    """Return what the manifest says of an audit."""
    tried = [one.attack for one in audit.tried if one.tried]
    untried = [one.attack for one in audit.tried if not one.tried]
    return {
        "safe": audit.safe,
        "groups": len(audit.table),
        "tried": tried,
        "not_tried": untried,
        "proved": [str(variable) for variable in audit.certificate],
    }
