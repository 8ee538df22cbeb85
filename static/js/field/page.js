/* The field page: shows what is kept, asks for what is new, keeps what is done and sends it. */
import { button, clock, icon, language, make, say, tell } from "./parts.js";
import { distanceText, mayAsk, metresBetween, whereAmI } from "./place.js";
import { fetchData, NoNetwork, sendAll, SignedOut } from "./queue.js";
import { showQueue } from "./queue-view.js";
import { sheets } from "./sheets.js";
import * as store from "./store.js";
import { showWay } from "./way-map.js";

const LOOK_AGAIN_MS = 30_000;
const own = document.body.dataset;
const $ = (name) => document.querySelector(`[data-${name}]`);
const ORDER = "lapangan-urutan";
const LABEL = { start: "start", resolve: "done", wait: "cannot", not_ours: "cannot", make_safe: "safe" };

let user = own.user ? Number(own.user) : null;
let data = null;
let here = null;
let order = sessionStorage.getItem(ORDER) || "route";

// --- What is shown -----------------------------------------------------------------------------------------

async function show() {
  const steps = user === null ? [] : await store.stepsOf(user);
  showQueue(steps, act);
  const others = await store.stepsOfOthers(user);
  $("others").hidden = others === 0;
  $("others-text").textContent = others ? say("others", { number: others }) : "";
  $("nothing-kept").hidden = data !== null || Boolean(own.user);
  if (!data) return;
  const leaving = new Set(steps.filter((step) => step.step !== "start" && step.step !== "make_safe").map((step) => step.report));
  const byId = new Map(data.stops.map((stop) => [stop.id, stop]));
  const shown = data[order].map((id) => byId.get(id)).filter((stop) => stop && !leaving.has(stop.id));
  $("stops").replaceChildren(...shown.map((stop, index) => card(stop, index, shown[index - 1], steps)));
  const resting = data.paused.filter((stop) => !leaving.has(stop.id));
  $("paused").replaceChildren(...resting.map((stop) => card(stop, null, null, steps)));
  $("paused-part").hidden = resting.length === 0;
  $("empty").hidden = shown.length > 0;
  $("tools").hidden = data.stops.length < 2;
  const isWay = shown.length > 1 || (shown.length && here);
  $("summary").textContent = isWay ? say("cases", { number: shown.length, distance: distanceText(wayLength(shown), language) }) : "";
  $("start").hidden = order !== "route" || data.stops.length < 2;
  $("start").textContent = say(`from_${data.start}`);
  showWay(shown, here);
}

function wayLength(stops) {
  const points = order === "route" && here ? [here, ...stops] : stops;
  return points.slice(1).reduce((sum, stop, index) => sum + metresBetween(points[index], stop), 0);
}

function card(stop, index, before, steps) {
  const waiting = steps.filter((step) => step.report === stop.id);
  const item = make("li", { class: `card stop${stop.is_late || stop.is_severe ? " stop-urgent" : ""}`, "data-id": stop.id });
  // The portal's own fragment: the same that the page shows without this script.
  item.innerHTML = stop.html;
  if (index !== null) item.prepend(make("p", { class: "stop-number" }, make("strong", { text: say("stop", { number: index + 1 }) }), farFrom(stop, before)));
  if (/iPhone|iPad|Macintosh/.test(navigator.userAgent)) item.querySelector("[data-geo]")?.remove(); // they know no geo:
  for (const step of waiting) item.append(make("p", { class: "stop-waits" }, icon("clock"), make("span", { text: `${step.label}: ${say("waits")}` })));
  item.append(buttons(stop, waiting));
  return item;
}

function farFrom(stop, before) {
  const from = here ?? before;
  if (!from) return null;
  const text = distanceText(metresBetween(from, stop), language);
  return make("span", { class: "muted", text: ` · ${say(here ? "away" : "leg", { distance: text })}` });
}

function buttons(stop, waiting) {
  const begun = waiting.some((step) => step.step === "start");
  const row = make("div", { class: "stop-buttons" });
  if (stop.steps.start && !begun) row.append(button("tools", stop.steps.start, () => plain("start", stop)));
  if (stop.steps.resolve) row.append(button("check-circle", say("done"), () => sheet.done(stop), "btn-primary"));
  if (stop.steps.make_safe && !waiting.some((step) => step.step === "make_safe")) row.append(button("shield", say("safe"), () => plain("make_safe", stop)));
  if (stop.steps.wait || stop.steps.not_ours) row.append(button("x-circle", say("cannot"), () => sheet.cannot(stop), "btn-quiet"));
  return row;
}

// --- What is done ------------------------------------------------------------------------------------------

const sheet = sheets(submit);
const plain = (step, stop) => submit({ step, fields: {}, photos: [], claim: null }, stop);

/* Keep it first, then send it: what was done is never only on its way. */
async function submit(done, stop, earlier = null) {
  const label = say(LABEL[done.step]);
  if (earlier && !isSame(earlier.photos, done.photos)) {
    // The portal refused it, so nothing stands under its key; other photos go under a key of their own.
    await store.removeStep(earlier.key);
    earlier = { ...earlier, key: store.newKey() };
    for (const photo of done.photos) photo.uuid = null;
  }
  const made = { key: store.newKey(), made_at: Date.now(), said_at: new Date().toISOString(), version: stop.version, seen: stop.seen, ...keptOf(earlier) };
  const step = { ...made, ...done, user, label, report: stop.id, code: stop.code, kind: stop.kind, state: "queued", problem: null, attempts: 0, next_at: 0 };
  await store.putStep(step);
  await show();
  if (!(await send(true)) && (await store.getStep(step.key))?.state === "queued") tell(say("queued", { step: label, code: stop.code }));
}

