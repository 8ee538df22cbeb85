/* What waits on this phone, in words: what was done, how it stands, and what can be done about it. */
import { button, clock, icon, make, say } from "./parts.js";

const part = document.querySelector("[data-queue]");
const list = part.querySelector("[data-queue-list]");
const ICON = { queued: "clock", refused: "x-circle", conflict: "warning", proof: "camera" };
const STATE = { queued: "waits", refused: "refused", conflict: "conflict", proof: "proof" };

/** `act(name, step)` is called with "again", "edit" or "drop". */
export function showQueue(steps, act) {
  part.hidden = steps.length === 0;
  list.replaceChildren(...steps.map((step) => row(step, act)));
}

function row(step, act) {
  const isQueued = step.state === "queued";
  const head = make("p", { class: "queue-head" }, make("strong", { text: step.label }), ` ${step.kind} `, make("span", { class: "mono", translate: "no", text: step.code }));
  const state = make("p", { class: `queue-state queue-${step.state}` }, icon(ICON[step.state]), make("span", { text: `${say(STATE[step.state])} · ${clock(step.made_at)}` }));
  return make("li", { class: "card", "data-state": step.state, "data-key": step.key }, head, state, problem(step), typed(step), isQueued ? null : actions(step, act));
}

function problem(step) {
  if (step.state === "queued" || !step.problem) return null;
  const box = make("div", { class: "queue-problem" }, make("p", { text: step.problem.detail }));
  const lines = [
    ...(step.problem.findings ?? []),
    ...(step.problem.meanwhile ?? []).map((item) => `${item.who}: ${item.what}${item.text ? ` “${item.text}”` : ""} (${clock(item.at)})`),
  ];
  if (step.problem.meanwhile?.length) box.append(make("p", { text: say("meanwhile") }));
  if (lines.length) box.append(make("ul", {}, ...lines.map((text) => make("li", { text }))));
  return box;
}

function typed(step) {
  const text = step.fields.message || step.fields.waiting_reason;
  const box = make("div", { class: "queue-typed" });
  if (text) box.append(make("p", { class: "muted small", text: say("you_wrote") }), make("blockquote", { text }));
  for (const [index, photo] of step.photos.entries()) {
    const picture = make("img", { width: 96, height: 72, alt: say("your_photo", { number: index + 1 }), src: URL.createObjectURL(photo.blob) });
    picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
    box.append(picture);
  }
  return box.childElementCount ? box : null;
}

function actions(step, act) {
  const row_ = make("div", { class: "queue-actions" });
  if (step.state !== "proof" && step.problem?.code !== "no_longer_yours") row_.append(button("send", say("again"), () => act("again", step)));
  if (step.step !== "start" && step.step !== "make_safe") row_.append(button("edit", say("edit"), () => act("edit", step), step.state === "proof" ? "btn-primary" : ""));
  row_.append(button("x", say("drop"), () => act("drop", step), "btn-quiet"));
  return row_;
}
