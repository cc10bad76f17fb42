"""All that the risk assessment tells of a release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.disclosure.egress.facts import Shown
    from lea_geo.disclosure.egress.files import PackedFile
    from lea_geo.disclosure.egress.tried import Attack
    from lea_geo.disclosure.rules import Profile
    from lea_geo.schema import Findings


@dataclass(frozen=True)
class Release:
    """All that the risk assessment tells of a release."""

    findings: Findings
    """As they leave."""
    profile: Profile
    attacks: tuple[Attack, ...]
    shown: tuple[Shown, ...]
    files: tuple[PackedFile, ...]
    """Every file of the pack."""
    left_out: tuple[str, ...]
    """Files of the output that are not in it."""
    hashes: Mapping[str, str]
    """The SHA-256 of the files that were there before the risk assessment."""
    proofs: Mapping[str, tuple[str, ...]]
    """File of a proof to the codes of the indicators whose numerator or denominator it is about."""
    commands: tuple[str, ...]
    """What to type to check the proofs."""
    version: str
    unaudited: tuple[str, ...] = ()
    """Files that chapters have read themselves."""
