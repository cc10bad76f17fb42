"""An output directory under attack: what somebody who has only the finished files can prove of few people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks.disclosure_audit import check_folders, check_profile_known
from lea_geo._progress import steps
from lea_geo.disclosure.attack.combine import read_together
from lea_geo.disclosure.attack.composites import composites, smoothed
from lea_geo.disclosure.attack.counted import counts_of, name_of
from lea_geo.disclosure.attack.details import detail_rows
from lea_geo.disclosure.attack.evidence import gather, listed
from lea_geo.disclosure.attack.examine import Row, examine, read_fronts, tighten
from lea_geo.disclosure.attack.group_details import group_rows
from lea_geo.disclosure.attack.lags import lags
from lea_geo.disclosure.attack.rates import intervals, rates, stated
from lea_geo.disclosure.attack.reconstruct import Grounds, counts
from lea_geo.disclosure.attack.rounded import as_rounded
from lea_geo.disclosure.attack.trying import records
from lea_geo.disclosure.attack.values import histograms, legends, medians, ranks
from lea_geo.disclosure.rules import load_profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from lea_geo._progress import Steps
    from lea_geo.disclosure.attack.claims import Claims
    from lea_geo.disclosure.attack.counted import Held
    from lea_geo.disclosure.attack.evidence import Evidence
    from lea_geo.disclosure.attack.reconstruct import Count
    from lea_geo.disclosure.attack.tried import Tried
    from lea_geo.disclosure.prove.certificate import Certificate
    from lea_geo.disclosure.published import Published
    from lea_geo.disclosure.rules import Profile

INDEX = ("variable", "geography", "area_id")
COLUMNS = ("lower", "upper", "safe", "rule", "recipe", "place")
ATTACKS = (stated, rates, legends, histograms, ranks, medians, intervals, composites, smoothed, lags)
"""What narrows hidden values, in this order, until nothing more is found."""
_ROUNDS = 4


@dataclass(frozen=True)
class ReleaseAudit:
    """What can be proved of few people by a release."""

    table: pd.DataFrame
    """One row a hidden area and one an unsafe group, indexed by ``variable geography area_id``: ``lower
    upper`` (what can be proved of it), ``safe rule recipe place``."""
    tried: tuple[Tried, ...]
    """Every attack, and whether it was tried."""
    certificate: Mapping[str, Certificate]
    """Counts of which no group at all is unsafe, each with its proof."""
    notes: tuple[str, ...]
    """Numbers that contradict each other, and what was done about it."""
    unread: tuple[tuple[str, str], ...]
    """Files that were not read, and why: what is in them was not attacked."""
    profile: Profile
    """The rules that the release was held against."""
    n_open: int
    """How many groups nothing decided; they count as unsafe."""
    leaking: Mapping[str, tuple[Published, int]] = field(default_factory=dict, repr=False)
    """Counts with unsafe groups: what is published of each, and the least count, for who seeks a cure."""

    @property
    def findings(self) -> pd.DataFrame:
        """The unsafe rows of ``table``, the narrowest intervals first."""
        rows = self.table[~self.table["safe"].astype(bool)]
        width = (rows["upper"] - rows["lower"]).to_numpy()
        return rows.iloc[np.lexsort((rows["upper"].to_numpy(), width))]

    @property
    def safe(self) -> bool:
        """Whether nothing is unsafe, nothing is open, and every file was read or accepted."""
        return bool(self.table["safe"].astype(bool).all()) and not self.unread

    def as_dict(self) -> dict[str, Any]:
        """Return the audit as plain JSON values; certificates by whether they prove."""
        rows = self.findings.reset_index()
        return {
            "safe": self.safe,
            "profile": self.profile.as_dict(),
            "tried": [one.as_dict() for one in self.tried],
            "findings": [_plain(row) for row in rows.to_dict("records")],
            "n_hidden": int(self.table["safe"].astype(bool).sum()),
            "n_open": self.n_open,
            "proved": {name: bool(one.proved) for name, one in self.certificate.items()},
            "notes": list(self.notes),
            "unread": [{"file": file, "why": why} for file, why in self.unread],
        }

    def __repr__(self) -> str:
        verdict = (
            "safe" if self.safe else f"{len(self.findings)} unsafe groups, {len(self.unread)} files not read"
        )
        return (
            f"<ReleaseAudit: {verdict}; {len(self.certificate)} counts proved; profile {self.profile.name}>"
        )


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row whose infinite bounds are None."""
    return {
        str(name): None if isinstance(value, float) and not np.isfinite(value) else value
        for name, value in row.items()
    }


