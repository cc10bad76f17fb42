"""Whether a registry can be used, whether a cache is whole, and what is told of services that fail."""

from __future__ import annotations

import re
from dataclasses import fields
from difflib import get_close_matches
from string import Formatter
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo.errors import Fault, SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

MOST_REGISTRY_BYTES = 1_000_000
MOST_SHOWN = 200
_NEEDED = ("what", "service", "address", "owner", "licence")
_KINDS: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys((*_NEEDED, "crs"), (str,)),
    **dict.fromkeys(("versions", "area_id", "years"), (list,)),
    **dict.fromkeys(("layers", "limits"), (dict,)),
}
_PARTS_OF_LAYERS = ("year", "cell")
_LIMITS = ("calls", "seconds", "cells", "page")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_pieces = Formatter().parse
T = TypeVar("T")


def read_registry_text(path: Path) -> str:
    """Return the text of a registry, or say that there is none."""
    if not path.is_file():
        raise UsageError(f"There is no registry of sources {path}.")
    if path.stat().st_size > MOST_REGISTRY_BYTES:
        raise refuse_registry(path, "it is larger than any registry")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise refuse_registry(path, "it is not in UTF-8") from None


def refuse_registry(path: Path, what: str) -> SourceError:
    """Return the error for a file that is no registry."""
    return SourceError(_registry_heading(path), [Fault(what)])


def refuse_registry_syntax(path: Path, error: Exception) -> SourceError:
    """Return the error for a registry that is not TOML."""
    what = "it is nested too deeply" if isinstance(error, RecursionError) else f"it is not TOML: {error}"
    return refuse_registry(path, what)


def check_entries(path: Path, entries: Mapping[str, Any], services: Collection[str]) -> None:
    """Refuse a registry with entries that cannot be fetched from: every fault is named."""
    faults = Faults()
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            faults.add(f"{name} is no table")
        elif "service" in entry:
            _check_entry(name, entry, services, faults)
    faults.raise_if_any(SourceError, _registry_heading(path))


def _registry_heading(path: Path) -> str:
    return f"The registry of sources {path.name} cannot be used:"


def _check_entry(name: str, entry: Mapping[str, Any], services: Collection[str], faults: Faults) -> None:
    if not _NAME.fullmatch(name):
        faults.add(f"{name!r} is no name of a source", cure="Use small letters, digits and underscores.")
    missing = [key for key in _NEEDED if not entry.get(key)]
    if missing:
        faults.add(f"{name} lacks", ids=missing)
    unknown = [key for key in entry if key not in _KINDS]
    if unknown:
        faults.add(f"{name} has keys that mean nothing", ids=unknown, cure=f"Known: {', '.join(_KINDS)}.")
    wrong = [key for key, kinds in _KINDS.items() if key in entry and not isinstance(entry[key], kinds)]
    if wrong:
        faults.add(f"{name} has values of the wrong kind", ids=wrong)
        return
    if entry["service"] not in services:
        faults.add(f"{name} has the service {entry['service']!r}", cure=f"Known: {', '.join(services)}.")
    _check_address(name, entry.get("address", ""), faults)
    _check_lists(name, entry, faults)


def _check_address(name: str, address: str, faults: Faults) -> None:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        bare = parts.username is None and parts.password is None and not parts.fragment
    except ValueError:
        usable = bare = False
    if address and not (usable and bare):
        faults.add(
            f"{name} has the address {address!r}",
            cure="Give https://host/path, without a user name, a password or a fragment.",
        )


def _check_lists(name: str, entry: Mapping[str, Any], faults: Faults) -> None:
    texts = [*entry.get("versions", []), *entry.get("area_id", []), *entry.get("layers", {}).values()]
    if not all(isinstance(text, str) for text in texts):
        faults.add(f"{name} has versions, area_id or layers that are no text")
    else:
        _check_templates(name, entry, faults)
    years = entry.get("years", [1, 1])
    whole = all(isinstance(year, int) and not isinstance(year, bool) for year in years)
    if len(years) != 2 or not whole or years[0] > years[1]:
        faults.add(f"{name} has the years {years}", cure="Give the first and the last: [2015, 2026].")
    limits = entry.get("limits", {})
    bad = [key for key, value in limits.items() if key not in _LIMITS or not _is_positive(value, key)]
    if bad:
        faults.add(
            f"{name} has limits that cannot be kept", ids=bad, cure=f"Known, above 0: {', '.join(_LIMITS)}."
        )
    elif ("calls" in limits) != ("seconds" in limits):
        faults.add(f"{name} has one of calls and seconds", cure="Give both: calls in seconds.")


