/* Trips on our own outlines, drawn on canvas: no tiles, no WebGL, no outside host.

   <section data-map data-trips="…" data-counties="…" data-provinces="…">, see `trip_map` in pieces.html.
   The trips' address answers with
   {"trips": [{"id": "T-…", "label": "…", "state": "approved", "href": "…" | null,
               "points": [{"kind": "start" | "pickup" | "drop", "name": "…", "lon": 0, "lat": 0}, …],
               "path": [[lon, lat], …] | null}]}
   Without a `path` the points are joined in order, long legs in a bow. An event `zhida:trips` on the section reads it again. */
"use strict";

(() => {
  const COLOUR = {
    proposed: "#b06a10", approved: "#14578a", departed: "#0f5a5f", settled: "#1f6b3a",
    rejected: "#9aa3a4", cancelled: "#9aa3a4",
  };
  const CHOSEN = "#b8481f";
  const GUIZHOU_AND_COAST = [[22.2, 103.5], [31.5, 122.0]];

  async function read(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer.json();
  }

  function at(point) {
    return [point.lat, point.lon];
  }

  function shortName(province) {
    return province.replace(/(壮族自治区|省|市)$/, "");
  }

  /** From a to b in a gentle bow, so that many long ways to one gate can be told apart; short ones stay straight. */
  function bow(a, b) {
    const [rise, run] = [b[0] - a[0], b[1] - a[1]];
    if (Math.hypot(rise, run) < 1.5) return [a, b];
    const middle = [(a[0] + b[0]) / 2 + run * 0.1, (a[1] + b[1]) / 2 - rise * 0.1];
    return Array.from({ length: 25 }, (_, step) => {
      const s = step / 24;
      return [0, 1].map((axis) => (1 - s) ** 2 * a[axis] + 2 * s * (1 - s) * middle[axis] + s ** 2 * b[axis]);
    });
  }

  function wayOf(trip) {
    if (trip.path) return trip.path.map(([lon, lat]) => [lat, lon]);
    const stops = trip.points.map(at);
    return stops.slice(1).flatMap((stop, before) => bow(stops[before], stop));
  }

  class TripMap {
    constructor(section) {
      this.section = section;
      this.words = section.querySelector(".map-words");
      this.list = section.querySelector(".map-trips ol");
      this.canvas = L.canvas({ padding: 0.5, tolerance: 6 });
      this.map = L.map(section.querySelector(".map-canvas"), {
        renderer: this.canvas, zoomControl: false, attributionControl: false, zoomSnap: 0.25,
        minZoom: 4, maxZoom: 12, scrollWheelZoom: false,
      });
      L.control.zoom({ zoomInTitle: section.dataset.wordZoomIn, zoomOutTitle: section.dataset.wordZoomOut }).addTo(this.map);
      L.control.scale({ imperial: false }).addTo(this.map);
      // The wheel scrolls the page until the map is clicked or focused.
      this.map.on("focus click", () => this.map.scrollWheelZoom.enable());
      this.map.on("blur mouseout", () => this.map.scrollWheelZoom.disable());
      this.map.fitBounds(GUIZHOU_AND_COAST);
      this.trips = L.layerGroup().addTo(this.map);
      this.lines = new Map();
      this.fitted = false;
    }

    /** Ground, names, trips: one above the other, so that no name lies over a stop. */
    async drawGround() {
      this.map.createPane("ground").style.zIndex = 350;
      this.map.createPane("names").style.zIndex = 360;
      const renderer = L.canvas({ pane: "ground", padding: 0.5 });
      const provinces = { renderer, color: "#c3ccc8", weight: 1, fillColor: "#f3f4f0", fillOpacity: 1, interactive: false };
      const counties = { renderer, color: "#b9c7c0", weight: 0.7, fillColor: "#e3ece4", fillOpacity: 1, interactive: false };
      const named = (feature, shape) => shape.bindTooltip(this.text(shortName(feature.properties.name)), {
        pane: "names", permanent: true, direction: "center", className: "map-name", interactive: false,
      });
      L.geoJSON(await read(this.section.dataset.provinces), { style: provinces, onEachFeature: named }).addTo(this.map);
      L.geoJSON(await read(this.section.dataset.counties), { style: counties }).addTo(this.map);
    }

    async drawTrips() {
      const { trips } = await read(this.section.dataset.trips);
      this.trips.clearLayers();
      this.lines.clear();
      this.list.replaceChildren();
      // Hundreds of ways on one map: thinner and fainter, so that where they gather can still be seen.
      this.plain = trips.length > 80 ? { weight: 1.2, opacity: 0.3 } : { weight: 2, opacity: 0.55 };
      trips.forEach((trip) => this.drawTrip(trip));
      this.words.textContent = trips.length ? "" : this.section.dataset.wordNone;
      this.section.querySelector(".map-trips").hidden = trips.length === 0;
      if (trips.length && !this.fitted) {
        this.map.fitBounds(L.latLngBounds(trips.flatMap((trip) => trip.points.map(at))).pad(0.08));
        this.fitted = true;
      }
    }

    drawTrip(trip) {
      const colour = COLOUR[trip.state] || "#4d5d60";
      const line = L.polyline(wayOf(trip), { color: colour, ...this.plain }).addTo(this.trips);
      line.bindTooltip(() => this.nameOf(trip), { sticky: true });
      line.on("click", () => (trip.href ? location.assign(trip.href) : this.choose(trip.id)));
      line.on("mouseover", () => line.setStyle({ weight: 4, opacity: 1 }));
      line.on("mouseout", () => this.restyle());
      for (const point of trip.points) {
        const gate = point.kind === "drop";
        const dot = L.circleMarker(at(point), {
          radius: gate ? 4.5 : 3.5, weight: 1.5, color: gate ? CHOSEN : colour,
          fillColor: gate ? "#f0a04b" : "#ffffff", fillOpacity: 1,
        }).addTo(this.trips);
        dot.bindTooltip(() => this.text(`${this.kindWord(point.kind)} ${point.name}`));
      }
      this.lines.set(trip.id, { line, colour, button: this.listEntry(trip) });
    }

    listEntry(trip) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = trip.label;
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => this.choose(trip.id));
      const item = document.createElement("li");
      item.append(button);
      this.list.append(item);
      return button;
    }

    choose(id) {
      this.chosen = this.chosen === id ? null : id;
      this.restyle();
      const entry = this.lines.get(this.chosen);
      if (entry) this.map.flyToBounds(entry.line.getBounds().pad(0.15), { duration: 0.5 });
    }

    restyle() {
      for (const [id, { line, colour, button }] of this.lines) {
        const chosen = id === this.chosen;
        line.setStyle(chosen ? { color: CHOSEN, weight: 4, opacity: 1 } : { color: colour, ...this.plain, ...(this.chosen ? { opacity: 0.2 } : {}) });
        if (chosen) line.bringToFront();
        button.setAttribute("aria-pressed", String(chosen));
      }
    }

    kindWord(kind) {
      return { start: this.section.dataset.wordStart, pickup: this.section.dataset.wordPickup, drop: this.section.dataset.wordDrop }[kind];
    }

    nameOf(trip) {
      return this.text(trip.label);
    }

    /** As text, never as markup: names come from files that people send. */
    text(words) {
      const span = document.createElement("span");
      span.textContent = words;
      return span;
    }

    async draw(work) {
      try {
        await work();
      } catch (error) {
        this.words.textContent = this.section.dataset.wordFailed;
        console.error(error);
      }
    }
  }

  document.querySelectorAll("[data-map]").forEach(async (section) => {
    const map = new TripMap(section);
    section.addEventListener("zhida:trips", () => map.draw(() => map.drawTrips()));
    await map.draw(() => map.drawGround());
    await map.draw(() => map.drawTrips());
  });
})();
