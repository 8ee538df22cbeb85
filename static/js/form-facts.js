/* Photo first: what a photo says about place and time fills the form, never against what was set by hand. */
import { aYearAgo, cityTime, soon } from "./form-time.js";

const SAME_PLACE_DEGREES = 0.0005; // about 50 m

/** `take(facts)` for each new photo; `hasTime` and place stay the person's once they chose them. */
export function photoFirst({ form, texts, status }) {
  const time = document.getElementById("id_observed_at");
  const source = document.getElementById("waktu-sumber");
  let ownTime = Boolean(time.value);
  time.addEventListener("input", () => {
    ownTime = Boolean(time.value);
    source.textContent = "";
  });

  time.min = aYearAgo();
  time.max = soon();

  const timeOf = ({ taken, offset }) => {
    if (!offset) return taken; // a camera here shows local time
    const at = new Date(`${taken}:00${offset}`);
    if (Number.isNaN(at.getTime())) return null;
    return cityTime(at);
  };

  return function take(facts) {
    const gave = { place: false, time: false };
    const { latitude, longitude, taken } = facts;
    const chosen = form.elements.place_source.value;
    const hasPlace = form.elements.latitude.value || form.elements.area.value;
    if (latitude !== null && longitude !== null && !hasPlace) {
      const detail = { latitude, longitude, source: "photo", accuracy_m: "" };
      document.dispatchEvent(new CustomEvent("lapor:setplace", { detail }));
      gave.place = Math.abs(Number(form.elements.latitude.value) - latitude) < SAME_PLACE_DEGREES;
    }
    const at = taken && !ownTime ? timeOf(facts) : null;
    if (at && at <= soon() && at >= aYearAgo()) {
      time.value = at;
      source.textContent = texts.timeSource;
      ownTime = true; // a second photo does not change it
      gave.time = true;
      time.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (gave.place && gave.time) status.textContent = texts.fromPhoto;
    else if (gave.place) status.textContent = texts.placeFromPhoto;
    else if (latitude === null && !hasPlace && !chosen) status.textContent = texts.noPlaceInPhoto;
    else if (gave.time) status.textContent = texts.timeFromPhoto;
  };
}
