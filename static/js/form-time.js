/* Times as the field for them writes them (2026-11-24T08:30), in the city's zone whatever the phone's is. */
const SKEW_MS = 15 * 60_000; // a clock may run ahead by so much
const YEAR_MS = 365 * 24 * 3600 * 1000;

export function cityTime(at = new Date()) {
  const timeZone = document.getElementById("id_observed_at").dataset.zone;
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(at).replace(" ", "T");
}

export const soon = () => cityTime(new Date(Date.now() + SKEW_MS));
export const aYearAgo = () => cityTime(new Date(Date.now() - YEAR_MS));
