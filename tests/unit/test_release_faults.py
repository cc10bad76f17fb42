"""What the refusal of a release says: which groups, out of how many, how, and what would mend it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from lea_geo._release_faults import refuse
from lea_geo.disclosure.published import NO_LIMIT, Published, build_family
from lea_geo.disclosure.rules import load_profile

COLUMNS = ["lower", "upper", "safe", "rule", "recipe", "place"]


def audit(*rows, **changes):
    """Return an audit with these rows: variable, geography, area, and then ``COLUMNS``."""
    index = pd.MultiIndex.from_tuples([row[:3] for row in rows], names=["variable", "geography", "area_id"])
    table = pd.DataFrame([row[3:] for row in rows], columns=COLUMNS, index=index)
    given = {"unread": (), "n_open": 0, "leaking": {}, "profile": load_profile("sotkanet")} | changes
    return SimpleNamespace(table=table, findings=table[~table["safe"]], **given)


def safe(variable, n):
    return [(variable, "grid", f"s{at}", 0.0, np.inf, True, "count", "", "") for at in range(n)]


def test_the_groups_are_counted_and_five_named_with_a_recipe_and_its_place():
    rows = [
        ("poor", "postal", str(at), 3.0, 3.0 + at, False, "count", "Add these.", "map") for at in range(7)
    ]
    said = str(refuse(audit(*rows, *safe("poor", 5))))
    assert "poor: groups that can be worked out to be too few: 7 of 12" in said
    assert "(postal 0: 3, postal 1: 3 to 4, postal 2: 3 to 5, postal 3: 3 to 6, postal 4: 3 to 7, …)" in said
    assert "The recipe: Add these (map)." in said


def test_the_cheapest_cure_of_a_leaking_count_is_told():
    """30 + 23 - 50 = 3 people of postal area 2. To fives, 50 stands for 48 to 52: 1 to 5 may be left, and
    five may be known. Rounding one area is cheaper than hiding 23 people."""
    grid = build_family("grid", {"cell": ["a", "b", "b"]}, lower={"cell": [30, 23]}, upper={"cell": [30, 23]})
    post = build_family(
        "post", {"postal": ["1", "1", "2"]}, lower={"postal": [50, 0]}, upper={"postal": [50, NO_LIMIT]}
    )
    nothing = np.zeros(3, dtype=np.int64)
    leaking = {"poor": (Published((grid, post), nothing, nothing + NO_LIMIT), 5)}
    row = ("poor", "postal", "2", 3.0, 3.0, False, "count", "Publish these values and subtract.", "")
    said = str(refuse(audit(row, leaking=leaking)))
    assert "what would mend poor. The cheapest: round postal to the nearest 5 (1 area" in said
    assert "Or hide cell b (1 area, 23 people)." in said
    assert "printed nowhere" not in said
    worked_out = (*row[:7], "Publish: 3. Postal 2 is known by a less b.", "")
    assert "do the same to what it is worked out from." in str(refuse(audit(worked_out, leaking=leaking)))


def test_details_of_few_people_come_with_advice_that_says_it_was_not_tried():
    row = ("income", "postal", "2", 20_000.0, 20_000.0, False, "denominator", "It is printed.", "map")
    said = str(refuse(audit(row)))
    assert "income: details that can be worked out of too few people: 1 of 1 (postal 2: 20000)" in said
    assert "what would mend income. Hide the values of these areas" in said
    assert "it was not tried" in said


def test_files_that_nobody_read_and_groups_that_nothing_decided_are_told():
    row = ("poor", "groups", "a + b", 0.0, np.inf, False, "count", "Nothing proved it safe.", "")
    said = str(refuse(audit(row, unread=(("notes.docx", "nothing here reads it"),), n_open=1)))
    assert "files that could not be read, so nobody knows what they give away: 1" in said
    assert "(notes.docx: nothing here reads it)" in said
    assert "accept under [disclosure]" in said
    assert "1 of these groups could not be decided" in said
    assert "groups a + b: 0 to any number" in said
