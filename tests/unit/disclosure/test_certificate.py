"""Certificates: what they hold, what they prove, and where there is none."""

import gzip
import json

import numpy as np
import pytest
from disclosure_enumeration import all_tables, random_release, union_bounds

from lea_geo.disclosure.prove.bounds import unsafe_groups
from lea_geo.disclosure.prove.certificate import certify, write_certificate
from lea_geo.disclosure.prove.verify_certificate import verify
from lea_geo.disclosure.published import NO_LIMIT, Published, build_family
from lea_geo.errors import UsageError, ValuesError


def post(lower, upper, atoms, *, most):
    """What is published of postal areas, from the id of each atom's."""
    family = build_family("post", {"postal": list(atoms)}, lower={"postal": lower}, upper={"postal": upper})
    return Published((family,), np.zeros(len(atoms), np.int64), np.array(most, dtype=np.int64))


def free(published):
    return Published(published.families, published.lower, np.full(published.n_atoms, NO_LIMIT))


def tables_of(certificate):
    """The base and every table that is written as moves on it."""
    yield certificate.base
    for moves in (*certificate.witnesses, certificate.zero_moves):
        table = certificate.base.copy()
        table[moves[::2]] += moves[1::2]
        yield table


def test_every_table_of_a_certificate_agrees_with_what_is_published():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        published, _ = random_release(
            rng, families=int(rng.integers(5)), caps=bool(seed % 2), intervals=seed > 30
        )
        certificate = certify(published, 4)
        assert all(published.agrees(table) for table in tables_of(certificate))


def test_small_atoms_hold_enough_in_a_witness_and_all_others_nobody_in_the_zero_table():
    published = post([12], [12], "aaa", most=[12, 12, 4])
    certificate = certify(published, 5, np.array([4, 4, 4]))
    tables = np.array(list(tables_of(certificate)))
    assert certificate.proved
    assert np.all((tables.max(axis=0) >= 5) | (tables[-1] == 0))
    assert tables[-1][2] == 0


def test_what_is_disclosed_is_open():
    certificate = certify(post([12, 3], [12, 3], "aab", most=[NO_LIMIT] * 3), 5)
    assert certificate.open == (2,)
    assert not certificate.proved
    assert "atom 2" in verify(certificate.as_dict())[0]


def test_known_populations_that_allow_no_joint_zero_leave_atoms_open_though_no_group_is_unsafe():
    # Three atoms of 0 to 2, all three 4: each may be empty, any two hold 2 to 4, and so does none 1 to 3.
    published = post([4], [4], "aaa", most=[2, 2, 2])
    least, most = union_bounds(all_tables(published))
    assert not np.any((least >= 1) & (most < 4))
    assert unsafe_groups(published, 4).safe
    assert not certify(published, 4).proved


def test_an_empty_atom_that_must_be_hidden_needs_a_witness_unless_nobody_can_live_there():
    published = post([9, 0], [9, 0], "aab", most=[9, 9, 7])
    assert certify(published, 5).proved
    assert certify(published, 5, zero="hidden").open == (2,)
    assert certify(post([9, 0], [9, 0], "aab", most=[9, 9, 0]), 5, zero="hidden").proved


@pytest.mark.parametrize("families", [3, 4])
def test_a_proof_for_more_families_is_never_given_where_a_group_is_unsafe(families):
    proved = 0
    for seed in range(30):
        published, _ = random_release(np.random.default_rng(seed), families=families, most=6)
        tables, certificate = all_tables(published), certify(published, 2)
        if tables is None:
            continue
        least, most = union_bounds(tables)
        proved += certificate.proved
        assert not (certificate.proved and np.any((least >= 1) & (most < 2)))
    assert proved > 1


def test_without_caps_there_is_a_proof_exactly_where_nothing_is_unsafe():
    for seed in range(60):
        published = free(random_release(np.random.default_rng(seed))[0])
        assert certify(published, 4).proved == unsafe_groups(published, 4).safe


def test_the_true_counts_are_not_needed_and_not_in_it():
    published, counts = random_release(np.random.default_rng(21))
    assert certify(published, 4).base.tolist() != counts.tolist()


@pytest.mark.parametrize("name", ["certificate.json", "certificate.json.gz"])
def test_a_written_certificate_is_read_back_and_has_the_same_bytes_each_time(tmp_path, name):
    published, _ = random_release(np.random.default_rng(3), caps=True, intervals=True)
    contents = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / name
        write_certificate(certify(published, 4), path)
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]
    text = gzip.decompress(contents[0]) if name.endswith("gz") else contents[0]
    assert json.loads(text) == certify(published, 4).as_dict()


def test_a_minimum_of_one_is_refused():
    with pytest.raises(UsageError, match="must be 2 or more"):
        certify(post([9], [9], "a", most=[9]), 1)


def test_counts_that_do_not_agree_are_refused():
    with pytest.raises(ValuesError, match="none that could be behind"):
        certify(post([9], [9], "a", most=[9]), 5, np.array([8]))
