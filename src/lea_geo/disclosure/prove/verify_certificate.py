"""Check a proof that published counts give no small group away: Python's standard library is enough.

    python verify_certificate.py CERTIFICATE.json[.gz] [SHA256 OF WHAT IS PUBLISHED]

Exit code 0: proved; 1: not, and why. A group is any union of atoms, the pieces into which all areas cut the
region. It is given away if it holds 1 to k - 1 people in every table of counts that agrees with all that is
published. The certificate holds one such table, the base; more of them (witnesses), each as moves on the
base: atom, change, atom, change; and a last one, the zero table, written likewise. The proof: a group that is
given away holds no atom that has k or more in any of these tables; so all its atoms are 0 in the zero table,
and there it is empty. Where empty groups must not be known either ("zero": "hidden"), each atom that can hold
anybody needs k or more in a table. Nothing else has to be trusted; that the published part is what was
published is told by its SHA-256.
"""

import gzip
import hashlib
import json
import sys
from typing import Any

FORMAT = "lea_geo disclosure certificate 1"
ENDLESS = 10**30
MOST_BYTES = 4 * 10**9


class FaultError(ValueError):
    """A certificate that proves nothing."""


def verify(certificate: Any, expected: str | None = None) -> list[str]:  # noqa: ANN401 - it may be anything
    """Return what is wrong with a certificate, nothing where it is a proof; ``expected``: a SHA-256."""
    try:
        keys(certificate, "certificate", "base format published published_sha256 witnesses zero_moves")
        need(certificate["format"] == FORMAT, f"the format is not {FORMAT!r}")
        published, stated = certificate["published"], certificate["published_sha256"]
        need(type(stated) is str and digest(published) == stated, "published: its SHA-256 is another")
        need(expected in {None, stated}, "published: its SHA-256 is not the expected one")
        return Proof(published, certificate["base"]).faults(certificate)
    except (ValueError, TypeError, RecursionError) as fault:
        return [str(fault) or type(fault).__name__]


