// What folium's own layers expect of a page: a `$` that turns one piece of markup into an element, and Leaflet's
// marker images. Only in the page when somebody added a folium layer. The policy keeps scripts out of the markup.
(function () {
  "use strict";

  // folium sizes the box around a popup by a style attribute, which the policy refuses; a script may set the same.
  const STYLED = /^(\s*<div id="\w+") style="([^"]*)"/;

  window.$ = (markup) => {
    const parsed = new DOMParser().parseFromString(markup.replace(STYLED, '$1 data-style="$2"'), "text/html");
    const node = document.adoptNode(parsed.body.firstElementChild);
    if (node.dataset.style) node.style.cssText = node.dataset.style;
    return [node];
  };

  const imageOf = (name) => {
    const probe = L.DomUtil.create("div", name, document.body);
    const image = getComputedStyle(probe).backgroundImage.replace(/^url\("?|"?\)$/g, "");
    probe.remove();
    return image;
  };
  L.Icon.Default.imagePath = " ";
  const icon = imageOf("leaflet-default-icon-path");
  L.Icon.Default.prototype._getIconUrl = (kind) => (kind === "icon" ? icon : null);
  L.Icon.Default.mergeOptions({ shadowUrl: null });
})();
