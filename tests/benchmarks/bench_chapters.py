"""What chapters cost beside the study that they are of.

``python tests/benchmarks/bench_chapters.py vantaa_chapters`` gives, for each study named, seconds of
processor of every chapter, of all, and of the whole run. Promised: all of a city's take less than a minute.
"""

import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import lea_geo as lea
from lea_geo import chapters

STUDIES = Path(__file__).parents[1] / "studies"


def measure(name: str) -> tuple[dict[str, float], float]:
    """Run a study; return the seconds of processor of each chapter and of the whole."""
    spent: dict[str, float] = {}

    def clocked(module: str) -> SimpleNamespace:
        build = import_module(module).build

        def timed(ground: object, said: object) -> object:
            before = time.process_time()
            made = build(ground, said)
            spent[module.rpartition(".")[2]] = time.process_time() - before
            return made

        return SimpleNamespace(build=timed)

    with tempfile.TemporaryDirectory() as folder, patch.object(chapters, "import_module", clocked):
        before = time.process_time()
        lea.run(STUDIES / f"{name}.toml", out=Path(folder) / name)
        return spent, time.process_time() - before


if __name__ == "__main__":
    for study in sys.argv[1:] or ["vantaa_chapters"]:
        parts, whole = measure(study)
        every = sum(parts.values())
        told = ", ".join(f"{code} {seconds:.1f}" for code, seconds in parts.items())
        sys.stdout.write(f"{study}: {every:.1f} of {whole:.1f} s, {every / whole:.0%}; {told}\n")
