/* The queue on a page: what waits, how far it is, what came of it; and the reports sent from this device. */
import "./core.js";

const box = self.LaporKotak;
const SHORTEST_MS = 2_000; // between two tries of this page
const LONGEST_MS = 60_000;
const ROUTED_TRIES = 8;

const say = (sentence, values = {}) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value ?? ""), sentence);

function make(tag, css = "", text = "") {
  const element = document.createElement(tag);
  if (css) element.className = css;
  if (text) element.textContent = text;
  return element;
}

export async function panel(section) {
  const texts = await sentences(section);
  if (!texts) return;
  const list = section.querySelector("[data-queue]");
  const mine = section.querySelector("[data-sent]");
  const progress = new Map();
  const fresh = new Set(); // sent while this page was open
  let timer = 0;

  section.querySelector("h2").textContent = texts.queue;

  async function draw() {
    const waiting = (await box.drafts()).filter((draft) => draft.state !== "draft");
    const receipts = (await box.mine()).filter((one) => section.dataset.mine !== undefined || fresh.has(one.code));
    list.replaceChildren(...waiting.map((draft) => waitingRow(draft)));
    mine.replaceChildren(...receipts.map(sentRow));
    section.querySelector("[data-count]").textContent = waiting.length ? String(waiting.length) : "";
    section.querySelector("[data-queue-part]").hidden = !waiting.length;
    const sentPart = section.querySelector("[data-sent-part]");
    sentPart.hidden = !receipts.length;
    sentPart.querySelector("summary > span").textContent = `${texts.mine} (${receipts.length})`;
    if (fresh.size) sentPart.open = true;
    section.querySelector("[data-shared]").textContent = texts.shared;
    section.hidden = !waiting.length && !receipts.length;
    clearTimeout(timer);
    const queued = waiting.filter((draft) => draft.state === "queued");
    const next_at = Math.min(...queued.map((draft) => draft.next_at || 0));
    if (queued.length) timer = setTimeout(() => send(false), Math.min(LONGEST_MS, Math.max(SHORTEST_MS, next_at - Date.now())));
  }

  function waitingRow(draft) {
    const row = make("li", "queue-row");
    row.dataset.state = draft.state;
    row.dataset.key = draft.key;
    row.append(make("strong", "", draft.title || texts.untitled));
    const count = draft.photos.length;
    if (count) row.append(make("span", "muted", ` · ${say(texts.photoCount, { count })}`));
    row.append(make("p", "queue-state", stateOf(draft)));
    const actions = make("div", "actions compact");
    if (draft.state === "queued") actions.append(action(texts.retry, () => send(true), "btn btn-primary"));
    actions.append(action(draft.state === "refused" ? texts.correct : texts.edit, () => edit(draft), draft.state === "refused" ? "btn btn-primary" : "btn"));
    actions.append(action(texts.discard, () => discard(draft), "btn btn-quiet"));
    row.append(actions);
    return row;
  }

  function stateOf(draft) {
    if (draft.state === "refused") return say(texts.refused, { message: draft.faults?.[0]?.message || draft.message });
    const now = progress.get(draft.key);
    if (now) return now.photo ? say(texts.sendingPhoto, { number: now.photo, count: now.count }) : texts.sendingReport;
    return draft.attempts ? texts.retryAt : texts.waiting;
  }

  function action(label, act, css) {
    const button = make("button", css, label);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  async function send(force) {
    if (!navigator.onLine && !force) return draw();
    await box.sendAll({ force });
    progress.clear();
    return draw();
  }

  async function edit(draft) {
    if (!(await box.takeBack(draft.key))) return announce(texts.busy);
    location.assign(`${section.dataset.form}?draf=${draft.key}`);
    return undefined;
  }

  async function discard(draft) {
    if (!window.confirm(texts.reallyDiscard)) return;
    if (!(await box.discard(draft.key))) announce(texts.busy);
    draw();
  }

  function announce(sentence) {
    section.querySelector("[data-said]").textContent = sentence;
  }

  function sentRow(receipt) {
    const row = make("li", "queue-row");
    row.dataset.state = "sent";
    row.dataset.code = receipt.code;
    row.append(make("strong", "", say(texts.sent, { code: receipt.spoken_code })));
    if (receipt.category) row.append(make("span", "muted", ` · ${receipt.category}`));
    if (receipt.first_version) row.append(make("p", "", texts.firstVersion));
    const promise = make("p", "queue-state");
    if (fresh.has(receipt.code)) followUp(receipt, promise);
    row.append(promise);
    const actions = make("div", "actions compact");
    const open = make("a", "btn", texts.open);
    open.href = receipt.path;
    actions.append(open, action(texts.forget, () => forget(receipt), "btn btn-quiet"));
    row.append(actions);
    return row;
  }

  async function forget(receipt) {
    if (!window.confirm(say(texts.reallyForget, { code: receipt.spoken_code }))) return;
    fresh.delete(receipt.code);
    await box.forgetMine(receipt.code);
    draw();
  }

  /* The promise is made within seconds; it is kept with the receipt. */
  async function followUp(receipt, output, tries = 0) {
    output.textContent = receipt.promise || texts.routing;
    if (receipt.promise || tries >= ROUTED_TRIES) return;
    const answer = await fetch(receipt.status).then((response) => (response.ok ? response.json() : null)).catch(() => null);
    if (answer?.is_routed) {
      receipt.promise = answer.department ? say(answer.due ? texts.withBy : texts.with, answer) : answer.status_text;
      output.textContent = receipt.promise;
      box.keepMine(receipt);
    } else {
      setTimeout(() => followUp(receipt, output, tries + 1), 1500 * 1.4 ** tries);
    }
  }

  function hear(message) {
    if (message.type === "progress") progress.set(message.key, message);
    if (message.type === "sent") {
      fresh.add(message.receipt.code);
      announce(say(texts.sent, { code: message.receipt.spoken_code }));
    }
    if (message.type === "refused") progress.delete(message.key);
    draw();
  }

  box.channel?.addEventListener("message", ({ data }) => hear(data));
  document.addEventListener("lapor:antrean", ({ detail }) => hear(detail));
  window.addEventListener("online", () => send(true));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send(false));
  await draw();
  await send(navigator.onLine); // whoever comes back does not wait for the next try
}

async function sentences(section) {
  const onPage = document.getElementById("form-texts");
  if (onPage) return JSON.parse(onPage.textContent);
  return fetch(section.dataset.texts).then((response) => (response.ok ? response.json() : null)).catch(() => null);
}
