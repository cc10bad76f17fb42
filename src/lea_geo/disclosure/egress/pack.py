"""The pack that leaves: at most 50 files, with all that somebody needs who decides whether they may.

The files of results are copies of those that were audited, byte for byte. Beside them lie a risk assessment
in three languages, the rules, the audit, the proofs and the program that checks them, and all hashes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import zipfile
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

from lea_geo._cells import as_cell
from lea_geo._checks.disclosure_release import check_copies, check_pack_size
from lea_geo.disclosure.attack.counted import name_of
from lea_geo.disclosure.egress.facts import what_is_shown
from lea_geo.disclosure.egress.files import MOST_FILES, PackedFile, choose_files
from lea_geo.disclosure.egress.page import risk_assessment
from lea_geo.disclosure.egress.rules_file import profile_as_toml
from lea_geo.disclosure.egress.told import Release
from lea_geo.disclosure.egress.tried import told_attacks
from lea_geo.disclosure.prove.certificate import write_certificate
from lea_geo.schema import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from lea_geo.disclosure.attack.audit import ReleaseAudit
    from lea_geo.disclosure.prove.certificate import Certificate
    from lea_geo.schema import Findings

MOST_PROOFS = 12
"""More proofs than this go into one archive, to leave room for what they are about."""
CHECKSUMS = "SHA256SUMS"
VERIFIER = "verify_certificate.py"
ARCHIVE = "proofs.zip"
PROVENANCE = "how_it_was_computed.json"
_OF_ZIP = (2021, 1, 1, 0, 0, 0)
_KEPT = ("lea_geo", "versions", "study", "seed", "synthetic", "notes", "others")
"""What of a study's manifest leaves. Not the hashes and sizes of its inputs: who knows all of a table but a
few cells could try values for these until the hash fits. Nor where they lie."""


def write_egress(
    output: Path,
    pack: Path,
    *,
    findings: Findings,
    audit: ReleaseAudit,
    made: Mapping[str, Any],
    audited: Mapping[str, str],
    unaudited: tuple[str, ...] = (),
) -> Release:
    """Write the pack of an audited output.

    Parameters
    ----------
    output
        The folder that was audited.
    pack
        The folder to write, not there yet. It may lie inside the output.
    findings
        What the output shows, as it leaves.
    audit
        What the audit of the folder has found.
    made
        How it was made: the manifest of the output.
    audited
        File of the output to its SHA-256 when it was audited, or when chapters joined what was audited.
    unaudited
        Files that chapters have read themselves.

    Returns
    -------
    Release
        What the risk assessment tells. The same output and audit give the same bytes.

    Raises
    ------
    OutputError
        A file has changed since it was audited, or there are more files than may leave.
    """
    pack.mkdir()
    proofs, commands = _write_proofs(audit.certificate, pack)
    made_for_it = (*_evidence(), *proofs)
    names = [name for name in audited if name != "manifest.json"]
    tables = [table.name for chapter in findings.chapters for table in chapter.tables]
    copied, left_out = choose_files(names, room=MOST_FILES - len(made_for_it), chapters=tables)
    for one in copied:
        shutil.copyfile(output / one.source, pack / one.name)
    check_copies({one.source: (audited[one.source], hash_of(pack / one.name)) for one in copied})
    _write_evidence(pack, audit, made, copied)
    told = Release(
        findings=findings,
        profile=audit.profile,
        attacks=told_attacks(audit.tried),
        shown=what_is_shown(findings),
        files=(*copied, *made_for_it),
        left_out=left_out,
        hashes={path.name: hash_of(path) for path in sorted(pack.iterdir())},
        proofs=_proved(findings, audit.certificate),
        commands=commands,
        version=str(made["lea_geo"]),
        unaudited=unaudited,
    )
    for language in LANGUAGES:
        _write(pack / f"risk_assessment_{language}.html", risk_assessment(told, language))
    hashes = {path.name: hash_of(path) for path in sorted(pack.iterdir())}
    _write(pack / CHECKSUMS, "".join(f"{digest}  {name}\n" for name, digest in hashes.items()))
    check_pack_size([path.name for path in pack.iterdir()], MOST_FILES)
    return replace(told, hashes=hashes)


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _evidence() -> tuple[PackedFile, ...]:
    """Return the files that every pack has beside the results and the proofs."""
    return (
        *(PackedFile(f"risk_assessment_{language}.html", "risk_assessment") for language in LANGUAGES),
        PackedFile("rules_of_release.toml", "rules"),
        PackedFile("audit.json", "audit"),
        PackedFile("audit_by_group.csv", "audit_table"),
        PackedFile(VERIFIER, "verifier"),
        PackedFile(PROVENANCE, "provenance"),
        PackedFile("contents.json", "contents"),
        PackedFile(CHECKSUMS, "checksums"),
    )


def _write_evidence(
    pack: Path, audit: ReleaseAudit, made: Mapping[str, Any], copied: Iterable[PackedFile]
) -> None:
    _write(pack / "rules_of_release.toml", profile_as_toml(audit.profile))
    _write(pack / "audit.json", _json(audit.as_dict()))
    table = audit.table.reset_index()
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(zip(*(_plain(table[name].tolist()) for name in table.columns), strict=True))
    _write(pack / "audit_by_group.csv", rows.getvalue())
    checks = resources.files("lea_geo.disclosure.prove").joinpath(VERIFIER).read_bytes()
    (pack / VERIFIER).write_bytes(checks)
    _write(pack / PROVENANCE, _json({key: made[key] for key in _KEPT if key in made}))
    held = {one.name: {"in_the_study": one.source, "sha256": hash_of(pack / one.name)} for one in copied}
    _write(pack / "contents.json", _json({"files": held}))


def _plain(values: list[Any]) -> list[str]:
    """Return cells as text, whole numbers without a decimal point."""
    return [
        str(int(value)) if isinstance(value, float) and value.is_integer() else as_cell(value)
        for value in values
    ]


def _write_proofs(
    certificates: Mapping[str, Certificate], pack: Path
) -> tuple[tuple[PackedFile, ...], tuple[str, ...]]:
    """Write the proofs, one archive where they are many; return the files and what checks them."""
    names = _proof_names(len(certificates))
    for certificate, name in zip(certificates.values(), names, strict=True):
        write_certificate(certificate, pack / name)
    if len(names) <= MOST_PROOFS:
        commands = tuple(f"python {VERIFIER} {name}" for name in names)
        return tuple(PackedFile(name, "proof") for name in names), commands
    with zipfile.ZipFile(pack / ARCHIVE, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name, _OF_ZIP), (pack / name).read_bytes())
            (pack / name).unlink()
    unpacked = f"python -m zipfile -e {ARCHIVE} proofs"
    commands = (unpacked, *(f"python {VERIFIER} proofs/{name}" for name in names))
    return (PackedFile(ARCHIVE, "proof"),), commands


def _proof_names(n: int) -> list[str]:
    """Return the names of the files of n proofs."""
    return [f"proof_{at:03d}.json.gz" for at in range(1, n + 1)]


def _proved(findings: Findings, counts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the indicators that each count is the numerator or the denominator of, by the proof's file."""
    held = tuple(counts)
    known: dict[str, dict[str, None]] = {}
    for sheet in (findings, *findings.others):
        for one in sheet.indicators:
            for part in (one.numerator, one.denominator, (one.field,) if one.field else ()):
                name = f"{name_of(tuple(sorted(part)))} {sheet.year}".strip()
                known.setdefault(name, {})[one.code] = None
    found = zip(_proof_names(len(held)), held, strict=True)
    return {file: tuple(known.get(count, ())) for file, count in found}


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
