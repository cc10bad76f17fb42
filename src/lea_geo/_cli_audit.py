"""The command ``lea-geo audit``: what it may be asked, and how it tells what it found."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lea_geo._cli_options import add_several

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from lea_geo.disclosure.attack.audit import ReleaseAudit
    from lea_geo.disclosure.prove.certificate import Certificate

SHOWN = 20
"""Unsafe groups that are told one by one."""
DOES = "attack a finished output directory: say what its files prove of small groups of people"
EXAMPLES = (
    "lea-geo audit out/vantaa",
    "lea-geo audit out/vantaa --profile findata --minimum-count 5",
    "lea-geo audit out/postal --with out/grid --earlier releases/2023 --json",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command may be asked."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="an output directory")
    parser.add_argument(
        "--profile", metavar="NAME|FILE", help="the rules; default: those that the release's manifest names"
    )
    parser.add_argument(
        "--minimum-count", type=int, metavar="K", help="the least count that may be known, in their place"
    )
    add_several(parser, "--earlier", "DIR", "earlier releases: what they say is known", as_type=Path)
    add_several(parser, "--with", "DIR", "outputs that are published along", as_type=Path)
    add_several(parser, "--accept", "FILE", "files or patterns that may stay unread")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="the study's input files, for chapters that read some of their own",
    )
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="write the proofs into this zip")


def answer(options: argparse.Namespace, *, progress: bool) -> tuple[bool, str]:
    """Audit as the options say; return whether the release is safe, and what to tell of it."""
    from lea_geo._follow import audit_release  # noqa: PLC0415 - only who audits waits for it

    audit = audit_release(
        options.directory,
        options.profile,
        earlier=options.earlier,
        together=getattr(options, "with"),
        minimum_count=options.minimum_count,
        accept=options.accept,
        data=options.data,
        progress=progress,
    )
    if options.certificate is not None:
        write_proofs(audit.certificate, options.certificate)
    if options.json:
        return audit.safe, json.dumps({"ok": audit.safe, **audit.as_dict()}, ensure_ascii=False, indent=2)
    return audit.safe, "\n".join(told(audit))


def write_proofs(certificates: Mapping[str, Certificate], path: Path) -> None:
    """Write certificates into one archive, a file for each count; the same proofs give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, certificate) in enumerate(sorted(certificates.items()), start=1):
            plain = "".join(letter if letter.isalnum() else "_" for letter in name)
            entry = zipfile.ZipInfo(f"{number:03d}_{plain[:80]}.json")
            archive.writestr(entry, json.dumps(certificate.as_dict()))


def told(audit: ReleaseAudit) -> list[str]:
    """Return the audit as lines: what was tried, the verdict, and each unsafe group with its recipe."""
    tried = [f"  {one}" for one in audit.tried if one.tried]
    not_tried = [f"  {one}" for one in audit.tried if not one.tried]
    lines = ["Attacks that were tried:", *tried, "Attacks that were NOT tried:", *not_tried, ""]
    lines += [f"note: {note}" for note in audit.notes]
    lines += [_verdict(audit)]
    findings = audit.findings.reset_index()
    for number, row in enumerate(findings.head(SHOWN).to_dict("records"), start=1):
        lines += _finding(number, row)
    if len(findings) > SHOWN:
        lines.append(f"… and {len(findings) - SHOWN} more: --json shows them all.")
    lines += [f"not read: {file}: {why}" for file, why in audit.unread]
    return lines


def _verdict(audit: ReleaseAudit) -> str:
    rules = f"{audit.profile.name} {audit.profile.version}, minimum count {audit.profile.minimum_count}"
    if audit.safe:
        proofs = f"{len(audit.certificate)} counts have a certificate"
        return f"SAFE by {rules}: no small group can be proved; {proofs}."
    parts = []
    if n_unsafe := len(audit.findings) - audit.n_open:
        parts.append(f"{n_unsafe} small groups can be proved")
    if audit.n_open:
        parts.append(f"{audit.n_open} groups are open")
    if audit.unread:
        parts.append(
            f"{len(audit.unread)} files were not read (--accept those that somebody has looked through)"
        )
    return f"NOT SAFE by {rules}: {'; '.join(parts)}."


def _finding(number: int, row: Mapping[Any, Any]) -> list[str]:
    low, high = row["lower"], row["upper"]
    interval = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    lines = [f"{number}. {row['variable']}, {row['geography']} {row['area_id']}: {interval} ({row['rule']})"]
    lines += [f"   {row['recipe']}"] if row["recipe"] else []
    return lines + ([f"   in {row['place']}"] if row["place"] else [])
