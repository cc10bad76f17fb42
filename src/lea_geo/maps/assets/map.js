// The page: its state, and who is told when it changes.
(function (lea) {
  "use strict";

  const { t, own, quantity, element } = lea.words;
  const $ = (id) => document.getElementById(id);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const FINEST = 12.5;

  lea.mapOptions = {
    attributionControl: false,
    zoomControl: false,
    zoomSnap: 0.25,
    wheelPxPerZoomLevel: 90,
    maxZoom: FINEST,
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    inertia: !calm,
  };

  class Page {
    constructor(map, data, shapes) {
      this.map = map;
      this.data = data;
      this.state = { language: data.language, indicator: 0, view: "value", area: -1 };
      lea.useTexts(data.texts);
      lea.useLanguage(this.state.language);
      this.layer = new lea.AreaLayer(data.frame, shapes, this.names()).addTo(map);
      this.actions = {
        selectArea: (i) => this.selectArea(i, { move: true }),
        chooseIndicator: (i) => this.chooseIndicator(i),
        close: () => this.close(),
      };
      this.addControls();
      this.showAll();
      this.listen();
    }

    get indicator() {
      return this.data.indicators[this.state.indicator];
    }

    names() {
      return this.data.areas.id.map((id, i) => lea.nameOf(this.data, i));
    }

    addControls() {
      this.zoom = L.control.zoom({ position: "topleft" }).addTo(this.map);
      const whole = L.DomUtil.create("a", "lea-whole", this.zoom.getContainer());
      whole.href = "#lea-map";
      whole.setAttribute("role", "button");
      whole.textContent = "⤢";
      L.DomEvent.on(whole, "click", (event) => {
        L.DomEvent.stop(event);
        this.showAll();
      });
      L.control.scale({ imperial: false, position: "bottomleft" }).addTo(this.map);
    }

    // All areas in the window, whatever its size.
    showAll() {
      const { origin, quantum, size } = this.data.frame;
      const [wide, high] = size.map((steps) => Math.max(1, steps * quantum));
      const window_ = this.map.getSize();
      const scale = Math.min((window_.x - 24) / wide, (window_.y - 24) / high);
      const zoom = Math.min(FINEST, Math.floor(this.map.options.crs.zoom(scale) * 4) / 4);
      const middle = lea.toDegrees(origin[0] + wide / 2, origin[1] + high / 2);
      this.map.setView([middle.latitude, middle.longitude], zoom, { animate: false });
      this.map.setMinZoom(zoom - 1);
    }

    listen() {
      $("indicator").addEventListener("change", (event) => this.chooseIndicator(Number(event.target.value)));
      document.querySelectorAll("[data-language]").forEach((button) => {
        button.addEventListener("click", () => this.chooseLanguage(button.dataset.language));
      });
      $("area-search").addEventListener("input", () => lea.panel.search(this.data, this.actions));
      $("table-section").addEventListener("toggle", () => lea.table.draw(this.data, this.state, this.actions));
      this.map.on("click", (event) => this.selectArea(this.layer.areaAt(event.layerPoint)));
      this.map.on("mousemove", (event) => this.hover(event));
      this.map.on("mouseout movestart", () => this.hover(null));
      document.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && this.state.area >= 0) this.close();
      });
      window.addEventListener("beforeprint", () => this.layOut(true));
      window.addEventListener("afterprint", () => this.layOut(false));
      new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe($("lea-map"));
    }

    // The part of the map that is seen stays the same on paper.
    layOut(printing) {
      const { map } = this;
      if (printing) {
        this.onScreen = { seen: map.getBounds(), middle: map.getCenter(), zoom: map.getZoom(), least: map.getMinZoom() };
      }
      const { seen, middle, zoom, least } = this.onScreen;
      document.body.classList.toggle("printing", printing);
      map.invalidateSize({ animate: false });
      if (printing) {
        map.setMinZoom(least - 2);
        if (zoom <= least + 1) this.showAll();
        else map.fitBounds(seen, { animate: false });
      } else {
        map.setView(middle, zoom, { animate: false });
        map.setMinZoom(least);
      }
    }

    chooseLanguage(language) {
      this.state.language = language;
      lea.useLanguage(language);
      this.layer.setNames(this.names());
      return this.draw();
    }

    chooseIndicator(i) {
      this.state.indicator = i;
      if (!(this.state.view in this.indicator.legends)) this.state.view = "value";
      return this.draw();
    }

    chooseView(view) {
      this.state.view = view;
      return this.draw().then(() => $(`view-${view}`).focus());
    }

    async selectArea(i, { move = false } = {}) {
      this.state.area = i;
      this.layer.select(i);
      this.drawWho();
      if (i < 0) return;
      if (move) this.bringIntoView(i);
      await lea.panel.showArea(this.data, this.state, this.actions);
      $("area").focus({ preventScroll: true });
      $("area").scrollTop = 0;
    }

    bringIntoView(i) {
      const inside = L.bounds([0, 0], this.map.getSize()).contains(
        this.map.layerPointToContainerPoint(this.layer.pointOf(i)),
      );
      if (!inside) this.map.panTo(this.map.layerPointToLatLng(this.layer.pointOf(i)), { animate: !calm });
    }

    close() {
      this.state.area = -1;
      this.layer.select(-1);
      this.drawWho();
      $("area-search").focus({ preventScroll: true });
    }

    async hover(event) {
      const i = event ? this.layer.areaAt(event.layerPoint) : -1;
      this.layer.hover(i);
      $("tip").hidden = i < 0;
      if (i < 0) return;
      const columns = await lea.columnsOf(this.indicator);
      const value = lea.panel.known(columns, "value", i);
      const shown = value === null ? t(`short.${columns.status[i] || "missing"}`) : quantity(value, this.indicator);
      $("tip").replaceChildren(element("strong", {}, lea.nameOf(this.data, i)), element("span", {}, shown));
      const right = event.containerPoint.x > this.map.getSize().x - 200;
      $("tip").style.left = `${event.containerPoint.x + (right ? -14 : 14)}px`;
      $("tip").style.top = `${event.containerPoint.y + 16}px`;
      $("tip").classList.toggle("leftward", right);
    }

    drawWho() {
      const chosen = this.state.area >= 0;
      $("area").hidden = !chosen;
      document.body.classList.toggle("area-open", chosen);
    }

    // Draws everything anew from the state.
    async draw() {
      const { data, state, indicator } = this;
      lea.words.translatePage();
      document.title = own(data.title);
      $("title").textContent = own(data.title);
      $("synthetic").hidden = !data.synthetic;
      this.nameControls();
      lea.legend.fillIndicators(data, state);
      lea.legend.describeIndicator(data, indicator);
      lea.legend.fillViews(indicator, state, (view) => this.chooseView(view));
      lea.legend.fillLegend(indicator, state.view);
      lea.methods.fillReading(data);
      lea.methods.fillMethods(data, state);
      lea.panel.search(data, this.actions);
      const columns = await lea.columnsOf(indicator);
      const styles = indicator.legends[state.view].map((entry) => entry.style);
      this.layer.setClasses(columns[`view_${state.view}`], styles);
      this.drawWho();
      await lea.panel.standingOut(data, state, this.actions);
      if (state.area >= 0) await lea.panel.showArea(data, state, this.actions);
      await lea.table.draw(data, state, this.actions);
    }

    nameControls() {
      [["in", "map.zoom_in"], ["out", "map.zoom_out"]].forEach(([way, key]) => {
        const link = this.zoom.getContainer().querySelector(`.leaflet-control-zoom-${way}`);
        link.title = t(key);
        link.setAttribute("aria-label", t(key));
      });
      const whole = this.zoom.getContainer().querySelector(".lea-whole");
      whole.title = t("map.whole");
      whole.setAttribute("aria-label", t("map.whole"));
      $("lea-map").setAttribute("role", "region");
    }
  }

  // What goes wrong here goes wrong before anything is shown: mostly a browser that cannot unpack the data.
  async function begin(map) {
    const data = lea.readData();
    const shapes = await lea.readShapes(data);
    lea.page = new Page(map, data, shapes);
    await lea.page.draw();
    document.body.dataset.ready = "true";
  }

  // Called by the map's own script; `lea.ready` tells a test when everything is drawn.
  lea.start = (map) => {
    lea.ready = begin(map).catch((error) => {
      $("cannot").hidden = false;
      throw error;
    });
  };
})((window.leaGeo = window.leaGeo || {}));
