"""A certificate that was changed anywhere is refused, unless what is left is still a proof."""

import copy
from dataclasses import replace
from functools import cache

import numpy as np
from disclosure_enumeration import all_tables, random_release, union_bounds, unions
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lea_geo.disclosure.prove.certificate import certify
from lea_geo.disclosure.prove.verify_certificate import digest, verify
from lea_geo.disclosure.published import NO_LIMIT, Family, Published

seeds = st.integers(0, 199)


@cache
def certified(seed):
    """What is published, and a certificate; at times with the witnesses that a far base table needs."""
    rng = np.random.default_rng(seed)
    published, counts = random_release(
        rng, families=int(rng.integers(1, 4)), caps=bool(seed % 2), intervals=bool(seed // 2 % 2), most=5
    )
    k, zero = int(rng.integers(2, 5)), str(rng.choice(["safe", "safe", "hidden"]))
    return published, certify(published, k, counts if seed % 3 else None, zero=zero)


def proved(seed):
    """The same; only where it is a proof."""
    published, certificate = certified(seed)
    assume(certificate.proved)
    return published, certificate


def places(part, path=()):
    """Every number and every list in a certificate, as the steps to it."""
    if isinstance(part, int | list | type(None)):
        yield path
    if isinstance(part, dict | list):
        for step, inner in part.items() if isinstance(part, dict) else enumerate(part):
            yield from places(inner, (*path, step))


def corrupted(certificate, data):
    """The certificate with one number, or one entry of a list, that is another or gone; and where."""
    other = copy.deepcopy(certificate)
    path = data.draw(st.sampled_from(list(places(other))))
    holder = other
    for step in path[:-1]:
        holder = holder[step]
    held = holder[path[-1]]
    if isinstance(held, list):
        value = list(held)
        if value and data.draw(st.booleans()):
            value.pop(data.draw(st.integers(0, len(value) - 1)))
        else:
            value.append(data.draw(st.sampled_from([0, 1, None, [], [0, 1], value[:1] and value[0]])))
    else:
        near = [held + by for by in (-2, -1, 1, 2)] if held is not None else [0, 3]
        value = data.draw(
            st.sampled_from([*near, None, True, float(held or 0), str(held), [held], -1, 10**40])
        )
    holder[path[-1]] = value
    assume(value is not held and not (type(value) is type(held) and value == held))
    return other, path


def is_proof(published, certificate, tables):
    """The proof in the words of its theorem: tables that agree, and a zero table for the rest."""
    base = np.array(certificate["base"])
    shown = [base]
    for moves in (*certificate["witnesses"], certificate["zero_moves"]):
        table = base.copy()
        table[moves[::2]] += np.array(moves[1::2], dtype=np.int64)
        shown.append(table)
    among = {tuple(row) for row in tables.tolist()}
    k = certificate["published"]["minimum_count"]
    lifted = (np.array(shown) >= k).any(axis=0)
    hidden = certificate["published"]["zero"] == "hidden"
    rest = lifted | ((published.upper == 0) if hidden else (shown[-1] == 0))
    return all(tuple(table.tolist()) in among for table in shown) and bool(rest.all())


@given(seed=seeds, data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_change_is_refused_unless_it_is_still_a_proof_of_the_same_numbers(seed, data):
    published, certificate = proved(seed)
    tables = all_tables(published, 5_000)
    assume(tables is not None)
    other, path = corrupted(certificate.as_dict(), data)
    if path[0] == "published" or path == ():
        assert verify(other)
    elif not verify(other):
        assert is_proof(published, other, tables)


def as_published(part):
    """The arrays of a published part that the verifier accepted."""

    def ends(one):
        upper = [NO_LIMIT if value is None else value for value in one["upper"]]
        return np.array(one["lower"], np.int64), np.minimum(np.array(upper, object), NO_LIMIT).astype(
            np.int64
        )

    families = tuple(
        Family(
            one["name"],
            np.array(one["leaf"], np.int64),
            np.array(one["parent"], np.int64),
            *ends(one),
            tuple(one["ids"]),
        )
        for one in part["families"]
    )
    return Published(families, *ends(part["atoms"]))


@given(seed=seeds, data=st.data())
@settings(max_examples=100, deadline=None)
def test_whatever_is_accepted_is_safe_even_where_the_hash_was_made_anew(seed, data):
    _, certificate = proved(seed)
    other, path = corrupted(certificate.as_dict(), data)
    other["published_sha256"] = (
        digest(other["published"]) if path[0] == "published" else other["published_sha256"]
    )
    if verify(other):
        return
    published = as_published(other["published"])
    assert verify(other, certificate.as_dict()["published_sha256"]) or path[0] != "published"
    tables = all_tables(bounded(published, other), 20_000)
    assume(tables is not None)
    least, most = union_bounds(tables)
    k = other["published"]["minimum_count"]
    if other["published"]["zero"] == "safe":
        assert not np.any((least >= 1) & (most < k))
    else:
        assert not np.any((most < k) & (unions(published.n_atoms) @ np.minimum(published.upper, 1) > 0))


def bounded(published, certificate):
    """The same with at most as many in an atom as decide the rules: more than any table shows, and k."""
    enough = 3 + max(certificate["published"]["minimum_count"], *certificate["base"])
    total = np.full(published.n_atoms, enough * published.n_atoms)
    return replace(published, upper=np.minimum(published.upper, total))


@given(seed=seeds)
@settings(max_examples=60, deadline=None)
def test_a_witness_that_is_needed_is_missed(seed):
    _, certificate = proved(seed)
    assume(certificate.witnesses)
    said = certificate.as_dict()
    base, k = certificate.base, certificate.minimum_count
    lifts = [
        {atom for atom, by in moves.reshape(-1, 2).tolist() if base[atom] + by >= k}
        for moves in certificate.witnesses
    ]
    zero = base.copy()
    zero[certificate.zero_moves[::2]] += certificate.zero_moves[1::2]
    for at, own in enumerate(lifts):
        others = set().union(*(lift for number, lift in enumerate(lifts) if number != at))
        alone = [
            atom
            for atom in own - others
            if base[atom] < k and (certificate.zero == "hidden" or 0 < zero[atom] < k)
        ]
        without = said | {"witnesses": said["witnesses"][:at] + said["witnesses"][at + 1 :]}
        assert bool(verify(without)) == bool(alone)
