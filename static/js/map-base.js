/* The portal's own base map under (or instead of) tiles: land, waters, main roads, names.
   The colours come from the style sheet, so that they follow the theme. */
import { keepNames } from "./map-names.js";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const roadWidth = (item) => (/motorway|trunk|toll/.test(item.properties.class) ? 3.4 : 2.2);

const STYLES = {
  kecamatan: () => ({ fillColor: css("--map-land"), fillOpacity: 1, color: css("--map-edge"), weight: 1.2 }),
  kelurahan: () => ({ fill: false, color: css("--map-border"), weight: 1, dashArray: "3 4" }),
  landmarks: () => ({ fillColor: css("--ink-2"), fillOpacity: 1, color: css("--map-land"), weight: 1.5 }),
  water: (item) => ({ color: css("--map-water"), weight: item.properties.class === "river" ? 2.4 : 1.2, fill: false }),
  casing: (item) => ({ color: css("--map-road-edge"), weight: roadWidth(item) + 1.6, fill: false }),
  roads: (item) => ({ color: css("--map-road"), weight: roadWidth(item), fill: false }),
};

async function load(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

/** Draw the base layers named in the element's data-base (JSON: [[layer, url], …]; with a third value only from
    that zoom level on); resolves with the map's names when all that are wanted at once came or failed. */
export async function addBase(map, element) {
  if (element.dataset.credit) map.attributionControl.addAttribution(element.dataset.credit);
  const pane = map.createPane("base");
  pane.style.zIndex = 250;
  pane.style.pointerEvents = "none";
  const renderer = L.canvas({ pane: "base", padding: 0.3 });
  const layers = [];
  window.addEventListener("themechange", () => layers.forEach(([name, layer]) => layer.setStyle(STYLES[name])));
  const all = JSON.parse(element.dataset.base || "[]");
  const wanted = all.filter(([, , zoom]) => !zoom);
  const draw = (name, data) => {
    const style = STYLES[name] || STYLES.kelurahan;
    const pointToLayer = (item, latlng) => L.circleMarker(latlng, { renderer, pane: "base", interactive: false, radius: 3 });
    const filter = (item) => name === "landmarks" || item.geometry.type !== "Point";
    const layer = L.geoJSON(data, { renderer, pane: "base", interactive: false, style, pointToLayer, filter });
    layers.push([name, layer]);
    return layer;
  };
  const answers = await Promise.allSettled(wanted.map(([, url]) => load(url)));
  answers.forEach((answer, index) => {
    if (answer.status !== "fulfilled") return;
    const name = wanted[index][0];
    for (const part of name === "roads" ? ["casing", "roads"] : [name]) draw(part, answer.value).addTo(map);
  });
  element.querySelector(".map-wait")?.remove();
  const drawn = Object.fromEntries(layers);
  const names = keepNames(map, { areas: drawn.kecamatan ?? null, roads: drawn.roads ?? null });
  for (const [name, url, zoom] of all.filter(([, , from]) => from)) {
    const make = async () => {
      const data = await load(url);
      names.add(name, data);
      return draw(name, data);
    };
    // Its borders are finer: the coarse ones of the kecamatan would run beside them.
    whenClose(map, zoom, make, (isShown) => name === "kelurahan" && drawn.kecamatan?.setStyle({ stroke: !isShown }));
  }
  return names;
}

/** Show a layer from a zoom level on; `make()` fetches it when it is first needed, `shown(whether)` is told. After a
    failure it is tried again at the next move. */
function whenClose(map, zoom, make, shown) {
  let layer = null;
  let isAsked = false;
  async function look() {
    const isClose = map.getZoom() >= zoom;
    if (layer && !isClose) {
      layer.remove();
      shown(false);
    }
    if (!isClose || isAsked) return;
    isAsked = true;
    try {
      layer ??= await make();
      if (map.getZoom() >= zoom) {
        layer.addTo(map);
        shown(true);
      }
    } catch {
      /* the map is useful without it */
    }
    isAsked = false;
  }
  map.on("moveend", look);
  look();
}

const SHAPES = {
  new: ["M12 2a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z", "M12 7v5M12 15h.01"],
  working: ["M4 3h16v16H4Z", "M8 11h8M13 7.5 16.5 11 13 14.5"],
  scheduled: ["m12 1 10 10-10 10L2 11Z", "M12 6.5V11l3 2"],
  done: ["M12 2 21 6v6c0 5-4 8-9 10-5-2-9-5-9-10V6Z", "m8 11.5 3 3 5-6"],
  rejected: ["M7 2h10l5 5v8l-5 5H7l-5-5V7Z", "m8.5 7.5 7 7M15.5 7.5l-7 7"],
  pick: ["M12 23c-5-5.5-8-9.3-8-13a8 8 0 0 1 16 0c0 3.7-3 7.5-8 13Z", "M12 7.5v5M9.5 10h5"],
};

/** An SVG element whose shape and colour say the state; the same in the legend and on the map. */
export function markerShape(state) {
  const [shape, glyph] = SHAPES[state] || SHAPES.new;
  const box = document.createElement("div");
  box.className = `marker marker-${state}`;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, d] of [
    ["shape", shape],
    ["glyph", glyph],
  ]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    svg.append(path);
  }
  box.append(svg);
  return box;
}

export function stateIcon(state) {
  const tall = state === "pick";
  return L.divIcon({
    className: "",
    html: markerShape(state),
    iconSize: [44, 44],
    iconAnchor: [22, tall ? 43 : 22],
    popupAnchor: [0, -14],
  });
}

/** Run `start(map, element)` when django-leaflet has made the map with this id. */
export function onMap(id, start) {
  window.addEventListener("map:init", (event) => {
    if (event.detail.id === id) start(event.detail.map, document.getElementById(id));
  });
}
