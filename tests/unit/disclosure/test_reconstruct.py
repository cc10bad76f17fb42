"""From claims to what is published of one count, against sums done by hand and full enumeration."""

from itertools import product

import numpy as np
import pandas as pd
import shapely
from hand_claims import claims, strips
from hypothesis import given, settings
from hypothesis import strategies as st
from small_findings import indicator

from lea_geo.disclosure.attack.audit import narrow
from lea_geo.disclosure.attack.counted import counts_of, name_of
from lea_geo.disclosure.attack.evidence import gather
from lea_geo.disclosure.attack.examine import examine
from lea_geo.disclosure.attack.reconstruct import Grounds, counts, publish
from lea_geo.disclosure.attack.rounded import as_rounded
from lea_geo.disclosure.published import NO_LIMIT

NAN = float("nan")
K = 5


def only(evidence, fields):
    """The one count of some fields, and what an attack on it finds, by kind of areas and area."""
    held = counts_of(evidence)
    count = next(one for one in counts(evidence, held) if one.fields == fields)
    examined = examine(count, evidence, Grounds(), K, "safe")
    return examined, {(row.geography, row.area_id): row for row in examined.rows}


def test_a_rate_times_its_denominator_is_a_count():
    areas = {"postal": strips("ab")}
    told = {("poor", "value"): [12.5, 50.0], ("poor", "denominator"): [24, 60]}
    _, rows = only(gather_narrowed(claims(areas, {"postal": told})), ("poor",))
    assert (rows["postal", "a"].lower, rows["postal", "a"].upper, rows["postal", "a"].safe) == (3, 3, False)


def gather_narrowed(given):
    evidence = gather(given)
    narrow(evidence)
    return evidence


def test_a_rounded_rate_allows_the_counts_that_round_to_it():
    # 4.5 to 5.5 % of 60 people: 2.7 to 3.3, so 3; of 200: 9 to 11.
    areas = {"postal": strips("ab")}
    told = {("poor", "value"): [(4.5, 5.5), (4.5, 5.5)], ("poor", "denominator"): [60, 200]}
    held = counts_of(gather_narrowed(claims(areas, {"postal": told})))["postal", "2020"]
    assert held["poor",].lower.tolist() == [3, 9]
    assert held["poor",].upper.tolist() == [3, 11]


def test_a_total_less_the_published_areas_is_the_hidden_one():
    areas = {"postal": strips("abc", municipality=["t", "t", "u"])}
    told = {("poor", "numerator"): [NAN, 20, 30], ("poor", "denominator"): [50, 60, 70]}
    states = {"postal": {"poor": ["suppressed", "observed", "observed"]}}
    whole = {"kind": "total", "variable": "poor", "part": "numerator", "geography": "postal", "area_id": "t"}
    whole |= {"lower": 23.0, "upper": 23.0}
    for n_valued, found in ((2, 3), (1, None)):
        # A total of the published areas alone says nothing of the hidden one.
        loose = [whole | {"count": n_valued}]
        _, rows = only(gather(claims(areas, {"postal": told}, loose=loose, states=states)), ("poor",))
        row = rows["postal", "a"]
        assert (row.lower, row.upper) == ((3, 3) if found else (0, 50))
        assert row.safe == (found is None)


def test_two_kinds_of_areas_are_subtracted_from_each_other():
    # Columns a b, rows x y: a + b = x + y = 30. Row x is hidden: it is 30 - 28 = 2.
    areas = {"postal": strips("ab"), "grid": strips("xy", across=True)}
    numbers = {"postal": {("poor", "numerator"): [12, 18]}, "grid": {("poor", "numerator"): [NAN, 28]}}
    examined, rows = only(gather(claims(areas, numbers)), ("poor",))
    assert examined.n_families == 2
    assert (rows["grid", "x"].lower, rows["grid", "x"].upper) == (2, 2)
    assert "subtract" in rows["grid", "x"].recipe
    assert "differencing" in rows["grid", "x"].attacks


