"""What keeps a release from leaving: ethical notes that nobody reviewed, groups that can be worked out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lea_geo._checks.faults import Faults
from lea_geo.errors import OutputError, SpecError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

REFUSED = "Nothing was written, as the release would give people away:"


def check_reviewed(unreviewed: Collection[str], *, of: int, unknown: Collection[str] = ()) -> None:
    """Refuse to let out indicators whose ethical note nobody has reviewed, and reviews of no indicator.

    Parameters
    ----------
    unreviewed
        Their codes.
    of
        How many indicators would leave.
    unknown
        What a study file calls reviewed and is no indicator of it.
    """
    faults = Faults()
    if unknown:
        cure = "Was another indicator meant? The codes are those of the catalogue."
        faults.add("[[disclosure.reviewed]] names what is no indicator of this study", ids=unknown, cure=cure)
    if unreviewed:
        _note_unreviewed(faults, unreviewed, of)
    faults.raise_if_any(SpecError, "Nothing may leave yet:")


def _note_unreviewed(faults: Faults, unreviewed: Collection[str], of: int) -> None:
    listed = json.dumps(sorted(unreviewed), ensure_ascii=False)
    cure = (
        "Let somebody read what each is needed for and what harm it could do. Then say who and when: "
        "reviewed_by and reviewed_on under its ethics in the catalogue, or in the study file\n"
        f"      [[disclosure.reviewed]]\n      indicators = {listed}\n"
        '      by = "the name of the reviewer or the board"\n      on = 2026-01-31'
    )
    faults.add("indicators without a reviewed ethical note", ids=sorted(unreviewed), of=of, cure=cure)


def refuse_release(
    unsafe: Sequence[tuple[str, Sequence[str], int, str]],
    *,
    further: Iterable[tuple[str, Sequence[str], str]],
    cures: Iterable[tuple[str, str]],
) -> OutputError:
    """Return the error for a release that failed its audit.

    Parameters
    ----------
    unsafe
        For each kind of fault what it is, whom it concerns, out of how many, and how it is worked out.
    further
        What else keeps the release from leaving: what, whom, and what to do.
    cures
        What would mend a count, and how, at the least cost.
    """
    faults = Faults()
    for what, ids, of, recipe in unsafe:
        faults.add(what, ids=ids, of=of, cure=recipe)
    for what, ids, advice in further:
        faults.add(what, ids=ids, cure=advice)
    for what, cure in cures:
        faults.add(f"what would mend {what}", cure=cure)
    return OutputError(REFUSED, faults.found)


def check_copies(hashes: Mapping[str, tuple[str, str]]) -> None:
    """Refuse copies that are not what was audited: file to its hash then and now."""
    changed = sorted(name for name, (then, now) in hashes.items() if then != now)
    if changed:
        faults = Faults()
        cure = "Something else writes into the folder; run the study again."
        faults.add("files that changed after they were audited", ids=changed, of=len(hashes), cure=cure)
        raise OutputError("The pack was not written:", faults.found)


def check_pack_size(names: Collection[str], most: int) -> None:
    """Refuse a pack of more files than may leave."""
    if len(names) > most:
        faults = Faults()
        faults.add(f"the pack has {len(names)} files and may have {most}", ids=sorted(names))
        raise OutputError("The pack was not written:", faults.found)
