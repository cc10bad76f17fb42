"""The report's HTML: tables, lists and escaped text, and how they look."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def table(heads: list[str], rows: list[list[str]], *, label: str) -> str:
    """Return a table that a keyboard can scroll; heads and label are text, cells are HTML already."""
    head = "<thead><tr>" + "".join(f'<th scope="col">{safe(head)}</th>' for head in heads) + "</tr></thead>"
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>\n'
        for first, *rest in rows
    )
    drawn = f"<table>{head if heads else ''}<tbody>{body}</tbody></table>"
    return f'<div class="wide" role="region" tabindex="0" aria-label="{safe(label)}">{drawn}</div>'


def bullets(items: Iterable[str]) -> str:
    """Return a list of texts."""
    return "<ul>" + "".join(f"<li>{safe(item)}</li>\n" for item in items) + "</ul>"


def folded(summary: str, content: str) -> str:
    """Return HTML that a reader opens where it is wanted; blank where there is none."""
    return f"<details><summary>{safe(summary)}</summary>{content}</details>\n" if content else ""


def small(text: str) -> str:
    """Return text below what stands in a cell."""
    return f'<br><span class="small">{safe(text)}</span>'


def isolated(text: str) -> str:
    """Return text that cannot turn the reading direction of what follows it."""
    return f"<bdi>{safe(text)}</bdi>"


def safe(text: str) -> str:
    """Return text that is text wherever it stands."""
    return escape(str(text), quote=True)


STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1d2329; }
body { max-width: 62rem; margin: 0 auto; padding: 1rem; }
.spoken { display: none; }
#in-fi:checked ~ .in-fi, #in-sv:checked ~ .in-sv, #in-en:checked ~ .in-en { display: block; }
input[name=language] { position: absolute; opacity: 0; }
label { display: inline-block; padding: .3rem .8rem; border: 1px solid #6b7480; }
label { margin-right: .3rem; cursor: pointer; }
input:checked + label { background: #1d2329; color: #fff; }
input:focus-visible + label { outline: 3px solid #2c7fb8; outline-offset: 2px; }
.made-up { background: #fff3b0; border: 2px solid #8a6d00; padding: .6rem 1rem; font-weight: bold; }
h2 { margin-top: 2.2rem; border-bottom: 1px solid #b9c0c7; }
article { border-top: 1px solid #d9dde1; margin-top: 1.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; border-bottom: 1px solid #e3e6e9; }
th, td { padding: .25rem .7rem .25rem 0; }
tbody th { font-weight: normal; }
td { font-variant-numeric: tabular-nums; }
code { overflow-wrap: anywhere; }
h1, h3 { overflow-wrap: anywhere; }
a:focus-visible, .wide:focus-visible, figure:focus-visible { outline: 3px solid #b35900; }
a:focus-visible, .wide:focus-visible, figure:focus-visible { outline-offset: 2px; }
.small { font-size: .9rem; color: #454d55; }
.mark { display: inline-block; width: .8em; height: .8em; margin-right: .4em; background: #d9d9d9; }
.high-high { background: #b2182b; } .low-low { background: #2166ac; }
.low-high { background: #80cdff; } .high-low { background: #fdae61; }
.spoken { hyphens: auto; overflow-wrap: break-word; }
.question { font-size: 1.1rem; font-style: italic; }
.findings li { margin: .5rem 0; }
.certainty { display: inline-block; padding: 0 .5rem; border: 2px solid #1d2329; border-radius: .3rem; }
.certainty { font-size: .85rem; }
.certainty.firm { background: #1d2329; color: #fff; }
.certainty.likely { background: #e3e6e9; }
.certainty.unsure { border-style: dashed; }
details { margin: .8rem 0; }
summary { cursor: pointer; padding: .3rem 0; font-weight: bold; }
summary:focus-visible { outline: 3px solid #b35900; outline-offset: 2px; }
figure { margin: 1rem 0; overflow-x: auto; }
figure svg { width: 100%; height: auto; max-width: 45rem; }
figcaption { font-size: .9rem; color: #4a5058; }
@media (max-width: 40rem) {
  th, td { padding-right: .4rem; }
  h1 { font-size: 1.6rem; }
  figure svg { min-width: 34rem; }
}
@media print {
  @page { size: A4; margin: 16mm; }
  label, input { display: none; }
  html { font-size: 12px; }
  body { font-size: 1rem; padding: 0; }
  .wide, figure { overflow: visible; }
  h2, h3 { break-after: avoid; }
  tr, figure, li { break-inside: avoid; }
  .certainty { print-color-adjust: exact; }
  .mark { print-color-adjust: exact; }
}
"""