def test_three_kinds_of_areas_give_away_what_no_two_of_them_do():
    # Columns a b, rows x y, diagonals d e over 2 8 / 9 20 people: a + x - e = 10 + 11 - 17 = 2 * 2.
    columns, rows = strips("ab"), strips("xy", across=True)
    squares = [
        columns.geometry.loc[one].intersection(rows.geometry.loc[other]) for one in "ab" for other in "xy"
    ]
    diagonals = rows.set_axis(pd.Index(["d", "e"], name="area_id"))
    diagonals = diagonals.set_geometry([shapely.union(squares[0], squares[3]), shapely.union(*squares[1:3])])
    areas = {"postal": columns, "grid": rows, "school": diagonals}
    people = {"postal": [10, 29], "grid": [11, 28], "school": [22, 17]}
    for kinds in (("postal", "grid"), ("postal", "school"), ("grid", "school"), tuple(areas)):
        numbers = {kind: {("poor", "numerator"): people[kind]} for kind in kinds}
        examined, found = only(gather(claims({kind: areas[kind] for kind in kinds}, numbers)), ("poor",))
        assert examined.n_families == len(kinds)
        unsafe = [row for row in found.values() if not row.safe]
        assert len(unsafe) == (len(kinds) == 3)
    assert (unsafe[0].lower, unsafe[0].upper) == (2, 2)
    assert unsafe[0].attacks == {"three_geographies"}
    assert set(unsafe[0].area_id.split(" & ")) == {"postal a", "grid x", "school d"}


def test_numbers_that_contradict_each_other_are_said_and_attacked_one_by_one():
    areas = {"postal": strips("ab"), "grid": strips("xy", across=True)}
    numbers = {"postal": {("poor", "numerator"): [12, 18]}, "grid": {("poor", "numerator"): [3, 28]}}
    examined, rows = only(gather(claims(areas, numbers)), ("poor",))
    assert examined.contradicts
    assert examined.notes == (
        "poor 2020: the numbers of grid, postal contradict each other; each was attacked alone.",
    )
    assert not rows["grid", "x"].safe
    assert examined.certificate is None


def test_where_zeros_are_hidden_that_nobody_lives_somewhere_may_still_be_known():
    areas = {"postal": strips("abc")}
    told = {("poor", "numerator"): [0, 0, 9], ("poor", "denominator"): [0, 50, 70]}
    evidence = gather(claims(areas, {"postal": told}))
    (count,) = (one for one in counts(evidence, counts_of(evidence)) if one.fields == ("poor",))
    for zero, unsafe in (("safe", []), ("hidden", ["b"])):
        rows = examine(count, evidence, Grounds(), K, zero).rows
        assert [row.area_id for row in rows if not row.safe] == unsafe


def test_rounded_counts_stand_for_the_numbers_that_round_to_them():
    areas = {"postal": strips("abcdef")}
    numbers = {"postal": {("poor", "numerator"): [5, 10, 40, 35, 20, 15]}}
    for odd, told in ((15, [(3, 7), (8, 12), (38, 42), (33, 37), (18, 22), (13, 17)]), (16, None)):
        numbers["postal"]["poor", "numerator"][5] = odd
        evidence = gather(claims(areas, numbers))
        (count,) = (one for one in counts(evidence, counts_of(evidence)) if one.fields == ("poor",))
        rounded = as_rounded(count, 5)
        found = list(zip(rounded.known["postal"].lower, rounded.known["postal"].upper, strict=True))
        # 16 is no multiple of 5: then nothing was rounded.
        assert found == (told or [(one, one) for one in numbers["postal"]["poor", "numerator"]])
    assert as_rounded(count, None) is count


def test_parts_are_known_as_the_difference_of_their_sums():
    # Children under 7 less children under 3 are those from 3 to 6.
    both = (
        indicator("under_3", "3", numerator=("he_0_2",), denominator=("he",)),
        indicator("under_7", "7", numerator=("he_0_2", "he_3_6"), denominator=("he",)),
    )
    areas = {"postal": strips("ab")}
    told = {("under_3", "numerator"): [10, 20], ("under_7", "numerator"): [12, 50]}
    evidence = gather(claims(areas, {"postal": told}, indicators=both))
    _, rows = only(evidence, ("he_3_6",))
    assert (rows["postal", "a"].lower, rows["postal", "a"].upper, rows["postal", "a"].safe) == (2, 2, False)
    assert "he_0_2 + he_3_6 less he_0_2" in rows["postal", "a"].recipe
    assert name_of(("he_0_2", "he_3_6")) == "he_0_2 + he_3_6"


def test_one_count_of_several_indicators_is_what_the_best_of_them_says():
    two = (
        indicator("one", "1", numerator=("x",), denominator=("all",)),
        indicator("two", "2", numerator=("y",), denominator=("all",)),
    )
    areas = {"postal": strips("ab")}
    told = {("one", "denominator"): [(90, 110), 50], ("two", "denominator"): [100, NAN]}
    held = counts_of(gather(claims(areas, {"postal": told}, indicators=two)))["postal", "2020"]["all",]
    assert held.lower.tolist() == [100, 50]
    assert held.upper.tolist() == [100, 50]


