"""The small world under a title and an indicator as long as any that a planner writes."""

from dataclasses import replace

from small_findings import small_findings

from lea_geo.schema import Text

TITLE = (
    "Lasten, nuorten ja lapsiperheiden hyvinvoinnin erot Vaasan ja Laihian asuinalueilla sekä "
    "palvelujen kehittämistarpeet erityisesti perhekeskusverkoston ja neuvoloiden näkökulmasta, "
    "lautakuntien esitys."
)  # 200 characters
INDICATOR = (
    "Toimeentulotukea saaneiden lapsiperheiden ja yhdenvanhemmanperheiden osuus kaikista "
    "alueen lapsiperheistä, joissa nuorin lapsi on alle kouluikäinen, %"
)  # 150 characters


def long_findings():
    """Return the findings, as if they were real: they have a licence to name."""
    findings = small_findings()
    first, *rest = findings.indicators
    first = replace(
        first, name=Text(INDICATOR, INDICATOR, INDICATOR), source="Tilastokeskus, Kela, THL; " * 8
    )
    return replace(findings, title=Text(TITLE, TITLE, TITLE), indicators=(first, *rest), synthetic=False)