const isSame = (some, others) => some.length === others.length && some.every((photo) => others.includes(photo));
const keptOf = (earlier) =>
  earlier && { key: earlier.key, made_at: earlier.made_at, said_at: earlier.said_at, version: earlier.version, seen: earlier.seen };

async function act(name, step) {
  if (name === "drop") {
    if (window.confirm(say("drop_sure"))) await store.removeStep(step.key);
  } else if (name === "again") {
    await store.putStep({ ...step, ...seenNow(step), state: "queued", problem: null, next_at: 0 });
    await show();
    await send(true);
    return;
  } else {
    const fresh = { ...step, ...seenNow(step) };
    (step.step === "resolve" ? sheet.done : sheet.cannot)(stopOf(step), fresh);
  }
  await show();
}

/* The person has read what happened meanwhile: from here on that is what they saw. */
function seenNow(step) {
  const stop = stopOf(step);
  const told = step.problem ?? {};
  return { version: Math.max(told.version || 0, stop.version || 0), seen: Math.max(told.seen || 0, stop.seen || 0, step.seen) };
}

function stopOf(step) {
  const known = [...(data?.stops ?? []), ...(data?.paused ?? [])].find((stop) => stop.id === step.report);
  return known ?? { id: step.report, code: step.code, kind: step.kind, version: step.version, seen: step.seen, steps: { wait: 1, not_ours: 1 }, needs_photo: false };
}

// --- Network -----------------------------------------------------------------------------------------------

async function take(fresh) {
  if (user !== null && user !== fresh.user.id) await store.forget(user);
  user = fresh.user.id;
  data = fresh;
  await store.keep(fresh);
  net(true);
}

function net(isThere) {
  $("net").hidden = isThere;
  $("signed-out").hidden = true;
}

function failed(error) {
  if (error instanceof SignedOut) closeUp();
  else if (error instanceof NoNetwork) $("net").hidden = false;
  else throw error;
}

/* The session is over, perhaps because somebody ended it: the cases go, the steps not sent yet stay. */
function closeUp() {
  $("signed-out").hidden = false;
  if (user !== null) store.forget(user);
  data = null;
  for (const name of ["stops", "paused"]) $(name).replaceChildren();
  for (const name of ["tools", "start", "map", "paused-part", "empty", "kept"]) $(name).hidden = true;
  $("summary").textContent = "";
}

/** Send what waits and show what is new; true if the portal was reached and nothing is left on its way. */
async function send(force = false) {
  if (user === null) return look();
  try {
    const result = await sendAll(user, { position: here, force });
    if (!result) return false;
    await take(result.sent.length || result.refused.length ? await fetchData(here) : result.data);
    await show();
    for (const { step, answer } of result.sent) {
      const text = answer.is_earlier ? "earlier" : answer.is_checked ? "sent_checked" : "sent";
      tell(say(text, { step: step.label, code: step.code }));
    }
    if (result.failed) tell(say("failed"), true);
    await ask(result.refused);
    return !result.failed;
  } catch (error) {
    failed(error);
    await show();
    return false;
  }
}

/* What is odd is told at once, with the sheet as it was. */
async function ask(keys) {
  for (const key of keys) {
    const step = await store.getStep(key);
    if (step?.state === "proof" && !document.querySelector("dialog[open]")) sheet.done(stopOf(step), step);
    else if (step) tell(step.problem.detail, true);
  }
}

async function look() {
  try {
    await take(await fetchData(here));
    await show();
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

async function locate(found, { isAsked = true } = {}) {
  if (!found) {
    if (isAsked) tell(say("no_position"), true);
    return;
  }
  here = found;
  await look();
  await show();
}

// --- Beginning ---------------------------------------------------------------------------------------------

function wire() {
  for (const radio of document.querySelectorAll("[name=urutan]")) {
    radio.checked = radio.value === order;
    radio.addEventListener("change", () => {
      order = radio.value;
      sessionStorage.setItem(ORDER, order);
      show();
    });
  }
  $("locate").addEventListener("click", async () => locate(await whereAmI()));
  $("send-now").addEventListener("click", () => send(true));
  $("sign-out")?.addEventListener("submit", signOut);
  window.addEventListener("online", () => send(true));
  window.addEventListener("offline", () => net(false));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
  setInterval(() => document.visibilityState === "visible" && send(), LOOK_AGAIN_MS);
}

async function signOut(event) {
  event.preventDefault();
  const form = event.target;
  if ((await store.stepsOf(user)).length && !window.confirm(say("sign_out_sure"))) return;
  await store.forget(user);
  form.submit();
}

async function begin() {
  const kept = await store.lastKept();
  if (kept && (user === null || kept.user === user)) {
    user = kept.user;
    data = kept.data;
    $("kept").hidden = false;
    $("kept").textContent = say("kept", { time: clock(kept.kept_at) });
  }
  wire();
  await show();
  if (!(await store.isKept())) tell(say("not_kept"), true);
  const place = (await mayAsk()) ? whereAmI() : null;
  await send(true);
  if (place) await locate(await place, { isAsked: false });
  document.documentElement.dataset.ready = "1";
  await worker();
}

async function worker() {
  try {
    await navigator.serviceWorker.register(own.worker, { scope: own.page });
    const registration = await navigator.serviceWorker.ready;
    registration.active.postMessage({ type: "language", language });
  } catch {
    /* private windows and old browsers: everything works while there is a network */
  }
}

begin();
