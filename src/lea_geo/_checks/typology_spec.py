"""What ``[types]`` of a study file may say, and names that no kind of area gets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lea_geo._checks.spec import Keys
from lea_geo.schema import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lea_geo._checks.faults import Faults
    from lea_geo.schema import Text

REFUSED = (
    # Shame: what an area is called is heard by the children who live there.
    *(
        "ghetto",
        "getto",
        "slummi",
        "ongelma",
        "problem",
        "huono",
        "dålig",
        "sämst",
        "worst",
        "köyh",
        "fattig",
    ),
    *("poverty", "kurja", "surkea", "eländig", "miserabl", "syrjäyt", "utslag", "marginaliz", "marginalis"),
    *("deprived", "rikolli", "kriminell", "criminal", "vaarallis", "vaarallinen", "farlig", "dangerous"),
    *(
        "laiska",
        "sosiaalipummi",
        "underclass",
        "underklass",
        "heikko-osai",
        "heikoimm",
        "epäonnis",
        "misslyck",
    ),
    # Ethnicity, language, religion and origin: a kind of area is no kind of people.
    *("maahanmuutta", "invandra", "immigrant", "migrant", "ulkomaalai", "utlän", "foreign", "vieraskiel"),
    *("etnin", "etnis", "ethnic", "rodul", "racial", "romani", "gypsy", "mustalai", "zigenar", "somali"),
    *("arabial", "arabisk", "venäläi", "ryska", "ryssar", "russian", "muslim", "islam", "kristit"),
    *("christian", "juutalai", "jewish", "judisk", "pakolai", "flykting", "refugee", "saamelai", "samisk"),
)
"""Beginnings of words that no name of a type may hold, in any language; longer ones also within a word."""
REFUSED_WORDS = frozenset({"bad", "poor", "slum", "slums", "lazy", "lata", "mamu", "mamut", "arabs", "roma"})
"""Whole words that none may hold, since others begin like them: Badstranden, Arabianranta."""
_WITHIN = 6
"""So many letters of a beginning are refused within a word too: "moniongelmainen"."""
_TERM = re.compile(r"\s*\w+(\s*[-+]\s*\w+)*\s*")


def check_parts_keys(keys: Keys) -> list[Any]:
    """Return the list under ``parts``: sums of codes, or tables with a name."""
    keys.known.append("parts")
    given = keys.table.get("parts", [])
    wanted = 'a list like ["children_under_3", { name = { fi = "…", sv = "…", en = "…" }, counts = "a - b" }]'
    whole = isinstance(given, list) and all(isinstance(one, str | dict) for one in given)
    if not whole or ("parts" in keys.table and not given):
        keys.faults.add(f"{keys.where} parts is not what it must be", cure=f"Write {wanted}.")
        return []
    return list(given)


def refuse_part(keys: Keys, given: Mapping[str, Any], at: int) -> Keys:
    """Return one part's table, to be read in its turn."""
    return Keys(given, f"{keys.where} parts {at}", keys.faults, keys.base)


def check_sum(counts: str, terms: Iterable[tuple[int, str]], where: str, faults: Faults) -> None:
    """Note what is no sum and difference of codes, and codes that stand in it twice."""
    if counts and not _TERM.fullmatch(counts):
        cure = 'Write codes of indicators with + and - between: "children_under_7 - children_under_3".'
        faults.add(f"{where} is {counts!r}, which is no sum of counts", cure=cure)
    codes = [code for _, code in terms]
    if len(codes) != len(set(codes)):
        faults.add(f"{where} names an indicator twice")


def check_names(names: Iterable[tuple[str, Text]], where: str, faults: Faults) -> None:
    """Note names of types that shame or that name people's origin, and letters that no type has."""
    for letter, name in names:
        if not (len(letter) == 1 and letter.isascii() and letter.isupper()):
            faults.add(f"{where} names has {letter!r}", cure="Types are called A, B, C ...")
        found = sorted({word for language in LANGUAGES for word in _refused(name.in_language(language))})
        if found:
            cure = "Name what the numbers say of families there: see docs/types.md, Names."
            faults.add(f"{where} names {letter!r} with words that label people", ids=found, cure=cure)


def _refused(text: str) -> list[str]:
    words = re.findall(r"[\w-]+", text.casefold())
    long = [beginning for beginning in REFUSED if len(beginning) >= _WITHIN]
    return [
        word
        for word in words
        if word in REFUSED_WORDS or word.startswith(REFUSED) or any(one in word for one in long)
    ]
