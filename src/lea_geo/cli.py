"""The command line: what a person may ask, and what they are told.

Exit codes: 0 done, 1 the data or the findings say no, 2 wrong usage. ``study`` and what it needs is imported
by the command that runs it, so that ``lea-geo --help`` answers at once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lea_geo import __version__, _cli_audit
from lea_geo._cli_options import add_data, add_offline, add_out, add_several, add_study
from lea_geo.errors import DataError, UsageError
from lea_geo.schema import LANGUAGES
from lea_geo.spec import load_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lea_geo.study import Study

DONE, NO, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
SHOWN_NOTES = 12

ABOUT = """\
Shows in which residential areas the wellbeing of children and families diverges, and how sure that is.

  lea-geo demo                          the whole job on a made-up region, to see what comes out
  lea-geo check vantaa.toml             is my study in order?
  lea-geo run vantaa.toml               the whole job: a map, a GeoPackage, tables and a report
  lea-geo fetch vantaa --year 2024      boundaries and open statistics, with a study that runs on them
"""

EXIT_CODES = "Exit code 0: done. 1: the data or the findings say no. 2: the command was wrong."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    argv
        The words after ``lea-geo``; None takes those of the process.
    """
    try:
        options = _parser().parse_args(argv)
    except SystemExit as end:  # argparse has said what is wrong, or has shown the help
        return int(end.code or DONE)
    try:
        code = options.command(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone. Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 - no user should meet a traceback unasked
        return _explain(options, error)
    return int(code)


def _explain(options: argparse.Namespace, error: BaseException) -> int:
    if options.debug:
        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt):
        return _fail(options, INTERRUPTED, "Interrupted. An earlier output is as it was.")
    if isinstance(error, UsageError):
        return _fail(options, WRONG_USAGE, str(error))
    if isinstance(error, DataError):
        faults = [str(fault) for fault in error.faults]
        return _fail(options, NO, str(error), heading=error.heading, faults=faults)
    if isinstance(error, OSError):
        return _fail(options, NO, f"The machine says no: {error}.")
    advice = "This is a bug in lea_geo, not in your data."
    advice += "" if options.debug else " Run the same with --debug to see where it happened, and report it."
    return _fail(options, NO, f"{type(error).__name__}: {error}\n{advice}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lea-geo",
        description=ABOUT,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"lea-geo {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_demo(commands)
    _add_run(commands)
    _add_check(commands)
    _add_map(commands)
    _add_verify(commands)
    _add_index(commands)
    _add_fetch(commands)
    _cli_audit.add_options(_add(commands, _audit, _cli_audit.DOES, *_cli_audit.EXAMPLES))
    return parser


def _add(
    commands: Any,  # noqa: ANN401 - argparse keeps the class of this private
    command: Callable[[argparse.Namespace], int],
    does: str,
    *examples: str,
) -> argparse.ArgumentParser:
    name = command.__name__.lstrip("_")
    shown = "\n".join(f"  {example}" for example in examples)
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=does,
        description=f"{does[0].upper()}{does[1:]}.",
        epilog=f"examples:\n{shown}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(command=command)
    parser.add_argument("--json", action="store_true", help="answer in JSON on stdout")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress and no notes")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an unexpected error")
    return parser


def _add_demo(commands: Any) -> None:  # noqa: ANN401 - as above
    parser = _add(
        commands,
        _demo,
        "do the whole job on the built-in, made-up region; needs no data and no network",
        "lea-geo demo",
        "lea-geo demo --out somewhere/else",
    )
    add_out(parser, "DIR", "out/demo", default=Path("out/demo"))


def _add_run(commands: Any) -> None:  # noqa: ANN401 - as above
    parser = _add(
        commands,
        _run,
        "do the whole job on a study",
        "lea-geo run vantaa.toml",
        "lea-geo run vantaa.toml --out results/vantaa --data /where/the/data/are",
        "lea-geo run packs/vantaa_2024/study.toml --offline packs/vantaa_2024",
    )
    add_study(parser)
    add_offline(parser, "a pack, in place of --data: its files are compared with what was fetched first")
    add_out(parser, "DIR", "out/ and the study file's name")


def _add_check(commands: Any) -> None:  # noqa: ANN401 - as above
    parser = _add(
        commands,
        _check,
        "read a study's data and say what is wrong with them, all of it at once; write nothing",
        "lea-geo check vantaa.toml",
        "lea-geo check vantaa.toml --json",
    )
    add_study(parser)
    add_offline(parser, "a pack, in place of --data: its files are compared with what was fetched first")


