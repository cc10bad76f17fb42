// What the indicator measures: two lines, and the rest for whoever asks, so that the legend stays in sight.
import { byId, own, t } from "./words.js";

// Where all of it is in sight there is nothing to ask for.
function drawExplain() {
  const [text, button] = [byId("explanation"), byId("explain")];
  const open = text.classList.contains("open");
  button.hidden = !open && text.scrollHeight <= text.clientHeight + 1;
  button.setAttribute("aria-expanded", String(open));
  button.textContent = t(open ? "choose.less" : "choose.more");
}

export function connectExplanation() {
  byId("explain").addEventListener("click", () => {
    byId("explanation").classList.toggle("open");
    drawExplain();
  });
  new ResizeObserver(drawExplain).observe(byId("explanation"));
}

export function drawExplanation(page) {
  byId("explanation").classList.remove("open");
  byId("explanation").textContent = own(page.indicator.explanation);
  drawExplain();
}
