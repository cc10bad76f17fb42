"""One state of the page after another: what opens, what is chosen, in which language."""

from chrome import until


def settle(page):
    page.evaluate("leaGeo.page.settled()")


def speak(page, language):
    page.locator(f'button[data-language="{language}"]').click()
    until(page, f"document.documentElement.lang === '{language}'")
    settle(page)


def open_everything(page):
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.wait_for_timeout(50)  # `toggle` is told a moment later
    settle(page)


def states(page):
    """Bring the page into one state after another, and yield what each is called."""
    yield "as it opens"
    page.locator("#area-search").fill("a")
    settle(page)
    yield "areas found"
    page.locator("#area-search").fill("")
    for popup in page.locator("button[aria-haspopup]").all():
        popup.click()
        settle(page)
        yield f"the list of {popup.get_attribute('id')} open"
        page.keyboard.press("Escape")
    open_everything(page)
    yield "every section open"
    page.evaluate("leaGeo.page.selectArea(0)")
    yield "an area chosen"
    page.evaluate("leaGeo.page.chooseView('local_moran')")
    page.evaluate("leaGeo.page.toggleCompared(0).then(() => leaGeo.page.toggleCompared(8))")
    yield "two areas compared, clusters shown"
    for tab in page.get_by_role("tab").all():
        tab.click()
        settle(page)
        yield f"the tab {tab.get_attribute('id')}"
