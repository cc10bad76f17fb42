// Tabs beside the map: the area, the comparison, the scatterplot. Arrow keys move between them and open what
// they reach, as readers of the ARIA Authoring Practices expect.
import { byId } from "./words.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

export function connectTabs() {
  const tabs = [...byId("tabs").querySelectorAll("[role=tab]")];
  tabs.forEach((tab, k) => {
    tab.addEventListener("click", () => openTab(tab.id));
    tab.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      const ends = { Home: tabs[0], End: tabs.at(-1) };
      const next = ends[event.key] || (step && tabs.at((k + step) % tabs.length));
      if (!next) return;
      event.preventDefault();
      openTab(next.id);
      next.focus();
    });
  });
}

export function openTab(id) {
  byId("tabs").querySelectorAll("[role=tab]").forEach((tab) => {
    const open = tab.id === id;
    tab.setAttribute("aria-selected", String(open));
    tab.tabIndex = open ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = !open;
  });
  byId(id).dispatchEvent(new CustomEvent("opened", { bubbles: true }));
}
