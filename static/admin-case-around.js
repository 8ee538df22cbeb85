/* Other reports around this one, on its small map: the same kind filled, others hollow, ended ones pale. */
import { onMap } from "./js/map-base.js";

const data = document.getElementById("sekitar-titik");
if (data)
  onMap("peta-laporan", (map) => {
    const points = JSON.parse(data.textContent);
    for (const [lat, lon, state, isSame, isOpen, label] of points) {
      const className = `neighbour neighbour-${state}${isSame ? " is-same-kind" : ""}${isOpen ? "" : " is-ended"}`;
      L.circleMarker([lat, lon], { radius: isSame ? 8 : 6, weight: 2, className }).bindTooltip(label).addTo(map);
    }
    if (points.length) setTimeout(() => map.setZoom(17)); // after whoever sets its view
  });