def audit_release(
    directory: str | Path,
    profile: str | Path | Profile | None = None,
    *,
    earlier: Iterable[str | Path] = (),
    together: Iterable[str | Path] = (),
    minimum_count: int | None = None,
    accept: Sequence[str] = (),
    progress: bool = False,
) -> ReleaseAudit:
    """Attack a finished output directory as it is, as ``lea_geo.audit_release`` does without its chapters.

    Parameters
    ----------
    directory, profile, earlier, together, minimum_count, accept, progress
        As there.

    Returns
    -------
    ReleaseAudit
        The same for the same files. ``.safe`` is False where a group is unsafe or open, or a file unread.

    Raises
    ------
    UsageError, OutputError
        As there.
    """
    folders = check_folders(directory, earlier, together)
    with steps(shown=progress) as shown:
        shown.begin("reading the files")
        claims, notes = read_together(
            folders.directory, earlier=folders.earlier, together=folders.together, accept=accept
        )
        rules = _rules(claims, profile, minimum_count)
        shown.begin("reconstructing hidden values")
        evidence = gather(claims)
        narrow(evidence)
        held = counts_of(evidence)
        leaking: dict[str, tuple[Published, int]] = {}
        rows, certificates, said, n_families = _examine_all(evidence, held, rules, shown, leaking)
        shown.begin("details of few people")
        rows += [*detail_rows(evidence, held, rules), *_contradicting(evidence, rules)]
    unsafe = [row for row in rows if not row.safe]
    found = Counter(attack for row in unsafe for attack in row.attacks)
    found["hidden_files"] = sum("hidden" in row.place or "embedded" in row.place for row in unsafe)
    found["earlier"] = sum(row.place.startswith(("earlier release", "with ")) for row in unsafe)
    others = bool(folders.earlier or folders.together)
    tried = records(evidence, n_families=n_families, other_folders=others, found=found)
    n_open = sum(not row.proved for row in unsafe)
    return ReleaseAudit(
        _table(rows), tried, certificates, (*notes, *said), claims.unread, rules, n_open, leaking
    )


def _rules(claims: Claims, profile: str | Path | Profile | None, minimum_count: int | None) -> Profile:
    """Return the profile that was asked for, or the one that the release was made by."""
    given = profile if profile is not None else claims.manifest.get("disclosure", {}).get("profile")
    return load_profile(check_profile_known(given), minimum_count=minimum_count)


def narrow(evidence: Evidence) -> None:
    """Run the attacks on hidden values until none finds anything new."""
    for _ in range(_ROUNDS):
        if not sum([attack(evidence) for attack in ATTACKS]):
            return


def _examine_all(
    evidence: Evidence,
    held: Held,
    profile: Profile,
    shown: Steps,
    leaking: dict[str, tuple[Published, int]],
) -> tuple[list[Row], dict[str, Certificate], list[str], int]:
    """Attack every count, and let what is found of one help with those that are part of it."""
    rows: list[Row] = []
    certificates: dict[str, Certificate] = {}
    notes: list[str] = []
    crossing: list[int] = []
    grounds = Grounds()
    every: list[Count] = []
    shown.expect(sum(map(len, held.values())))
    for printed in counts(evidence, held):
        count = as_rounded(printed, profile.rounding)
        every.append(count)
        shown.begin(f"attacking {count.name}")
        k = profile.count_minimum(count.fields)
        if k < 2:
            for front in read_fronts(count, grounds)[0] if count.has_hidden else ():
                tighten(front)
            continue
        examined = examine(count, evidence, grounds, k, profile.zero)
        crossing += [] if examined.contradicts else [examined.n_families]
        notes += examined.notes
        rows += examined.rows
        if examined.leaking is not None:
            leaking[count.name] = (examined.leaking, k)
        if examined.certificate is not None and examined.certificate.proved:
            certificates[count.name] = examined.certificate
    rows += group_rows(every, evidence, grounds, profile)
    return rows, certificates, notes, max(crossing, default=0)


def _contradicting(evidence: Evidence, profile: Profile) -> Iterable[Row]:
    """Yield small counts that one file prints although another says something else."""
    table = evidence.claims.contradictions
    rows = table[table["part"] == "numerator"]
    columns = ("variable", "year", "geography", "area_id", "lower", "upper", "place")
    for code, year, geography, area, lower, upper, place in listed(rows, *columns):
        indicator = evidence.indicators.get(code)
        if indicator is not None and 1 <= lower == upper < profile.count_minimum(indicator.numerator):
            said = f"It is printed, though another file says otherwise: {upper:g}."
            name = f"{name_of(tuple(sorted(indicator.numerator)))} {year}".strip()
            where = evidence.place(place)
            yield Row(
                name, geography, area, lower, upper, False, "count", said, where, frozenset({"published"})
            )


def _table(rows: Iterable[Row]) -> pd.DataFrame:
    told = [[getattr(row, name) for name in (*INDEX, *COLUMNS)] for row in rows]
    frame = pd.DataFrame(told, columns=[*INDEX, *COLUMNS])
    types = {"lower": "float64", "upper": "float64", "safe": "bool"}
    return frame.astype(types).sort_values(list(INDEX), kind="stable").set_index(list(INDEX))
