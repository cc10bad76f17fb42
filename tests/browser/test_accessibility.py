"""WCAG 2.2 AA: axe-core's judgement in every state of the page, and what axe does not look at.

axe looks at one moment of a page. What it does not cover and is held here: reflow at 320 pixels and at 200 %,
wider text spacing, focus that is visible and not hidden behind something, an order of tabbing without a trap,
motion, forced colours, and a language that reaches every name. What no program judges (whether words are
plain, whether the order makes sense) is looked at by eye.
"""

from itertools import pairwise

import pytest
from axe import violations
from chrome import DESKTOP, NARROWEST, opened
from colours import contrast
from page_states import open_everything, speak, states

pytestmark = pytest.mark.browser

# Half of a common window, as it is after zooming to 200 %.
ZOOMED = {"width": 640, "height": 400}

WINDOWS = pytest.mark.parametrize("viewport", [DESKTOP, NARROWEST], ids=["desktop", "320px"])


def _found(page, look):
    """Return what ``look`` finds in each state, a line for each."""
    return "\n".join(f"{state}: {line}" for state in states(page) for line in look())


@WINDOWS
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_axe_finds_nothing_in_any_state(running, small_map, axe, viewport, language):
    with opened(running, small_map, viewport=viewport) as (page, log):
        speak(page, language)
        assert _found(page, lambda: violations(page, axe)) == ""
        assert log.errors == []


@WINDOWS
def test_axe_finds_nothing_under_forced_colours(running, small_map, axe, viewport):
    with opened(running, small_map, viewport=viewport) as (page, _):
        page.emulate_media(forced_colors="active", reduced_motion="reduce")
        assert _found(page, lambda: violations(page, axe)) == ""


def test_axe_sees_what_is_wrong(running, small_map, axe):
    """The harness itself: a page that is spoilt on purpose is found out, also where axe cannot judge."""
    with opened(running, small_map) as (page, _):
        page.evaluate(
            """() => {
              document.documentElement.removeAttribute("lang");
              document.querySelector("main").append(document.createElement("input"));
              document.getElementById("title").style.color = "#dddddd";
              const word = document.createElement("span");
              word.textContent = "pale";
              word.style.cssText = "position:absolute;left:0;top:0;color:#aaa;background:#ffffffcc";
              document.getElementById("lea-map").append(word);
            }"""
        )
        found = "\n".join(violations(page, axe))
        for rule in (
            "html-has-lang",
            "label (Form elements",
            "color-contrast (Elements",
            "color-contrast (measured)",
        ):
            assert rule in found


_OVERFLOWS = """() => {
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
  // A table may scroll in its own box: its meaning needs two dimensions (WCAG 1.4.10).
  const boxes = [...document.body.querySelectorAll("*")].filter((node) =>
    node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0 && !node.querySelector("table") &&
    ["auto", "scroll"].includes(getComputedStyle(node).overflowX));
  return [...(wide ? ["the page"] : []), ...boxes.map((node) => node.id || node.className)];
}"""


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize(("viewport", "scale"), [(NARROWEST, 1), (ZOOMED, 2)], ids=["320px", "200 per cent"])
def test_nothing_scrolls_sideways(running, small_map, viewport, scale, language):
    with opened(running, small_map, viewport=viewport, device_scale_factor=scale) as (page, _):
        speak(page, language)
        assert _found(page, lambda: page.evaluate(_OVERFLOWS)) == ""


_CUT = """() => [...document.body.querySelectorAll("*")].filter((node) => {
  const style = getComputedStyle(node);
  const hides = ["hidden", "clip"].includes(style.overflowX) || ["hidden", "clip"].includes(style.overflowY);
  const seen = node.clientWidth > 1 && node.clientHeight > 1 && node.checkVisibility();
  const over = node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1;
  return seen && hides && over && !node.closest("#lea-map") && node.innerText;
}).map((node) => node.id || node.className || node.tagName)"""


