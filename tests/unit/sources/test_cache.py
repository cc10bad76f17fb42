"""A folder of answers: whole whoever dies, movable, and verified by its hashes."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_geo.errors import SourceError
from lea_geo.sources import cache as module
from lea_geo.sources.cache import Cache, Fetched, Record, key_of

KEEP = """
import hashlib, os, sys, time
from lea_geo.sources.cache import Cache, Record, key_of

cache, how, answers = Cache(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
for number in range(answers):
    content = f"{how} {number} ".encode() * 20_000
    query = {"params": [["number", str(number)]]}
    digest = hashlib.sha256(content).hexdigest()
    with cache.incoming() as file:
        for start in range(0, len(content), 50_000):
            file.write(content[start : start + 50_000])
        known = ("tested", "http://x", query, "2026-01-01", "l", "o", digest, len(content), "text/plain")
        cache.keep(key_of("http://x", query), file, Record(*known))
"""


def keep(cache: Cache, content: bytes, number: int = 0) -> Fetched:
    query = {"params": [["number", str(number)]]}
    digest = hashlib.sha256(content).hexdigest()
    record = Record("tested", "http://x", query, "2026-01-01", "l", "o", digest, len(content), "text/plain")
    with cache.incoming() as file:
        file.write(content)
        return cache.keep(key_of("http://x", query), file, record)


def start(folder: Path, how: str, answers: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", KEEP, str(folder), how, str(answers)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    return process


def test_an_answer_is_found_again_with_where_it_came_from(tmp_path):
    kept = keep(Cache(tmp_path), b"abc")
    # The SHA-256 of "abc" is in FIPS 180-2, appendix B.1.
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert kept.path == tmp_path / "objects" / "ba" / digest
    found = Cache(tmp_path).find(key_of("http://x", {"params": [["number", "0"]]}))
    assert found == kept
    assert found.content == b"abc"
    assert found.record.licence == "l"
    assert Cache(tmp_path).find("0" * 64) is None


def test_no_file_of_a_cache_holds_a_path_so_that_it_can_be_moved(tmp_path):
    keep(Cache(tmp_path / "here"), b"abc")
    (tmp_path / "here").rename(tmp_path / "there")
    assert len(Cache(tmp_path / "there").verify()) == 1
    for path in (tmp_path / "there").rglob("*.json"):
        assert str(tmp_path) not in path.read_text("utf-8")


def test_verify_names_what_has_changed_what_is_gone_and_what_cannot_be_read(tmp_path):
    cache = Cache(tmp_path)
    kept = [keep(cache, f"answer {number}".encode(), number) for number in range(4)]
    assert len(cache.verify()) == 4
    kept[0].path.write_bytes(b"answer 9")
    kept[1].path.unlink()
    (tmp_path / "records" / "half.json").write_text('{"source": "tes', encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        cache.verify()
    assert caught.value.heading == f"The cache {tmp_path.name} is not as it was written:"
    unread, changed = caught.value.faults
    assert (unread.count, unread.of, unread.ids) == (1, 5, ("half.json",))
    assert (changed.count, changed.of) == (2, 4)
    assert set(changed.ids) == {f"tested {one.record.sha256[:12]}" for one in kept[:2]}
    assert cache.find(key_of("http://x", {"params": [["number", "0"]]})) is None


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "../../../../etc/passwd"},
        {"sha256": "/etc/passwd"},
        {"sha256": 5},
        {"bytes": "3"},
        {"query": []},
        {"path": "/etc/passwd"},
        {"owner": None},
    ],
    ids=str,
)
def test_a_record_is_not_believed_when_it_is_not_what_a_cache_writes(tmp_path, change):
    cache = Cache(tmp_path)
    keep(cache, b"abc")
    (path,) = (tmp_path / "records").iterdir()
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **change}), encoding="utf-8")
    assert cache.find(path.stem) is None
    with pytest.raises(SourceError, match="records that cannot be read: 1 of 1"):
        cache.verify()


@pytest.mark.parametrize("linked", ["file", "folder"])
def test_a_link_out_of_the_folder_is_not_followed(tmp_path, linked):
    cache = Cache(tmp_path / "cache")
    kept = keep(cache, b"abc")
    if linked == "file":
        (tmp_path / "outside").write_bytes(b"abc")
        kept.path.unlink()
        kept.path.symlink_to(tmp_path / "outside")
    else:
        kept.path.parent.rename(tmp_path / "outside")
        kept.path.parent.symlink_to(tmp_path / "outside", target_is_directory=True)
    assert cache.find(key_of("http://x", {"params": [["number", "0"]]})) is None


def test_nothing_is_written_through_a_link(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "objects").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(SourceError, match=r"folders that are links: 1 \(objects\)"):
        keep(Cache(tmp_path / "cache"), b"abc")
    assert not any((tmp_path / "outside").iterdir())


def test_a_killed_process_leaves_whole_answers_and_nothing_that_counts_as_one(tmp_path):
    for number, wanted in enumerate((0, 1, 10)):
        folder = tmp_path / str(number)
        process = start(folder, "killed", 1_000_000)
        while len(list((folder / "records").glob("*"))) < wanted:
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert len(Cache(folder).verify()) >= wanted
        for path in (folder / "objects").rglob("*"):
            if path.is_file():
                assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
        assert keep(Cache(folder), b"abc", -1).content == b"abc"


def test_what_a_dead_process_had_begun_is_forgotten_after_a_day(tmp_path):
    begun = tmp_path / "incoming" / "begun"
    begun.parent.mkdir()
    begun.write_bytes(b"half")
    keep(Cache(tmp_path), b"abc")
    assert begun.exists(), "it may be another process's"
    before = time.time() - module.FORGOTTEN_AFTER - 1
    os.utime(begun, (before, before))
    keep(Cache(tmp_path), b"abc")
    assert not begun.exists()


def test_two_processes_write_the_same_answers_at_once(tmp_path):
    one, other = start(tmp_path, "same", 40), start(tmp_path, "same", 40)
    assert (one.wait(), other.wait()) == (0, 0)
    assert len(Cache(tmp_path).verify()) == 40
    assert not any((tmp_path / "incoming").iterdir())


def test_a_block_that_fails_leaves_nothing(tmp_path):
    def interrupted() -> None:
        with Cache(tmp_path).incoming() as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "years"]), st.text(max_size=3)), max_size=5), st.randoms()
)
def test_the_order_of_different_parameters_does_not_make_another_question(pairs, chance):
    mixed = sorted(pairs, key=lambda pair: (chance.random(), pair[0]))
    by_name = {name: [value for n, value in pairs if n == name] for name, _ in pairs}
    kept = all([value for n, value in mixed if n == name] == values for name, values in by_name.items())
    assert (key_of("u", {"params": pairs}) == key_of("u", {"params": mixed})) is kept


def test_what_is_posted_and_where_make_another_question():
    asked = [
        key_of("u", {"params": [("a", "1")]}),
        key_of("v", {"params": [("a", "1")]}),
        key_of("u", {"params": [("a1", "")]}),
        key_of("u", {"params": [("a", "1")], "json": {}}),
        key_of("u", {"params": [("a", "1")], "json": {"b": 1}}),
    ]
    assert len(set(asked)) == 5
    assert key_of("u", {"json": {"b": 1, "c": 2}}) == key_of("u", {"json": {"c": 2, "b": 1}})
