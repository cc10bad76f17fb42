"""Cell keys: the same people, the same noise; and the tables that the noise is drawn from."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

import lea_geo as lea
from lea_geo.disclosure.protect.cell_key import MODULUS, record_keys
from lea_geo.disclosure.protect.ptable import perturbation_table
from lea_geo.errors import UsageError, ValuesError

SECRET = "never in a release, 2026"  # noqa: S105 - of a test
NOISE = {"largest": 5, "variance": 2.0, "smallest": 3}


def people(n: int, seed: int) -> pd.DataFrame:
    """Return people in cells of a square; postal areas are blocks of four cells, or cut through cells."""
    rng = np.random.default_rng(seed)
    cell, sex = rng.integers(0, 40, n), rng.integers(0, 2, n)
    columns = {
        "cell": [f"c{c:02d}" for c in cell],
        "postal": [f"p{c // 4}" for c in cell],
        "block": [f"b{c // 4}" for c in cell],
        "other": [f"o{(c + s) // 7}" for c, s in zip(cell, sex, strict=True)],
        "town": ["t"] * n,
    }
    return pd.DataFrame(columns, index=[f"person {i}" for i in range(n)])


def test_the_same_people_have_the_same_number_on_every_geography_and_in_every_table():
    records = people(900, 1)
    families = {"grid": ["cell", "block"], "post": ["postal", "town"]}
    found = lea.cell_key_counts(records, families, secret=SECRET, **NOISE).table
    # A block of four cells and a postal area hold the same people, by construction.
    blocks = [found.loc[f"block b{i}"] for i in range(10)]
    postal = [found.loc[f"postal p{i}"] for i in range(10)]
    for block, area in zip(blocks, postal, strict=True):
        assert block["count"] == area["count"]
        assert block["published"] == area["published"]
    # And so they do where they are asked for alone, a year later, in another order.
    again = lea.cell_key_counts(
        records.sample(frac=1, random_state=2), {"again": ["postal"]}, secret=SECRET, **NOISE
    ).table
    assert again["published"].tolist() == found.loc[again.index, "published"].tolist()
    assert (found["change"] != 0).mean() > 0.3


def test_perturbed_cells_do_not_add_up_to_their_perturbed_area():
    found = lea.cell_key_counts(people(900, 1), {"grid": ["cell", "block"]}, secret=SECRET, **NOISE).table
    cells = (
        found.loc[[f"cell c{i:02d}" for i in range(40)], "published"].to_numpy().reshape(10, 4).sum(axis=1)
    )
    blocks = found.loc[[f"block b{i}" for i in range(10)], "published"].to_numpy()
    assert (cells != blocks).any()


def test_one_person_more_has_unrelated_noise():
    records = people(4000, 3)
    found = lea.cell_key_counts(records, {"t": ["town"]}, secret=SECRET, **NOISE).table["change"].iloc[0]
    others = [
        lea.cell_key_counts(records.drop(index=one), {"t": ["town"]}, secret=SECRET, **NOISE)
        .table["change"]
        .iloc[0]
        for one in records.index[:40]
    ]
    assert len({found, *others}) > 3


def test_averaging_divisions_of_one_total_leaves_what_the_notes_say():
    # A total as the sum of m = 3 areas in t = 12 unrelated divisions: their mean has variance m V / t.
    # Keys that are drawn anew stand for other secrets.
    m, t, runs = 3, 12, 40
    rng = np.random.default_rng(4)
    left = []
    for _ in range(runs):
        divisions = rng.integers(0, m, (90, t))
        records = pd.DataFrame(divisions, columns=[f"d{i}" for i in range(t)]).assign(
            key=rng.integers(0, MODULUS, 90)
        )
        found = lea.cell_key_counts(
            records, {f"d{i}": [f"d{i}"] for i in range(t)}, keys="key", **NOISE
        ).table
        assert (found.groupby("family")["count"].sum() == 90).all()
        left.append(found.groupby("family")["change"].sum().mean())
    assert np.var(left) == pytest.approx(m * NOISE["variance"] / t, rel=4.5 * np.sqrt(2 / runs))
    assert abs(np.mean(left)) < 4.5 * np.sqrt(m * NOISE["variance"] / t / runs)


def test_what_the_published_number_proves_holds_the_count_and_is_no_wider_than_the_table_says():
    records = people(300, 5)
    found = lea.cell_key_counts(records, {"grid": ["cell"], "post": ["other"]}, secret=SECRET, **NOISE)
    counts = records.groupby(["cell", "other"]).size().to_numpy()
    assert found.published.agrees(counts)
    chances = found.perturbation.chances
    for family in found.published.families:
        shown = found.table[found.table["family"] == family.name]["published"]
        for number, lower, upper in zip(shown, family.lower, family.upper, strict=True):
            behind = [
                n
                for n in range(number + 6)
                if abs(number - n) <= 5 and chances[min(n, len(chances) - 1), number - n + 5] > 0
            ]
            assert (lower, upper) == (min(behind), max(behind))


@pytest.mark.parametrize(
    ("largest", "variance", "smallest"), [(2, 1.0, 1), (5, 2.0, 3), (3, 2.0, 2), (8, 3.0, 1)]
)
def test_a_perturbation_table_keeps_what_is_asked_of_it(largest, variance, smallest):
    table = perturbation_table(largest=largest, variance=variance, smallest=smallest)
    changes = np.arange(-largest, largest + 1)
    assert table.chances[0, largest] == 1.0
    for count, chances in list(enumerate(table.chances))[1:]:
        assert chances.sum() == pytest.approx(1, abs=1e-12)
        assert chances @ changes == pytest.approx(0, abs=1e-10)
        assert chances @ changes**2 == pytest.approx(variance, abs=1e-9)
        after = count + changes[chances > 0]
        assert ((after == 0) | (after >= smallest)).all()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6])
def test_no_chances_with_the_same_mean_and_variance_are_more_disordered(count):
    table = perturbation_table(largest=4, variance=2.5, smallest=2)
    changes = np.arange(-4.0, 5.0)
    allowed = changes[(count + changes == 0) | (count + changes >= 2)]
    own = table.chances[min(count, len(table.chances) - 1)]
    start = np.full(len(allowed), 1 / len(allowed))
    found = minimize(
        lambda p: float(np.sum(p * np.log(np.maximum(p, 1e-12)))),
        start,
        bounds=[(1e-12, 1)] * len(allowed),
        constraints=[
            {"type": "eq", "fun": lambda p: p.sum() - 1},
            {"type": "eq", "fun": lambda p: p @ allowed},
            {"type": "eq", "fun": lambda p: p @ allowed**2 - 2.5},
        ],
        method="SLSQP",
        options={"ftol": 1e-13, "maxiter": 1000},
    )
    assert found.success
    assert own[(allowed + 4).astype(int)] == pytest.approx(found.x, abs=2e-5)


def test_draws_give_every_change_as_often_as_its_chance():
    table = perturbation_table(largest=5, variance=2.0, smallest=3)
    draws = (np.arange(100_000) + 0.5) / 100_000
    for count in (1, 3, 7, 900):
        changes = table.changes(np.full(len(draws), count), draws)
        shares = np.bincount(changes + 5, minlength=11) / len(draws)
        assert shares == pytest.approx(table.chances[min(count, 8)], abs=2e-5)
    assert table.changes(np.zeros(3, dtype=np.int64), np.array([0.0, 0.5, 0.999999])).tolist() == [0, 0, 0]


def test_keys_are_spread_evenly_and_change_with_the_secret():
    keys = record_keys(range(20_000), secret=SECRET)
    shares = np.bincount((keys // np.uint64(2**28)).astype(int), minlength=16) / len(keys)
    assert np.abs(shares - 1 / 16).max() < 4.5 * np.sqrt(1 / 16 * 15 / 16 / 20_000)
    assert not (keys[:50] == record_keys(range(50), secret=SECRET + "!")).any()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"secret": None}, UsageError, "State either secret"),
        ({"keys": "town"}, UsageError, "State either secret"),
        ({"secret": "short"}, UsageError, "secret has 5 bytes; it needs 16 or more"),
        ({"variance": 0.0}, UsageError, "variance is 0.0; it must be a number above 0"),
        ({"variance": 0.5}, UsageError, "A count of 1 cannot have a variance of 0.5: .* of 2 to 5"),
        ({"smallest": 9}, UsageError, "A count of 1 cannot .* or none to one above, so no mean of 0"),
        (
            {"families": {"grid": ["square"]}},
            ValuesError,
            r"columns that records does not have: 1 \(square\)",
        ),
        ({"secret": None, "keys": "town"}, ValuesError, "town holds .*, not whole numbers"),
    ],
)
def test_what_cannot_be_perturbed_is_refused(change, error, message):
    call = {"families": {"grid": ["cell"]}, "secret": SECRET, **NOISE, **change}
    with pytest.raises(error, match=message):
        lea.cell_key_counts(people(20, 6), call.pop("families"), **call)


def test_records_that_repeat_or_lie_nowhere_are_refused():
    records = people(20, 6)
    with pytest.raises(ValuesError, match=r"records of the same name: 1 of 21 \(person 0\)"):
        lea.cell_key_counts(pd.concat([records, records[:1]]), {"grid": ["cell"]}, secret=SECRET, **NOISE)
    with pytest.raises(ValuesError, match=r"records without cell: 1 of 20 \(person 3\)"):
        lea.cell_key_counts(
            records.assign(cell=records["cell"].where(records.index != "person 3")),
            {"grid": ["cell"]},
            secret=SECRET,
            **NOISE,
        )
