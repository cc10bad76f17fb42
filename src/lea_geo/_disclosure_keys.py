"""``[disclosure]`` of a study file: read into a ``DisclosureSpec``, and written back."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from lea_geo._checks.disclosure_rules import (
    check_date,
    check_folders,
    check_inside,
    check_pack,
    check_present,
    check_profile_named,
    check_stated,
)
from lea_geo.disclosure_spec import PROFILE_NAMES, PROTECTIONS, ZEROS, DisclosureSpec, Reviewed

if TYPE_CHECKING:
    from pathlib import Path

    from lea_geo._checks.spec import Keys

_STATED = ("findata",)
"""Profiles that leave the least count to whoever uses them."""


def read_disclosure(keys: Keys, folder: Path) -> DisclosureSpec:
    """Return what ``[disclosure]`` describes; what is wrong with it goes to the faults of ``keys``.

    Parameters
    ----------
    keys
        The table; names of folders are relative to its base.
    folder
        Where the study file lies, and a profile's file with it.
    """
    plain = DisclosureSpec("")
    spec = DisclosureSpec(
        profile=keys.text("profile", required=True),
        minimum_count=keys.count("minimum_count", None),
        zero=keys.choice("zero", "", ZEROS),
        stated_by=keys.text("stated_by"),
        method=keys.choice("method", plain.method, PROTECTIONS),
        earlier=check_folders(keys, "earlier"),
        accept=check_inside(keys, "accept"),
        reviewed=tuple(_reviewed(one) for one in keys.each("reviewed", required=False)),
        pack=check_pack(keys, plain.pack),
        never=keys.texts("never"),
    )
    check_profile_named(keys, spec.profile, PROFILE_NAMES, folder)
    check_stated(
        keys,
        spec.profile,
        required=spec.profile in _STATED,
        minimum=spec.minimum_count,
        stated_by=spec.stated_by,
    )
    keys.done()
    return spec


def _reviewed(keys: Keys) -> Reviewed:
    reviewed = Reviewed(
        indicators=keys.texts("indicators"),
        by=keys.text("by", required=True),
        on=check_date(keys, "on", required=True),
    )
    check_present(keys, "indicators")
    keys.done()
    return reviewed


def disclosure_as_dict(spec: DisclosureSpec) -> dict[str, Any]:
    """Return the rules of release as ``[disclosure]`` would say them, without what a file may leave out."""
    plain = DisclosureSpec("")
    held = {one.name: getattr(spec, one.name) for one in fields(spec)}
    said = {name: value for name, value in held.items() if value != getattr(plain, name)}
    if "reviewed" in said:
        said["reviewed"] = [
            {"indicators": list(one.indicators), "by": one.by, "on": one.on} for one in spec.reviewed
        ]
    if said.get("pack") == "":
        said["pack"] = False
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}
