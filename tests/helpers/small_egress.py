"""What a risk assessment is told, made by hand of the small findings."""

from dataclasses import replace

from small_findings import whole_findings

from lea_geo.disclosure.attack.tried import ATTACKS, Tried
from lea_geo.disclosure.egress.facts import what_is_shown
from lea_geo.disclosure.egress.files import PackedFile
from lea_geo.disclosure.egress.told import Release
from lea_geo.disclosure.egress.tried import told_attacks
from lea_geo.disclosure.rules import load_profile

STATED_BY = "Permit THL/1234, risk assessment of 31 January 2026"


def small_release(findings=None, **changes):
    """Return a release of k = 10 in which every attack but one was tried."""
    findings = findings or whole_findings()
    why = {"rule": "It depends on what is known."}
    tried = [Tried(key, tried=key not in why, why=why.get(key, "")) for key in ATTACKS]
    plain = Release(
        findings=findings,
        profile=load_profile("findata", minimum_count=10, stated_by=STATED_BY),
        attacks=told_attacks(tried),
        shown=what_is_shown(findings),
        files=(
            PackedFile("01_map.html", "map", "map.html"),
            PackedFile("proof_001.json.gz", "proof"),
            *(PackedFile(f"risk_assessment_{one}.html", "risk_assessment") for one in ("fi", "sv", "en")),
        ),
        left_out=("parquet/areas.parquet", "parquet/low_income.parquet"),
        hashes={"01_map.html": "0123456789abcdef" * 4},
        proofs={"proof_001.json.gz": ("low_income",)},
        commands=("python verify_certificate.py proof_001.json.gz",),
        version="0.1.0",
    )
    return replace(plain, **changes)