@WINDOWS
def test_wider_text_spacing_cuts_nothing_off(running, small_map, viewport):
    # The spacing of WCAG 1.4.12.
    spacing = """() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
        word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }`);
      document.adoptedStyleSheets = [sheet];
    }"""
    with opened(running, small_map, viewport=viewport) as (page, _):
        page.evaluate(spacing)
        assert _found(page, lambda: page.evaluate(_CUT) + page.evaluate(_OVERFLOWS)) == ""


def test_there_is_one_first_heading_and_no_level_is_skipped(running, small_map):
    with opened(running, small_map) as (page, _):
        for state in states(page):
            levels = page.evaluate(
                """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
                  .filter((node) => node.checkVisibility()).map((node) => Number(node.tagName[1]))"""
            )
            assert levels[0] == 1, state
            assert levels.count(1) == 1, state
            assert all(below - above <= 1 for above, below in pairwise(levels)), (
                state,
                levels,
            )


def test_there_is_one_main_part_and_each_part_has_a_name_of_its_own(running, small_map):
    with opened(running, small_map) as (page, _):
        names = page.evaluate(
            """() => [...document.querySelectorAll("section, [role=region], nav")]
              .filter((node) => node.checkVisibility())
              .map((node) => node.getAttribute("aria-label") ||
                document.getElementById(node.getAttribute("aria-labelledby"))?.textContent)"""
        )
        assert page.get_by_role("main").count() == 1
        assert page.get_by_role("banner").count() == 1
        assert len(names) >= 3
        assert all(names), names
        assert len(set(names)) == len(names), names


def test_every_name_follows_the_language(running, small_map):
    """So does what only a screen reader tells."""
    told = """() => [...document.querySelectorAll("[aria-label], [title], [alt]")]
      .filter((node) => !node.closest("[lang]:not(html)"))
      .map((node) => node.getAttribute("aria-label") || node.title || node.alt)"""
    with opened(running, small_map) as (page, _):
        open_everything(page)
        by_language = []
        for language in ("fi", "sv", "en"):
            speak(page, language)
            assert page.locator("html").get_attribute("lang") == language
            by_language.append(page.evaluate(told))
        assert len(by_language[0]) >= 4
        same = {names[0] for names in zip(*by_language, strict=True) if len(set(names)) == 1}
        assert not same


# A control that is drawn by what follows it, as a radio button under its label, shows the focus there.
_DRAWN = """
  const drawnBy = (node) => [node, node.nextElementSibling, node.parentElement].filter(Boolean);
  const outlineOf = (node) => {
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(node);
    const seen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    return seen ? [outlineStyle, outlineWidth, outlineColor].join() : "";
  };
"""

_UNFOCUSED = f"""() => {{ {_DRAWN}
  document.activeElement.blur();
  return [...document.querySelectorAll("[data-order]")]
    .sort((a, b) => a.dataset.order - b.dataset.order)
    .map((node) => drawnBy(node).map(outlineOf).find(Boolean) || "");
}}"""

_FOCUSED = (
    """() => {"""
    + _DRAWN
    + """
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  if (!node.dataset.order) node.dataset.order = String(document.querySelectorAll("[data-order]").length);
  const drawn = drawnBy(node);
  const outlined = drawn.find((one) => outlineOf(one));
  const box = (outlined || node).getBoundingClientRect();
  const steps = [0.03, 0.25, 0.5, 0.75, 0.97]; // some of it must be seen (WCAG 2.4.11)
  const points = steps.flatMap((x) => steps.map((y) =>
    document.elementFromPoint(box.x + x * box.width, box.y + y * box.height)));
  const shown = points.some((found) => found && (drawn.includes(found) || node.contains(found)));
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const groundOf = (start) => {
    for (let at = start; at; at = at.parentElement) {
      const [red, green, blue, alpha = 1] = parts(getComputedStyle(at).backgroundColor);
      if (alpha > 0.5) return [red, green, blue];
    }
    return [255, 255, 255];
  };
  const style = outlined && getComputedStyle(outlined);
  const inside = outlined && parseFloat(style.outlineOffset) < 0;
  return {
    order: Number(node.dataset.order),
    what: `${node.tagName} ${node.id || node.className} ${node.innerText || ""}`.slice(0, 60),
    outlined: outlined ? outlineOf(outlined) : "",
    shown,
    outline: outlined ? parts(style.outlineColor).slice(0, 3) : null,
    ground: outlined ? groundOf(inside ? outlined : outlined.parentElement) : null,
  };
}"""
)

