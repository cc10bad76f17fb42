"""What an audit says of each attack: whether it was tried, how far, and why not further."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo.disclosure.attack.tried import ATTACKS, Tried, in_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.disclosure.attack.evidence import Evidence

_DONE = {
    "published": "every number that was read",
    "hidden_files": "hidden sheets, data inside pages and files that nothing links to, read like all others",
    "differencing": "exact: every union of areas, by network flows",
    "totals": "exact where a total counts every area; otherwise as far as it bounds the hidden ones",
    "denominators": "as the most that each area can hold; exact for areas",
    "attributes": "counts whose fields are part of another's: their differences over all kinds of areas; NOT "
    "tables of several attributes crossed",
    "rates": "rates times denominators in whole numbers; Wilson intervals of percentages",
    "rule": "that hidden cells are hidden; NOT which of them an algorithm would have chosen to hide, and NOT "
    "that a hidden cell is small, as the release does not mark which were hidden to protect others",
    "composite": "members that a straight line or a rising function of the hidden value gives away",
    "smoothed": "beta-binomial smoothing; NOT other models, local or spatial",
    "lags": "exact in the lags that count hidden neighbours in, and in the mean that local statistics give "
    "away; NOT p-values and labels",
    "legends": "ends and class bounds that are no published area's value",
    "histograms": "bars with more areas than are published in them",
    "ranks": "ranks of hidden areas, and ranks that no published area has",
    "global_statistics": "smallest, largest and middle values, and the mean; NOT Moran's I and other sums",
    "means_medians": "held against the number of their people; means times counts, added and subtracted; NOT "
    "medians of areas that overlap",
    "years": "each year by itself: nothing is known of who moved, was born or died between them",
}


def records(
    evidence: Evidence, *, n_families: int, other_folders: bool, found: Mapping[str, int]
) -> tuple[Tried, ...]:
    """Return a record of every attack.

    Parameters
    ----------
    evidence
        The release.
    n_families
        The largest number of kinds of areas that were not nested in each other.
    other_folders
        Whether earlier releases or others were given.
    found
        How many unsafe groups each attack led to.
    """
    said = dict(_DONE)
    missing = _missing(evidence, n_families, other_folders=other_folders)
    if n_families > 2:
        said["three_geographies"] = "flows, then integer programs; what they left open counts as unsafe"
    if other_folders:
        said["earlier"] = "their numbers were read as if they were part of this release"
    if evidence.claims.loose["kind"].eq("sentence").any():
        missing["sentences"] = (
            "a number in a sentence may mean anything; sentences that name an area whose value is hidden: "
            f"{_hidden_in_sentences(evidence)}"
        )
    else:
        missing["sentences"] = "there are none"
    told = [
        Tried(attack, attack not in missing, found.get(attack, 0), missing.get(attack, said.get(attack, "")))
        for attack in ATTACKS
    ]
    return in_order(told)


def _missing(evidence: Evidence, n_families: int, *, other_folders: bool) -> dict[str, str]:
    """Return the attacks that there is nothing for."""
    kinds = set(evidence.claims.loose["kind"])
    missing = {"chapters": "the release has none"}
    if n_families < 2:
        missing["differencing"] = (
            "no count is published on two kinds of areas that cross and agree: see the notes"
        )
    if n_families < 3:
        missing["three_geographies"] = "no count is published on three kinds of areas that cross and agree"
    if not other_folders:
        missing["earlier"] = "no other folder was given; what was published before is known to everybody"
    if len({year for _, year in evidence.sheets}) < 2:
        missing["years"] = "only one year is published"
    if "histogram_bar" not in kinds:
        missing["histograms"] = "the release holds none"
    if not kinds & {"legend_minimum", "legend_maximum", "class_bound"}:
        missing["legends"] = "the release holds none"
    return missing


def _hidden_in_sentences(evidence: Evidence) -> int:
    """Return how many sentences name an area and an indicator whose value is hidden there."""
    rows = evidence.loose("sentence")
    rows = rows[(rows["area_id"].astype(str) != "") & (rows["variable"].astype(str) != "")]
    number = 0
    for row in rows.itertuples():
        sheet = evidence.sheets.get((str(row.geography), str(row.year)))
        if sheet is not None and str(row.area_id) in sheet.areas.index:
            at = sheet.areas.index.get_loc(str(row.area_id))
            number += bool(sheet.withheld(str(row.variable))[at])
    return number
