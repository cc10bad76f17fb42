// What folium's own layers expect of a page: a `$` that turns one piece of markup into an element, and Leaflet's
// marker images. Only in the page when somebody added a folium layer. The policy keeps scripts out of the markup.
(function () {
  "use strict";

  window.$ = (markup) => {
    const parsed = new DOMParser().parseFromString(markup, "text/html");
    return [document.adoptNode(parsed.body.firstElementChild)];
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
