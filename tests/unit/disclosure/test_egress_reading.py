"""The audit reads a pack too: checksums and proofs are what they seem, or keep it from being called safe."""

import gzip
import json
import zipfile

import numpy as np
import pytest

from lea_geo.disclosure.attack.reading.directory import read_directory
from lea_geo.disclosure.prove.certificate import certify, write_certificate
from lea_geo.disclosure.published import NO_LIMIT, Published, build_family


@pytest.fixture
def pack(tmp_path):
    """A proof that 20 people in two pieces of one cell give nobody away, and the list of checksums."""
    family = build_family("grid", {"cell": ["a", "a"]}, lower={"cell": [20]}, upper={"cell": [20]})
    nothing = np.zeros(2, dtype=np.int64)
    proved = certify(Published((family,), nothing, nothing + NO_LIMIT), 5)
    write_certificate(proved, tmp_path / "proof_poor.json.gz")
    (tmp_path / "SHA256SUMS").write_text(f"{'ab' * 32}  proof_poor.json.gz\n", encoding="utf-8")
    return tmp_path


def unread(folder):
    gathered, _ = read_directory(folder)
    return gathered.unread


def test_a_list_of_checksums_and_a_proof_are_read(pack):
    assert unread(pack) == []


@pytest.mark.parametrize("line", ["65000 has 3 children", f"{'ab' * 32}  65000 has 3", "00" * 32])
def test_a_list_that_holds_anything_else_is_left(pack, line):
    with (pack / "SHA256SUMS").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    assert unread(pack) == [("SHA256SUMS", "it holds more than checksums of the files beside it")]


def test_a_proof_that_proves_nothing_is_left(pack):
    held = json.loads(gzip.decompress((pack / "proof_poor.json.gz").read_bytes()))
    held["base"][0] += 1
    (pack / "proof_poor.json.gz").write_bytes(gzip.compress(json.dumps(held).encode()))
    (left,) = unread(pack)
    assert left[0] == "proof_poor.json.gz"
    assert left[1].startswith("it is no proof: ")


def test_a_proof_with_anything_beside_it_is_left(pack):
    held = json.loads(gzip.decompress((pack / "proof_poor.json.gz").read_bytes()))
    (pack / "proof_poor.json.gz").write_bytes(gzip.compress(json.dumps({**held, "seen": 3}).encode()))
    assert [name for name, _ in unread(pack)] == ["proof_poor.json.gz"]


def test_an_archive_of_proofs_is_read_proof_by_proof(pack):
    proof = (pack / "proof_poor.json.gz").read_bytes()
    with zipfile.ZipFile(pack / "proofs.zip", "w") as archive:
        archive.writestr("proof_poor.json.gz", proof)
    assert unread(pack) == []
    with zipfile.ZipFile(pack / "proofs.zip", "a") as archive:
        archive.writestr("secret.csv", "65000,3\n")
        archive.comment = b"65000 has 3"
    assert unread(pack) == [
        ("proofs.zip: secret.csv", "it is no proof"),
        ("proofs.zip", "it holds more than proofs"),
    ]