def _check_templates(name: str, entry: Mapping[str, Any], faults: Faults) -> None:
    bad = [key for key, layer in entry.get("layers", {}).items() if not _is_template(layer, _PARTS_OF_LAYERS)]
    if bad:
        cure = "{year} and {cell} may stand in them."
        faults.add(f"{name} has layers that are no templates", ids=bad, cure=cure)
    if not _is_template(entry.get("address", ""), ("language",)):
        faults.add(f"{name} has an address that is no template", cure="{language} may stand in it.")


def _is_template(text: str, known: Collection[str]) -> bool:
    """Whether all that is in braces is a known name by itself: a template reaches for nothing else."""
    try:
        return all(part in (None, *known) and not (spec or how) for _, part, spec, how in _pieces(text))
    except ValueError:
        return False


def _is_positive(value: object, key: str) -> bool:
    kinds = (int, float) if key == "seconds" else (int,)
    return isinstance(value, kinds) and not isinstance(value, bool) and value > 0


def known_source(name: str, sources: Collection[str]) -> str:
    """Return the name of a source; otherwise name the nearest."""
    return check_choice("source", name, sources)


def known_layer(source: str, what: str, layers: Mapping[str, str]) -> str:
    """Return the template of a layer; otherwise name those that there are."""
    if what in layers:
        return layers[what]
    near = get_close_matches(what, list(layers), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UsageError(
        f"The registry knows no layer {what!r} of {source}: {', '.join(layers) or 'none'}.{hint}"
    )


def record_fields(held: object, make: type[T]) -> T:
    """Return a record of a cache as ``make``, or raise ``ValueError``: it is not what a cache writes."""
    names = [one.name for one in fields(make)]  # type: ignore[arg-type]  # a dataclass, which no type can say
    if not isinstance(held, dict) or sorted(held) != sorted(names):
        raise ValueError("these are not the fields of a record")
    texts = [held[name] for name in names if name not in {"query", "bytes"}]
    if not all(isinstance(text, str) for text in texts) or not isinstance(held["query"], dict):
        raise ValueError("a field is of the wrong kind")
    if not _SHA256.fullmatch(held["sha256"]) or not isinstance(held["bytes"], int):
        raise ValueError("the hash or the size is none")
    return make(**held)


def check_cache(folder: Path, *, unread: Collection[str], changed: Collection[str], of: int) -> None:
    """Refuse a cache whose answers are not what was fetched."""
    faults = Faults()
    if unread:
        faults.add("records that cannot be read", ids=unread, of=of + len(unread))
    if changed:
        faults.add("answers that are gone, or are not what was fetched", ids=changed, of=of)
    faults.raise_if_any(SourceError, f"The cache {folder.name} is not as it was written:")


def check_no_links(folder: Path, inside: Iterable[Path]) -> None:
    """Refuse to write through a link, which leads out of a cache."""
    links = [path.relative_to(folder).as_posix() for path in inside if path.is_symlink()]
    if links:
        faults = Faults()
        faults.add("folders that are links", ids=links, cure="Use a folder of its own.")
        raise SourceError(f"The cache {folder.name} cannot be written to:", faults.found)


def refuse_host(source: str, url: str, hosts: Iterable[str], *, redirected: bool = False) -> SourceError:
    """Return the error for an address that the registry does not name."""
    how = "is redirected to" if redirected else "is at"
    what = f"{source} {how} {_short(url)}, which the registry does not name"
    cure = f"It names {', '.join(sorted(hosts))}; if the address has changed, give a registry of your own."
    return failed(source, what, cure=cure)


def refuse_missing(source: str, url: str, query: Mapping[str, Any], folder: Path) -> SourceError:
    """Return the error for an answer that is not in the cache while no service may be asked."""
    what = f"{_short(url)} with {_asked(query)} is not in {folder}"
    return failed(source, what, cure="Fetch it where there is a network.")


def refuse_answer(source: str, url: str, reason: str, *, tries: int = 1, pause: float = 0) -> SourceError:
    """Return the error for a service that gave no answer that can be used.

    ``pause``: seconds that it asks to wait, where that is longer than anybody waits for it.
    """
    times = f" (asked {tries} times)" if tries > 1 else ""
    later = f" and asks to wait for {pause:.0f} seconds" if pause else ""
    return failed(source, f"{_short(url)}: {reason}{later}{times}", cure="Try again later." if pause else "")


def failed(source: str, what: str, *, cure: str = "") -> SourceError:
    """Return the error for a service that cannot be fetched from."""
    # What a service says must not steer the terminal that it is shown on.
    shown = "".join(letter if letter.isprintable() else " " for letter in what)
    return SourceError(f"{source} could not be fetched from:", [Fault(shown, cure=cure)])


def _short(url: str) -> str:
    return url.partition("?")[0]


def _asked(query: Mapping[str, Any]) -> str:
    """Return a question in a line; what was posted can be long."""
    said = " ".join(f"{name}={value}" for name, value in query.get("params", ()))
    said += " posted JSON" if "json" in query else ""
    return said[:MOST_SHOWN].strip() or "no parameters"
