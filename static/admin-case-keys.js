/* A case by keyboard: on to the next one of the list, back, and its most sensible step. */
import { keys } from "./admin-keys.js";

const bar = document.getElementById("jalan-kasus");

/** Show a step's form with the cursor in its first field; a step without a form is taken. */
function go(step, mayTake) {
  if (!step) return;
  const folded = step.closest("details:not([data-step])");
  if (folded) folded.open = true;
  if (step.tagName === "FORM") {
    if (mayTake) step.requestSubmit();
    else step.querySelector("button").focus();
    return;
  }
  step.open = true;
  step.scrollIntoView({ block: "nearest" });
  // What must be said comes first, whatever help stands before it.
  const fields = ["[required]", "textarea", "select, input:not([type=hidden], [disabled])"];
  fields.map((which) => step.querySelector(which)).find(Boolean)?.focus();
}

const step = (name) => document.querySelector(`[data-step="${CSS.escape(name)}"]`);
const named = location.hash.match(/^#langkah-([a-z_]+)$/);
if (named) go(step(named[1]), false);

keys({
  j: () => location.assign(bar.dataset.next),
  k: () => location.assign(bar.dataset.previous),
  n: () => go(document.querySelector("#langkah [data-step]"), true),
  t: () => go(step("take"), true),
  a: () => go(step("assign"), false),
  u: () => location.assign(bar.dataset.list),
});
