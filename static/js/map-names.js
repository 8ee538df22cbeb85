/* Names on the portal's own map: kecamatan from afar, kelurahan, streets and well-known places from near. Drawn above the signs with a halo;
   where two would cover each other, or a name a number, the later one moves a little or is left out. */
const STREETS_FROM_ZOOM = 14;
const QUARTERS_FROM_ZOOM = 14;
const LANDMARKS_FROM_ZOOM = 15;
const MOST_STREETS = 8;
const MOST_LANDMARKS = 14;
const DOT_PX = 7; // from a landmark's dot to its name
const CHAR_PX = 6.6; // about as wide as a letter of these labels is
const LINE_PX = 16;
const LABEL_PX = 200;
const ZOOM_BUTTONS = { left: 0, right: 60, top: 0, bottom: 105 };
const SHIFTS_PX = [0, -18, 18, -32, 32];

const overlaps = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

function boxAround(point, width, height) {
  return {
    left: point.x - width / 2,
    right: point.x + width / 2,
    top: point.y - height / 2,
    bottom: point.y + height / 2,
  };
}

/** Where a name may stand beside its dot, best first: to the right, below, above, to the left. */
const besideDot = (width) => [
  [DOT_PX + width / 2, 0],
  [0, LINE_PX - 2],
  [0, 2 - LINE_PX],
  [-DOT_PX - width / 2, 0],
];

/** Keeps the names of a map. `areas` and `roads` are Leaflet GeoJSON layers or null. */
export function keepNames(map, { areas, roads }) {
  const pane = map.createPane("names");
  pane.style.zIndex = 620; // above the signs, below an open popup
  pane.style.pointerEvents = "none";
  const group = L.layerGroup().addTo(map);
  let obstacles = []; // [latlng, width, height] in pixels: numbers that must stay readable
  const places = areas ? areaPlaces(areas) : [];
  const streets = roads ? streetLines(roads) : [];
  const near = { kelurahan: [], landmarks: [] }; // come later, if somebody zooms in

  function arrange() {
    group.clearLayers();
    const taken = obstacles.map(([latlng, width, height]) => boxAround(map.latLngToContainerPoint(latlng), width, height));
    const numbers = taken.length;
    for (const { name, latlng } of places) placeArea(name, map.latLngToContainerPoint(latlng), taken);
    taken.splice(0, numbers); // a street's name may pass behind a sign
    if (map.getZoom() >= STREETS_FROM_ZOOM) placeStreets(taken);
    const view = L.bounds([0, 0], map.getSize());
    taken.push(ZOOM_BUTTONS);
    if (map.getZoom() >= LANDMARKS_FROM_ZOOM) placeLandmarks(taken, view);
    if (map.getZoom() >= QUARTERS_FROM_ZOOM) placeQuarters(taken, view);
  }

  function placeLandmarks(taken, view) {
    let written = 0;
    for (const { name, latlng } of near.landmarks) {
      const dot = map.latLngToContainerPoint(latlng);
      if (written >= MOST_LANDMARKS || !view.contains(dot)) continue;
      const width = name.length * CHAR_PX;
      for (const [x, y] of besideDot(width)) {
        const middle = dot.add([x, y]);
        const box = boxAround(middle, width, LINE_PX);
        if (!view.contains(middle) || taken.some((other) => overlaps(box, other))) continue;
        taken.push(box);
        write(name, middle, "landmark-label");
        written += 1;
        break;
      }
    }
  }

  function placeQuarters(taken, view) {
    for (const { name, latlng } of near.kelurahan) {
      const point = map.latLngToContainerPoint(latlng);
      const box = boxAround(point, name.length * CHAR_PX, LINE_PX);
      if (!view.contains(point) || taken.some((other) => overlaps(box, other))) continue;
      taken.push(box);
      write(name, point, "quarter-label");
    }
  }

  function placeArea(name, at, taken) {
    const width = name.length * CHAR_PX;
    for (const shift of SHIFTS_PX) {
      const point = at.add([0, shift]);
      const box = boxAround(point, width, LINE_PX);
      if (taken.some((other) => overlaps(box, other))) continue;
      taken.push(box);
      write(name, point, "area-label");
      return;
    }
  }

  function placeStreets(taken) {
    let written = 0;
    const view = L.bounds([0, 0], map.getSize());
    for (const { name, lines } of streets) {
      if (written >= MOST_STREETS) return;
      const width = name.length * CHAR_PX;
      const middle = longestMiddle(lines, map, view, width);
      if (!middle) continue;
      const turned = Math.abs(Math.cos(middle.angle)) * width + LINE_PX;
      const box = boxAround(middle.point, turned, Math.abs(Math.sin(middle.angle)) * width + LINE_PX);
      if (taken.some((other) => overlaps(box, other))) continue;
      taken.push(box);
      write(name, middle.point, "street-label", middle.angle);
      written += 1;
    }
  }

  function write(name, point, className, angle = 0) {
    const text = document.createElement("span");
    text.textContent = name;
    if (angle) text.style.transform = `rotate(${angle}rad)`;
    const icon = L.divIcon({ className, html: text, iconSize: [LABEL_PX, LINE_PX] });
    const latlng = map.containerPointToLatLng(point);
    L.marker(latlng, { icon, interactive: false, keyboard: false, pane: "names" }).addTo(group);
  }

  map.on("moveend resize", arrange);
  arrange();
  return {
    /** Names that came later: the points of a GeoJSON layer, `kelurahan` or `landmarks`. */
    add(kind, data) {
      near[kind] = data.features
        .filter((item) => item.geometry.type === "Point" && item.properties.name)
        .map(({ properties, geometry: { coordinates } }) => ({ name: properties.name, latlng: L.latLng(coordinates[1], coordinates[0]) }));
      arrange();
    },
    /** Keep the names off these: [latlng, width px, height px]. */
    avoid(wanted) {
      obstacles = wanted;
      arrange();
    },
  };
}

