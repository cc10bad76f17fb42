"""The gate: what is written is attacked before it is moved into place, and stays out if anything is found.

The finished files are what is audited, in the folder in which they were written; the pack that leaves holds
copies of them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lea_geo._checks.output import MANIFEST
from lea_geo._manifest import hash_file
from lea_geo._release_faults import refuse
from lea_geo.disclosure.attack.audit import audit_release
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


def release(
    folder: Path, spec: StudySpec, profile: Profile, findings: Findings, manifest: Mapping[str, Any]
) -> dict[str, Any]:
    """Attack a finished folder; where nothing is found, write the pack that leaves into it.

    Parameters
    ----------
    folder
        The whole output, its manifest among it, not yet in its place.
    spec
        The study, with its rules of release.
    profile
        Those rules.
    findings
        What the output shows.
    manifest
        The manifest of the folder.

    Returns
    -------
    dict
        The manifest with the audit's account and the files of the pack, as it was written anew.

    Raises
    ------
    OutputError
        Something can be worked out from the files, or could not be ruled out: what, of whom, how, and what
        would mend it at the least cost.
    """
    if spec.disclosure is None:
        return {**manifest}
    audited = {
        path.relative_to(folder).as_posix(): str(hash_file(path)["sha256"])
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    audit = audit_release(
        folder,
        profile,
        earlier=tuple(spec.data / name for name in spec.disclosure.earlier),
        accept=spec.disclosure.accept,
    )
    if not audit.safe:
        raise refuse(audit)
    told = {"profile": profile.as_dict(), "audit": _summary(audit), "pack": spec.disclosure.pack}
    outputs = dict(manifest["outputs"])
    if spec.disclosure.pack:
        pack = folder / spec.disclosure.pack
        write_egress(folder, pack, findings=findings, audit=audit, made=manifest, audited=audited)
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
