"""Draws docs/reliability.svg and prints the table of docs/robustness.md, from studies whose truth is known.

``PYTHONPATH=tests/helpers python tests/benchmarks/reliability_diagram.py [STUDIES_OF_EACH_DESIGN] [RUNS]``;
takes some ten minutes.
"""

import sys
from pathlib import Path

import numpy as np
from calibration_studies import DESIGNS, WRONG, Design, Said, judged, together

SIZE, EDGE = 420, 60
"""Of the square that the diagram is drawn in and of the margin around it, in pixels."""
COLOURS = {"joint": "#1b6ca8", "sampling": "#c1571b"}
TELL = {"joint": "joint model (default)", "sampling": "each rate alone"}


def said_of(design: Design, studies: int, runs: int) -> dict[str, Said]:
    """Return what is said of some made-up studies: by a list of the worst, and by either model of noise."""
    return {
        noise: together([judged(design, seed, noise=noise, runs=runs) for seed in range(studies)])
        for noise in ("raw", "sampling", "joint")
    }


def row(name: str, said: dict[str, Said]) -> str:
    """Return a line of the table."""
    brier = " | ".join(f"{said[noise].brier:.4f}" for noise in ("raw", "sampling", "joint"))
    shares = []
    for noise in ("sampling", "joint"):
        for low, high in ((0.9, 1.0), (0.4, 0.6)):
            share, count = said[noise].share(low, high)
            shares.append(f"{share:.0%} of {count}" if count else "none")
    return f"| {name} | {brier} | {' | '.join(shares)} |"


def wilson(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share."""
    z = 1.96
    centre = (share + z * z / 2 / count) / (1 + z * z / count)
    reach = z * np.sqrt(share * (1 - share) / count + z * z / 4 / count**2) / (1 + z * z / count)
    return centre - reach, centre + reach


def bins(said: Said) -> list[tuple[float, float, int]]:
    """Return mean stated probability, share that came true and number, for tenths with 20 areas at least."""
    place = np.minimum((said.stated * 10).astype(int), 9)
    found = [(said.stated[place == b], said.true[place == b]) for b in range(10)]
    return [(float(s.mean()), float(t.mean()), len(s)) for s, t in found if len(s) >= 20]


def at(x: float, y: float) -> tuple[float, float]:
    return EDGE + x * SIZE, EDGE + (1 - y) * SIZE


def drawn(said: dict[str, Said], studies: int) -> str:
    """Return the diagram."""
    side = SIZE + 2 * EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" font-size="13" fill="#222">',
        f"<title>P(worst tenth) as stated, and how often it came true, in {studies} made-up studies</title>",
        "<style>text { font-family: sans-serif }</style>",
        f'<rect width="{side}" height="{side}" fill="#fff"/>',
        f'<rect x="{EDGE}" y="{EDGE}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#999"/>',
        f'<path d="M{EDGE} {EDGE + SIZE}L{EDGE + SIZE} {EDGE}" stroke="#999" stroke-dasharray="4"/>',
    ]
    for tick in range(0, 11, 2):
        x, y = at(tick / 10, tick / 10)
        parts.append(f'<text x="{x:.0f}" y="{EDGE + SIZE + 18}" text-anchor="middle">{tick / 10:g}</text>')
        parts.append(f'<text x="{EDGE - 8}" y="{y + 4:.0f}" text-anchor="end">{tick / 10:g}</text>')
    parts.append(f'<text x="{side / 2}" y="{side - 18}" text-anchor="middle">stated P(worst tenth)</text>')
    turned = f'transform="translate(18 {side / 2}) rotate(-90)"'
    parts.append(f'<text {turned} text-anchor="middle">share of areas that are among it</text>')
    for place, noise in enumerate(COLOURS):
        parts += _points(said[noise], COLOURS[noise], shift=3 * (2 * place - 1))
        y = EDGE + 22 + 20 * place
        parts.append(f'<circle cx="{EDGE + 16}" cy="{y - 4}" r="5" fill="{COLOURS[noise]}"/>')
        parts.append(
            f'<text x="{EDGE + 28}" y="{y}">{TELL[noise]}: Brier score {said[noise].brier:.4f}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _points(said: Said, colour: str, *, shift: float) -> list[str]:
    parts = []
    for stated, share, count in bins(said):
        x, y = at(stated, share)
        low, high = (at(stated, end)[1] for end in wilson(share, count))
        line = f'x1="{x + shift:.1f}" y1="{low:.1f}" x2="{x + shift:.1f}" y2="{high:.1f}"'
        parts.append(f'<line {line} stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<circle cx="{x + shift:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>')
    return parts


def main() -> None:
    studies, runs = (int(given) for given in [*sys.argv[1:], *("20", "300")[len(sys.argv) - 1 :]])
    found = {}
    for name, design in (DESIGNS | WRONG).items():
        found[name] = said_of(design, studies, runs)
        sys.stdout.write(row(name, found[name]) + "\n")
        sys.stdout.flush()
    pooled = {
        noise: together([found[name][noise] for name in DESIGNS]) for noise in ("raw", "sampling", "joint")
    }
    sys.stdout.write(row(f"**all {studies * len(DESIGNS)} studies of these designs**", pooled) + "\n")
    svg = drawn(pooled, studies * len(DESIGNS))
    (Path(__file__).parents[2] / "docs/reliability.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
