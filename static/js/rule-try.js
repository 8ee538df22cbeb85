/* The places of the reports that an edited rule would have sent elsewhere. */
import { addBase, onMap } from "./map-base.js";

onMap("peta-coba", (map, element) => {
  const colour = getComputedStyle(document.documentElement).getPropertyValue("--signal").trim() || "#b45309";
  const renderer = L.canvas({ padding: 0.3 });
  const dots = L.featureGroup(
    JSON.parse(element.dataset.points).map(([latitude, longitude, code]) =>
      L.circleMarker([latitude, longitude], {
        renderer,
        radius: 6,
        weight: 2,
        color: "#fff",
        fillColor: colour,
        fillOpacity: 0.9,
      }).bindTooltip(code),
    ),
  ).addTo(map);
  map.fitBounds(dots.getBounds().pad(0.2), { maxZoom: 15 });
  map.scrollWheelZoom.disable();
  addBase(map, element);
});
