"""A headless Chromium that writes down everything a page does beside showing itself."""

import time
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import sync_playwright

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROWEST = {"width": 320, "height": 640}  # WCAG 1.4.10


@dataclass
class Log:
    """What a page did."""

    requests: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    dialogs: list = field(default_factory=list)

    def listen(self, page):
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))


@contextmanager
def browser(path):
    """Run the Chromium at ``path``."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        yield running
        running.close()


@contextmanager
def opened(running, file, *, viewport=None, **context):
    """Open a map and yield the page, drawn, and its log; ``context`` goes to playwright's ``new_page``."""
    page = running.new_page(viewport=viewport or DESKTOP, **context)
    log = Log()
    log.listen(page)
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready]", timeout=20_000)
    yield page, log
    page.close()


def until(page, expression, arg=None, *, seconds=15):
    """Wait until an expression holds; playwright's own way evaluates text, which the policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, f"{expression} did not hold within {seconds} s"
        page.wait_for_timeout(20)
