/* Where the phone is, and how far that is from somewhere. */
const RADIUS_M = 6_371_008.8;

/** {latitude, longitude, accuracy_m, at} or null: no permission, no signal, no patience. */
export function whereAmI({ fresh = false } = {}) {
  if (!navigator.geolocation) return Promise.resolve(null);
  return new Promise((resolve) =>
    navigator.geolocation.getCurrentPosition(
      ({ coords, timestamp }) =>
        resolve({
          latitude: coords.latitude,
          longitude: coords.longitude,
          accuracy_m: coords.accuracy,
          at: new Date(Math.min(timestamp || Date.now(), Date.now())).toISOString(),
        }),
      () => resolve(null),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: fresh ? 10_000 : 120_000 },
    ),
  );
}

/** Whether asking for the place would bring up no question. */
export async function mayAsk() {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch {
    return false;
  }
}

export function metresBetween(one, other) {
  const rad = (degrees) => (degrees * Math.PI) / 180;
  const half = (a, b) => Math.sin(rad(b - a) / 2) ** 2;
  const part =
    half(one.latitude, other.latitude) +
    Math.cos(rad(one.latitude)) * Math.cos(rad(other.latitude)) * half(one.longitude, other.longitude);
  return 2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(part)));
}

export function distanceText(metres, language) {
  if (metres < 1000) return `${Math.max(10, Math.round(metres / 10) * 10)} m`;
  const digits = metres < 10_000 ? 1 : 0;
  return `${(metres / 1000).toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })} km`;
}
