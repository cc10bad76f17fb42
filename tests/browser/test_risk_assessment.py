"""The risk assessment as an official meets it: in a browser, on a desk and on a phone, offline."""

import pytest
from axe import violations
from chrome import DESKTOP, NARROWEST, Log
from small_egress import small_release

from lea_geo.disclosure.egress.page import risk_assessment
from lea_geo.schema import LANGUAGES

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("risk")
    for language in LANGUAGES:
        page = risk_assessment(small_release(), language)
        (folder / f"{language}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.mark.parametrize("viewport", [DESKTOP, NARROWEST], ids=["desktop", "320px"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(running, pages, axe, language, viewport):
    page = running.new_page(viewport=viewport)
    log = Log()
    log.listen(page)
    page.goto((pages / f"{language}.html").as_uri())
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert log.requests == [(pages / f"{language}.html").as_uri()]
    assert violations(page, axe) == []
    assert log.dialogs == []
    page.close()
