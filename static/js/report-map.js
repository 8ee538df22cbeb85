/* The small map of one report; on the public page it is fetched when it comes near. */
import { mapWhenNear } from "./late-map.js";
import { addBase, onMap, stateIcon } from "./map-base.js";

onMap("peta-laporan", (map, element) => {
  const here = [Number(element.dataset.lat), Number(element.dataset.lon)];
  map.setView(here, 15);
  map.scrollWheelZoom.disable();
  L.marker(here, { icon: stateIcon(element.dataset.state), interactive: false, keyboard: false }).addTo(map);
  // Where photo and phone say they were: "lat,lon,what;…".
  for (const point of (element.dataset.points || "").split(";").filter(Boolean)) {
    const [lat, lon, what] = point.split(",");
    const look = { radius: 8, weight: 3, className: `point-of-${what}`, interactive: false };
    L.circleMarker([Number(lat), Number(lon)], look).addTo(map);
    map.fitBounds(map.getBounds().extend([Number(lat), Number(lon)]), { maxZoom: 17 });
  }
  addBase(map, element);
});

const place = document.getElementById("peta-laporan");
if (place?.dataset.leaflet) mapWhenNear(place);
