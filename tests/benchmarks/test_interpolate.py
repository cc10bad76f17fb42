"""Counts and rates from cells to areas: the whole call, against tobler and geopandas.overlay."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from stopwatch import NOISE, Board, Line, in_process

STEP = Path(__file__).with_name("interpolate_step.py")
HEADING = (
    "Support: counts and rates from cells of 1 km to all postal areas, the whole call, processor seconds"
)
ROUNDS = {"lea_geo": 5, "tobler": 1, "overlay": 1}


@pytest.mark.parametrize("borders", ["published", "dense"])
def test_carrying_counts_and_rates_against_tobler_and_overlay(
    board: Board, borders: str, finland: Path, tmp_path: Path
):
    said, found = {}, {}
    helpers = {"PYTHONPATH": str(STEP.parents[1] / "helpers")}
    for way, rounds in ROUNDS.items():
        command = [sys.executable, str(STEP), str(finland), borders, way, "300000", str(rounds)]
        said[way] = json.loads(in_process(command, tmp_path, environment=helpers)[2])
        found[way] = np.load(tmp_path / f"{way}.npy")
    truth = found["overlay"]
    for way in ("tobler", "overlay"):
        ratio = said[way]["seconds"] / said["lea_geo"]["seconds"]
        board.add(
            HEADING,
            Line(
                f"{said[way]['areas']:,} areas with {borders} borders, {said[way]['cells']:,} cells",
                f"{said['lea_geo']['seconds']:.2f} s, {said['lea_geo']['MB']:.0f} MB more, off by "
                f"{_off(found['lea_geo'], truth):.1e}",
                f"{way}: {said[way]['seconds']:.1f} s, {said[way]['MB']:.0f} MB more, off by "
                f"{_off(found[way], truth):.1e}",
                f"{ratio:.1f}",
                "at least 10" if borders == "dense" and way == "tobler" else "",
            ),
        )
        assert borders == "published" or way == "overlay" or ratio >= NOISE * 10
    assert _off(found["lea_geo"], truth) < 1e-9


def _off(found: np.ndarray, truth: np.ndarray) -> float:
    """Return the largest relative difference from what clipping in double precision gives."""
    both = ~np.isnan(found).any(axis=1) & ~np.isnan(truth).any(axis=1)
    return float((np.abs(found - truth)[both] / np.maximum(np.abs(truth[both]), 1e-3)).max())
