/* Drawing an area's boundary: points are dragged on the map, or changed in fields by keyboard. The GeoJSON field of
   the form always holds what is drawn; without this script it is what people edit. */
import { addBase, onMap } from "./map-base.js";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
const field = (id) => document.getElementById(id);
const MOST_HANDLES = 150;
const MIDPOINT_FROM_PX = 44;
const ROUND = 1e6;

/** GeoJSON → polygons of open rings of [longitude, latitude]. */
function ringsOf(geometry) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  return polygons.map((rings) =>
    rings.map((ring) => {
      const points = ring.map(([x, y]) => [x, y]);
      const [first, last] = [points[0], points.at(-1)];
      if (points.length > 1 && first[0] === last[0] && first[1] === last[1]) points.pop();
      return points;
    }),
  );
}

function geometryOf(polygons) {
  const closed = polygons.map((rings) => rings.map((ring) => [...ring, ring[0]]));
  return closed.length === 1
    ? { type: "Polygon", coordinates: closed[0] }
    : { type: "MultiPolygon", coordinates: closed };
}

/** Square kilometres on a flat plane at this latitude; good to a thousandth for a city. */
function km2(polygons) {
  const kx = 111.32 * Math.cos((polygons[0][0][0][1] * Math.PI) / 180);
  const ring = (points) =>
    Math.abs(
      points.reduce((sum, [x, y], index) => {
        const [nx, ny] = points[(index + 1) % points.length];
        return sum + x * ny - nx * y;
      }, 0) / 2,
    ) *
    kx *
    110.6;
  return polygons.reduce(
    (sum, rings) => sum + ring(rings[0]) - rings.slice(1).reduce((holes, hole) => holes + ring(hole), 0),
    0,
  );
}

const latLngs = (polygons) => polygons.map((rings) => rings.map((ring) => ring.map(([x, y]) => [y, x])));

class Editor {
  constructor(map, element, polygons) {
    Object.assign(this, { map, element, polygons, past: [], at: { polygon: 0, ring: 0, point: 0 } });
    this.shape = L.polygon(latLngs(polygons), { interactive: false, color: css("--accent"), weight: 3, fillOpacity: 0.12 });
    this.shape.addTo(map);
    this.handles = L.layerGroup().addTo(map);
    this.fillEdges();
    map.on("moveend zoomend", () => this.drawHandles());
    this.listen();
    this.show();
  }

  get ring() {
    return this.polygons[this.at.polygon][this.at.ring];
  }

  listen() {
    field("b-ring").addEventListener("change", (event) => {
      const [polygon, ring] = event.target.value.split(".").map(Number);
      this.select({ polygon, ring, point: 0 }, true);
    });
    field("b-point").addEventListener("change", (event) => {
      const wanted = Math.round(Number(event.target.value)) || 1;
      this.select({ ...this.at, point: Math.min(Math.max(wanted, 1), this.ring.length) - 1 }, true);
    });
    for (const [id, axis] of [["b-lon", 0], ["b-lat", 1]]) {
      field(id).addEventListener("change", (event) => this.type(axis, event.target));
    }
    const acts = {
      previous: () => this.step(-1),
      next: () => this.step(1),
      add: () => this.add(this.at, this.middle(this.at.point)),
      delete: () => this.remove(),
      undo: () => this.undo(),
    };
    document.querySelectorAll("[data-do]").forEach((button) => {
      button.addEventListener("click", () => acts[button.dataset.do]());
    });
    field("b-geometry").addEventListener("change", (event) => this.replace(event.target.value));
  }

  /** Keep what was, for "undo"; call before each change. */
  remember() {
    this.past.push(JSON.stringify([this.polygons, this.at]));
    if (this.past.length > 200) this.past.shift();
  }

  undo() {
    if (!this.past.length) return;
    [this.polygons, this.at] = JSON.parse(this.past.pop());
    this.fillEdges();
    this.show();
  }

  replace(text) {
    try {
      const polygons = ringsOf(JSON.parse(text).geometry ?? JSON.parse(text));
      if (!polygons.every((rings) => rings.length && rings.every((ring) => ring.length > 2))) return;
      this.remember();
      Object.assign(this, { polygons, at: { polygon: 0, ring: 0, point: 0 } });
    } catch {
      return; // the server says what is wrong with it
    }
    this.fillEdges();
    this.show();
  }

  select(at, isFar = false) {
    this.at = at;
    const [x, y] = this.ring[at.point];
    if (isFar && !this.map.getBounds().pad(-0.1).contains([y, x])) this.map.panTo([y, x]);
    this.show();
  }

  step(by) {
    const count = this.ring.length;
    this.select({ ...this.at, point: (this.at.point + by + count) % count }, true);
  }

  type(axis, input) {
    const value = Number(input.value);
    if (input.value === "" || !Number.isFinite(value) || Math.abs(value) > (axis ? 90 : 180)) return this.show();
    this.remember();
    this.ring[this.at.point][axis] = value;
    this.select(this.at, true);
  }

  middle(point) {
    const [a, b] = [this.ring[point], this.ring[(point + 1) % this.ring.length]];
    return [0, 1].map((axis) => Math.round(((a[axis] + b[axis]) / 2) * ROUND) / ROUND);
  }

  add(at, place) {
    this.remember();
    this.at = { ...at };
    this.ring.splice(at.point + 1, 0, place);
    this.fillEdges();
    this.select({ ...at, point: at.point + 1 });
  }

  remove() {
    if (this.ring.length < 4) return;
    this.remember();
    this.ring.splice(this.at.point, 1);
    this.at.point = Math.min(this.at.point, this.ring.length - 1);
    this.fillEdges();
    this.show();
  }

