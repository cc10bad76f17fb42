"""How a study's findings are protected before they leave, and what has to be known of them.

A study file says it under ``[disclosure]``; docs/disclosure.md lists every key.
"""

from __future__ import annotations

from dataclasses import dataclass

PROFILE_NAMES = (
    "eurostat_census_grid",
    "findata",
    "hsy_grid",
    "insee_filosofi",
    "ons_10_5",
    "paavo",
    "sotkanet",
    "statistics_finland_grid",
)
"""The rule profiles of the package; ``disclosure/profiles`` holds them."""

PROTECTIONS = ("suppress", "audit_only")
ZEROS = ("safe", "hidden")


@dataclass(frozen=True)
class Reviewed:
    """Who has looked at the ethical notes of some indicators, and when."""

    indicators: tuple[str, ...]
    """Codes, or patterns like ``te_*``."""
    by: str
    on: str
    """As an ISO date."""


@dataclass(frozen=True)
class DisclosureSpec:
    """By which rules a study's findings leave."""

    profile: str
    """One of ``PROFILE_NAMES``, or a TOML file relative to the study file."""
    minimum_count: int | None = None
    """The least count that may be shown, in the place of the profile's."""
    zero: str = ""
    """``safe`` or ``hidden``: whether it may be known that a count is 0; left out, as the profile says."""
    stated_by: str = ""
    """Who decided ``minimum_count``, and in what document."""
    method: str = "suppress"
    """``suppress`` hides what the rules ask for, and as little more as keeps it hidden; ``audit_only`` hides
    nothing and lets the audit say what would be found."""
    earlier: tuple[str, ...] = ()
    """Folders of earlier releases, relative to the data folder: what they say is known to everybody."""
    accept: tuple[str, ...] = ()
    """Files of the release that the audit cannot read and somebody has looked through."""
    reviewed: tuple[Reviewed, ...] = ()
    """Who has reviewed the ethical notes of which indicators; what a catalogue says counts too."""
    pack: str = "egress"
    """The folder of the pack that leaves; empty: none is made."""
    never: tuple[str, ...] = ()
    """Fields, indicators, or ``municipality`` and ``region`` for their totals: what must stay visible."""