function areaPlaces(layer) {
  return layer
    .getLayers()
    .filter((area) => area.feature.properties?.name)
    .map((area) => ({ name: area.feature.properties.name, latlng: area.getBounds().getCenter() }));
}

function streetLines(layer) {
  const rank = { motorway: 0, trunk: 1, primary: 2, secondary: 3, tertiary: 4 };
  return layer
    .getLayers()
    .filter((road) => road.feature.properties?.name)
    .sort((a, b) => (rank[a.feature.properties.class] ?? 5) - (rank[b.feature.properties.class] ?? 5))
    .map((road) => {
      const parts = road.getLatLngs();
      return {
        name: road.feature.properties.name.replace(/^Jalan /, "Jl. "),
        lines: Array.isArray(parts[0]) ? parts : [parts],
      };
    });
}

/** The middle of a line's longest stretch in view and the line's direction there, if the name fits on it. */
function longestMiddle(lines, map, view, width) {
  let best = null;
  for (const line of lines) {
    const points = line.map((latlng) => map.latLngToContainerPoint(latlng));
    for (const stretch of visibleStretches(points, view)) {
      const length = stretch.reduce((sum, [from, to]) => sum + from.distanceTo(to), 0);
      if (length >= width && (!best || length > best.length)) best = { stretch, length };
    }
  }
  return best && middleOf(best.stretch, best.length / 2);
}

function visibleStretches(points, view) {
  const stretches = [];
  let current = [];
  for (let index = 1; index < points.length; index++) {
    const piece = L.LineUtil.clipSegment(points[index - 1], points[index], view, false, false);
    if (piece) current.push(piece);
    const goesOn = piece && piece[1].equals(points[index]);
    if (!goesOn && current.length) {
      stretches.push(current);
      current = [];
    }
  }
  if (current.length) stretches.push(current);
  return stretches;
}

function middleOf(stretch, half) {
  let left = half;
  for (const [from, to] of stretch) {
    const length = from.distanceTo(to);
    if (length && left <= length) {
      let angle = Math.atan2(to.y - from.y, to.x - from.x);
      if (Math.abs(angle) > Math.PI / 2) angle -= Math.sign(angle) * Math.PI; // never upside down
      return { point: from.add(to.subtract(from).multiplyBy(left / length)), angle };
    }
    left -= length;
  }
  return null;
}
