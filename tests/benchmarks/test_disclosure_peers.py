"""What GaussSuppression leaves inferable and diffman finds, beside our bounds on the same published numbers.

``LEA_GEO_SDC`` names an R library that holds both (neither is in Debian).
"""

import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from finland_made_up import World, finland
from stopwatch import Board, Line

from lea_geo.disclosure.protect.suppress import suppress
from lea_geo.disclosure.prove.bounds import atom_bounds
from lea_geo.disclosure.published import NO_LIMIT, Family, Published, build_family

HERE = Path(__file__).parent
HEADING = "Overlapping geographies: what peers leave inferable, and what they find"
K = 5


def block(atoms: int) -> World:
    """Return whole municipalities of the made-up country, up to so many atoms."""
    world = finland()
    codes, sizes = np.unique(world.municipality, return_counts=True)
    kept, held = [], 0
    for code, size in zip(codes, sizes, strict=True):
        if held + size <= atoms:
            kept.append(code)
            held += size
    return world.part(np.isin(world.municipality, kept))


def table_of(world: World, variable: str) -> pd.DataFrame:
    held = getattr(world, variable)
    ids = {"cell": [f"c{one}" for one in world.cell], "postal": [f"p{one}" for one in world.postal]}
    return pd.DataFrame(ids | {"count": held})[held > 0].reset_index(drop=True)


def families_of(atoms: pd.DataFrame) -> tuple[Family, Family]:
    return tuple(build_family(name, {name: atoms[name].tolist()}) for name in ("cell", "postal"))


def ask_r(script: str, folder: Path, atoms: pd.DataFrame, *options: int) -> tuple[pd.DataFrame, float, str]:
    library = os.environ.get("LEA_GEO_SDC", "")
    if not library or shutil.which("Rscript") is None:
        pytest.skip("LEA_GEO_SDC names no R library with GaussSuppression and diffman")
    given, shown = folder / "atoms.csv", folder / "shown.csv"
    atoms.to_csv(given, index=False)
    command = ["Rscript", str(HERE / script), str(given), str(shown), *map(str, options)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | {"R_LIBS": library}
    )
    seconds, version = done.stdout.split()[-2:]
    return pd.read_csv(shown), float(seconds), version


def all_published(atoms: pd.DataFrame, hidden: dict[str, set[str]]) -> Published:
    """Return what is known where every area's count is published but some areas are hidden."""
    counts = atoms["count"].to_numpy(np.int64)
    families = []
    for family in families_of(atoms):
        total = family.totals(counts)
        shown = np.array([one.split(" ", 1)[1] not in hidden.get(family.name, set()) for one in family.ids])
        lower, upper = np.where(shown, total, 0), np.where(shown, total, NO_LIMIT)
        families.append(replace(family, lower=lower, upper=upper))
    nothing = np.zeros(len(atoms), dtype=np.int64)
    return Published(tuple(families), nothing, np.full(len(atoms), NO_LIMIT))


def inferable(published: Published, counts: np.ndarray) -> np.ndarray:
    """Return the small atoms of which it can be proved that they are small."""
    small = np.flatnonzero((counts > 0) & (counts < K))
    lower, upper = atom_bounds(published, counts, atoms=small, enough=K)
    assert (lower <= counts[small]).all()
    return small[upper < K]


@pytest.mark.parametrize(
    ("variable", "size"),
    [
        ("people", 3_000),
        ("people", 10_000),
        ("children_poor", 10_000),
    ],
)
def test_we_leave_none_inferable(board: Board, tmp_path: Path, variable: str, size: int):
    atoms = table_of(block(size), variable)
    counts = atoms["count"].to_numpy(np.int64)
    shown, theirs, version = ask_r("gauss_suppression.R", tmp_path, atoms, K)
    gone = shown[shown["suppressed"]]
    hidden = {name: set(gone.loc[gone[name] != "Total", name]) for name in ("cell", "postal")}
    left = inferable(all_published(atoms, hidden), counts)

    suppress(counts, families_of(atoms), k=K)  # compiled
    began = time.process_time()
    ours = suppress(counts, families_of(atoms), k=K)
    seconds = time.process_time() - began
    none = inferable(ours.published, counts)
    people = [
        sum(family.totals(counts)[area].sum() for family, area in zip(families_of(atoms), mine, strict=True))
        for mine in (ours.hidden, _as_masks(atoms, hidden))
    ]
    what = f"{variable}, {len(atoms):,} atoms: inferable atoms left, counted in hidden areas"
    found = f"{len(none)}, {people[0]:,} ({seconds:.2g} s)"
    peer = f"GaussSuppression {version}: {len(left)}, {people[1]:,} ({theirs:.3g} s)"
    board.add(HEADING, Line(what, found, peer, f"{theirs / seconds:.0f}", "0 inferable"))
    assert len(none) == 0


def _as_masks(atoms: pd.DataFrame, hidden: dict[str, set[str]]) -> tuple[np.ndarray, ...]:
    return tuple(
        np.array([one.split(" ", 1)[1] in hidden[family.name] for one in family.ids])
        for family in families_of(atoms)
    )


@pytest.mark.parametrize("size", [3_000, 10_000])
def test_all_that_diffman_finds_is_found(board: Board, tmp_path: Path, size: int):
    atoms = table_of(block(size), "children_poor")
    counts = atoms["count"].to_numpy(np.int64)
    runs = [ask_r("diffman.R", tmp_path, atoms, K, seed) for seed in (1, 2, 3)]
    theirs = [set(zip(found["postal"], found["cell"], strict=True)) for found, *_ in runs]

    published = all_published(atoms, {})
    atom_bounds(published, counts, atoms=[0])  # compiled
    began = time.process_time()
    ours = inferable(published, counts)
    seconds = time.process_time() - began
    mine = set(zip(atoms["postal"][ours], atoms["cell"][ours], strict=True))
    took, version = min(one[1] for one in runs), runs[0][2]
    what = f"{len(atoms):,} atoms: those found in all three runs, and in each"
    peer = f"diffman {version}: {' / '.join(str(len(one)) for one in theirs)} in three runs ({took:.3g} s)"
    line = Line(
        what, f"{len(mine)}, always ({seconds:.2g} s)", peer, f"{took / seconds:.0f}", "all of theirs"
    )
    board.add(HEADING, line)
    assert set().union(*theirs) <= mine