_FOCUSABLE = """() => [...document.querySelectorAll("a[href], button, select, input, summary, [tabindex]")]
  .filter((node) => node.checkVisibility() && !node.disabled && node.tabIndex >= 0 && !node.dataset.order)
  .filter((node) => node.type !== "radio" || node.checked)
  .map((node) => `${node.tagName} ${node.id || node.className} ${node.innerText || ""}`.slice(0, 60))"""


def _tab_through(page, most=400):
    """Press Tab until the focus has been everywhere, and return what had it, in order."""
    seen = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None:
            continue  # the browser's own place, between the end of the page and its beginning
        if focused["order"] < len(seen):
            return seen
        seen.append(focused)
    pytest.fail(f"the focus never comes round; last at {seen[-1]['what']}")


@WINDOWS
@pytest.mark.parametrize("colours", ["none", "active"])
def test_tabbing_reaches_every_control_and_the_focus_is_always_seen(running, small_map, viewport, colours):
    with opened(running, small_map, viewport=viewport, forced_colors=colours) as (page, _):
        open_everything(page)
        page.evaluate("leaGeo.page.toggleCompared(0).then(() => leaGeo.page.selectArea(0))")
        seen = _tab_through(page)
        assert page.evaluate(_FOCUSABLE) == [], "never had the focus"
        otherwise = page.evaluate(_UNFOCUSED)
        same = [one["what"] for one, before in zip(seen, otherwise, strict=True) if one["outlined"] == before]
        assert same == [], "looks the same without the focus"
        assert [one["what"] for one in seen if not one["shown"]] == [], "hidden behind something"
        weak = [
            (one["what"], round(_contrast(one["outline"], one["ground"]), 2))
            for one in seen
            if _contrast(one["outline"], one["ground"]) < 3
        ]
        assert weak == []


def _contrast(one, other):
    return contrast(*("#" + "".join(f"{round(part):02x}" for part in colour) for colour in (one, other)))


def test_forced_colours_still_tell_what_is_chosen(running, small_map):
    """Grounds are taken away: what is pressed, selected or checked must show otherwise."""
    look = """() => {
      const look = (node) => {
        const drawn = node.type === "radio" ? node.nextElementSibling : node;
        const { outline, borderTop, borderBottom, backgroundColor, color, fontWeight, textDecoration } =
          getComputedStyle(drawn);
        return [outline, borderTop, borderBottom, backgroundColor, color, fontWeight, textDecoration].join();
      };
      const chosen = ["[aria-pressed=true]", "[aria-selected=true]", "input[type=radio]:checked"];
      const others = ["[aria-pressed=false]", "[aria-selected=false]", "input[type=radio]:not(:checked)"];
      return chosen.flatMap((selector, k) => [...document.querySelectorAll(selector)].map((node) => {
        const group = node.closest("[role=group], [role=tablist], fieldset, ul");
        const other = group?.querySelector(others[k]);
        return [node.id || node.innerText, look(node), other ? look(other) : null];
      }));
    }"""
    with opened(running, small_map, forced_colors="active") as (page, _):
        page.evaluate("leaGeo.page.selectArea(0)")
        found = [entry for entry in page.evaluate(look) if entry[2] is not None]
        assert len(found) >= 3
        assert [name for name, chosen, other in found if chosen == other] == []


def test_nothing_moves_for_who_asked_for_calm(running, small_map):
    moving = """() => [...document.querySelectorAll("*")].filter((node) => {
      const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(node);
      return /[1-9]/.test(transitionDuration) || animationName !== "none" || scrollBehavior === "smooth";
    }).map((node) => node.id || node.className)"""
    with opened(running, small_map, reduced_motion="reduce") as (page, _):
        assert _found(page, lambda: page.evaluate(moving)) == ""
        options = page.evaluate(
            "(({ zoomAnimation, fadeAnimation, inertia }) => [zoomAnimation, fadeAnimation, inertia])"
            "(leaGeo.page.map.options)"
        )
        assert options == [False, False, False]
