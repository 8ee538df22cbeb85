/* Notifications of this browser for one report. Asks for permission only after a tap on the button. */
const box = document.getElementById("ikuti-push");
const button = document.getElementById("ikuti-push-tombol");
const news = document.getElementById("ikuti-push-kabar");
const form = document.getElementById("ikuti-formulir");
const texts = JSON.parse(document.getElementById("follow-texts")?.textContent || "{}");
let isOn = false;

const hasPush = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
const isApple = /iPad|iPhone|iPod/.test(navigator.userAgent) || (navigator.userAgent.includes("Mac") && "ontouchend" in document);
const isInstalled = window.matchMedia("(display-mode: standalone), (display-mode: minimal-ui)").matches || navigator.standalone === true;

function show(on, text = "") {
  isOn = on;
  button.querySelector("[data-label]").textContent = on ? texts.stop : texts.follow;
  button.classList.toggle("btn-primary", !on);
  news.textContent = text;
}

function bytes(base64url) {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/* The page's own forms hold a fresh token and, for the reporter, the private link's secret. */
function fields() {
  const data = new FormData();
  const source = form || document.querySelector("form:has([name=csrfmiddlewaretoken])");
  for (const name of ["csrfmiddlewaretoken", "kunci"]) {
    const input = source?.querySelector(`[name=${name}]`);
    if (input) data.set(name, input.value);
  }
  return data;
}

async function tell(action, subscription) {
  const data = fields();
  const plain = subscription.toJSON();
  data.set("channel", "webpush");
  data.set("action", action);
  data.set("endpoint", subscription.endpoint);
  data.set("p256dh", plain.keys.p256dh);
  data.set("auth", plain.keys.auth);
  const response = await fetch(box.dataset.url, { method: "POST", body: data, headers: { Accept: "application/json" } });
  if (response.status === 403) throw new Error(texts.stale);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error || texts.failed);
  return body.following;
}

async function worker() {
  return (await navigator.serviceWorker.getRegistration("/")) || navigator.serviceWorker.register("/sw.js", { scope: "/" });
}

function isSameKey(subscription) {
  const key = subscription.options?.applicationServerKey;
  return !key || new Uint8Array(key).join() === bytes(box.dataset.key).join();
}

async function subscribed() {
  await worker();
  const manager = (await navigator.serviceWorker.ready).pushManager;
  const known = await manager.getSubscription();
  if (known && isSameKey(known)) return known;
  if (known) await known.unsubscribe(); // made with a key that is no longer ours
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(box.dataset.key) });
}

async function turnOn() {
  const answer = await Notification.requestPermission();
  if (answer !== "granted") return show(false, answer === "denied" ? texts.blocked : texts.dismissed);
  const following = await tell("follow", await subscribed());
  show(following, following ? texts.on : texts.failed);
}

/* Other reports may use the same browser subscription: only this report is left. */
async function turnOff() {
  const known = await (await navigator.serviceWorker.ready).pushManager.getSubscription();
  if (known) await tell("stop", known);
  show(false, texts.off);
}

async function press() {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  news.textContent = texts.working;
  try {
    await (isOn ? turnOff() : turnOn());
  } catch (error) {
    const known = [texts.stale, texts.failed].includes(error.message) || error.constructor === Error;
    news.textContent = known ? error.message : texts.failed;
  }
  button.removeAttribute("aria-disabled");
}

async function begin() {
  box.hidden = false;
  if (!hasPush) {
    button.hidden = true;
    news.textContent = isApple && !isInstalled ? texts.install : texts.unsupported;
    return;
  }
  button.addEventListener("click", press);
  if (Notification.permission === "denied") return show(false, texts.blocked);
  if (Notification.permission !== "granted") return;
  try {
    const registration = await navigator.serviceWorker.getRegistration("/");
    const known = await registration?.pushManager.getSubscription();
    if (known && isSameKey(known) && (await tell("state", known))) show(true, texts.on);
  } catch {
    /* offline: the button says what it does, and that is still true */
  }
}

if (box && button) begin();
