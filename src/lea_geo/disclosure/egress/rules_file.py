"""A rule profile in words, and as a TOML file that can be used again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lea_geo._report_html import safe, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lea_geo.disclosure.egress.page import Spoken
    from lea_geo.disclosure.rules import Profile


def told_rules(profile: Profile, words: Spoken) -> str:
    """Return a table of what a profile says."""
    heads = [words.own(f"column.{name}") for name in ("rule", "limit")]
    rows = [[safe(name), safe(limit)] for name, limit in _said(profile, words)]
    return table(heads, rows, label=words.own("heading.rules"))


def _said(profile: Profile, words: Spoken) -> Iterator[tuple[str, str]]:
    yield words.own("summary.rules"), f"{words.of(profile.title)} ({profile.name})"
    yield words.own("rule.version"), profile.version
    yield words.own("rule.source"), f"{profile.source} ({profile.source_date})"
    yield words.own("rule.confidence"), words.own(f"confidence.{profile.confidence}")
    if profile.stated_by:
        yield words.own("summary.stated_by"), profile.stated_by
    for name in ("minimum_count", "minimum_denominator"):
        limit = getattr(profile, name)
        yield words.own(f"rule.{name}"), str(limit) if limit > 1 else words.own("rule.no_limit")
    yield words.own("rule.zero"), words.own(f"rule.zero_{profile.zero}")
    for one in profile.thresholds:
        listed = words.own("rule.all_fields") if "*" in one.fields else ", ".join(one.fields)
        limit = words.own("rule.threshold_of", minimum=one.minimum, fields=listed)
        yield words.own("rule.threshold", base=one.base), limit
    if profile.dominance is not None:
        n, share = profile.dominance
        yield words.own("rule.dominance"), words.own("rule.dominance_of", n=n, share=words.share(share))
    if profile.p_percent is not None:
        yield words.own("rule.p_percent"), words.share(profile.p_percent / 100)
    if profile.rounding is not None:
        yield words.own("rule.rounding"), str(profile.rounding)
    if profile.always_visible:
        yield words.own("rule.always_visible"), ", ".join(profile.always_visible)


def profile_as_toml(profile: Profile) -> str:
    r"""Return a profile as a file that ``load_profile`` reads back.

    >>> _as_toml({"name": "a", "minimum_count": 5, "thresholds": [{"base": "b", "fields": ["*"]}]})
    'name = "a"\nminimum_count = 5\n\n[[thresholds]]\nbase = "b"\nfields = ["*"]\n'
    """
    return _as_toml(profile.as_dict())


def _as_toml(held: Mapping[str, Any]) -> str:
    plain, tables, lists = {}, {}, {}
    for key, value in held.items():
        if isinstance(value, dict):
            tables[key] = value
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            lists[key] = value
        else:
            plain[key] = value
    parts = [_lines(plain)]
    parts += [f"[{key}]\n{_lines(value)}" for key, value in tables.items()]
    parts += [f"[[{key}]]\n{_lines(one)}" for key, value in lists.items() for one in value]
    return "\n".join(parts)


def _lines(held: Mapping[str, Any]) -> str:
    # A JSON string, number or list of them is the same in TOML.
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in held.items())
