"""Options that several commands of ``lea-geo`` have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_several(
    parser: argparse.ArgumentParser, name: str, what: str, said: str, *, as_type: type = str
) -> None:
    """Add an option that takes several words, and may be given several times."""
    parser.add_argument(name, nargs="+", action="extend", default=[], type=as_type, metavar=what, help=said)


def add_offline(parser: argparse.ArgumentParser, does: str) -> None:
    """Add the pack that stands in for what would be fetched."""
    parser.add_argument("--offline", type=Path, metavar="PACK", help=does)


def add_out(parser: argparse.ArgumentParser, what: str, said: str, *, default: Path | None = None) -> None:
    """Add where to write."""
    parser.add_argument("-o", "--out", type=Path, default=default, metavar=what, help=f"default: {said}")


def add_study(parser: argparse.ArgumentParser) -> None:
    """Add the study file, and the folder of its data."""
    parser.add_argument("study", type=Path, metavar="STUDY.toml", help="the study file")
    add_data(parser)


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the folder of the data."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder that data files are relative to")
