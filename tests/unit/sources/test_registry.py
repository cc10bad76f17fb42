"""Which services may be asked, and what a registry of one's own must say."""

from pathlib import Path

import pytest

from lea_geo.errors import SourceError, UsageError
from lea_geo.sources.registry import BUILT_IN, Limits, host_of, load_registry

ROOT = Path(__file__).parents[3]

OWN = """
[tested]
what = "a copy of the postal areas"
service = "wfs"
address = "http://127.0.0.1:8080/wfs"
owner = "Tilastokeskus"
licence = "CC BY 4.0"
"""


def test_the_built_in_registry_names_every_service_of_the_package_and_no_other_host():
    registry = load_registry()
    assert {name: one.service for name, one in registry.sources.items()} == {
        "statistics_finland_postal_areas": "wfs",
        "statistics_finland_municipalities": "wfs",
        "statistics_finland_population_grid": "wfs",
        "statistics_finland_schools": "wfs",
        "statistics_finland_paavo": "pxweb",
        "thl_sotkanet": "sotkanet",
        "hsy_population_grid": "wfs",
    }
    assert registry.hosts == {"geo.stat.fi", "pxdata.stat.fi", "sotkanet.fi", "kartta.hsy.fi"}
    assert not registry.plain_hosts


def test_a_source_knows_its_layers_limits_and_years():
    registry = load_registry()
    areas = registry["statistics_finland_postal_areas"]
    assert areas.layer("figures", year=2024) == "postialue:pno_tilasto_2024"
    assert areas.years == (2015, 2026)
    assert areas.area_id == ("postinumeroalue", "posti_alue")
    grid = registry["statistics_finland_population_grid"]
    assert grid.layer("figures", year=2025, cell="1km") == "vaestoruutu:vaki2025_1km"
    # Statistics Finland's own: at most 120 000 cells a call and 30 calls in 10 s.
    assert registry["statistics_finland_paavo"].limits == Limits(calls=30, seconds=10, cells=120_000)


def test_a_name_that_nobody_has_is_answered_with_the_nearest():
    registry = load_registry()
    with pytest.raises(UsageError, match="Did you mean 'thl_sotkanet'"):
        registry["sotkanet"]
    with pytest.raises(UsageError, match="Did you mean 'figures'"):
        registry["hsy_population_grid"].layer("figure", year=2015)


def test_the_registry_in_the_package_is_the_one_of_the_repository():
    assert BUILT_IN.is_symlink()
    assert BUILT_IN.resolve() == ROOT / "boundaries" / "registry.toml"


def test_a_registry_of_one_s_own_takes_the_place_of_the_built_in_one(tmp_path):
    (tmp_path / "own.toml").write_text("\ufeff" + OWN, encoding="utf-8")  # as Windows's editor writes it
    registry = load_registry(tmp_path / "own.toml")
    assert registry.hosts == registry.plain_hosts == {"127.0.0.1:8080"}
    assert registry["tested"].owner == "Tilastokeskus"
    assert registry.text == OWN


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://Geo.Stat.FI/x", "geo.stat.fi"),
        ("https://geo.stat.fi:443/x", "geo.stat.fi"),
        ("http://geo.stat.fi:80", "geo.stat.fi"),
        ("https://geo.stat.fi:80/x", "geo.stat.fi:80"),
        ("https://geo.stat.fi@evil.example/x", "evil.example"),
    ],
)
def test_a_host_is_named_with_its_port_where_that_is_not_the_scheme_s_own(address, host):
    assert host_of(address) == host


@pytest.mark.parametrize(
    ("written", "wrong", "said"),
    [
        ('owner = "Tilastokeskus"', "", "tested lacks: 1 (owner)"),
        ('licence = "CC BY 4.0"', 'licence = ""', "tested lacks: 1 (licence)"),
        ('"wfs"', '"wms"', "the service 'wms'. Known: wfs, ogc_api, pxweb, sotkanet."),
        ("http://127", "file:///127", "the address 'file:///127"),
        ("http://127", "http://tester:secret@127", "without a user name, a password"),
        (":8080", ":99999", "Give https://host/path"),
        ("127.0.0.1:8080", "[::1", "Give https://host/path"),
        ("[tested]", '["../x"]', "'../x' is no name of a source"),
        ("[tested]", "[tested]\nhost = 1", "keys that mean nothing: 1 (host)"),
        ("[tested]", "[tested]\nyears = [2020]", "Give the first and the last"),
        ("[tested]", "[tested]\nyears = [2020, 2015]", "Give the first and the last"),
        ("[tested]", "[tested]\nyears = 2020", "values of the wrong kind: 1 (years)"),
        ("[tested]", "[tested]\nlimits = { calls = 3 }", "Give both: calls in seconds"),
        ("[tested]", "[tested]\nlimits = { page = 0 }", "limits that cannot be kept: 1 (page)"),
        ("[tested]", "[tested]\nlimits = { pages = 5 }", "limits that cannot be kept: 1 (pages)"),
        ("[tested]", "[tested]\nlayers = { areas = 5 }", "are no text"),
        ("[tested]", "[tested]\nlayers = { areas = '{year' }", "layers that are no templates: 1 (areas)"),
        ("[tested]", "[tested]\nlayers = { a = '{year.real}' }", "layers that are no templates: 1 (a)"),
        ("[tested]", "tested = 5\n[other]", "tested is no table"),
        ("[tested]", "[tested", "it is not TOML"),
    ],
)
def test_what_is_wrong_with_a_registry_is_said(tmp_path, written, wrong, said):
    (tmp_path / "own.toml").write_text(OWN.replace(written, wrong), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        load_registry(tmp_path / "own.toml")
    assert str(caught.value).startswith("The registry of sources own.toml cannot be used:")
    assert said in str(caught.value)


def test_all_that_is_wrong_with_a_registry_is_said_at_once(tmp_path):
    (tmp_path / "own.toml").write_text("[one]\nservice = 'wfs'\n[two]\nservice = 'smb'\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        load_registry(tmp_path / "own.toml")
    assert [fault.what for fault in caught.value.faults] == [
        "one lacks",
        "two lacks",
        "two has the service 'smb'",
    ]


def test_what_is_no_registry_is_refused(tmp_path):
    with pytest.raises(UsageError, match="There is no registry"):
        load_registry(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes("# Hämeenkylä".encode("latin-1"))
    with pytest.raises(SourceError, match="not in UTF-8"):
        load_registry(tmp_path / "latin.toml")
    (tmp_path / "large.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(SourceError, match="larger than any registry"):
        load_registry(tmp_path / "large.toml")
    (tmp_path / "deep.toml").write_text(f"a = {'[' * 5000}{']' * 5000}", encoding="utf-8")
    with pytest.raises(SourceError, match="cannot be used"):
        load_registry(tmp_path / "deep.toml")
