"""axe-core in a page: what WCAG holds against it."""

_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_RUN = """async (tags) => {
  const options = { runOnly: { type: "tag", values: tags }, resultTypes: ["violations", "incomplete"] };
  const { violations, incomplete } = await axe.run(document, options);
  const unsure = incomplete.filter(({ id }) => id === "color-contrast").flatMap(({ nodes }) => nodes);
  return {
    found: violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message).join("; ");
      return `${id} (${help}): ${target.flat().join(" ")}: ${why}`;
    })),
    unsure: unsure.map(({ target }) => target.flat().join(" ")),
  };
}"""

# The nearest grounds under a text, laid over one another; in a drawing the shapes under its middle. What is
# written on a canvas is not text to axe or to this.
_CONTRAST = """(selector) => {
  const parts = (colour) => {
    const [red, green, blue, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
    return { light: [red, green, blue], alpha };
  };
  const over = (top, { light, alpha }) => light.map((one, k) => one * alpha + top[k] * (1 - alpha));
  const luminance = (light) => light
    .map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, k) => sum + one * [0.2126, 0.7152, 0.0722][k], 0);
  const node = document.querySelector(selector);
  const grounds = [];
  const drawn = node instanceof SVGElement;
  const box = node.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const covers = ({ left, right, top, bottom }) => left <= x && x <= right && top <= y && y <= bottom;
  for (let at = drawn && node.previousElementSibling; at; at = at.previousElementSibling) {
    const { fill } = getComputedStyle(at);
    if (fill !== "none" && covers(at.getBoundingClientRect())) grounds.unshift(parts(fill));
  }
  for (let at = node; at && (grounds[0]?.alpha ?? 0) < 1; at = at.parentElement) {
    grounds.unshift(parts(getComputedStyle(at).backgroundColor));
  }
  const ground = grounds.reduce(over, [255, 255, 255]);
  const style = getComputedStyle(node);
  const ink = over(ground, parts(drawn ? style.fill : style.color));
  const [dark, light] = [ground, ink].map(luminance).sort((a, b) => a - b);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  return { ratio: (light + 0.05) / (dark + 0.05), least: large ? 3 : 4.5, words: node.textContent.trim() };
}"""


def violations(page, axe):
    """Return what axe-core holds against a page by WCAG 2.2 A and AA and its best practices.

    One line for each element. Where axe cannot judge the contrast of a text, as where the text lies over the
    map, the grounds that were given to it and its parents decide.
    """
    # The page's policy lets no script in; what a debugger evaluates is not subject to it.
    page.evaluate(f"() => {{ if (!window.axe) {{ {axe} }} }}")
    judged = page.evaluate(_RUN, _TAGS)
    measured = [(selector, page.evaluate(_CONTRAST, selector)) for selector in judged["unsure"]]
    weak = [
        f"color-contrast (measured): {selector}: {found['ratio']:.2f} where {found['least']} is due"
        for selector, found in measured
        if found["words"] and found["ratio"] < found["least"]
    ]
    return judged["found"] + weak
