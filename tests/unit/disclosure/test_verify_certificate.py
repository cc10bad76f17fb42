"""The verifier: a program by itself, that believes nothing."""

import ast
import copy
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lea_geo.disclosure.prove.verify_certificate as verifier
from lea_geo.disclosure.prove.certificate import certify, write_certificate
from lea_geo.disclosure.published import NO_LIMIT, Published, build_family

PROGRAM = Path(verifier.__file__)


def published():
    """Two postal areas in a town and three cells, of which two are hidden; one atom is capped."""
    post = build_family(
        "post",
        {"postal": list("aaabbb"), "town": list("tttttt")},
        lower={"postal": [12, 9], "town": [21]},
        upper={"postal": [12, 9], "town": [21]},
    )
    grid = build_family(
        "grid", {"cell": list("122233")}, lower={"cell": [0, 9, 0]}, upper={"cell": [NO_LIMIT, 9, 9]}
    )
    return Published((post, grid), np.zeros(6, np.int64), np.array([NO_LIMIT, 2, *[NO_LIMIT] * 4]))


@pytest.fixture
def certificate():
    found = certify(published(), 4, np.array([12, 0, 0, 9, 0, 0]) + np.array([-3, 1, 2, -3, 2, 1]))
    assert found.proved
    assert found.witnesses
    assert len(found.zero_moves)
    return found.as_dict()


def resealed(certificate):
    """The same with the SHA-256 that its published part has now."""
    return certificate | {"published_sha256": verifier.digest(certificate["published"])}


def test_a_certificate_is_a_proof(certificate):
    assert verifier.verify(certificate) == []
    assert verifier.verify(certificate, certificate["published_sha256"]) == []


def test_it_is_short_and_needs_python_alone():
    source = PROGRAM.read_text("utf-8")
    assert len(source.splitlines()) < 200
    tree = ast.walk(ast.parse(source))
    imported = [
        node.names[0].name if isinstance(node, ast.Import) else node.module
        for node in tree
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert set(imported) <= sys.stdlib_module_names
    assert not any(
        isinstance(node, ast.Constant) and isinstance(node.value, float)
        for node in ast.walk(ast.parse(source))
    )


@pytest.mark.parametrize("name", ["proof.json", "proof.json.gz"])
def test_it_runs_as_a_program_without_the_package(tmp_path, name):
    write_certificate(certify(published(), 4), tmp_path / name)
    alone = tmp_path / "check.py"
    alone.write_bytes(PROGRAM.read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", alone, tmp_path / name], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "PROVED: no small group is given away.\n")


def ran(tmp_path, text, capsys, *words):
    path = tmp_path / "proof.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    code = verifier.main([str(path), *words])
    return code, capsys.readouterr().out


def test_the_hash_of_what_was_published_can_be_asked_for(tmp_path, certificate, capsys):
    right = certificate["published_sha256"]
    assert ran(tmp_path, json.dumps(certificate), capsys, right)[0] == 0
    code, said = ran(tmp_path, json.dumps(certificate), capsys, "0" * 64)
    assert code == 1
    assert "not the expected one" in said


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "1e5", '{"base": NaN}', "[" * 100_000, "9" * 5_000, b"\x1f\x8b\x08", b"\xff\xfe"],
)
def test_what_is_no_certificate_is_refused_in_a_sentence(tmp_path, capsys, text):
    code, said = ran(tmp_path, text, capsys)
    assert code == 1
    assert said.startswith("NOT PROVED: ")


def test_no_file_is_refused(capsys):
    assert verifier.main([]) == 1
    assert verifier.main(["nowhere.json"]) == 1
    assert capsys.readouterr().out.count("NOT PROVED") == 2


def changed(certificate, path, value):
    other = copy.deepcopy(certificate)
    part = other
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return resealed(other)


FAMILY = ("published", "families", 1)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("format",), "another", "format"),
        (("published", "minimum_count"), 1, "minimum_count"),
        (("published", "minimum_count"), True, "minimum_count"),
        (("published", "minimum_count"), 5.0, "minimum_count"),
        (("published", "minimum_count"), 40, "open"),
        (("published", "zero"), "hidden", "open"),
        (("published", "zero"), ["safe"], "zero"),
        (("published", "families"), {}, "not a list"),
        (("published", "families"), [[]], "family 0"),
        ((*FAMILY, "leaf"), [0, 1, 1, 1, 2], "not a list of 6"),
        ((*FAMILY, "leaf"), [0, 1, 1, 1, 2, 3], "no area"),
        ((*FAMILY, "leaf"), [0, 1, 1, 1, 2, -1], "no area"),
        ((*FAMILY, "leaf"), [1, 1, 1, 1, 2, 2], "does not agree"),
        ((*FAMILY, "parent"), [-1, 0, -1], "come before"),
        ((*FAMILY, "parent"), [-1, 1, -1], "come before"),
        ((*FAMILY, "ids"), ["cell 1", "cell 1", "cell 3"], "twice"),
        ((*FAMILY, "ids"), ["cell 1", 2, "cell 3"], "texts"),
        ((*FAMILY, "lower"), [0, 9, -1], "no bounds"),
        ((*FAMILY, "lower"), [0, 10, 0], "no bounds"),
        ((*FAMILY, "lower"), [0, 9, None], "whole number"),
        ((*FAMILY, "upper"), [None, 9, 9.0], "whole number"),
        ((*FAMILY, "upper"), [None, 9, "9"], "whole number"),
        (("published", "atoms", "upper"), [None, 2, None, None, None], "not a list of 6"),
        (("published", "atoms", "ids"), ["a", "b"], "not one id each"),
        (("base",), [9, 1, 2, 6, 2], "not a list of 6"),
        (("base",), [9, 1, 2, 6, 2, True], "whole number"),
        (("base",), [10, 1, 2, 6, 2, 1], "does not agree"),
        (("base",), [13, 1, -2, 10, -2, 1], "does not agree"),
        (("witnesses",), [], "open"),
        (("witnesses",), None, "not a list"),
        (("witnesses", 0), [0], "not a list of"),
        (("witnesses", 0), [0, 1, 0, -1], "twice"),
        (("witnesses", 0), [6, 0], "no such atom"),
        (("witnesses", 0), [-1, 0], "no such atom"),
        (("witnesses", 0), [0, 1], "does not agree"),
        (("witnesses", 0), [[0, 1]], "not a list of"),
        (("zero_moves",), [], "open"),
        (("zero_moves",), [1, -1], "does not agree"),
    ],
)
def test_what_is_wrong_is_named_even_if_the_hash_is_right(certificate, path, value, said):
    assert any(said in fault for fault in verifier.verify(changed(certificate, path, value)))


def test_a_published_part_that_was_changed_has_another_hash(certificate):
    certificate["published"]["minimum_count"] = 3
    assert verifier.verify(certificate) == ["published: its SHA-256 is another"]
    assert verifier.verify(resealed(certificate)) == []  # three are fewer than four: still a proof
    assert verifier.verify(
        resealed(certificate), verifier.digest(certify(published(), 4).as_dict()["published"])
    )


def test_more_than_a_certificate_is_refused(certificate):
    assert verifier.verify(certificate | {"note": 1})
    assert verifier.verify({key: value for key, value in certificate.items() if key != "zero_moves"})