def test_counts_that_were_carried_and_are_no_whole_numbers_lie_between_two():
    areas = {"postal": strips("ab")}
    held = counts_of(gather(claims(areas, {"postal": {("poor", "numerator"): [2.5, 7.0]}})))
    assert held["postal", "2020"]["poor",].lower.tolist() == [2, 7]
    assert held["postal", "2020"]["poor",].upper.tolist() == [3, 7]


def test_whole_numbers_in_a_column_without_a_name_are_counts_unless_it_says_otherwise():
    areas = {"postal": strips("ab")}
    told = {
        ("x.secret", "unknown"): [3, 9],
        ("x.rank", "unknown"): [1, 2],
        ("x.share", "unknown"): [0.5, 0.25],
    }
    assert set(counts_of(gather(claims(areas, {"postal": told})))["postal", "2020"]) == {("secret",)}


small = st.integers(0, 4)
ATOMS = np.array(list(product(range(17), repeat=4)))
SUMS = np.stack([ATOMS[:, one] + ATOMS[:, other] for one, other in ((0, 1), (2, 3), (0, 2), (1, 3))], axis=1)
"""Columns and rows of every table of up to 16 people in an atom: as many as four atoms of 4 can hold."""


@settings(max_examples=40)
@given(st.lists(small, min_size=4, max_size=4), st.lists(st.booleans(), min_size=6, max_size=6))
def test_what_is_proved_is_what_all_tables_that_agree_have_in_common(people, told):
    """Two columns, two rows and the whole: every table of four atoms is tried."""
    one, two, three, four = people
    truth = {"postal": [one + two, three + four], "grid": [one + three, two + four]}
    areas = {"postal": strips("ab", municipality=["t", "t"]), "grid": strips("xy", across=True)}
    shown = dict(zip([("postal", 0), ("postal", 1), ("grid", 0), ("grid", 1)], told, strict=False))
    numbers = {
        kind: {("poor", "numerator"): [float(v) if shown[kind, i] else NAN for i, v in enumerate(values)]}
        for kind, values in truth.items()
    }
    states = {
        kind: {"poor": ["observed" if shown[kind, i] else "suppressed" for i in range(2)]} for kind in truth
    }
    loose = []
    if told[4]:
        row = {"kind": "total", "variable": "poor", "part": "numerator", "geography": "postal", "area_id": ""}
        loose.append(row | {"lower": sum(people), "upper": sum(people), "count": 2.0})
    if not any(told[:4]):
        return
    evidence = gather(claims(areas, numbers, states=states, loose=loose))
    _, rows = only(evidence, ("poor",))
    agree = np.ones(len(SUMS), dtype=bool)
    for at, (kind, i) in enumerate(shown):
        agree &= (SUMS[:, at] == truth[kind][i]) | (not shown[kind, i])
    agree &= (SUMS[:, 0] + SUMS[:, 1] == sum(people)) | (not told[4])
    # Without the whole nothing bounds it, and the tables above are not all that there are.
    bounded = bool(told[4]) or all(told[:2]) or all(told[2:4])
    if not bounded:
        return
    for at, (kind, i) in enumerate(shown):
        low, high = SUMS[agree, at].min(), SUMS[agree, at].max()
        row = rows.get((kind, areas[kind].index[i]))
        if row is not None:
            assert (row.lower, row.upper) == (low, high)
        assert (row is not None and not row.safe) == (low >= 1 and high < K)


def test_what_is_published_of_areas_leaves_their_pieces_open():
    areas = {"postal": strips("ab"), "other": strips("xy", across=True)}
    numbers = {kind: {("poor", "numerator"): [6, 7]} for kind in areas}
    evidence = gather(claims(areas, numbers))
    count = next(iter(counts(evidence, counts_of(evidence))))
    grounds = Grounds()
    assert publish(count, grounds.atoms(count.areas)).upper.tolist() == [NO_LIMIT] * 4


def test_an_audit_of_nothing_small_has_a_proof():
    areas = {"postal": strips("ab"), "grid": strips("xy", across=True)}
    numbers = {"postal": {("poor", "numerator"): [12, 18]}, "grid": {("poor", "numerator"): [14, 16]}}
    examined, rows = only(gather(claims(areas, numbers)), ("poor",))
    assert examined.certificate.proved
    assert not rows