def _add_map(commands: Any) -> None:  # noqa: ANN401 - as above
    parser = _add(
        commands,
        _map,
        "redraw the map from a study's GeoPackage alone",
        "lea-geo map out/vantaa/study.gpkg",
        "lea-geo map out/vantaa/study.gpkg --out karta.html --language sv",
    )
    parser.add_argument("geopackage", type=Path, metavar="STUDY.gpkg", help="what a run has written")
    add_out(parser, "FILE", "map.html beside the GeoPackage")
    parser.add_argument("--language", choices=LANGUAGES, help="the language that the map opens in")


def _add_verify(commands: Any) -> None:  # noqa: ANN401 - as above
    parser = _add(
        commands,
        _verify,
        "rerun a study from its manifest and compare what comes out",
        "lea-geo verify out/vantaa",
        "lea-geo verify out/vantaa --data /where/the/data/are",
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="an output directory")
    add_data(parser)


def _add_index(commands: Any) -> None:  # noqa: ANN401 - as above
    parser = _add(
        commands,
        _index,
        "make a composite index of a study's tables; needs no boundaries",
        "lea-geo index deprivation.toml",
        "lea-geo index deprivation.toml --out results/deprivation --data /where/the/data/are",
    )
    add_study(parser)
    add_out(parser, "DIR", "out/ and the study file's name, with _index")


def _add_fetch(commands: Any) -> None:  # noqa: ANN401 - as above
    parser = _add(
        commands,
        _fetch,
        "download boundaries and open statistics of a region into one folder, with a study that runs on it",
        "lea-geo fetch vantaa --year 2024",
        "lea-geo fetch 837 980 --year 2024 --out packs/tampere --with schools population_grid=2023",
        "lea-geo fetch vantaa --year 2024 --offline packs/vantaa_2024 --out packs/again",
    )
    parser.add_argument("region", nargs="+", metavar="REGION", help="vantaa, pori ..., or municipality codes")
    parser.add_argument("--year", type=int, required=True, metavar="Y", help="the year of the layers")
    add_out(parser, "DIR", "packs/ and the region and the year")
    further = "schools, sotkanet, paavo_tables, hsy_population_grid; NAME=YEAR takes one of another year"
    add_several(parser, "--with", "NAME", f"further sources: {further}")
    add_several(parser, "--without", "NAME", "sources to leave out: municipalities, population_grid")
    add_several(parser, "--indicator", "ID", "numbers of Sotkanet's indicators, for --with sotkanet")
    parser.add_argument("--registry", type=Path, metavar="FILE", help="a registry of sources of your own")
    add_offline(parser, "a pack to take everything from; no connection is opened")


def _demo(options: argparse.Namespace) -> int:
    from lea_geo.study import demo

    return _tell(options, demo(options.out, progress=_progress(options)), options.out)


def _run(options: argparse.Namespace) -> int:
    spec = load_spec(options.study, data=_data_folder(options))
    from lea_geo.study import run

    out = options.out or Path("out") / options.study.stem
    return _tell(options, run(spec, out=out, progress=_progress(options)), out)


def _check(options: argparse.Namespace) -> int:
    spec = load_spec(options.study, data=_data_folder(options))
    from lea_geo.study import check

    report = check(spec)
    if options.json:
        _print_json({"ok": True, **report.as_dict()})
    else:
        _print_notes(options, report.notes, rest="--json shows them all")
        print(f"{options.study.name} is in order: {report}")
    return DONE


def _map(options: argparse.Namespace) -> int:
    from lea_geo.study import redraw

    out = redraw(options.geopackage, out=options.out, language=options.language)
    if options.json:
        _print_json({"ok": True, "map": str(out)})
    else:
        print(f"The map: {out}")
    return DONE


def _verify(options: argparse.Namespace) -> int:
    from lea_geo.study import verify

    compared = verify(options.directory, data=options.data, progress=_progress(options))
    if options.json:
        _print_json({"ok": True, "directory": str(options.directory), "compared": list(compared)})
    else:
        print(f"{options.directory} is reproduced: {len(compared)} inputs and outputs are the same.")
    return DONE


