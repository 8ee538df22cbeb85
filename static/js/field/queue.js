/* Asking the portal, and sending what waits: oldest first, a case's steps one after the other, one sender at a time. */
import { getStep, putStep, removeStep, stepsOf } from "./store.js";

const LOCK = "lapangan-kirim";
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 5 * 60_000;
const { data: dataUrl, photo: photoUrl, send: sendUrl } = document.body.dataset;
const PROBLEM = "application/problem+json";

export class SignedOut extends Error {}
export class NoNetwork extends Error {}

/** A refusal as the portal tells it (problem+json). */
class Problem extends Error {
  constructor(body) {
    super(body.detail);
    this.body = body;
  }
}

async function ask(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "error", ...options });
  } catch {
    throw new NoNetwork();
  }
  const kind = response.headers.get("Content-Type") || "";
  if (response.ok) return response.json();
  const body = kind.startsWith(PROBLEM) ? await response.json() : {};
  if (response.status === 401) throw new SignedOut();
  // 403 without a problem is a CSRF token that has grown old; 429 and 5xx pass by themselves.
  if (!body.code || response.status === 429 || response.status >= 500) throw new NoNetwork(String(response.status));
  throw new Problem(body);
}

/** The account's cases, ordered from `position` ({latitude, longitude}) if there is one. */
export function fetchData(position) {
  const headers = position ? { "X-Posisi": `${position.latitude},${position.longitude}` } : {};
  return ask(dataUrl, { headers });
}

function exclusively(work) {
  if (!navigator.locks) return work();
  return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}

async function sendPhotos(step, csrf) {
  for (const photo of step.photos) {
    if (photo.uuid) continue;
    const form = new FormData();
    form.append("key", step.key);
    form.append("photos", photo.blob, photo.name || "foto.jpg");
    photo.uuid = (await ask(photoUrl, { method: "POST", body: form, headers: { "X-CSRFToken": csrf } })).uuid;
    await putStep(step);
  }
}

function bodyOf(step) {
  return JSON.stringify({
    key: step.key, user: step.user, report: step.report, step: step.step, version: step.version, seen: step.seen,
    said_at: step.said_at, claim: step.claim ?? null, photos: step.photos.map((photo) => photo.uuid), ...step.fields,
  });
}

async function deliver(step, csrf) {
  const headers = { "X-CSRFToken": csrf, "Content-Type": "application/json" };
  await sendPhotos(step, csrf);
  try {
    return await ask(sendUrl, { method: "POST", body: bodyOf(step), headers });
  } catch (error) {
    if (!(error instanceof Problem) || error.body.code !== "photos_missing") throw error;
    for (const photo of step.photos) if (error.body.missing.includes(photo.uuid)) photo.uuid = null;
    await sendPhotos(step, csrf);
    return ask(sendUrl, { method: "POST", body: bodyOf(step), headers });
  }
}

const STATE_OF = { conflict: "conflict", transition_not_allowed: "conflict", proof_doubtful: "proof" };

/** Send one step; what the portal answered, or null if it was not taken. A step that was taken earlier with other
    words is done with: the first version counts. */
async function sendOne(step, csrf) {
  try {
    const answer = await deliver(step, csrf);
    await removeStep(step.key);
    await followers(step, answer);
    return answer;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.body.code === "idempotency_key_reused") {
      await removeStep(step.key);
      return { ...step, is_earlier: true };
    }
    const state = STATE_OF[error.body.code] ?? "refused";
    await putStep({ ...step, state, problem: error.body });
    return null;
  }
}

/* What comes after it on the same case was done with its outcome in mind. */
async function followers(step, answer) {
  for (const other of await stepsOf(step.user)) {
    if (other.report === step.report) await putStep({ ...other, version: answer.version, seen: answer.seen });
  }
}

/** Send all that waits for `user`. Resolves with {sent, refused, data} or undefined where another tab sends. Throws
    SignedOut, NoNetwork; `data` is what the portal said first. */
export function sendAll(user, { position, force = false } = {}) {
  return exclusively(async () => {
    const sent = [];
    const refused = [];
    const data = await fetchData(position);
    if (data.user.id !== user) return { sent, refused, data };
    const blocked = new Set();
    for (const { key } of await stepsOf(user)) {
      const step = await getStep(key);
      if (!step || blocked.has(step.report)) continue;
      if (step.state !== "queued" || (!force && step.next_at > Date.now())) {
        blocked.add(step.report);
        continue;
      }
      try {
        const answer = await sendOne(step, data.csrf);
        if (answer) sent.push({ step, answer });
        else {
          refused.push(step.key);
          blocked.add(step.report);
        }
      } catch (error) {
        if (error instanceof SignedOut) throw error;
        const attempts = (step.attempts || 0) + 1;
        const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 3 ** Math.min(attempts - 1, 5));
        await putStep({ ...step, attempts, next_at: Date.now() + wait });
        return { sent, refused, data, failed: error };
      }
    }
    return { sent, refused, data };
  });
}
