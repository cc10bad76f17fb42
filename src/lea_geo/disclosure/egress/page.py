"""The risk assessment: a page in one language for whoever decides whether a release may leave.

It works offline and runs nothing: no script, no font, no image. Everything that came from data is escaped,
and a Content-Security-Policy refuses whatever might slip through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo._report_html import STYLE, bullets, safe, small, table
from lea_geo._report_words import Words
from lea_geo.disclosure.egress.facts import smallest
from lea_geo.disclosure.egress.files import MOST_FILES
from lea_geo.disclosure.egress.rules_file import told_rules
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lea_geo.disclosure.egress.facts import Shown
    from lea_geo.disclosure.egress.files import PackedFile
    from lea_geo.disclosure.egress.told import Release

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_OWN_STYLE = """
body { max-width: 76rem; }
main { display: block; }
pre { background: #f1f3f5; padding: .6rem .8rem; overflow-x: auto; }
pre:focus-visible { outline: 3px solid #b35900; outline-offset: 2px; }
.finding { border-left: .4rem solid #2c7fb8; padding: .2rem 1rem; margin-bottom: 1.2rem; }
thead th { border-bottom: 2px solid #6b7480; }
tbody th { min-width: 9rem; }
tbody th code { white-space: nowrap; }
.long { min-width: 17rem; }
td:nth-child(2):last-child { overflow-wrap: anywhere; }
@media (max-width: 40rem) { tbody th code { white-space: normal; } .long { min-width: 11rem; } }
"""
_EVERYTHING = ("map", "geopackage")
"""Files that hold all of the study's years and kinds of areas."""
_RESULTS = (*_EVERYTHING, "report", "workbook", "overview", "table", "raster")


class Spoken(Words):
    """The texts of the risk assessment, the shared texts, and numbers, in one language."""

    def __init__(self, language: str, release: Release) -> None:
        super().__init__(language, release.findings)
        self._own = read_texts("lea_geo.disclosure")

    def whole(self, number: float | None) -> str:
        """Return a count, a dash where there is none."""
        return self.own("said.nothing") if number is None else self.number(number, 0)

    def kind_of_areas(self, level: str, year: str) -> str:
        """Return what areas are called, with their year."""
        named = self.shared(f"areas.{level or 'other'}").replace("\N{SOFT HYPHEN}", "")
        return f"{named} {year}".strip()


def risk_assessment(release: Release, language: str) -> str:
    """Return the page."""
    words = Spoken(language, release)
    study = words.of(release.findings.title)
    made_up = (
        f'<p class="made-up">{safe(words.own("page.made_up"))}</p>' if release.findings.synthetic else ""
    )
    sections = "".join(
        f"<h2>{safe(words.own(f'heading.{name}'))}</h2>\n{body}\n" for name, body in _sections(release, words)
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(words.own('page.title'))} \N{EN DASH} {safe(study)}</title>\n"
        f"<style>{STYLE}{_OWN_STYLE}</style>\n</head>\n<body>\n<main>\n{made_up}"
        f"<h1>{safe(words.own('page.title'))}</h1>\n<p>{safe(words.own('page.what', study=study))}</p>\n"
        f"{sections}</main>\n</body>\n</html>\n"
    )


def _sections(release: Release, words: Spoken) -> Iterable[tuple[str, str]]:
    yield "summary", _summary(release, words)
    yield "files", _files(release, words)
    yield "shown", _shown(release, words)
    yield "rules", told_rules(release.profile, words)
    yield "hidden", _hidden(release, words)
    yield "attacks", _attacks(release, words)
    yield "certificate", _certificate(release, words)
    yield "risks", bullets(words.all_of("risks"))
    yield "ethics", _ethics(release, words)
    yield "hashes", _hashes(release, words)


def _summary(release: Release, words: Spoken) -> str:
    profile, tried = release.profile, [one.tried for one in release.attacks]
    facts = {
        "study": words.of(release.findings.title),
        "rules": f"{words.of(profile.title)} ({profile.name}, {profile.version})",
        "minimum": str(profile.minimum_count) if profile.states_count else words.own("rule.no_limit"),
        **({"stated_by": profile.stated_by} if profile.stated_by else {"source": profile.source}),
        "indicators": str(len({one.indicator.code for one in release.shown})),
        "files": str(len(release.files)),
        "tried": str(sum(tried)),
        "not_tried": str(len(tried) - sum(tried)),
        "made_with": f"lea_geo {release.version}",
    }
    rows = [[safe(words.own(f"summary.{name}")), safe(said)] for name, said in facts.items()]
    limit = profile.minimum_count
    found = "summary.safe" if profile.states_count else "summary.safe_details"
    said = words.own(found, k=limit, most=limit - 1)
    limits = words.own("summary.limits", attacks=words.own("heading.attacks"))
    drawn = table([], rows, label=words.own("heading.summary"))
    return f'<div class="finding"><p><b>{safe(said)}</b></p><p>{safe(limits)}</p></div>\n{drawn}'


def _files(release: Release, words: Spoken) -> str:
    names = ("file", "holds", "extent", "smallest_count", "smallest_denominator")
    heads = [words.own(f"column.{name}") for name in names]
    rows = [
        [
            f"<code>{safe(one.name)}</code>",
            f'<div class="long">{safe(_told_file(one, words))}{_about(one, release, words)}</div>',
            "<br>".join(map(safe, _extent(one, release, words))),
            *map(words.whole, smallest(_inside(one, release))),
        ]
        for one in release.files
    ]
    drawn = table(heads, rows, label=words.own("heading.files"))
    said = [words.own("said.same_bytes_as_output" if release.findings.chapters else "said.same_bytes")]
    if release.left_out:
        said.append(words.own("said.left_out", n=len(release.left_out), most=MOST_FILES))
    below = [words.own("said.smallest_shown"), *_chapters(release, words)]
    return f"<p>{safe(' '.join(said))}</p>\n{drawn}" + "".join(f"\n<p>{safe(one)}</p>" for one in below)


def _chapters(release: Release, words: Spoken) -> Iterable[str]:
    """Yield what chapters were computed from, and which files of theirs nobody has audited."""
    if release.findings.chapters:
        yield words.own("said.chapters")
    if release.unaudited:
        yield words.own("said.unaudited", files=", ".join(release.unaudited))


def _told_file(file: PackedFile, words: Spoken) -> str:
    language = file.name.removesuffix(".html").rpartition("_")[2]
    known = f"language.{language}"
    return words.own(f"file.{file.kind}", language=words.shared(known) if words.knows(known) else "")


def _about(file: PackedFile, release: Release, words: Spoken) -> str:
    """Return the indicators that a file of one count or of one indicator is about."""
    codes = release.proofs.get(file.name, (file.code,))
    names = {one.indicator.code: words.of(one.indicator.name) for one in release.shown}
    return "".join(small(names[code]) for code in codes if code in names)


def _inside(file: PackedFile, release: Release) -> list[Shown]:
    """Return what of all that is shown a file holds."""
    if file.kind in _EVERYTHING:
        return list(release.shown)
    if file.kind not in _RESULTS:
        return []
    here = [one for one in release.shown if one.sheet == file.sheet]
    return [one for one in here if one.indicator.code == file.code] or here


def _extent(file: PackedFile, release: Release, words: Spoken) -> list[str]:
    held: dict[str, list[Shown]] = {}
    for one in _inside(file, release):
        held.setdefault(words.kind_of_areas(one.level, one.year if one.sheet else ""), []).append(one)
    told = (
        words.own("said.extent", kind=kind, areas=words.whole(some[0].areas), indicators=len(some))
        for kind, some in held.items()
    )
    return [one.replace(" ", "\N{NO-BREAK SPACE}") for one in told]  # a line each


def _shown(release: Release, words: Spoken) -> str:
    names = ("indicator", "areas", "shown", "hidden", "other", "smallest_count", "smallest_denominator")
    rows = []
    for one in release.shown:
        if one.indicator.is_composite:
            continue
        counts = (one.shown, one.hidden, one.other, one.smallest_count, one.smallest_denominator)
        place = f"{words.kind_of_areas(one.level, one.year)}: {words.whole(one.areas)}"
        rows.append([safe(words.of(one.indicator.name)), safe(place), *(words.whole(n) for n in counts)])
    drawn = table([words.own(f"column.{name}") for name in names], rows, label=words.own("heading.shown"))
    composite = any(one.indicator.is_composite for one in release.shown)
    return drawn + (f"\n<p>{safe(words.own('said.composite'))}</p>" if composite else "")


def _hidden(release: Release, words: Spoken) -> str:
    counted = [one for one in release.shown if not one.indicator.is_composite]
    hidden, areas = sum(one.hidden for one in counted), sum(one.areas for one in counted)
    if not hidden:
        said = [words.own("said.nothing_hidden")]
    else:
        told = words.own("said.hidden", hidden=words.whole(hidden), all=words.whole(areas))
        said = [told, words.own("said.not_told_apart")]
    return f"<p>{safe(' '.join([*said, words.own('said.inside')]))}</p>"


def _attacks(release: Release, words: Spoken) -> str:
    heads = [words.own(f"column.{name}") for name in ("attack", "tried", "result")]
    rows = [
        [
            safe(words.of(one.name)),
            safe(words.own("said.yes" if one.tried else "said.no")),
            safe(" ".join(filter(None, [words.of(one.result), words.of(one.why)]))),
        ]
        for one in release.attacks
    ]
    return table(heads, rows, label=words.own("heading.attacks"))


def _certificate(release: Release, words: Spoken) -> str:
    if not release.proofs:
        return f"<p>{safe(words.own('said.uncertified'))}</p>"
    n = len(release.proofs)
    said = words.own("said.certified_one" if n == 1 else "said.certified", n=n)
    commands = "\n".join(release.commands)
    told = f"<p>{safe(said)}</p>\n<p>{safe(words.own('said.how_to_verify'))}</p>"
    return f'{told}\n<pre tabindex="0">{safe(commands)}</pre>'


def _ethics(release: Release, words: Spoken) -> str:
    heads = [words.own(f"column.{name}") for name in ("indicator", "need", "harm", "reviewed")]
    indicators = {one.indicator.code: one.indicator for one in release.shown}
    rows = []
    for one in indicators.values():
        ethics = one.ethics
        reviewed = words.own("said.reviewed", who=ethics.reviewed_by, when=ethics.reviewed_on)
        said = reviewed if ethics.reviewed_by else words.own("said.as_members")
        rows.append([safe(words.of(text)) for text in (one.name, ethics.need, ethics.harm)] + [safe(said)])
    return table(heads, rows, label=words.own("heading.ethics"))


def _hashes(release: Release, words: Spoken) -> str:
    heads = [words.own(f"column.{name}") for name in ("file", "sha256")]
    rows = [
        [f"<code>{safe(name)}</code>", f"<code>{digest}</code>"]
        for name, digest in sorted(release.hashes.items())
    ]
    told = f'<p>{safe(words.own("said.how_to_hash"))}</p>\n<pre tabindex="0">sha256sum -c SHA256SUMS</pre>'
    return f"{told}\n{table(heads, rows, label=words.own('heading.hashes'))}"