  fillEdges() {
    const { part, outer, hole, pointsWord } = this.element.dataset;
    const options = this.polygons.flatMap((rings, polygon) =>
      rings.map((ring, index) => {
        const name = index ? `${hole} ${index}` : outer;
        const start = this.polygons.length > 1 ? `${part} ${polygon + 1}, ` : "";
        return new Option(`${start}${name} (${ring.length} ${pointsWord})`, `${polygon}.${index}`);
      }),
    );
    field("b-ring").replaceChildren(...options);
  }

  /** Bring shape, fields and handles in line with the points. */
  show() {
    const [x, y] = this.ring[this.at.point];
    field("b-ring").value = `${this.at.polygon}.${this.at.ring}`;
    field("b-point").value = this.at.point + 1;
    field("b-point").max = this.ring.length;
    field("b-lat").value = y.toFixed(6);
    field("b-lon").value = x.toFixed(6);
    document.querySelector('[data-do="undo"]').disabled = !this.past.length;
    document.querySelector('[data-do="delete"]').disabled = this.ring.length < 4;
    this.shape.setLatLngs(latLngs(this.polygons));
    field("b-geometry").value = JSON.stringify(geometryOf(this.polygons));
    this.drawHandles();
  }

  drawHandles() {
    this.handles.clearLayers();
    const view = this.map.getBounds().pad(0.05);
    const seen = [];
    this.polygons.forEach((rings, polygon) =>
      rings.forEach((points, ring) =>
        points.forEach(([x, y], point) => {
          if (view.contains([y, x])) seen.push({ polygon, ring, point });
        }),
      ),
    );
    const isTooMany = seen.length > MOST_HANDLES;
    const size = km2(this.polygons).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 3 });
    const { area, near } = this.element.dataset;
    field("b-said").textContent = `${area}: ${size} km².${isTooMany ? ` ${near}` : ""}`;
    const shown = isTooMany ? seen.filter((at) => this.isSelected(at)) : seen;
    for (const at of shown) this.handle(at);
  }

  isSelected(at) {
    return at.polygon === this.at.polygon && at.ring === this.at.ring && at.point === this.at.point;
  }

  handle(at) {
    const ring = this.polygons[at.polygon][at.ring];
    const [x, y] = ring[at.point];
    const kind = this.isSelected(at) ? "vertex vertex-selected" : "vertex";
    const marker = this.marker([y, x], kind);
    marker.on("click", () => this.select(at));
    this.draggable(marker, at, () => this.remember());
    const [nx, ny] = ring[(at.point + 1) % ring.length];
    const isLong =
      this.map.latLngToContainerPoint([y, x]).distanceTo(this.map.latLngToContainerPoint([ny, nx])) > MIDPOINT_FROM_PX;
    if (!isLong) return;
    const middle = this.marker([(y + ny) / 2, (x + nx) / 2], "vertex vertex-middle");
    const next = { ...at, point: at.point + 1 };
    this.draggable(middle, next, () => {
      this.remember();
      ring.splice(next.point, 0, [(x + nx) / 2, (y + ny) / 2]);
      this.fillEdges();
    });
  }

  marker(place, className) {
    const icon = L.divIcon({ className, iconSize: [28, 28], iconAnchor: [14, 14] });
    return L.marker(place, { icon, draggable: true, keyboard: false, zIndexOffset: className.endsWith("selected") ? 9000 : 500 }).addTo(this.handles);
  }

  draggable(marker, at, begin) {
    marker.on("dragstart", begin);
    marker.on("drag", () => {
      const { lat, lng } = marker.getLatLng();
      this.polygons[at.polygon][at.ring][at.point] = [Math.round(lng * ROUND) / ROUND, Math.round(lat * ROUND) / ROUND];
      this.shape.setLatLngs(latLngs(this.polygons));
    });
    marker.on("dragend", () => this.select(at));
  }
}

function drawAround(map, element) {
  const edge = { interactive: false, fill: false };
  for (const { name, geometry } of read("b-beside") || []) {
    L.geoJSON(geometry, { ...edge, style: { color: css("--ink-2"), weight: 1.5, dashArray: "4 4", fill: false } })
      .addTo(map)
      .bindTooltip(name, { permanent: false });
  }
  const now = L.geoJSON(read("b-now"), { interactive: false, style: { color: css("--signal"), weight: 2, dashArray: "8 5", fill: false } });
  now.addTo(map);
  for (const [latitude, longitude, code] of read("b-moved") || []) {
    const dot = { radius: 6, weight: 2, color: "#fff", fillColor: css("--signal"), fillOpacity: 0.95 };
    L.circleMarker([latitude, longitude], dot).addTo(map).bindTooltip(code);
  }
  if (element.dataset.fault) {
    const place = element.dataset.fault.split(";").map(Number);
    L.circleMarker(place, { radius: 14, weight: 4, color: css("--signal"), fill: false, interactive: false }).addTo(map);
  }
  return now;
}

onMap("peta-batas", (map, element) => {
  map.scrollWheelZoom.disable();
  addBase(map, element);
  const now = drawAround(map, element);
  map.fitBounds(now.getBounds().pad(0.05), { animate: false });
  if (element.dataset.fault) map.setView(element.dataset.fault.split(";").map(Number), 16, { animate: false });
  let polygons = null;
  try {
    const given = JSON.parse(field("b-geometry").value);
    polygons = ringsOf(given.geometry ?? given);
  } catch {
    return; // what was typed is no GeoJSON; the page says so
  }
  if (!element.dataset.editable || !polygons[0]?.[0]?.length) return;
  document.querySelector(".boundary-tools").hidden = false;
  element.editor = new Editor(map, element, polygons);
  document.querySelector(".boundary-found")?.focus();
});
