"""Counts that no indicator gives: whoever sees children under 18 and under 7 knows those between."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_protected import POOR, findings_of, frame_of, squares

from lea_geo._protect import protect
from lea_geo._protect_counts import Count
from lea_geo._protect_derived import derived_of
from lea_geo.disclosure.attack.audit import audit_release
from lea_geo.disclosure.prove.unsafe import unsafe_groups
from lea_geo.disclosure.published import NO_LIMIT, Published, build_family
from lea_geo.disclosure.rules import load_profile
from lea_geo.disclosure_spec import DisclosureSpec
from lea_geo.export.geopackage import write_geopackage
from lea_geo.export.table import write_tables

SPEC = DisclosureSpec("findata")
YOUNG = replace(POOR, code="young", numerator=("young",))
CHILDREN = replace(POOR, code="children", numerator=("young", "old"))
PIECES = 8


def rules(k):
    return load_profile("findata", minimum_count=k, stated_by="a test")


def sheet(young, old, *, east=0, **changes):
    areas, people = squares(len(young), east=east), [1000] * len(young)
    frames = {
        "young": frame_of(YOUNG, areas, young, people),
        "children": frame_of(CHILDREN, areas, young + old, people),
    }
    return findings_of(areas, frames, [YOUNG, CHILDREN], **{"year": "2020", **changes})


def crossing(young, old):
    """Return squares of two pieces, and half a step off others that leave out both ends, where nobody is."""
    first, second = (
        [np.add.reduceat(one[some], np.arange(0, len(one[some]), 2)) for one in (young, old)]
        for some in (slice(None), slice(1, -1))
    )
    shifted = sheet(*second, east=500, level="grid")
    return replace(sheet(*first), others=(shifted,))


def shown(findings, code):
    return findings.results[code]["numerator"].to_numpy()


def published(lower, upper):
    """Return what is known of a count on both kinds of squares, of which the second has nobody outside."""
    at = np.arange(PIECES)
    inside = (at > 0) & (at < PIECES - 1)
    names = [[f"{i}" for i in at // 2], np.where(inside, (at - 1) // 2, "out")]
    lower, upper = ([one[0], np.append(one[1], 0)] for one in (lower, upper))
    families = tuple(
        build_family(f"{i}", {"square": names[i]}, lower={"square": lower[i]}, upper={"square": upper[i]})
        for i in range(2)
    )
    most = np.where(inside, NO_LIMIT, 0)
    return Published(families, np.zeros(PIECES, dtype=np.int64), most)


def known(made):
    """Return the ends of what each count is known to be, square by square, on both kinds."""
    ends = {}
    for one in (made, made.others[0]):
        young, children = shown(one, "young"), shown(one, "children")
        old = children - young
        rest = np.where(np.isfinite(children), children, NO_LIMIT)
        for name, count, most in (
            ("young", young, rest),
            ("old", old, rest),
            ("children", children, np.full(len(old), NO_LIMIT)),
        ):
            told = np.isfinite(count)
            low, high = np.where(told, count, 0), np.where(told, count, most)
            ends.setdefault(name, []).append((low.astype(np.int64), high.astype(np.int64)))
    return ends


numbers = st.lists(st.integers(0, 12), min_size=PIECES - 2, max_size=PIECES - 2).map(
    lambda some: np.array([0, *some, 0])
)


@settings(max_examples=12, deadline=None)
@given(numbers, numbers, st.sampled_from([3, 5, 10]))
def test_no_small_group_of_a_count_or_of_the_rest_of_one_is_left_on_two_kinds_of_areas(young, old, k):
    made, _ = protect(crossing(young, old), SPEC, rules(k))
    for name, ends in known(made).items():
        lower, upper = zip(*ends, strict=True)
        assert not unsafe_groups(published(list(lower), list(upper)), k).groups, name


def test_where_the_rest_of_two_large_counts_is_small_the_smaller_of_the_two_is_hidden():
    young, old = np.array([20, 30, 25, 40]), np.array([3, 20, 30, 25])
    made, account = protect(sheet(young, old), SPEC, rules(5))
    gone = np.isnan(shown(made, "young"))
    assert gone[0]
    # One more: the total of the young, less those that are shown, would give the first back.
    assert gone.sum() >= 2
    assert np.isfinite(shown(made, "children")).all()
    assert set(account.table["code"]) == {"young"}


def test_what_must_stay_visible_stays_and_the_whole_goes():
    young, old = np.array([20, 30, 25, 40]), np.array([3, 20, 30, 25])
    profile = replace(rules(5), always_visible=("young",))
    made, _ = protect(sheet(young, old), SPEC, profile)
    assert np.isfinite(shown(made, "young")).all()
    assert np.isnan(shown(made, "children"))[0]


def test_rests_of_rests_are_counts_too():
    people = {("a", "b", "c"): 9.0, ("a", "b"): 7.0, ("a",): 4.0}
    found = derived_of({names: Count(np.array([n]), ()) for names, n in people.items()}, {})
    assert {names: one.people.tolist() for names, one in found.items()} == {
        ("c",): [2.0],
        ("b", "c"): [5.0],
        ("b",): [3.0],
        ("a", "c"): [6.0],
    }


@pytest.mark.parametrize("k", [3, 5, 10])
def test_what_was_protected_by_suppression_alone_passes_its_own_audit(tmp_path, k):
    random = np.random.default_rng(k)
    young, old = random.poisson(2 * k, PIECES), random.poisson(k, PIECES)
    young[[0, -1]], old[[0, -1]] = 0, 0
    plain = crossing(young, old)
    for name, findings, safe in (("plain", plain, False), ("made", protect(plain, SPEC, rules(k))[0], True)):
        folder = tmp_path / name
        folder.mkdir()
        write_geopackage(findings, folder / "study.gpkg", inputs=())
        write_tables(findings, folder / "tables")
        assert audit_release(folder, rules(k)).safe == safe, name