def _index(options: argparse.Namespace) -> int:
    from lea_geo._index import load_index, make_index
    from lea_geo._index_output import write_index

    made = make_index(load_index(options.study, data=options.data), progress=_progress(options))
    out = options.out or Path("out") / f"{options.study.stem}_index"
    manifest = write_index(made, out)
    if options.json:
        told = {key: manifest[key] for key in ("areas", "scored", "indicators", "groups", "notes")}
        _print_json({"ok": True, "directory": str(out), **told})
        return DONE
    _print_notes(options, made.notes, rest=f"{out / 'index.json'} holds them all")
    print(f"{made.result}".strip("<>") + ".")
    print(f"Scores and ranks:   {out / 'index.csv'}")
    if made.robustness is not None:
        print(f"How sure that is:   {out / 'robustness.csv'}")
    print(f"Effective weights:  {out / 'weights.csv'}")
    print(f"Groups, cells, log: {out}")
    return DONE


def _fetch(options: argparse.Namespace) -> int:
    from lea_geo.pack import fetch, known_region, wanted_sources

    region = known_region(options.region)
    name = region if isinstance(region, str) else "_".join(region)
    pack = fetch(
        region,
        year=options.year,
        out=options.out or Path("packs") / f"{name}_{options.year}",
        sources=wanted_sources(getattr(options, "with"), options.without),
        indicators=options.indicator,
        offline=options.offline,
        registry=options.registry,
        progress=_progress(options),
    )
    if options.json:
        told = {"pack": str(pack.folder), "study": str(pack.study), "files": list(pack.files)}
        _print_json({"ok": True, **told, "notes": list(pack.notes)})
        return DONE
    _print_notes(options, pack.notes, rest=f"{pack.folder / 'sources.json'} holds them all")
    for file, said in pack.files.items():
        print(f"{file:<26} {said['rows']:>6} rows of {said['layer']} ({said['owner']}, {said['licence']})")
    print(f"Where it all came from: {pack.folder / 'sources.json'}")
    print(f"Next: lea-geo check {pack.study} && lea-geo run {pack.study} --out out/{pack.folder.name}")
    return DONE


def _audit(options: argparse.Namespace) -> int:
    safe, said = _cli_audit.answer(options, progress=_progress(options))
    print(said)
    return DONE if safe else NO


def _data_folder(options: argparse.Namespace) -> Path | None:
    """Return the folder that data files are relative to; a pack is compared with what was fetched first."""
    data: Path | None = options.data
    pack: Path | None = options.offline
    if pack is None:
        return data
    if data is not None:
        raise UsageError("--offline and --data both say where the data are; give one of them.")
    from lea_geo._packed import check_pack

    check_pack(pack)
    return pack


def _tell(options: argparse.Namespace, study: Study, out: Path) -> int:
    """Say what a run found, and name the files to open."""
    from lea_geo._sheets import sheet_names

    files = {"map": out / "map.html", "report": out / "report.html", "geopackage": out / "study.gpkg"}
    if options.json:
        found = {"ok": True, "areas": len(study.areas), "notes": list(study.findings.notes)}
        found |= {"others": list(sheet_names(study.findings))}
        _print_json(found | {name: str(path) for name, path in files.items()})
        return DONE
    _print_notes(options, study.findings.notes, rest=f"{out / 'manifest.json'} holds them all")
    title = study.findings.title.in_language(study.spec.map.language)
    print(f"{title}: {len(study.areas)} areas, {len(study.findings.indicators)} indicators.")
    for name, other in zip(sheet_names(study.findings), study.findings.others, strict=True):
        print(f"Also {name.replace('_', ' ')}: {len(other.areas)} areas, {len(other.indicators)} indicators.")
    if study.findings.synthetic:
        print("The data are made up: nothing in them is real.")
    print(f"Open the map:       {files['map']}")
    print(f"Read the report:    {files['report']}")
    print(f"Open in QGIS:       {files['geopackage']}")
    print(f"Tables, manifest:   {out}")
    rules = study.spec.disclosure
    print(f"For release:        {out / rules.pack if rules else 'nothing was audited; see [disclosure]'}")
    return DONE


def _progress(options: argparse.Namespace) -> bool:
    return not options.quiet and not options.json and sys.stderr.isatty()


def _print_notes(options: argparse.Namespace, notes: Sequence[str], *, rest: str) -> None:
    if options.quiet:
        return
    for note in notes[:SHOWN_NOTES]:
        print(f"note: {note}", file=sys.stderr)
    if len(notes) > SHOWN_NOTES:
        print(f"… and {len(notes) - SHOWN_NOTES} more notes: {rest}.", file=sys.stderr)


def _print_json(content: dict[str, Any]) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=2))


def _fail(options: argparse.Namespace, code: int, message: str, **details: object) -> int:
    print(f"lea-geo: {message}", file=sys.stderr)
    if options.json:
        _print_json({"ok": False, "error": message, **details})
    return code