def digest(published: object) -> str:
    """Return the SHA-256 of the published part, written in ASCII without spaces and with sorted keys."""
    text = json.dumps(published, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def need(true: object, fault: str) -> None:
    """Stop with a fault unless something is true."""
    if not true:
        raise FaultError(fault)


def keys(part: Any, name: str, expected: str) -> None:  # noqa: ANN401 - it may be anything
    """Refuse what is no object of exactly these keys."""
    need(type(part) is dict and set(part) == set(expected.split()), f"{name}: the keys are not {expected}")


def whole(values: Any, name: str, length: int, *kinds: type) -> list[int]:  # noqa: ANN401 - it may be anything
    """Return a list of whole numbers of a length; null, where it may be, is a bound that is endless."""
    need(type(values) is list and len(values) == length, f"{name}: not a list of {length}")
    found = set(map(type, values))
    need(found <= {int, *kinds}, f"{name}: something is no whole number")
    return [ENDLESS if value is None else value for value in values] if type(None) in found else values


def texts(values: Any, name: str) -> list[str]:  # noqa: ANN401 - it may be anything
    """Return a list of ids, each there once."""
    need(type(values) is list and set(map(type, values)) <= {str}, f"{name}: ids are not a list of texts")
    need(len(set(values)) == len(values), f"{name}: an id comes twice")
    return list(values)


def bounds(part: dict[str, Any], name: str, length: int) -> tuple[list[int], list[int]]:
    """Return how few and how many can be in each area or atom."""
    lower, upper = whole(part["lower"], name, length), whole(part["upper"], name, length, type(None))
    need(
        all(0 <= low <= high for low, high in zip(lower, upper, strict=True)), f"{name}: bounds are no bounds"
    )
    return lower, upper


class Family:
    """Areas within areas, what is published of each, and what it holds in the base table."""

    def __init__(self, family: Any, base: list[int], name: str) -> None:  # noqa: ANN401 - it may be anything
        """Read the areas, each of which comes before the one that it lies in (-1: none)."""
        keys(family, name, "ids leaf lower name parent upper")
        self.ids = texts(family["ids"], name)
        n = len(self.ids)
        self.leaf, self.parent = whole(family["leaf"], name, len(base)), whole(family["parent"], name, n)
        need(all(0 <= area < n for area in self.leaf), f"{name}: an atom lies in no area")
        ordered = all(above == -1 or at < above < n for at, above in enumerate(self.parent))
        need(ordered, f"{name}: an area does not come before the one that it lies in")
        self.lower, self.upper = bounds(family, name, n)
        self.held = [0] * n
        for area, count in zip(self.leaf, base, strict=True):
            self.held[area] += count
        for area, above in enumerate(self.parent):
            if above != -1:
                self.held[above] += self.held[area]

    def changes(self, moves: dict[int, int]) -> dict[int, int]:
        """Return how many more some moves put into each area."""
        more: dict[int, int] = {}
        for atom, by in moves.items():
            area = self.leaf[atom]
            while area != -1:
                more[area] = more.get(area, 0) + by
                area = self.parent[area]
        return more

    def wrong(self, more: dict[int, int]) -> list[str]:
        """Return the areas among these whose count is not what is published."""
        low, high, held = self.lower, self.upper, self.held
        return [self.ids[area] for area, by in more.items() if not low[area] <= held[area] + by <= high[area]]


class Proof:
    """What is published, the base table, and the tables that are moves on it."""

    def __init__(self, published: Any, base: Any) -> None:  # noqa: ANN401 - it may be anything
        """Read what is published, and refuse a base table that does not agree with it."""
        keys(published, "published", "atoms families minimum_count zero")
        self.k, self.zero = published["minimum_count"], published["zero"]
        need(type(self.k) is int and self.k >= 2, "minimum_count: not a whole number of 2 or more")
        need(self.zero in ("safe", "hidden"), 'zero: neither "safe" nor "hidden"')
        atoms, families = published["atoms"], published["families"]
        keys(atoms, "atoms", "ids lower upper")
        need(type(atoms["lower"]) is list and type(families) is list, "atoms or families: not a list")
        self.base = whole(base, "base", len(atoms["lower"]))
        self.lower, self.upper = bounds(atoms, "atoms", len(self.base))
        self.ids = texts(atoms["ids"], "atoms") or [f"atom {atom}" for atom in range(len(self.base))]
        need(len(self.ids) == len(self.base), "atoms: not one id each")
        self.families = [Family(one, self.base, f"family {at}") for at, one in enumerate(families)]
        wrong = [
            area
            for family in self.families
            for area in family.wrong(dict.fromkeys(range(len(family.ids)), 0))
        ]
        self.agree(dict.fromkeys(range(len(self.base)), 0), wrong, "base")

    def faults(self, certificate: dict[str, Any]) -> list[str]:
        """Return what the tables leave open."""
        need(type(certificate["witnesses"]) is list, "witnesses: not a list")
        lifted: set[int] = set()
        for number, moves in enumerate(certificate["witnesses"]):
            more = self.read(moves, f"witness {number}")
            lifted.update(atom for atom, by in more.items() if self.base[atom] + by >= self.k)
        zero = self.read(certificate["zero_moves"], "zero_moves")
        few = (atom for atom, count in enumerate(self.base) if count < self.k and atom not in lifted)
        left = [self.ids[atom] for atom in few if not self.empty(atom, self.base[atom] + zero.get(atom, 0))]
        return [f"{len(left)} of {len(self.base)} atoms are open: {listed(left)}"] if left else []

    def empty(self, atom: int, count: int) -> bool:
        """Return whether an atom that is never lifted is in no group that is given away."""
        return self.upper[atom] == 0 if self.zero == "hidden" else count == 0 or count >= self.k

    def read(self, moves: Any, name: str) -> dict[int, int]:  # noqa: ANN401 - it may be anything
        """Return by how much a table differs from the base in some atoms; refuse one that does not agree."""
        numbers = whole(moves, name, len(moves) // 2 * 2 if type(moves) is list else 0)
        more = dict(zip(numbers[::2], numbers[1::2], strict=True))
        need(2 * len(more) == len(numbers), f"{name}: an atom moves twice")
        need(all(0 <= atom < len(self.base) for atom in more), f"{name}: there is no such atom")
        self.agree(
            more, [area for family in self.families for area in family.wrong(family.changes(more))], name
        )
        return more

    def agree(self, more: dict[int, int], wrong: list[str], name: str) -> None:
        """Refuse a table that areas or the bounds of an atom contradict."""
        low, high, base = self.lower, self.upper, self.base
        wrong += [self.ids[at] for at, by in more.items() if not low[at] <= base[at] + by <= high[at]]
        need(not wrong, f"{name}: does not agree with what is published of {listed(wrong)}")


def listed(ids: list[str]) -> str:
    """Return the first of some names."""
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")


def main(words: list[str]) -> int:
    """Verify a file, and say what was found."""
    try:
        with (gzip.open if words[0].endswith(".gz") else open)(words[0], "rb") as file:
            data = file.read(MOST_BYTES + 1)
        need(len(data) <= MOST_BYTES, "the file is too large")
        faults = verify(json.loads(data), *words[1:2])
    except (OSError, EOFError, ValueError, RecursionError, IndexError) as fault:
        faults = [str(fault) or type(fault).__name__]
    said = "".join(f"NOT PROVED: {fault}\n" for fault in faults) or "PROVED: no small group is given away.\n"
    sys.stdout.write(said)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
