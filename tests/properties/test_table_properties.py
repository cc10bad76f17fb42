"""What holds for every table, whatever is in it."""

import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lea_geo as lea
from lea_geo.intake.codes import restore_code
from lea_geo.intake.tables import IndicatorTable

# Residents of one area, and the parts of them under 3 and from 3 to 6; hidden as Paavo hides them.
AREA = st.integers(0, 400).flatmap(
    lambda total: st.tuples(
        st.just(total), st.integers(0, total // 2), st.integers(0, total // 2), st.booleans()
    )
)
WORLD = st.lists(AREA, min_size=1, max_size=12)


def read(text: str, encoding: str = "utf-8") -> IndicatorTable:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(text.encode(encoding))
        return lea.read_indicators(path, area_id="postinumero")


def published(world: list[tuple[int, int, int, bool]], separator: str = ",") -> str:
    """Write the world as Paavo would: details of 1 to 29 residents are -1."""
    rows = ["postinumero,he_vakiy,he_0_2,he_3_6"]
    for k, (total, young, older, _) in enumerate(world):
        hidden = 0 < total < 30
        rows.append(f"{k:05d}1,{total},{-1 if hidden else young},{-1 if hidden else older}"[1:])
    return "\n".join(rows).replace(",", separator)


@settings(max_examples=25)
@given(WORLD)
def test_the_truth_behind_a_withheld_value_is_within_its_bounds(world: list[tuple[int, int, int, bool]]):
    cells = read(published(world)).cells("children_under_7")
    for (total, young, older, _), row in zip(world, cells.itertuples(), strict=True):
        if row.status == "suppressed":
            assert row.lower <= 100 * (young + older) / total <= row.upper
            assert math.isnan(row.value)
        elif row.status == "observed":
            assert row.value == pytest.approx(100 * (young + older) / total)
        else:
            assert (row.status, total) == ("not_applicable", 0)


@settings(max_examples=25)
@given(WORLD)
def test_a_value_is_there_exactly_where_it_was_observed(world: list[tuple[int, int, int, bool]]):
    table = read(published(world))
    observed = table.status.isin(["observed", "structural_zero"])
    assert (table.values.notna() == observed).all(axis=None)
    hidden = table.status == "suppressed"
    assert (~hidden | (table.lower <= table.upper)).all(axis=None)
    assert table.lower.where(~hidden).isna().all(axis=None)
    assert {code: sum(row.values()) for code, row in table.report.counts.items()} == dict.fromkeys(
        table.codes, len(world)
    )


@settings(max_examples=25)
@given(WORLD, st.sampled_from([";", "\t"]), st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]))
def test_the_dialect_of_a_file_changes_no_number(
    world: list[tuple[int, int, int, bool]], separator: str, encoding: str
):
    one, other = read(published(world)), read(published(world, separator), encoding)
    assert one.values.equals(other.values)
    assert one.status.equals(other.status)


@settings(max_examples=25)
@given(WORLD, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_number(world: list[tuple[int, int, int, bool]], random: object):
    head, *rows = published(world).splitlines()
    shuffled = rows.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = read("\n".join([head, *rows])), read("\n".join([head, *shuffled]))
    assert other.reindex(one.values.index).values.equals(one.values)


@given(st.integers(0, 99_999))
def test_a_code_survives_every_way_in_which_its_zeros_can_be_lost_or_it_stays_as_it_is(code: int):
    whole = f"{code:05d}"
    for damaged in (str(code), f"{code}.0", f"{code:.4E}", f"{code:.1E}", f"{code:g}", str(np.float64(code))):
        assert restore_code(damaged, 5) in {whole, damaged}
    assert restore_code(str(code), 5) == whole


@given(st.integers(0, 99_999), st.integers(0, 6))
def test_a_rounded_code_is_never_taken_for_another(code: int, decimals: int):
    damaged = f"{code:.{decimals}E}"
    assert restore_code(damaged, 5) in {f"{code:05d}", damaged}
