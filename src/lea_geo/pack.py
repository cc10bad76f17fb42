"""From a region and a year to one folder that a study runs on, here or where there is no network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lea_geo import __version__
from lea_geo._checks import check_choice
from lea_geo._checks import pack as check
from lea_geo._checks.output import check_replaceable_pack
from lea_geo._output import replacing
from lea_geo._pack_sources import FETCH, Making, needs
from lea_geo._pack_study import study_text
from lea_geo._packed import CACHE, REGISTRY, STUDY, check_pack, write_pack
from lea_geo.errors import SourceError
from lea_geo.intake.regions import REGIONS, resolve_region
from lea_geo.sources.cache import Cache
from lea_geo.sources.client import Client
from lea_geo.sources.registry import load_registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lea_geo.sources.cache import Fetched
    from lea_geo.sources.registry import Registry

DEFAULT_SOURCES = ("postal_areas", "municipalities", "population_grid")


@dataclass(frozen=True)
class Pack:
    """What was fetched: a folder that can be moved as it is."""

    folder: Path
    files: Mapping[str, Mapping[str, Any]]
    """Data file to what ``sources.json`` says of it: rows, source, layer, owner, licence, time."""
    notes: tuple[str, ...]
    """What a reader of them should know, one sentence each."""

    @property
    def study(self) -> Path:
        """The study file, ready to run."""
        return self.folder / STUDY

    def __repr__(self) -> str:
        return f"<Pack {self.folder.name!r}: {', '.join(self.files)}>"


def fetch(
    region: str | Iterable[str],
    *,
    year: int,
    out: str | Path,
    sources: Sequence[str] = DEFAULT_SOURCES,
    indicators: Sequence[int | str] = (),
    offline: str | Path | None = None,
    registry: str | Path | None = None,
    progress: bool = False,
) -> Pack:
    """Fetch open data of a region into one folder, with a study that runs on it.

    Parameters
    ----------
    region
        A region of the package (``"vantaa"``), or municipality codes (``["092", "837"]``).
    year
        Of the layers: an edition of Paavo, the borders and the population grid of that year. Another is
        never taken in its place.
    out
        The folder to write; an earlier pack there is replaced at the end, in one step.
    sources
        ``postal_areas`` with Paavo's figures, ``municipalities``, ``population_grid`` (1 km),
        ``hsy_population_grid`` (250 m), ``schools``, ``sotkanet`` and ``paavo_tables`` (PxWeb, whose years
        are statistical years). ``"population_grid=2023"`` takes one of another year.
    indicators
        Sotkanet's numbers, for ``sotkanet``.
    offline
        A pack: everything is taken from the answers in it, and no connection is opened.
    registry
        A file as ``boundaries/registry.toml`` in its place; offline, that of the pack is taken unless given.
    progress
        Show on stderr what is being fetched.

    Returns
    -------
    Pack
        ``.study`` is the file for ``lea_geo.run``.

    Raises
    ------
    UsageError
        There is no such region, source or pack.
    SourceError
        Everything that could not be fetched, with the years that there are; offline, everything that is
        missing. Nothing is written.
    OutputError
        ``out`` holds something else, or files of a pack that somebody has changed.
    """
    region = region if isinstance(region, str) else tuple(region)
    codes = resolve_region(region)
    years = check.check_wanted(sources, FETCH, year=year)
    numbers = check.check_indicators(indicators)
    check.check_together(years, numbers)
    origin = Path(offline) if offline is not None else None
    out = Path(out)
    check.check_elsewhere(out, origin)
    known = _registry(registry, origin)
    check.check_unedited(out)
    with replacing(out, check=check_replaceable_pack) as folder:
        cache = Cache(folder / CACHE if origin is None else origin / CACHE)
        with Client(known, cache, offline=origin is not None, progress=progress) as client:
            at = Making(client, folder, codes, numbers)
            _fetch_all(at, years, region)
            if origin is not None:
                _take_along(client.answers, folder)
        _write_beside(at, region if isinstance(region, str) else "", years, known)
    return Pack(out, at.made, tuple(at.notes))


def known_region(words: Sequence[str]) -> str | tuple[str, ...]:
    """Return a region as the command line names it: by its name, or by municipality codes."""
    one = words[0] if len(words) == 1 else ""
    return tuple(words) if not one or one.isdigit() else one


def wanted_sources(more: Sequence[str], less: Sequence[str]) -> tuple[str, ...]:
    """Return the default sources with some more and some less; one of another year takes its place."""
    named = {name.partition("=")[0]: name for name in (*DEFAULT_SOURCES, *more)}
    for name in less:
        check_choice("--without", name, FETCH)
        named.pop(name, None)
    return tuple(named.values())


def _registry(path: str | Path | None, origin: Path | None) -> Registry:
    """Return the registry; that of a pack knows the addresses that its answers came from."""
    if origin is None:
        return load_registry(path)
    check_pack(origin)
    Cache(origin / CACHE).verify()
    return load_registry(origin / REGISTRY if path is None else path)


def _fetch_all(at: Making, years: Mapping[str, int], region: object) -> None:
    """Try every source, and raise once with all that failed."""
    errors: list[SourceError] = []
    failed: set[str] = set()
    for name in (name for name in FETCH if name in years):
        if failed.isdisjoint(needs(name)):
            try:
                FETCH[name](at, years[name])
            except SourceError as error:
                errors.append(check.with_way_out(name, error))
                failed.add(name)
    said = region if isinstance(region, str) else ", ".join(at.codes)
    check.raise_failed(str(said), errors)


def _take_along(answers: Iterable[Fetched], folder: Path) -> None:
    """Copy the answers that were used, so that the new pack is as complete as the one it came from."""
    cache = Cache(folder / CACHE)
    for one in answers:
        cache.take(one)


def _write_beside(at: Making, region: str, years: Mapping[str, int], registry: Registry) -> None:
    """Write the study, the registry and what the pack says of itself."""
    texts = {STUDY: study_text(at, region if region in REGIONS else "", years), REGISTRY: registry.text}
    for name, text in texts.items():
        (at.folder / name).write_text(text, encoding="utf-8", newline="\n")
    for folder in (at.folder / CACHE).glob("incoming"):
        folder.rmdir()
    said = {
        "lea_geo": __version__,
        "region": region,
        "municipalities": list(at.codes),
        "years": dict(years),
        "indicators": list(at.indicators),
    }
    write_pack(at.folder, said, at.made, texts)
