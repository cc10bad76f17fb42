"""A report as a parser of HTML sees it, and what it may hold."""

from html.parser import HTMLParser

ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "input", "label", "main", "p", "h1", "h2", "h3", "div",
    "table",
    "thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "article", "a", "b", "bdi", "code", "span", "br",
}  # fmt: skip
CHARTS = {"svg", "text", "line", "circle", "polygon", "polyline", "rect"}
CHAPTERS = ALLOWED | CHARTS | {"nav", "section", "figure", "figcaption", "details", "summary"}
"""What a report may hold that tells of chapters too."""
VOID = {"meta", "input", "br"}
HOSTILE = [
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)",
    "<svg/onload=alert(1)>",
    "{{7*7}}",
    "{% raw %}",
    "${alert(1)}",
    "<!-- ",
    "]]>",
    "javascript:alert(1)",
    "&lt;b&gt;",
    "\u202egnirts",
    "{known} {n} {file}",
]


class Page(HTMLParser):
    """Tags, attributes, links and text of a page; every tag must be closed in its turn."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.ids, self.links, self.texts, self.open = set(), set(), [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name in {"href", "src"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())
